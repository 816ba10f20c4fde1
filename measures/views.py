"""The page of one 具体的施策, and all 具体的事業."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.decorators import readers_only
from kpis import counting
from kpis.pages import Link, crumbs_of_goal, measure_at, neighbours, page_context, tree_for
from kpis.presentation import rows_of
from measures.models import Project


@require_safe
@readers_only
def measure(request: HttpRequest, code: str, place: str) -> HttpResponse:
    """One 具体的施策: its KPIs judged for the year, and its projects."""
    tree = tree_for(request, code)
    node = measure_at(tree, place)
    bands = counting.count_by_band(node.kpis, tree.scale)
    context = page_context(
        request,
        tree,
        crumbs=[
            *crumbs_of_goal(tree, node.goal_position),
            Link(f"（{node.group_symbol}）{node.mark}"),
        ],
        heading=f"{node.mark}{node.title}",
        measure=node,
        bands=bands,
        sentence=counting.progress_sentence(counting.count_listings(node.kpis), bands),
        rows=rows_of(node.kpis),
        project_sentence=counting.project_sentence(counting.count_projects(node.projects)),
        pager=neighbours(tree, tree.measures, node, "title"),
    )
    return render(request, "measures/measure.html", context)


@require_safe
@readers_only
def projects(request: HttpRequest, code: str) -> HttpResponse:
    """All 具体的事業 by measure."""
    tree = tree_for(request, code)
    categories = [
        (
            label if value else "継続（空欄）",
            counting.count_projects(p for p in tree.projects if p.category == value),
        )
        for value, label in Project.Category.choices
    ]
    context = page_context(
        request,
        tree,
        heading="具体的事業",
        crumbs=[Link("具体的事業")],
        sentence=counting.project_sentence(counting.count_projects(tree.projects)),
        categories=categories,
    )
    return render(request, "measures/projects.html", context)
