"""Which moves of a series are large."""

from decimal import Decimal

import pytest

from indicators.rules.moves import is_large, moves


def large_years(*values, first=2015, **options):
    """Return the years whose value moved much; None is a year without a value."""
    series = {
        first + index: Decimal(str(value))
        for index, value in enumerate(values)
        if value is not None
    }
    return [move.year for move in moves(series) if is_large(move, **options)]


@pytest.mark.parametrize(
    ("values", "years"),
    [
        ((100, 149), []),
        ((100, 150), [2016]),
        ((100, 50), [2016]),
        ((100, 51), []),
        ((100, 100), []),
        ((100,), []),
        ((-100, -150), [2016]),
    ],
)
def test_half_of_the_value_before_is_much(values, years):
    assert large_years(*values) == years


def test_three_times_the_usual_is_much():
    assert large_years(100, 102, 104, 106, 112) == [2019]
    assert large_years(100, 102, 104, 106, 111) == []


def test_with_few_other_moves_nothing_is_usual():
    assert large_years(100, 101, 102, 140) == []
    assert [move.usual for move in moves({1: Decimal(1), 2: Decimal(3)})] == [None]


def test_a_series_that_always_jumps_does_so_usually():
    assert large_years(1, 2, 1, 2, 1) == []
    assert large_years(1, 2, 1, 2, 9) == [2019]


def test_a_value_that_never_moved_and_then_did_has_moved_much():
    assert large_years(0, 0, 0, 0, 1) == [2019]


def test_from_zero_there_is_no_share():
    [move] = moves({2015: Decimal(0), 2016: Decimal(3)})
    assert move.share is None
    assert not is_large(move)


def test_running_totals_grow_by_more_than_half_in_their_first_years():
    assert large_years(5, 10, 15, 20, running_total=True) == []
    assert large_years(5, 10, 15, 20, 40, running_total=True) == [2019]


def test_the_value_before_may_be_some_years_old():
    [move] = moves({2015: Decimal(10), 2018: Decimal(20)})
    assert (move.before_year, move.year) == (2015, 2018)
