"""The numbers on the axis, and which values lie beyond it."""

from decimal import Decimal

import pytest

from plans.charts.axis import axis_for, far_from, round_numbers


def decimals(*numbers):
    return [Decimal(str(number)) for number in numbers]


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
    assert round_numbers(Decimal(low), Decimal(high)) == list(map(Decimal, ticks))


@pytest.mark.parametrize("number", ["0", "1", "-5", "46000", "0.0001"])
def test_a_single_number_gets_room_around_it(number):
    ticks = round_numbers(Decimal(number), Decimal(number))
    assert len(ticks) >= 2
    assert ticks[0] <= Decimal(number) < ticks[-1]


def test_zero_is_on_the_axis_of_sums():
    assert round_numbers(Decimal(90), Decimal(100), from_zero=True)[0] == 0
    assert round_numbers(Decimal(-9), Decimal(-7), from_zero=True)[-1] == 0


def test_there_is_no_half_a_person_on_the_axis():
    halves = round_numbers(Decimal(0), Decimal(2))
    assert halves == decimals(0, "0.5", 1, "1.5", 2)
    assert round_numbers(Decimal(0), Decimal(2), smallest_step=Decimal(1)) == decimals(0, 1, 2)


def test_a_value_twenty_times_the_target_is_cut_and_the_rest_is_unchanged():
    plain = axis_for(decimals(100), decimals(90, 110), top=20, bottom=220)
    cut = axis_for(decimals(100), decimals(90, 110, 2000), top=20, bottom=220)
    assert cut.ticks == plain.ticks
    assert cut.cuts(Decimal(2000))
    assert not cut.cuts(Decimal(110))
    assert cut.y(Decimal(2000)) == 20 < cut.y(cut.ticks[-1])


def test_a_value_as_far_below_is_cut_at_the_lower_edge():
    axis = axis_for(decimals(100), decimals(90, -2000), top=20, bottom=220)
    assert axis.y(Decimal(-2000)) == 220 > axis.y(axis.ticks[0])


def test_a_value_four_times_the_target_is_drawn_in_full():
    axis = axis_for(decimals(1000), decimals(1290, 4231), top=20, bottom=220)
    assert not axis.cuts(Decimal(4231))


def test_without_a_target_values_are_compared_with_each_other():
    assert far_from(decimals(0), decimals(0, 2, 3)) == 50
    assert far_from([], decimals(0, 0)) is None
    axis = axis_for([], decimals(3, 4, 5, 4000), top=20, bottom=220)
    assert axis.cuts(Decimal(4000))
    assert not axis.cuts(Decimal(5))


def test_a_single_value_is_never_cut():
    axis = axis_for([], decimals(4000), top=20, bottom=220)
    assert not axis.cuts(Decimal(4000))
