"""次期計画を作る: a form, a preview of the new plan, and one confirmation."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts import access
from accounts.decorators import allowed
from goals.models import Strategy
from indicators.plan_states import PlanState
from plans.next_plan import EndingPlan, carried_over, make_next_plan, new_plan, read_source
from plans.next_plan_form import NextPlanForm
from plans.next_plan_preview import preview_of
from plans.pages import Link, RefusedNow, navigation, strategy_not_found

HEADING = "次期計画を作る"
_FIELDS = ("title", "code", "first_fiscal_year", "last_fiscal_year")


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(access.may_revise)
def next_plan(request: HttpRequest, code: str) -> HttpResponse:
    """Show the form, then the preview; make the draft once that is confirmed, and open it."""
    plan = Strategy.objects.filter(code=code).first()
    if plan is None:
        raise strategy_not_found(code)
    if plan.state == PlanState.DRAFT:
        raise RefusedNow(
            f"「{plan}」は作成中のため、次期計画を作れません。先に、状態を「実施中」にしてください。",
            [Link("計画の概要へ", _overview(code))],
        )
    if request.method != "POST":
        return _ask(request, NextPlanForm(read_source(plan)))
    with transaction.atomic():
        # A second request with the same form waits here, and finds the plan of the first.
        plan = Strategy.objects.select_for_update().get(pk=plan.pk)
        return _answer(request, plan)


def _answer(request: HttpRequest, plan: Strategy) -> HttpResponse:
    source = read_source(plan)
    form = NextPlanForm(source, request.POST)
    is_valid = form.is_valid()
    is_confirmed = "confirm" in request.POST
    if is_confirmed and (made := _made_already(form)):
        messages.success(request, f"「{made}」は、すでに作ってあります。")
        return redirect("overview", made.code)
    if "back" in request.POST or not is_valid:
        return _ask(request, form)
    new = new_plan(plan, **{name: form.cleaned_data[name] for name in _FIELDS})
    new.full_clean(exclude=["code"])
    goals = carried_over(source, form.chosen, new)
    if not is_confirmed or request.POST.get("seen") != source.sign:
        if is_confirmed:
            messages.warning(
                request,
                "確かめている間に、計画か実績値が変わりました。まだ作っていません。今の内容を確かめて、"
                "もう一度「次期計画を作る」を押してください。",
            )
        context = {"form": form, "new": new, **preview_of(source, new, goals)}
        context |= {"seen": source.sign, "sent": _sent(form), "heading": f"{HEADING}：内容の確認"}
        return _page(request, source, "plans/next_plan_preview.html", context)
    make_next_plan(source, new, goals, by=request.user)
    messages.success(
        request,
        f"「{new}」を、作成中の計画として作りました。企画担当のほかには見えません。"
        "指標ごとに、目標の文言と目標値を入力してください。",
    )
    return redirect("overview", new.code)


def _made_already(form: NextPlanForm) -> Strategy | None:
    """Return the draft that the same form has made before; None if it was another one."""
    data = form.data
    found = Strategy.objects.filter(code=data.get("code", "").strip(), state=PlanState.DRAFT)
    plan = found.first()
    years = (form.cleaned_data.get("first_fiscal_year"), form.cleaned_data.get("last_fiscal_year"))
    if plan is None or plan.title != form.cleaned_data.get("title"):
        return None
    return plan if (plan.first_fiscal_year, plan.last_fiscal_year) == years else None


def _ask(request: HttpRequest, form: NextPlanForm) -> HttpResponse:
    words = form.source.plan.wording
    context = {"form": form, "branches": form.branches, "words": words}
    return _page(request, form.source, "plans/next_plan.html", context)


def _sent(form: NextPlanForm) -> list[tuple[str, str]]:
    """Return what the form sent, for hidden fields."""
    fields = [(name, form.data.get(name, "")) for name in _FIELDS]
    return [*fields, *(("keep", key) for key in sorted(form.chosen))]


def _page(
    request: HttpRequest, source: EndingPlan, template: str, more: dict[str, Any]
) -> HttpResponse:
    address = _overview(source.plan.code)
    context = {
        "heading": HEADING,
        "plan": source.plan,
        "invented": source.plan.invented,
        "crumbs": [Link("概要", address), Link(HEADING)],
        "navigation": navigation(request, address, words=source.plan.wording),
        "overview_url": address,
        **more,
    }
    return render(request, template, context)


def _overview(code: str) -> str:
    return reverse("overview", args=[code])
