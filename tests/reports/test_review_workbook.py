"""検証報告書.xlsx read back: as in the tree, machine rules, safe text, same bytes, its digest."""

import hashlib
import io
import re
import zipfile
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.roles import Role
from changes.value_records import evidence_records
from indicators.models import Actual, Evidence
from indicators.recording import move
from indicators.rules.terms import band_of, mark_of
from plans.narrowing import narrow
from plans.nodes import StrategyTree
from plans.pages import READERS_WORDS
from plans.tree import read_tree
from reports.data_description import INVENTED_NOTE
from reports.observation_columns import COLUMNS
from reports.review_workbook import review_workbook
from reports.sheets.cover import Facts
from tables.table_files import INTEGER, NUMBER
from tests.factories import (
    load_city,
    make_actual,
    make_fiscal_year,
    make_indicator,
    make_kpi,
    make_measure,
    make_project,
    make_strategy,
    make_user,
    make_values,
)
from tests.formula_grammar import faults
from tests.recalculation import formulas
from trail.history import Change, Door

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.slow]

MACHINE = ["データ", "コード表", "メタデータ"]
TABLES = ["数値目標", "KPI", "具体的事業", "変更履歴", "未確認の点", "根拠資料"]
SHEETS = [
    "表紙", "総括表", "数値目標", "KPI", "条件", "計算", "前年度の計算", "グラフ", "具体的事業",
    "データ", "コード表", "メタデータ", "変更履歴", "未確認の点", "根拠資料",
]  # fmt: skip
PRINTED = [sheet for sheet in SHEETS if sheet not in MACHINE]
FACTS = Facts("監査 花子", datetime(2026, 10, 1, 9, 30, tzinfo=UTC))
HEADER_ROW = 3  # of printed sheets; machines find theirs in row 1
FORMULA_LIKE = [
    "=1+1",
    "+81-153",
    "-5人",
    "@SUM(A1)",
    "\t=2+2",
    "\r\n=3+3",
    '=HYPERLINK("http://x","y")',
]


CITIES = ["nemuro_2015", "shiraho_2020"]


@pytest.fixture(scope="module")
def trees() -> dict[str, StrategyTree]:
    """What was read, by city: trees are plain data, so they outlive the test's database."""
    return {}


@pytest.fixture(params=CITIES)
def tree(request, trees) -> StrategyTree:
    if request.param not in trees:
        trees[request.param] = read_city(request.param)
        report(trees[request.param])
    return trees[request.param]


@pytest.fixture
def real_tree(trees) -> StrategyTree:
    """根室市's plan in 2017 without a value."""
    if "real" not in trees:
        trees["real"] = read_tree(load_city().code, 2017)
        report(trees["real"])
    return trees["real"]


def read_city(name: str) -> StrategyTree:
    strategy = load_city(name)
    make_values(strategy)
    return read_tree(strategy.code, strategy.first_fiscal_year + 2)


_reports: dict[int, tuple[StrategyTree, bytes]] = {}
_opened: dict[int, openpyxl.Workbook] = {}


def report(tree: StrategyTree) -> bytes:
    """The workbook, made once for each tree: who entered what is read from its test's database."""
    if id(tree) not in _reports:
        _reports[id(tree)] = (tree, review_workbook(tree, facts=FACTS))
    return _reports[id(tree)][1]


def opened(tree: StrategyTree) -> openpyxl.Workbook:
    """The workbook with its stored results, as openpyxl reads it."""
    content = report(tree)
    if id(tree) not in _opened:
        _opened[id(tree)] = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    return _opened[id(tree)]


def records(workbook: openpyxl.Workbook, sheet: str = "データ") -> list[dict]:
    header, *rows = workbook[sheet].iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def data(tree: StrategyTree) -> list[SimpleNamespace]:
    """The rows of データ by physical names; numbers as Decimals."""
    names = {column.header: column.name for column in COLUMNS}
    return [
        SimpleNamespace(**{names[h]: _exact(value) for h, value in record.items()})
        for record in records(opened(tree))
    ]


def _exact(value):
    return Decimal(repr(value)) if isinstance(value, float) else value


def lines(workbook: openpyxl.Workbook, sheet: str) -> list[dict]:
    """The rows of a printed table, by header without line breaks; goals' headings left out."""
    rows = list(workbook[sheet].iter_rows(min_row=HEADER_ROW, values_only=True))
    header = [text.replace("\n", "") for text in rows[0]]
    table = [dict(zip(header, row, strict=True)) for row in rows[1:]]
    end = next((i for i, row in enumerate(table) if row["基本目標"] is None), len(table))
    return [row for row in table[:end] if list(row.values())[2] is not None]


def listing_lines(workbook: openpyxl.Workbook, tree: StrategyTree) -> list[dict]:
    """The rows of 数値目標 and KPI in the order of the tree's listings."""
    by_model = {
        m: iter(lines(workbook, s)) for m, s in (("numerictarget", "数値目標"), ("kpi", "KPI"))
    }
    return [next(by_model[listing.model]) for listing in tree.listings]


