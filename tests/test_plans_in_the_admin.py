"""The admin tells two plans apart: in its lists, filters and selects."""

import pytest
from django.urls import reverse

from accounts.roles import Role
from measures.models import Measure
from tests.factories import make_goal, make_kpi, make_project, make_strategy, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


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
