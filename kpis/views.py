"""The page of one 数値目標 or KPI, and the page of each of its values with its history."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts import access
from accounts.decorators import readers_only
from accounts.history import as_it_stood, end_of
from accounts.models import User
from entry.evidence_lists import count_shown
from indicators.fiscal_years import full_label
from indicators.models import Actual, needed_decimals
from indicators.numerals import format_number
from indicators.progress import Status
from indicators.terms import status_word
from kpis.calculation import calculation_of
from kpis.charting import chart_of
from kpis.counting import count_projects, project_sentence
from kpis.nodes import ListingNode, StrategyTree
from kpis.pages import (
    Link,
    PageNotFound,
    crumbs_of_goal,
    goal_at,
    kept_query,
    listing_at,
    measure_at,
    neighbours,
    page_context,
    report_links,
    tree_for,
)
from kpis.presentation import (
    KIND_MEANINGS,
    amount,
    nothing_yet,
    row_of,
    value_of_year,
    values_outside,
)
from kpis.project_groups import rows_of_measure
from kpis.value_addresses import value_address
from reports.changes import changes_of_value


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


def _name_of(user_id: int | None) -> str:
    """Return a person's name; "" where nobody is named. Kept out of the tree: one page shows it."""
    if user_id is None:
        return ""
    return User.objects.values_list("full_name", flat=True).get(pk=user_id)


def _listing_page(request: HttpRequest, code: str, model: str, place: str) -> HttpResponse:
    tree = tree_for(request, code)
    listing = listing_at(tree, model, place)
    context = page_context(
        request,
        tree,
        crumbs=_crumbs(tree, listing),
        heading=listing.name,
        report=report_links(tree, goal=_goal_position(listing)),
        kind_of_listing=_kind_of_listing(tree, listing),
        listing=listing,
        indicator=listing.indicator,
        row=row_of(listing),
        rows=[row_of(listing, year) for year in tree.years],
        value_url=value_address(listing.url, tree.fiscal_year),
        outside=values_outside(listing),
        **_reading(listing),
        calculation=calculation_of(listing),
        chart=chart_of(listing),
        nothing_yet=nothing_yet(listing),
        others=_other_places(tree, listing),
        **_what_is_done(tree, listing),
        entry_address=_entry_address(request, tree, listing, tree.fiscal_year),
        **_evidence(request, tree, listing, tree.fiscal_year),
        pager=neighbours(tree, tree.listings, listing, "name"),
    )
    return render(request, "kpis/listing.html", context)


def _reading(listing: ListingNode) -> dict[str, str]:
    """Return how the target is read, as far as it is to be written for the page."""
    return {
        "confirmed_by": _name_of(listing.confirmed_by_id),
        "baseline": amount(listing, listing.baseline),
        "baseline_year": full_label(listing.baseline_year) if listing.baseline_year else "",
        "tolerance": amount(listing, listing.tolerance) if listing.tolerance else "",
        "kind_meaning": KIND_MEANINGS[listing.kind],
    }


def _other_places(tree: StrategyTree, listing: ListingNode) -> list[tuple[str, ListingNode]]:
    """Return the other listings of the same indicator, each with where it stands."""
    return [
        (_kind_of_listing(tree, other), other)
        for other in tree.listings
        if other.indicator is listing.indicator and other is not listing
    ]


def _what_is_done(tree: StrategyTree, listing: ListingNode) -> dict[str, Any]:
    """Return what is done for a listing: a KPI's measure, or the measures of a target's goal."""
    if listing.model == "kpi":
        measure = measure_at(tree, listing.place.rpartition("-")[0])
        return {
            "measure": measure,
            "projects": rows_of_measure(tree, measure),
            "project_sentence": project_sentence(count_projects(measure.projects)),
        }
    return {"goal": goal_at(tree, int(listing.place.partition("-")[0]))}


@require_safe
@readers_only
def target_value(request: HttpRequest, code: str, place: str, fiscal_year: int) -> HttpResponse:
    """The value of a 数値目標 for one year."""
    return _value_page(request, code, "numerictarget", place, fiscal_year)


@require_safe
@readers_only
def kpi_value(request: HttpRequest, code: str, place: str, fiscal_year: int) -> HttpResponse:
    """The value of a KPI for one year."""
    return _value_page(request, code, "kpi", place, fiscal_year)