# データ


def test_data_has_every_value_of_the_tree_once(tree):
    rows = data(tree)
    keys = Counter(
        (r.goal_position, r.group_symbol, r.measure_position, r.listing_type, r.listing_position)
        for r in rows
        if r.value_kind_code == "target"
    )
    assert len(keys) == len(tree.listings)
    values = Counter(
        (
            r.indicator_code,
            r.value_kind_code,
            r.fiscal_year,
            r.goal_position,
            r.measure_position,
            r.listing_position,
        )
        for r in rows
    )
    assert set(keys.values()) == set(values.values()) == {1}
    expected = sum(
        (listing.baseline is not None)
        + 1
        + len(listing.expected_by_year)
        + len({*tree.years, *listing.indicator.actuals})
        for listing in tree.listings
    )
    assert len(rows) == expected


def test_values_of_data_equal_the_tree(tree):
    rows = iter(data(tree))
    for listing in tree.listings:
        if listing.baseline is not None:
            row = next(rows)
            assert (row.value_kind_code, row.value) == ("baseline", listing.baseline)
            assert (row.origin_code, row.fiscal_year) == (
                listing.baseline_kind,
                listing.baseline_year,
            )
        row = next(rows)
        assert (row.value_kind_code, row.value) == ("target", listing.target)
        assert row.fiscal_year == tree.period.last
        for year, value in listing.expected_by_year.items():
            row = next(rows)
            assert (row.value_kind_code, row.fiscal_year, row.value) == ("expected", year, value)
            typed = year in listing.yearly_targets
            assert row.origin_code == ("yearly_target" if typed else "computed")
        for year in sorted({*tree.years, *listing.indicator.actuals}):
            _assert_actual(next(rows), listing, year, tree)
    assert next(rows, None) is None


def _assert_actual(row, listing, year, tree):
    actual = listing.indicator.actuals.get(year)
    assert (row.value_kind_code, row.fiscal_year) == ("actual", year)
    assert row.indicator_code == listing.indicator.code
    assert row.unit == (listing.indicator.unit or None)
    if actual is None:
        assert (row.value, row.availability_code, row.state_code) == (None, "not_entered", None)
    else:
        assert row.value == actual.value
        assert row.availability_code == actual.availability
        assert row.state_code == actual.state
        assert row.provisional == int(actual.provisional)
    if year not in tree.period or year > tree.fiscal_year:
        assert row.status_code is None
        return
    judged = listing.assess(year)
    assert (row.status_code, row.status) == (judged.status, judged.label)
    assert row.band_code == band_of(judged.status)
    assert row.judged_fiscal_year == judged.basis_year
    assert row.judged_value == judged.value
    assert row.judged_by_code == judged.judged_by
    assert row.explanation == judged.explanation
    for figure in ("attainment", "completion", "pace"):
        assert getattr(row, figure) == getattr(judged, figure)


def test_nothing_is_expected_of_an_unconfirmed_reading(tree):
    for row in data(tree):
        if not row.reading_confirmed:
            assert row.value_kind_code != "expected"
            assert row.status_code in (None, "no_judgement")


def test_data_names_city_strategy_and_years_in_both_calendars(tree):
    for row in data(tree):
        assert (row.city_code, row.city) == (tree.city_code, tree.city)
        assert row.strategy_code == tree.code
        assert row.assessed_fiscal_year == tree.fiscal_year
        assert (row.fiscal_year is None) == (row.fiscal_year_label is None)
        assert row.invented == int(tree.invented)
        if row.fiscal_year == 2019:
            assert row.fiscal_year_label == "令和元年度"


def test_sums_and_yearly_values_are_distinguished(tree):
    for row in data(tree):
        if row.value_kind_code in ("target", "expected"):
            assert row.span_code == ("plan_to_date" if row.kind_code == "total" else "single_year")


def test_zero_is_a_value_and_absence_is_not():
    indicator = make_indicator(minimum=Decimal(0))
    kpi = make_kpi(indicator=indicator)
    make_actual(indicator, 2015, 0)
    make_actual(indicator, 2016, None, availability="not_surveyed")
    rows = [r for r in data(read_tree(kpi.strategy.code, 2016)) if r.value_kind_code == "actual"]
    assert [(r.value, r.availability) for r in rows] == [
        (0, "実績値あり"),
        (None, "調査未実施"),
        *[(None, "未入力")] * 3,
    ]


# The rules for machine-readable data


@pytest.mark.parametrize("sheet", MACHINE)
def test_a_machine_sheet_is_one_table_from_cell_a1(tree, sheet):
    worksheet = opened(tree)[sheet]
    header, *rows = worksheet.iter_rows(values_only=True)
    assert all(isinstance(text, str) and text for text in header)  # L1-05, L3-01
    assert len(set(header)) == len(header)  # L2-03
    assert not any("\n" in text or text != text.strip() for text in header)  # L1-06
    assert rows
    assert all(any(cell is not None for cell in row) for row in rows)  # L1-03
    assert worksheet.merged_cells.ranges == set()  # L1-12
    assert worksheet._images == []  # L1-10
    assert worksheet._charts == []
    assert not any(d.hidden for d in worksheet.row_dimensions.values())  # L1-13
    assert not any(d.hidden for d in worksheet.column_dimensions.values())
    assert not any(d.outlineLevel for d in worksheet.row_dimensions.values())


