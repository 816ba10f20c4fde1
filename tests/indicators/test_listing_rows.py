"""Listings of both kinds come in one query, in the order of the plans."""

import pytest

from indicators.listing_rows import first_year_of_sum, indicators_of_year, listing_rows
from plans.value_addresses import listing_addresses
from tests.factories import (
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_numeric_target,
    make_strategy,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def old_plan():
    return make_strategy(code="old", first_fiscal_year=2010, last_fiscal_year=2014)


@pytest.fixture
def plan():
    return make_strategy(code="plan", first_fiscal_year=2015, last_fiscal_year=2019)


@pytest.fixture
def indicator(old_plan, plan):
    """Listed as a KPI of the first goal and as a target of the second, and in the plan before."""
    indicator = make_indicator()
    make_numeric_target(make_goal(old_plan), indicator)
    make_kpi(make_measure(make_goal(plan)), indicator, kind="total", target=100)
    make_numeric_target(make_goal(plan), indicator, kind="level")
    return indicator


def test_the_newest_plan_comes_first_then_goal_by_goal(indicator, django_assert_num_queries):
    other = make_indicator()
    with django_assert_num_queries(1):
        found = listing_rows(indicator_ids=[indicator.pk, other.pk])
    assert list(found) == [indicator.pk]
    assert [(row.plan_code, row.model, row.place) for row in found[indicator.pk]] == [
        ("plan", "kpi", "1-ア-1-1"),
        ("plan", "numerictarget", "2-1"),
        ("old", "numerictarget", "1-1"),
    ]


def test_a_year_has_the_listings_of_its_plans(indicator):
    later = make_indicator()
    make_kpi(indicator=later)
    [row] = listing_rows(fiscal_year=2014)[indicator.pk]
    assert (row.plan_code, row.group, row.symbol, row.measure) == ("old", None, None, None)
    assert list(indicators_of_year(2014)) == [indicator]
    assert set(indicators_of_year(2015)) == {indicator, later}
    assert not indicators_of_year(2009).exists()


def test_a_total_is_summed_from_the_first_year_of_its_plan(indicator):
    rows = listing_rows(fiscal_year=2017)[indicator.pk]
    assert first_year_of_sum(rows, running_total=False) == 2015
    assert first_year_of_sum(rows, running_total=True) is None
    assert first_year_of_sum(rows[1:], running_total=False) is None


def test_a_value_has_its_page_below_a_target_of_the_newest_plan(
    indicator, django_assert_num_queries
):
    with django_assert_num_queries(1):
        addresses = listing_addresses([indicator.pk])
    assert addresses == {indicator.pk: "/strategies/plan/targets/2-1/"}
