"""見込み: what the target year brings if the trend of a listing continues."""

from decimal import Decimal

import pytest

from indicators.rules.outlook import NO_BOUNDS, Bounds, look_ahead
from indicators.rules.targets import Period, Plan, TargetSpec
from indicators.rules.terms import RestraintRule, Scale

PLAN = Plan(Period(2015, 2019))


def make_target(kind, target, *, direction="up", baseline=None, **fields):
    return TargetSpec(
        kind=kind,
        direction=direction,
        target=Decimal(target),
        baseline=None if baseline is None else Decimal(baseline),
        **fields,
    )


def ahead(target, values, year, *, bounds=NO_BOUNDS, plan=PLAN):
    actuals = {key: Decimal(value) for key, value in values.items()}
    return look_ahead(target, actuals, plan, year, bounds)


FERTILITY = make_target("level", "1.49", baseline="1.37", decimals=2)
WORKERS = make_target("level", "473", baseline="580", direction="down", unit="人")
COMPLAINTS = make_target("level", "0", direction="down", unit="件")
SHARE = make_target("level", "95.0", decimals=1, unit="％")
PARTICIPANTS = make_target("total", "200", unit="人")
RUNNING = make_target("total", "200", unit="人", running_total=True)
DONATIONS = make_target("total", "1000000000", unit="円")


@pytest.mark.parametrize(
    ("target", "values", "year", "value", "state"),
    [
        (FERTILITY, {2015: "1.40", 2017: "1.43"}, 2017, "1.460", "missed"),
        (FERTILITY, {2015: "1.36", 2017: "1.43"}, 2017, "1.500", "met"),
        (FERTILITY, {2015: "1.36", 2017: "1.43"}, 2018, "1.500", "met"),
        (FERTILITY, {2016: "1.40", 2018: "1.45"}, 2018, "1.475", "missed"),
        (FERTILITY, {2015: "1.40", 2016: "1.43"}, 2016, "1.520", "met"),
        (WORKERS, {2015: "561", 2017: "519"}, 2017, "477.0", "missed"),
        (WORKERS, {2015: "561", 2016: "542", 2017: "510"}, 2017, "459.0", "met"),
        (SHARE, {2015: "90.0", 2018: "90.1"}, 2018, "90.13", "missed"),
        (PARTICIPANTS, {2015: "30", 2016: "45", 2017: "50"}, 2017, "208.3", "met"),
        (PARTICIPANTS, {2015: "30", 2016: "45"}, 2016, "187.5", "missed"),
        (PARTICIPANTS, {2015: "30", 2017: "50"}, 2017, "160.0", "missed"),
        (RUNNING, {2015: "30", 2017: "125"}, 2017, "208.3", "met"),
        (RUNNING, {2016: "75", 2017: "125"}, 2017, "208.3", "met"),
        (DONATIONS, {2015: "1290000000", 2016: "0"}, 2016, "3225000000.0", "met"),
    ],
)
def test_the_outlook_of_a_listing_continues_its_trend_in_the_plan(
    target, values, year, value, state
):
    found = ahead(target, values, year)
    assert (str(found.value), found.state) == (value, state)
    assert found.meets_target == (state == "met")
    assert (found.due_year, found.basis_year) == (2019, max(values))


def test_the_sentence_can_be_read_out():
    found = ahead(FERTILITY, {2015: "1.40", 2017: "1.43"}, 2017)
    assert found.explanation == (
        "この調子が続くと、令和元年度は1.46で、目標値1.49に届かない見込みです。"
    )
    found = ahead(PARTICIPANTS, {2015: "30", 2016: "45", 2017: "50"}, 2017)
    assert found.explanation == (
        "この調子が続くと、令和元年度までの累計は208.3人で、目標値200人に届く見込みです。"
    )