@pytest.mark.parametrize("sheet", MACHINE)
def test_a_machine_sheet_has_one_datum_a_cell_and_no_decoration(tree, sheet):
    for record in records(opened(tree), sheet):
        for header, value in record.items():
            if isinstance(value, str):
                assert value == value.strip(), header  # L1-06
                assert "\n" not in value, header
                if header not in ("記載名", "指標名", "目標の文言", "備考", "内容", "項目名"):
                    assert not re.search(r"[①-⑳㈱㈲Ⅰ-Ⅻ]", value), (header, value)  # L1-08


def test_numbers_of_data_are_numeric_cells_and_texts_are_not(tree):
    types = {column.header: column.type for column in COLUMNS}
    for record in records(opened(tree)):
        for header, value in record.items():
            if value is None:
                continue
            wanted = {INTEGER: int, NUMBER: (int, float)}.get(types[header], str)
            assert isinstance(value, wanted), header  # L2-01


def test_every_code_of_data_is_in_the_code_table_with_its_name(tree):
    workbook = opened(tree)
    table = {(r["項目名"], r["コード"]): r["名称"] for r in records(workbook, "コード表")}
    coded = {header for header, _ in table}
    assert {column.header for column in COLUMNS if column.name.endswith("_code")} - coded == {
        "団体コード",
        "総合戦略コード",
        "指標コード",
        "掲載コード",
        "総合計画コード",
    }
    for record in records(workbook):
        for header in coded:
            code = record[header]
            if code is None:
                continue
            assert (header, code) in table  # L3-02
            label = record.get(header.removesuffix("コード"))
            if header.endswith("コード") and header not in ("判定コード", "判定の段階コード"):
                assert label == table[header, code]  # L2-04


def test_the_metadata_define_every_column_and_indicator(tree):
    rows = records(opened(tree), "メタデータ")
    columns = [r for r in rows if r["対象"] == "項目"]
    assert [r["項目名"] for r in columns] == [c.header for c in COLUMNS]
    assert all(re.fullmatch(r"[a-z0-9_]+", r["物理名"]) for r in columns)  # L3-08
    assert len({r["物理名"] for r in columns}) == len(columns)
    assert all(r["内容"] for r in columns)
    indicators = {r["物理名"]: r for r in rows if r["対象"] == "指標"}
    assert set(indicators) == {listing.indicator.code for listing in tree.listings}
    assert all(r["算出方法"] and r["出典"] for r in indicators.values())


def test_columns_are_the_same_for_every_city_and_year():
    headers = set()
    for name in ("nemuro_2015", "shiraho_2020"):
        strategy = load_city(name)
        for year in (strategy.first_fiscal_year, strategy.last_fiscal_year):
            content = report(read_tree(strategy.code, year))
            sheet = openpyxl.load_workbook(io.BytesIO(content), read_only=True)["データ"]
            headers.add(next(sheet.iter_rows(max_row=1, values_only=True)))
    assert len(headers) == 1  # L3-07


# 指標 and 具体的事業


def test_the_printed_listings_are_those_of_the_tree_in_its_order(tree):
    rows = listing_lines(opened(tree), tree)
    assert [r["名称"] for r in rows] == [f"{x.mark} {x.name}" for x in tree.listings]
    for row, listing in zip(rows, tree.listings, strict=True):
        judged, indicator = listing.assessment, listing.indicator
        assert row["目標の文言"] == listing.sentence
        assert row["種類"] == listing.kind_label
        assert row["単位"] == (indicator.shown_unit or "－")
        assert row["判定"] == f"{mark_of(band_of(judged.status), tree.scale)} {judged.label}"
        assert row["担当課"] == indicator.section
        factor = indicator.display_factor
        for header, value in (
            ("基準値", listing.baseline),
            ("目標値", listing.target),
            ("目安値", judged.expected),
            ("判定に用いた値", judged.value),
        ):
            shown = "－" if value is None else value / factor
            assert _exact(row[header]) == shown, (header, listing.name)


def test_the_printed_listings_show_the_actuals_of_all_years(tree):
    rows = listing_lines(opened(tree), tree)
    headers = [header for header in rows[0] if header.endswith("実績")]
    assert len(headers) == len(tree.years)
    for row, listing in zip(rows, tree.listings, strict=True):
        for header, year in zip(headers, tree.years, strict=True):
            assert f"（{year}）" in header
            actual = listing.indicator.actuals.get(year)
            if actual is None:
                assert row[header] == ("未入力" if year <= tree.fiscal_year else "－")
            elif actual.value is None:
                assert row[header] == Actual.Availability(actual.availability).label
            else:
                assert _exact(row[header]) == actual.value / listing.indicator.display_factor


