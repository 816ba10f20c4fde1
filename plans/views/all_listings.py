"""The page of all listings of a year (指標の一覧), and of those that meet conditions."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import access
from accounts.decorators import allowed
from plans import counting
from plans.nodes import ListingNode, MeasureNode, StrategyTree
from plans.pages import (
    Link,
    ReportLinks,
    list_address,
    page_context,
    report_links,
    selection_for,
    tree_for,
)
from plans.presentation import JudgedRow, rows_of
from plans.selection import Selection

HEADING = "指標の一覧"


@require_safe
@allowed(access.may_read)
def all_listings(request: HttpRequest, code: str) -> HttpResponse:
    """Show the listings of a year under the plan's headings, narrowed to conditions if asked."""
    tree = tree_for(request, code)
    selection = selection_for(request, tree)
    found = [listing for listing in tree.listings if selection.matches(listing)]
    count, bands = counting.count_listings(found), counting.count_by_band(found, tree.scale)
    whole_url = list_address(tree)
    context = page_context(
        request,
        tree,
        heading=HEADING,
        crumbs=[Link(HEADING, whole_url), Link("条件に合う指標")]
        if selection.is_used
        else [Link(HEADING)],
        whole_url=whole_url,
        selection=selection,
        count=count,
        whole=counting.count_listings(tree.listings),
        bands=bands,
        sentence=counting.progress_sentence(count, bands),
        tables=_tables(tree, found),
        report=_report_on(tree, selection),
    )
    return render(request, "plans/listings.html", context)


def _report_on(tree: StrategyTree, selection: Selection) -> ReportLinks:
    """Return the report links for the selected goal and section; other conditions are ignored."""
    asked = {field.name: field for field in selection.fields if field.value}
    section = asked.get("section") or asked.get("entering")
    return report_links(
        tree,
        goal=int(asked["goal"].value) if "goal" in asked else None,
        section=section.value if section else "",
        section_name=section.chosen if section else "",
    )


def _tables(tree: StrategyTree, listings: Sequence[ListingNode]) -> list[tuple]:
    """Return, by goal, the rows of listings under the plan's headings, without empty ones."""
    wanted = {(listing.model, listing.pk) for listing in listings}

    def rows(among: Sequence[ListingNode]) -> list[JudgedRow]:
        return rows_of(one for one in among if (one.model, one.pk) in wanted)

    tables = []
    for goal in tree.goals:
        parts: list[tuple[MeasureNode | None, list[JudgedRow]]] = [
            (None, rows(goal.numeric_targets))
        ]
        parts += [(measure, rows(measure.kpis)) for measure in goal.parts]
        parts = [(measure, found) for measure, found in parts if found]
        if parts:
            tables.append((goal, parts))
    return tables
