"""The admin distinguishes two plans: in its lists, filters and selects."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from measures.models import Measure
from tests.factories import (
    make_actual,
    make_goal,
    make_kpi,
    make_project,
    make_strategy,
    make_user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.stories]


@pytest.fixture
def kpi(client):
    client.force_login(make_user(Role.PLANNING))
    return make_kpi(make_project().measure)


@pytest.fixture
def other_kpi(kpi):
    """A KPI of another plan, at the same place and of the same indicator."""
    goal = make_goal(
        make_strategy(title="次の総合戦略", first_fiscal_year=2020, last_fiscal_year=2024)
    )
    group = goal.measure_groups.create(position=1, symbol="ア", title="区分")
    return make_kpi(Measure.objects.create(group=group, position=1, title="施策"), kpi.indicator)


def page(client, model, query=""):
    address = reverse(f"admin:{model}_changelist")
    return client.get(address + query).content.decode()


@pytest.mark.parametrize(
    "model",
    [
        "goals_basicgoal", "goals_numerictarget", "measures_measuregroup", "measures_measure",
        "measures_project", "kpis_kpi",
    ],
)  # fmt: skip
def test_lists_of_parts_have_the_plan_as_column_and_filter(client, kpi, model):
    assert "総合戦略" in page(client, model)
    assert "?plan=" not in page(client, model)  # with one plan there is nothing to choose
    plan = make_strategy(title="次の総合戦略")
    assert f'?plan={plan.pk}"' in page(client, model)


def test_the_filter_leaves_the_parts_of_one_plan_and_offers_its_goals(client, kpi, other_kpi):
    other = other_kpi.strategy
    measures = page(client, "measures_measure", f"?plan={other.pk}")
    assert f"/measures/measure/{other_kpi.measure.pk}/" in measures
    assert f"/measures/measure/{kpi.measure.pk}/" not in measures
    assert f"goal={other_kpi.measure.group.goal.pk}" in measures
    assert f"goal={kpi.measure.group.goal.pk}" not in measures
    both = page(client, "measures_measure")
    assert f"{kpi.measure.group.goal}（{kpi.strategy}）" in both


def test_selects_name_the_plan_where_there_are_two(client, kpi, other_kpi):
    address = reverse("admin:kpis_kpi_change", args=[kpi.pk])
    html = client.get(address).content.decode()
    assert f"{kpi.measure}（{kpi.strategy}）</option>" in html
    assert f"{other_kpi.measure}（次の総合戦略）</option>" in html
    other_kpi.strategy.delete()
    assert f">{kpi.measure}</option>" in client.get(address).content.decode()


def test_the_column_needs_no_query_for_each_row(client, kpi, django_assert_max_num_queries):
    for _ in range(3):
        make_kpi(kpi.measure)
    with django_assert_max_num_queries(25):
        page(client, "kpis_kpi")


@pytest.mark.parametrize("model", ["indicators_indicator", "indicators_actual"])
def test_indicators_and_values_name_their_plans_and_are_filtered_by_them(
    client, kpi, other_kpi, model
):
    own = make_kpi(kpi.measure)
    make_actual(own.indicator, 2018)
    make_actual(kpi.indicator, 2018)
    make_actual(kpi.indicator, 2021)
    both = page(client, model)
    assert f"{other_kpi.strategy}、{kpi.strategy}</td>" in both
    assert f"{own.indicator}" in both
    of_other = page(client, model, f"?plan={other_kpi.strategy.pk}")
    assert of_other.count('class="field-listed_in"') == 1
    assert str(own.indicator) not in of_other
    other_kpi.strategy.delete()
    assert "?plan=" not in page(client, model)
    assert "column-listed_in" not in page(client, model)


def test_an_indicator_of_a_draft_does_not_name_it_to_others(client, kpi, other_kpi):
    plan = other_kpi.strategy
    plan.state = "draft"
    plan.save()
    assert str(plan) in page(client, "indicators_indicator")
    client.force_login(make_user(Role.AUDITOR))
    assert str(plan) not in page(client, "indicators_indicator")
    assert str(kpi.indicator) in page(client, "indicators_indicator", f"?plan={plan.pk}")


@pytest.mark.parametrize("model", ["indicators_indicator", "indicators_actual"])
def test_the_plans_of_indicators_take_one_query(
    client, kpi, other_kpi, model, django_assert_num_queries
):
    make_actual(kpi.indicator, 2018)
    page(client, model)
    with CaptureQueriesContext(connection) as few:
        page(client, model)
    for year in (2016, 2017):
        make_actual(make_kpi(kpi.measure).indicator, year)
    with django_assert_num_queries(len(few)):
        page(client, model)
