"""The papers for the council and the assembly as workbooks: the same as on the pages."""

import io
import re
from dataclasses import replace
from datetime import UTC, datetime

import openpyxl
import pytest
from openpyxl.utils import get_column_letter

from plans.counting import count_by_band
from plans.nodes import StrategyTree
from plans.tree import read_tree
from reports import council_paper as council
from reports.assembly_paper import assembly_pages, assembly_workbook
from reports.council_paper import council_paper, council_workbook
from reports.review_workbook import review_workbook
from reports.sheets.cover import Facts
from tables.sheet_cells import row_height
from tests.factories import (
    load_city,
    make_actual,
    make_goal,
    make_kpi,
    make_measure,
    make_strategy,
    make_values,
)

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.slow]

_trees: dict[str, StrategyTree] = {}
MAKERS = [council_workbook, assembly_workbook]


@pytest.fixture(params=["nemuro_2015", "shiraho_2020"])
def tree(request) -> StrategyTree:
    """A plan with values of all sorts, read once: trees outlive the test's database."""
    if request.param not in _trees:
        strategy = load_city(request.param)
        make_values(strategy)
        _trees[request.param] = read_tree(strategy.code, strategy.first_fiscal_year + 2)
    return _trees[request.param]


def opened(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def texts(sheet) -> list[str]:
    return [str(cell) for row in sheet.values for cell in row if cell is not None]


@pytest.mark.parametrize("make", MAKERS)
def test_there_is_a_sheet_for_each_goal_that_says_what_it_is(tree, make):
    book = opened(make(tree))
    assert book.sheetnames == [f"基本目標{goal.position}" for goal in tree.goals]
    for sheet, goal in zip(book, tree.goals, strict=True):
        found = " ".join(texts(sheet)[:4])
        assert "効果検証（" in found
        assert ("試用環境です。実績値は架空のものです。" in found) == tree.invented
        assert goal.title in found
        assert "印刷日" in sheet.oddFooter.right.text


def test_the_council_gets_a3_landscape_with_every_listing(tree):
    book = opened(council_workbook(tree))
    for sheet, goal in zip(book, tree.goals, strict=True):
        assert sheet.page_setup.paperSize == "8" or sheet.page_setup.paperSize == 8
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.print_title_rows == "$1:$3"
        names = [row[1].value for row in sheet.iter_rows(min_row=4) if row[1].value]
        assert len(names) == len(goal.listings)
        for name, listing in zip(names, goal.listings, strict=True):
            assert listing.name in name
        found = texts(sheet)
        for listing in goal.listings:
            assert listing.assessment.explanation in found


def test_a_goal_that_is_readable_on_one_page_is_made_to_fit():
    kpi = make_kpi()
    [sheet] = opened(council_workbook(read_tree(kpi.strategy.code, 2015)))
    assert sheet.page_setup.fitToHeight in (1, None)


def test_a_goal_of_several_pages_is_not_made_smaller():
    measure = make_measure(make_goal())
    for _ in range(40):
        make_kpi(measure, name="名称の長い指標" * 8)
    [sheet] = opened(council_workbook(read_tree(measure.group.goal.strategy.code, 2015)))
    assert sheet.page_setup.fitToHeight == 0


def test_a_line_above_the_table_is_wrapped_where_it_is_longer_than_the_table():
    long = make_goal(title="長い名称の基本目標" * 20)
    make_goal(long.strategy, title="短い")
    first, second = opened(council_workbook(read_tree(long.strategy.code, 2015)))
    assert first["A2"].alignment.wrap_text
    assert str(first.merged_cells.sorted()[0]).startswith("A2:")
    assert first.row_dimensions[2].height > second.row_dimensions[2].height == 18
    assert not second["A2"].alignment.wrap_text


def test_page_and_sheet_of_the_council_have_the_same_cells(tree):
    book = opened(council_workbook(tree))
    for sheet, table in zip(book, council_paper(tree).tables, strict=True):
        lines = [line for group in table.groups for line in group.lines]
        for row, line in zip(sheet.iter_rows(min_row=4), lines, strict=False):
            for cell, (text, is_number) in zip(row[1:], line.texts, strict=True):
                if is_number:
                    assert isinstance(cell.value, int | float)
                else:
                    assert (cell.value or "") == text


def test_each_line_of_the_council_is_made_once_however_many_years_have_room(tree, monkeypatch):
    made = []
    row_of = council.row_of
    monkeypatch.setattr(council, "row_of", lambda one: made.append(one) or row_of(one))
    council_workbook(tree)
    assert len(made) == len(tree.listings)


def test_the_assembly_gets_upright_pages_for_each_goal(tree):
    for sheet in opened(assembly_workbook(tree)):
        assert sheet.page_setup.paperSize == 9
        assert sheet.page_setup.orientation == "portrait"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        # One page is what a workbook means where it says nothing; 0 is any number of them.
        assert sheet.page_setup.fitToWidth is None
        assert sheet.page_setup.fitToHeight in (None, 0)


def test_the_assembly_sees_counts_with_a_chart_of_them(tree):
    book = opened(assembly_workbook(tree))
    for sheet, goal in zip(book, tree.goals, strict=True):
        bands = count_by_band(goal.listings, tree.scale)
        header = next(row for row in sheet.iter_rows() if row[0].value == "判定")
        counts = [cell.value for cell in sheet[header[0].row + 1]][1:]
        assert counts == [band.count.total for band in bands]
        assert [cell.value for cell in header[1:]] == [f"{one.mark} {one.name}" for one in bands]
        assert len(sheet._charts) == 1
        assert len(sheet._charts[0].series) == sum(bool(count) for count in counts)


def test_the_assembly_reads_why_something_lags_and_what_goes_well(tree):
    book = opened(assembly_workbook(tree))
    for sheet, page in zip(book, assembly_pages(tree), strict=True):
        found = texts(sheet)
        for row in page.lagging.rows:
            assert any(text.startswith(row.explanation) for text in found)
        for row in (*page.targets, *page.lagging.rows, *page.good.rows):
            assert any(text.startswith(row.listing.name) for text in found)
        assert page.lagging.count + page.good.count <= page.count.total


def test_a_goal_without_anything_has_a_sheet_too():
    strategy = make_strategy()
    make_goal(strategy)
    make_kpi(make_measure(make_goal(strategy)), name="=1+1")
    tree = read_tree(strategy.code, 2017)
    for make in MAKERS:
        book = opened(make(replace(tree, invented=True)))
        assert "試用環境です。実績値は架空のものです。" in texts(book.worksheets[0])[1]
        assert len(book.sheetnames) == 2
        assert all(cell.data_type != "f" for sheet in book for row in sheet for cell in row)
    assert "判定できる指標は、まだありません。" in texts(
        opened(assembly_workbook(tree))["基本目標1"]
    )


@pytest.mark.parametrize("make", MAKERS)
def test_the_same_tree_gives_the_same_bytes(tree, make):
    assert make(tree) == make(tree)


def rows_of_text(sheet) -> dict[int, list[tuple[str, float]]]:
    """Return the texts of each row of a sheet with the widths of their cells."""
    merged = {area.start_cell.coordinate: area for area in sheet.merged_cells.ranges}
    found: dict[int, list[tuple[str, float]]] = {}
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, str):
                area = merged.get(cell.coordinate)
                columns = range(cell.column, (area.max_col if area else cell.column) + 1)
                wide = sum(
                    sheet.column_dimensions[get_column_letter(column)].width for column in columns
                )
                found.setdefault(cell.row, []).append((cell.value, wide * 7 / 12))
    return found


def year_workbook(tree: StrategyTree) -> bytes:
    return review_workbook(tree, facts=Facts("見本 花子", datetime(2020, 1, 1, tzinfo=UTC)))


@pytest.mark.parametrize("make", [*MAKERS, year_workbook])
def test_the_whole_of_a_long_remark_can_be_read_in_the_rows_of_the_paper(make):
    kpi = make_kpi()
    remark = "".join(f"{number:04d}件の理由、" for number in range(300))
    make_actual(kpi.indicator, 2016, 1, remarks=f"初めの一行。\n\n{remark}\n終わりの一行。")
    book = opened(make(read_tree(kpi.strategy.code, 2016)))
    sheet = book["KPI"] if "KPI" in book.sheetnames else book.worksheets[0]
    rows = rows_of_text(sheet)
    for cells in rows.values():
        assert row_height(cells, 0.99) < 409, cells
    found = re.sub(r"\s", "", "".join(text for cells in rows.values() for text, _ in cells))
    for number in range(300):
        assert f"{number:04d}件の理由" in re.sub("…（続きは.*?の続き：", "", found), number
    assert "終わりの一行。" in found
    assert ("…（続きは表の下の※1）" in found) == (make != assembly_workbook)
