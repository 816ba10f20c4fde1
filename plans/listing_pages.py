"""What the page of a 数値目標 or KPI shares with the pages of its values."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from accounts import access
from indicators.evidence.lists import count_shown
from plans.nodes import NUMERIC_TARGET, ListingNode, StrategyTree
from plans.pages import Link, crumbs_of_goal, kept_query, part_above


def kind_of_listing(tree: StrategyTree, listing: ListingNode) -> str:
    """Return the line above the heading: the kind of listing and its goal or measure."""
    if listing.model == NUMERIC_TARGET:
        return f"{listing.goal_label}の{tree.words.numeric_target}{listing.mark}"
    above = part_above(tree, listing)
    return f"{above.label_in_plan}{above.title}の{tree.words.kpi}"


def crumbs_of_listing(tree: StrategyTree, listing: ListingNode) -> list[Link]:
    """Return the breadcrumbs of a listing, from its goal down; the last is the page itself."""
    crumbs = crumbs_of_goal(tree, listing.goal_position)
    if listing.model == NUMERIC_TARGET:
        return [*crumbs, Link(f"{tree.words.numeric_target}{listing.mark}")]
    above = part_above(tree, listing)
    if not above.is_direct:
        crumbs.append(Link(above.label, above.url + kept_query(tree)))
    return [*crumbs, Link(tree.words.kpi_short)]


def entry_address(
    request: HttpRequest, tree: StrategyTree, listing: ListingNode, fiscal_year: int
) -> str:
    """Return the address for entering a year's value; "" without the right and in past views."""
    indicator = listing.indicator
    entering = indicator.in_time.duty(fiscal_year).entering_id
    if tree.as_of is not None or not access.may_enter(request.user, entering):
        return ""
    return f"{reverse('entry_grid', args=[fiscal_year])}#row-{indicator.pk}"


def evidence_links(
    request: HttpRequest, tree: StrategyTree, listing: ListingNode, fiscal_year: int
) -> dict[str, Any]:
    """Return the number of files of 根拠資料; None in past views, which must not show today's."""
    count = None
    if tree.as_of is None:
        count = count_shown(request.user, listing.indicator, fiscal_year)
    return {"evidence_count": count, "evidence_year": fiscal_year}
