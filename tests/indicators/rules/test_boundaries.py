"""判定の境: the conditions of a year, and which of them applied."""

from decimal import Decimal

import pytest
from hypothesis import given, settings

from indicators.rules.boundaries import boundaries
from indicators.rules.judgement import assess
from indicators.rules.targets import Period, Plan, TargetSpec
from indicators.rules.terms import Scale, Status
from tests.indicators.rules.test_judgement_properties import scales, situations

PERIOD = Period(2015, 2019)


def rows(actuals, fiscal_year=2017, scale=Scale(), **spec):  # noqa: B008
    spec = {"kind": "level", "direction": "up", "unit": "人"} | spec
    target = TargetSpec(**spec)
    plan = Plan(PERIOD, scale)
    found = assess(target, actuals, plan, fiscal_year)
    return [
        (row.condition, row.word, row.is_current)
        for row in boundaries(target, plan, found, lambda number, least: f"{number}人")
    ]


def test_a_level_is_judged_from_the_target_down_to_the_thresholds_of_the_plan():
    scale = Scale(95, 75, 40, labels={"on_track": "計画どおり"})
    target = {"target": Decimal(100), "baseline": Decimal(50), "tolerance": Decimal(2)}
    assert rows({2017: Decimal(75)}, scale=scale, **target) == [
        ("実績値が目標値100人以上", "目標値以上", False),
        ("実績値が基準値50人より許容幅2人を超えて悪い値で、目安値にも届かない", "基準値より後退",
         False),
        ("計画比が95％以上", "計画どおり", False),
        ("計画比が75％以上", "おおむね順調", True),
        ("計画比が40％以上", "やや遅れ", False),
        ("計画比が40％未満", "遅れ", False),
    ]  # fmt: skip


def test_the_last_year_has_boundaries_of_its_own():
    assert rows({2019: Decimal(190)}, 2019, kind="total", target=Decimal(200)) == [
        ("累計が目標値200人以上", "達成", False),
        ("進捗率が80％以上", "おおむね達成", True),
        ("以上のいずれにも当たらない", "未達成", False),
    ]


def test_the_target_year_and_the_years_after_it_have_those_of_the_last_year():
    target = {"kind": "level", "target": Decimal(100), "baseline": Decimal(50)}
    actuals = {year: Decimal(90) for year in PERIOD}
    last = rows(actuals, 2019, **target)
    assert rows(actuals, 2017, target_year=2017, **target) == last
    assert rows(actuals, 2018, target_year=2017, **target) == last
    assert rows(actuals, 2019, target_year=2020, **target) != last


def test_a_restraint_is_judged_by_lines_not_by_percentages():
    assert rows({2017: Decimal(21)}, kind="restraint", direction="down", target=Decimal(20)) == [
        ("実績値が目標値20人超過", "遅れ", True),
        ("実績値が目標値20人以下", "目標値以下", False),
    ]


def test_a_year_without_a_value_has_boundaries_but_none_applies():
    assert not any(current for *_, current in rows({}, kind="every_year", target=Decimal(5)))
    assert len(rows({}, kind="every_year", target=Decimal(5))) == 4
    assert len(rows({}, kind="every_year", target=Decimal(0))) == 2


@settings(max_examples=3 * settings.default.max_examples)
@given(situations(), scales())
def test_exactly_one_boundary_applies_and_it_is_that_of_the_judgement(situation, scale):
    plan = Plan(situation["plan"].period, scale)
    found = assess(**situation | {"plan": plan})
    printed = boundaries(situation["target"], plan, found, lambda number, least: str(number))
    current = [row for row in printed if row.is_current]
    if found.value is None:
        assert current == [] or found.status == Status.NO_JUDGEMENT
        return
    assert len(current) == 1
    assert found.label.startswith(current[0].word)


@pytest.mark.parametrize("kind", ["level", "total", "every_year", "milestone", "restraint"])
def test_no_status_is_listed_twice(kind):
    spec = {"kind": kind, "target": Decimal(5)}
    for year in (2017, 2019):
        words = [word for _, word, _ in rows({year: Decimal(3)}, year, **spec)]
        assert len(words) == len(set(words))
