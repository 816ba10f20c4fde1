"""検証報告書 shows which cells may be typed over, and Excel refuses there what cannot be read."""

import io

import openpyxl
import pytest

from reports.review_workbook import write_judged_sheets
from reports.sheets.page import INPUT_FILL, INPUT_YEAR_FILL
from tables.sheet_cells import printed_workbook
from tests.nodes import indicator_node, listing_node, tree_of


@pytest.fixture(scope="module")
def sheet():
    yen = indicator_node({2016: 5_000, 2017: 1_234_000}, unit="円", display_unit="千円")
    kpi = listing_node(indicator=yen)
    again = listing_node(indicator=yen, first_listing=False)
    output = io.BytesIO()
    with printed_workbook(output) as book:
        write_judged_sheets(book, tree_of(kpi, again))
    return openpyxl.load_workbook(io.BytesIO(output.getvalue()))["KPI"]


def place(sheet, header):
    headers = [(str(c.value).replace("\n", ""), c.column) for c in sheet[3]]
    return next(column for text, column in headers if text.startswith(header))


def rule(sheet, row, header):
    cell = sheet.cell(row, place(sheet, header)).coordinate
    rules = [one for one in sheet.data_validations.dataValidation if cell in one.sqref]
    return rules[0] if rules else None


def fill(sheet, row, header):
    return f"#{sheet.cell(row, place(sheet, header)).fill.start_color.rgb[2:]}"


def test_an_actual_is_a_number_of_the_indicators_decimals_or_a_known_word(sheet):
    found = rule(sheet, 5, "平成29年度")
    cell = sheet.cell(5, place(sheet, "平成29年度")).coordinate
    assert found.type == "custom"
    assert f"IF(ISNUMBER({cell}),ROUND({cell},3)={cell},OR(" in found.formula1
    for word in ("未公表", "調査未実施", "把握できない", "未入力"):
        assert f'{cell}="{word}"' in found.formula1
    assert "小数点以下3桁まで" in found.error
    assert "かっこは付けません" in found.error


def test_baseline_and_target_are_numbers(sheet):
    assert '="－")' in rule(sheet, 5, "基準値").formula1
    assert rule(sheet, 5, "目標値").formula1.endswith("OR(FALSE))")


def test_cells_that_may_be_typed_over_have_a_fill_and_formulas_have_none(sheet):
    for header in ("種類", "目標値", "平成28年度"):
        assert fill(sheet, 5, header) == INPUT_FILL
    assert fill(sheet, 5, "平成29年度") == INPUT_YEAR_FILL
    assert sheet.cell(5, place(sheet, "目安値")).fill.fill_type is None
    again = sheet.cell(6, place(sheet, "平成29年度"))
    assert again.data_type == "f"
    assert again.fill.fill_type is None
    assert rule(sheet, 6, "平成29年度") is None
