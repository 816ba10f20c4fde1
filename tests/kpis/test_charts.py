"""Geometry of charts, without a database."""

from decimal import Decimal
from itertools import pairwise

import pytest

from kpis.charts import BOTTOM, HEIGHT, RIGHT, TOP, WIDTH, axis, draw, stacked_bar

YEARS = [(2015, "H27"), (2016, "H28"), (2017, "H29"), (2018, "H30"), (2019, "R1")]


def numbers(**by_year):
    return {int(year[1:]): Decimal(value) for year, value in by_year.items()}


def chart(values=None, expected=None, target="100", **more):
    target = None if target is None else Decimal(target)
    return draw(years=YEARS, values=values or {}, expected=expected or {}, target=target, **more)


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        ("1.37", "1.49", ["1.35", "1.40", "1.45", "1.50"]),
        ("0", "100", ["0", "50", "100"]),
        ("36", "224", ["0", "50", "100", "150", "200", "250"]),
        ("-3", "4", ["-4", "-2", "0", "2", "4"]),
        ("200000000", "1290000000", ["0", "500000000", "1000000000", "1500000000"]),
    ],
)
def test_ticks_are_round_and_enclose_the_numbers(low, high, ticks):
    assert axis(Decimal(low), Decimal(high)) == list(map(Decimal, ticks))


@pytest.mark.parametrize("number", ["0", "1", "-5", "46000", "0.0001"])
def test_a_single_number_gets_room_around_it(number):
    ticks = axis(Decimal(number), Decimal(number))
    assert len(ticks) >= 2
    assert ticks[0] <= Decimal(number) < ticks[-1]


def test_zero_is_on_the_axis_of_sums():
    assert axis(Decimal(90), Decimal(100), from_zero=True)[0] == 0
    assert axis(Decimal(-9), Decimal(-7), from_zero=True)[-1] == 0


def test_there_is_no_chart_without_a_number():
    assert chart(target=None) is None


def test_everything_stays_inside_the_drawing():
    drawn = chart(
        values=numbers(y2015="-12.5", y2016="130", y2019="99"),
        expected=numbers(y2015="20", y2019="100"),
        baseline=Decimal("0"),
    )
    for point in (*drawn.points, drawn.start):
        assert drawn.left <= point.x <= WIDTH - RIGHT
        assert TOP <= point.y <= HEIGHT - BOTTOM
        assert 0 < point.label_y < HEIGHT - BOTTOM + 5
    assert TOP <= drawn.target_y <= HEIGHT - BOTTOM


def test_higher_values_are_drawn_higher_and_later_years_further_right():
    first, second = chart(values=numbers(y2015="10", y2016="20")).points
    assert first.x < second.x
    assert first.y > second.y


def test_a_value_on_the_target_lies_on_its_line():
    drawn = chart(values=numbers(y2017="100"))
    assert drawn.points[0].y == drawn.target_y


def test_the_path_begins_at_the_baseline_which_has_its_own_place():
    path = numbers(y2015="60", y2019="100")
    drawn = chart(expected=path, baseline=Decimal(50))
    assert drawn.start.x < drawn.years[0].x
    assert drawn.path.startswith(f"{drawn.start.x},{drawn.start.y} {drawn.years[0].x},")
    assert chart(expected=path).path.count(",") == 2


def test_a_path_of_one_place_is_no_line():
    assert chart(expected=numbers(y2019="100")).path == ""


def test_a_year_without_a_value_interrupts_the_line():
    drawn = chart(values=numbers(y2015="1", y2016="2", y2018="3", y2019="4"))
    assert [line.count(",") for line in drawn.lines] == [2, 2]
    lonely = chart(values=numbers(y2015="1", y2017="2", y2019="4"))
    assert lonely.lines == ()
    assert len(lonely.points) == 3


def test_sums_are_bars_from_zero():
    drawn = chart(values=numbers(y2015="30", y2016="75"), sums=True, provisional=[2016])
    assert drawn.lines == ()
    assert {bar.y + bar.height for bar in drawn.bars} == {drawn.bottom}
    assert [bar.hollow for bar in drawn.bars] == [False, True]
    assert drawn.has_hollow


def test_a_label_hangs_below_a_point_whose_neighbours_are_higher():
    low = chart(values=numbers(y2015="90", y2016="50", y2017="90")).points[1]
    high = chart(values=numbers(y2015="50", y2016="90", y2017="50")).points[1]
    assert low.label_y > low.y
    assert high.label_y < high.y


def test_labels_are_written_by_the_caller():
    drawn = draw(
        years=YEARS,
        values=numbers(y2015="1.4"),
        expected={},
        target=Decimal("1.49"),
        write=lambda number, decimals: f"{number:.{2 if decimals is None else decimals}f}人",
    )
    assert drawn.points[0].label == "1.40人"
    assert drawn.ticks[0].label == "1.40人"


def test_the_axis_makes_room_for_long_labels():
    short, long = chart(target="9"), chart(target="900000000")
    assert long.left > short.left


def test_a_stacked_bar_fills_its_width_in_proportion():
    parts = stacked_bar([("good", 3), ("fair", 0), ("bad", 1)], 200)
    assert [(part.name, part.x, part.width) for part in parts] == [
        ("good", 0.0, 150.0),
        ("bad", 150.0, 50.0),
    ]


def test_parts_leave_no_gap():
    parts = stacked_bar([("good", 1), ("fair", 1), ("caution", 1), ("bad", 4)], 200)
    for before, after in pairwise(parts):
        assert before.x + before.width == pytest.approx(after.x)
    assert parts[-1].x + parts[-1].width == pytest.approx(200)


def test_nothing_to_count_is_no_bar():
    assert stacked_bar([("good", 0)], 200) == ()
    assert stacked_bar([], 200) == ()
