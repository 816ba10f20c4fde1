"""Every workbook prints in letters of 8 points or more, whatever the length of the plan.

The sizes are computed from what the file says, as a program computes them that prints it: widths of
columns, paper, margins, scale and fonts.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from unittest.mock import patch

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse
from openpyxl.utils import range_boundaries
from openpyxl.worksheet.merge import MergedCellRange
from openpyxl.worksheet.worksheet import Worksheet

from accounts.models import User
from accounts.roles import Role
from goals.models import Strategy
from plans.nodes import StrategyTree
from plans.tree import read_tree
from reports import data_files
from reports.report_files import FILES
from reports.sheets.cover import Facts
from reviews.editions.errata import errata_workbook
from reviews.models import Edition
from tables.sheet_cells import HELP_SHEET, text_width
from tables.table_files import table_workbook, write_sheet
from tests.entry.excel_forms import form_for
from tests.factories import load_city, make_fiscal_year, make_user, make_values

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.slow]

LEAST = 8
INCHES = {8: (11.69, 16.54), 9: (8.27, 11.69)}
PLANS = {
    "five years": ("nemuro_2015", 2019),
    "seven years": ("shiraho_2020", 2026),
    "twenty years": ("shiraho_2020", 2039),
}
_books: dict[str, dict[str, openpyxl.Workbook]] = {}


def tree_of(plan: str) -> StrategyTree:
    """Return a plan with values of all sorts, judged in the middle of its period."""
    city, last = PLANS[plan]
    strategy = load_city(city)
    strategy.last_fiscal_year = last
    strategy.save()
    make_values(strategy)
    make_fiscal_year(strategy.first_fiscal_year + 2)
    return read_tree(strategy.code, (strategy.first_fiscal_year + last) // 2)


def bytes_of(tree: StrategyTree) -> dict[str, bytes]:
    facts = Facts("監査", datetime(2026, 10, 1, tzinfo=UTC))
    found = {file.name: file.make(tree, facts) for file in FILES.values()}
    for data in (data_files.all_values(tree), data_files.all_actuals(tree)):
        with data_files.written(data, tree, "xlsx") as file:
            file.seek(0)
            found[data.name] = file.read()
    planning = make_user(Role.PLANNING)
    return (
        found
        | {"様式": form_for(planning, tree.period.first + 2)}
        | of_the_years_end(tree, planning)
    )


def of_the_years_end(tree: StrategyTree, planning: User) -> dict[str, bytes]:
    """Return the workbooks of the year's end that are not among the reports."""
    client = Client()
    client.force_login(planning)
    found = {}
    for name in ("review_project_form", "review_sheets_form", "review_edition_draft_xlsx"):
        answer = client.get(reverse(name, args=[tree.code]), {"year": tree.fiscal_year})
        found[name] = answer.getvalue()
    edition = Edition.objects.create(
        strategy=Strategy.objects.get(code=tree.code), fiscal_year_id=tree.fiscal_year, number=1,
        decided_on=date(2026, 10, 1), document_number="第1号", data="{}",
    )  # fmt: skip
    for number in range(1, 40):
        edition.errata.create(
            number=number, place=f"{number}ページ" * 20, wrong="誤" * 90, right="正" * 90,
            entered_on=date(2026, 11, 30), reason="転記の誤り。" * 9,
        )  # fmt: skip
    return found | {"正誤表": errata_workbook(edition)}


@pytest.fixture(params=PLANS)
def books(request) -> dict[str, openpyxl.Workbook]:
    """All workbooks of a plan, made once."""
    if request.param not in _books:
        # Each merged cell would get the borders of its neighbours, which are not asked for here.
        with patch.object(MergedCellRange, "format"):
            _books[request.param] = {
                name: openpyxl.load_workbook(io.BytesIO(content))
                for name, content in bytes_of(tree_of(request.param)).items()
            }
    return _books[request.param]


