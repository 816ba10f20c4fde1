"""People come, change posts and leave: planning maintains their accounts, names stay in records."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from tests.factories import (
    give_role,
    make_actual,
    make_indicator,
    make_kpi,
    make_section,
    make_user,
)
from tests.html import form_data
from tests.pages import text_of
from trail.events import Event

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

LIST = "/admin/accounts/user/"


@pytest.fixture
def planning(client):
    user = make_user(Role.PLANNING, full_name="企画 一郎")
    client.force_login(user)
    return user


def page_of(user):
    return reverse("admin:accounts_user_change", args=[user.pk])


def save(client, user, **typed):
    """Send the page of a user as it is, with what was typed; None unticks a box."""
    data = form_data(client.get(page_of(user)).content.decode()) | typed
    data["groups"] = typed.get("groups", [group.pk for group in user.groups.all()])
    return client.post(page_of(user), {key: v for key, v in data.items() if v is not None})


class TestDeactivating:
    @pytest.fixture
    def gone(self, planning, client):
        """A clerk who entered a value, had a browser open, and was then deactivated."""
        section = make_section("水産課")
        clerk = make_user(Role.CLERK, section, full_name="見本 花子", username="00123")
        self.actual = make_actual(make_indicator(section), by=clerk)
        self.browser = Client()
        self.browser.force_login(clerk)
        assert self.browser.get("/password/").status_code == 200
        assert save(client, clerk, is_active=None).status_code == 302
        clerk.refresh_from_db()
        return clerk

    def test_an_open_session_ends_at_the_next_request(self, gone):
        assert not gone.is_active
        assert self.browser.get("/password/").url.startswith("/login/")

    def test_the_name_stays_on_values_and_in_the_history(self, gone, client):
        self.actual.refresh_from_db()
        assert str(self.actual.entered_by) == "見本 花子"
        assert self.actual.history.get().history_user == gone
        url = reverse("admin:indicators_actual_history", args=[self.actual.pk])
        assert "見本 花子" in client.get(url).content.decode()
        assert "見本 花子" in client.get("/admin/indicators/actual/").content.decode()

    def test_it_is_logged_with_who_did_it(self, gone, planning):
        event = Event.objects.get(kind="account")
        assert (event.subject, event.detail) == ("見本 花子（00123）", "有効：はい → いいえ")
        assert event.by == planning

    def test_the_list_tells_the_deactivated_apart(self, gone, client):
        html = client.get(f"{LIST}?is_active__exact=0").content.decode()
        assert "見本 花子" in html
        assert "できません（無効）" in html


def test_several_are_deactivated_at_once_and_nobody_deactivates_itself(client, planning):
    others = [make_user(Role.CLERK), make_user(Role.HEAD)]
    chosen = [user.pk for user in (*others, planning)]
    data = {"action": "deactivate", "_selected_action": chosen}
    html = client.post(LIST, data, follow=True).content.decode()
    assert "自分自身を無効にすることはできません。" in html
    assert list(User.objects.filter(is_active=True)) == [planning]
    assert Event.objects.filter(kind="account", by=planning).count() == 2


def test_a_user_manager_cannot_give_up_the_role_of_planning(client, planning):
    html = save(client, planning, is_active=None).content.decode()
    assert "自分自身を無効にすることはできません。" in html
    html = save(client, planning, groups=[]).content.decode()
    assert "自分自身から企画担当の役割を外すことはできません。" in html
    planning.refresh_from_db()
    assert planning.is_active
    assert planning.groups.get().name == Role.PLANNING


def test_roles_are_given_and_taken_and_logged(client, planning):
    user = make_user(Role.CLERK)
    response = save(client, user, groups=[])
    assert response.status_code == 302
    assert not user.groups.exists()
    event = Event.objects.filter(kind="roles").first()
    assert (event.detail, event.by, event.address) == ("解除：担当者", planning, "127.0.0.1")


def test_the_history_of_an_account_is_what_the_log_says_of_it(client, planning):
    user = make_user(None, username="00123", full_name="見本 花子")
    give_role(user, Role.CLERK)
    give_role(make_user(None, username="100123"), Role.HEAD)
    Client().post("/login/", {"username": "00123", "password": "wrong"})
    url = reverse("admin:accounts_user_history", args=[user.pk])
    html = client.get(url).content.decode()
    for text in ("役割の変更", "追加：担当者", "ログインの失敗"):
        assert text in html
    assert "課長" not in html


def test_a_user_that_does_not_exist_has_no_history(client, planning):
    url = reverse("admin:accounts_user_history", args=[99999])
    assert client.get(url).status_code == 302


class TestTheLog:
    def test_it_can_be_searched_and_filtered(self, client, planning):
        Client().post("/login/", {"username": "00123", "password": "wrong"})
        give_role(make_user(None, full_name="見本 花子"), Role.CLERK)
        url = "/admin/accounts/event/"
        html = client.get(f"{url}?kind__exact=failure").content.decode()
        assert "00123" in html
        assert "見本 花子" not in html
        assert "見本 花子" in client.get(f"{url}?q=見本").content.decode()
        assert "00123" in client.get(f"{url}?q=127.0.0.1").content.decode()
        assert "企画 一郎" in client.get(f"{url}?q={planning.username}").content.decode()

    @pytest.mark.parametrize("role", [Role.PLANNING, Role.AUDITOR])
    def test_planning_and_auditors_read_it(self, client, role):
        client.force_login(make_user(role))
        assert client.get("/admin/accounts/event/").status_code == 200

    @pytest.mark.parametrize("role", [Role.CLERK, Role.HEAD])
    def test_nobody_else_does(self, client, role):
        client.force_login(make_user(role, make_section()))
        response = client.get("/admin/accounts/event/")
        assert response.status_code == 403
        assert "この画面を見る権限がありません" in text_of(response)


class TestNothingIsForgotten:
    def test_not_even_a_superuser_deletes_what_auditors_ask_for(self, rf):
        request = rf.get("/")
        request.user = make_user(None, is_superuser=True)
        kept = {
            model._meta.label
            for model, page in admin.site._registry.items()
            if not page.has_delete_permission(request)
        }
        assert kept >= {
            "accounts.User",
            "accounts.Section",
            "accounts.Event",
            "indicators.Actual",
            "indicators.FiscalYear",
        }
        for model, page in admin.site._registry.items():
            if model._meta.label in kept:
                assert "delete_selected" not in page.get_actions(request)

    def test_no_history_table_has_its_own_page(self):
        names = [model.__name__ for model in admin.site._registry]
        assert not [name for name in names if name.startswith("Historical")]

    @pytest.mark.parametrize("in_bulk", [False, True])
    def test_deleting_a_plan_keeps_the_history_of_all_that_was_in_it(
        self, client, planning, in_bulk
    ):
        kpi = make_kpi()
        make_actual(kpi.indicator, kpi.strategy.first_fiscal_year - 1)  # does not keep the plan
        measure = kpi.measure
        goal = measure.group.goal
        things = [goal.strategy, goal, measure.group, measure, kpi]
        histories = [(type(thing).history, thing.pk) for thing in things]
        before = Event.objects.count()
        if in_bulk:
            url, data = "/admin/goals/strategy/", {"action": "delete_selected", "post": "yes"}
            data["_selected_action"] = [goal.strategy.pk]
        else:
            url = reverse("admin:goals_strategy_delete", args=[goal.strategy.pk])
            data = {"post": "yes"}
        assert client.post(url, data).status_code == 302
        assert not type(goal).objects.exists()
        for history, pk in histories:
            rows = history.filter(id=pk).order_by("history_id")
            assert [row.history_type for row in rows] == ["+", "-"]
            assert rows.last().history_user == planning
        assert Event.objects.count() >= before
        assert type(kpi.indicator).objects.filter(pk=kpi.indicator.pk).exists()

    def test_an_indicator_with_values_is_not_deleted(self, client, planning):
        actual = make_actual(make_indicator())
        url = reverse("admin:indicators_indicator_delete", args=[actual.indicator_id])
        client.post(url, {"post": "yes"})
        assert type(actual).objects.filter(pk=actual.pk).exists()

    @pytest.mark.parametrize("role", [Role.PLANNING, Role.CLERK, Role.AUDITOR])
    def test_an_old_state_is_shown_but_never_restored(self, client, role):
        """Reverting would let everybody who may view an object restore an old state."""
        actual = make_actual(make_indicator(make_section("水産課")))
        client.force_login(make_user(role, make_section("水産課")))
        args = [actual.pk, actual.history.get().pk]
        url = reverse("admin:indicators_actual_simple_history", args=args)
        assert client.get(url).status_code == 200
        assert client.post(url, {}).status_code == 405
        assert actual.history.count() == 1
