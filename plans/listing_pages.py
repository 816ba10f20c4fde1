"""What the page of a 数値目標 or KPI and the page of one of its values have in common."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from accounts import access
from indicators.evidence.lists import count_shown
from plans.nodes import NUMERIC_TARGET, ListingNode, StrategyTree
from plans.pages import Link, crumbs_of_goal, kept_query, measure_at


def kind_of_listing(tree: StrategyTree, listing: ListingNode) -> str:
    """Return what a listing is and of which goal or measure, for the line above its heading."""
    if listing.model == NUMERIC_TARGET:
        return f"基本目標{listing.goal_position}の数値目標{listing.mark}"
    measure = measure_at(tree, listing.place_above)
    return f"{measure.label_in_plan}{measure.title}の重要業績評価指標（ＫＰＩ）"


def crumbs_of_listing(tree: StrategyTree, listing: ListingNode) -> list[Link]:
    """Return the way to a listing, from its goal down; the last link is the page itself."""
    crumbs = crumbs_of_goal(tree, listing.goal_position)
    if listing.model == NUMERIC_TARGET:
        return [*crumbs, Link(f"数値目標{listing.mark}")]
    measure = measure_at(tree, listing.place_above)
    return [*crumbs, Link(measure.label, measure.url + kept_query(tree)), Link("KPI")]


def entry_address(
    request: HttpRequest, tree: StrategyTree, listing: ListingNode, fiscal_year: int
) -> str:
    """Return where the value of a year is entered; "" for who may not, and on pages of the past."""
    indicator = listing.indicator
    if tree.as_of is not None or not access.may_enter(request.user, indicator.entered_by_id):
        return ""
    return f"{reverse('entry_grid', args=[fiscal_year])}#row-{indicator.pk}"


def evidence_links(
    request: HttpRequest, tree: StrategyTree, listing: ListingNode, fiscal_year: int
) -> dict[str, Any]:
    """Return how many files of 根拠資料 there are; a page of the past says nothing of today's."""
    count = None
    if tree.as_of is None:
        count = count_shown(request.user, listing.indicator, fiscal_year)
    return {"evidence_count": count, "evidence_year": fiscal_year}
