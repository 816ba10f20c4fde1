"""The small drawings on one scale."""

import re
from decimal import Decimal

import pytest
from django.conf import settings

from plans.charts.multiples import HEIGHT, MOST_NAMES, WIDTH, draw_multiple, named_years, y_of

YEARS = [2015, 2016, 2017, 2018, 2019]


def numbers(**by_year):
    return {int(year[1:]): Decimal(value) for year, value in by_year.items()}


def test_the_scale_is_the_same_whatever_is_drawn():
    low = draw_multiple(YEARS, numbers(y2015="1", y2016="2"), {}, has_start=True)
    high = draw_multiple(YEARS, numbers(y2015="90", y2016="119"), {}, has_start=False)
    assert low.target_y == high.target_y == y_of(Decimal(100))
    assert (low.start_y, high.start_y) == (y_of(Decimal(0)), None)
    assert 0 < low.target_y < low.start_y < HEIGHT


def test_the_style_sheet_writes_the_ends_of_the_scale_where_they_are():
    sheet = (settings.BASE_DIR / "static" / "panels.css").read_text()
    for text, degree in (("100％", 100), ("0％", 0)):
        share = round(100 * y_of(Decimal(degree)) / HEIGHT, 1)
        assert re.search(rf'content: "{text}";\s+top: {share}%;', sheet), (text, share)


def test_values_are_above_their_years_and_gaps_are_not_crossed():
    drawn = draw_multiple(
        YEARS, numbers(y2015="10", y2016="20", y2018="40"), {}, hollow=[2018], has_start=True
    )
    assert [point.x for point in drawn.points] == [18, 54, 126]
    assert [point.hollow for point in drawn.points] == [False, False, True]
    assert [line.count(",") for line in drawn.lines] == [2]


def test_a_path_begins_at_the_start_where_there_is_one():
    expected = numbers(y2015="20", y2016="40")
    with_start = draw_multiple(YEARS, numbers(y2015="5"), expected, has_start=True)
    without = draw_multiple(YEARS, numbers(y2015="5"), expected, has_start=False)
    assert with_start.path.split()[0] == f"0.0,{y_of(Decimal(0))}"
    assert with_start.path.split()[1:] == without.path.split()


@pytest.mark.parametrize(("degree", "edge"), [("645", 0.0), ("-35.7", float(HEIGHT))])
def test_what_is_beyond_the_scale_is_an_arrow_at_its_edge(degree, edge):
    drawn = draw_multiple(YEARS, numbers(y2015=degree, y2016="50"), {}, has_start=True)
    assert [point.x for point in drawn.points] == [54]
    assert drawn.arrows_d.endswith(f"L18.0 {edge}z")
    assert len(drawn.lines) == 1


def test_without_a_degree_there_is_no_drawing_at_all():
    assert draw_multiple(YEARS, {}, numbers(y2015="20"), has_start=True) is None


@pytest.mark.parametrize("count", [1, 5, 6, 7, 10, 15])
def test_few_enough_years_are_named_and_always_the_last(count):
    years = list(range(2015, 2015 + count))
    named = named_years(years)
    assert years[-1] in named
    assert len(named) <= MOST_NAMES
    steps = {b - a for a, b in zip(sorted(named), sorted(named)[1:], strict=False)}
    assert len(steps) <= 1
    assert WIDTH / len(years) * min(steps, default=1) >= 28
