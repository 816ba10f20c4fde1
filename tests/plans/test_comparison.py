"""Better or worse than the year before: by the mark, and by nothing finer."""

import pytest

from plans.comparison import Trend, changed, compare
from tests.nodes import listing_node

VALUES = {"◎": 100, "○": 85, "△": 60, "×": 30}


def change(before, now, **fields):
    values = {year: value for year, value in ((2016, before), (2017, now)) if value is not None}
    return compare(listing_node(values, **fields)).trend


@pytest.mark.parametrize("before", VALUES)
@pytest.mark.parametrize("now", VALUES)
def test_it_is_the_mark_that_is_compared(before, now):
    order = list(VALUES)
    step = order.index(before) - order.index(now)
    expected = Trend.BETTER if step > 0 else Trend.WORSE if step < 0 else Trend.SAME
    assert change(VALUES[before], VALUES[now]) == expected


def test_a_figure_that_moves_within_its_band_is_not_a_change():
    assert change(10, 45) == Trend.SAME
    assert change(100, 900) == Trend.SAME


@pytest.mark.parametrize(
    ("before", "now"), [(None, 100), (100, None), ("unpublished", 100), (100, "not_surveyed")]
)
def test_without_a_judgement_in_both_years_nothing_is_compared(before, now):
    assert change(before, now) == Trend.NONE


def test_an_unconfirmed_reading_is_not_compared():
    assert change(10, 100, confirmed_at=None) == Trend.NONE


def test_the_first_year_of_the_plan_has_no_year_before():
    comparison = compare(listing_node({2014: 10, 2015: 100}, year=2015))
    assert (comparison.trend, comparison.before) == (Trend.NONE, None)


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [(0, 1, Trend.BETTER), (1, 0, Trend.WORSE), (0, 0, Trend.SAME)],
)
def test_reaching_a_milestone_is_better_than_not_having_reached_it(before, now, expected):
    assert change(before, now, kind="milestone", target=1) == expected


def test_a_milestone_never_reached_does_not_get_worse_in_the_last_year():
    """未実現 becomes 未達成, but nothing has changed."""
    listing = listing_node({2018: 0, 2019: 0}, year=2019, kind="milestone", target=1)
    comparison = compare(listing)
    assert (comparison.before.status, comparison.now.status) == ("not_realised", "not_achieved")
    assert comparison.trend == Trend.SAME


def test_those_that_changed_most_come_first_and_else_the_plans_order_stays():
    little, much, again = (
        listing_node({2016: 60, 2017: 85}),
        listing_node({2016: 30, 2017: 100}),
        listing_node({2016: 30, 2017: 60}),
    )
    same = listing_node({2016: 100, 2017: 100})
    found = changed([little, much, same, again], Trend.BETTER)
    assert [one.listing for one in found] == [much, little, again]
    assert changed([little, much, same, again], Trend.WORSE) == []
