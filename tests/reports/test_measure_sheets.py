"""評価シート read back: the content of each sheet, its fields, its names, how it prints."""

import io
import re

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from plans.narrowing import narrow
from plans.nodes import StrategyTree
from plans.tree import read_tree
from reports.measure_sheets import INDEX, measure_sheets
from reports.sheets.names import sheet_names
from reviews.models import ReviewChoices
from tests.factories import (
    load_city,
    make_actual,
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_project,
    make_section,
    make_strategy,
    make_values,
)

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.slow]

_read: dict[str, tuple[StrategyTree, openpyxl.Workbook]] = {}


@pytest.fixture(params=["nemuro_2015", "shiraho_2020"])
def city(request) -> tuple[StrategyTree, openpyxl.Workbook]:
    """A plan and its workbook, made once: both outlive the test's database."""
    if request.param not in _read:
        strategy = load_city(request.param)
        make_values(strategy)
        tree = read_tree(strategy.code, strategy.first_fiscal_year + 2)
        _read[request.param] = tree, opened(tree)
    return _read[request.param]


def opened(tree: StrategyTree) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(measure_sheets(tree)))


def texts(sheet: Worksheet) -> list[str]:
    return [str(cell) for row in sheet.values for cell in row if cell is not None]


@pytest.fixture
def kpi():
    """A KPI of a plan of five years: 60 of 200 people in three years, one of them provisional."""
    strategy = make_strategy(code="plan", title="見本市総合戦略", invented=True)
    kpi = make_kpi(
        make_measure(make_goal(strategy)), make_indicator(make_section("水産課")), name="漁業者数"
    )
    for year, value, provisional in ((2015, 10, False), (2016, 20, False), (2017, 30, True)):
        make_actual(kpi.indicator, year, value, provisional=provisional)
    make_project(kpi.measure, name="相談事業", content="窓口", implementer="市")
    return kpi


def sheet_of(kpi, year: int = 2017) -> Worksheet:
    return opened(read_tree(kpi.strategy.code, year))["1-ア-1"]


def row_of(sheet: Worksheet, label: str) -> list:
    """The cells to the right of a label."""
    for row in sheet.values:
        if label in row:
            return [cell for cell in row[row.index(label) + 1 :] if cell is not None]
    raise AssertionError(label)


def names_of_sheets(tree: StrategyTree) -> list[str]:
    """The list, then for each goal its numeric targets, if it has any, and its measures."""
    names = [INDEX]
    for goal in tree.goals:
        names += [f"{goal.position}-数値目標"] * bool(goal.numeric_targets)
        names += [measure.place for measure in goal.measures]
    return names


def test_there_is_a_sheet_for_each_goals_targets_and_for_each_measure_after_the_list(city):
    tree, book = city
    assert book.sheetnames == names_of_sheets(tree)


def test_the_sheet_of_a_goal_has_its_targets_and_counts_the_kpis_of_its_measures(city):
    tree, book = city
    for goal in tree.goals:
        sheet = book[f"{goal.position}-数値目標"]
        found = texts(sheet)
        assert found[0].startswith("評価シート　")
        assert f"基本目標{goal.position} {goal.title}" in found
        for target in goal.numeric_targets:
            assert any(target.name in text and target.sentence in text for text in found)
            assert any(text.startswith(target.assessment.explanation) for text in found)
        for measure in goal.measures:
            [counts] = row_of(sheet, f"{measure.label} {measure.title}")
            numbers = [int(number) for number in re.findall(r"\d+", counts)]
            assert sum(numbers) == len(measure.kpis)


def test_the_sheet_of_a_goal_has_fields_for_words_and_none_for_a_policy(city):
    tree, book = city
    for goal in tree.goals:
        sheet = book[f"{goal.position}-数値目標"]
        assert sheet.data_validations.dataValidation == []
        for label in ("担当課による\n自己評価", "有識者会議の\n意見", "次年度に向けた\n考え方"):
            assert row_of(sheet, label) == []
            [cell] = [cell for row in sheet for cell in row if cell.value == label]
            assert sheet.cell(cell.row, 3).border.left.style == "medium"


