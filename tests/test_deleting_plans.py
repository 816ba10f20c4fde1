"""Deleting in the admin: plans with values and parts with confirmed ones stay; it says why."""

from html import unescape

import pytest
from django.urls import reverse

from accounts.roles import Role
from goals.models import Strategy
from indicators.recording import move
from kpis.models import KPI
from measures.models import Project
from tests.factories import make_actual, make_goal, make_kpi, make_project, make_strategy, make_user
from tests.html import form_data
from trail.history import Change, Door

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases, pytest.mark.stories]

KEPT = "確認済みの実績値がある指標を載せているため、削除できません。"

PLAN_KEPT = "計画期間に実績値がある指標を載せているため、計画を削除できません。"


@pytest.fixture
def planning(client):
    user = make_user(Role.PLANNING)
    client.force_login(user)
    return user


@pytest.fixture
def kpi(planning):
    """A KPI with a project beside it, whose value of 2017 is confirmed."""
    kpi = make_kpi(make_project().measure)
    actual = make_actual(kpi.indicator)
    move({actual.pk: actual.version}, "confirmed", Change(by=planning, door=Door.COMMAND))
    return kpi


def delete(client, thing, reason="登録の誤り"):
    """Ask for the page that deletes a thing, press the button, and return what is then said."""
    name = f"admin:{thing._meta.app_label}_{thing._meta.model_name}"
    url = reverse(f"{name}_delete", args=[thing.pk])
    sent = {"post": "yes", "change_reason": reason}
    asked = client.get(url).content.decode()
    return unescape(asked + client.post(url, sent, follow=True).content.decode())


def parts(kpi):
    return [kpi.strategy, kpi.measure.group.goal, kpi.measure.group, kpi.measure, kpi]


def delete_from_list(client, plan):
    chosen = {"action": "delete_selected", "_selected_action": [plan.pk], "post": "yes"}
    url = reverse("admin:goals_strategy_changelist")
    return client.post(url, chosen, follow=True).content.decode()


def test_nothing_with_confirmed_values_is_deleted(client, kpi):
    for part in parts(kpi)[1:]:
        said = delete(client, part)
        assert KEPT in said
        assert f"{kpi}（確認済みの実績値：平成29年度）" in said
    assert PLAN_KEPT in delete(client, kpi.strategy)
    assert PLAN_KEPT in delete_from_list(client, kpi.strategy)
    assert KPI.objects.filter(pk=kpi.pk).exists()


def test_any_value_in_its_years_keeps_a_plan_but_no_part(client, planning):
    kpi = make_kpi(make_project().measure)
    make_actual(kpi.indicator, 2017)
    make_actual(kpi.indicator, 2014)
    said = delete(client, kpi.strategy)
    assert PLAN_KEPT in said
    assert "状態を「終了」にしてください。" in said
    assert f"{kpi}（実績値：平成29年度）" in said
    assert PLAN_KEPT in delete_from_list(client, kpi.strategy)
    goal = kpi.measure.group.goal
    assert KEPT not in delete(client, goal)
    assert not KPI.objects.exists()
    assert PLAN_KEPT not in delete(client, goal.strategy)
    assert not Strategy.objects.exists()


def test_a_goal_is_not_deleted_on_the_page_of_its_plan(client, kpi):
    url = reverse("admin:goals_strategy_change", args=[kpi.strategy.pk])
    data = form_data(client.get(url).content.decode())
    assert "goals-0-DELETE" not in data
    client.post(url, data | {"goals-0-DELETE": "on"})
    assert KPI.objects.filter(pk=kpi.pk).exists()


def test_a_listing_made_by_mistake_can_go_once_its_reading_is_not_confirmed(client, kpi):
    again = make_kpi(kpi.measure, kpi.indicator, confirmed_at=None)
    delete(client, again)
    assert list(KPI.objects.all()) == [kpi]


def test_a_plan_without_values_in_its_years_can_go(client, kpi):
    make_goal(make_strategy())
    later = make_kpi(make_project(measure=None).measure, kpi.indicator)
    plan = later.strategy
    Strategy.objects.filter(pk=plan.pk).update(first_fiscal_year=2020, last_fiscal_year=2024)
    delete(client, plan)
    assert not Strategy.objects.filter(pk=plan.pk).exists()
    assert Strategy.objects.filter(pk=kpi.strategy.pk).exists()


def test_a_project_can_go(client, kpi):
    project = kpi.measure.projects.get()
    delete(client, project)
    assert not kpi.measure.projects.exists()


def test_what_known_years_show_goes_with_a_reason_and_one_by_one(client, kpi):
    project = kpi.measure.projects.get()
    asked = "平成29年度の画面に出ている内容が変わります。変更の理由を入力してください。"
    assert asked in delete(client, project, reason=" ")
    chosen = {"action": "delete_selected", "_selected_action": [project.pk], "post": "yes"}
    url = reverse("admin:measures_project_changelist")
    assert "まとめて削除できません。" in client.post(url, chosen, follow=True).content.decode()
    assert kpi.measure.projects.exists()
    assert asked not in delete(client, project)
    assert not kpi.measure.projects.exists()
    newest = Project.history.first()
    assert (newest.history_type, newest.history_change_reason) == ("-", "登録の誤り")


def test_what_no_known_year_shows_goes_without_a_reason(client, kpi):
    Strategy.objects.filter(pk=kpi.strategy.pk).update(state="draft")
    delete(client, kpi.measure.projects.get(), reason="")
    assert not kpi.measure.projects.exists()
