"""The overview of a strategy, its list as printed in the plan, and the page of one 基本目標."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import access
from accounts.decorators import allowed
from indicators.plan_states import PlanState
from plans import counting
from plans.carried_conditions import carried_conditions, parts_that_carry
from plans.conditions import conditions_in_words
from plans.kept_pages import kept_page
from plans.nodes import MeasureNode, StrategyTree
from plans.notable import notable_among
from plans.outlooks import OUTLOOK_RULE, count_outlooks
from plans.overview import AT_MOST_ON_A_SCREEN, summary_of
from plans.pages import (
    MAP,
    OVER_YEARS,
    PLAN_AS_PRINTED,
    Link,
    conditions_for,
    goal_of_year,
    kept_query,
    list_address,
    map_links,
    neighbours,
    page_context,
    period_sentence,
    report_links,
    review_label,
    tree_for,
)
from plans.panels import panels_of, rule_of
from plans.plan_map import LEGEND, MONITOR_MARK, map_over_years, plan_map
from plans.presentation import rows_of
from plans.sections import own_sections
from plans.selection import asks_for_listings


@require_safe
@allowed(access.may_read)
@kept_page
def overview(request: HttpRequest, code: str) -> HttpResponse:
    """Show the summary of a year. With conditions, redirect: their listings used to be here."""
    if asks_for_listings(request.GET):
        return redirect(reverse("listings", args=[code], query=request.GET))
    tree = tree_for(request, code)
    context = page_context(request, tree, heading=review_label(tree.fiscal_year))
    mapped = plan_map(tree)
    over_years = request.GET.get(MAP) == OVER_YEARS
    context |= {
        "summary": summary_of(tree, AT_MOST_ON_A_SCREEN, mapped.compared),
        "period_sentence": period_sentence(tree),
        "listings_url": list_address(tree),
        "has_listings": bool(tree.listings),
        "map": mapped,
        "years_map": map_over_years(tree) if over_years else None,
        "map_links": map_links(tree, over_years=over_years),
        "legend": LEGEND,
        "monitor_mark": MONITOR_MARK,
        "as_of": f"&{urlencode({'as_of': tree.as_of})}" if tree.as_of else "",
        "other_strategies": [
            Link(other.title, reverse("overview", args=[other.code])) for other in tree.others
        ],
        "making": _making(request, tree),
        "own_sections": _own_sections(request, tree),
        "today": timezone.localdate(),
    }
    return render(request, "plans/overview.html", context)


def _own_sections(request: HttpRequest, tree: StrategyTree) -> list[tuple[int, str]]:
    """Return the sections of users who enter values, for the links to their own pages."""
    if not access.may_enter_anything(request.user):
        return []
    return own_sections(tree, access.sections_of(request.user))


def _making(request: HttpRequest, tree: StrategyTree) -> list[Link]:
    """Return what planning can make of the plan as it is now."""
    if tree.as_of or not access.may_revise(request.user):
        return []
    address = f"{reverse('plan_form')}?{urlencode({'plan': tree.code})}"
    form = Link("計画様式（Excel）を受け取る", address)
    if tree.state == PlanState.DRAFT:
        return [form, Link("直した計画様式を取り込む", reverse("plan_workbook"))]
    return [Link("次期計画を作る", reverse("next_plan", args=[tree.code])), form]


@require_safe
@allowed(access.may_read)
@kept_page
def plan_list(request: HttpRequest, code: str) -> HttpResponse:
    """Show the whole list in the order and wording of the plan."""
    tree = tree_for(request, code)
    conditions = conditions_for(request, tree, carried_conditions(tree))
    context = page_context(
        request,
        tree,
        crumbs=[Link(PLAN_AS_PRINTED)],
        conditions=conditions,
        conditions_in_words=conditions_in_words(conditions),
        whole_url=f"{tree.base_url}list/{kept_query(tree)}",
        shown=parts_that_carry(tree, conditions),
        heading=f"{tree.title} {tree.words.goal}、{tree.words.measure_short}等一覧",
        may_revise=access.may_revise(request.user),
    )
    return render(request, "plans/plan_list.html", context)


@require_safe
@allowed(access.may_read)
@kept_page
def goal(request: HttpRequest, code: str, position: int) -> HttpResponse:
    """Show one 基本目標: its numeric targets and the state of its measures."""
    tree, node = goal_of_year(request, code, position)
    bands = counting.count_by_band(node.listings, tree.scale)
    panels = panels_of(node.listings)
    context = page_context(
        request,
        tree,
        heading=f"{node.label} {node.title}",
        report=report_links(tree, goal=node.position),
        crumbs=[Link(node.label)],
        goal=node,
        bands=bands,
        sentence=counting.progress_sentence(counting.count_listings(node.listings), bands),
        outlooks=count_outlooks(tree, node.listings, goal=node.position),
        outlook_rule=OUTLOOK_RULE,
        notable=notable_among(node.listings),
        panels=panels,
        panels_rule=rule_of(panels),
        parts=[
            (place, rows_of(listings))
            for place, listings in [
                (None, node.numeric_targets),
                *((m, m.kpis) for m in node.parts),
            ]
            if listings
        ],
        groups=[
            (
                group,
                [_measure_line(tree, one) for one in group.measures if not one.is_direct],
            )
            for group in node.groups
        ],
        pager=neighbours(tree, tree.goals, node, "title"),
    )
    return render(request, "plans/goal.html", context)


def _measure_line(tree: StrategyTree, node: MeasureNode) -> tuple:
    """Return a measure with the counts of its KPIs by band and together, and of its projects."""
    projects = counting.project_sentence(counting.count_projects(node.projects), tree.words)
    bands = counting.count_by_band(node.kpis, tree.scale)
    return node, bands, counting.count_listings(node.kpis), projects