def test_the_list_leads_to_the_sheets_and_counts_what_is_on_them(city):
    tree, book = city
    rows = {row[0].value: row for row in book[INDEX].iter_rows(min_row=4) if row[0].hyperlink}
    assert list(rows) == names_of_sheets(tree)[1:]
    for goal in tree.goals:
        row = [cell.value for cell in rows[f"{goal.position}-数値目標"]]
        targets = len(goal.numeric_targets)
        assert (row[1], row[2], row[4], sum(row[5:10])) == (
            goal.position, "数値目標", targets, targets,
        )  # fmt: skip
        assert row[10:] == ["－", "－"]


def test_a_goal_without_numeric_targets_has_no_sheet(kpi):
    assert opened(read_tree(kpi.strategy.code, 2017)).sheetnames == [INDEX, "1-ア-1"]


def test_every_sheet_says_what_it_is_and_names_its_measure(city):
    tree, book = city
    for measure in tree.measures:
        found = texts(book[measure.place])
        assert found[0].startswith("評価シート　")
        assert "効果検証（" in found[0]
        assert f"{measure.mark} {measure.title}" in found
        assert found[1].startswith("【試用環境です。実績値は架空のものです。】") == tree.invented
        for kpi in measure.kpis:
            assert any(kpi.name in text and kpi.sentence in text for text in found)
        for project in measure.projects:
            assert any(text.startswith(project.name) for text in found)


def test_invented_values_are_said_to_be_so(kpi):
    assert texts(sheet_of(kpi))[1].startswith("【試用環境です。実績値は架空のものです。】")


def test_a_total_has_path_values_sums_and_judgements_by_year(kpi):
    sheet = sheet_of(kpi)
    assert row_of(sheet, "目安値\n（累計）") == [40, 80, 120, 160, 200, 200]
    assert row_of(sheet, "実績") == [10, 20, 30, "－", "－"]
    assert row_of(sheet, "実績\n（累計）") == [10, 30, 60, "－", "－"]
    assert row_of(sheet, "判定") == ["× 遅れ", "× 遅れ", "△ やや遅れ", "－", "－"]
    [explanation] = row_of(sheet, "説明")
    assert "実績" in explanation or "累計は60人" in explanation


def test_provisional_and_unconfirmed_values_are_marked(kpi):
    formats = [cell.number_format for row in sheet_of(kpi) for cell in row if cell.value == 30]
    assert '#,##0"速*"_ ;"▲"#,##0"速*"_ ' in formats


def test_a_year_without_a_value_says_so_and_one_to_come_says_nothing(kpi):
    assert row_of(sheet_of(kpi, 2018), "実績") == [10, 20, 30, "未入力", "－"]


def test_the_fields_are_empty_and_the_policy_is_chosen_from_a_list(kpi):
    sheet = sheet_of(kpi)
    assert row_of(sheet, "担当課による\n自己評価") == []
    assert row_of(sheet, "有識者会議の\n意見") == []
    [validation] = sheet.data_validations.dataValidation
    assert validation.formula1 == '"拡充,継続,見直し,縮小,廃止・終了"'
    plan = kpi.measure.strategy
    ReviewChoices.objects.create(strategy=plan, policies=["伸ばす", "たたむ"])
    [of_the_plan] = sheet_of(kpi).data_validations.dataValidation
    assert of_the_plan.formula1 == '"伸ばす,たたむ"'
    ReviewChoices.objects.update(policies=["伸ばす,広げる", "たたむ"])
    assert not sheet_of(kpi).data_validations.dataValidation
    [(field,)] = [tuple(r.coord.split(":")) for r in validation.sqref.ranges]
    cell = sheet[field]
    assert cell.value is None
    assert cell.border.left.style == "medium"
    assert sheet.cell(cell.row, 1).value == "次年度の方針"


