"""A session ends after idle time, and pages stay as cheap as before."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session

from accounts import idle
from accounts.models import User
from accounts.roles import Role
from tests.factories import make_strategy, make_user
from tests.pages import text_of
from trail.events import Event

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

PAGE = "/strategies/plan/list/"


@pytest.fixture
def clock(monkeypatch):
    """A clock that a test can put forward by minutes."""

    class Clock:
        seconds = 1_800_000_000

        def forward(self, minutes):
            self.seconds += int(minutes * 60)

    clock = Clock()
    monkeypatch.setattr(idle, "now", lambda: clock.seconds)
    return clock


@pytest.fixture
def reader(client, clock):
    make_strategy(code="plan")
    user = make_user(Role.READER)
    client.force_login(user)
    return user


def test_after_half_an_hour_of_idleness_a_log_in_is_required(client, reader, clock):
    assert client.get(PAGE).status_code == 200
    clock.forward(30)
    response = client.get(f"{PAGE}?year=2016")
    assert response.url == f"/login/?next={PAGE}%3Fyear%3D2016&ended=idle"
    assert not Session.objects.exists()
    text = text_of(client.get(response.url))
    assert "自動的にログアウトしました" in text
    assert "30分のあいだ、画面を開くことも送信もありませんでした" in text
    assert "保存していません" not in text


def test_after_the_log_in_the_requested_page_is_shown(client, reader, clock):
    reader.set_password("kani-to-sanma")
    reader.save()
    client.force_login(reader)
    clock.forward(31)
    url = client.get(PAGE).url
    data = {"username": reader.username, "password": "kani-to-sanma", "next": PAGE}
    assert client.post(url, data, follow=True).request["PATH_INFO"] == PAGE


def test_what_was_sent_too_late_is_not_saved_and_the_page_says_so(client, reader, clock):
    clock.forward(31)
    response = client.post("/password/", {"old_password": "x"})
    assert response.url == "/login/?next=/password/&ended=idle&form=unsaved"
    assert "最後に送信した内容は、保存していません" in text_of(client.get(response.url))


def test_in_the_admin_the_page_says_so_too(client, clock):
    client.force_login(make_user(Role.PLANNING))
    clock.forward(31)
    assert client.get("/admin/").url == "/login/?next=/admin/&ended=idle"


def test_an_active_user_stays_logged_in_all_day(client, reader, clock):
    for _ in range(20):
        clock.forward(29)
        assert client.get(PAGE).status_code == 200


def test_the_setting_says_how_long(client, reader, clock, settings):
    settings.SESSION_IDLE_MINUTES = 5
    clock.forward(4)
    assert client.get(PAGE).status_code == 200
    clock.forward(5)
    assert client.get(PAGE).status_code == 302


def test_the_end_is_logged_with_its_reason(client, reader, clock):
    clock.forward(30)
    client.get(PAGE)
    event = Event.objects.get(kind="logout")
    assert (event.by, event.detail) == (reader, "30分のあいだ操作なし")


def test_logging_out_late_leads_to_the_log_in_and_to_no_dead_end(client, reader, clock):
    clock.forward(31)
    assert client.post("/logout/").url == "/login/"


def test_without_the_cookie_the_log_in_counts(client, reader, clock):
    client.get(PAGE)
    clock.forward(20)
    client.get(PAGE)
    del client.cookies[idle.COOKIE]
    clock.forward(10)
    assert client.get(PAGE).status_code == 302


def test_a_cookie_of_another_session_or_an_invented_one_does_not_help(client, reader, clock):
    clock.forward(29)
    client.force_login(make_user(Role.READER))
    client.get(PAGE)
    foreign = client.cookies[idle.COOKIE].value
    client.logout()
    client.force_login(reader)
    clock.forward(30)
    for value in (foreign, f"{clock.seconds}:x", "nonsense", ""):
        client.cookies[idle.COOKIE] = value
        assert client.get(PAGE).status_code == 302
        client.force_login(reader)
        clock.forward(30)


def test_the_cookie_is_for_the_server_only_and_goes_with_the_session(client, reader):
    cookie = client.get(PAGE).cookies[idle.COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == ""
    assert client.post("/logout/").cookies[idle.COOKIE].value == ""


def test_staying_active_writes_nothing(client, reader, clock, django_assert_num_queries):
    client.get("/password/")
    for _ in range(3):
        clock.forward(20)
        with django_assert_num_queries(3) as asked:
            client.get("/password/")
        assert all(query["sql"].startswith("SELECT") for query in asked.captured_queries)


def test_a_page_that_needs_no_user_makes_no_query_for_a_cookie(
    client, reader, clock, django_assert_num_queries
):
    client.get(PAGE)
    clock.forward(29)
    with django_assert_num_queries(0):
        response = client.get("/healthz")
    assert idle.COOKIE not in response.cookies
    clock.forward(1)
    assert client.get(PAGE).status_code == 302


def test_an_idle_user_counts_as_logged_out_on_a_public_page(client, reader, clock):
    client.get(PAGE)
    clock.forward(31)
    assert "ログアウト" not in text_of(client.get("/login/"))
    assert not Session.objects.exists()
    assert Event.objects.get(kind="logout").detail == "30分のあいだ操作なし"


def test_the_session_ends_with_the_browser(client, reader):
    client.post("/logout/")
    make_user(Role.READER, username="12345", password="kani-to-sanma")
    response = client.post("/login/", {"username": "12345", "password": "kani-to-sanma"})
    assert response.cookies["sessionid"]["max-age"] == ""


def test_the_user_of_a_request_is_not_a_lazy_object(client, reader, clock):
    user = client.get(PAGE).wsgi_request.user
    assert (type(user), user) == (User, reader)


def test_the_anonymous_user_is_not_lazy_after_the_session_ended_either(client, reader, clock):
    clock.forward(30)
    assert type(client.get(PAGE).wsgi_request.user) is AnonymousUser
