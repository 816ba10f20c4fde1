"""検証調書: fixing a year, its editions with their files, publication, 正誤, withdrawal."""

import json
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from accounts import access
from accounts.decorators import allowed
from goals.models import Strategy
from indicators.models import FiscalYear
from japanese.fiscal_years import full_label
from plans.nodes import StrategyTree
from plans.pages import READERS_WORDS, Link, PageNotFound, kept_query
from plans.tree import read_tree
from reviews.confirmed import confirmed_only
from reviews.edition_forms import ErratumForm, FixForm, PublishForm, WithdrawForm
from reviews.editions import (
    changed_values,
    editions_of,
    fixed_plans,
    is_standing,
    state_of_edition,
)
from reviews.freezing import (
    Decision,
    OpenMatters,
    edition_content_type,
    edition_path,
    fix,
    public_kinds,
    reviews_of_year,
    unfinished,
)
from reviews.measure_reviews import year_of_measures
from reviews.models import Edition, EditionFile, Erratum, Publication, Withdrawal
from reviews.pages import review_context, tree_of_review, year_of
from reviews.public_data import PUBLIC_JSON
from reviews.recording import ReviewError
from reviews.telling_texts import telling_texts
from trail.downloads import OutgoingFile, download
from trail.history import Door, changing

HEADING = "検証調書"
POSTS = ["GET", "HEAD", "POST"]
AGREES = "agrees"
"""The button with which the second person agrees, who has read the reason of the first."""


@require_safe
@allowed(access.may_follow_entry)
def review_editions(request: HttpRequest, code: str) -> HttpResponse:
    """Show all editions of a plan, and what is open in the year."""
    tree = tree_of_review(request, code)
    year = year_of(tree)
    found = year_of_measures(tree, request.user)
    context = review_context(
        request,
        tree,
        HEADING,
        editions=[(one, state_of_edition(one)) for one in editions_of(code)],
        is_fixed=found.duties.strategy_id in fixed_plans(year.pk),
        open_matters=unfinished(tree, found, request.user),
        may_fix=access.may_fix_year(request.user),
        year_label=full_label(year.pk),
    )
    return render(request, "reviews/editions.html", context)


@require_http_methods(POSTS)
@allowed(access.may_fix_year)
def review_fix(request: HttpRequest, code: str) -> HttpResponse:
    """Show what is open and what differs from the last edition; a POST fixes the year."""
    tree = tree_of_review(request, code)
    year = year_of(tree)
    matters = _open_matters(request, tree)
    left = (*matters.values, *matters.evaluations, *matters.opinions)
    if request.method == "POST" and (fixed := _fixed_by(request, code, year)):
        messages.success(request, f"検証調書 第{fixed.number}号は、確定してあります。")
        return redirect("review_edition", code, fixed.number)
    form = FixForm(request.POST or None, fiscal_year=year.pk, left_open=len(left))
    if request.method == "POST" and form.is_valid():
        decision = Decision(
            decided_on=form.cleaned_data["decided_on"],
            document_number=form.cleaned_data["document_number"],
            by=request.user,
            left_open=left,
            reason=form.cleaned_data.get("reason", ""),
        )
        frozen = read_tree(code, tree.fiscal_year, words=READERS_WORDS)
        try:
            with changing(by=request.user, door=Door.PAGE, reason="検証調書の確定"):
                edition = fix(frozen, year, decision)
        except ReviewError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"検証調書 第{edition.number}号を確定しました。")
            return redirect("review_edition", code, edition.number)
    context = _context(request, tree, f"{full_label(year.pk)}の検証調書を確定する")
    context |= {"form": form, "open_matters": matters, "left": len(left)}
    context["telling"] = _telling_texts(tree, year)
    return render(request, "reviews/fix.html", context)


def _telling_texts(tree: StrategyTree, year: FiscalYear) -> list[str]:
    confirmed = confirmed_only(tree)
    strategy = Strategy.objects.get(code=tree.code)
    return telling_texts(confirmed, reviews_of_year(confirmed, strategy, year))


def _fixed_by(request: HttpRequest, code: str, year: FiscalYear) -> Edition | None:
    """Return the edition that this very form has made already: it arrived twice."""
    document = request.POST.get("document_number", "").strip()
    found = editions_of(code).filter(fiscal_year=year, fixed_by=request.user.pk).first()
    is_it = found is not None and is_standing(found) and found.document_number == document
    return found if is_it else None


def _open_matters(request: HttpRequest, tree: StrategyTree) -> OpenMatters:
    return unfinished(tree, year_of_measures(tree, request.user), request.user)