def test_the_three_figures_and_the_deciding_one_are_shown_with_the_judgement(tree):
    headers = {"達成率（％）": "attainment", "進捗率（％）": "completion", "計画比（％）": "pace"}
    names = {
        "pace": "計画比",
        "completion": "進捗率",
        "attainment": "達成率",
        "comparison": "値の比較",
    }
    seen = set()
    for row, listing in zip(listing_lines(opened(tree), tree), tree.listings, strict=True):
        judged = listing.assessment
        for header, name in headers.items():
            figure = getattr(judged, name)
            assert _exact(row[header]) == ("－" if figure is None else figure)
        assert row["判定の根拠"].split("（")[0] == names.get(judged.judged_by, "－")
        if judged.basis_year not in (None, tree.fiscal_year):
            assert row["判定の根拠"].endswith(f"（{judged.basis_year}年度の値）")
        seen.add(judged.judged_by)
    assert {"pace", "comparison"} <= seen


def test_the_judgement_of_the_year_before_is_beside_that_of_the_year(tree):
    year = tree.fiscal_year - 1
    for row, listing in zip(listing_lines(opened(tree), tree), tree.listings, strict=True):
        headers = list(row)
        header = headers[headers.index("判定") + 1]
        assert header == "前年度の判定"
        judged = listing.assess(year)
        assert row[header] == f"{mark_of(band_of(judged.status), tree.scale)} {judged.label}"


def test_in_the_first_year_of_a_plan_there_is_no_judgement_before():
    kpi = make_kpi()
    make_actual(kpi.indicator, 2015, 10)
    [row] = lines(opened(read_tree(kpi.strategy.code, 2015)), "KPI")
    assert row["前年度の判定"] == "－"


def cell_of(workbook: openpyxl.Workbook, header: str, row: int = HEADER_ROW + 2):
    sheet = workbook["KPI"]
    for cell in sheet[HEADER_ROW]:
        if cell.value.replace("\n", "") == header:
            return sheet.cell(row, cell.column)
    raise AssertionError(header)


def test_amounts_are_in_the_display_unit_with_the_decimals_they_need():
    indicator = make_indicator(unit="円", display_unit="千円")
    kpi = make_kpi(indicator=indicator, target=Decimal(1_000_000))
    make_actual(indicator, 2015, 1_234_567)
    workbook = opened(read_tree(kpi.strategy.code, 2015))
    assert cell_of(workbook, "単位").value == "千円"
    cell = cell_of(workbook, "平成27年度（2015）実績")
    assert cell.value == 1234.567
    assert cell.number_format.startswith('#,##0.000"*"')
    assert cell_of(workbook, "目標値").number_format.startswith("#,##0_")


def test_negative_numbers_have_a_triangle_and_doubtful_ones_a_sign():
    indicator = make_indicator(minimum=None, decimals=1)
    kpi = make_kpi(indicator=indicator, kind="level", target=Decimal(5))
    make_actual(indicator, 2015, "-1.5", provisional=True)
    workbook = opened(read_tree(kpi.strategy.code, 2015))
    cell = cell_of(workbook, "平成27年度（2015）実績")
    assert cell.value == -1.5
    assert cell.number_format == '#,##0.0"速*"_ ;"▲"#,##0.0"速*"_ '
    assert cell_of(workbook, "備考").value == "速報値・未確認"


def test_the_month_of_publication_is_shown_with_the_remarks():
    indicator = make_indicator()
    kpi = make_kpi(indicator=indicator)
    make_actual(
        indicator,
        2015,
        None,
        availability="unpublished",
        expected_month="2016-09",
        remarks="国調査",
    )
    workbook = opened(read_tree(kpi.strategy.code, 2015))
    remarks = cell_of(workbook, "備考").value
    assert remarks == "未確認\n未公表（平成28年9月に公表予定）\n国調査"


def test_the_printed_projects_are_those_of_the_tree_with_the_home_of_relistings(tree):
    rows = lines(opened(tree), "具体的事業")
    titles = {measure.place: measure.title for measure in tree.measures}
    for row, project in zip(rows, tree.projects, strict=True):
        again = project.relisted_from is not None
        assert row["事業名"] == project.name + ("（再掲）" if again else "")
        assert (row["区分"] or "") == project.category
        assert (row["内容"] or "") == project.content
        assert (row["実施主体"] or "") == project.implementer
        if again:
            assert row["再掲元"].startswith(f"基本目標{project.relisted_from[0]}（")
            assert row["再掲元"].endswith(titles[project.home])
        else:
            assert row["再掲元"] is None
    assert any(project.relisted_from for project in tree.projects)


