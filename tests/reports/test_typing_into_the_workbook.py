"""検証報告書 shows which cells may be typed over, and Excel refuses there what cannot be read."""

import io
from copy import copy, deepcopy

import openpyxl
import pytest
from openpyxl.formula.translate import Translator

from reports.review_workbook import write_judged_sheets
from reports.sheets.page import WRONG_FILL
from tables.sheet_cells import INPUT_FILL, INPUT_YEAR_FILL, printed_workbook
from tests.formula_evaluation import Sheets
from tests.nodes import indicator_node, listing_node, tree_of


@pytest.fixture(scope="module")
def book():
    yen = indicator_node({2016: 5_000, 2017: 1_234_000}, unit="円", display_unit="千円")
    kpi = listing_node(indicator=yen)
    again = listing_node(indicator=yen, first_listing=False)
    output = io.BytesIO()
    with printed_workbook(output) as book:
        write_judged_sheets(book, tree_of(kpi, again))
    return openpyxl.load_workbook(io.BytesIO(output.getvalue()))


@pytest.fixture
def sheet(book):
    return book["KPI"]


def place(sheet, header):
    headers = [(str(c.value).replace("\n", ""), c.column) for c in sheet[3]]
    return next(column for text, column in headers if text.startswith(header))


def rule(sheet, row, header):
    """Return the rule of a cell, with its formula as it reads there."""
    cell = sheet.cell(row, place(sheet, header)).coordinate
    rules = [one for one in sheet.data_validations.dataValidation if cell in one.sqref]
    if not rules:
        return None
    found = copy(rules[0])
    found.formula1 = moved(found.formula1, found.sqref, cell)
    return found


def marking(sheet, cell):
    """Return formula and fill of the format that marks what is wrong in a cell."""
    [(area, [found])] = [
        (one.sqref, one.rules) for one in sheet.conditional_formatting if cell in one.sqref
    ]
    return moved(found.formula[0], area, cell), found.dxf.fill.bgColor.rgb


def moved(formula, area, cell):
    """Return a formula of an area as it reads in one of its cells."""
    first = str(area).partition(":")[0]
    return Translator(f"={formula}", first).translate_formula(cell)[1:]


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


@pytest.mark.parametrize("header", ["基準値", "目標値", "平成28年度"])
def test_what_is_pasted_against_the_rule_is_marked(sheet, header):
    """Excel checks only what is typed."""
    cell = sheet.cell(5, place(sheet, header)).coordinate
    allowed = rule(sheet, 5, header).formula1
    assert marking(sheet, cell) == (f'AND({cell}<>"",NOT({allowed}))', f"FF{WRONG_FILL[1:]}")


def test_cells_that_may_be_typed_over_have_a_fill_and_formulas_have_none(sheet):
    for header in ("種類", "目標値", "平成28年度"):
        assert fill(sheet, 5, header) == INPUT_FILL
    assert fill(sheet, 5, "平成29年度") == INPUT_YEAR_FILL
    assert sheet.cell(5, place(sheet, "目安値")).fill.fill_type is None
    again = sheet.cell(6, place(sheet, "平成29年度"))
    assert again.data_type == "f"
    assert again.fill.fill_type is None
    assert rule(sheet, 6, "平成29年度") is None


INPUTS = {
    "改善の方向": "list",
    "基準値の種類": "list",
    "許容幅": "decimal",
    "小数点以下の桁数": "whole",
    "記録の桁数": "whole",
    "表示の倍率": "whole",
    "代えてよい年数": "whole",
    "累計で入力": "list",
    "読み方": "list",
    "年度別目標値 2015": "custom",
    "年度別目標値 2019": "custom",
}


@pytest.mark.parametrize("header", INPUTS)
def test_each_input_of_the_calculation_has_a_rule_of_its_kind_and_the_fill(book, header):
    sheet = book["計算"]
    name, _, year = header.partition(" ")
    column = next(
        cell.column
        for cell in sheet[5]
        if (str(cell.value) == year if year else str(cell.value) == name)
        and cell.number_format.startswith(f'"{name}' if year else "General")
    )
    cell = sheet.cell(6, column)
    [found] = [one for one in sheet.data_validations.dataValidation if cell.coordinate in one.sqref]
    assert found.type == INPUTS[header]
    assert found.error
    assert f"#{cell.fill.start_color.rgb[2:]}" == INPUT_FILL


def test_steps_of_the_calculation_are_not_for_typing(book):
    sheet = book["計算"]
    filled = [cell for cell in sheet[6] if cell.fill.fill_type]
    assert filled
    assert all(sheet.cell(3, cell.column).value == "入力" for cell in filled)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("対象年度", "whole"),
        ("おおむね順調の境", "decimal"),
        ("大きく上回る境", "custom"),
        ("一部達成の境", "custom"),
    ],
)
def test_conditions_refuse_invalid_years_and_shares(book, name, kind):
    sheet = book["条件"]
    row = next(cell.row for cell in sheet["A"] if cell.value == name)
    cell = sheet.cell(row, 2)
    [found] = [one for one in sheet.data_validations.dataValidation if cell.coordinate in one.sqref]
    assert found.type == kind
    assert f"#{cell.fill.start_color.rgb[2:]}" == INPUT_FILL


def inputs_of(book):
    """Return all cells that may be typed over, as pairs of sheet and address."""
    return {
        (sheet.title, sheet.cell(row, column).coordinate)
        for sheet in book
        for one in sheet.conditional_formatting
        if (marked_in := one.rules[0].dxf.fill) and marked_in.bgColor.rgb == f"FF{WRONG_FILL[1:]}"
        for area in one.sqref.ranges
        for row, column in area.cells
    }


def marked(book):
    """Return which of these cells are marked as wrong."""
    output = io.BytesIO()
    book.save(output)
    sheets = Sheets(output.getvalue())
    return {
        (title, cell)
        for title, cell in inputs_of(book)
        if sheets.compute(title, marking(book[title], cell)[0])
    }


def test_nothing_is_marked_as_long_as_nobody_changes_anything(book):
    assert {title for title, _ in inputs_of(book)} == {"KPI", "計算", "条件"}
    assert marked(book) == set()


@pytest.mark.parametrize("pasted", ["1.43", "？"])
def test_a_text_that_no_formula_reads_is_marked_in_every_input(book, pasted):
    changed = deepcopy(book)
    # Rules of other inputs need these two.
    kept = {"小数点以下の桁数", "表示の倍率"}
    columns = {c.column_letter for c in book["計算"][5] if c.value in kept}
    cells = {
        (title, cell)
        for title, cell in inputs_of(book)
        if title != "計算" or cell.rstrip("0123456789") not in columns
    }
    for title, cell in cells:
        changed[title][cell] = pasted
    assert marked(changed) == cells
