"""A form is recognised whatever was done to it; anything else is refused."""

import csv
import io

import openpyxl
import pytest
from openpyxl.styles import PatternFill

from entry.excel.columns import Header, RowKey, read_key
from entry.excel.reading import MOST_OF_ONE, read_form
from tables import uploads
from tables.importing import SHOWN_FAULTS
from tables.uploads import UploadError
from tests.entry.excel_forms import Paper, line, made, messages, read, saved_by_libreoffice

pytestmark = pytest.mark.files

TWO = (line("visitors", "来館者数"), line("boats", "漁船数"))


def paper() -> Paper:
    return Paper(made(*TWO)).fill("来館者数", VALUE="12").fill("漁船数", REMARKS="休止中")


def typed(content: bytes) -> dict:
    """What a file says: indicator, field and text; nothing may be wrong with it."""
    form = read(content)
    assert messages(form) == []
    return {
        (row.key.indicator, field): cell.text
        for row in form.rows
        for field, cell in row.cells.items()
        if cell.text
    }


FILLED_IN = {("visitors", "value"): "12", ("boats", "remarks"): "休止中"}


def test_a_form_is_read_as_it_was_filled_in():
    assert typed(paper().saved()) == FILLED_IN


def test_columns_may_be_moved_and_added():
    changed = paper()
    changed.sheet.insert_cols(1, 2)
    changed.sheet.insert_cols(changed.column(Header.REMARKS))
    changed.sheet.cell(changed.header_row(), 1).value = "係の欄"
    changed.sheet.cell(changed.row("来館者数"), 1).value = "済み"
    assert typed(changed.saved()) == FILLED_IN


def test_the_columns_may_be_in_another_order():
    changed = paper()
    order = list(range(1, changed.sheet.max_column + 1))[::-1]
    rows = [[row[i - 1] for i in order] for row in changed.sheet.iter_rows(values_only=True)]
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    changed.book = book
    assert typed(changed.saved()) == FILLED_IN


def test_the_header_may_have_moved_and_rows_may_be_blank():
    changed = paper()
    changed.sheet.insert_rows(1, 3)
    changed.sheet.insert_rows(changed.row("漁船数"), 5)
    assert typed(changed.saved()) == FILLED_IN


def test_the_header_may_have_other_blanks_and_widths():
    changed = paper()
    for cell in changed.sheet[changed.header_row()]:
        cell.value = str(cell.value).replace("（", " (").replace("）", ")\n")
    assert typed(changed.saved()) == FILLED_IN


def test_rows_may_be_in_another_order():
    changed = paper()
    first, second = changed.row("来館者数"), changed.row("漁船数")
    for column in range(1, changed.sheet.max_column + 1):
        above, below = changed.sheet.cell(first, column), changed.sheet.cell(second, column)
        above.value, below.value = below.value, above.value
    assert typed(changed.saved()) == FILLED_IN


def test_colours_remarks_below_and_merged_titles_do_not_matter():
    changed = paper()
    changed.cell("来館者数", Header.VALUE).fill = PatternFill("solid", start_color="FFFF0000")
    changed.sheet.merge_cells("A1:F1")
    first, second = changed.row("来館者数"), changed.row("漁船数")
    changed.sheet.merge_cells(start_row=first, end_row=second, start_column=1, end_column=1)
    changed.sheet.cell(changed.sheet.max_row + 2, 1).value = "以上、水産課"
    assert typed(changed.saved()) == FILLED_IN


def test_cells_merged_to_the_right_are_those_of_the_first():
    changed = paper()
    row, column = changed.row("来館者数"), changed.column(Header.VALUE)
    changed.sheet.merge_cells(
        start_row=row, end_row=row, start_column=column, end_column=column + 2
    )
    assert typed(changed.saved()) == FILLED_IN


def test_a_value_merged_over_two_rows_is_refused():
    changed = paper()
    column = changed.column(Header.VALUE)
    changed.sheet.merge_cells(
        start_row=changed.row("来館者数"),
        end_row=changed.row("漁船数"),
        start_column=column,
        end_column=column,
    )
    [message] = messages(read(changed.saved()))
    assert "が一つに結合されているため、どの欄の値か決められません。" in message
    assert message.startswith("シート「実績入力」のJ5：J5:J6が")


def test_the_sheet_may_be_renamed_where_it_is_the_only_form():
    changed = paper()
    changed.sheet.title = "水産課"
    changed.book.create_sheet("計算", 0)["A1"] = "下書き"
    assert typed(changed.saved()) == FILLED_IN


def test_of_two_forms_that_with_the_name_is_taken_and_the_person_told():
    changed = paper()
    changed.book.copy_worksheet(changed.sheet).title = "控え"
    form = read(changed.saved())
    assert (form.sheet, len(form.rows), form.faults) == ("実績入力", 2, [])
    assert form.notes == [
        "取り込むのは、シート「実績入力」だけです。シート「控え」は取り込みません。"
    ]


