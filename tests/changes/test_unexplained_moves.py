"""Stored values that moved much without a remark."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from changes.unexplained_moves import all_moves, describe, find_moves
from indicators.models import Indicator
from tests.factories import make_actual, make_indicator, make_section, make_user

pytestmark = pytest.mark.both_databases


def unexplained_moves(**conditions):
    return describe(find_moves(**conditions))


def rows_read(read):
    """Return how many rows the one query of `read` gives."""
    with CaptureQueriesContext(connection) as queries:
        read()
    [query] = queries.captured_queries
    with connection.cursor() as cursor:
        cursor.execute(query["sql"])
        return len(cursor.fetchall())


def make_moves(number):
    for index in range(number):
        indicator = make_indicator()
        make_actual(indicator, 2016, 10)
        make_actual(indicator, 2017, 20 + index)


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

    def test_one_query_finds_any_number(self, django_assert_num_queries):
        make_moves(5)
        with django_assert_num_queries(1):
            assert len(find_moves()) == 5

    def test_only_what_is_shown_is_read_in_full(self):
        make_moves(5)
        found = find_moves()
        assert [one.move for one in describe(found[2:4])] == [one.move for one in found[2:4]]
        assert rows_read(lambda: describe(found[2:4])) == 2

    def test_section_and_year_are_filtered_by_the_database(self):
        section = make_section()
        make_moves(5)
        indicator = make_indicator(section)
        for year in (2016, 2017):
            make_actual(indicator, year, year)
        assert rows_read(lambda: find_moves(section=section.pk)) == 2
        assert rows_read(lambda: find_moves(fiscal_year=2018)) == 0


@pytest.mark.django_db
def test_all_moves_are_kept_until_a_value_or_an_indicator_is_written(django_assert_num_queries):
    make_moves(2)
    assert len(all_moves()) == 2
    make_section("観光課")
    with django_assert_num_queries(1):  # the data version
        assert len(all_moves()) == 2
    make_moves(1)
    assert len(all_moves()) == 3
    Indicator.objects.update(running_total=True)
    assert list(all_moves()) == find_moves()
