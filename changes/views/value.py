"""The page of the value of one 数値目標 or KPI for a year, with its history."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts import access
from accounts.decorators import allowed
from changes.past_changes import changes_of_value
from indicators.models import Actual
from indicators.rules.narrowing_types import given
from indicators.rules.terms import Status, status_word
from japanese.fiscal_years import full_label
from japanese.numerals import format_exact
from plans.listing_pages import (
    crumbs_of_listing,
    entry_address,
    evidence_links,
    kind_of_listing,
)
from plans.nodes import ListingNode, StrategyTree
from plans.pages import (
    Link,
    PageNotFound,
    kept_query,
    listing_of_year,
    page_context,
    report_links,
)
from plans.presentation import (
    value_of_year,
)
from plans.value_addresses import value_address
from trail.history import as_it_stood, end_of


@require_safe
@allowed(access.may_read)
def value_page(
    request: HttpRequest, code: str, place: str, fiscal_year: int, model: str
) -> HttpResponse:
    """Show the value of a 数値目標 or KPI for one year."""
    tree, listing = listing_of_year(request, code, model, place)
    years = _years_with_values(tree, listing)
    if fiscal_year not in years:
        raise PageNotFound(
            f"「{listing.name}」の{fiscal_year}年度の値は、入力されたことがありません。",
            [Link(listing.name, listing.url + kept_query(tree))],
        )
    indicator = listing.indicator
    stored = _stored(indicator.pk, fiscal_year, tree.as_of)
    not_entered = status_word(Status.NOT_REPORTED, scale=listing.scale)
    context = page_context(
        request,
        tree,
        crumbs=_crumbs_of_value(tree, listing, fiscal_year),
        heading=f"{listing.name}　{full_label(fiscal_year)}の値",
        report=report_links(tree, goal=listing.goal_position),
        kind_of_listing=kind_of_listing(tree, listing),
        indicator=indicator,
        section=indicator.in_time.section(fiscal_year),
        entered_by=indicator.in_time.entered_by(fiscal_year),
        stored=stored,
        value=value_of_year(listing, fiscal_year) or not_entered,
        ratio=_ratio(stored),
        changes=changes_of_value(
            indicator.pk, fiscal_year, until=tree.as_of, not_entered=not_entered
        ),
        entry_address=(address := entry_address(request, tree, listing, fiscal_year)),
        mark_address=reverse("entry_withheld", args=[fiscal_year, indicator.code])
        if address and stored
        else "",
        **evidence_links(request, tree, listing, fiscal_year),
    )
    context["year_links"] = _links_to_values(tree, listing, years, fiscal_year)
    return render(request, "changes/value.html", context)


def _years_with_values(tree: StrategyTree, listing: ListingNode) -> list[int]:
    """Return the years of the plan and all years for which a value is or was entered."""
    entered = Actual.history.filter(indicator_id=listing.indicator.pk).order_by()
    if tree.as_of is not None:
        entered = entered.filter(history_date__lt=end_of(tree.as_of))
    return sorted({*tree.years, *entered.values_list("fiscal_year_id", flat=True).distinct()})


def _stored(indicator_id: int, fiscal_year: int, as_of: date | None) -> Actual | None:
    """Return the value with the people who entered and confirmed it, who are not in the tree.

    With `as_of`, it is the row of history that was current at the end of that day.
    """
    actuals = Actual.objects if as_of is None else as_it_stood(Actual, as_of)
    found = actuals.filter(indicator_id=indicator_id, fiscal_year_id=fiscal_year)
    return found.select_related("entered_by", "confirmed_by").order_by().first()


def _ratio(stored: Actual | None) -> tuple[str, str] | None:
    """Return numerator and denominator of a value that was entered as a ratio; else None."""
    if stored is None or stored.denominator is None:
        return None
    return format_exact(given(stored.numerator)), format_exact(stored.denominator)


def _links_to_values(
    tree: StrategyTree, listing: ListingNode, years: list[int], current: int
) -> list[Link]:
    query = kept_query(tree)
    return [
        Link(full_label(year), value_address(listing.url, year) + query, year == current)
        for year in years
    ]


def _crumbs_of_value(tree: StrategyTree, listing: ListingNode, fiscal_year: int) -> list[Link]:
    *above, last = crumbs_of_listing(tree, listing)
    return [*above, Link(last.text, listing.url + kept_query(tree)), Link(full_label(fiscal_year))]
