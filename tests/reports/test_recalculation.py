"""The formulas of the workbook, computed again: the same figures as on the pages, in every case.

In Python for listings of all sorts and for every year; LibreOffice, which is slow, computes a
report of each city and one mixed workbook, and finds what Python finds.
"""

import io
import math
import re
from collections import Counter
from decimal import Decimal
from functools import cache
from typing import Any

import openpyxl
import pytest
from django.db import transaction
from xlsxwriter.utility import xl_rowcol_to_cell

from indicators.rules.chosen_grades import PERSONAL
from japanese.numerals import format_number
from plans.nodes import ListingNode, StrategyTree
from plans.presentation import row_of
from plans.tree import read_tree
from reports.review_workbook import review_workbook, write_judged_sheets
from reports.sheets.addresses import CHART, YEAR_BEFORE, Places
from reports.sheets.cover import Facts
from reports.sheets.judged import papers
from tables.sheet_cells import printed_workbook
from tests.factories import (
    load_city,
    make_actual,
    make_kpi,
    make_measure,
    make_revision,
    make_values,
)
from tests.formula_evaluation import evaluated
from tests.recalculation import Address, Formula, formulas, recalculated
from tests.reports.listings_in_memory import CONFIRMED_AT, PLANS, Listed, Plan, drawn_for, tree_of

pytestmark = [pytest.mark.one_database, pytest.mark.slow]

CITIES = ("nemuro_2015", "shiraho_2020")
FIGURES = ("attainment", "completion", "pace")


def judged_workbook(tree: StrategyTree) -> bytes:
    """The sheets with formulas, without those that need a database."""
    output = io.BytesIO()
    with printed_workbook(output) as workbook:
        write_judged_sheets(workbook, tree)
    return output.getvalue()


LISTINGS_PER_PLAN = 150

MIXED_PLAN = 3
"""A plan of five years in its third, the only year in which every status can come about."""

Computed = dict[Address, Formula]
Place = tuple[str, int, list[str]]
"""Sheet, row and keys of the columns."""


def assert_as_on_the_page(tree: StrategyTree, computed: Computed) -> None:
    """Compare every judged cell of the papers with the tree, and its text with the page's."""
    rows = layout(tree)
    for listing in tree.listings:
        judged, page = listing.assessment, row_of(listing)
        factor = listing.indicator.display_factor
        where = (tree.fiscal_year, tree.period, listing)
        row = paper_row(rows[listing.model, listing.pk], computed)
        for key, number in (("expected", judged.expected), ("value", judged.value)):
            assert row[key] == ("－" if number is None else float(number / factor)), where
        for key, figure in zip(FIGURES, page.figures, strict=True):
            number = getattr(judged, key)
            assert row[key] == ("－" if number is None else float(number)), where
            if number is not None:
                assert f"{format_number(Decimal(str(row[key])), 1)}％" == figure.text
        assert row["label"] == f"{page.mark} {page.label}", where
        assert row["outlook"] == listing.outlook.state.label, where
        assert row["before"] == judgement_before(listing), where
        decided = judged.judged_by.label if judged.judged_by else "－"
        decided = PERSONAL if judged.is_chosen else decided
        assert row["judged_by"].split("（")[0] == decided, where


def judgement_before(listing: ListingNode) -> str:
    """The judgement of the year before as its page shows it; a dash before the plan."""
    if listing.fiscal_year == listing.period.first:
        return "－"
    page = row_of(listing, listing.fiscal_year - 1)
    return f"{page.mark} {page.label}"


def paper_row(place: Place, computed: Computed) -> dict[str, Any]:
    """The results of the formulas in a listing's row of 数値目標 or KPI, by key."""
    sheet, row, columns = place
    return {
        key: computed[sheet, xl_rowcol_to_cell(row, columns.index(key))].result
        for key in (*FIGURES, "expected", "value", "label", "judged_by", "outlook", "before")
    }


def layout(tree: StrategyTree) -> dict[tuple[str, int], Place]:
    """Sheet, row and columns of each listing."""
    places = Places(tree)
    columns = {paper.model: list(paper.columns) for paper in papers(tree, places)}
    return {key: (*places.printed[key][:2], columns[key[0]]) for key in places.printed}


