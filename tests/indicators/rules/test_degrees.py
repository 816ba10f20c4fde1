"""One scale for all targets: which figure is the degree, and where there is none."""

from decimal import Decimal

import pytest

from indicators.rules.degrees import degree, degree_figure, expected_degree
from indicators.rules.judgement import assess, expected_values
from indicators.rules.targets import Period, Plan, TargetSpec
from indicators.rules.terms import JudgedBy

PERIOD = Period(2015, 2019)


def make_target(kind, target, baseline=None, *, direction="up", **fields):
    start = None if baseline is None else Decimal(baseline)
    return TargetSpec(
        kind=kind, direction=direction, target=Decimal(target), baseline=start, **fields
    )


@pytest.mark.parametrize(
    ("target", "figure"),
    [
        (make_target("level", "1.49", "1.37"), JudgedBy.COMPLETION),
        (make_target("total", "200"), JudgedBy.COMPLETION),
        (make_target("level", "100"), JudgedBy.ATTAINMENT),
        (make_target("level", "100", "100"), JudgedBy.ATTAINMENT),
        (make_target("every_year", "46000"), JudgedBy.ATTAINMENT),
        (make_target("level", "20", lower=Decimal(20), upper=Decimal(30)), JudgedBy.ATTAINMENT),
        (make_target("milestone", "1"), None),
        (make_target("restraint", "2357", "2389"), None),
        (make_target("monitor", "0"), None),
        (make_target("described", "0"), None),
    ],
)
def test_the_kind_of_a_target_decides_which_figure_is_its_degree(target, figure):
    assert degree_figure(target) == figure


@pytest.mark.parametrize(
    ("target", "values", "year", "degrees"),
    [
        # Worked examples of the rules in docs/progress.md.
        (make_target("level", "1.49", "1.37", decimals=2), {2017: "1.43"}, 2017, ("50.0", "60.0")),
        (
            make_target("level", "0.81", "1.78", direction="down", decimals=2),
            {2016: "1.50"},
            2016,
            ("28.9", "40.0"),
        ),
        (make_target("total", "200"), {2015: "30", 2016: "45", 2017: "50"}, 2017, ("62.5", "60.0")),
    ],
)
def test_the_path_is_on_the_scale_of_the_values(target, values, year, degrees):
    judged = assess(target, {y: Decimal(v) for y, v in values.items()}, Plan(PERIOD), year)
    own, path = map(Decimal, degrees)
    assert degree(judged, JudgedBy.COMPLETION) == own
    guide = expected_values(target, PERIOD)
    assert expected_degree(target, PERIOD, year, guide[year]) == path
    assert expected_degree(target, PERIOD, 2019, guide[2019]) == 100


def test_a_figure_that_cannot_be_computed_is_none_and_not_zero():
    target = make_target("level", "0", direction="down")
    judged = assess(target, {2016: Decimal(3)}, Plan(PERIOD), 2016)
    assert degree(judged, JudgedBy.ATTAINMENT) is None
    assert expected_degree(make_target("level", "100"), PERIOD, 2016, Decimal(50)) is None
