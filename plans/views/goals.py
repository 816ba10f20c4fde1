"""The overview of a strategy, its list as printed in the plan, and the page of one 基本目標."""

from collections.abc import Sequence
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import access
from accounts.decorators import allowed
from indicators.plan_states import PlanState
from plans import counting
from plans.carrying import carried_conditions, parts_that_carry
from plans.conditions import conditions_in_words
from plans.nodes import ListingNode, MeasureNode, StrategyTree
from plans.notable import notable_among
from plans.outlooks import OUTLOOK_RULE, count_outlooks
from plans.overview import summary_of
from plans.pages import (
    Link,
    ReportLinks,
    conditions_for,
    goal_of_year,
    kept_query,
    neighbours,
    page_context,
    period_sentence,
    report_links,
    review_label,
    selection_for,
    tree_for,
)
from plans.panels import panels_of, rule_of
from plans.presentation import JudgedRow, rows_of
from plans.selection import Selection


@require_safe
@allowed(access.may_read)
def overview(request: HttpRequest, code: str) -> HttpResponse:
    """Show the summary and the table of a year; with conditions, only the matching listings."""
    tree = tree_for(request, code)
    selection = selection_for(request, tree)
    context = page_context(
        request,
        tree,
        heading=review_label(tree.fiscal_year),
        selection=selection,
    )
    if selection.is_used:
        return _selected(request, tree, selection, context)
    context |= {
        "summary": summary_of(tree),
        "period_sentence": period_sentence(tree),
        "tables": _tables(tree, tree.listings),
        "other_strategies": [
            Link(other.title, reverse("overview", args=[other.code])) for other in tree.others
        ],
        "making": _making(request, tree),
        "today": timezone.localdate(),
    }
    return render(request, "plans/overview.html", context)


def _making(request: HttpRequest, tree: StrategyTree) -> list[Link]:
    """Return what planning can make of the plan as it is now."""
    if tree.as_of or not access.may_revise(request.user):
        return []
    address = f"{reverse('plan_form')}?{urlencode({'plan': tree.code})}"
    form = Link("計画様式（Excel）を受け取る", address)
    if tree.state == PlanState.DRAFT:
        return [form, Link("直した計画様式を取り込む", reverse("plan_workbook"))]
    return [Link("次期計画を作る", reverse("next_plan", args=[tree.code])), form]


def _selected(
    request: HttpRequest, tree: StrategyTree, selection: Selection, context: dict
) -> HttpResponse:
    """Show the listings that meet the conditions, and their count."""
    found = [listing for listing in tree.listings if selection.matches(listing)]
    count, whole = counting.count_listings(found), counting.count_listings(tree.listings)
    context |= {
        "count": count,
        "whole": whole,
        "bands": counting.count_by_band(found, tree.scale),
        "tables": _tables(tree, found),
        "crumbs": [Link("概要", context["overview_url"]), Link("条件に合う指標")],
    }
    context["report"] = _report_on(tree, selection)
    return render(request, "plans/selected.html", context)


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


@require_safe
@allowed(access.may_read)
def plan_list(request: HttpRequest, code: str) -> HttpResponse:
    """Show the whole list in the order and wording of the plan."""
    tree = tree_for(request, code)
    conditions = conditions_for(request, tree, carried_conditions(tree))
    context = page_context(
        request,
        tree,
        crumbs=[Link("一覧")],
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
