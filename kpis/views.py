"""The page of one 数値目標 or KPI: what it says, how it is read, and its values."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import access
from accounts.decorators import readers_only
from indicators.fiscal_years import full_label
from kpis.pages import (
    Link,
    crumbs_of_goal,
    listing_at,
    measure_at,
    neighbours,
    page_context,
    tree_for,
    year_query,
)
from kpis.presentation import (
    KIND_MEANINGS,
    amount,
    chart_description,
    chart_of,
    row_of,
    values_outside,
)
from kpis.tree import ListingNode, StrategyTree


@require_safe
@readers_only
def target(request: HttpRequest, code: str, place: str) -> HttpResponse:
    """One 数値目標."""
    return _listing_page(request, code, "numerictarget", place)


@require_safe
@readers_only
def kpi(request: HttpRequest, code: str, place: str) -> HttpResponse:
    """One 重要業績評価指標."""
    return _listing_page(request, code, "kpi", place)


def _listing_page(request: HttpRequest, code: str, model: str, place: str) -> HttpResponse:
    tree = tree_for(request, code)
    listing = listing_at(tree, model, place)
    rows = [row_of(listing, year) for year in tree.years]
    context = page_context(
        request,
        tree,
        crumbs=_crumbs(tree, listing),
        heading=listing.name,
        kind_of_listing=_kind_of_listing(tree, listing),
        listing=listing,
        indicator=listing.indicator,
        row=row_of(listing),
        rows=rows,
        outside=values_outside(listing),
        baseline=amount(listing, listing.baseline),
        baseline_year=full_label(listing.baseline_year) if listing.baseline_year else "",
        tolerance=amount(listing, listing.tolerance) if listing.tolerance else "",
        kind_meaning=KIND_MEANINGS[listing.kind],
        chart=chart_of(listing),
        chart_description=chart_description(rows),
        others=[
            other
            for other in tree.listings
            if other.indicator is listing.indicator and other is not listing
        ],
        may_enter=access.may_enter(request.user, listing.indicator.entered_by_id),
        pager=neighbours(tree, tree.listings, listing, "name"),
    )
    return render(request, "kpis/listing.html", context)


def _crumbs(tree: StrategyTree, listing: ListingNode) -> list[Link]:
    crumbs = crumbs_of_goal(tree, int(listing.place.partition("-")[0]))
    if listing.model == "numerictarget":
        return [*crumbs, Link(f"数値目標{listing.mark}")]
    measure = measure_at(tree, listing.place.rpartition("-")[0])
    text = f"（{measure.group_symbol}）{measure.mark}"
    return [*crumbs, Link(text, measure.url + year_query(tree)), Link("KPI")]


def _kind_of_listing(tree: StrategyTree, listing: ListingNode) -> str:
    if listing.model == "numerictarget":
        return f"基本目標{listing.place.partition('-')[0]}の数値目標{listing.mark}"
    return "重要業績評価指標（ＫＰＩ）"