@dataclass
class Print:
    """What a program that prints knows about a sheet; sizes in points."""

    sheet: Worksheet

    @property
    def paper(self) -> tuple[float, float]:
        """Width and height between the margins."""
        setup, margins = self.sheet.page_setup, self.sheet.page_margins
        across, down = INCHES[int(setup.paperSize)]
        if setup.orientation == "landscape":
            across, down = down, across
        return (
            (across - margins.left - margins.right) * 72,
            (down - margins.top - margins.bottom) * 72,
        )

    @property
    def area(self) -> tuple[int, int]:
        """The last printed column and row."""
        if self.sheet.print_area:
            _, _, column, row = range_boundaries(self.sheet.print_area.split("!")[-1])
            return column, row
        return self.sheet.max_column, self.sheet.max_row

    def widths(self) -> list[float]:
        """The widths of the printed columns."""
        found = {}
        for dimension in self.sheet.column_dimensions.values():
            for index in range(dimension.min, dimension.max + 1):
                found[index] = 0 if dimension.hidden else dimension.width * 7 * 0.75
        return [found.get(index, 48) for index in range(1, self.area[0] + 1)]

    def heights(self) -> list[float]:
        rows = range(1, self.area[1] + 1)
        return [self.sheet.row_dimensions[row].height or 15 for row in rows]

    def pages(self) -> list[float]:
        """The width of each page side by side, with the repeated columns."""
        widths = self.widths()
        breaks = [b.id for b in self.sheet.col_breaks.brk if b.id < len(widths)]
        repeated = 0.0
        if self.sheet.print_title_cols:
            repeated = sum(widths[: range_boundaries(self.sheet.print_title_cols)[2]])
        edges = [0, *breaks, len(widths)]
        return [
            sum(widths[first:last]) + (repeated if first else 0) for first, last in pairwise(edges)
        ]

    def scale(self) -> float:
        setup, (across, down) = self.sheet.page_setup, self.paper
        fitted = self.sheet.sheet_properties.pageSetUpPr
        if not (fitted and fitted.fitToPage):
            return (setup.scale or 100) / 100
        found = min(1, across / sum(self.widths()))
        if setup.fitToHeight != 0:
            found = min(found, down / sum(self.heights()))
        return found

    def smallest_font(self) -> float:
        cells = (cell for row in self.sheet.iter_rows() for cell in row)
        return min(cell.font.sz for cell in cells if cell.value is not None)


def each_sheet(books: dict[str, openpyxl.Workbook], check: Callable[[Print], object]) -> dict:
    """Return what a check finds on each sheet, without what is falsy."""
    found = {
        f"{name}/{sheet.title}": check(Print(sheet))
        for name, book in books.items()
        for sheet in book
        if sheet.sheet_state == "visible"  # no program prints the others
    }
    return {place: answer for place, answer in found.items() if answer}


def test_nothing_is_printed_under_eight_points(books):
    def too_small(sheet: Print) -> float | None:
        points = sheet.smallest_font() * sheet.scale()
        return None if points >= LEAST else round(points, 2)

    assert each_sheet(books, too_small) == {}


def test_pages_side_by_side_hold_their_columns(books):
    def too_wide(sheet: Print) -> list[float]:
        room = sheet.paper[0] / sheet.scale()
        return [width for width in sheet.pages() if width > room + 0.01]

    assert each_sheet(books, too_wide) == {}


def test_nothing_below_the_titles_runs_over_the_columns_on_each_page(books):
    """It would be printed again on each page beside the first."""

    def twice(sheet: Print) -> list[str]:
        columns, rows = sheet.sheet.print_title_cols, sheet.sheet.print_title_rows
        if not (columns and sheet.sheet.col_breaks.brk):
            return []
        repeated, titles = range_boundaries(columns)[2], int(rows.rpartition("$")[2])
        return [
            str(one)
            for one in sheet.sheet.merged_cells.ranges
            if one.min_row > titles and one.min_col <= repeated < one.max_col
        ]

    assert each_sheet(books, twice) == {}


def test_no_text_runs_beyond_the_last_column(books):
    """It would be printed as well, and all would be made smaller to fit its width."""

    def too_long(sheet: Print) -> list[str]:
        widths = sheet.widths()
        if sheet.sheet.print_area or not sheet.sheet.sheet_properties.pageSetUpPr:
            return []  # anything beyond is not printed, or on a page of its own
        merged = {cell for one in sheet.sheet.merged_cells.ranges for cell in one.cells}
        return [
            f"{cell.coordinate} {cell.value[:20]}"
            for row in sheet.sheet.iter_rows()
            for cell in row
            if isinstance(cell.value, str)
            and not (cell.alignment.wrap_text or cell.data_type == "f")
            and (cell.row, cell.column) not in merged
            and text_width(cell.value) * cell.font.sz > sum(widths[cell.column - 1 :]) * 1.02
        ]

    assert each_sheet(books, too_long) == {}


