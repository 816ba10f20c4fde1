"""Logging in, and being locked out after repeated failures."""

import re
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.hashers import identify_hasher
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.lock_outs import end_of_lock_out, last_failure, lift, locked_names
from accounts.models import User
from accounts.roles import Role
from tests.factories import make_section, make_user
from tests.html import form_data
from tests.pages import read_page, text_of
from trail.client_address import client_address
from trail.events import Event
from trail.history import Door

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

PASSWORD = "kani-to-sanma"


@pytest.fixture
def user():
    return make_user(Role.READER, username="12345", full_name="見本 花子", password=PASSWORD)


def log_in(client, password=PASSWORD, username="12345", **headers):
    return client.post("/login/", {"username": username, "password": password}, headers=headers)


def fail(client, times=5, **given):
    return [log_in(client, "wrong", **given) for _ in range(times)][-1]


def lock_out(user):
    AccessAttempt.objects.create(
        username=user.username, ip_address="192.0.2.1", failures_since_start=5
    )


def kinds():
    return list(Event.objects.order_by("pk").values_list("kind", flat=True))


def test_passwords_are_kept_as_argon2_hashes(real_hashing, user):
    assert identify_hasher(user.password).algorithm == "argon2"


def test_a_fifth_failure_locks_out_and_the_page_says_what_to_do(client, user):
    assert fail(client, 4).status_code == 200
    response = fail(client, 1)
    assert response.status_code == 429
    until = timezone.localtime(locked_names()["12345"])
    assert read_page(response).h1 == ["一時的にログインできません"]
    assert f"{until:%-H時%M分}まで止めています" in text_of(response)
    assert "企画担当に連絡してください" in text_of(response)
    assert log_in(client).status_code == 429
    assert "_auth_user_id" not in client.session


def test_a_warning_comes_before_the_lock_out(client, user):
    html = fail(client, 1).content.decode()
    assert "5回続けて間違えると、30分間ログインできなくなります。" in html


def test_a_name_that_is_longer_than_any_is_refused_and_not_counted(client, user):
    response = fail(client, 6, username="1" * 300)
    assert response.status_code == 200
    assert "職員番号が長すぎます。" in text_of(response)
    assert not AccessAttempt.objects.exists()


def test_a_success_resets_the_count(client, user):
    for _ in range(3):
        fail(client, 4)
        assert log_in(client).status_code == 302
        client.post("/logout/")


def test_further_attempts_do_not_extend_a_lock_out(client, user):
    fail(client)
    until = locked_names()
    fail(client, 3)
    assert locked_names() == until


def test_a_lock_out_ends_by_itself(client, user, settings):
    fail(client)
    AccessAttempt.objects.update(
        attempt_time=timezone.now() - settings.AXES_COOLOFF_TIME - timedelta(seconds=1)
    )
    assert locked_names() == {}
    assert log_in(client).status_code == 302


def test_a_name_that_does_not_exist_is_locked_out_alike(client, user):
    known, unknown = fail(client), fail(client, username="99999")
    assert known.status_code == unknown.status_code == 429
    # The end of the lock-out may be in the next minute for the second.
    first, second = (re.sub(r"\d+時\d\d分", "", one.content.decode()) for one in (known, unknown))
    assert first == second


