"""What happens to an edition later: publication, withdrawal, 正誤."""

import json
from collections.abc import Callable
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
from japanese.calendar_days import era_day
from plans.nodes import StrategyTree
from plans.pages import Link, RefusedNow
from plans.tree import YearOutsidePlan, read_tree
from reviews.editions.confirmed import confirmed_only
from reviews.editions.editions_of_plan import is_standing
from reviews.editions.forms import ErratumForm, PublicationForm, PublishForm, WithdrawForm
from reviews.editions.publishing import (
    agree_to_withdraw,
    ask_to_withdraw,
    correct_publication,
    not_agreeable,
    not_publishable,
    not_withdrawable,
    publish,
    take_back_withdrawal,
)
from reviews.editions.telling_texts import telling_errata, telling_texts
from reviews.editions.withholding import public_tree
from reviews.models import Edition, Erratum
from reviews.recording import ReviewError
from reviews.views.editions import POSTS, edition_on, page_of_editions, title_of
from trail.history import Door, changing

AGREES, TAKES_BACK = "agrees", "takes_back"
"""The buttons under the reason of whoever asked for a withdrawal."""


@require_http_methods(POSTS)
@allowed(access.may_fix_year)
def review_publish(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Record the day on which an edition was published, or correct it with a reason."""
    tree, edition = edition_on(request, code, number)
    if hasattr(edition, "publication"):
        if request.method != "POST" or "was" in request.POST:
            return _corrected(request, tree, edition)
        messages.success(request, "この号は、公表済みです。")
        return redirect("review_edition", code, number)
    _refuse(edition, not_publishable(edition))
    form = PublishForm(request.POST or None, edition=edition, telling=_told_by(edition))
    if request.method == "POST" and form.is_valid():
        day = form.cleaned_data["published_on"]
        if _done(form, lambda: publish(edition, day, request.user)):
            messages.success(request, f"{title_of(edition)}を公表しました。")
            return redirect("review_edition", code, number)
    return _form_page(request, tree, edition, form, "公表する")


def _corrected(request: HttpRequest, tree: StrategyTree, edition: Edition) -> HttpResponse:
    """Correct the day on which an edition was published; the edition itself stays."""
    stored = edition.publication.published_on
    form = PublicationForm(
        request.POST or None, edition=edition, initial={"was": stored, "published_on": stored}
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        was, day, reason = said["was"], said["published_on"], said["reason"]
        if _done(form, lambda: correct_publication(edition, was, day, reason, request.user)):
            messages.success(request, f"公表日を{era_day(day)}に直しました。")
            return redirect("review_edition", edition.strategy.code, edition.number)
    return _form_page(request, tree, edition, form, "公表日を直す")


@require_http_methods(POSTS)
@allowed(access.may_fix_year)
def review_withdraw(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Ask for the withdrawal of the newest edition, or agree to it as another person."""
    tree, edition = edition_on(request, code, number)
    asked = getattr(edition, "withdrawal", None)
    if request.method == "POST" and asked and asked.agreed_by_id == request.user.pk:
        messages.success(request, "この号は、取り下げてあります。")
        return redirect("review_edition", code, number)
    _refuse(edition, not_withdrawable(edition))
    if {AGREES, TAKES_BACK} & request.POST.keys():
        return _decided(request, edition)
    if asked is not None:
        return _asked_page(request, tree, edition)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if _done(form, lambda: ask_to_withdraw(edition, reason, request.user)):
            messages.success(
                request, "取下げを申し出ました。企画担当のもう一人が認めると、取り下げられます。"
            )
            return redirect("review_edition", code, number)
    return _form_page(request, tree, edition, form, "取下げを申し出る")


def _decided(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Carry out what was decided of the request to withdraw an edition."""
    agrees = AGREES in request.POST
    try:
        if agrees:
            agree_to_withdraw(edition, request.user)
        else:
            take_back_withdrawal(edition, request.user)
    except ReviewError as error:
        messages.warning(request, f"{title_of(edition)}：{error}")
    else:
        said = "を取り下げました。" if agrees else "の取下げの申出を取り消しました。"
        messages.success(request, f"{title_of(edition)}{said}")
    return redirect("review_edition", edition.strategy.code, edition.number)


def _asked_page(request: HttpRequest, tree: StrategyTree, edition: Edition) -> HttpResponse:
    """Show the request to withdraw an edition, with the buttons to decide."""
    asked = edition.withdrawal
    sent = request.POST.get("reason", "").strip()
    if sent and sent == asked.reason and asked.asked_by_id == request.user.pk:
        messages.success(request, "取下げは、申し出てあります。")
        return redirect("review_edition", edition.strategy.code, edition.number)
    if request.method == "POST":
        messages.warning(
            request,
            f"取下げは、{asked.asked_by}がもう申し出ています。理由を確かめて、認めるか決めてください。",
        )
    context = page_of_editions(request, tree, "取下げの申出")
    context |= {
        "edition": edition,
        "title": title_of(edition),
        "sent": sent,
        "obstacle": not_agreeable(asked, request.user),
        "agrees": AGREES,
        "takes_back": TAKES_BACK,
    }
    return render(request, "reviews/withdrawal.html", context)


@require_http_methods(POSTS)
@allowed(access.may_fix_year)
def review_erratum(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Add an entry to the 正誤表 of an edition, which itself stays."""
    tree, edition = edition_on(request, code, number)
    if not is_standing(edition):
        _refuse(edition, "取り下げた検証調書に、正誤は登録できません。")
    with transaction.atomic(), changing(by=request.user, door=Door.PAGE):
        Strategy.objects.select_for_update().get(pk=edition.strategy_id)
        last = edition.errata.order_by("-number").first()
        erratum = Erratum(edition=edition, number=last.number + 1 if last else 1)
        form = ErratumForm(request.POST or None, instance=erratum, telling=_telling_in(edition))
        if request.method == "POST" and form.is_valid():
            if same := form.sent_before:
                messages.success(request, f"正誤{same.number}は、登録してあります。")
            else:
                form.save()
                messages.success(request, f"正誤{erratum.number}を登録しました。")
            return redirect("review_edition", code, number)
    return _form_page(request, tree, edition, form, "正誤を登録する")


def _told_by(edition: Edition) -> list[str]:
    """Return where a text of an edition reveals a name or a value that is 秘匿 now."""
    confirmed = _confirmed_tree(edition)
    return telling_texts(confirmed, public_tree(confirmed), json.loads(edition.data))


def _telling_in(edition: Edition) -> Callable[[list[str]], list[str]]:
    """Return what looks in texts for withheld values of the edition's year and for names."""

    def telling(texts: list[str]) -> list[str]:
        return telling_errata(_confirmed_tree(edition), texts)

    return telling


def _confirmed_tree(edition: Edition) -> StrategyTree:
    """Return the plan for the edition's year; for its last one if a revision took that out."""
    code = edition.strategy.code
    try:
        return confirmed_only(read_tree(code, edition.fiscal_year_id))
    except YearOutsidePlan as error:
        return confirmed_only(read_tree(code, error.period.last))


def _done(form: Any, act: Callable[[], None]) -> bool:
    """Carry out an act; say at the form, which keeps its text, why it is refused meanwhile."""
    try:
        act()
    except ReviewError as error:
        form.add_error(None, str(error))
        return False
    return True


def _refuse(edition: Edition, why: str) -> None:
    if why:
        path = reverse("review_edition", args=[edition.strategy.code, edition.number])
        raise RefusedNow(f"{title_of(edition)}：{why}", [Link(title_of(edition), path)])


def _form_page(
    request: HttpRequest, tree: StrategyTree, edition: Edition, form: Any, button: str
) -> HttpResponse:
    context = page_of_editions(request, tree, button)
    context |= {"title": title_of(edition), "form": form, "button": button}
    return render(request, "reviews/edition_form.html", context)