def test_the_list_shows_the_policy_that_is_chosen_on_a_sheet(kpi):
    book = opened(read_tree(kpi.strategy.code, 2017))
    index, sheet = book[INDEX], book["1-ア-1"]
    [validation] = sheet.data_validations.dataValidation
    [formula] = [cell.value for row in index for cell in row if cell.data_type == "f"]
    field = str(validation.sqref)
    assert formula == f"=IF('1-ア-1'!{field}=\"\",\"\",'1-ア-1'!{field})"


def test_each_sheet_is_upright_and_one_page_wide_with_its_foot(city):
    tree, book = city
    for sheet in book.worksheets[1:]:
        assert sheet.page_setup.paperSize == 9
        assert sheet.page_setup.orientation == "portrait"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        # One page is what a workbook means where it says nothing; 0 is any number of them.
        assert sheet.page_setup.fitToWidth is None
        assert sheet.page_setup.fitToHeight in (None, 0)
        assert sheet.print_title_rows == "$1:$2"
        assert "印刷日" in sheet.oddFooter.right.text
        assert tree.title in sheet.oddFooter.left.text


def test_a_measure_too_long_for_one_page_continues_on_the_next(kpi):
    assert sheet_of(kpi).page_setup.fitToHeight is None
    for _ in range(40):
        make_project(kpi.measure, name="長い名前の事業" * 4)
    sheet = sheet_of(kpi)
    assert sheet.page_setup.fitToHeight == 0
    assert sheet.row_breaks.brk


def test_what_is_to_be_filled_in_is_on_one_page(city):
    tree, book = city
    for measure in tree.measures:
        sheet = book[measure.place]
        rows = {cell.value: cell.row for cell in sheet["A"]}
        heading = next(row for text, row in rows.items() if str(text).startswith("評価と次年度"))
        for page in sheet.row_breaks.brk:
            assert not heading <= page.id < rows["次年度の方針"]


def test_missing_parts_are_reported():
    measure = make_measure(make_goal(make_strategy(code="bare")))
    found = texts(opened(read_tree("bare", 2017))["1-ア-1"])
    assert "重要業績評価指標（KPI）は登録されていません。" in found
    assert "具体的事業は登録されていません。" in found
    assert measure.title in " ".join(found)


def test_text_that_begins_like_a_formula_stays_text(kpi):
    make_project(kpi.measure, name="=1+1", content="@SUM(A1)", implementer="-")
    found = [cell for row in sheet_of(kpi) for cell in row if cell.value in ("=1+1", "@SUM(A1)")]
    assert len(found) == 2
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in found)


def test_of_a_part_there_are_the_sheets_of_that_part(city):
    tree, _ = city
    part = narrow(tree, goal=1)
    book = opened(part)
    assert book.sheetnames == names_of_sheets(part)
    assert "（基本目標1）" in texts(book[INDEX])[1]


def test_the_same_tree_gives_the_same_bytes(kpi):
    tree = read_tree(kpi.strategy.code, 2017)
    assert measure_sheets(tree) == measure_sheets(tree)


@pytest.mark.parametrize(
    "wanted",
    [
        ["1-ア-1", "1-ア-2"],
        ["a/b", "a?b", "a*b", "[ab]", "ab"],
        ["'1'", "", "History", "history", INDEX],
        ["長" * 40, "長" * 50, "長" * 31],
        ["A", "a"],
    ],
)
def test_names_of_sheets_are_legal_and_unique(wanted):
    names = sheet_names(wanted, [INDEX])
    assert len(names) == len(wanted)
    assert len({name.casefold() for name in (*names, INDEX)}) == len(names) + 1
    for name in names:
        assert 0 < len(name) <= 31
        assert not re.search(r"[\[\]:*?/\\]", name)
        assert not name.startswith("'")
        assert name.casefold() != "history"