def assert_as_stored(content: bytes, computed: Computed) -> None:
    """Compare every formula with its stored result; no cell shows an error."""
    stored = formulas(content)
    assert computed.keys() == stored.keys()
    for at, (formula, result) in computed.items():
        assert _is_same(result, stored[at].result), (at, formula, result, stored[at].result)
    for (sheet, _), (formula, result) in computed.items():
        if isinstance(result, str) and result.startswith("#"):
            # What the chart draws, behind the chart; the table that people read is blank there.
            assert (sheet, result) == (CHART, "#N/A")
            assert re.fullmatch(r'IF\((\$[BCD]\$\d+)="",NA\(\),\1\)', formula), formula


def _is_same(computed: float | str, stored: float | str) -> bool:
    """Whole numbers and figures are the same to the last bit, thirds nearly."""
    if isinstance(computed, str) or isinstance(stored, str) or stored == round(stored, 1):
        return computed == stored
    return math.isclose(computed, stored, rel_tol=1e-14)


def assert_same_results(python: Computed, libreoffice: Computed) -> None:
    """Compare what was computed twice: in Python and by LibreOffice."""
    assert python.keys() == libreoffice.keys()
    for at, (formula, result) in python.items():
        assert _is_same(result, libreoffice[at].result), (at, formula, result, libreoffice[at])


# Real and imaginary cities


@pytest.mark.django_db
@pytest.mark.parametrize("name", CITIES)
def test_every_figure_of_every_year_is_that_of_the_page(name):
    strategy = load_city(name)
    make_values(strategy)
    for year in strategy.period:
        tree = read_tree(strategy.code, year)
        content = judged_workbook(tree)
        computed = evaluated(content)
        assert_as_on_the_page(tree, computed)
        assert_as_stored(content, computed)


@pytest.mark.django_db
def test_the_year_before_a_revision_is_judged_by_what_held_then():
    measure = make_measure()
    level = {"kind": "level", "direction": "up", "target": 90, "baseline": 40}
    level |= {"baseline_kind": "measured"}
    changed, same = (make_kpi(measure, **level) for _ in range(2))
    for kpi in (changed, same):
        make_actual(kpi.indicator, 2017, 72)
        make_actual(kpi.indicator, 2018, 75)
    make_revision(2018, changed)
    changed.target = 200
    changed.save()
    new = make_kpi(measure, first_fiscal_year=2018)
    make_actual(new.indicator, 2017, 10)
    for year in (2017, 2018, 2019):
        tree = read_tree(measure.strategy.code, year)
        content = judged_workbook(tree)
        computed = evaluated(content)
        for listing in tree.listings:
            row = paper_row(layout(tree)[listing.model, listing.pk], computed)
            assert row["before"] == judgement_before(listing)
        if year == 2018:
            listings = layout(tree)
            found = [paper_row(place, computed)["before"] for place in listings.values()]
            assert found == ["◎ 順調", "◎ 順調", "－"]
            texts = str([cell.value for row in opened(content)["前年度の計算"] for cell in row])
            assert texts.count("前年度の内容による判定") == 1
        stored = formulas(content)
        for at, (formula, result) in computed.items():
            if at[0] in (YEAR_BEFORE, CHART):
                assert _is_same(result, stored[at].result), (at, formula)


@pytest.mark.django_db
def test_the_chart_draws_what_held_in_each_year():
    kpi = make_kpi(kind="level", target=90, baseline=40, baseline_kind="measured")
    make_revision(2018, kpi)
    kpi.target = 200
    kpi.save()
    content = judged_workbook(read_tree(kpi.strategy.code, 2018))
    computed = evaluated(content)
    rows = [[computed[CHART, f"{column}{row}"].result for column in "CD"] for row in range(10, 16)]
    assert rows == [[40, 90], [50, 90], [60, 90], [70, 90], [168, 200], [200, 200]]
    texts = str([cell.value for row in opened(content)["計算"] for cell in row])
    assert "その年度に定められていたもの。グラフに使う。" in texts
    assert not Places(read_tree(kpi.strategy.code, 2016)).is_revised