def test_the_real_plan_is_counted_with_what_is_listed_again(real_tree):
    workbook = opened(real_tree)
    assert "10指標（実9、再掲1）" in workbook["数値目標"]["A2"].value
    assert "49指標（実48、再掲1）" in workbook["総括表"]["A2"].value
    assert "延べ96事業（実88、再掲8）" in workbook["具体的事業"]["A2"].value
    cover = dict(workbook["表紙"].iter_rows(min_row=3, max_col=2, values_only=True))
    assert cover["指標"].startswith("49指標（実48、再掲1）")
    assert cover["事業"] == "延べ96事業（実88、再掲8）"


def test_printed_sheets_name_both_years_and_the_plan(tree):
    for sheet in PRINTED:
        heading = opened(tree)[sheet]["A1"].value
        assert tree.title in heading
        assert re.search(r"(平成|令和).+年度 効果検証（(平成|令和).+年度実績）$", heading)
    if tree.fiscal_year == 2017:
        assert "平成30年度 効果検証（平成29年度実績）" in heading


@pytest.mark.parametrize("sheet", PRINTED)
def test_printed_sheets_are_set_up_for_the_copier(tree, sheet):
    worksheet = opened(tree)[sheet]
    a3 = sheet in ("総括表", "数値目標", "KPI", "計算", "前年度の計算", "変更履歴")
    assert str(worksheet.page_setup.paperSize) == ("8" if a3 else "9")
    assert worksheet.page_setup.orientation == "landscape"
    assert worksheet.print_title_rows.startswith("$1:$")
    assert "&P" in worksheet.oddFooter.center.text
    assert tree.title in worksheet.oddFooter.left.text
    assert "&D" in worksheet.oddFooter.right.text
    fitted = worksheet.sheet_properties.pageSetUpPr
    if fitted and fitted.fitToPage:
        assert worksheet.page_setup.fitToWidth in (1, None)
    else:  # too many columns, as those of many years
        assert sheet in ("数値目標", "KPI", "計算", "前年度の計算")
        assert worksheet.col_breaks.brk
        assert worksheet.print_title_cols


def test_the_calculation_shows_names_and_entries_as_they_are():
    measure = make_measure()
    long = make_kpi(measure, make_indicator(decimals=2), name="名称の長い指標" * 8)
    make_actual(long.indicator, 2015, "1.43")
    make_kpi(measure, name="短い")
    worksheet = opened(read_tree(long.strategy.code, 2015))["計算"]
    header = {cell.value: cell.column for cell in worksheet[5]}
    entry = worksheet.cell(6, header["対象年度の欄"])
    assert (entry.value, entry.number_format.split(";")[0]) == (1.43, "General")
    assert worksheet.cell(6, header["指標"]).alignment.wrap_text
    assert worksheet.row_dimensions[6].height > worksheet.row_dimensions[7].height


@pytest.mark.parametrize("sheet", TABLES)
def test_long_tables_can_be_filtered_and_keep_their_headers_in_view(tree, sheet):
    worksheet = opened(tree)[sheet]
    assert worksheet.print_title_rows == f"$1:${HEADER_ROW}"
    assert worksheet.freeze_panes.endswith(str(HEADER_ROW + 1))
    assert worksheet.auto_filter.ref


def test_what_is_invented_says_so_on_printed_sheets_and_in_the_metadata(tree):
    strategy = make_strategy(invented=True)
    make_kpi(make_measure(strategy.goals.create(position=1, title="目標")))
    workbook = opened(read_tree(strategy.code, 2015))
    for sheet in PRINTED:
        assert INVENTED_NOTE in workbook[sheet]["A2"].value  # row 2 is repeated on every page
    rows = {r["物理名"]: r["内容"] for r in records(workbook, "メタデータ")}
    assert {r["架空の値"] for r in records(workbook)} == {1}
    assert INVENTED_NOTE in [r["内容"] for r in records(workbook, "メタデータ")]
    assert rows["title"]


def test_what_is_real_does_not_say_that_it_is_invented(real_tree):
    workbook = opened(real_tree)
    for sheet in SHEETS:
        for row in workbook[sheet].iter_rows(values_only=True):
            assert not any(isinstance(cell, str) and INVENTED_NOTE in cell for cell in row)
    assert {r["架空の値"] for r in records(workbook)} == {0}


def test_readers_find_their_word_for_what_was_not_entered():
    kpi = make_kpi()
    workbook = opened(read_tree(kpi.strategy.code, 2015, words=READERS_WORDS))
    assert cell_of(workbook, "平成27年度（2015）実績").value == "実績未把握"
    words = [row[c] for row in records(workbook) for c in ("値の有無", "判定") if row[c]]
    assert set(words) == {"実績未把握"}


def test_a_plan_without_goals_and_one_without_values_can_be_had():
    empty = make_strategy()
    kpi = make_kpi()
    for code in (empty.code, kpi.strategy.code):
        assert opened(read_tree(code, 2015)).sheetnames == list(SHEETS)


# Safe text, same bytes


