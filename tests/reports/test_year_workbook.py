"""The workbook of a year, read back: values as in the tree, machine rules, text that stays text."""

import io
import re
import zipfile
from collections import Counter
from decimal import Decimal
from types import SimpleNamespace

import openpyxl
import pytest

from indicators.models import Actual
from indicators.progress import band_of, mark_of
from kpis.nodes import StrategyTree
from kpis.pages import READERS_WORDS
from kpis.tree import read_tree
from reports.data_description import INVENTED_NOTE
from reports.observation_columns import COLUMNS
from reports.observations import expected_by_year
from reports.year_workbook import year_workbook
from tests.factories import (
    load_city,
    make_actual,
    make_indicator,
    make_kpi,
    make_measure,
    make_project,
    make_strategy,
    make_values,
)

pytestmark = pytest.mark.django_db

SHEETS = ["指標", "具体的事業", "データ", "コード表", "メタデータ"]
PRINTED, MACHINE = SHEETS[:2], SHEETS[2:]
HEADER_ROW = 3  # of printed sheets; machines find theirs in row 1
FORMULA_LIKE = ["=1+1", "+81-153", "-5人", "@SUM(A1)", "\t=2+2", '=HYPERLINK("http://x","y")']


CITIES = ["nemuro_2015", "shiraho_2020"]


@pytest.fixture(scope="module")
def trees() -> dict[str, StrategyTree]:
    """What was read, by city: trees are plain data, so they outlive the test's database."""
    return {}


@pytest.fixture(params=CITIES)
def tree(request, trees) -> StrategyTree:
    if request.param not in trees:
        trees[request.param] = read_city(request.param)
    return trees[request.param]


def read_city(name: str) -> StrategyTree:
    strategy = load_city(name)
    make_values(strategy)
    return read_tree(strategy.code, strategy.first_fiscal_year + 2)


_opened: dict[int, tuple[StrategyTree, openpyxl.Workbook]] = {}


def opened(tree: StrategyTree) -> openpyxl.Workbook:
    """The workbook as openpyxl reads it, made once for each tree."""
    if id(tree) not in _opened:
        workbook = openpyxl.load_workbook(io.BytesIO(year_workbook(tree)))
        _opened[id(tree)] = (tree, workbook)
    return _opened[id(tree)][1]


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
        + len(expected_by_year(listing))
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
        for year, value in expected_by_year(listing).items():
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
    if year not in tree.period:
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


def test_sums_and_yearly_values_are_told_apart(tree):
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
            wanted = {"文字列": str, "整数": int, "数値": (int, float)}[types[header]]
            assert isinstance(value, wanted), header  # L2-01


