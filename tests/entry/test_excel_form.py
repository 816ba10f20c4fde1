"""The Excel form: protected but for the cells to fill in, with help, fit to be printed."""

import re
import zipfile
from decimal import Decimal
from io import BytesIO

import pytest

from entry.excel.columns import AVAILABILITY_CHOICES, Header, read_key
from entry.excel.form import LONGEST_MESSAGE, LONGEST_TITLE, EntryForm
from tests.entry.city import City, make_city
from tests.entry.excel_forms import Paper, form_for, form_workbook, line, made
from tests.factories import make_actual

pytestmark = [pytest.mark.one_database, pytest.mark.files]

OPEN = {
    Header.VALUE, Header.AVAILABILITY, Header.EXPECTED_MONTH, Header.PROVISIONAL, Header.REMARKS,
    Header.MEMO,
}  # fmt: skip


def sheet_xml(content: bytes) -> str:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return archive.read("xl/worksheets/sheet1.xml").decode()


def open_cells(paper: Paper, name: str) -> set[str]:
    return {header for header in Header if not paper.cell(name, header).protection.locked}


def test_only_the_cells_to_fill_in_are_open_and_there_is_no_password():
    paper = Paper(made(line(), line("share", "満足度", is_ratio=True)))
    assert paper.sheet.protection.sheet
    assert not paper.sheet.protection.password
    assert open_cells(paper, "来館者数") == OPEN
    assert open_cells(paper, "満足度") == OPEN | {Header.NUMERATOR, Header.DENOMINATOR}


def test_values_are_typed_into_plain_cells_so_that_excel_shows_a_percentage_as_one():
    paper = Paper(made(line(filled={Header.VALUE: Decimal("12.3")})))
    cell = paper.cell("来館者数", Header.VALUE)
    assert (cell.value, cell.number_format) == (12.3, "General")
    assert paper.cell("来館者数", Header.EXPECTED_MONTH).number_format == "@"


def test_what_can_be_chosen_is_in_a_list():
    paper = Paper(made(line(), line("boats", "漁船数")))
    lists = {
        rule.formula1: str(rule.sqref)
        for rule in paper.sheet.data_validations.dataValidation
        if rule.type == "list"
    }
    assert lists == {f'"{",".join(AVAILABILITY_CHOICES)}"': "M5:M6", '"はい,いいえ"': "O5:O6"}


def test_help_and_memo_stand_beside_the_cells():
    paper = Paper(made(line(help="単位：人（年度計）", memo="観光係に照会")))
    rule = next(r for r in paper.sheet.data_validations.dataValidation if "J5" in r.sqref)
    assert (rule.promptTitle, rule.prompt) == ("来館者数", "単位：人（年度計）")
    assert "観光係に照会" in paper.cell("来館者数", Header.NAME).comment.text


def test_help_that_is_too_long_for_excel_is_cut():
    paper = Paper(made(line(name="長" * 50, help="説" * 400)))
    rule = next(r for r in paper.sheet.data_validations.dataValidation if "J5" in r.sqref)
    assert (len(rule.promptTitle), len(rule.prompt)) == (LONGEST_TITLE, LONGEST_MESSAGE)
    assert rule.prompt.endswith("…")


def test_the_key_is_hidden_and_signed():
    paper = Paper(made(line()))
    column = paper.cell("来館者数", Header.KEY)
    assert paper.sheet.column_dimensions[column.column_letter].hidden
    assert read_key(column.value).indicator == "visitors"
    assert read_key(column.value[:-1]) is None


def test_no_text_becomes_a_formula():
    paper = Paper(made(line(name="=1+1", filled={Header.REMARKS: "=HYPERLINK(1)"}, memo="=x")))
    for header, text in ((Header.NAME, "=1+1"), (Header.REMARKS, "=HYPERLINK(1)")):
        cell = paper.cell("=1+1", header)
        assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)


def test_it_prints_on_a3_landscape_one_page_wide_with_header_and_page_numbers():
    sheet = Paper(made(line())).sheet
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (8, "landscape")
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (None, 0)
    assert sheet.print_title_rows == "$1:$4"
    assert sheet.print_area == "'実績入力'!$A$1:$S$5"
    assert "&amp;R&amp;P / &amp;N</oddFooter>" in sheet_xml(made(line()))
    assert re.search(r'<pane[^>]*state="frozen"', sheet_xml(made(line())))


def test_invented_values_are_marked_on_sheet_and_page():
    form = EntryForm(title="様式", subtitle="水産課", lines=[line()], is_invented=True)
    mark = "試用環境です。実績値は架空のものです。"
    assert Paper(form_workbook(form)).sheet["A2"].value == mark
    assert f"<oddFooter>&amp;L{mark}&amp;R" in sheet_xml(form_workbook(form))
    assert mark not in sheet_xml(made(line()))


@pytest.fixture
def city(db) -> City:
    return make_city()


def test_a_line_shows_what_is_needed_to_enter_the_value(city):
    city.visitors.handover_memo = "観光係に照会"
    city.visitors.save()
    make_actual(city.visitors, 2016, 1200, provisional=True)
    make_actual(city.visitors, 2015, None, availability="not_surveyed")
    city.store(city.sales, 1_234_500, remarks="9月まで", provisional=True)
    city.store(city.share, None, numerator=Decimal(46), denominator=Decimal(50))
    city.sales.actuals.update(withheld=True)
    paper = Paper(form_for(city.clerk))
    shown = {
        header: paper.cell("来館者数", header).value
        for header in (Header.PLACE, Header.UNIT, Header.MOMENT, Header.TARGET, Header.STATE)
    }
    assert list(shown.values()) == ["KPI1-ア-1-1", "人", "年度計", "200人", "未入力"]
    row = paper.row("来館者数")
    assert [paper.sheet.cell(row, column).value for column in (6, 7, 8)] == [
        "", "調査未実施", "1,200\n速報値",
    ]  # fmt: skip
    rule = next(r for r in paper.sheet.data_validations.dataValidation if f"J{row}" in r.sqref)
    assert rule.prompt == (
        "単位：人（年度計）\nH28：1,200　H27：調査未実施\n引継ぎメモ：観光係に照会"
    )
    sales = {h: paper.cell("水揚げ額", h).value for h in (Header.VALUE, Header.PROVISIONAL)}
    assert list(sales.values()) == [1234.5, "はい"]
    assert paper.cell("水揚げ額", Header.STATE).value == "入力中、秘匿"
    share = {h: paper.cell("満足度", h).value for h in (Header.VALUE, Header.NUMERATOR)}
    assert list(share.values()) == [92, 46]
    assert read_key(paper.cell("水揚げ額", Header.KEY).value).version == 1


def test_totals_show_what_the_plan_has_so_far(city):
    city.visitors.kpis.update(kind="total")
    make_actual(city.visitors, 2015, 30)
    make_actual(city.visitors, 2016, 45)
    paper = Paper(form_for(city.clerk))
    assert paper.cell("来館者数", Header.SUM).value == "75人"
    row = paper.row("来館者数")
    rule = next(r for r in paper.sheet.data_validations.dataValidation if f"J{row}" in r.sqref)
    assert "その年度だけの値を入力します（累計ではありません）。" in rule.prompt
