"""Tables in files: no code runs, no data is lost, and a cell is the text that people see."""

import io
import zipfile
from datetime import date, time
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tables.cells import cell_text, escaped, read_back, tidied, tidy, unescaped
from tables.table import read_table
from tables.table_files import table_workbook, write_csv, write_sheet
from tables.uploads import UploadError, accept
from tests.importing import csv_file, xlsx_file

pytestmark = pytest.mark.files

DANGEROUS = [
    "=1+1",
    "+81",
    "-5",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "'=1",
    "''=1",
    '=HYPERLINK("http://x")',
]


def read(content: bytes):
    return read_table(accept("表.xlsx", content))


def cells_of(content: bytes, header: str = "値") -> list[str]:
    return [row.cells[header] for row in read(content).rows]


def as_csv(headers: list, rows: list) -> bytes:
    file = io.BytesIO()
    rows = [[tidied(cell) for cell in row] for row in rows]
    assert write_csv(file, headers, rows) == len(rows)
    return file.getvalue()


def as_xlsx(headers: list, rows: list) -> bytes:
    file = io.BytesIO()
    with table_workbook(file, "表", small=True) as book:
        rows = [[read_back(tidied(cell)) for cell in row] for row in rows]
        assert write_sheet(book, "表", headers, rows) == len(rows)
    return file.getvalue()


def written(kind: str, rows: list) -> bytes:
    return {"csv": as_csv, "xlsx": as_xlsx}[kind](["値", "次"], rows)


# Writing


@pytest.mark.parametrize("text", DANGEROUS)
def test_text_that_looks_like_a_formula_is_escaped_in_csv(text):
    line = as_csv(["値", "次"], [[text, "あ"]]).decode("utf-8-sig").splitlines()[1]
    assert line.lstrip('"').startswith("'")


@pytest.mark.parametrize("text", DANGEROUS)
def test_text_that_looks_like_a_formula_is_text_in_excel_even_when_it_is_edited(text):
    content = as_xlsx(["値"], [[text]])
    cell = openpyxl.load_workbook(io.BytesIO(content)).active["A2"]
    assert cell.data_type == "s"
    assert cell.quotePrefix or cell.value.startswith("'")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("text", [*DANGEROUS, "ふつう", "'引用'", "一行目\n二行目", 'a"b,c'])
def test_what_was_written_comes_back(kind, text):
    assert cells_of(written(kind, [[text, "あ"]])) == [tidy(text)]


@given(st.text(alphabet=st.sampled_from("'=+-@\t あa\"\n,"), max_size=8))
def test_escaping_can_be_taken_back(text):
    assert unescaped(escaped(text)) == text
    assert escaped(text) == text or escaped(text).startswith("'")


@given(st.lists(st.text(max_size=12), min_size=1, max_size=5))
def test_any_text_comes_back_from_csv(texts):
    content = as_csv(["値", "次"], [[text, "あ"] for text in texts])
    assert cells_of(content) == [cell_text(text) for text in texts]


def test_numbers_are_numbers_in_excel_and_plain_in_csv():
    rows = [[Decimal("1234567.5000"), 2017], [Decimal("-0.30"), None]]
    sheet = openpyxl.load_workbook(io.BytesIO(written("xlsx", rows))).active
    assert [(cell.value, cell.data_type) for cell in sheet[2]] == [(1234567.5, "n"), (2017, "n")]
    assert sheet["B3"].value is None
    assert written("csv", rows).decode("utf-8-sig") == ("値,次\r\n1234567.5,2017\r\n-0.3,\r\n")


@given(st.decimals(min_value=-(10**11), max_value=10**11, places=4))
def test_every_number_that_the_database_holds_comes_back_from_excel(number):
    assert [Decimal(cell) for cell in cells_of(written("xlsx", [[number, "あ"]]))] == [number]


def test_csv_opens_in_excel():
    assert as_csv(["値"], [["あ"]]) == b"\xef\xbb\xbf" + "値\r\nあ\r\n".encode()


# Reading


def test_cells_are_read_as_people_see_them():
    content = xlsx_file(
        [["値", "次"]]
        + [[value, "あ"] for value in (1.1 * 3, 10**11, True, date(2026, 9, 1), time(12), None)]
    )
    assert cells_of(content) == [
        "3.3",
        "100000000000",
        "はい",
        "2026-09-01",
        "12:00:00",
        "",
    ]


def test_control_characters_from_a_word_processor_are_not_read_by_their_names():
    assert cells_of(xlsx_file([["値", "次"], ["一行目_x000D_\n二_x000B_三_x0007_", "あ"]])) == [
        "一行目\n二\n三"
    ]


def test_a_cell_shown_as_a_percentage_is_read_as_one():
    book = openpyxl.Workbook()
    book.active.append(["値"])
    for value, number_format in ((0.3, "0%"), (0.125, "0.0%"), (30, '0"%"'), (0.3, "0.0")):
        book.active.append([value])
        book.active.cell(book.active.max_row, 1).number_format = number_format
    stream = io.BytesIO()
    book.save(stream)
    assert cells_of(stream.getvalue()) == ["30%", "12.5%", "30", "0.3"]


def test_formulas_and_errors_are_named_with_their_cell():
    table = read(xlsx_file([["名", "値"], ["あ", "=1+1"], ["い", "#REF!"], ["う", 3]], "実績入力"))
    assert [table.place_of(fault) for fault in table.faults] == [
        "シート「実績入力」のB2",
        "シート「実績入力」のB3",
    ]
    assert "「値」として貼り付けてください" in table.faults[0].message


def test_row_numbers_are_those_of_the_spreadsheet():
    rows = [["値"], [1], [None], [2]]
    assert [row.number for row in read(xlsx_file(rows)).rows] == [2, 4]
    text = '値,次\r\n"一行目\n二行目",1\r\n,\r\n2,3\r\n'.encode()
    assert [row.number for row in read(text).rows] == [2, 4]


def test_values_without_a_header_are_named():
    table = read(csv_file([["値", "", "次"], ["1", "2", "3"], ["1", "", "3"]]))
    assert [(fault.row, fault.header) for fault in table.faults] == [(2, "")]
    table = read(csv_file([["値"], ["1", "2"]]))
    assert [fault.row for fault in table.faults] == [2]


def test_only_the_first_sheet_is_read():
    book = openpyxl.Workbook()
    book.active.append(["値"])
    book.active.append([1])
    book.create_sheet("メモ").append(["ほかの見出し"])
    book.active = 1
    stream = io.BytesIO()
    book.save(stream)
    assert read(stream.getvalue()).headers == ["値"]


def test_a_workbook_that_openpyxl_cannot_read_is_refused_in_our_words():
    content = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx_file([["値"]]))) as old,
        zipfile.ZipFile(content, "w") as new,
    ):
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, b"<x/>" if name == "xl/workbook.xml" else data)
    with pytest.raises(UploadError, match="壊れています"):
        read(content.getvalue())
