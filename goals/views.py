"""The overview of a strategy, its list as printed in the plan, and the page of one 基本目標."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.decorators import readers_only
from kpis import counting
from kpis.charts import Part, stacked_bar
from kpis.nodes import GoalNode, MeasureNode, StrategyTree
from kpis.pages import (
    Link,
    goal_at,
    neighbours,
    page_context,
    period_sentence,
    review_label,
    tree_for,
)
from kpis.presentation import rows_of

BAR_WIDTH = 200


@require_safe
@readers_only
def overview(request: HttpRequest, code: str) -> HttpResponse:
    """How all listings stand in one year: one sentence, counts by goal, and the table."""
    tree = tree_for(request, code)
    count = counting.count_listings(tree.listings)
    bands = counting.count_by_band(tree.listings, tree.scale)
    context = page_context(
        request,
        tree,
        heading=review_label(tree.fiscal_year),
        period_sentence=period_sentence(tree),
        count=count,
        bands=bands,
        bar=_bar(bands),
        sentence=counting.progress_sentence(count, bands),
        goals=[_goal_parts(tree, goal) for goal in tree.goals],
        other_strategies=[
            Link(title, reverse("overview", args=[other])) for other, title in tree.others
        ],
    )
    return render(request, "goals/overview.html", context)


@require_safe
@readers_only
def plan_list(request: HttpRequest, code: str) -> HttpResponse:
    """The whole list in the order and wording of the plan."""
    tree = tree_for(request, code)
    context = page_context(
        request, tree, crumbs=[Link("一覧")], heading=f"{tree.title} 基本目標、施策等一覧"
    )
    return render(request, "goals/plan_list.html", context)


@require_safe
@readers_only
def goal(request: HttpRequest, code: str, position: int) -> HttpResponse:
    """One 基本目標: its numeric targets, and how its measures stand."""
    tree = tree_for(request, code)
    node = goal_at(tree, position)
    parts = _goal_parts(tree, node)
    context = page_context(
        request,
        tree,
        heading=f"基本目標{node.position} {node.title}",
        crumbs=[Link(f"基本目標{node.position}")],
        goal=parts,
        sentence=counting.progress_sentence(parts["count"], parts["bands"]),
        groups=[
            (group, [_measure_parts(tree, measure) for measure in group.measures])
            for group in node.groups
        ],
        pager=neighbours(tree, tree.goals, node, "title"),
    )
    return render(request, "goals/goal.html", context)


def _goal_parts(tree: StrategyTree, node: GoalNode) -> dict:
    """Return a goal with its counts, bar and rows, the latter by where they are listed."""
    bands = counting.count_by_band(node.listings, tree.scale)
    return {
        "node": node,
        "count": counting.count_listings(node.listings),
        "bands": bands,
        "bar": _bar(bands),
        "target_rows": rows_of(node.numeric_targets),
        "measures": [(measure, rows_of(measure.kpis)) for measure in node.measures],
    }


def _measure_parts(tree: StrategyTree, node: MeasureNode) -> tuple:
    """Return a measure with the counts of its KPIs and of its projects."""
    projects = counting.project_sentence(counting.count_projects(node.projects))
    return node, counting.count_by_band(node.kpis, tree.scale), projects


def _bar(bands: Sequence[counting.BandCount]) -> tuple[Part, ...]:
    return stacked_bar([(band.band, band.count.total) for band in bands], BAR_WIDTH)
