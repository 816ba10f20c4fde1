"""What holds for every target, value and year, compared with rules written a second time."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import cache

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from indicators.rules.judgement import assess, expected_values
from indicators.rules.targets import Period, Plan, TargetSpec, check_target
from indicators.rules.terms import LateValues, LevelFigure, RestraintRule, Scale, band_of

pytestmark = pytest.mark.slow

thoroughly = settings(max_examples=200, deadline=None)

BANDS_FROM_BAD_TO_GOOD = ["bad", "caution", "fair", "good"]
FIGURES = ("attainment", "completion", "pace")


# Strategies are made once: hypothesis takes longer to make and check one than to draw from it.

KINDS = st.sampled_from(["level", "total", "every_year", "milestone", "restraint"])
DIRECTIONS = st.sampled_from(["up", "down"])
TOLERANCES = st.sampled_from([Decimal(0), Decimal(2)])
REASONS = st.sampled_from(["unpublished", "not_surveyed", "not_computable"])


@cache
@st.composite
def numbers(draw, decimals):
    return Decimal(draw(st.integers(-60, 240))).scaleb(-decimals)


@cache
def number_or_none(decimals):
    return st.none() | numbers(decimals)


@cache
def years_of(period):
    return st.integers(period.first, period.last)


@cache
def target_years(period):
    return st.none() | st.integers(period.first, period.last + 3)


@cache
def numbers_by_year(period, decimals, most):
    return st.dictionaries(years_of(period), numbers(decimals), max_size=most)


@cache
def reasons_by_year(period):
    return st.dictionaries(years_of(period), REASONS)


@st.composite
def situations(draw, **fixed):
    """A target without faults, its plan, actuals, reasons, and a year to ask."""
    decimals = draw(st.integers(0, 2))
    period = Period(2015, 2015 + draw(st.integers(0, 6)))
    fields = {
        "kind": draw(KINDS),
        "direction": draw(DIRECTIONS),
        "target": draw(numbers(decimals)),
        "baseline": draw(number_or_none(decimals)),
        "tolerance": draw(TOLERANCES),
        "decimals": decimals,
        "carry_years": draw(st.integers(0, 3)),
        "running_total": draw(st.booleans()),
        "target_year": draw(target_years(period)),
    } | fixed
    if fields["kind"] == "total":
        fields |= {"direction": "up", "target": abs(fields["target"]) + 1}
    yearly = draw(numbers_by_year(period, decimals, 4))
    if fields["kind"] in ("every_year", "milestone"):
        yearly = {}
    due = fields["target_year"] or period.last
    yearly = {year: value for year, value in yearly.items() if year < due}
    target = TargetSpec(**fields, yearly_targets=yearly)
    assume(not check_target(target, period))
    return {
        "target": target,
        "actuals": draw(numbers_by_year(period, decimals, 6)),
        "plan": Plan(period),
        "fiscal_year": draw(years_of(period)),
        "missing": draw(reasons_by_year(period)),
    }


@st.composite
def scales(draw):
    """Return thresholds with all that a plan may choose."""
    thresholds = sorted(draw(st.tuples(*[st.integers(0, 100)] * 3)), reverse=True)
    achieved, mostly, partly = sorted(draw(st.tuples(*[st.integers(0, 100)] * 3)), reverse=True)
    has_own_last_year = draw(st.booleans())
    return Scale(
        *thresholds,
        far_above=draw(st.none() | st.integers(101, 200)),
        achieved=achieved if has_own_last_year else 100,
        mostly_achieved=mostly if has_own_last_year else None,
        partly_achieved=partly if has_own_last_year else None,
        level_figure=draw(st.sampled_from(list(LevelFigure))),
        worsened_first=draw(st.booleans()),
        attainment_on_track=draw(st.booleans()),
        restraint=draw(st.sampled_from(list(RestraintRule))),
        late_values=draw(st.sampled_from(list(LateValues))),
    )


def better(target, number, other):
    return number > other if target.direction == "up" else number < other


def meets(target, number, other):
    return number == other or better(target, number, other)


def due_year(situation):
    """The year from which on the rules of the last year hold."""
    return situation["target"].target_year or situation["plan"].period.last


def judged_year(situation):
    """The year whose value is judged if it is known: a total ends in its target year."""
    year = situation["fiscal_year"]
    if situation["target"].kind == "total":
        return min(year, due_year(situation))
    return year


def is_kept(target):
    return target.kind == "level" and target.target == target.baseline


# A better value


@thoroughly
@given(situations(), scales(), st.data())
def test_a_better_value_never_has_a_worse_band(situation, scale, data):
    target, year = situation["target"], situation["fiscal_year"]
    situation = situation | {"plan": replace(situation["plan"], scale=scale)}
    bands = {}
    for value in data.draw(st.lists(numbers(target.decimals), min_size=2, max_size=6)):
        found = assess(**situation | {"actuals": situation["actuals"] | {year: value}})
        bands[value] = band_of(found.status)
    from_worst_to_best = sorted(bands, reverse=target.direction == "down")
    ranks = [
        BANDS_FROM_BAD_TO_GOOD.index(bands[value])
        for value in from_worst_to_best
        if bands[value] != "open"
    ]
    assert ranks == sorted(ranks)


# The way from baseline to target


@thoroughly
@given(situations(kind="level"), st.integers(1, 300))
def test_completion_is_0_at_the_baseline_and_100_at_the_target(situation, way):
    target, year = situation["target"], situation["fiscal_year"]
    way = Decimal(way if target.direction == "up" else -way).scaleb(-target.decimals)
    target = replace(target, baseline=target.target - way)
    situation = situation | {"target": target}
    at_baseline = assess(**situation | {"actuals": {year: target.baseline}})
    at_target = assess(**situation | {"actuals": {year: target.target}})
    assert str(at_baseline.completion) == "0.0"
    assert str(at_target.completion) == "100.0"


# Which figures there are


def expected_exists(situation, year):
    target = situation["target"]
    if year >= due_year(situation) or target.kind in ("every_year", "total"):
        return True
    if target.kind in ("level", "restraint"):
        return year in target.yearly_targets or target.baseline is not None
    return False


def figures_that_exist(situation, found):
    """Return the names of the percentages that the table gives for a value."""
    target, value = situation["target"], found.value
    names = set()
    if value >= 0 and target.target >= 0:
        zeros = [value, target.target].count(0)
        if (target.direction == "up" and target.target != 0) or (
            target.direction == "down" and zeros in (0, 2)
        ):
            names.add("attainment")
    if target.kind == "total":
        start = 0
    elif target.kind == "level" and not is_kept(target):
        start = target.baseline
    else:
        start = None
    if start is not None:
        names.add("completion")
        if better(target, found.expected, start):
            names.add("pace")
    if (target.kind == "every_year" or is_kept(target)) and "attainment" in names:
        names.add("pace")
    return names


@thoroughly
@given(situations())
def test_a_value_always_has_a_status_and_exactly_the_figures_of_the_table(situation):
    found = assess(**situation)
    figures = {name for name in FIGURES if getattr(found, name) is not None}
    year = found.basis_year or found.fiscal_year
    assert (found.expected is not None) == expected_exists(situation, year)
    assert found.label
    assert found.explanation.endswith("。")
    if found.value is None:
        assert not figures
        assert found.status in ("not_reported", "no_judgement")
        assert found.judged_by is None
    else:
        assert figures == figures_that_exist(situation, found)
        assert found.status != "not_reported"
        assert (found.judged_by is None) == (found.status == "no_judgement")


@thoroughly
@given(situations())
def test_a_year_with_a_value_is_its_own_basis(situation):
    found = assess(**situation)
    year = judged_year(situation)
    if year in situation["actuals"]:
        assert found.basis_year == year
    elif found.basis_year is not None:
        assert situation["target"].kind != "total"
        assert found.fiscal_year in situation["missing"]
        assert 0 < found.fiscal_year - found.basis_year <= situation["target"].carry_years


# What is shown is what was judged


def judge_by_what_is_shown(situation, found):
    """Return the status that a reader finds with the table and the numbers on the page alone."""
    target = situation["target"]
    kind = "every_year" if is_kept(target) else target.kind
    has_path = kind == "level" and target.baseline is not None
    worse = has_path and abs(found.value - target.baseline) > target.tolerance
    worse = worse and better(target, target.baseline, found.value)
    if found.basis_year >= due_year(situation):
        figure = found.completion if has_path or kind == "total" else found.attainment
        return judge_at_the_end(target, kind, found.value, figure, worse)
    if kind in ("milestone", "restraint"):
        return judge_by_target_alone(target, kind, found)
    if meets(target, found.value, target.target):
        return {"total": "achieved", "level": "at_target", "every_year": "on_track"}[kind]
    if kind == "total" or has_path:
        return judge_by_path(target, found, worse)
    x = found.expected
    if kind == "level" and x is not None and meets(target, found.value, x):
        return "on_track"
    if found.attainment is None:
        return "no_judgement" if kind == "level" else "behind"
    return grade(found.attainment, GRADED[1:], (80, 50))


def judge_at_the_end(target, kind, value, figure, worse):
    if meets(target, value, target.target):
        return "achieved"
    if worse:
        return "worsened"
    if kind in ("milestone", "restraint") or figure is None or figure < 80:
        return "not_achieved"
    return "mostly_achieved"


def judge_by_target_alone(target, kind, found):
    at_target = meets(target, found.value, target.target)
    if kind == "milestone":
        return "at_target" if at_target else "not_realised"
    if not at_target:
        return "behind"
    if found.expected is None:
        return "at_target"
    return "on_track" if meets(target, found.value, found.expected) else "slightly_behind"


def judge_by_path(target, found, worse):
    at_path = meets(target, found.value, found.expected)
    if worse and not at_path:
        return "worsened"
    if found.pace is None:
        return "on_track" if at_path else "behind"
    return grade(found.pace, GRADED)


GRADED = ["on_track", "mostly_on_track", "slightly_behind", "behind"]


def grade(figure, words, thresholds=(100, 80, 50)):
    for word, threshold in zip(words, thresholds, strict=False):
        if figure >= threshold:
            return word
    return words[-1]


@thoroughly
@given(situations())
def test_what_is_shown_is_what_was_judged(situation):
    found = assess(**situation)
    if found.value is not None:
        assert found.status == judge_by_what_is_shown(situation, found)


@thoroughly
@given(situations())
def test_a_pace_of_100_is_shown_exactly_where_the_expected_value_is_met(situation):
    found = assess(**situation)
    if found.pace is not None:
        assert (found.pace >= 100) == meets(situation["target"], found.value, found.expected)


@thoroughly
@given(situations())
def test_figures_are_rounded_to_the_nearest_tenth_and_have_no_negative_zero(situation):
    found = assess(**situation)
    for figure in (getattr(found, name) for name in FIGURES):
        assert figure is None or figure.as_tuple().exponent == -1
        assert str(figure) != "-0.0"
    if found.completion is not None and found.completion != Decimal("99.9"):
        target = situation["target"]
        start = Fraction(target.baseline if target.kind == "level" else 0)
        exact = (Fraction(found.value) - start) / (Fraction(target.target) - start) * 100
        assert abs(exact - Fraction(found.completion)) <= Fraction(1, 20)


@thoroughly
@given(situations())
def test_the_expected_value_has_one_place_more_and_is_the_one_of_the_path(situation):
    target, period = situation["target"], situation["plan"].period
    path = expected_values(target, period)
    assert list(path) == list(range(period.first, period.last + 1))
    due = due_year(situation)
    assert {path[year] for year in period if year >= due} <= {target.target}
    found = assess(**situation)
    assert found.expected == path[found.basis_year or found.fiscal_year]
    for expected in path.values():
        assert expected is None or expected.as_tuple().exponent == -target.decimals - 1


# Years outside the plan


@thoroughly
@given(situations(), st.sampled_from([2013, 2014, 2030]), st.data())
def test_a_year_outside_the_plan_changes_nothing(situation, year, data):
    target = situation["target"]
    value = data.draw(numbers(target.decimals))
    added = {
        "actuals": situation["actuals"] | {year: value},
        "target": replace(target, yearly_targets=target.yearly_targets | {year: value}),
        "missing": situation["missing"] | {year: "unpublished"},
    }
    assert assess(**situation | added) == assess(**situation)


@thoroughly
@given(situations())
def test_zeros_at_the_end_of_a_number_change_nothing(situation):
    def padded(number):
        return number.quantize(Decimal("0.0001"))

    target = situation["target"]
    baseline = None if target.baseline is None else padded(target.baseline)
    other = situation | {
        "target": replace(target, target=padded(target.target), baseline=baseline),
        "actuals": {year: padded(value) for year, value in situation["actuals"].items()},
    }
    found, again = assess(**situation), assess(**other)
    assert again == found
    assert str(again.value) == str(found.value)