@pytest.mark.parametrize("books", ["five years"], indirect=True)
@pytest.mark.parametrize("name", ["数値目標", "KPI"])
def test_the_listings_of_five_years_are_one_page_wide(books, name):
    assert books["検証報告書"][name].col_breaks.brk == []


def test_numbers_are_not_made_smaller_to_fit_their_cells(books):
    def shrunk(sheet: Print) -> list[str]:
        merged = {str(one).split(":")[0]: one for one in sheet.sheet.merged_cells.ranges}
        widths, found = sheet.widths(), []
        for cell in (cell for row in sheet.sheet.iter_rows() for cell in row):
            if isinstance(cell.value, int | float) and cell.alignment.shrink_to_fit:
                area = merged.get(cell.coordinate)
                last = area.max_col if area else cell.column
                places = len(cell.number_format.split(";")[0].partition(".")[2].rstrip("_ "))
                digits = len(f"{cell.value:,.{places}f}")
                if digits * 7 * 0.75 > sum(widths[cell.column - 1 : last]):
                    found.append(cell.coordinate)
        return found

    assert each_sheet(books, shrunk) == {}


def test_every_table_repeats_its_header_and_says_on_which_page_it_is(books):
    def lacking(sheet: Print) -> bool:
        foot = sheet.sheet.oddFooter
        texts = (foot.left.text, foot.center.text, foot.right.text)
        numbered = any("&P" in text for text in texts if text)
        is_help = sheet.sheet.title == HELP_SHEET
        return not is_help and not (sheet.sheet.print_title_rows and numbered)

    # A 評価シート has no table; its foot names the measure.
    tables = {name: book for name, book in books.items() if name != "review_sheets_form"}
    assert each_sheet(tables, lacking) == {}


def test_only_headers_of_sheets_for_the_screen_are_printed_with_the_workbook(books):
    """Of 177 pages of a city's report, 160 were these."""
    book = books["検証報告書"]
    areas = {sheet.title: sheet.print_area for sheet in book if sheet.print_area}
    rows = {
        "計算": 5, "前年度の計算": 5, "データ": 1, "コード表": 1, "メタデータ": 1, "変更履歴": 3,
    }  # fmt: skip
    assert list(areas) == list(rows)
    for name, area in areas.items():
        assert Print(book[name]).area[1] == rows[name], area
        assert Print(book[name]).sheet.max_row > rows[name] or name == "変更履歴"
        assert "見出しだけを印刷します" in book[name].oddHeader.left.text
        assert "印刷範囲のクリア" in book[name].oddHeader.left.text


def test_both_tables_of_the_summary_have_their_header_on_every_page(books):
    sheet = books["検証報告書"]["総括表"]
    assert sheet.print_title_rows == "$1:$3"
    assert [cell.value for cell in sheet[3]][:3] == ["項目", "名称", "指標数"]
    titles = [cell.row for cell in sheet["A"] if cell.value in ("基本目標別", "施策別")]
    for row in titles:
        assert all(isinstance(cell.value, str) for cell in sheet[row + 1][2:])
        assert sheet.cell(row + 1, 3).value.startswith("=COUNTIFS(")


def test_any_table_is_split_over_readable_pages():
    file = io.BytesIO()
    with table_workbook(file, "表", small=True) as book:
        write_sheet(book, "表", [f"長い見出しの列{n}" for n in range(60)], [["値" * 40] * 60])
    [sheet] = openpyxl.load_workbook(file)
    printed = Print(sheet)
    assert printed.smallest_font() * printed.scale() >= LEAST
    assert len(printed.pages()) > 5
    assert max(printed.pages()) * printed.scale() <= printed.paper[0]
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.print_title_cols == "$A:$A"


def test_papers_say_which_years_they_leave_out(books, request):
    many = "twenty" in request.node.name
    for name in ("評価シート", "有識者会議資料"):
        texts = [str(c) for sheet in books[name] for row in sheet.values for c in row if c]
        assert any("読みやすい大きさで印刷するため" in text for text in texts) >= many
