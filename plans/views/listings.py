"""The page of one 数値目標 or KPI."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import access
from accounts.decorators import allowed
from accounts.models import User
from japanese.fiscal_years import era_label, full_label
from plans.charting import chart_of
from plans.counting import count_projects, project_sentence
from plans.kept_pages import kept_page
from plans.listing_pages import (
    crumbs_of_listing,
    entry_address,
    evidence_links,
    kind_of_listing,
)
from plans.nodes import KPI_MODEL, ListingNode, StrategyTree
from plans.other_plans import listings_elsewhere
from plans.outlooks import shown_outlook, shown_planning_outlook
from plans.pages import (
    goal_at,
    listing_of_year,
    neighbours,
    page_context,
    part_above,
    report_links,
)
from plans.presentation import (
    amount,
    kind_meaning,
    nothing_yet,
    row_of,
    target_year_in_words,
    values_outside,
)
from plans.project_groups import rows_of_measure
from plans.revised_targets import changes_of_target
from plans.revision_table import steps_of, why_ended
from plans.value_addresses import value_address
from plans.written_calculation import calculation_of
from plans.years_around import rows_around, years_outside


@require_safe
@allowed(access.may_read)
@kept_page
def listing_page(request: HttpRequest, code: str, place: str, model: str) -> HttpResponse:
    """Show one 数値目標 or 重要業績評価指標."""
    tree, listing = listing_of_year(request, code, model, place)
    elsewhere = listings_elsewhere(tree, listing)
    around = years_outside(listing, elsewhere)
    changes = changes_of_target(listing)
    context = page_context(
        request,
        tree,
        crumbs=crumbs_of_listing(tree, listing),
        heading=listing.name_alone,
        report=report_links(tree, goal=listing.goal_position),
        kind_of_listing=kind_of_listing(tree, listing),
        listing=listing,
        indicator=listing.indicator,
        row=row_of(listing),
        rows=[(row_of(listing, year), changes.get(year, "")) for year in listing.period],
        has_later_values=any(year > tree.fiscal_year for year in listing.indicator.values),
        value_url=value_address(listing.url, tree.fiscal_year),
        **rows_around(listing, around),
        outside=values_outside(listing, around.words),
        outside_label=("計画に載せる前の値、" if listing.first_year else "") + "計画期間の外の値",
        **_reading(listing),
        outlook=shown_outlook(listing),
        planning_outlook=shown_planning_outlook(listing),
        calculation=calculation_of(listing),
        chart=chart_of(listing, around),
        nothing_yet=nothing_yet(listing),
        others=_other_places(tree, listing),
        same_sentence=[one for one in tree.listings if is_other_part(one, listing)],
        elsewhere=elsewhere,
        steps=steps_of(tree, listing),
        revised_label=era_label(listing.revised_from) if listing.revised_from else "",
        ending_reason=why_ended(listing),
        last_year_label=full_label(listing.last_year) if listing.last_year else "",
        **_what_is_done(tree, listing),
        entry_address=entry_address(request, tree, listing, tree.fiscal_year),
        **evidence_links(request, tree, listing, tree.fiscal_year),
        pager=neighbours(tree, tree.listings, listing, "name"),
    )
    return render(request, "plans/listing.html", context)


def is_other_part(one: ListingNode, listing: ListingNode) -> bool:
    """Return whether a listing has another number of the same sentence."""
    return one is not listing and bool(one.part) and one.sentence_place == listing.sentence_place


def _reading(listing: ListingNode) -> dict[str, str]:
    """Return the formatted parts of the target's reading, by their names in the template."""
    return {
        "confirmed_by": _name_of(listing.confirmed_by_id),
        "baseline": amount(listing, listing.baseline),
        "baseline_year": full_label(listing.baseline_year) if listing.baseline_year else "",
        "tolerance": amount(listing, listing.tolerance) if listing.tolerance else "",
        "kind_meaning": kind_meaning(listing),
        "target_year": target_year_in_words(listing),
    }


def _name_of(user_id: int | None) -> str:
    """Return a person's name; "" for None. Not part of the tree: only this page shows it."""
    if user_id is None:
        return ""
    return User.objects.values_list("full_name", flat=True).get(pk=user_id)


def _other_places(tree: StrategyTree, listing: ListingNode) -> list[tuple[str, ListingNode]]:
    """Return the other listings of the same indicator, each with its location."""
    return [
        (kind_of_listing(tree, other), other)
        for other in tree.listings
        if other.indicator is listing.indicator and other is not listing
    ]


def _what_is_done(tree: StrategyTree, listing: ListingNode) -> dict[str, Any]:
    """Return the measures behind a listing: a KPI's measure, or those of a target's goal."""
    if listing.model == KPI_MODEL:
        measure = part_above(tree, listing)
        return {
            "measure": measure,
            "projects": rows_of_measure(tree, measure),
            "project_sentence": project_sentence(count_projects(measure.projects), tree.words),
        }
    return {"goal": goal_at(tree, listing.goal_position)}