def test_machine_sheets_have_no_formula_and_errors_stand_behind_the_chart_only(tree):
    formulas = openpyxl.load_workbook(io.BytesIO(report(tree)))
    for worksheet in formulas:
        kinds = {cell.data_type for row in worksheet.iter_rows() for cell in row}
        assert not (worksheet.title in MACHINE and "f" in kinds)
    for worksheet in opened(tree):
        for row in worksheet.iter_rows():
            for cell in row:
                if cell.data_type == "e":
                    assert (worksheet.title, cell.value) == ("グラフ", "#N/A")


@pytest.mark.parametrize("text", FORMULA_LIKE)
def test_text_that_begins_like_a_formula_stays_text(text):
    strategy = make_strategy(title=f"{text}総合戦略", note=text)
    measure = make_measure(strategy.goals.create(position=1, title=text))
    indicator = make_indicator(name=text, method=text, source=text)
    make_kpi(measure, indicator, name=text, sentence=text)
    make_project(measure, name=text, content=text, implementer=text)
    make_actual(indicator, 2015, remarks=f"{text}。")
    content = report(read_tree(strategy.code, 2015))
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        sheets = [name for name in package.namelist() if name.startswith("xl/worksheets/sheet")]
        assert len(sheets) == len(SHEETS)
        written = re.compile(rb"<f>([^<]*)</f>")
        for name in sheets:
            for formula in written.findall(package.read(name)):
                assert formula[:2] not in (b"1+", b"2+", b"3+", b"+8", b"-5", b"@S", b"HY")
        assert not any("externalLink" in name or "vba" in name for name in package.namelist())
    workbook = openpyxl.load_workbook(io.BytesIO(content))
    found = 0
    for worksheet in workbook:
        for row in worksheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    continue
                if isinstance(cell.value, str) and cell.value.startswith(text.strip()[:2]):
                    assert cell.quotePrefix, (worksheet.title, cell.coordinate)
                    found += 1
    assert found >= 8


def test_texts_of_any_length_and_with_control_characters_can_be_opened():
    indicator = make_indicator()
    kpi = make_kpi(indicator=indicator)
    actual = make_actual(indicator, 2015)
    # Longer than any door takes today, as an installation may have it from before.
    Actual.objects.filter(pk=actual.pk).update(remarks="長" * 40_000)
    make_actual(indicator, 2016, remarks="縦\x0b書き\x07")
    remarks = [row["備考"] for row in records(opened(read_tree(kpi.strategy.code, 2015)))]
    assert any(text and text.endswith("以下を省略しました）") for text in remarks)


@pytest.mark.parametrize("name", CITIES)
def test_the_same_values_give_the_same_bytes(name):
    strategy = load_city(name)
    make_values(strategy)
    trees = [read_tree(strategy.code, 2017 if name == "nemuro_2015" else 2022) for _ in range(2)]
    assert report(trees[0]) == report(trees[1])


def test_another_value_gives_other_bytes():
    indicator = make_indicator()
    kpi = make_kpi(indicator=indicator)
    make_actual(indicator, 2015, 1)
    before = report(read_tree(kpi.strategy.code, 2015))
    make_actual(indicator, 2016, 1)
    assert report(read_tree(kpi.strategy.code, 2015)) != before


def test_every_formula_has_its_result_beside_it(tree):
    with zipfile.ZipFile(io.BytesIO(report(tree))) as package:
        for name in package.namelist():
            if name.startswith("xl/worksheets/sheet"):
                cells = re.findall(
                    rb"<c [^>]*><f>[^<]*</f>(?:<v>[^<]*</v>)?</c>", package.read(name)
                )
                assert all(b"<v>" in cell for cell in cells)


def test_excel_2016_takes_every_formula(tree):
    written = formulas(report(tree))
    assert len(written) > 30 * len(tree.listings)
    wrong = {at: faults(f"={one.formula}") for at, one in written.items()}
    assert not {at: what for at, what in wrong.items() if what}


@pytest.mark.parametrize(
    ("formula", "fault"),
    [
        ('=IF(A1="","",ROUND(A1,1)', "1 brackets are not closed, the last of IF("),
        ("=SUM(A1:A2)", "function that is not known: SUM"),
        ("=ROUND(A1)", "ROUND with 1 arguments"),
        ("=NA(1)", "NA with 1 arguments"),
        ("=IF(A1,B1,C1,D1)", "IF with 4 arguments"),
        ("=(A1,B1)", "several expressions in brackets"),
        (f'="{"長" * 256}"', f'text of more than 255 characters: "{"長" * 256}"'),
        ("=" + "N(" * 65 + "A1" + ")" * 65, "nested too deep"),
        ("=A1)", "a bracket or a text that is closed before it is open, or not at all"),
        ("=A1/#REF!", "error: #REF!"),
        ("=" + "+".join(["A1"] * 3000), "longer than 8192"),
    ],
)
def test_what_excel_would_not_take_is_found(formula, fault):
    assert faults(formula) == [fault]


def test_nothing_is_found_in_a_formula_that_is_right():
    assert faults('=IF(OR(A1="",N(B1)<0),NA(),(ROUND(1000*A1/B1,0)+0)/10)') == []


# The cover, and who changed what


