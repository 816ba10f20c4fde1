"""A target year of a listing, earlier or later than the last year of the plan."""

from decimal import Decimal

import pytest

from indicators.rules.judgement import assess, expected_values, not_judged
from indicators.rules.targets import Period, Plan, TargetSpec, check_target
from indicators.rules.terms import LateValues, RestraintRule, Scale

PERIOD = Period(2015, 2019)
PLAN = Plan(PERIOD)


def make_target(kind, target, target_year, *, direction="up", baseline=None, **fields):
    return TargetSpec(
        kind=kind,
        direction=direction,
        target=Decimal(target),
        baseline=None if baseline is None else Decimal(baseline),
        target_year=target_year,
        **fields,
    )


def by_year(values):
    return {year: Decimal(value) for year, value in values.items()}


def level(year):
    return make_target("level", "1.49", year, baseline="1.37", decimals=2)


def falling(year):
    return make_target("level", "473", year, baseline="580", direction="down", unit="人")


def share(year):
    return make_target("level", "100", year, decimals=1, unit="％")


def total(year, **fields):
    return make_target("total", "200", year, unit="人", **fields)


def every_year(year):
    return make_target("every_year", "46000", year, unit="人")


def clinic(year):
    return make_target("milestone", "1", year, unit="カ所")


def restraint(year):
    return make_target("restraint", "2357", year, baseline="2389", unit="人")


SUMS = {2015: "30", 2016: "45", 2017: "50", 2018: "100"}

EXAMPLES = [
    # Earlier than the plan ends: on the way, in the target year, after it.
    (level(2017), {2016: "1.43"}, 2016, "1.43 1.450 96.0 50.0 75.0 slightly_behind pace"),
    (level(2017), {2017: "1.43"}, 2017, "1.43 1.490 96.0 50.0 50.0 not_achieved completion"),
    (level(2017), {2017: "1.49"}, 2017, "1.49 1.490 100.0 100.0 100.0 achieved comparison"),
    (level(2017), {2019: "1.48"}, 2019, "1.48 1.490 99.3 91.7 91.7 mostly_achieved completion"),
    (level(2017), {2019: "1.36"}, 2019, "1.36 1.490 91.3 -8.3 -8.3 worsened comparison"),
    (falling(2018), {2018: "500"}, 2018, "500 473.0 94.6 74.8 74.8 not_achieved completion"),
    (share(2017), {2018: "85"}, 2018, "85.0 100.00 85.0 - - mostly_achieved attainment"),
    (total(2017), SUMS, 2016, "75 133.3 37.5 37.5 56.3 slightly_behind pace"),
    (total(2017), SUMS, 2017, "125 200.0 62.5 62.5 62.5 not_achieved completion"),
    (total(2017), SUMS, 2018, "125 200.0 62.5 62.5 62.5 not_achieved completion"),
    (every_year(2017), {2018: "45900"}, 2018,
     "45900 46000.0 99.8 - 99.8 mostly_achieved attainment"),
    (clinic(2017), {2016: "0"}, 2016, "0 - 0.0 - - not_realised comparison"),
    (clinic(2017), {2017: "0"}, 2017, "0 1.0 0.0 - - not_achieved comparison"),
    (clinic(2017), {2018: "1"}, 2018, "1 1.0 100.0 - - achieved comparison"),
    (restraint(2017), {2016: "2370"}, 2016, "2370 2367.7 100.6 - - on_track comparison"),
    (restraint(2017), {2018: "2350"}, 2018, "2350 2357.0 99.7 - - not_achieved comparison"),
    # Later than the plan ends: its last year is a year on the way.
    (level(2022), {2019: "1.43"}, 2019, "1.43 1.445 96.0 50.0 80.0 mostly_on_track pace"),
    (level(2022), {2019: "1.49"}, 2019, "1.49 1.445 100.0 100.0 160.0 at_target comparison"),
    (falling(2024), {2019: "526"}, 2019, "526 526.5 89.9 50.5 100.9 on_track pace"),
    (total(2024), SUMS | {2019: "0"}, 2019, "225 100.0 112.5 112.5 225.0 achieved completion"),
    (total(2024), {2019: "80"}, 2019, "80 100.0 40.0 40.0 80.0 mostly_on_track pace"),
    (every_year(2022), {2019: "46000"}, 2019, "46000 46000.0 100.0 - 100.0 on_track comparison"),
    (clinic(2022), {2019: "0"}, 2019, "0 - 0.0 - - not_realised comparison"),
    (restraint(2022), {2019: "2370"}, 2019, "2370 2369.0 100.6 - - on_track comparison"),
]  # fmt: skip


@pytest.mark.parametrize(("target", "actuals", "fiscal_year", "columns"), EXAMPLES)
def test_worked_example(target, actuals, fiscal_year, columns):
    found = assess(target, by_year(actuals), PLAN, fiscal_year)
    numbers = (found.value, found.expected, found.attainment, found.completion, found.pace)
    words = (found.status, found.judged_by)
    assert " ".join("-" if item is None else str(item) for item in numbers + words) == columns


@pytest.mark.parametrize("make", [level, falling, share, total, every_year, clinic, restraint])
def test_the_last_year_of_the_plan_written_out_changes_nothing(make):
    actuals = by_year(dict.fromkeys(PERIOD, "100"))
    for year in PERIOD:
        assert assess(make(2019), actuals, PLAN, year) == assess(make(None), actuals, PLAN, year)