def test_two_forms_without_the_name_are_refused():
    changed = paper()
    changed.book.copy_worksheet(changed.sheet).title = "控え"
    changed.sheet.title = "正"
    [message] = messages(read(changed.saved()))
    assert "様式のシートが2枚あります（「正」「控え」）" in message


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp932"])
def test_the_form_may_come_as_csv(encoding):
    form = read(paper().as_csv(encoding))
    assert messages(form) == []
    assert form.rows[0].cells["value"].text == "12"
    assert form.rows[1].cells["remarks"].text == "休止中"


@pytest.mark.slow
def test_a_form_that_libreoffice_saved_is_the_same():
    assert typed(saved_by_libreoffice(paper().saved())) == FILLED_IN


# What is refused


def test_a_file_that_is_not_a_form_is_refused():
    book = openpyxl.Workbook()
    book.active.append(["指標コード", "値"])
    changed = paper()
    changed.book = book
    [message] = messages(read(changed.saved()))
    assert "実績入力様式ではありません" in message
    assert "「Excel様式を受け取る」" in message


def test_a_form_of_another_year_is_refused_by_name():
    [message] = messages(read(made(line(year=2016)), 2017))
    assert message == (
        "シート「実績入力」：この様式は、平成28年度（2016）のものです。"
        "平成29年度（2017）には取り込めません。平成28年度（2016）の画面で取り込むか、"
        "平成29年度（2017）の様式に入力してください。"
    )


def test_a_form_of_another_installation_is_refused(settings):
    content = made(*TWO)
    settings.SECRET_KEY = "another installation's key " * 3
    [message] = messages(read(content))
    assert "このシステムで作った様式ではないか、照合用の列が書き換えられています" in message


def test_a_key_that_somebody_wrote_is_refused():
    changed = paper()
    key = changed.cell("漁船数", Header.KEY)
    assert read_key(key.value) == RowKey("plan", 2017, "boats", None)
    key.value = key.value.replace("boats/", "boats/7")
    [message] = messages(read(changed.saved()))
    assert message.startswith("シート「実績入力」の6行目：照合用の列が書き換えられている")


def test_a_row_that_somebody_added_is_refused():
    changed = paper()
    changed.sheet.cell(9, changed.column(Header.VALUE)).value = 5
    [message] = messages(read(changed.saved()))
    assert message.startswith("シート「実績入力」の9行目：様式にない行に入力されています。")


def test_two_rows_of_one_indicator_are_refused_both():
    changed = paper()
    changed.cell("漁船数", Header.KEY).value = changed.cell("来館者数", Header.KEY).value
    assert messages(read(changed.saved())) == [
        "シート「実績入力」のB5：同じ指標の行が、ほかにもあります（6行目）。"
        "一つだけ残してください。",
        "シート「実績入力」のB6：同じ指標の行が、ほかにもあります（5行目）。"
        "一つだけ残してください。",
    ]


def as_csv(changed, times, **cells):
    """Return the form as CSV with its last row repeated, cells of the copies replaced."""
    rows = list(csv.reader(io.StringIO(changed.as_csv().decode("utf-8-sig"), newline="")))
    copy = rows[changed.row("漁船数") - 1]
    for header, text in cells.items():
        copy[changed.column(Header[header]) - 1] = text
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows(rows + [copy] * times)
    return read_form(uploads.accept("様式.csv", stream.getvalue().encode()), 2017)


def test_copied_rows_are_counted_and_only_a_few_are_checked():
    form = as_csv(paper(), 15_000)
    assert len(form.rows) <= 1 + MOST_OF_ONE
    assert len(form.faults) == MOST_OF_ONE
    assert form.faults[0].message.endswith("、ほか14,995行）。一つだけ残してください。")
    assert max(len(fault.message) for fault in form.faults) < 150


def test_stray_rows_are_counted_and_few_are_named():
    form = as_csv(paper(), 15_000, KEY="", VALUE="5")
    assert len(form.faults) == SHOWN_FAULTS + 1
    assert "様式にない行への入力が、ほかに14,80" in form.faults[0].message


@pytest.mark.parametrize("header", [Header.VALUE, Header.REMARKS, Header.KEY])
def test_a_missing_column_is_named(header):
    changed = paper()
    changed.sheet.cell(changed.header_row(), changed.column(header)).value = "別の名前"
    [message] = messages(read(changed.saved()))
    assert f"見出し「{header}」の列がありません" in message


def test_a_column_that_is_there_twice_is_refused():
    changed = paper()
    changed.sheet.cell(changed.header_row(), 30).value = "実績値"
    [message] = messages(read(changed.saved()))
    assert "見出し「実績値」の列が二つあります（JとAD列）" in message


def test_a_file_that_openpyxl_cannot_read_is_refused():
    content = made(*TWO)
    upload = uploads.accept("様式.xlsx", content)
    broken = uploads.Upload(upload.name, upload.kind, content[: len(content) // 2])
    from entry.excel.reading import read_form

    with pytest.raises(UploadError, match="ファイルが壊れています"):
        read_form(broken, 2017)
