"""評価シート: downloaded with what is stored, and imported again in two steps."""

from collections.abc import Sequence
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
from accounts.models import Section
from entry.form_pages import FormPages
from entry.pages import FormAddresses
from indicators.models import FiscalYear
from japanese.row_numbers import row_number
from plans.nodes import StrategyTree
from plans.pages import Link, kept_query
from reviews.measures.evaluations import MeasureRow, YearOfMeasures, year_of_measures
from reviews.measures.sheets.comparing import MeasureSheetsImporter
from reviews.measures.sheets.contents import own_rows
from reviews.measures.sheets.marking import has_cells_to_mark, marked_sheets
from reviews.measures.sheets.writing import measure_sheets_of, sheets_name, write_sheets
from reviews.pages import review_context, tree_of_review, year_of
from reviews.recording import obstacle_of_year
from tables import file_making
from tables.import_pages import FilesInput, ImportForm
from tables.importing import Comparison
from trail.downloads import XLSX, OutgoingFile, download
from trail.history import Door

HEADING = "評価シート"


@require_GET
@allowed(access.may_enter_anything)
@file_making.answering
def review_sheets_form(request: HttpRequest, code: str) -> HttpResponseBase:
    """Send the sheets of a section (?section=), of one measure (?measure=), or all of the user."""
    tree = tree_of_review(request, code)
    year = year_of(tree)
    found = year_of_measures(tree, request.user)
    asked, section = _asked(request, found)
    rows = own_rows(asked)
    if not rows:
        messages.warning(request, "入力するシートがありません。")
        return redirect(_start(tree))
    if obstacle := obstacle_of_year(year, found.duties.strategy_id):
        messages.warning(request, obstacle)
        return redirect(_start(tree))
    of = measure_sheets_of(request.user, tree, found, rows)
    content, _ = file_making.make_rows(request, len(rows), write_sheets, of)
    return download(
        request,
        OutgoingFile(
            content,
            name=sheets_name(tree, rows, section),
            ascii_name=f"evaluation_{tree.fiscal_year}.xlsx",
            content_type=XLSX,
        ),
        detail=f"{tree.title}、{year}、{len(rows)}枚",
        door=Door.FORM,
    )


def _asked(request: HttpRequest, found: YearOfMeasures) -> tuple[Sequence[MeasureRow], str]:
    """Return the measures that the address asks for, and the name of the section in it, if any."""
    if place := request.GET.get("measure", ""):
        row = found.row(place)
        if row is None or not row.may_write:
            raise PermissionDenied
        return [row], ""
    if text := request.GET.get("section", ""):
        section = Section.objects.filter(pk=row_number(text) or 0).first()
        if section is None:
            raise PermissionDenied
        return _of_section(found, section.pk), section.name
    return found.rows, ""


def _of_section(found: YearOfMeasures, section_id: int) -> list[MeasureRow]:
    return [row for row in found.rows if section_id in found.duties.sections(row.pk)]


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(access.may_enter_anything)
def review_sheets(request: HttpRequest, code: str) -> HttpResponse:
    """Ask for filled-in sheets; show what they would change, or what is wrong with them."""
    return _pages(request, code).ask()


@require_POST
@allowed(access.may_enter_anything)
def review_sheets_apply(request: HttpRequest, code: str) -> HttpResponse:
    """Record what was confirmed, or show what is no longer valid."""
    pages = _pages(request, code)
    lead_to(request, pages.start())
    return pages.confirm()


@require_POST
@allowed(access.may_enter_anything)
def review_sheets_marked(request: HttpRequest, code: str) -> HttpResponseBase:
    """Send the user's workbook with the faulty cells marked and commented."""
    pages = _pages(request, code)
    return pages.send_marked(
        marked_sheets,
        ascii_name=f"evaluation_{pages.year.pk}_marked.xlsx",
        detail=f"{pages.year}、直すところに印を付けた評価シート",
    )


def _addresses(tree: StrategyTree) -> FormAddresses:
    names = ("review_sheets", "review_sheets_apply", "review_sheets_marked", "review_sheets_form")
    return FormAddresses(*(reverse(name, args=[tree.code]) + kept_query(tree) for name in names))


def _start(tree: StrategyTree) -> str:
    return _addresses(tree).start


def _pages(request: HttpRequest, code: str) -> "SheetsPages":
    tree = tree_of_review(request, code)
    return SheetsPages(request, tree, year_of(tree))


class SheetsForm(ImportForm):
    """One or several workbooks at once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        file = self.fields["file"]
        file.widget = FilesInput(attrs={"accept": ".xlsx"})
        file.help_text = (
            "入力した評価シート（.xlsx）。いくつかのファイルを、一度に選ぶこともできます。"
        )
        del self.fields["reason"]


class SheetsPages(FormPages):
    """Both steps of the import of 評価シート."""

    def __init__(self, request: HttpRequest, tree: StrategyTree, year: FiscalYear) -> None:
        super().__init__(request)
        self.tree, self.year = tree, year

    def importer(self, **said: str) -> MeasureSheetsImporter:
        return MeasureSheetsImporter(self.request.user, self.tree, self.year, dict(self.decisions))

    def form(self, *sent: Any) -> SheetsForm:
        return SheetsForm(self.importer().read, *sent)

    def page(
        self, form: ImportForm, comparisons: Sequence[Comparison] = (), **said: str
    ) -> HttpResponse:
        found = year_of_measures(self.tree, self.request.user)
        list_url = reverse("review_measures", args=[self.tree.code]) + kept_query(self.tree)
        context = review_context(
            self.request,
            self.tree,
            HEADING,
            crumbs=[Link("内部評価", list_url)],
            form=form,
            obstacle=obstacle_of_year(self.year, found.duties.strategy_id),
            own=own_rows(found.rows),
            sections=self._sections(found),
            addresses=_addresses(self.tree),
            handed_out="シート",
            mine="シートの",
            **self.compared(comparisons),
            **said,
        )
        return render(self.request, "reviews/sheets.html", context)

    def _sections(self, found: YearOfMeasures) -> list[Section]:
        """Return the sections whose sheets the user may download; [] if there is only one."""
        asked = {pk for row in own_rows(found.rows) for pk in found.duties.sections(row.pk)}
        if not access.may_enter_for_every_section(self.request.user):
            asked &= set(access.sections_of(self.request.user))
        sections = list(Section.objects.filter(pk__in=asked))
        return sections if len(sections) > 1 else []

    def start(self) -> str:
        return _start(self.tree)

    def done(self, summary: str) -> HttpResponse:
        messages.success(self.request, f"評価シートを取り込みました（{summary}）。")
        return redirect(reverse("review_measures", args=[self.tree.code]) + kept_query(self.tree))

    def can_mark(self, comparison: Comparison) -> bool:
        return has_cells_to_mark(comparison)
