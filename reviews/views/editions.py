"""検証調書: fixing a year, its editions with their files."""

import json
from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
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
from japanese.calendar_days import day_label
from japanese.fiscal_years import era_label, full_label
from plans.nodes import StrategyTree
from plans.pages import READERS_WORDS, Link, PageNotFound, UnknownChoice, kept_query
from reviews.editions.comparing import compared
from reviews.editions.confirmed import confirmed_only
from reviews.editions.differences import differences_in, proposed_differences
from reviews.editions.editions_of_plan import (
    ASKED,
    editions_of,
    ends_entry,
    fixed_plans,
    is_standing,
    state_of_edition,
)
from reviews.editions.errata import errata_name, errata_workbook, with_errata
from reviews.editions.forms import FixForm, YearToFix
from reviews.editions.freezing import (
    Decision,
    edition_content_type,
    edition_path,
    fix,
    public_kinds,
    reviews_of_year,
    said_of_plan,
    why_not_yet,
)
from reviews.editions.open_matters import OpenMatters, groups_left_open, unfinished
from reviews.editions.public_data import PUBLIC_NOTE
from reviews.editions.publishing import is_newest
from reviews.editions.reported_days import last_reported_day
from reviews.editions.telling_texts import telling_texts
from reviews.editions.texts import place_names
from reviews.editions.withholding import public_tree
from reviews.measures.evaluations import year_of_measures
from reviews.models import Edition, EditionFile, Publication
from reviews.pages import review_context, tree_of_review, year_of
from reviews.recording import ReviewError
from trail.downloads import XLSX, ZIP, OutgoingFile, download
from trail.history import Door, changing

HEADING = "検証調書"
POSTS = ["GET", "HEAD", "POST"]


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
        open_matters=unfinished(tree, found),
        may_fix=access.may_fix_year(request.user),
        may_watch=access.may_see_changes(request.user),
        year_label=full_label(year.pk),
    )
    return render(request, "reviews/editions.html", context)


@require_http_methods(POSTS)
@allowed(access.may_fix_year)
def review_fix(request: HttpRequest, code: str) -> HttpResponse:
    """Show what is open and what differs from the last edition; a POST fixes the year."""
    # An edition uses the words for readers, whoever fixes it.
    tree = tree_of_review(request, code, words=READERS_WORDS)
    year = year_of(tree)
    if request.method == "POST" and (fixed := _fixed_by(request, code, year)):
        messages.success(request, f"検証調書 第{fixed.number}号は、確定してあります。")
        return redirect("review_edition", code, fixed.number)
    matters = unfinished(tree, year_of_measures(tree, request.user))
    confirmed = confirmed_only(tree)
    reviewed = reviews_of_year(confirmed, Strategy.objects.get(code=code), year)
    form = FixForm(
        request.POST or None,
        year=YearToFix(year.pk, len(matters.names), last_reported_day(reviewed)),
        differences=proposed_differences(confirmed, said_of_plan(confirmed)),
        telling=partial(_telling_texts, confirmed, reviewed),
    )
    edition = None
    if request.method == "POST" and form.is_valid():
        edition = _fixed(request, form, tree, matters, year)
    if edition:
        messages.success(request, f"検証調書 第{edition.number}号を確定しました。")
        return redirect("review_edition", code, edition.number)
    context = page_of_editions(request, tree, f"{full_label(year.pk)}の検証調書を確定する")
    context |= {
        "form": form,
        "not_yet": why_not_yet(tree, form.differences),
        "year": year,
        "ends_entry": ends_entry(year, code),
        "open_matters": matters,
        "public_note": PUBLIC_NOTE,
    }
    return render(request, "reviews/fix.html", context)


def _fixed(
    request: HttpRequest,
    form: FixForm,
    tree: StrategyTree,
    matters: OpenMatters,
    year: FiscalYear,
) -> Edition | None:
    """Fix the year of a tree and return its edition; None, with errors in the form, if refused."""
    decision = Decision(
        decided_on=form.cleaned_data["decided_on"],
        document_number=form.cleaned_data["document_number"],
        by=request.user,
        left_open=tuple((one.heading, one.names) for one in matters.groups),
        reason=form.cleaned_data.get("reason", ""),
        differences=form.decided_differences(),
    )
    reason = decision.document_number
    if form.telling:
        reason += f"（秘匿の値や氏名を確かめて載せた文：{len(form.telling)}件）"
    try:
        with changing(by=request.user, door=Door.PAGE, reason=reason):
            return fix(tree, year, decision)
    except ReviewError as error:
        form.add_error(None, str(error))
        return None


