"""The page of all listings of a year (指標の一覧), and of those that meet conditions."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import access
from accounts.decorators import allowed
from plans import counting
from plans.comparison import TREND_RULE, compare
from plans.kept_pages import kept_page
from plans.listed_rows import listed_rows, tables_by_goal
from plans.nodes import StrategyTree
from plans.pages import (
    Link,
    ReportLinks,
    list_address,
    order_for,
    order_links,
    page_context,
    report_links,
    selection_for,
    tree_for,
)
from plans.selection import Selection
from plans.sorting import JUDGEMENT_RULE, ORDER_NAMES, Order, in_order

HEADING = "指標の一覧"
RULES = {Order.JUDGEMENT: JUDGEMENT_RULE, Order.CHANGE: TREND_RULE}
"""What readers have to know of an order."""


@require_safe
@allowed(access.may_read)
@kept_page
def all_listings(request: HttpRequest, code: str) -> HttpResponse:
    """Show the listings of a year that meet the conditions in the address, in the order asked for.

    In the plan's order they are under its headings, in any other in one table.
    """
    tree = tree_for(request, code)
    selection, order = selection_for(request, tree), order_for(request)
    found = [listing for listing in tree.listings if selection.matches(listing)]
    count, bands = counting.count_listings(found), counting.count_by_band(found, tree.scale)
    rows = listed_rows(tree, in_order([compare(listing) for listing in found], order))
    kept = {} if order == Order.PLAN else {"sort": order.value}
    whole_url = list_address(tree, **kept)
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
        tables=tables_by_goal(tree, rows) if order == Order.PLAN else [],
        rows=rows,
        order=order.value,
        order_name=ORDER_NAMES[order],
        order_rule=RULES.get(order, ""),
        order_links=order_links(request, tree, order),
        kept_order=kept,
        has_year_before=tree.fiscal_year - 1 in tree.period,
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
