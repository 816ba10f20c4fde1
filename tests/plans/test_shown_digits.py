"""A 目安値 has the digits that its comparison needs, the same on every page and in every file."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from japanese.numerals import round_to, telling_decimals
from plans.presentation import expected_decimals, row_of
from reports.sheets.page import Shown
from reports.sheets.value_cells import amount_cell, expected_cell
from tests.nodes import indicator_node, listing_node


def level(values, *, unit="人", shown="千人", baseline="27000", target="24000", **fields):
    """Return a level that falls from its baseline to its target, judged for 2017."""
    return listing_node(
        indicator=indicator_node(values, unit=unit, display_unit=shown, **fields),
        kind="level",
        direction="down",
        baseline=Decimal(baseline),
        baseline_kind="measured",
        target=Decimal(target),
    )


@pytest.mark.parametrize(
    ("value", "target", "expected"),
    [
        (25_300, 24_000, "25.2千人"),  # exactly
        (25_999, 25_331, "25.9986千人"),  # 26.0 would be above the value
        (25_999, 25_332, "26千人"),
        (26_500, 25_331, "26千人"),
    ],
)
def test_a_rounded_guide_value_stays_on_its_side_of_the_value(value, target, expected):
    row = row_of(level({2017: value}, target=str(target)))
    assert row.expected == expected


def test_a_small_guide_value_is_not_shown_as_zero():
    listing = listing_node(
        indicator=indicator_node({2017: 30_000}, unit="円", display_unit="百万円"),
        kind="total",
        target=Decimal(40_000),
    )
    assert row_of(listing).expected == "0.02百万円"


def test_without_a_display_unit_it_has_one_decimal_more_unless_that_is_zero():
    listing = level({2017: 1}, shown="", baseline="2", target="1", decimals=0)
    assert row_of(listing).expected == "1.4人"
    assert row_of(level({2017: 1}, shown="", baseline="6", target="1")).expected == "3人"


def test_files_show_what_pages_show():
    for target in ("25331", "24000", "25998"):
        for shown in ("千人", ""):
            listing = level({2017: 25_999}, target=target, shown=shown)
            cell = expected_cell(listing, listing.assessment)
            assert isinstance(cell, Shown)
            text = f"{cell.number:,.{cell.decimals}f}{listing.indicator.shown_unit}"
            assert text == row_of(listing).expected


def test_no_stored_decimal_is_hidden_even_if_the_indicator_has_fewer_now():
    indicator = indicator_node({2017: Decimal("1.45")}, decimals=1)
    assert indicator.format(Decimal("1.45")) == "1.45"
    assert amount_cell(indicator, Decimal("1.45")) == Shown(Decimal("1.45"), 2)


numbers = st.decimals(-10, 10, places=6)


@given(numbers, st.lists(numbers, max_size=3))
def test_a_number_shown_unchanged_is_compared_unchanged(number, others):
    shown = round_to(number, telling_decimals(number, others))
    assert [shown > other for other in others] == [number > other for other in others]
    assert [shown < other for other in others] == [number < other for other in others]
    assert bool(shown) == bool(number)


def test_a_year_without_a_value_has_a_short_guide_value():
    listing = level({}, target="25331")
    assert expected_decimals(listing, listing.assessment) <= 1