class TestManyNamesAndManyAddresses:
    """Attempts that vary the name or the address are blocked too, only later."""

    @pytest.fixture(autouse=True)
    def limits(self, settings, user):
        settings.PROXY_COUNT = 1
        settings.LOCK_OUT_ADDRESS_FAILURES, settings.LOCK_OUT_NAME_FAILURES = 6, 7

    def from_address(self, number, **given):
        return log_in(Client(), x_forwarded_for=f"10.1.1.{number}", **given)

    def test_an_address_that_tries_many_names(self):
        for number in range(6):
            self.from_address(1, password="wrong", username=f"4000{number}")
        text = text_of(self.from_address(1))
        assert "この接続元でログインの失敗が続いたため、パスワードを調べていません。" in text
        assert "を過ぎてから、もう一度入力してください。" in text
        assert self.from_address(2).status_code == 302
        event = Event.objects.filter(kind="failure").order_by("pk").last()
        assert event.detail == "この接続元の失敗が続いたため、パスワードを調べていません。"
        locked = Event.objects.get(kind="locked")
        assert locked.subject == "40005"
        assert locked.detail.startswith("この接続元からの失敗が続いたため、")

    def test_a_name_that_is_tried_from_many_addresses(self, settings):
        for number in range(7):
            self.from_address(number, password="wrong")
        text = text_of(self.from_address(99))
        assert "この職員番号でログインの失敗が続いたため" in text
        settings.LOCK_OUT_NAME_FAILURES = 0
        assert self.from_address(99).status_code == 302

    def test_it_ends_by_itself_and_by_planning(self, user, settings):
        for number in range(7):
            self.from_address(number, password="wrong")
        assert list(locked_names()) == [user.username]
        until = User.objects.annotate(last=last_failure()).get(pk=user.pk).last
        assert end_of_lock_out(until) == locked_names()[user.username]
        self.from_address(98)
        assert Event.objects.filter(kind="locked", subject=user.username).count() == 1
        assert lift(user)
        assert Event.objects.filter(kind="unlocked").count() == 1
        assert self.from_address(98).status_code == 302
        for number in range(6):
            self.from_address(1, password="wrong", username=f"4000{number}")
        earlier = timezone.now() - settings.AXES_COOLOFF_TIME - timedelta(seconds=1)
        AccessAttempt.objects.update(attempt_time=earlier)
        assert self.from_address(1).status_code == 302


class TestBehindProxies:
    def test_a_colleague_behind_the_same_address_is_not_locked_out(self, client, user):
        make_user(Role.READER, username="23456", password=PASSWORD)
        fail(client)
        assert log_in(client, username="23456").status_code == 302

    def test_the_person_is_not_locked_out_elsewhere(self, client, user, settings):
        settings.PROXY_COUNT = 1
        fail(client, x_forwarded_for="10.1.1.1")
        assert log_in(client, x_forwarded_for="10.1.1.1").status_code == 429
        assert log_in(client, x_forwarded_for="10.1.1.2").status_code == 302

    def test_a_forged_header_gains_nothing(self, client, user, settings):
        for count in (0, 1):
            settings.PROXY_COUNT = count
            for number in range(5):
                trail = f"10.9.9.{number}, 10.1.1.1"
                response = log_in(client, "wrong", x_forwarded_for=trail)
            assert response.status_code == 429

    @pytest.mark.parametrize(
        ("count", "header", "address"),
        [
            (0, "10.0.0.9", "192.0.2.1"),
            (1, "10.0.0.9", "10.0.0.9"),
            (1, "1.1.1.1, 10.0.0.9", "10.0.0.9"),
            (2, "1.1.1.1, 10.0.0.9, 10.0.0.1", "10.0.0.9"),
            (2, "10.0.0.9", "10.0.0.9"),
            (1, "10.0.0.9:53211", "10.0.0.9"),
            (1, "[2001:db8::7]:443", "2001:db8::7"),
            (1, "::ffff:10.0.0.9", "10.0.0.9"),
            (1, "fe80::1%eth0", "fe80::1"),
            (1, "unknown", "192.0.2.1"),
            (1, "", "192.0.2.1"),
        ],
    )
    def test_only_as_many_entries_as_there_are_proxies_are_believed(
        self, rf, settings, count, header, address
    ):
        settings.PROXY_COUNT = count
        request = rf.get("/", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=header)
        assert client_address(request) == address

    def test_a_socket_of_the_same_machine_has_no_address(self, rf):
        assert client_address(rf.get("/", REMOTE_ADDR="")) is None