def test_every_code_of_data_is_in_the_code_table_with_its_name(tree):
    workbook = opened(tree)
    table = {(r["項目名"], r["コード"]): r["名称"] for r in records(workbook, "コード表")}
    coded = {header for header, _ in table}
    assert {column.header for column in COLUMNS if column.name.endswith("_code")} - coded == {
        "団体コード",
        "総合戦略コード",
        "指標コード",
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
            workbook = opened(read_tree(strategy.code, year))
            headers.add(tuple(cell.value for cell in workbook["データ"][1]))
    assert len(headers) == 1  # L3-07


# 指標 and 具体的事業


def test_the_printed_listings_are_those_of_the_tree_in_its_order(tree):
    rows = lines(opened(tree), "指標")
    assert [r["名称"] for r in rows] == [f"{x.mark} {x.name}" for x in tree.listings]
    for row, listing in zip(rows, tree.listings, strict=True):
        judged, indicator = listing.assessment, listing.indicator
        assert row["目標の文言"] == listing.sentence
        assert row["種類"] == listing.kind_label
        assert row["単位"] == (indicator.shown_unit or "－")
        assert row["判定"] == f"{mark_of(band_of(judged.status), tree.scale)} {judged.label}"
        assert row["担当課"] == indicator.section
        assert row["説明"] == judged.explanation
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
    rows = lines(opened(tree), "指標")
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


def test_the_figure_that_decided_stands_with_its_name(tree):
    names = {"pace": "計画比", "completion": "進捗率", "attainment": "達成率"}
    seen = set()
    for row, listing in zip(lines(opened(tree), "指標"), tree.listings, strict=True):
        judged = listing.assessment
        if judged.judged_by in names:
            assert row["判定の根拠"] == names[judged.judged_by]
            assert _exact(row["率（％）"]) == getattr(judged, judged.judged_by)
            seen.add(judged.judged_by)
        else:
            assert row["率（％）"] == "－"
    assert "pace" in seen


def cell_of(workbook: openpyxl.Workbook, header: str, row: int = HEADER_ROW + 2):
    sheet = workbook["指標"]
    for cell in sheet[HEADER_ROW]:
        if cell.value.replace("\n", "") == header:
            return sheet.cell(row, cell.column)
    raise AssertionError(header)


def test_amounts_stand_in_the_display_unit_with_the_decimals_they_need():
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
    assert cell_of(workbook, "速報値・未確認").value == "速報値・未確認"


def test_the_month_of_publication_stands_with_the_remarks():
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
    assert cell_of(workbook, "備考").value == "未公表（2016年9月に公表予定）\n国調査"


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


def test_the_real_plan_is_counted_with_what_is_listed_again():
    strategy = load_city()
    workbook = opened(read_tree(strategy.code, 2017))
    assert "49指標（実48、再掲1）" in workbook["指標"]["A2"].value
    assert "延べ96事業（実88、再掲8）" in workbook["具体的事業"]["A2"].value


def test_printed_sheets_name_both_years_and_the_plan(tree):
    for sheet in PRINTED:
        heading = opened(tree)[sheet]["A1"].value
        assert tree.title in heading
        assert re.search(r"(平成|令和).+年度 効果検証（(平成|令和).+年度実績）$", heading)
    if tree.fiscal_year == 2017:
        assert "平成30年度 効果検証（平成29年度実績）" in heading


@pytest.mark.parametrize(("sheet", "paper"), [("指標", "8"), ("具体的事業", "9")])
def test_printed_sheets_are_set_up_for_the_copier(tree, sheet, paper):
    worksheet = opened(tree)[sheet]
    assert str(worksheet.page_setup.paperSize) == paper
    assert worksheet.page_setup.orientation == "landscape"
    assert worksheet.sheet_properties.pageSetUpPr.fitToPage
    assert (worksheet.page_setup.fitToWidth, worksheet.page_setup.fitToHeight) in (
        (1, 0),
        (None, 0),
    )
    assert worksheet.print_title_rows == f"$1:${HEADER_ROW}"
    assert "&P" in worksheet.oddFooter.center.text
    assert worksheet.freeze_panes is not None
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


def test_what_is_real_does_not_say_that_it_is_invented():
    strategy = load_city()
    workbook = opened(read_tree(strategy.code, 2017))
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
        assert opened(read_tree(code, 2015)).sheetnames == SHEETS


# Safe text, same bytes


def test_there_is_no_formula_and_no_error_in_any_sheet(tree):
    for worksheet in opened(tree):
        for row in worksheet.iter_rows():
            assert all(cell.data_type not in ("f", "e") for cell in row)


@pytest.mark.parametrize("text", FORMULA_LIKE)
def test_text_that_begins_like_a_formula_stays_text(text):
    strategy = make_strategy(title=f"{text}総合戦略", note=text)
    measure = make_measure(strategy.goals.create(position=1, title=text))
    indicator = make_indicator(name=text, method=text, source=text)
    make_kpi(measure, indicator, name=text, sentence=text)
    make_project(measure, name=text, content=text, implementer=text)
    make_actual(indicator, 2015, remarks=f"{text}。")
    content = year_workbook(read_tree(strategy.code, 2015))
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        sheets = [name for name in package.namelist() if name.startswith("xl/worksheets/sheet")]
        assert len(sheets) == len(SHEETS)
        for name in sheets:
            assert b"<f" not in package.read(name).replace(b"<family", b"")
        assert not any("externalLink" in name or "vba" in name for name in package.namelist())
    workbook = openpyxl.load_workbook(io.BytesIO(content))
    found = 0
    for worksheet in workbook:
        for row in worksheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                if isinstance(cell.value, str) and cell.value.startswith(text.strip()[:2]):
                    assert cell.quotePrefix, (worksheet.title, cell.coordinate)
                    found += 1
    assert found >= 8


def test_texts_of_any_length_and_with_control_characters_can_be_opened():
    indicator = make_indicator()
    kpi = make_kpi(indicator=indicator)
    make_actual(indicator, 2015, remarks="長" * 40_000)
    make_actual(indicator, 2016, remarks="縦\x0b書き\x07")
    remarks = [row["備考"] for row in records(opened(read_tree(kpi.strategy.code, 2015)))]
    assert any(text and text.endswith("以下を省略しました）") for text in remarks)


@pytest.mark.parametrize("name", CITIES)
def test_the_same_values_give_the_same_bytes(name):
    strategy = load_city(name)
    make_values(strategy)
    trees = [read_tree(strategy.code, 2017 if name == "nemuro_2015" else 2022) for _ in range(2)]
    assert year_workbook(trees[0]) == year_workbook(trees[1])


def test_another_value_gives_other_bytes():
    indicator = make_indicator()
    kpi = make_kpi(indicator=indicator)
    make_actual(indicator, 2015, 1)
    before = year_workbook(read_tree(kpi.strategy.code, 2015))
    make_actual(indicator, 2016, 1)
    assert year_workbook(read_tree(kpi.strategy.code, 2015)) != before
