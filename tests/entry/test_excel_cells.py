"""Cells are read as people see them; ambiguous ones are refused, never misread."""

import io
import zipfile
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from entry.excel.columns import FILLED, Header
from entry.excel.filling import fill_up
from indicators.rules.typed_numbers import read_typed_number
from indicators.typed_values import read_typed
from tables import uploads
from tables.sheets import ShownCell, read_sheets
from tests.entry.excel_forms import Paper, line, made, read
from tests.entry.rows import make_row

pytestmark = pytest.mark.files

NOTHING = dict.fromkeys(FILLED, "")


def cell_with(value: Any, number_format: str = "General", header: str = "VALUE") -> ShownCell:
    """Return a cell of a form as it is read. The form is opened once: each call empties it."""
    paper = form_in_excel()
    cells = paper.cell("来館者数", Header[header]), paper.cell("来館者数", Header.VALUE)
    usual = [cell.number_format for cell in cells]
    paper.fill("来館者数", **{header: value})
    cells[1].number_format = number_format
    try:
        [row] = read(paper.saved()).rows
    finally:
        for cell, cell.number_format in zip(cells, usual, strict=True):
            cell.value = None
    return row.cells[header.lower()]


@cache
def form_in_excel() -> Paper:
    return Paper(made(line()))


def written(write: Any) -> ShownCell:
    """The first cell of a sheet that XlsxWriter wrote: formulas with results beside them."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        write(book, book.add_worksheet())
    return read_sheets(uploads.accept("a.xlsx", stream.getvalue()))[0].cell(1, 1)


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (1234, "General", "1234"),
        (1234.5, "#,##0.0", "1234.5"),
        (-5, '#,##0;"▲"#,##0', "-5"),
        (0.1 + 0.2, "General", "0.3"),
        (1e-7, "General", "0.0000001"),
        (123456789012.25, "General", "123456789012.25"),
        (0.123, "0.0%", "12.3%"),
        (0.3, "0%", "30%"),
        (1, "0%", "100%"),
        (0.123, '0.0"%"', "0.123"),
        ("１，２３４", "General", "１，２３４"),
        ("12.3", "@", "12.3"),
        ("  12\u3000", "General", "12"),
        ("'-5", "General", "-5"),
        (True, "General", "はい"),
        (False, "General", "いいえ"),
    ],
)
def test_a_cell_is_what_people_see(value, number_format, text):
    assert cell_with(value, number_format) == ShownCell(text)


@pytest.mark.parametrize("number_format", ["#,##0,", "0.0,,", '0"万"', '#,##0"千円"', "0百万"])
def test_a_number_shown_in_another_size_is_refused(number_format):
    assert "表示形式を「標準」に戻し" in cell_with(1234567, number_format).fault


@pytest.mark.parametrize("number_format", ["#,##0", "[Red]#,##0", "#,##0.00_ ", '0"人"'])
def test_a_number_shown_unchanged_is_read(number_format):
    assert cell_with(1234, number_format) == ShownCell("1234")


@pytest.mark.parametrize("typed", [date(2026, 9, 1), datetime.fromisoformat("2026-09-01")])
def test_a_month_that_excel_turned_into_a_date_is_that_month(typed):
    cell = cell_with(typed, header="EXPECTED_MONTH")
    cells = dict.fromkeys(FILLED, ShownCell())
    cells |= {"availability": ShownCell("未公表"), "expected_month": cell}
    assert fill_up(cells, NOTHING).texts["expected_month"] == "2026-09"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        (date(2026, 1, 2), "2026-01-02"),
        (datetime.fromisoformat("2026-01-02T03:04"), "2026-01-02 03:04:00"),
    ],
)
def test_a_value_that_excel_turned_into_a_date_is_recognised_as_a_date(typed, shown):
    assert cell_with(typed, "yyyy/m/d") == ShownCell(shown, day=date(2026, 1, 2))


def test_a_time_is_not_a_number():
    assert cell_with(time(12, 30), "h:mm").text == "12:30:00"


def test_a_formula_is_its_result():
    assert written(lambda b, s: s.write_formula(0, 0, "=40+5", None, 45)) == ShownCell("45")


def test_a_formula_in_a_percent_cell_is_the_percentage():
    def write(book, sheet):
        sheet.write_formula(0, 0, "=1/8", book.add_format({"num_format": "0.0%"}), 0.125)

    assert written(write) == ShownCell("12.5%")


@pytest.mark.parametrize(
    ("result", "number_format", "text"),
    [
        (19.9019607843137, "0.0", "19.9"),
        (4.625, "0.0", "4.6"),
        (4.65, "#,##0.0", "4.7"),
        (0.199019607843137, "0.0%", "19.9%"),
        (1234.5, "#,##0", "1235"),
        (4.625, "General", "4.625"),
        (4.6, "0.00", "4.6"),
        (-4.65, '0.0;"▲"0.0', "-4.7"),
    ],
)
def test_a_result_has_the_digits_that_people_see(result, number_format, text):
    def write(book, sheet):
        sheet.write_formula(0, 0, "=A9", book.add_format({"num_format": number_format}), result)
        sheet.write(8, 0, 1)

    assert written(write) == ShownCell(text)


def test_a_calculated_number_that_was_pasted_has_the_digits_that_people_see():
    assert cell_with(19.9019607843137, "0.0") == ShownCell("19.9")
    assert cell_with(19.9019607843137, "0.0%") == ShownCell("1990.2%")
    assert cell_with(4.625, "0.0").text == "4.625", "typed so by somebody"


@pytest.mark.parametrize(
    "formula", ["=集計!C9", "='集計'!$C$9", "=集計!C9+集計!C10", "=SUM(集計!C9:C12)", "=B1", "=+B1"]
)
def test_a_formula_that_refers_to_empty_cells_only_is_asked_about(formula):
    def write(book, sheet):
        sheet.write_formula(0, 0, formula, None, 0)
        book.add_worksheet("集計").write(0, 0, "見出し")

    found = written(write)
    assert found.text == "0"
    assert "参照しているセルが空欄のため、0と表示されています。" in found.fault


def test_a_chain_of_formulas_that_ends_in_an_empty_cell_is_asked_about():
    def write(book, sheet):
        sheet.write_formula(0, 0, "=集計!C9", None, 0)
        totals = book.add_worksheet("集計")
        totals.write_formula(8, 2, "=SUM(内訳!B2:B4)", None, 0)
        details = book.add_worksheet("内訳")
        details.write_formula(1, 1, "=D2", None, 0)
        details.write(0, 3, "人数")

    assert "参照しているセルが空欄のため、0と表示されています。" in written(write).fault


@pytest.mark.parametrize("end", [0, "=5-5", "=C9"])
def test_a_chain_of_formulas_that_ends_in_a_real_0_or_in_itself_is_0(end):
    def write(book, sheet):
        sheet.write_formula(0, 0, "=集計!C9", None, 0)
        totals = book.add_worksheet("集計")
        totals.write_formula(8, 2, "=B1", None, 0)
        totals.write(0, 1, end)

    assert written(write) == ShownCell("0")


def test_formulas_that_were_filled_down_are_read_as_each_cell_shows_them():
    """As Excel stores them: only the first cell has the formula."""
    stream, copied = io.BytesIO(), io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet, totals = book.add_worksheet(), book.add_worksheet("集計")
        for row in range(3):
            sheet.write_formula(row, 0, f"=集計!$C{row + 9}", None, 0)
        totals.write(9, 2, 0)
    with zipfile.ZipFile(stream) as old, zipfile.ZipFile(copied, "w") as new:
        for name in old.namelist():
            text = old.read(name).replace(b"<f>", b'<f t="shared" ref="A1:A3" si="0">', 1)
            for row in (10, 11):
                formula = f"<f>集計!$C{row}</f>".encode()
                text = text.replace(formula, b'<f t="shared" si="0"/>')
            new.writestr(name, text)
    first, *_ = read_sheets(uploads.accept("a.xlsx", copied.getvalue()))
    assert ["空欄のため" in first.cell(row, 1).fault for row in (1, 2, 3)] == [True, False, True]


@pytest.mark.parametrize("formula", ["=集計!C9", "=集計!C8+集計!C9", "=SUM(集計!C8:C12)", "=5-5"])
def test_a_formula_that_gives_a_real_0_is_0(formula):
    def write(book, sheet):
        sheet.write_formula(0, 0, formula, None, 0)
        book.add_worksheet("集計").write(8, 2, 0)

    assert written(write) == ShownCell("0")


@pytest.mark.parametrize("result", ["<v></v>", "<v/>", ""])
def test_a_formula_that_gives_an_empty_text_is_an_empty_cell(result):
    """As Excel and LibreOffice store =IF(B1="","",B1); XlsxWriter cannot write it."""
    stream, copied = io.BytesIO(), io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        book.add_worksheet().write_formula(0, 0, '=IF(B1="","",B1)', None, "nothing")
    with zipfile.ZipFile(stream) as old, zipfile.ZipFile(copied, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"<v>nothing</v>", result.encode()))
    [sheet] = read_sheets(uploads.accept("a.xlsx", copied.getvalue()))
    assert sheet.cell(1, 1) == ShownCell()


def test_a_formula_without_result_is_refused_with_a_remedy():
    cell = cell_with("=40+5")
    assert "計算結果が、ファイルに保存されていません" in cell.fault
    assert "値を入力してください" in cell.fault


def test_an_error_of_excel_is_refused_by_name():
    assert "「#DIV/0!」" in cell_with("#DIV/0!").fault


def test_a_formula_that_failed_is_refused():
    assert "「#N/A」" in written(lambda b, s: s.write_formula(0, 0, "=NA()", None, "#N/A")).fault


def test_a_file_is_read_once_and_another_file_again():
    files = [
        uploads.accept("a.xlsx", made(line())),
        uploads.accept("b.xlsx", made(line(name="読書会の数"))),
    ]
    first, other = (read_sheets(file) for file in files)
    assert read_sheets(files[0])[0] is first[0]
    assert other[0].rows != first[0].rows


def test_letters_in_several_colours_are_one_text():
    text = CellRichText("台風の", TextBlock(InlineFont(b=True), "ため"))
    assert cell_with(text, header="REMARKS") == ShownCell("台風のため")


def entry_of(cell: ShownCell, **indicator: Any) -> Any:
    row = make_row(decimals=4, minimum=None, **indicator)
    cells = {name: cell if name == "value" else ShownCell() for name in FILLED}
    assert not cell.fault
    reading = read_typed(fill_up(cells, NOTHING).typed, row)
    assert reading.faults == {}
    return reading.entry


NUMBERS = st.decimals(
    min_value=-(10**10), max_value=10**10, allow_nan=False, allow_infinity=False, places=4
).map(lambda number: Decimal(str(float(number))) if number else Decimal(0))  # fmt: skip
FULL_WIDTH = str.maketrans("0123456789,.-+%", "０１２３４５６７８９，．－＋％")


def typed_in_some_way(number: Decimal, way: str) -> tuple[Any, str]:
    """Return the cell's content and format after somebody typed the number this way."""
    plain = f"{abs(number):f}"
    sign = "▲" if number < 0 else ""
    if way == "number":
        return float(number), "General"
    if way == "with separators":
        return float(number), '#,##0.####;"▲"#,##0.####'
    if way == "text":
        return f"{number:f}", "@"
    if way == "commas":
        return f"{sign}{abs(number):,f}", "General"
    return (sign + plain).translate(FULL_WIDTH), "General"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    number=NUMBERS,
    way=st.sampled_from(["number", "with separators", "text", "commas", "full width"]),
)
def test_any_number_typed_in_any_accepted_way_is_read_as_itself(number, way):
    number = number.quantize(Decimal("0.0001")).normalize()
    value, number_format = typed_in_some_way(number, way)
    assert entry_of(cell_with(value, number_format)).value == number


@settings(max_examples=40, deadline=None)
@given(hundredths=st.integers(min_value=0, max_value=10_000))
def test_a_percentage_is_read_as_it_is_shown(hundredths):
    percent = Decimal(hundredths) / 100
    cell = cell_with(float(percent / 100), "0.00%")
    assert entry_of(cell, unit="％").value == percent


@settings(max_examples=40, deadline=None)
@given(text=st.text(st.sampled_from("0123456789,.▲-+%約万 程度人"), min_size=1, max_size=8))
def test_non_numbers_are_refused_and_numbers_are_unchanged(text):
    cell = cell_with(text)
    try:
        number = read_typed_number(cell.text, unit="人", shown_unit="人") if cell.text else None
    except ValueError:
        number = None
    reading = read_typed(
        fill_up({n: cell if n == "value" else ShownCell() for n in FILLED}, NOTHING).typed,
        make_row(decimals=4, minimum=None),
    )
    if number is None:
        assert reading.entry is None
    elif not reading.faults:
        assert reading.entry.value == number
