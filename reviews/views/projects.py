"""事業の実績: the list of a plan's projects for a year, and one project with its steps."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts import access
from accounts.decorators import allowed
from entry.answer_steps import NOTHING_ASKED, Asked
from plans.nodes import StrategyTree
from plans.pages import Link, PageNotFound, kept_query
from reviews.answering import (
    WrittenRow,
    steps_of_row,
    store,
    store_and_step,
    typed_texts,
)
from reviews.measure_form import SEEN
from reviews.models import ProjectYear, State
from reviews.pages import review_context, tree_of_review, year_of
from reviews.project_form import ProjectYearForm, choices_of_projects
from reviews.project_years import (
    ProjectYearRow,
    YearOfProjects,
    sentence_of_projects,
    year_of_projects,
)
from reviews.recording import obstacle_of_year

HEADING = "事業の実績"


@require_safe
@allowed(access.may_follow_entry)
def review_projects(request: HttpRequest, code: str) -> HttpResponse:
    """Show all projects of a year with the state of what is written, and their money."""
    tree = tree_of_review(request, code)
    found = year_of_projects(tree, request.user)
    context = review_context(
        request,
        tree,
        HEADING,
        rows=[(row, _address(tree, row)) for row in found.rows],
        sentence=sentence_of_projects(found.rows),
        obstacle=obstacle_of_year(year_of(tree), found.duties.strategy_id),
    )
    if any(row.may_write for row in found.rows):
        query = kept_query(tree)
        context["grid"] = reverse("review_project_grid", args=[tree.code]) + query
        context["importing"] = reverse("review_project_import", args=[tree.code]) + query
    return render(request, "reviews/projects.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(access.may_follow_entry)
def review_project(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Show what is written of a project; a POST stores it or moves it on."""
    tree = tree_of_review(request, code)
    found = year_of_projects(tree, request.user)
    row = found.row(pk)
    if row is None:
        raise PageNotFound(
            f"{tree.title}のこの年度に、その{tree.words.project_short}はありません。",
            [Link(f"{HEADING}の一覧へ", _list_url(tree))],
        )
    if request.method != "POST":
        return _page(request, tree, found, row, _form(found, row))
    if not access.may_enter_anything(request.user):
        raise PermissionDenied
    if "step" in request.POST:
        return _step(request, tree, found, row)
    if not row.may_write:
        raise PermissionDenied
    return _store(request, tree, found, row)


def _step(
    request: HttpRequest, tree: StrategyTree, found: YearOfProjects, row: ProjectYearRow
) -> HttpResponse:
    """Move results on, with the same buttons as a value."""
    form = _form(found, row, request.POST) if row.may_write and SEEN in request.POST else None
    if row.stored is None:
        return _page(request, tree, found, row, form or _form(found, row))
    about = WrittenRow(ProjectYear, row.stored, year_of(tree), found.duties, _steps(request, row))
    asked = store_and_step(request, about, form)
    if asked is None:
        return redirect(_list_url(tree))
    return _page(request, tree, found, row, form or _form(found, row), asked)


def _store(
    request: HttpRequest, tree: StrategyTree, found: YearOfProjects, row: ProjectYearRow
) -> HttpResponse:
    form = _form(found, row, request.POST)
    if store(request, ProjectYear, year_of(tree), (row.stored, found.duties), form):
        return redirect(request.get_full_path())
    return _page(request, tree, found, row, form)


def _form(found: YearOfProjects, row: ProjectYearRow, data: Any = None) -> ProjectYearForm:
    return ProjectYearForm(data, row=row, choices=choices_of_projects(found.duties.strategy_id))


def _steps(request: HttpRequest, row: ProjectYearRow) -> Any:
    return steps_of_row(request.user, row.stored, may_write=row.may_write)


def _page(
    request: HttpRequest,
    tree: StrategyTree,
    found: YearOfProjects,
    row: ProjectYearRow,
    form: ProjectYearForm,
    asked: Asked = NOTHING_ASKED,
) -> HttpResponse:
    obstacle = obstacle_of_year(year_of(tree), found.duties.strategy_id)
    stays = row.state == State.CONFIRMED and not access.may_change_confirmed(request.user)
    may_write = row.may_write and not obstacle and not stays
    context = review_context(
        request,
        tree,
        row.node.name,
        crumbs=[Link(HEADING, _list_url(tree))],
        row=row,
        form=form,
        texts=_texts(form) if row.stored else [],
        seen_field=SEEN,
        may_write=may_write,
        first_fault="id_done" if may_write else "unsaved",
        unsaved=[] if may_write else typed_texts(form),
        obstacle=obstacle,
        steps=_steps(request, row),
        asked=asked,
        problem_of=dict(asked.problems),
        problems=[(f"#{field}", text) for field, text in asked.problems],
    )
    return render(request, "reviews/project.html", context)


def _texts(form: ProjectYearForm) -> list[tuple[str, str]]:
    """Return what is stored, as labels with texts, without what is empty."""
    texts = []
    for name, field in form.fields.items():
        value = getattr(form.instance, name)
        shown = field.prepare_value(value)
        texts.append((str(field.label), "" if shown is None else str(shown)))
    return [(label, text) for label, text in texts if text]


def _list_url(tree: StrategyTree) -> str:
    return reverse("review_projects", args=[tree.code]) + kept_query(tree)


def _address(tree: StrategyTree, row: ProjectYearRow) -> str:
    return reverse("review_project", args=[tree.code, row.node.pk]) + kept_query(tree)
