"""What a write does not change is taken from the tree that was built before."""

from decimal import Decimal

import pytest

from accounts.models import Section
from accounts.sections import rename
from goals.models import BasicGoal, Strategy
from indicators.models import Indicator
from kpis.models import KPI, KPIYear
from measures.models import Measure
from plans.nodes import StrategyTree
from plans.tree import read_plain_tree, read_tree
from plans.unchanged_nodes import UnchangedNodes, unchanged_nodes
from tests.factories import load_city, make_actual, make_fiscal_year, make_values

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

YEAR = 2018


@pytest.fixture
def strategy() -> Strategy:
    strategy = load_city()
    make_values(strategy)
    return strategy


def first_kpi(tree: StrategyTree) -> KPI:
    return KPI.objects.get(pk=next(one.pk for one in tree.listings if one.model == "kpi"))


def enter_value(kpi: KPI) -> None:
    kpi.indicator.actuals.filter(fiscal_year=YEAR).delete()
    make_fiscal_year(YEAR)
    make_actual(kpi.indicator, YEAR, value=Decimal("98765"))


def test_after_a_value_was_written_the_other_listings_are_the_same(strategy):
    before = read_tree(strategy.code, YEAR)
    kpi = first_kpi(before)
    enter_value(kpi)
    after = read_tree(strategy.code, YEAR)
    changed = {
        new.indicator.pk
        for old, new in zip(before.listings, after.listings, strict=True)
        if new is not old and not new.repeats_sentence
    }
    assert changed == {kpi.indicator_id}


def compare_with_another(kpi: KPI) -> Indicator:
    other = Indicator.objects.exclude(pk=kpi.indicator_id).latest("pk")
    KPI.objects.filter(pk=kpi.pk).update(relation="reference", reference=other, target=None)
    return other


def enter_value_of_the_other(kpi: KPI) -> None:
    other = compare_with_another(kpi)
    read_tree(kpi.measure.group.goal.strategy.code, YEAR)
    other.actuals.filter(fiscal_year=YEAR).delete()
    make_fiscal_year(YEAR)
    make_actual(other, YEAR, value=Decimal("98765"))


CHANGES = {
    "値": enter_value,
    "目標": lambda kpi: KPI.objects.filter(pk=kpi.pk).update(target=Decimal("7.5")),
    "年度別の目標": lambda kpi: KPIYear.objects.create(
        listing=kpi, fiscal_year=YEAR, value=Decimal(3)
    ),
    "比べる指標": compare_with_another,
    "比べる指標の値": enter_value_of_the_other,
    "指標の単位": lambda kpi: Indicator.objects.filter(pk=kpi.indicator_id).update(unit="匹"),
    "担当課の名称": lambda kpi: rename(kpi.indicator.section, "別の課", first_fiscal_year=YEAR),
    "施策が担うもの": lambda kpi: Measure.objects.update(sdgs=[3]),
    "施策の番号": lambda kpi: Measure.objects.filter(pk=kpi.measure_id).update(position=9),
    "目標の順": lambda kpi: BasicGoal.objects.filter(position=1).update(is_cross_cutting=True),
    "判定のきまり": lambda kpi: Strategy.objects.update(marks={"good": "良"}),
    "計画の言葉": lambda kpi: Strategy.objects.update(words={"goal": "柱"}),
    "計画の期間": lambda kpi: Strategy.objects.update(last_fiscal_year=2020),
}


def test_after_any_change_the_trees_equal_newly_built_ones(strategy):
    def trees():
        return read_tree(strategy.code, YEAR), read_plain_tree(strategy.code)

    before = trees()
    kpi = first_kpi(before[0])
    for name, change in CHANGES.items():
        change(kpi)
        after = trees()
        assert after != before, name
        unchanged_nodes.cache_clear()
        before = trees()
        assert after == before, name


def test_listings_know_the_new_order_of_the_sections(strategy):
    sections = [one.indicator.section_id for one in read_tree(strategy.code, YEAR).listings]
    Section.objects.filter(pk=sections[0]).update(position=99)
    order = list(Section.objects.order_by("position", "name", "pk").values_list("pk", flat=True))
    for listing in read_tree(strategy.code, YEAR).listings:
        assert list(listing.indicator.in_time.names.current) == order


def test_a_node_is_made_again_if_it_is_made_of_something_else():
    nodes, made = UnchangedNodes(), iter("一二三")
    seen = [nodes.get("a", parts, lambda: next(made)) for parts in [(1,), (1,), (2,), (1,)]]
    assert seen == ["一", "一", "二", "三"]