def cover_of(tree: StrategyTree) -> dict[str, str]:
    return dict(opened(tree)["表紙"].iter_rows(min_row=3, max_col=2, values_only=True))


def test_the_cover_says_what_of_when_and_by_whom(tree):
    cover = cover_of(tree)
    assert tree.title in cover["計画"]
    assert str(tree.fiscal_year + 1) in cover["実施年度"]
    assert str(tree.fiscal_year) in cover["対象年度"]
    assert cover["出力"] == "2026-10-01 18:30:00　監査 花子"
    assert cover["出力の範囲"] == "計画の全体"


def test_the_digest_can_be_computed_again_from_the_data_sheet(tree):
    """As the cover says it: shown numbers, CSV with BOM and CRLF, apostrophes before signs."""
    lines = []
    for row in openpyxl.load_workbook(io.BytesIO(report(tree)))["データ"].iter_rows():
        lines.append(",".join(_as_csv(cell) for cell in row) + "\r\n")
    text = "\ufeff" + "".join(lines)
    assert hashlib.sha256(text.encode()).hexdigest() == cover_of(tree)["データのSHA-256"]


def _as_csv(cell) -> str:
    if cell.value is None:
        return ""
    if not isinstance(cell.value, str):
        decimals = len(cell.number_format.partition(".")[2])
        return f"{Decimal(repr(cell.value)):.{decimals}f}"
    text = f"'{cell.value}" if re.match(r"[=+\-@\t]", cell.value) else cell.value
    if re.search(r'[,"\r\n]', text):
        text = '"' + text.replace('"', '""') + '"'
    return text


def test_another_value_gives_another_digest():
    indicator = make_indicator()
    kpi = make_kpi(indicator=indicator)
    make_actual(indicator, 2015, 1)
    before = cover_of(read_tree(kpi.strategy.code, 2015))["データのSHA-256"]
    make_actual(indicator, 2016, 1)
    assert cover_of(read_tree(kpi.strategy.code, 2015))["データのSHA-256"] != before


def test_data_says_who_entered_and_confirmed_each_value_and_when(tree):
    rows = [r for r in data(tree) if r.value_kind_code == "actual"]
    assert any(r.confirmed_by for r in rows)
    for row in rows:
        assert (row.entered_by is None) == (row.state_code is None)
        assert (row.confirmed_by is None) == (row.state_code != "confirmed")
        if row.entered_by:
            assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", row.entered_at)
            assert row.evidence == 0


def test_changes_of_the_plan_are_listed_with_who_when_what_and_why():
    indicator = make_indicator(name="相談の件数")
    kpi = make_kpi(indicator=indicator)
    foreign = make_kpi()
    make_actual(indicator, 2015, 1)
    make_actual(indicator, 2015, 2, version=1, reason="数え直した")
    make_actual(foreign.indicator, 2015, 5)
    rows = lines_below_header(opened(read_tree(kpi.strategy.code, 2015))["変更履歴"])
    changed = [r for r in rows if r["項目"] == "実績値" and r["操作"] == "変更"]
    assert [(r["変更前"], r["変更後"], r["理由"]) for r in changed] == [
        ("1人", "2人", "数え直した")
    ]
    assert changed[0]["対象"] == "相談の件数"
    assert changed[0]["入力経路"] == "コマンド"
    kinds = {r["種類"] for r in rows}
    assert {"実績値の登録", "指標の変更", "目標と読み方の変更", "計画の変更"} <= kinds
    assert foreign.indicator.name not in {r["対象"] for r in rows}


def lines_below_header(worksheet) -> list[dict]:
    header, *rows = worksheet.iter_rows(min_row=HEADER_ROW, values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows if row[1] is not None]


def test_open_points_name_what_an_auditor_may_ask_about():
    kpi = make_kpi(indicator=make_indicator(name="来た人の数"))
    doubted = make_kpi(kpi.measure, name="疑わしい目標", confirmed_at=None, doubts="人か件か。")
    actual = make_actual(kpi.indicator, 2015, 10)
    make_actual(kpi.indicator, 2016, 90)
    move(
        {actual.pk: actual.version},
        "confirmed",
        Change(by=make_user(Role.PLANNING), door=Door.COMMAND),
    )
    make_actual(kpi.indicator, 2015, 11, version=2, reason="訂正")
    evidence = Evidence.objects.create(
        indicator=kpi.indicator, fiscal_year_id=2016, name="表.pdf", stored_as="x", size=1,
        sha256="0" * 64,
    )  # fmt: skip
    workbook = opened(read_tree(kpi.strategy.code, 2016))
    rows = lines_below_header(workbook["未確認の点"])
    found = {(r["点"], r["年度"]): r["内容"] for r in rows}
    assert found["読み方未確認", None] == "人か件か。"
    assert any(r["指標"].endswith(doubted.name) for r in rows)
    assert "10人" in found["確認後に変更された値", "平成27年度"]
    assert "11人から90人へ" in found["備考がなく大きく動いた値", "平成28年度"]
    assert ("根拠資料のない値", "平成27年度") in found
    assert ("根拠資料のない値", "平成28年度") not in found
    flags = {
        r["年度（西暦）"]: r["根拠資料"]
        for r in records(workbook)
        if (r["値の区分"], r["指標名"]) == ("実績", "来た人の数")
    }
    assert (flags[2015], flags[2016]) == (0, 1)
    evidence.removed_at = timezone.now()
    evidence.save()
    tree = replace(read_tree(kpi.strategy.code, 2016))  # the same was kept: it has no evidence
    again = lines_below_header(opened(tree)["未確認の点"])
    assert ("根拠資料のない値", "平成28年度") in {(r["点"], r["年度"]) for r in again}


