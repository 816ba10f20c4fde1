"""The papers of a year: as workbooks, and as pages to print."""

from functools import partial
from typing import IO, Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from accounts import access
from accounts.decorators import allowed
from indicators.evidence import lists as evidence_lists
from japanese.calendar_days import day_label
from plans.nodes import StrategyTree
from plans.pages import Link, page_context, period_sentence, review_label
from plans.standing import segments_of
from reports.assembly_paper import assembly_pages
from reports.chart_collection import chart_collection
from reports.council_paper import council_paper
from reports.report_choice import address
from reports.report_files import FILES, ascii_name, contents_for_log, report_name, write_report
from reports.scope import scope_query, tree_in_scope
from reports.sheets.cover import Facts
from reports.year_document import year_document
from reports.year_end.council_matters import council_matters
from reports.year_end.year_data import of_now, told_texts
from reviews.editions.withholding import public_tree
from tables import file_making
from trail.downloads import XLSX, OutgoingFile, download


@require_GET
@allowed(access.may_read)
@file_making.answering
def report(request: HttpRequest, code: str, key: str) -> HttpResponseBase:
    """Send a workbook of reports/report_files.py for ?year=; the default is the newest year."""
    file = FILES[key]
    tree = tree_in_scope(request, code, words=file.words)
    if file.of_now:
        of_now(tree, file.name, request.path)
    facts = Facts(
        by=str(request.user),
        at=timezone.now(),
        may_see_evidence=partial(evidence_lists.may_see_of, request.user),
    )
    content: IO[bytes] | bytes
    if file.heavy:
        content = file_making.make(request, write_report, key, tree, facts).file
    else:
        content = file.make(tree, facts)
    return download(
        request,
        OutgoingFile(
            content,
            name=report_name(tree, file.name, "xlsx"),
            ascii_name=ascii_name(tree, key, "xlsx"),
            content_type=XLSX,
        ),
        detail=contents_for_log(tree),
    )


@require_safe
@allowed(access.may_read)
def document(request: HttpRequest, code: str) -> HttpResponse:
    """Show cover, overview, each goal with everything below it, and the appendices on one page."""
    tree = tree_in_scope(request, code)
    context = page_context(
        request,
        tree,
        crumbs=[Link("まとめて印刷")],
        heading=review_label(tree.fiscal_year),
        period_sentence=period_sentence(tree),
        document=year_document(tree),
    )
    return render(request, "reports/year_document.html", context)


@require_safe
@allowed(access.may_read)
def council(request: HttpRequest, code: str) -> HttpResponse:
    """Show 有識者会議資料: one table per goal, for printing on A3."""
    whole = tree_in_scope(request, code, words=FILES["council"].words)
    tree = public_tree(whole)
    context = _paper_context(request, tree, "有識者会議資料", "council")
    paper = council_paper(tree)
    context |= {
        "matters": council_matters(tree),
        "told": told_texts(whole),
        "tables": paper.tables,
        "columns": paper.headers,
        "notes": paper.notes,
    }
    return render(request, "reports/council.html", context)


@require_safe
@allowed(access.may_read)
def assembly(request: HttpRequest, code: str) -> HttpResponse:
    """Show 議会資料: one page per goal, for printing on A4."""
    whole = tree_in_scope(request, code, words=FILES["assembly"].words)
    tree = public_tree(whole)
    context = _paper_context(request, tree, "議会資料", "assembly")
    context |= {"matters": council_matters(tree), "told": told_texts(whole)}
    context["goals"] = [(page, segments_of(page.bands)) for page in assembly_pages(tree)]
    return render(request, "reports/assembly.html", context)


@require_safe
@allowed(access.may_read)
def charts(request: HttpRequest, code: str) -> HttpResponse:
    """Show 図表集: the charts of all listings, goal by goal, for printing on A4.

    They are made for papers of all kinds: without what is 秘匿.
    """
    tree = public_tree(tree_in_scope(request, code))
    context = _paper_context(request, tree, "図表集")
    context["goals"] = chart_collection(tree)
    return render(request, "reports/charts.html", context)


def _paper_context(
    request: HttpRequest, tree: StrategyTree, paper: str, key: str = ""
) -> dict[str, Any]:
    """Return the context of a paper; with a `key`, of one that is also a workbook."""
    query = scope_query(request, tree)
    return page_context(
        request,
        tree,
        heading=f"{paper}　{review_label(tree.fiscal_year)}",
        crumbs=[
            Link("報告書", reverse("report_choice", args=[tree.code]) + query),
            Link(paper),
        ],
        paper=paper,
        workbook=address(f"{key}_xlsx", tree) + query if key else "",
        printed_on=day_label(timezone.localdate()),
    )