@require_safe
@allowed(access.may_follow_entry)
def review_edition(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Show an edition with its files, its 正誤表 and what differs from the edition before."""
    tree, edition = _edition(request, code, number)
    context = _context(request, tree, _title(edition))
    before = _compared_with(request, edition)
    data = json.loads(edition.data)
    files = edition.files.defer("content")
    context |= {
        "edition": edition,
        "state": state_of_edition(edition),
        "files": files.exclude(kind__in=public_kinds()),
        "public_files": sorted(
            files.filter(kind__in=public_kinds()), key=lambda one: public_kinds().index(one.kind)
        ),
        "errata": edition.errata.all(),
        "before": "、".join(f"第{one.number}号" for one in before),
        "changed": changed_values([json.loads(one.data) for one in before], data),
        "left_open": data["left_open"],
        "evaluations": data.get("measure_reviews", []),
        "opinions": [one for held in data.get("councils", []) for one in held["opinions"]],
        "stands": is_standing(edition),
        "may_fix": access.may_fix_year(request.user),
        "is_newest": _is_newest(edition),
        "may_agree": _may_agree(request, edition),
        "others": [one for one in editions_of(code) if one.number != edition.number],
    }
    return render(request, "reviews/edition.html", context)


def _title(edition: Edition) -> str:
    return f"検証調書 第{edition.number}号（{full_label(edition.fiscal_year_id)}実績）"


def _compared_with(request: HttpRequest, edition: Edition) -> list[Edition]:
    """Return the editions to compare with, the oldest first: ?with=2, or all earlier that stand."""
    others = Edition.objects.filter(strategy=edition.strategy).exclude(pk=edition.pk)
    asked = request.GET.get("with", "").strip()
    if asked:
        found = others.filter(number=int(asked)) if asked.isdecimal() else others.none()
        if not found:
            raise PageNotFound(
                f"比べる検証調書「{asked}」はありません。号を選び直してください。",
                [Link(_title(edition), request.path)],
            )
        return list(found)
    earlier = others.filter(number__lt=edition.number).exclude(withdrawal__agreed_by__isnull=False)
    return list(earlier.order_by("number"))


def _is_newest(edition: Edition) -> bool:
    standing = [one for one in editions_of(edition.strategy.code) if is_standing(one)]
    return bool(standing) and standing[0].pk == edition.pk


def _may_agree(request: HttpRequest, edition: Edition) -> bool:
    asked = getattr(edition, "withdrawal", None)
    return asked is not None and not asked.agreed_by_id and asked.asked_by_id != request.user.pk


@require_GET
@allowed(access.may_follow_entry)
def review_edition_file(
    request: HttpRequest, code: str, number: int, kind: str
) -> HttpResponseBase:
    """Send a file of an edition: the same bytes for everybody, whenever it is asked for."""
    _, edition = _edition(request, code, number)
    file = EditionFile.objects.filter(edition=edition, kind=kind).first()
    if file is None:
        raise PageNotFound(
            f"{_title(edition)}に、{kind}のファイルはありません。",
            [Link(_title(edition), reverse("review_edition", args=[code, number]))],
        )
    return download(
        request,
        OutgoingFile(
            bytes(file.content),
            name=file.name,
            ascii_name=_ascii_name(code, number, kind),
            content_type=edition_content_type(kind),
        ),
        detail=_title(edition),
    )


def _ascii_name(code: str, number: int, kind: str) -> str:
    public = "public_" if kind in public_kinds() else ""
    return f"{code}_{number}_{public}{edition_path(kind)}"


@require_http_methods(POSTS)
@allowed(access.may_fix_year)
def review_publish(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Record the day on which an edition was published."""
    tree, edition = _edition(request, code, number)
    _refuse(edition, not is_standing(edition), "取り下げた検証調書は、公表できません。")
    if request.method == "POST" and hasattr(edition, "publication"):
        messages.success(request, "この号は、公表済みです。")
        return redirect("review_edition", code, number)
    _refuse(edition, hasattr(edition, "publication"), "もう公表しています。")
    _refuse(
        edition,
        hasattr(edition, "withdrawal"),
        "取下げの申出があるため、公表できません。申し出た人に確かめてください。",
    )
    _refuse(
        edition,
        not edition.files.filter(kind=PUBLIC_JSON).exists(),
        "公表用のファイルがない号です（公表用のファイルを作る前に確定したもの）。"
        "取り下げて確定し直すと、公表できます。",
    )
    form = PublishForm(request.POST or None, edition=edition)
    if request.method == "POST" and form.is_valid():
        day = form.cleaned_data["published_on"]
        with transaction.atomic(), changing(by=request.user, door=Door.PAGE, reason="公表"):
            Publication.objects.create(edition=edition, published_on=day)
            year = FiscalYear.objects.select_for_update().get(pk=edition.fiscal_year_id)
            if year.published_on is None:
                year.published_on = day
                year.save(update_fields=["published_on"])
        messages.success(request, f"{_title(edition)}を公表しました。")
        return redirect("review_edition", code, number)
    return _form_page(request, tree, edition, form, "公表する")


@require_http_methods(POSTS)
@allowed(access.may_fix_year)
def review_withdraw(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Ask for the withdrawal of the newest edition, or agree to it as another person."""
    tree, edition = _edition(request, code, number)
    _refuse(edition, hasattr(edition, "publication"), "公表した検証調書は、取り下げられません。")
    _refuse(edition, not is_standing(edition), "もう取り下げています。")
    _refuse(edition, not _is_newest(edition), "取り下げられるのは、最も新しい号だけです。")
    asked = getattr(edition, "withdrawal", None)
    if asked and asked.reason == request.POST.get("reason", "").strip():
        messages.success(request, "取下げは、申し出てあります。")
        return redirect("review_edition", code, number)
    if asked is None:
        form = WithdrawForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            reason = form.cleaned_data["reason"]
            with changing(by=request.user, door=Door.PAGE, reason=reason):
                by: Any = request.user
                Withdrawal.objects.create(edition=edition, reason=reason, asked_by=by)
            messages.success(
                request, "取下げを申し出ました。企画担当のもう一人が認めると、取り下げられます。"
            )
            return redirect("review_edition", code, number)
        return _form_page(request, tree, edition, form, "取下げを申し出る")
    _refuse(
        edition,
        asked.asked_by_id == request.user.pk,
        "自分で申し出た取下げは、認められません。企画担当のほかの人に依頼してください。",
    )
    if request.method == "POST" and AGREES not in request.POST:
        messages.warning(
            request,
            f"取下げは、{asked.asked_by}がもう申し出ています。理由を確かめて、認めるか決めてください。",
        )
    elif request.method == "POST":
        with changing(by=request.user, door=Door.PAGE, reason="取下げを認めた"):
            asked.agreed_by, asked.agreed_at = request.user, timezone.now()
            asked.save()
        messages.success(request, f"{_title(edition)}を取り下げました。")
        return redirect("review_edition", code, number)
    return _form_page(request, tree, edition, None, "取下げを認める")


@require_http_methods(POSTS)
@allowed(access.may_fix_year)
def review_erratum(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Add an entry to the 正誤表 of an edition, which itself stays."""
    tree, edition = _edition(request, code, number)
    _refuse(edition, not is_standing(edition), "取り下げた検証調書に、正誤は登録できません。")
    with transaction.atomic(), changing(by=request.user, door=Door.PAGE):
        errata = edition.errata.select_for_update().order_by("-number")
        last = errata.first()
        erratum = Erratum(edition=edition, number=last.number + 1 if last else 1)
        sent = {name: request.POST.get(name, "").strip() for name in ("place", "wrong", "right")}
        if last and all(getattr(last, name) == text for name, text in sent.items()):
            messages.success(request, f"正誤{last.number}は、登録してあります。")
            return redirect("review_edition", code, number)
        form = ErratumForm(request.POST or None, instance=erratum)
        if request.method == "POST" and form.is_valid():
            form.save()
            messages.success(request, f"正誤{erratum.number}を登録しました。")
            return redirect("review_edition", code, number)
    return _form_page(request, tree, edition, form, "正誤を登録する")


def _edition(request: HttpRequest, code: str, number: int) -> tuple[StrategyTree, Edition]:
    tree = tree_of_review(request, code)
    found = editions_of(code).defer(None).filter(number=number).first()
    if found is None:
        raise PageNotFound(
            f"検証調書 第{number}号はありません。一覧から選び直してください。",
            [Link(f"{HEADING}の一覧へ", _list_url(tree))],
        )
    return tree, found


def _refuse(edition: Edition, when: bool, why: str) -> None:
    if when:
        path = reverse("review_edition", args=[edition.strategy.code, edition.number])
        raise PageNotFound(f"{_title(edition)}：{why}", [Link(_title(edition), path)])


def _list_url(tree: StrategyTree) -> str:
    return reverse("review_editions", args=[tree.code]) + kept_query(tree)


def _context(request: HttpRequest, tree: StrategyTree, heading: str) -> dict[str, Any]:
    return review_context(request, tree, heading, crumbs=[Link(HEADING, _list_url(tree))])


def _form_page(
    request: HttpRequest, tree: StrategyTree, edition: Edition, form: Any, button: str
) -> HttpResponse:
    context = _context(request, tree, button)
    context |= {
        "edition": edition,
        "title": _title(edition),
        "form": form,
        "button": button,
        "agrees": AGREES,
    }
    return render(request, "reviews/edition_form.html", context)