def evidence_of(kpi, year: int, name: str, digit: str, **fields) -> Evidence:
    make_fiscal_year(year)
    return Evidence.objects.create(
        indicator=kpi.indicator, fiscal_year_id=year, name=name, stored_as=name,
        sha256=digit * 64, **{"size": 2048} | fields,
    )  # fmt: skip


def test_the_evidence_is_listed_with_its_value_who_attached_it_and_its_digest():
    first = make_kpi(indicator=make_indicator(name="来た人の数"), name="来た人の数")
    second = make_kpi(first.measure, indicator=make_indicator(name="店の数"), name="店の数")
    clerk = make_user(Role.CLERK, full_name="根室 太郎")
    at = datetime(2017, 5, 31, 23, 30, tzinfo=UTC)
    evidence_of(second, 2015, "店.xlsx", "c", added_by=clerk, added_at=at)
    evidence_of(first, 2016, "表.pdf", "b", size=1_234_567, added_by=clerk, added_at=at)
    evidence_of(first, 2015, "=1+1.pdf", "a")
    evidence_of(first, 2015, "誤り.pdf", "d", removed_at=timezone.now())
    rows = lines_below_header(opened(read_tree(first.strategy.code, 2016))["根拠資料"])
    listed = [list(row.values()) for row in rows if row["SHA-256"]]
    assert [(row[0].split(" ")[1], row[1], row[3], row[7][0]) for row in listed] == [
        ("来た人の数", "平成27年度", "=1+1.pdf", "a"),
        ("来た人の数", "平成28年度", "表.pdf", "b"),
        ("店の数", "平成27年度", "店.xlsx", "c"),
    ]
    assert listed[1][4:] == [1_234_567, "2017-06-01\n08:30", "根室 太郎", "b" * 64]


def test_evidence_as_of_a_day_is_that_of_the_day():
    kpi = make_kpi()
    make_actual(kpi.indicator, 2015, 10)
    evidence_of(kpi, 2015, "後.pdf", "a")
    Evidence.history.update(history_date=datetime(2020, 5, 1, tzinfo=UTC))
    for model in (type(kpi), type(kpi.indicator)):
        model.history.update(history_date=datetime(2019, 5, 1, tzinfo=UTC))
    tree = read_tree(kpi.strategy.code, 2015)
    found = [
        len(evidence_records(replace(tree, as_of=day)))
        for day in (date(2020, 4, 1), date(2020, 6, 1))
    ]
    assert found == [0, 1]


# Parts of a plan, and the past


def test_one_goal_or_section_has_its_listings_and_projects_only():
    strategy = load_city()
    tree = read_tree(strategy.code, 2017)
    goal = narrow(tree, goal=2)
    assert [node.position for node in goal.goals] == [2]
    section = tree.listings[0].indicator.section
    part = narrow(tree, section=section)
    assert part.listings
    assert {x.indicator.section for x in part.listings} == {section}
    workbook = openpyxl.load_workbook(
        io.BytesIO(review_workbook(goal, facts=FACTS)), data_only=True
    )
    assert {r["基本目標番号"] for r in records(workbook)} == {2}
    cover = dict(workbook["表紙"].iter_rows(min_row=3, max_col=2, values_only=True))
    assert cover["出力の範囲"] == "基本目標2"
    names = {x.indicator.name for x in goal.listings}
    changed = {r["対象"] for r in lines_below_header(workbook["変更履歴"])}
    others = {x.indicator.name for x in tree.listings} - names
    assert not changed & others


@pytest.mark.parametrize("as_of", [None, date(2999, 1, 1)])
def test_the_number_of_queries_does_not_grow_with_the_plan_and_its_history(as_of):
    kpi = make_kpi()
    for year in (2015, 2015, 2016):
        make_fiscal_year(year)  # changed once: from then on every model has a change
    counts = []
    for rounds in (2, 6):
        for number in range(rounds):
            more = make_kpi(kpi.measure)
            evidence_of(more, 2015, f"{rounds}-{number}.pdf", "a", added_by=make_user())
            make_project(kpi.measure)
            make_actual(more.indicator, 2015 + number % 5)
        tree = read_tree(kpi.strategy.code, 2015, as_of=as_of)
        with CaptureQueriesContext(connection) as queries:
            report(tree)
        counts.append(len(queries))
    assert counts[0] == counts[1]