def test_a_total_names_the_years_that_it_leaves_out():
    found = ahead(PARTICIPANTS, {2015: "30", 2017: "50"}, 2018)
    assert found.explanation == (
        "この調子が続くと、令和元年度までの累計（平成28年度を除く）は160人で、"
        "目標値200人に届かない見込みです。値のない年度があるため参考値です。"
    )


def test_later_values_and_those_outside_the_plan_change_nothing():
    values = {2015: "1.40", 2017: "1.43"}
    alone = ahead(FERTILITY, values, 2017)
    assert ahead(FERTILITY, {2010: "1.9", **values, 2018: "1.1", 2019: "1.0"}, 2017) == alone


def test_a_level_stays_within_what_can_be_entered():
    found = ahead(COMPLAINTS, {2015: "40", 2017: "10"}, 2017, bounds=Bounds(Decimal(0)))
    assert (str(found.value), found.state) == ("0.0", "met")
    assert found.explanation.endswith(
        "計算ではマイナス20件になるため、入力できる最小値としています。"
    )
    found = ahead(SHARE, {2015: "80", 2017: "94"}, 2017, bounds=Bounds(Decimal(0), Decimal(100)))
    assert str(found.value) == "100.00"
    assert "計算では108.0％になるため、入力できる最大値としています。" in found.explanation


def test_without_a_limit_a_level_may_fall_below_zero():
    found = ahead(COMPLAINTS, {2015: "40", 2017: "10"}, 2017)
    assert str(found.value) == "-20.0"
    assert "令和元年度はマイナス20件で" in found.explanation


def test_the_limits_of_a_years_value_do_not_hold_for_a_sum():
    bounds = Bounds(Decimal(0), Decimal(60))
    found = ahead(PARTICIPANTS, {2015: "30", 2016: "45", 2017: "50"}, 2017, bounds=bounds)
    assert str(found.value) == "208.3"


def test_what_is_shown_is_what_is_compared():
    target = make_target("level", "10", unit="件")
    found = ahead(target, {2015: "8.96", 2017: "9.48"}, 2017)
    assert (str(found.value), found.state) == ("10.0", "met")
    found = ahead(target, {2015: "8.9", 2016: "9.15"}, 2016)
    assert (str(found.value), found.state) == ("9.9", "missed")


@pytest.mark.parametrize(
    ("target", "values", "reason"),
    [
        (FERTILITY, {}, "実績値が2年度分そろっていないため"),
        (FERTILITY, {2017: "1.43"}, "実績値が2年度分そろっていないため"),
        (FERTILITY, {2010: "1.40", 2017: "1.43", 2018: "1.5"}, "実績値が2年度分そろっていないため"),
        (PARTICIPANTS, {2017: "50"}, "実績値が2年度分そろっていないため"),
        (make_target("every_year", "5"), {2015: "1", 2016: "2"}, "毎年度の目標のため"),
        (make_target("level", "5", baseline="5"), {2015: "1", 2016: "2"}, "毎年度の目標のため"),
        (make_target("milestone", "1"), {2015: "0", 2016: "0"}, "実現の目標のため"),
        (make_target("restraint", "5"), {2015: "7", 2016: "6"}, "抑制の目標のため"),
    ],
)
def test_without_two_values_of_a_level_or_total_there_is_none(target, values, reason):
    found = ahead(target, values, 2017)
    assert (found.state, found.value, found.basis_year) == ("unknown", None, None)
    assert found.explanation == f"{reason}、見込みは出せません。"


def test_a_restraint_that_counts_as_every_year_is_called_so():
    plan = Plan(Period(2015, 2019), Scale(restraint=RestraintRule.EVERY_YEAR))
    found = ahead(make_target("restraint", "5"), {2015: "7", 2016: "6"}, 2017, plan=plan)
    assert found.explanation.startswith("毎年度の目標のため")


def test_in_the_year_of_the_target_nothing_is_left_to_look_ahead_to():
    found = ahead(FERTILITY, {2015: "1.40", 2017: "1.43"}, 2019)
    assert (found.state, found.value, found.explanation) == ("over", None, "")
    assert not found.meets_target
