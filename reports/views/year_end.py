"""Papers of the year's end, as pages and workbooks: 検証調書, 主要な施策の成果, 交付金の検証."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_safe

from accounts import access
from accounts.decorators import allowed
from goals.models import Strategy
from japanese.fiscal_years import full_label
from plans.nodes import StrategyTree
from plans.pages import (
    READERS_WORDS,
    Link,
    PageNotFound,
    RefusedNow,
    kept_query,
    page_context,
    review_label,
    strategy_not_found,
)
from reports.data_description import INVENTED_NOTE
from reports.report_choice import address
from reports.report_files import FILES, ascii_name, report_name
from reports.scope import scope_query, tree_in_scope
from reports.views import papers
from reports.year_end.blocks import PaperPart
from reports.year_end.edition_document import (
    EDITION_TITLE,
    INSIDE,
    Beside,
    Imprint,
    edition_parts,
    printed_edition_workbook,
)
from reports.year_end.frozen_plan import FrozenJson, FrozenPlan
from reports.year_end.grants import grants_part
from reports.year_end.settlement import settlement_parts
from reports.year_end.year_data import of_now, public_year, year_data
from reviews.editions.confirmed import confirmed_only
from reviews.editions.differences import proposed_differences
from reviews.editions.editions_of_plan import LISTED, editions_of, is_standing, state_of_edition
from reviews.editions.open_matters import left_open_as_json, unfinished
from reviews.editions.public_data import NoPublicData, public_data
from reviews.measures.evaluations import year_of_measures
from reviews.models import Edition
from trail.downloads import XLSX, OutgoingFile, download, file_name


@require_safe
@allowed(access.may_read)
def settlement(request: HttpRequest, code: str) -> HttpResponse:
    """Show 主要な施策の成果を説明する書類, for printing on A4."""
    tree = _tree_of(request, code, "settlement")
    data, told = public_year(tree)
    plan = FrozenPlan(data)
    return _in_scope(request, tree, "settlement", (plan, settlement_parts(plan)), told)


@require_safe
@allowed(access.may_follow_entry)
def grants(request: HttpRequest, code: str) -> HttpResponse:
    """Show 交付金の検証, for printing on A4."""
    tree = _tree_of(request, code, "grants")
    data, told = public_year(tree)
    plan = FrozenPlan(data)
    return _in_scope(request, tree, "review_grants", (plan, [grants_part(plan)]), told)


@require_GET
@allowed(access.may_follow_entry)
def grants_file(request: HttpRequest, code: str) -> HttpResponseBase:
    """Send 交付金の検証 as the form that goes to the state."""
    return papers.report(request, code, "grants")


@require_safe
@allowed(access.may_follow_entry)
def draft(request: HttpRequest, code: str) -> HttpResponse:
    """Show what an edition would say if the year were fixed now, marked as 案."""
    tree = of_now(tree_in_scope(request, code, words=READERS_WORDS), EDITION_TITLE, request.path)
    plan, imprint, beside = _draft(request, tree)
    workbook = reverse("review_edition_draft_xlsx", args=[code]) + scope_query(request, tree)
    parts = edition_parts(plan, imprint, beside)
    return _page(request, tree, (plan, parts), title=imprint.title, workbook=workbook)


@require_GET
@allowed(access.may_follow_entry)
def draft_file(request: HttpRequest, code: str) -> HttpResponseBase:
    """Send the same as a workbook."""
    tree = of_now(tree_in_scope(request, code, words=READERS_WORDS), EDITION_TITLE, request.path)
    plan, imprint, beside = _draft(request, tree)
    file = OutgoingFile(
        printed_edition_workbook(plan, imprint, beside),
        name=report_name(tree, imprint.title, "xlsx"),
        ascii_name=ascii_name(tree, "edition_draft", "xlsx"),
        content_type=XLSX,
    )
    return download(request, file, detail=f"{imprint.title}（{full_label(tree.fiscal_year)}）")


@require_safe
@allowed(access.may_follow_entry)
def edition(request: HttpRequest, code: str, number: int, use: str = "") -> HttpResponse:
    """Show a fixed edition as a document, drawn from what was frozen; `use` PUBLIC for outside."""
    plan, imprint, beside = _fixed(request, code, number, use)
    tree = tree_in_scope(request, code, words=READERS_WORDS)
    name = "review_edition_public_xlsx" if use else "review_edition_xlsx"
    workbook = reverse(name, args=[code, number])
    parts = edition_parts(plan, imprint, beside)
    return _page(request, tree, (plan, parts), title=imprint.title, workbook=workbook)


@require_GET
@allowed(access.may_follow_entry)
def edition_file(request: HttpRequest, code: str, number: int, use: str = "") -> HttpResponseBase:
    """Send the same as a workbook."""
    plan, imprint, beside = _fixed(request, code, number, use)
    year = full_label(plan.fiscal_year)
    said = f"印刷用_{imprint.use}" if imprint.use else "印刷用"
    public = "public_" if use else ""
    file = OutgoingFile(
        printed_edition_workbook(plan, imprint, beside),
        name=file_name(f"{plan.title}_{year}_{EDITION_TITLE}_第{number}号_{said}") + ".xlsx",
        ascii_name=f"{code}_edition_{number}_{public}print.xlsx",
        content_type=XLSX,
    )
    return download(request, file, detail=f"{imprint.title}（{year}）印刷用")


def _tree_of(request: HttpRequest, code: str, key: str) -> StrategyTree:
    file = FILES[key]
    return of_now(tree_in_scope(request, code, words=file.words), file.name, request.path)


def _draft(request: HttpRequest, tree: StrategyTree) -> tuple[FrozenPlan, Imprint, Beside]:
    left = unfinished(tree, year_of_measures(tree, request.user))
    data = year_data(tree) | {
        "left_open": left_open_as_json([(one.heading, one.names) for one in left.groups], "")
    }
    listed = {listing.indicator.code for listing in tree.listings}
    data["differences"] = [
        one.as_json()
        for one in proposed_differences(confirmed_only(tree), data)
        # A part of the plan lacks the indicators of the other parts; they are not gone.
        if not tree.part or (one.changed.what != LISTED and one.changed.indicator in listed)
    ]
    plan = FrozenPlan(data)
    earlier = any(is_standing(one) for one in editions_of(tree.code))
    return plan, Imprint(use=_use_of(plan)), Beside(earlier)


def _use_of(plan: FrozenPlan) -> str:
    return INSIDE if plan.shows_withheld else ""


def _fixed(
    request: HttpRequest, code: str, number: int, use: str
) -> tuple[FrozenPlan, Imprint, Beside]:
    """Return an edition as it was fixed, with its 正誤 and comparison. Raises PageNotFound."""
    if not Strategy.objects.seen_by(request.user).filter(code=code).exists():
        raise strategy_not_found(code)
    editions = editions_of(code).filter(number__lt=number)
    found = editions_of(code).defer(None).filter(number=number).first()
    if found is None:
        raise PageNotFound(
            f"{EDITION_TITLE} 第{number}号はありません。一覧から選び直してください。",
            [Link(f"{EDITION_TITLE}の一覧へ", reverse("review_editions", args=[code]))],
        )
    imprint = Imprint(
        number,
        found.decided_on,
        found.document_number,
        found.sha256,
        found.fixed_at,
        state_of_edition(found),
    )
    beside = Beside(
        any(_stood(one, found.fixed_at) for one in editions),
        list(found.errata.all()),
    )
    if use:
        data = _public_data(found)
        # The digest of the inside data is not for the public (docs/decisions/0029).
        return FrozenPlan(data), replace(imprint, sha256=data["sha256"], use=use), beside
    plan = FrozenPlan(json.loads(found.data))
    return plan, replace(imprint, use=_use_of(plan)), beside


def _stood(edition: Edition, at: datetime) -> bool:
    """Whether an edition had not been withdrawn at a time."""
    if is_standing(edition):
        return True
    agreed = edition.withdrawal.agreed_at
    return agreed is not None and agreed > at


def _public_data(edition: Edition) -> FrozenJson:
    try:
        return public_data(edition)
    except NoPublicData:
        name = f"{EDITION_TITLE} 第{edition.number}号"
        address = reverse("review_edition", args=[edition.strategy.code, edition.number])
        raise RefusedNow(
            f"{name}には、公表用の内容がありません。公表用のファイルを作る前に確定した号です。",
            [Link(name, address)],
        ) from None


def _in_scope(
    request: HttpRequest,
    tree: StrategyTree,
    name: str,
    paper: tuple[FrozenPlan, Sequence[PaperPart]],
    told: Sequence[str],
) -> HttpResponse:
    title = FILES[name.removeprefix("review_")].name
    workbook = address(f"{name}_xlsx", tree) + scope_query(request, tree)
    return _page(request, tree, paper, title=title, workbook=workbook, told=told)


def _page(
    request: HttpRequest,
    tree: StrategyTree,
    paper: tuple[FrozenPlan, Sequence[PaperPart]],
    *,
    title: str,
    workbook: str,
    told: Sequence[str] = (),
) -> HttpResponse:
    plan, parts = paper
    marks = [f"（{plan.part}）"] if plan.part else []
    marks += [f"【{INVENTED_NOTE}】"] if plan.invented else []
    label = review_label(plan.fiscal_year)
    context = page_context(
        request,
        tree,
        heading=f"{title}　{label}",
        crumbs=[
            Link("報告書", reverse("report_choice", args=[tree.code]) + kept_query(tree)),
            Link(title),
        ],
        parts=parts,
        workbook=workbook,
        told=told,
        plan_title=f"{plan.city}　{plan.title}",
        marks="".join(marks),
        paper_head="　".join((plan.city, plan.title, title, label, *marks)),
    )
    return render(request, "reports/year_end.html", context)
