"""Cells are read with result and formula in one pass, as openpyxl reads them in two."""

import io
from datetime import date

import openpyxl
import pytest

from tables.sheets import NOT_COMPUTED, ShownCell, Span, read_sheets
from tables.uploads import accept
from tests.hostile_workbooks import STYLES, workbook

pytestmark = pytest.mark.files

DATES = STYLES.replace("<cellXfs><xf/>", '<cellXfs><xf/><xf numFmtId="14"/><xf numFmtId="9"/>')


def sheet_of(rows: str, **parts: str):
    return read_sheets(accept("a.xlsx", workbook(rows, styles=DATES, **parts)))[0]


def texts(sheet, row: int) -> dict[int, str]:
    return {column: sheet.cell(row, column).text for column in sheet.rows.get(row, {})}


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("<c><v>12.5</v></c>", "12.5"),
        ('<c s="2"><v>0.3</v></c>', "30%"),
        ('<c s="9"><v>7</v></c>', "7"),
        ('<c t="s"><v>1</v></c>', "漁船"),
        ('<c t="b"><v>1</v></c>', "はい"),
        ('<c t="str"><f>A1</f><v>港</v></c>', "港"),
        ('<c t="inlineStr"><is><t>港</t></is></c>', "港"),
        ('<c t="inlineStr"><is><t xml:space="preserve"> 港 </t></is></c>', "港"),
        ('<c t="inlineStr"><is><r><t>漁</t></r><r><rPr><b/></rPr><t>港</t></r></is></c>', "漁港"),
        ('<c t="inlineStr"><is><t>港</t><rPh sb="0" eb="1"><t>ミナト</t></rPh></is></c>', "港"),
        ('<c t="inlineStr"><is><t/></is></c>', ""),
        ('<c t="d"><v>2026-04-01</v></c>', "2026-04-01"),
    ],
)
def test_every_type_of_cell_is_read(cell, text):
    sheet = sheet_of(f'<row r="2">{cell}</row>', strings="<si><t>鮭</t></si><si><t>漁船</t></si>")
    assert texts(sheet, 2) == {1: text}


def test_a_day_is_a_day():
    assert sheet_of('<row r="2"><c s="1"><v>43191</v></c></row>').cell(2, 1).day == date(2018, 4, 1)


def test_positions_are_optional_and_empty_cells_keep_their_place():
    rows = (
        '<row><c s="1"/><c><v>1</v></c><c r="E2" s="1"/><c><v>2</v></c><c/>'
        '<c t="inlineStr"><is><t>港</t></is></c></row>'
        '<row r="5"><c r="C5"><v>3</v></c></row><row/><row><c><v>4</v></c></row>'
    )
    sheet = sheet_of(rows)
    assert texts(sheet, 2) == {2: "1", 6: "2", 8: "港"}
    assert texts(sheet, 5) == {3: "3"}
    assert sorted(sheet.rows) == [1, 2, 5, 7]


def test_content_of_another_type_than_the_cell_says_is_ignored():
    assert texts(sheet_of('<row r="2"><c><is><t>港</t></is></c></row>'), 2) == {}


def test_formulas_are_stored_with_their_results():
    rows = (
        '<row r="2"><c r="A2"><f t="shared" ref="A2:A3" si="0">B2+1</f><v>2</v></c>'
        '<c r="B2"><f>1/</f></c><c r="C2" t="str"><f>IF(A1="","",1)</f><v></v></c></row>'
        '<row r="3"><c r="A3"><f t="shared" si="0"/><v>3</v></c></row>'
    )
    sheet = sheet_of(rows)
    assert sheet.formulas == {
        (2, 1): "=B2+1",
        (2, 2): "=1/",
        (2, 3): '=IF(A1="","",1)',
        (3, 1): "=",
    }
    assert sheet.shared == {(3, 1): (2, 1)}
    assert sheet.cell(2, 2) == NOT_COMPUTED
    assert sheet.cell(2, 3) == ShownCell("")
    assert texts(sheet, 3) == {1: "3"}


def test_merged_cells_are_known_and_columns_far_to_the_right_are_not_read():
    far = '<row r="2"><c r="GR2"><v>1</v></c><c r="GS2"><f>A1</f><v>2</v></c></row>'
    sheet = sheet_of(far, after='<mergeCells><mergeCell ref="B2:C4"/></mergeCells>')
    assert sheet.merged == [Span(2, 2, 4, 3)]
    assert (texts(sheet, 2), sheet.formulas) == ({200: "1"}, {})


def test_openpyxl_reads_the_same():
    book = openpyxl.Workbook()
    sheet = book.active
    for number in range(1, 40):
        row = [f"指標{number % 7}", number / 8, None, number % 2 == 0, date(2026, 4, 1), ""]
        for column, value in enumerate(row, number % 3 + 1):
            sheet.cell(2 * number, column).value = value
        sheet.cell(2 * number, 9).number_format = "0.0%"
    stream = io.BytesIO()
    book.save(stream)
    read = read_sheets(accept("a.xlsx", stream.getvalue()))[0]
    again = openpyxl.load_workbook(stream)[sheet.title]
    held = {
        (c.row, c.column): c.value for row in again.iter_rows() for c in row if c.value is not None
    }
    assert held.keys() == {(row, column) for row, cells in read.rows.items() for column in cells}
    for place, value in held.items():
        if isinstance(value, str):
            assert read.cell(*place).text == value
        elif not isinstance(value, bool | date):
            assert float(read.cell(*place).text) == value
