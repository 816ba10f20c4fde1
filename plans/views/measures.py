"""The page of one 具体的施策, and all 具体的事業."""

from enum import StrEnum
from typing import TypeVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.encoding import escape_uri_path
from django.views.decorators.http import require_safe

from accounts import access
from accounts.decorators import allowed
from japanese.numerals import shown
from plans import counting
from plans.carried_conditions import parts_that_carry, project_conditions
from plans.conditions import conditions_in_words
from plans.kept_pages import kept_page
from plans.nodes import StrategyTree
from plans.notable import notable_among
from plans.pages import (
    Link,
    UnknownChoice,
    conditions_for,
    conditions_query,
    crumbs_of_goal,
    kept_query,
    measure_of_year,
    neighbours,
    page_context,
    report_links,
    tree_for,
)
from plans.panels import panels_of, rule_of
from plans.presentation import rows_of
from plans.project_groups import (
    By,
    Relisted,
    groups_by_goal,
    names_of,
    notes_on,
    relisted_names,
    rows_of_measure,
)


@require_safe
@allowed(access.may_read)
@kept_page
def measure(request: HttpRequest, code: str, place: str) -> HttpResponse:
    """Show one 具体的施策: its KPIs, judged for the year, and its projects."""
    tree, node = measure_of_year(request, code, place)
    bands = counting.count_by_band(node.kpis, tree.scale)
    panels = panels_of(node.kpis)
    context = page_context(
        request,
        tree,
        crumbs=[
            *crumbs_of_goal(tree, node.goal_position),
            Link(node.label),
        ],
        heading=f"{node.mark}{node.title}",
        report=report_links(tree, goal=node.goal_position),
        measure=node,
        bands=bands,
        sentence=counting.progress_sentence(counting.count_listings(node.kpis), bands),
        notable=notable_among(node.kpis),
        panels=panels,
        panels_rule=rule_of(panels),
        parts=[(node, rows_of(node.kpis))],
        projects=rows_of_measure(tree, node),
        project_sentence=counting.project_sentence(
            counting.count_projects(node.projects), tree.words
        ),
        pager=neighbours(tree, tree.measures, node, "title"),
    )
    return render(request, "plans/measure.html", context)


Choice = TypeVar("Choice", bound=StrEnum)


@require_safe
@allowed(access.may_read)
@kept_page
def projects(request: HttpRequest, code: str) -> HttpResponse:
    """Show all 具体的事業 in groups: ?by= is the criterion, ?relisted= how to show re-listings."""
    tree = tree_for(request, code)
    by = _chosen(request, tree, "by", By)
    relisted = _chosen(request, tree, "relisted", Relisted)
    conditions = conditions_for(request, tree, project_conditions(tree))
    shown = parts_that_carry(tree, conditions)
    address = escape_uri_path(request.path) + kept_query(tree)
    context = page_context(
        request,
        tree,
        heading=tree.words.project,
        crumbs=[Link(tree.words.project)],
        sentence=counting.project_sentence(counting.count_projects(shown.projects), tree.words),
        by_name=names_of(tree.words)[by],
        choices=_choices(tree, address + conditions_query(conditions), by, relisted),
        conditions=conditions,
        conditions_in_words=conditions_in_words(conditions),
        hidden_conditions={"by": by, "relisted": relisted},
        whole_url=address,
        shown=shown,
        notes=notes_on(shown, by, relisted),
        sections=groups_by_goal(shown, by, relisted),
    )
    return render(request, "plans/projects.html", context)


def _chosen(request: HttpRequest, tree: StrategyTree, name: str, values: type[Choice]) -> Choice:
    """Return the choice in the address; the default is the first value. Raises UnknownChoice."""
    text = request.GET.get(name, "") or next(iter(values))
    if text in list(values):
        return values(text)
    raise UnknownChoice(
        f"{tree.words.project}の表示の指定「{name}={shown(text)}」は使えません。次のリンクから選び直してください。",
        [
            Link(
                f"{tree.words.project}をすべて表示する",
                escape_uri_path(request.path) + kept_query(tree),
            )
        ],
    )


def _choices(
    tree: StrategyTree, address: str, by: By, relisted: Relisted
) -> list[tuple[str, list[Link]]]:
    """Return the links for both choices, one for each value."""
    return [
        (
            "まとめ方",
            [
                Link(name, f"{address}&by={value}&relisted={relisted}", value == by)
                for value, name in names_of(tree.words).items()
            ],
        ),
        (
            f"再掲の{tree.words.project_short}",
            [
                Link(name, f"{address}&by={by}&relisted={value}", value == relisted)
                for value, name in relisted_names(tree.words).items()
            ],
        ),
    ]
