"""Stored values that moved much without a remark."""

import pytest

from accounts.roles import Role
from reports.unexplained_moves import unexplained_moves
from tests.factories import make_actual, make_indicator, make_section, make_user

pytestmark = pytest.mark.both_databases


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