class TestLifting:
    def lift(self, client, user):
        client.force_login(make_user(Role.PLANNING, full_name="企画 一郎"))
        data = {"action": "lift_lock_out", "_selected_action": [user.pk]}
        return client.post(reverse("admin:accounts_user_changelist"), data, follow=True)

    def test_planning_lifts_it_on_the_page_of_users(self, client, user):
        fail(client)
        assert "見本 花子さんのロックを解除しました。" in self.lift(client, user).content.decode()
        client.post("/logout/")
        assert log_in(client).status_code == 302

    def test_the_list_shows_who_is_locked_out_and_until_when(self, client, user):
        fail(client)
        client.force_login(make_user(Role.PLANNING))
        url = reverse("admin:accounts_user_changelist")
        until = timezone.localtime(locked_names()["12345"])
        html = client.get(f"{url}?locked=yes").content.decode()
        assert f"ロック中（{until:%H:%M}まで）" in html
        assert html.count('name="_selected_action"') == 1
        url = reverse("admin:accounts_user_change", args=[user.pk])
        assert "ロック中" in client.get(url).content.decode()

    def test_the_list_asks_for_the_lock_outs_of_all_at_once(
        self, client, user, django_assert_num_queries
    ):
        client.force_login(make_user(Role.PLANNING))
        url = reverse("admin:accounts_user_changelist")
        lock_out(user)
        with CaptureQueriesContext(connection) as one:
            assert client.get(url).content.decode().count("ロック中（") == 1
        for _ in range(3):
            lock_out(make_user(Role.CLERK, make_section()))
        with django_assert_num_queries(len(one)):
            assert client.get(url).content.decode().count("ロック中（") == 4

    def test_where_there_is_nothing_to_lift_it_says_so(self, client, user):
        assert "ロックされていません" in self.lift(client, user).content.decode()
        assert "unlocked" not in kinds()

    def test_nobody_lifts_their_own(self, client):
        """An open session of planning would have no limit for guessing the password."""
        planning = make_user(Role.PLANNING)
        lock_out(planning)
        client.force_login(planning)
        data = {"action": "lift_lock_out", "_selected_action": [planning.pk]}
        url = reverse("admin:accounts_user_changelist")
        text = client.post(url, data, follow=True).content.decode()
        assert "自分のロックを解除することはできません。" in text
        assert planning.username in locked_names()

    def test_lifting_is_logged_with_who_did_it(self, client, user):
        fail(client)
        self.lift(client, user)
        event = Event.objects.get(kind="unlocked")
        assert (event.subject, event.by.full_name) == ("見本 花子（12345）", "企画 一郎")


class TestEvents:
    def test_log_in_and_log_out_are_logged_with_the_address(self, client, user):
        log_in(client)
        client.post("/logout/")
        events = list(Event.objects.filter(by=user).order_by("pk"))
        assert [(e.kind, e.subject, e.address, e.door) for e in events] == [
            ("login", "見本 花子（12345）", "127.0.0.1", ""),
            ("logout", "見本 花子（12345）", "127.0.0.1", ""),
        ]

    def test_failures_come_before_the_lock_out_and_name_what_was_typed(self, client, user):
        before = len(kinds())
        fail(client)
        log_in(client)
        assert kinds()[before:] == ["failure"] * 5 + ["locked", "failure"]
        event = Event.objects.get(kind="locked")
        assert (event.subject, event.detail) == ("12345", "5回の失敗。30分間または解除されるまで")
        assert "調べていません" in Event.objects.first().detail

    def test_the_password_is_stored_nowhere(self, client, user):
        log_in(client, "himitsu-no-kotoba")
        for table in (Event, AccessAttempt):
            assert "himitsu" not in str(list(table.objects.values()))

    def test_logging_out_without_being_logged_in_is_no_event(self, client):
        assert client.post("/logout/").url == "/login/"
        assert kinds() == []


def test_a_page_makes_no_query_for_lock_outs(client, user, django_assert_num_queries):
    client.force_login(user)
    client.get("/password/")
    # Session, user with roles, and for the head the plan or, without one, the city.
    with django_assert_num_queries(4):
        client.get("/password/")


