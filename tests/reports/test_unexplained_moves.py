"""Values that moved much without a remark: the rule for a series, and the stored values."""

from decimal import Decimal

import pytest

from accounts.roles import Role
from reports.unexplained_moves import is_large, moves, unexplained_moves
from tests.factories import make_actual, make_indicator, make_section, make_user


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


@pytest.mark.django_db
class TestStoredValues:
    def test_a_value_without_remarks_is_shown_with_the_value_before(self):
        clerk_section = make_section("水産課")
        indicator = make_indicator(clerk_section, name="漁業就業者数")
        clerk = make_user(Role.CLERK, clerk_section, full_name="見本 花子")
        make_actual(indicator, 2016, 12, by=clerk)
        make_actual(indicator, 2017, 24, by=clerk)
        [found] = unexplained_moves()
        assert (found.indicator, found.section, found.fiscal_year) == (
            "漁業就業者数",
            "水産課",
            2017,
        )
        assert (found.before, found.value, found.difference) == ("12人", "24人", "+12人")
        assert found.percent_label == "+100.0％"
        assert found.usual == ""
        assert found.by.name == "見本 花子"

    def test_a_remark_explains(self):
        indicator = make_indicator()
        make_actual(indicator, 2016, 12)
        make_actual(indicator, 2017, 24, remarks="新しい漁協が加わったため。")
        assert unexplained_moves() == []

    def test_years_without_a_value_are_stepped_over(self):
        indicator = make_indicator()
        make_actual(indicator, 2015, 12)
        make_actual(indicator, 2016, None, availability="not_surveyed")
        make_actual(indicator, 2017, 24)
        [found] = unexplained_moves()
        assert found.move.before_year == 2015

    def test_a_share_moves_by_points_and_money_in_its_display_unit(self):
        share = make_indicator(unit="％", decimals=1)
        money = make_indicator(unit="円", display_unit="千円")
        for indicator, before, after in ((share, "20.0", "10.0"), (money, 1_000_000, 2_500_000)):
            make_actual(indicator, 2016, before)
            make_actual(indicator, 2017, after)
        assert [found.difference for found in unexplained_moves()] == [
            "▲10.0ポイント",
            "+1,500千円",
        ]

    def test_they_are_found_by_either_section_and_by_year(self):
        answers, enters, other = make_section(), make_section(), make_section()
        indicator = make_indicator(answers, entered_by=enters)
        make_actual(indicator, 2016, 10)
        make_actual(indicator, 2017, 20)
        assert len(unexplained_moves(section=answers.pk)) == 1
        assert len(unexplained_moves(section=enters.pk, fiscal_year=2017)) == 1
        assert unexplained_moves(section=other.pk) == []
        assert unexplained_moves(fiscal_year=2016) == []

    def test_one_query_reads_any_number(self, django_assert_num_queries):
        for _ in range(5):
            indicator = make_indicator()
            make_actual(indicator, 2016, 10)
            make_actual(indicator, 2017, 20)
        with django_assert_num_queries(1):
            assert len(unexplained_moves()) == 5
