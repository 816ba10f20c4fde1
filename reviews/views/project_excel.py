"""The Excel form of 事業の実績: download and import, as in entry/views/excel.py."""

from collections.abc import Collection, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import access
from accounts.answer_pages import lead_to
from accounts.decorators import allowed
from entry.excel.marking import marked_form
from entry.form_pages import FormFilesForm, FormPages
from entry.pages import FormAddresses
from indicators.models import FiscalYear
from japanese.row_numbers import row_number
from plans.nodes import StrategyTree
from plans.pages import Link, kept_query, review_label
from reviews.duties import strategy_id_of
from reviews.pages import review_context, tree_of_review, year_of
from reviews.projects.form import choices_of_projects
from reviews.projects.form_lines import form_of_projects, project_form_name
from reviews.projects.grid import ProjectGridRow, shown_projects
from reviews.projects.importing import ProjectImporter
from reviews.projects.sheet import write_project_form
from reviews.projects.years import year_of_projects
from reviews.recording import obstacle_of_year
from tables import file_making
from tables.import_pages import ImportForm
from tables.importing import Comparison
from trail.downloads import XLSX, OutgoingFile, download
from trail.history import Door


@require_GET
@allowed(access.may_enter_anything)
@file_making.answering
def review_project_form(request: HttpRequest, code: str) -> HttpResponseBase:
    """Send the form for one section (?section=), or for all projects that the user writes."""
    tree = tree_of_review(request, code)
    year = year_of(tree)
    rows = _own_rows(request, tree, _asked_section(request))
    if not rows:
        messages.warning(request, "入力が必要な事業はありません。")
        return redirect(_addresses(tree).start)
    form = form_of_projects(tree, rows)
    content, _ = file_making.make_rows(request, len(rows), write_project_form, form)
    return download(
        request,
        OutgoingFile(
            content,
            name=project_form_name(year.pk, rows),
            ascii_name=f"projects_{code}_{year.pk}.xlsx",
            content_type=XLSX,
        ),
        detail=f"{year}、{'・'.join(_names_of_sections(rows))}、{len(rows)}事業",
        door=Door.FORM,
    )


def _asked_section(request: HttpRequest) -> int | None:
    text = request.GET.get("section", "")
    if not text:
        return None
    number = row_number(text)
    if number is None:
        raise PermissionDenied
    return number


def _own_rows(
    request: HttpRequest, tree: StrategyTree, section: int | None = None
) -> list[ProjectGridRow]:
    found = year_of_projects(tree, request.user)
    own = [row for row in found.rows if row.may_write]
    choices = choices_of_projects(found.duties.strategy_id)
    rows = shown_projects(own, tree.fiscal_year, choices)
    return [row for row in rows if section in (None, row.section[0])]


def _names_of_sections(rows: Collection[ProjectGridRow]) -> list[str]:
    return list(dict.fromkeys(row.section[1] for row in rows))


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(access.may_enter_anything)
def review_project_import(request: HttpRequest, code: str) -> HttpResponse:
    """Ask for files; show what they would change, or what is wrong with them."""
    return ProjectImportPages(request, tree_of_review(request, code)).ask()


@require_POST
@allowed(access.may_enter_anything)
def review_project_import_apply(request: HttpRequest, code: str) -> HttpResponse:
    """Record what was confirmed, or show what is no longer valid."""
    tree = tree_of_review(request, code)
    lead_to(request, _addresses(tree).start)
    return ProjectImportPages(request, tree).confirm()


@require_POST
@allowed(access.may_enter_anything)
def review_project_import_marked(request: HttpRequest, code: str) -> HttpResponseBase:
    """Send the user's workbook with the faulty cells marked and commented."""
    tree = tree_of_review(request, code)
    return ProjectImportPages(request, tree).send_marked(
        marked_form,
        ascii_name=f"projects_{code}_{tree.fiscal_year}_marked.xlsx",
        detail=f"{year_of(tree)}、直すところに印を付けた事業の実績様式",
    )


class ProjectFilesForm(FormFilesForm):
    """Files of 事業の実績: unlike the form of values, without a field for the reason."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["reason"]


class ProjectImportPages(FormPages):
    """Both steps of the import of a year's forms."""

    def __init__(self, request: HttpRequest, tree: StrategyTree) -> None:
        super().__init__(request)
        self.tree = tree
        self.year: FiscalYear = year_of(tree)

    def importer(self, **said: str) -> ProjectImporter:
        return ProjectImporter(self.request.user, self.tree, self.year, dict(self.decisions))

    def form(self, *sent: Any) -> ProjectFilesForm:
        return ProjectFilesForm(self.importer().read, *sent)

    def page(
        self, form: ImportForm, comparisons: Sequence[Comparison] = (), **said: str
    ) -> HttpResponse:
        rows = [] if comparisons else _own_rows(self.request, self.tree)
        sections = dict(row.section for row in rows)
        obstacle = obstacle_of_year(self.year, strategy_id_of(self.tree))
        back = Link("事業の実績", _list_url(self.tree))
        context = review_context(
            self.request,
            self.tree,
            "Excel様式を取り込む",
            crumbs=[back],
            back=back,
            is_closed=bool(obstacle),
            above=f"事業の実績　{review_label(self.tree.fiscal_year)}",
            form=form,
            addresses=_addresses(self.tree),
            thing="事業",
            captions=("変更する事業", "新しく登録する事業"),
            sections=[{"pk": pk, "name": name} for pk, name in sections.items()]
            if len(sections) > 1
            else [],
            state_of_entry=obstacle,
            **self.compared(comparisons),
            **said,
        )
        return render(self.request, "reviews/project_import.html", context)

    def start(self) -> str:
        return _addresses(self.tree).start

    def done(self, summary: str) -> HttpResponse:
        messages.success(self.request, f"Excel様式を取り込みました（{summary}）。")
        return redirect(_list_url(self.tree))


def _addresses(tree: StrategyTree) -> FormAddresses:
    names = (
        "review_project_import",
        "review_project_import_apply",
        "review_project_import_marked",
        "review_project_form",
    )
    return FormAddresses(*(reverse(name, args=[tree.code]) + kept_query(tree) for name in names))


def _list_url(tree: StrategyTree) -> str:
    return reverse("review_projects", args=[tree.code]) + kept_query(tree)