def test_a_deactivated_person_cannot_log_in_and_loses_the_session(client, user):
    log_in(client)
    assert client.get("/password/").status_code == 200
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert client.get("/password/").status_code == 302
    assert "職員番号かパスワードが違います" in log_in(client).content.decode()


@pytest.mark.parametrize("asked", ["1-ア-1", "login", "no-name", "//elsewhere.test/"])
def test_an_address_of_another_site_redirects_to_the_first_page(client, user, asked):
    """redirect() takes a text without a slash for the name of an address."""
    sent = {"username": "12345", "password": PASSWORD, "next": asked}
    for _ in ("before", "after the log-in"):
        assert client.post("/login/", sent).headers["Location"] == "/"


def test_a_log_in_page_in_a_second_tab_switches_no_user(user):
    clerk = user
    head = make_user(Role.READER, username="54321", full_name="見本 太郎", password=PASSWORD)
    client = Client(enforce_csrf_checks=True)
    token = form_data(client.get("/login/").content.decode())["csrfmiddlewaretoken"]
    sent = {"csrfmiddlewaretoken": token, "password": PASSWORD, "next": "/password/"}
    assert client.post("/login/", sent | {"username": clerk.username}).status_code == 302

    answer = client.post("/login/", sent | {"username": head.username}, follow=True)
    text = text_of(answer)
    assert f"今、{clerk}さん（{clerk.username}）がログインしています。" in text
    asked = form_data(answer.content.decode())
    assert (asked["username"], asked["next"]) == (head.username, "/password/")
    wrong = client.post("/login/", asked | {"password": "wrong"}, follow=True)
    assert f"今、{clerk}さん" in text_of(wrong)

    asked = form_data(wrong.content.decode()) | {"password": PASSWORD}
    assert client.post("/login/", asked).url == "/password/"
    assert client.get("/password/").context["user"] == head
    left = Event.objects.filter(kind=Event.Kind.LOG_OUT).values_list("by", flat=True)
    assert list(left) == [clerk.pk]
    assert client.post("/login/", sent | {"username": head.username}).url == "/password/"


def test_a_log_in_page_that_is_older_than_another_tab_asks_once_more(user):
    client = Client(enforce_csrf_checks=True, headers={"origin": "http://testserver"})
    old = form_data(client.get("/login/?next=/password/").content.decode())
    sent = old | {"username": user.username, "password": PASSWORD}
    assert client.post("/login/", sent).status_code == 302
    client.post("/logout/", form_data(client.get("/").content.decode()))
    client.get("/login/")
    answer = client.post("/login/", sent)
    assert answer.status_code == 403
    assert "もう一度、パスワードを入力してください。" in text_of(answer)
    asked = form_data(answer.content.decode())
    assert (asked["username"], asked["next"]) == (user.username, "/password/")
    assert client.post("/login/", asked | {"password": PASSWORD}).url == "/password/"


@pytest.mark.parametrize("blocked", ["12345", "127.0.0.1"])
def test_the_server_lifts_what_blocks_a_name_or_an_address_and_logs_it(
    client, user, blocked, capsys
):
    fail(client, 6)
    call_command("lift_lock_out", blocked)
    assert f"{blocked}" in capsys.readouterr().out
    assert log_in(client).status_code == 302
    event = Event.objects.get(kind=Event.Kind.UNLOCKED)
    assert blocked in event.subject
    assert event.door == Door.COMMAND


@pytest.mark.parametrize("blocked", ["99999", "192.0.2.77", "192.0.2", "::1", "not-an-ip"])
def test_the_server_says_where_there_is_nothing_to_lift(client, user, blocked, capsys):
    fail(client, 6)
    call_command("lift_lock_out", blocked)
    assert "には、ログインの失敗がありません。ロックもされていません。" in capsys.readouterr().out
    assert not Event.objects.filter(kind=Event.Kind.UNLOCKED).exists()
    assert locked_names()