def _value_page(
    request: HttpRequest, code: str, model: str, place: str, fiscal_year: int
) -> HttpResponse:
    tree = tree_for(request, code)
    listing = listing_at(tree, model, place)
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
        report=report_links(tree, goal=_goal_position(listing)),
        kind_of_listing=_kind_of_listing(tree, listing),
        indicator=indicator,
        stored=stored,
        value=value_of_year(listing, fiscal_year) or not_entered,
        ratio=_ratio(stored),
        changes=changes_of_value(
            indicator.pk, fiscal_year, until=tree.as_of, not_entered=not_entered
        ),
        entry_address=_entry_address(request, tree, listing, fiscal_year),
        **_evidence(request, tree, listing, fiscal_year),
    )
    context["year_links"] = _links_to_values(tree, listing, years, fiscal_year)
    return render(request, "kpis/value.html", context)


def _evidence(
    request: HttpRequest, tree: StrategyTree, listing: ListingNode, fiscal_year: int
) -> dict[str, Any]:
    """Return how many files of 根拠資料 there are; a page of the past says nothing of today's."""
    count = None
    if tree.as_of is None:
        count = count_shown(request.user, listing.indicator, fiscal_year)
    return {"evidence_count": count, "evidence_year": fiscal_year}


def _entry_address(
    request: HttpRequest, tree: StrategyTree, listing: ListingNode, fiscal_year: int
) -> str:
    """Return where the value of a year is entered; "" for who may not, and on pages of the past."""
    indicator = listing.indicator
    if tree.as_of is not None or not access.may_enter(request.user, indicator.entered_by_id):
        return ""
    return f"{reverse('entry_grid', args=[fiscal_year])}#row-{indicator.pk}"


def _years_with_values(tree: StrategyTree, listing: ListingNode) -> list[int]:
    """Return the years of the plan, and those for which a value is or was entered."""
    entered = Actual.history.filter(indicator_id=listing.indicator.pk).order_by()
    if tree.as_of is not None:
        entered = entered.filter(history_date__lt=end_of(tree.as_of))
    return sorted({*tree.years, *entered.values_list("fiscal_year_id", flat=True).distinct()})


def _stored(indicator_id: int, fiscal_year: int, as_of: date | None) -> Actual | None:
    """Return the value with those who entered and confirmed it, whom the tree does not name.

    With `as_of` it is the row of history that held at the end of that day.
    """
    actuals = Actual.objects if as_of is None else as_it_stood(Actual, as_of)
    found = actuals.filter(indicator_id=indicator_id, fiscal_year_id=fiscal_year)
    return found.select_related("entered_by", "confirmed_by").order_by().first()


def _ratio(stored: Actual | None) -> tuple[str, str] | None:
    """Return numerator and denominator of a value that was entered so; else None."""
    if stored is None or stored.denominator is None:
        return None
    return _plain(stored.numerator), _plain(stored.denominator)


def _plain(number: Decimal) -> str:
    return format_number(number, needed_decimals(number))


def _links_to_values(
    tree: StrategyTree, listing: ListingNode, years: list[int], current: int
) -> list[Link]:
    query = kept_query(tree)
    return [
        Link(full_label(year), value_address(listing.url, year) + query, year == current)
        for year in years
    ]


def _crumbs_of_value(tree: StrategyTree, listing: ListingNode, fiscal_year: int) -> list[Link]:
    *above, last = _crumbs(tree, listing)
    return [*above, Link(last.text, listing.url + kept_query(tree)), Link(full_label(fiscal_year))]


def _crumbs(tree: StrategyTree, listing: ListingNode) -> list[Link]:
    crumbs = crumbs_of_goal(tree, _goal_position(listing))
    if listing.model == "numerictarget":
        return [*crumbs, Link(f"数値目標{listing.mark}")]
    measure = measure_at(tree, listing.place.rpartition("-")[0])
    text = f"（{measure.group_symbol}）{measure.mark}"
    return [*crumbs, Link(text, measure.url + kept_query(tree)), Link("KPI")]


def _goal_position(listing: ListingNode) -> int:
    return int(listing.place.partition("-")[0])


def _kind_of_listing(tree: StrategyTree, listing: ListingNode) -> str:
    if listing.model == "numerictarget":
        return f"基本目標{listing.place.partition('-')[0]}の数値目標{listing.mark}"
    measure = measure_at(tree, listing.place.rpartition("-")[0])
    return (
        f"基本目標{measure.goal_position}（{measure.group_symbol}）{measure.mark}"
        f"{measure.title}の重要業績評価指標（ＫＰＩ）"
    )