def opened(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


# Any strategy


@cache
def drawn(plan: Plan) -> list[Listed]:
    """Listings of a plan that are drawn at random, and one that is drawn too seldom to rely on."""
    first, last = plan.period.first, plan.period.last
    kept_at_last = Listed(
        {"kind": "every_year", "direction": "up", "target": Decimal(10)},
        {"decimals": 0},
        {first: Decimal(9), last: Decimal(10)},
    )
    return [*drawn_for(plan, LISTINGS_PER_PLAN), kept_at_last]


def test_every_figure_of_strategies_of_all_sorts_is_that_of_the_rules():
    trees = [tree_of(plan, drawn(plan)) for plan in PLANS]
    seen: Counter[str] = Counter()
    for tree in trees:
        content = judged_workbook(tree)
        computed = evaluated(content)
        assert_as_on_the_page(tree, computed)
        assert_as_stored(content, computed)
        for listing in tree.listings:
            judged = listing.assessment
            seen[listing.kind] += 1
            seen[judged.label] += 1
            seen[f"by {judged.judged_by}"] += 1
            seen["carried"] += judged.basis_year not in (None, judged.fiscal_year)
            seen["99.9"] += Decimal("99.9") in (judged.pace, judged.completion, judged.attainment)
            seen["huge"] += listing.target > 10**8
    for case in (
        "level", "total", "every_year", "milestone", "restraint", "carried", "99.9", "huge",
        "達成", "達成（途中年度に未達成あり）", "順調", "おおむね順調", "やや遅れ", "遅れ",
        "未達成",
        "おおむね達成", "基準値より後退", "未実現", "未入力", "判定なし（基準値未登録）", "到達",
        "判定なし（読み方未確認）", "判定なし（目標の登録に矛盾あり）", "判定なし（調査未実施）",
        "目標値以上", "目標値以下", "実現", "by pace", "by completion", "by attainment",
        "by comparison", "by None",
    ):  # fmt: skip
        assert seen[case], case


@cache
def mixed() -> tuple[StrategyTree, bytes]:
    """Return the tree of the plan in whose year every status can come about, and its workbook."""
    plan = PLANS[MIXED_PLAN]
    tree = tree_of(plan, drawn(plan))
    return tree, judged_workbook(tree)


def workbook_with_a_wrong_result() -> bytes:
    """Return a workbook where B1 = A1 + 1 = 21 and 999 is stored."""
    output = io.BytesIO()
    with printed_workbook(output) as workbook:
        sheet = workbook.add_worksheet("a")
        sheet.write_number(0, 0, 20)
        sheet.write_formula(0, 1, "=A1+1", None, 999)
    return output.getvalue()


Reports = dict[str, tuple[StrategyTree, bytes]]
"""What was read and the whole report, by city and year."""


@pytest.fixture(scope="module")
def reports(django_db_setup, django_db_blocker) -> Reports:
    """Two years of each city: trees and files are plain data and outlive their database."""
    made: Reports = {}
    with django_db_blocker.unblock(), transaction.atomic():
        for name in CITIES:
            strategy = load_city(name)
            make_values(strategy)
            for year in (strategy.first_fiscal_year + 2, strategy.last_fiscal_year):
                tree = read_tree(strategy.code, year)
                content = review_workbook(tree, facts=Facts("監査", CONFIRMED_AT))
                made[f"{name} {year}"] = tree, content
        transaction.set_rollback(True)
    return made


@pytest.fixture(scope="module")
def libreoffice(reports) -> dict[str, Computed]:
    """What LibreOffice computes, all in one run: a start takes longer than most workbooks."""
    whole = {key: content for key, (_, content) in reports.items()}
    _, content = mixed()
    return recalculated({"wrong": workbook_with_a_wrong_result(), "mixed": content, **whole})


def test_libreoffice_does_recompute(libreoffice):
    assert libreoffice["wrong"]["a", "B1"].result == 21


def test_libreoffice_computes_a_whole_report_alike(reports, libreoffice):
    assert len(reports) == 2 * len(CITIES)
    for key, (tree, content) in reports.items():
        computed = libreoffice[key]
        assert_as_on_the_page(tree, computed)
        assert_as_stored(content, computed)
        assert_same_results(evaluated(content), computed)
        assert len(computed) > 30 * len(tree.listings)


def test_libreoffice_computes_a_mixed_workbook_alike(libreoffice):
    tree, content = mixed()
    computed = libreoffice["mixed"]
    assert_as_on_the_page(tree, computed)
    assert_as_stored(content, computed)
    assert_same_results(evaluated(content), computed)
