"""Places in the chart of one listing, without a database."""

from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plans.charts.chart_data import ChartData, OtherTarget
from plans.charts.drawing import BOTTOM, NARROW, RIGHT, TOP, WIDE, draw
from plans.charts.labels import TEXT_SIZE, Box
from plans.charts.year_columns import columns_for

YEARS = [(2015, "H27"), (2016, "H28"), (2017, "H29"), (2018, "H30"), (2019, "R1")]
SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])


def numbers(**by_year):
    return {int(year[1:]): Decimal(value) for year, value in by_year.items()}


def chart(target="100", size=WIDE, **more):
    more = {"years": YEARS, "target": None if target is None else Decimal(target)} | more
    return draw(ChartData(**more), size)


def texts(drawn, kind):
    return [label.text for label in drawn.labels if label.kind == kind]


def with_baseline(number, word="現状値", **more):
    return {"baseline": Decimal(number), "baseline_word": word, "starts_path": True} | more


def test_there_is_no_chart_without_a_number():
    assert chart(target=None) is None


def test_higher_values_are_drawn_higher_and_later_years_further_right():
    first, second = chart(values=numbers(y2015="10", y2016="20")).points
    assert first.x < second.x
    assert first.y > second.y


def test_a_value_that_equals_the_target_is_drawn_on_its_line():
    drawn = chart(values=numbers(y2017="100"))
    assert drawn.points[0].y == drawn.target_y


def test_the_path_begins_at_a_baseline_that_starts_it():
    path = numbers(y2015="60", y2019="100")
    drawn = chart(expected=path, **with_baseline(50))
    x, y = drawn.start
    assert drawn.path.startswith(f"{x},{y} ")
    assert drawn.path.count(",") == 3
    assert chart(expected=path).path.count(",") == 2


def test_a_projection_is_shown_but_starts_no_path():
    drawn = chart(
        expected=numbers(y2018="60", y2019="100"),
        **with_baseline(50, "推計値", starts_path=False),
    )
    assert drawn.start
    assert drawn.path.count(",") == 2
    assert texts(drawn, "year")[0] == "推計値"
    assert texts(drawn, "baseline") == ["50"]


def test_a_path_of_one_point_is_not_a_line():
    assert chart(expected=numbers(y2019="100")).path == ""


def test_yearly_targets_that_were_typed_in_have_a_mark():
    drawn = chart(expected=numbers(y2015="60", y2017="90", y2019="100"), typed=[2017])
    assert len(drawn.typed) == 1
    assert f"{drawn.typed[0][0]},{drawn.typed[0][1]}" in drawn.path


def test_a_year_without_a_value_interrupts_the_line():
    drawn = chart(values=numbers(y2015="1", y2016="2", y2018="3", y2019="4"))
    assert [line.count(",") for line in drawn.lines] == [2, 2]
    lonely = chart(values=numbers(y2015="1", y2017="2", y2019="4"))
    assert lonely.lines == ()
    assert len(lonely.points) == 3


def test_a_year_without_a_value_says_why_in_its_column():
    drawn = chart(values=numbers(y2015="90"), absences={2016: "未公表", 2017: "調査未実施"})
    words = {label.text: label.x for label in drawn.labels if label.kind == "absence"}
    columns = {label.text: label.x for label in drawn.labels if label.kind == "year"}
    assert words == {"未公表": columns["H28"], "調査未実施": columns["H29"]}


def test_the_name_of_a_narrow_first_column_stays_in_the_drawing():
    years = [(year, f"R{year - 1996}") for year in range(2007, 2032)]
    columns = columns_for(years, "", left=4, right=316, y=270)
    first = columns.labels[0]
    assert first.text == "R11"
    assert first.box.left == 0


def test_a_word_that_is_wider_than_its_column_is_vertical():
    drawn = chart(size=NARROW, values=numbers(y2015="90"), absences={2016: "把握できない"})
    [word] = [label for label in drawn.labels if label.kind == "absence"]
    assert word.vertical
    assert word.box.bottom <= drawn.ground


def test_a_sum_is_a_line_over_the_bars_of_its_years():
    drawn = chart(
        values=numbers(y2015="30", y2016="75"),
        yearly=numbers(y2015="30", y2016="45"),
        provisional=[2016],
    )
    assert len(drawn.lines) == 1
    assert {bar.y + bar.height for bar in drawn.bars} == {drawn.ground}
    assert [bar.hollow for bar in drawn.bars] == [False, True]
    assert drawn.bars[1].y > drawn.points[1].y
    assert texts(drawn, "value") == ["75", "30"]
    assert texts(drawn, "yearly") == ["45"]


@pytest.mark.parametrize(("side", "sign"), [("below", 1), ("above", -1)])
def test_a_line_not_to_be_crossed_is_hatched_on_the_forbidden_side(side, sign):
    drawn = chart(values=numbers(y2015="100"), forbidden=side)
    strokes = drawn.hatch_d.split("M")[1:]
    assert len(strokes) > 20
    for stroke in strokes:
        start, _, way = stroke.partition("l")
        assert float(start.split()[1]) == drawn.target_y
        end = drawn.target_y + float(way.split()[1])
        assert (end - drawn.target_y) * sign > 0
        assert TOP - 1 <= end <= drawn.ground
    assert chart(values=numbers(y2015="100")).hatch_d == ""


@SIZES
def test_a_value_far_beyond_the_target_is_cut_with_a_mark_and_its_number(size):
    drawn = chart(size=size, values=numbers(y2015="90", y2016="2000", y2017="95"))
    assert [point.is_cut for point in drawn.points] == [False, True, False]
    assert drawn.points[1].y == TOP
    assert drawn.breaks_d
    assert "2000" in texts(drawn, "value")
    assert chart(values=numbers(y2015="90", y2016="200")).breaks_d == ""


