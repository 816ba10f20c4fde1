"""Changes in the workbook are judged like the same changes in the application."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from xlsxwriter.utility import xl_rowcol_to_cell

from indicators.rules.targets import Period
from indicators.rules.terms import Scale
from plans.nodes import ListingNode, StrategyTree
from plans.tree import read_tree
from reports.review_workbook import review_workbook
from reports.sheets.addresses import CALCULATION, CONDITIONS, FIRST_CONDITION, Places, sheet_of
from reports.sheets.cell_formulas import CONDITION_NAMES as NAMES
from reports.sheets.cover import Facts
from reports.sheets.judged import papers
from tests.factories import (
    make_actual,
    make_indicator,
    make_kpi,
    make_measure,
    make_numeric_target,
    make_strategy,
)
from tests.formula_evaluation import evaluated
from tests.reports.listings_in_memory import CONFIRMED_AT, Listed, Plan, tree_of
from tests.reports.test_recalculation import Computed, assert_as_on_the_page, judged_workbook

pytestmark = [pytest.mark.one_database, pytest.mark.slow]

PLAN = Plan(Period(2015, 2019), 2017, Scale())
LAST = replace(PLAN, fiscal_year=2019)


@dataclass(frozen=True)
class Change:
    """A listing, what somebody types over, and what the application has when that is entered.

    `typed` has contents by where they stand: a key of the papers or of 計算, or a key and a year.
    """

    name: str
    fields: Mapping[str, Any]
    values: Mapping[int, Any]
    typed: Mapping[Any, Any]
    new_fields: Mapping[str, Any] = field(default_factory=dict)
    new_values: Mapping[int, Any] = field(default_factory=dict)
    indicator: Mapping[str, Any] = field(default_factory=dict)
    new_indicator: Mapping[str, Any] = field(default_factory=dict)
    is_last_year: bool = False

    @property
    def before(self) -> Listed:
        return Listed(dict(self.fields), dict(self.indicator), _numbers(self.values))

    @property
    def after(self) -> Listed:
        values = {**self.values, **self.new_values}
        return Listed(
            {**self.fields, **self.new_fields},
            {**self.indicator, **self.new_indicator},
            _numbers({year: value for year, value in values.items() if value is not None}),
        )


def _numbers(values: Mapping[int, Any]) -> dict[int, Any]:
    reasons = ("unpublished", "not_surveyed", "not_computable")
    return {y: v if v in reasons else Decimal(str(v)) for y, v in values.items()}


UP = {"kind": "level", "direction": "up", "target": Decimal(90), "baseline": Decimal(40)}
DOWN = {"kind": "level", "direction": "down", "target": Decimal(473), "baseline": Decimal(580)}
TOTAL = {"kind": "total", "direction": "up", "target": Decimal(200)}
YEARLY = {"kind": "every_year", "direction": "up", "target": Decimal(1000)}
ZERO = {"kind": "every_year", "direction": "down", "target": Decimal(0)}
RESTRAINT = {
    "kind": "restraint", "direction": "up", "target": Decimal(2357), "baseline": Decimal(2389),
}  # fmt: skip
D = Decimal

CHANGES = (
    Change("pace reaches 100", UP, {2017: 69}, {("actual", 2017): 70}, new_values={2017: 70}),
    Change("pace reaches 80", UP, {2017: 63}, {("actual", 2017): 64}, new_values={2017: 64}),
    Change("pace falls below 50", UP, {2017: 55}, {("actual", 2017): 54}, new_values={2017: 54}),
    Change("target is met", UP, {2017: 89}, {("actual", 2017): 90}, new_values={2017: 90}),
    Change("worse than before", UP, {2017: 40}, {("actual", 2017): 39}, new_values={2017: 39}),
    Change(
        "tolerance forgives", UP, {2017: 39}, {"tolerance": 2}, new_fields={"tolerance": D(2)}
    ),
    Change("less is better", DOWN, {2017: 530}, {("actual", 2017): 515}, new_values={2017: 515}),
    Change("target moves", UP, {2017: 69}, {"target": 80}, new_fields={"target": D(80)}),
    Change("baseline moves", UP, {2017: 69}, {"baseline": 37}, new_fields={"baseline": D(37)}),
    Change(
        "baseline becomes a projection", UP, {2017: 72}, {"baseline_kind": "推計値"},
        new_fields={"baseline_kind": "projection"},
    ),
    Change(
        "target equals baseline", UP, {2017: 89}, {"target": 40}, new_fields={"target": D(40)}
    ),
    Change(
        "target on the worse side", UP, {2017: 50}, {"target": 30}, new_fields={"target": D(30)}
    ),
    Change(
        "a typed target of the year", UP, {2017: 60}, {("typed", 2017): 60},
        new_fields={"yearly_targets": {2017: D(60)}},
    ),
    Change(
        "a typed target of the last year that differs", UP, {2017: 60}, {("typed", 2019): 91},
        new_fields={"yearly_targets": {2019: D(91)}},
    ),
    Change("sum reaches 目安値", TOTAL, {2015: 60, 2017: 59}, {("actual", 2017): 60},
           new_values={2017: 60}),
    Change("sum reaches the target", TOTAL, {2015: 150, 2017: 49}, {("actual", 2015): 151},
           new_values={2015: 151}),
    Change("sum loses a year", TOTAL, {2015: 60, 2017: 60}, {("actual", 2015): "未入力"},
           new_values={2015: None}),
    Change("values are sums already", TOTAL, {2015: 60, 2017: 60}, {"running": "はい"},
           new_indicator={"running_total": True}),
    Change("every year is kept", YEARLY, {2017: 999}, {("actual", 2017): 1000},
           new_values={2017: 1000}),
    Change("99.9 is not 100", YEARLY, {2017: D("999.96")}, {("actual", 2017): 499},
           new_values={2017: 499}, indicator={"decimals": 2}),
    Change("zero is left", ZERO, {2017: 0}, {("actual", 2017): 2}, new_values={2017: 2}),
    Change("kind is another", UP, {2017: 72}, {"kind": "毎年度"},
           new_fields={"kind": "every_year"}),
    Change("direction is another", YEARLY, {2017: 1500}, {"direction": "少ない（低い）ほどよい"},
           new_fields={"direction": "down"}),
    Change("milestone comes about", {"kind": "milestone", "target": D(1)}, {2017: 0},
           {("actual", 2017): 1}, new_values={2017: 1}),
    Change("restraint is lost", RESTRAINT, {2017: 2360}, {("actual", 2017): 2356},
           new_values={2017: 2356}),
    Change("restraint keeps its path", RESTRAINT, {2017: 2369}, {("actual", 2017): 2370},
           new_values={2017: 2370}),
    Change("a value is carried", UP, {2016: 80, 2017: "not_surveyed"}, {"carry": 1},
           new_indicator={"carry_years": 1}),
    Change("a reason is given", UP, {2016: 80}, {("actual", 2017): "未公表"},
           new_values={2017: "unpublished"}, indicator={"carry_years": 1}),
    Change("a reading is confirmed", UP | {"confirmed_at": None}, {2017: 80},
           {"confirmed": "確認済み"}, new_fields={"confirmed_at": CONFIRMED_AT}),
    Change("a reading is doubted", UP, {2017: 80}, {"confirmed": "未確認"},
           new_fields={"confirmed_at": None}),
    Change("a negative value", {"kind": "level", "target": D(5), "baseline": D(-5)}, {2017: -1},
           {("actual", 2017): D("1.5")}, new_values={2017: D("1.5")}, indicator={"decimals": 1}),
    Change("millions of yen", UP | {"target": D(5 * 10**9), "baseline": D(4760 * 10**6)},
           {2017: 4903 * 10**6}, {("actual", 2017): 4904}, new_values={2017: 4904 * 10**6},
           indicator={"unit": "円", "display_unit": "百万円"}),
    Change("an earlier target year", UP, {2017: 80}, {"target_year": 2017},
           new_fields={"target_year": 2017}),
    Change("a later target year", UP | {"target_year": 2018}, {2017: 70}, {"target_year": 2024},
           new_fields={"target_year": 2024}),
    Change("a total that has ended", TOTAL, {2015: 50, 2016: 60, 2017: 40}, {"target_year": 2016},
           new_fields={"target_year": 2016}),
    Change("a target year before the plan", UP, {2017: 80}, {"target_year": 2010},
           new_fields={"target_year": 2010}),
    Change("a listing that began later", UP, {2017: 60}, {"listed_from": 2017},
           new_fields={"first_year": 2017, "period": Period(2017, 2019)}),
    Change("a total that began later", TOTAL, {2015: 60, 2017: 60}, {"listed_from": 2016},
           new_fields={"first_year": 2016, "period": Period(2016, 2019)}),
    Change("the last year is nearly reached", UP, {2019: 79}, {("actual", 2019): 80},
           new_values={2019: 80}, is_last_year=True),
    Change("the last year is reached", UP, {2019: 89}, {("actual", 2019): 90},
           new_values={2019: 90}, is_last_year=True),
    Change("an earlier miss", YEARLY, {2016: 1000, 2019: 1000}, {("actual", 2016): 999},
           new_values={2016: 999}, is_last_year=True),
)  # fmt: skip


def type_over(sheets: openpyxl.Workbook, tree: StrategyTree, listing: ListingNode, typed) -> None:
    """Change cells as people do."""
    places = Places(tree)
    columns = {paper.model: list(paper.columns) for paper in papers(tree, places)}
    for key, content in typed.items():
        name, year = key if isinstance(key, tuple) else (key, None)
        if name in ("kind", "baseline", "target", "actual"):
            sheet, row = places.printed[listing.model, listing.pk][:2]
            header = name if year is None else f"{name}_{year}"
            column = columns[listing.model].index(header)
            assert sheet == sheet_of(listing)
        else:
            sheet, row = CALCULATION, places.row(listing)
            column = places.columns[name] + (0 if year is None else year - tree.period.first)
        cell = sheets[sheet][xl_rowcol_to_cell(row, column)]
        assert cell.data_type != "f", key
        cell.value = content


def edited(content: bytes, edit) -> bytes:
    """Return a workbook that somebody opened, changed and saved."""
    sheets = openpyxl.load_workbook(io.BytesIO(content))
    edit(sheets)
    return saved(sheets)


def saved(sheets: openpyxl.Workbook) -> bytes:
    output = io.BytesIO()
    sheets.save(output)
    return output.getvalue()


def test_a_changed_input_is_judged_as_if_it_had_been_entered():
    for plan in (PLAN, LAST):
        changes = [c for c in CHANGES if c.is_last_year == (plan is LAST)]
        before = tree_of(plan, [c.before for c in changes])
        after = tree_of(plan, [c.after for c in changes])
        for change, old, new in zip(changes, before.listings, after.listings, strict=True):
            judged = (old.assessment.label, old.assessment.judged_by)
            assert judged != (new.assessment.label, new.assessment.judged_by), change.name

        def edit(sheets, before=before, changes=changes):
            for change, listing in zip(changes, before.listings, strict=True):
                type_over(sheets, before, listing, change.typed)

        computed = evaluated(edited(judged_workbook(before), edit))
        assert_as_on_the_page(after, computed)
    assert len(CHANGES) >= 24


SHARED = (
    ("another year", "対象年度", 2018, {"fiscal_year": 2018}),
    ("the last year", "対象年度", 2019, {"fiscal_year": 2019}),
    ("a plan that ends earlier", "最終年度", 2017, {"period": Period(2015, 2017)}),
    ("a plan that begins later", "初年度", 2016, {"period": Period(2016, 2019)}),
    ("a lower limit for on track", "順調の境", 97, {"scale": Scale(97, 80, 50)}),
    ("a higher limit", "おおむね順調の境", 90, {"scale": Scale(100, 90, 50)}),
    ("a limit that hardly anybody misses", "やや遅れの境", 10, {"scale": Scale(100, 80, 10)}),
    ("a grade far above 100", "大きく上回る境", 101, {"scale": Scale(far_above=D(101))}),
    ("another figure", "期末水準の率", "進捗率", {"scale": Scale(level_figure="completion")}),
    ("the figure decides", "後退を先に判定", "いいえ", {"scale": Scale(worsened_first=False)}),
    ("restraints kept", "抑制の判定", "毎年度", {"scale": Scale(restraint="every_year")}),
)


def test_a_changed_condition_is_judged_as_if_it_had_been_entered():
    listed = [change.before for change in CHANGES if not change.is_last_year]
    listed += [Listed(UP, {}, _numbers({2017: v, 2018: 72, 2019: 85})) for v in (66, 69)]
    listed.append(Listed(UP | {"target_year": 2018}, {}, _numbers({2017: 69, 2018: 72})))
    listed.append(CHANGES[-1].before)
    before = tree_of(PLAN, listed)
    sheets = openpyxl.load_workbook(io.BytesIO(judged_workbook(before)))

    def computed_with(row: int, value: Any) -> Computed:
        """Type over one condition, and take that back before the next."""
        cell = sheets[CONDITIONS][f"B{row}"]
        as_it_was, cell.value = cell.value, value
        content = saved(sheets)
        cell.value = as_it_was
        return evaluated(content)

    for name, condition, value, plan in SHARED:
        after = tree_of(replace(PLAN, **plan), listed)
        labels = [x.assessment.label for x in after.listings]
        assert labels != [x.assessment.label for x in before.listings], name
        # The columns stay those of the plan as it was; what lies outside does not count.
        computed = computed_with(FIRST_CONDITION + NAMES.index(condition) + 1, value)
        assert_same_judgements(before, after, computed)
    outside = computed_with(FIRST_CONDITION + 1, 2030)
    labels = {formula.result for formula in outside.values()}
    assert "計画期間の外" in labels
    assert not any(isinstance(label, str) and label.startswith("#V") for label in labels)


def assert_same_judgements(layout: StrategyTree, tree: StrategyTree, computed) -> None:
    """Compare 計算 of a workbook laid out for one tree with the judgements of another."""
    places = Places(layout)
    for old, new in zip(layout.listings, tree.listings, strict=True):
        judged, row = new.assessment, places.row(old)
        found = {
            key: computed[CALCULATION, xl_rowcol_to_cell(row, places.columns[key])].result
            for key in ("status", "label", "attainment", "completion", "pace", "basis")
        }
        wanted = {
            "status": str(judged.status),
            "label": judged.label,
            "basis": _or_nothing(judged.basis_year),
            **{key: _or_nothing(getattr(judged, key)) for key in FIGURES},
        }
        assert found == wanted, new


FIGURES = ("attainment", "completion", "pace")


def _or_nothing(number: Any) -> Any:
    return "" if number is None else float(number)


@pytest.mark.django_db
def test_what_is_typed_over_in_a_report_is_what_the_application_says_when_it_is_entered():
    strategy = make_strategy()
    measure = make_measure(strategy.goals.create(position=1, title="目標"))
    shared, other = make_indicator(), make_indicator()
    make_numeric_target(measure.group.goal, shared, target=Decimal(200))
    again = make_kpi(measure, shared, target=Decimal(100))
    kpi = make_kpi(measure, other, target=Decimal(200))
    make_actual(shared, 2015, 30)
    before = read_tree(strategy.code, 2015)
    content = review_workbook(before, facts=Facts("監査", CONFIRMED_AT))
    first, repeated, third = before.listings
    assert repeated.pk == again.pk

    def edit(sheets):
        type_over(sheets, before, first, {("actual", 2015): 45})
        type_over(sheets, before, third, {("actual", 2015): 31, "target": 150})

    make_actual(shared, 2015, 45, version=1)
    make_actual(other, 2015, 31)
    kpi.target = Decimal(150)
    kpi.save()
    after = read_tree(strategy.code, 2015)
    computed = evaluated(edited(content, edit))
    assert_as_on_the_page(after, computed)
    assert [x.assessment.status for x in before.listings] != [
        x.assessment.status for x in after.listings
    ]
