"""The marks of milestones, and the small charts of lists."""

from decimal import Decimal
from itertools import combinations

import pytest

from plans.charts.chart_data import ChartData
from plans.charts.drawing import NARROW, WIDE
from plans.charts.labels import Box
from plans.charts.small import HEIGHT, WIDTH, draw_small, small_steps
from plans.charts.steps import draw_steps

YEARS = [(2015, "H27"), (2016, "H28"), (2017, "H29"), (2018, "H30"), (2019, "R1")]


def numbers(**by_year):
    return {int(year[1:]): Decimal(value) for year, value in by_year.items()}


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_each_year_says_whether_the_milestone_was_reached(size):
    done = {2015: False, 2017: True}
    words = {2015: "未実現", 2016: "把握できない", 2017: "実現", 2018: "実績未把握"}
    drawn = draw_steps(YEARS, done, words, size, provisional=[2017], carried=[2015])
    assert [step.state for step in drawn.steps] == ["open", "none", "done", "none", "ahead"]
    assert [step.hollow for step in drawn.steps] == [False, False, True, False, False]
    assert [step.is_carried for step in drawn.steps] == [True, False, False, False, False]
    assert {label.text for label in drawn.labels} >= set(words.values())
    whole = Box(0, 0, drawn.size.width, drawn.size.height)
    assert all(whole.contains(label.box) for label in drawn.labels)
    for one, other in combinations(drawn.labels, 2):
        assert not one.box.overlaps(other.box)


def test_a_small_chart_has_values_target_and_the_last_value():
    small = draw_small(
        ChartData(
            years=YEARS,
            values=numbers(y2015="10", y2016="20", y2018="30"),
            target=Decimal(40),
            provisional=[2018],
        )
    )
    assert [line.count(",") for line in small.lines] == [2]
    assert len(small.dots) == 2
    assert small.last_is_hollow
    assert small.target_y < small.last[1]


def test_a_small_chart_of_one_value_or_of_far_values_stays_inside():
    for values in (numbers(y2017="5"), numbers(y2015="5", y2016="9000", y2017="-9000")):
        small = draw_small(ChartData(years=YEARS, values=values, target=Decimal(5)))
        for x, y in (*small.dots, small.last):
            assert 0 < x < WIDTH
            assert 0 < y < HEIGHT


def test_there_is_no_small_chart_without_a_value():
    assert draw_small(ChartData(years=YEARS, target=Decimal(5))) is None
    assert small_steps(ChartData(years=YEARS), {}) is None


def test_a_small_chart_of_marks_has_one_for_each_known_year():
    small = small_steps(ChartData(years=YEARS), {2015: False, 2017: True})
    assert [done for _, done in small.steps] == [False, True]
