"""The page of a listing links to the same indicator in other plans."""

import pytest
from django.urls import reverse

from accounts.roles import Role
from plans.other_plans import listings_elsewhere
from plans.tree import read_tree
from tests.factories import (
    make_actual,
    make_goal,
    make_kpi,
    make_measure,
    make_numeric_target,
    make_strategy,
    make_user,
)
from tests.pages import read_page

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

SAID = "この指標は、ほかの計画にも掲げています。"
KPI = "/strategies/plan/kpis/1-ア-1-1/"
NEXT = "/strategies/next/targets/1-1/"


@pytest.fixture
def kpi():
    return make_kpi(make_measure(make_goal(make_strategy(code="plan"))))


@pytest.fixture
def next_plan(kpi):
    years = {"first_fiscal_year": 2019, "last_fiscal_year": 2023}
    plan = make_strategy(code="next", title="次の総合戦略", state="draft", **years)
    make_numeric_target(make_goal(plan), kpi.indicator, sentence="５年で延べ３００人")
    return plan


def main_of(client, role, url):
    client.force_login(make_user(role))
    return read_page(client.get(url))


def test_a_listing_and_that_of_the_next_plan_lead_to_each_other(client, kpi, next_plan):
    next_plan.state = "running"
    next_plan.save()
    make_actual(kpi.indicator, 2019)
    page = main_of(client, Role.READER, KPI)
    assert SAID in page.main
    assert "次の総合戦略（令和元年度～令和5年度、実施中）" in page.main
    assert "５年で延べ３００人" in page.main
    assert f"{NEXT}?year=2019" in page.links
    back = reverse("kpi", args=["plan", "1-ア-1-1"])
    assert f"{back}?year=2019" in main_of(client, Role.READER, NEXT).links
    assert NEXT in main_of(client, Role.READER, f"{KPI}?year=2015").links


def test_a_draft_is_named_to_planning_only(client, kpi, next_plan):
    assert NEXT in main_of(client, Role.PLANNING, KPI).links
    assert SAID not in main_of(client, Role.READER, KPI).main


def test_no_query_is_made_where_the_plan_is_the_only_one(kpi, django_assert_num_queries):
    tree = read_tree("plan")
    with django_assert_num_queries(0):
        assert listings_elsewhere(tree, tree.listings[0]) == []
    make_strategy()
    tree = read_tree("plan")
    with django_assert_num_queries(1):
        assert listings_elsewhere(tree, tree.listings[0]) == []


def test_an_indicator_of_one_plan_leads_nowhere(client, kpi):
    make_kpi(make_measure(make_goal(make_strategy(code="next"))))
    assert SAID not in main_of(client, Role.READER, KPI).main


def test_the_past_does_not_name_what_is_listed_today(client, kpi, next_plan):
    page = main_of(client, Role.PLANNING, f"{KPI}?as_of=2100-01-01")
    assert SAID not in page.main