def _telling_texts(
    confirmed: StrategyTree, reviewed: dict[str, Any], reasons: Sequence[str]
) -> list[str]:
    """Return what the texts of a year and the reasons of its differences reveal."""
    differences = [{"reason": reason} for reason in reasons]
    return telling_texts(confirmed, public_tree(confirmed), reviewed | {"differences": differences})


def _fixed_by(request: HttpRequest, code: str, year: FiscalYear) -> Edition | None:
    """Return the edition that this very form has made already: it arrived twice."""
    document = request.POST.get("document_number", "").strip()
    found = editions_of(code).filter(fiscal_year=year, fixed_by=request.user.pk).first()
    is_it = found is not None and is_standing(found) and found.document_number == document
    return found if is_it else None


@require_safe
@allowed(access.may_follow_entry)
def review_edition(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Show an edition with its files, its 正誤表 and what differs from the edition before."""
    tree, edition = edition_on(request, code, number)
    others = [one for one in editions_of(code) if one.number != edition.number]
    if asked := request.GET.get("with", "").strip():
        return _compared_page(request, tree, (_asked(asked, edition), edition), others)
    context = page_of_editions(request, tree, title_of(edition))
    data, state = json.loads(edition.data), state_of_edition(edition)
    files = edition.files.defer("content")
    names, reviews = place_names(data["plan"]), data.get("measure_reviews", [])
    context |= {
        "edition": edition,
        "state": state,
        "files": files.exclude(kind__in=public_kinds()),
        "public_url": _public_url(edition),
        "public_files": sorted(
            files.filter(kind__in=public_kinds()), key=lambda one: public_kinds().index(one.kind)
        ),
        "public_note": PUBLIC_NOTE,
        "errata": edition.errata.all(),
        "corrections": _corrections(edition),
        "differences": [(one, era_label(one["fiscal_year"])) for one in differences_in(data)],
        "left_open": data["left_open"],
        "open_groups": groups_left_open(data["left_open"]),
        "evaluations": [
            (names.get(one["measure"], ""), _day(one["decided_on"]), one) for one in reviews
        ],
        "opinions": [one for held in data.get("councils", []) for one in held["opinions"]],
        "stands": is_standing(edition),
        "may_fix": access.may_fix_year(request.user),
        "is_newest": is_newest(edition),
        "is_asked": state == ASKED,
        "others": others,
    }
    return render(request, "reviews/edition.html", context)


def _day(day: str | None) -> str:
    return day_label(date.fromisoformat(day)) if day else ""


def _corrections(edition: Edition) -> list[Any]:
    """Return the records of history of a day of publication that was corrected."""
    if not hasattr(edition, "publication"):
        return []
    history: Any = Publication.history
    changed = history.filter(id=edition.publication.pk, history_type="~")
    return list(changed.select_related("history_user").order_by("history_date"))


def _public_url(edition: Edition) -> str:
    """Return the address of the public page of an edition; "" where the public sees none."""
    published = getattr(edition, "publication", None)
    if not settings.PUBLIC_PAGES or published is None:
        return ""
    if published.published_on > timezone.localdate():
        return ""
    return reverse("public_page", args=[f"{edition.strategy.code}/{edition.number}/"])


def _compared_page(
    request: HttpRequest,
    tree: StrategyTree,
    pair: tuple[Edition, Edition],
    others: list[Edition],
) -> HttpResponse:
    """Show two editions side by side."""
    before, edition = pair
    heading = f"検証調書 第{before.number}号と第{edition.number}号の比較"
    context = page_of_editions(request, tree, heading)
    context |= {
        "before": before,
        "before_state": state_of_edition(before),
        "edition": edition,
        "state": state_of_edition(edition),
        "parts": compared(json.loads(before.data), json.loads(edition.data)),
        "others": [one for one in others if one.number != before.number],
    }
    return render(request, "reviews/compared.html", context)


def _asked(number: str, edition: Edition) -> Edition:
    """Return the edition of ?with=2. Raises UnknownChoice."""
    others = editions_of(edition.strategy.code).defer(None).exclude(pk=edition.pk)
    found = others.filter(number=int(number)).first() if _is_number(number) else None
    if found is None:
        raise UnknownChoice(
            f"比べる検証調書「{number}」はありません。号を選び直してください。",
            [Link(title_of(edition), edition_address(edition))],
        )
    return found


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 5


def edition_address(edition: Edition) -> str:
    """Return the address of the page of an edition."""
    return reverse("review_edition", args=[edition.strategy.code, edition.number])


def title_of(edition: Edition) -> str:
    """検証調書 第2号（令和6年度（2024）実績）"""
    return f"検証調書 第{edition.number}号（{full_label(edition.fiscal_year_id)}実績）"


@require_GET
@allowed(access.may_follow_entry)
def review_edition_file(
    request: HttpRequest, code: str, number: int, kind: str
) -> HttpResponseBase:
    """Send a file of an edition: the same bytes for everybody, whenever it is asked for."""
    file = _file_on(request, code, number, kind)
    return download(
        request,
        OutgoingFile(
            bytes(file.content),
            name=file.name,
            ascii_name=_ascii_name(code, number, kind),
            content_type=edition_content_type(kind),
        ),
        detail=title_of(file.edition),
    )


def _file_on(request: HttpRequest, code: str, number: int, kind: str) -> EditionFile:
    """Return a file of an edition. Raises PageNotFound."""
    _, edition = edition_on(request, code, number)
    file = EditionFile.objects.filter(edition=edition, kind=kind).first()
    if file is None:
        raise PageNotFound(
            f"{title_of(edition)}に、{kind}のファイルはありません。",
            [Link(title_of(edition), edition_address(edition))],
        )
    file.edition = edition
    return file


@require_GET
@allowed(access.may_follow_entry)
def review_edition_zip(request: HttpRequest, code: str, number: int, kind: str) -> HttpResponseBase:
    """Send a file of an edition, unchanged, in a ZIP with the 正誤表 beside it."""
    file = _file_on(request, code, number, kind)
    return download(
        request,
        OutgoingFile(
            with_errata(file),
            name=f"{file.name}_正誤表付き.zip",
            ascii_name=f"{code}_edition_{number}_{kind}_errata.zip",
            content_type=ZIP,
        ),
        detail=title_of(file.edition),
    )


@require_GET
@allowed(access.may_follow_entry)
def review_edition_errata(request: HttpRequest, code: str, number: int) -> HttpResponseBase:
    """Send the 正誤表 of an edition as a workbook."""
    _, edition = edition_on(request, code, number)
    return download(
        request,
        OutgoingFile(
            errata_workbook(edition),
            name=errata_name(edition),
            ascii_name=f"{code}_edition_{number}_errata.xlsx",
            content_type=XLSX,
        ),
        detail=title_of(edition),
    )


def _ascii_name(code: str, number: int, kind: str) -> str:
    public = "public_" if kind in public_kinds() else ""
    return f"{code}_{number}_{public}{edition_path(kind)}"


def edition_on(request: HttpRequest, code: str, number: int) -> tuple[StrategyTree, Edition]:
    """Return the plan and its edition of a number. Raises PageNotFound."""
    tree = tree_of_review(request, code)
    found = editions_of(code).defer(None).filter(number=number).first()
    if found is None:
        raise PageNotFound(
            f"検証調書 第{number}号はありません。一覧から選び直してください。",
            [Link(f"{HEADING}の一覧へ", _list_url(tree))],
        )
    return tree, found


def _list_url(tree: StrategyTree) -> str:
    return reverse("review_editions", args=[tree.code]) + kept_query(tree)


def page_of_editions(request: HttpRequest, tree: StrategyTree, heading: str) -> dict[str, Any]:
    """Return the context of a page below the list of editions."""
    return review_context(request, tree, heading, crumbs=[Link(HEADING, _list_url(tree))])
