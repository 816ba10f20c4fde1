"""事業の実績: the list of a plan's projects for a year, and one project with its steps."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts import access
from accounts.decorators import allowed
from plans.nodes import StrategyTree
from plans.pages import Link, PageNotFound, kept_query
from reviews.models import ProjectYear
from reviews.pages import review_context, tree_of_review, year_of
from reviews.projects.form import EMPTY_MONEY, ProjectYearForm, choices_of_projects
from reviews.projects.years import (
    ProjectYearRow,
    sentence_of_projects,
    year_of_projects,
)
from reviews.recording import obstacle_of_year
from reviews.views.row_list import ListedRowsOfYear, RowList
from reviews.views.row_page import RowPage

HEADING = "事業の実績"


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(access.may_follow_entry)
def review_projects(request: HttpRequest, code: str) -> HttpResponse:
    """Show all projects of a year with their money and state; a POST moves several on."""
    tree = tree_of_review(request, code)
    found = year_of_projects(tree, request.user)
    obstacle = obstacle_of_year(year_of(tree), found.duties.strategy_id)
    listed = ListedRowsOfYear(ProjectYear, "review_projects", tree.words.project_short, _address)
    shown = RowList(request, tree, found.rows, found.duties, listed, obstacle)
    if request.method == "POST" and shown.moved():
        return redirect(_list_url(tree))
    context = review_context(
        request,
        tree,
        HEADING,
        sentence=sentence_of_projects(found.rows),
        obstacle=obstacle,
        **shown.context(),
    )
    if any(row.may_write for row in found.rows):
        query = kept_query(tree)
        context["grid"] = reverse("review_project_grid", args=[tree.code]) + query
        context["importing"] = reverse("review_project_import", args=[tree.code]) + query
    return render(request, "reviews/projects.html", context)


class ProjectPage(RowPage):
    """What is written of a project."""

    model = ProjectYear
    template = "reviews/project.html"
    list_name = "review_projects"
    list_heading = HEADING
    first_field = "id_done"

    def form(self, data: Any = None) -> ProjectYearForm:
        """Return the form of the results."""
        choices = choices_of_projects(self.duties.strategy_id)
        return ProjectYearForm(data, row=self.row, choices=choices)

    @property
    def heading(self) -> str:
        """The name of the project."""
        return str(self.row.name)

    def more(self, form: ProjectYearForm, *, may_write: bool) -> dict[str, Any]:
        """Return the texts to read."""
        return {"texts": _texts(form, self.row.kept_money) if self.row.stored else []}


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
    return ProjectPage(request, tree, year_of(tree), row, found.duties).answer()


def _texts(form: ProjectYearForm, kept_money: str) -> list[tuple[str, str]]:
    """Return what is stored, as labels with texts, without what is empty."""
    texts = [("登録されている金額", kept_money)]
    for name, field in form.fields.items():
        if name == EMPTY_MONEY:
            continue
        value = getattr(form.instance, name)
        shown = field.prepare_value(value)
        texts.append((str(field.label), "" if shown is None else str(shown)))
    return [(label, text) for label, text in texts if text]


def _list_url(tree: StrategyTree) -> str:
    return reverse("review_projects", args=[tree.code]) + kept_query(tree)


def _address(tree: StrategyTree, row: ProjectYearRow) -> str:
    return reverse("review_project", args=[tree.code, row.node.pk]) + kept_query(tree)