def test_a_bar_that_is_cut_has_the_mark_too():
    drawn = chart(values=numbers(y2015="3000"), yearly=numbers(y2015="2900"))
    assert drawn.breaks_d.count("M") == 2  # bar and point end in one place: one mark
    assert drawn.bars[0].y == TOP


def test_a_value_that_stands_in_for_another_years_is_linked_to_it():
    drawn = chart(values=numbers(y2016="90"), absences={2017: "調査未実施"}, carried={2017: 2016})
    [link] = drawn.links
    [point] = drawn.points
    assert (link.from_x, link.y) == (point.x, point.y)
    assert link.x > point.x
    assert texts(drawn, "absence") == ["調査未実施"]


def test_labels_are_written_by_the_caller():
    def write(number, decimals):
        return f"{number:.{2 if decimals is None else decimals}f}人"

    drawn = chart(target="1.49", values=numbers(y2015="1.4"), write=write)
    assert texts(drawn, "value") == ["1.40人"]
    assert texts(drawn, "target") == ["目標値 1.49人"]
    assert texts(drawn, "tick")[0] == "1.40人"


def test_the_axis_makes_room_for_long_numbers_and_gives_way_where_there_is_none():
    short, long = chart(target="9"), chart(target="900000000")
    assert long.left > short.left
    assert texts(chart(target="900000000", size=NARROW), "tick") == []


# What holds for every chart


def check_labels(drawn):
    """Fail if a text overlaps another or leaves the drawing."""
    whole = Box(0, 0, drawn.size.width, drawn.size.height)
    for label in drawn.labels:
        assert whole.contains(label.box), label
    for one, other in combinations(drawn.labels, 2):
        assert not one.box.overlaps(other.box), (one, other)


def check_places(drawn):
    """Fail if a mark leaves the drawing."""
    places = [(point.x, point.y) for point in drawn.points]
    places += [(point.x, point.y) for point in drawn.points_around]
    places += [other.due for other in drawn.around.others if other.due]
    places += [*drawn.typed, *([drawn.start] if drawn.start else [])]
    places += [(link.x, link.y) for link in drawn.links]
    for x, y in places:
        assert drawn.left <= x <= drawn.size.width - RIGHT
        assert TOP <= y <= drawn.size.height - BOTTOM
    for bar in drawn.bars:
        assert drawn.left <= bar.x
        assert bar.x + bar.width <= drawn.size.width - RIGHT
        assert bar.y >= TOP
        assert bar.y + bar.height <= drawn.ground + 0.1


amounts = st.decimals(-(10**7), 10**10, places=1) | st.integers(0, 300).map(Decimal)
words = st.sampled_from(["未入力", "未公表", "調査未実施", "把握できない", "実績未把握"])


@st.composite
def any_data(draw):
    last = draw(st.sampled_from([2015, 2019, 2021, 2024]))
    years = [(year, f"R{year - 2018}" if year > 2018 else f"H{year - 1988}")
             for year in range(2015, last + 1)]  # fmt: skip
    some = st.dictionaries(st.integers(2015, last), amounts, max_size=7)
    values = draw(some)
    baseline = draw(st.none() | amounts)
    around, others = {}, []
    if draw(st.booleans()):
        titles = st.sampled_from(
            ["計画期間前", "計画期間後", "次の戦略", "見本市まち・ひと・しごと創生総合戦略"]
        )
        beside = [
            *range(2015 - draw(st.integers(0, 10)), 2015),
            *range(last + 1, last + 1 + draw(st.integers(0, 10))),
        ]
        around = {year: draw(titles) for year in beside}
        years = sorted({**dict(years), **{year: f"R{abs(year - 2018)}" for year in beside}}.items())
        starts = draw(st.lists(st.integers(2000, 2030), max_size=3))
        others = [OtherTarget(draw(amounts), first, first + 4, first + 4) for first in starts]
    return ChartData(
        around=around,
        values_around={year: draw(amounts) for year in around if year % 4},
        others=others,
        years=years,
        values=values,
        yearly={year: value / 3 for year, value in values.items()} if draw(st.booleans()) else {},
        expected=draw(some),
        target=draw(st.none() | amounts),
        baseline=baseline,
        baseline_word=draw(st.sampled_from(["現状値", "推計値", "前期実績"])),
        starts_path=draw(st.booleans()),
        forbidden=draw(st.sampled_from(["", "above", "below"])),
        provisional=list(values)[:1],
        absences=draw(
            st.dictionaries(st.integers(2015, last).filter(lambda y: y not in values), words)
        ),
        carried={2018: 2017} if 2017 in values and 2018 not in values else {},
        write=lambda number, decimals: f"{number:,.{1 if decimals is None else decimals}f}",
    )


@SIZES
@settings(max_examples=settings.default.max_examples * 3 // 2)
@given(data=any_data())
def test_no_text_covers_another_and_nothing_leaves_the_drawing(size, data):
    drawn = draw(data, size)
    if drawn is None:
        assert not data.values
        return
    check_places(drawn)
    check_labels(drawn)
    assert len(drawn.points) == len(data.values)


@SIZES
@given(data=any_data())
def test_the_newest_value_always_has_its_number(size, data):
    if data.values and not data.absences:
        newest = data.write(data.values[max(data.values)], None)
        assert newest in texts(draw(data, size), "value")


def test_texts_are_at_least_12_pixels_high_on_a_telephone_and_on_every_wider_screen():
    margins = 32
    assert TEXT_SIZE * (320 - margins) / NARROW.width >= 12
    assert (
        TEXT_SIZE * (600 - margins) / WIDE.width >= 12
    )  # the style sheet changes drawings at 600 px