def test_the_path_ends_in_the_target_year():
    assert list(expected_values(level(2017), PERIOD).values()) == [
        Decimal(number) for number in ("1.410", "1.450", "1.490", "1.490", "1.490")
    ]
    assert expected_values(level(2024), PERIOD)[2019] == Decimal("1.430")


@pytest.mark.parametrize("running", [True, False])
def test_a_total_keeps_its_result_after_its_target_year(running):
    target = total(2017, running_total=running)
    then = assess(target, by_year(SUMS), PLAN, 2017)
    found = assess(target, by_year(SUMS), PLAN, 2019)  # 2019 has no value
    assert (found.fiscal_year, found.basis_year) == (2019, 2017)
    assert (found.value, found.status, found.label) == (then.value, then.status, then.label)
    assert found.explanation == then.explanation + "目標年度（平成29年度）を過ぎています。"


def test_a_total_that_lacks_its_target_year_is_open_also_later():
    found = assess(total(2017), by_year({2015: "30", 2018: "90"}), PLAN, 2018)
    assert (found.status, found.value) == ("not_reported", None)
    assert found.explanation == (
        "目標値200人に対し、平成29年度は未入力です。目標年度（平成29年度）を過ぎています。"
    )


def test_an_unconfirmed_total_shows_the_sum_up_to_its_target_year():
    found = not_judged(total(2017), by_year(SUMS), PLAN, 2018)
    assert (found.basis_year, found.value) == (2017, 125)


def test_an_unconfirmed_target_year_before_the_plan_does_not_hide_the_value():
    found = not_judged(total(2010), by_year(SUMS), PLAN, 2018)
    assert (found.basis_year, found.value) == (2018, 225)


def test_a_value_that_stands_in_is_judged_by_the_rules_of_its_own_year():
    target = make_target("level", "100", 2017, baseline="50", carry_years=2)
    missing = {2017: "not_surveyed", 2018: "not_surveyed"}
    actuals = by_year({2016: "90"})
    assert assess(target, actuals, PLAN, 2017, missing).status == "on_track"
    asked = Plan(PERIOD, Scale(late_values=LateValues.ASKED_YEAR))
    assert assess(target, actuals, asked, 2018, missing).status == "mostly_achieved"


def test_a_restraint_taken_as_every_year_keeps_its_target_year():
    plan = Plan(PERIOD, Scale(restraint=RestraintRule.EVERY_YEAR))
    found = assess(restraint(2017), by_year({2016: "2300", 2018: "2400"}), plan, 2018)
    assert found.label == "達成（途中年度に未達成あり）"


EXPLANATIONS = [
    (
        level(2017), {2016: "1.43"}, 2016,
        "基準値1.37から目標値1.49に向け、平成29年度までの2年目の目安値1.45に対し"
        "実績は1.43、計画比75.0％で、やや遅れています。",
    ),
    (
        level(2017), {2017: "1.49"}, 2017,
        "基準値1.37から目標値1.49に向け、目標年度の平成29年度の実績は1.49で、達成しました。",
    ),
    (
        level(2017), {2018: "1.48"}, 2018,
        "基準値1.37から目標値1.49に向け、平成30年度の実績は1.48、進捗率91.7％で、"
        "おおむね達成しました。目標年度（平成29年度）を過ぎています。",
    ),
    (
        every_year(2017), {2016: "45900", 2018: "46000"}, 2018,
        "毎年度の目標値46,000人に対し、平成30年度の実績は46,000人で、達成しました。"
        "目標年度（平成29年度）を過ぎています。ただし、平成28年度は目標値を満たしていません。",
    ),
    (
        level(2022), {2019: "1.43"}, 2019,
        "基準値1.37から目標値1.49に向け、令和4年度までの5年目の目安値1.445に対し"
        "実績は1.43、計画比80.0％で、おおむね順調です。",
    ),
    (
        level(2017), {}, 2018,
        "目標値1.49に対し、平成30年度は未入力です。目標年度（平成29年度）を過ぎています。",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("target", "actuals", "fiscal_year", "explanation"), EXPLANATIONS)
def test_explanation(target, actuals, fiscal_year, explanation):
    assert assess(target, by_year(actuals), PLAN, fiscal_year).explanation == explanation


@pytest.mark.parametrize(
    ("target_year", "yearly", "field", "message"),
    [
        (2014, {}, "target_year",
         "目標年度は、計画の最初の年度（平成27年度（2015））以後の年度にするか、空欄にしてください"
         "（入力値：2014年度）。空欄にすると、計画の最後の年度が目標年度になります。"),
        (2017, {2017: "1.45"}, "yearly_targets",
         "平成29年度の年度別目標値は、目標年度のため、目標値と同じ1.49にするか、"
         "空欄にしてください（入力値：1.45）。"),
        (2017, {2018: "1.49"}, "yearly_targets",
         "平成30年度の年度別目標値は、目標年度（平成29年度）より後のため使いません。"
         "空欄にしてください（入力値：1.49）。"),
    ],
)  # fmt: skip
def test_a_fault_names_field_value_and_remedy(target_year, yearly, field, message):
    target = make_target(
        "level", "1.49", target_year, baseline="1.37", decimals=2, yearly_targets=by_year(yearly)
    )
    assert check_target(target, PERIOD) == [(field, message)]


def test_a_yearly_target_in_the_last_year_of_the_plan_is_free_before_a_later_target_year():
    target = make_target(
        "level", "1.49", 2022, baseline="1.37", decimals=2, yearly_targets=by_year({2019: "1.40"})
    )
    assert check_target(target, PERIOD) == []
    assert expected_values(target, PERIOD)[2019] == Decimal("1.400")
