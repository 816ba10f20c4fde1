"""Open sessions: who sees them, who ends them, and what ends them by itself."""

import re
from datetime import timedelta

import pytest
from django.conf import settings as site_settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.browser_names import browser_name
from accounts.first_passwords import give, state_of
from accounts.roles import Role
from tests.factories import make_user
from tests.html import form_data
from tests.pages import read_page, text_of
from trail.events import Event

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

PASSWORD = "kani-to-sanma"
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/141.0.0.0 Safari/537.36 Edg/141.0.3537.57"
)
MARK = re.compile(r'name="session"\s+value="(\w+)"')


@pytest.fixture
def clerk():
    return make_user(Role.CLERK, username="00123", full_name="見本 花子", password=PASSWORD)


def logged_in(**headers):
    browser = Client(headers=headers)
    data = {"username": "00123", "password": PASSWORD}
    assert browser.post("/login/", data).status_code == 302
    return browser


def is_open(browser):
    return browser.get("/account/").status_code == 200


def ended():
    return Event.objects.filter(kind="logout").order_by("pk")


def test_the_header_leads_to_the_account_with_its_sessions(clerk):
    own, other = logged_in(), logged_in(user_agent=EDGE)
    make_other = make_user(Role.CLERK)
    Client().force_login(make_other)
    assert "/account/" in read_page(own.get("/account/")).links
    text = text_of(own.get("/account/"))
    assert "開いているログイン（2件）" in text
    assert "127.0.0.1 Edge 141（Windows）" in text
    assert text.count("今使っているもの") == 1
    assert is_open(other)


def test_a_person_ends_one_of_the_others_or_all_and_stays(clerk):
    own, first, second = logged_in(), logged_in(), logged_in()
    newest, older, _ = MARK.findall(own.get("/account/").content.decode())
    own.post("/account/sessions/", {"session": newest})
    assert sorted([is_open(first), is_open(second)]) == [False, True]
    again = own.post("/account/sessions/", {"session": newest}, follow=True)
    assert "そのログインは、すでに終わっています。" in text_of(again)
    assert older not in ("every", newest)
    own.post("/account/sessions/", {"session": "every"})
    assert not is_open(first)
    assert not is_open(second)
    assert is_open(own)
    assert [(event.by, event.subject) for event in ended()] == [(clerk, "見本 花子（00123）")] * 2
    assert "本人が終えた：" in ended()[0].detail
    assert "127.0.0.1" in ended()[0].detail


def test_no_page_and_no_event_has_a_key_of_a_session(clerk):
    own, other = logged_in(), logged_in()
    html = own.get("/account/").content.decode()
    own.post("/account/sessions/", {"session": "every"})
    for key in (own.session.session_key, other.cookies["sessionid"].value):
        assert key not in html + str(list(Event.objects.values()))


def test_nobody_ends_a_session_of_somebody_else_by_its_mark(clerk, client):
    browser = logged_in()
    client.force_login(make_user(Role.PLANNING))
    page = client.get(reverse("user_sessions", args=[clerk.pk])).content.decode()
    mark = MARK.search(page)[1]
    stranger = Client()
    stranger.force_login(make_user(Role.CLERK))
    stranger.post("/account/sessions/", {"session": mark})
    assert is_open(browser)


def test_planning_ends_the_sessions_of_a_user(clerk, client):
    planning = make_user(Role.PLANNING)
    client.force_login(planning)
    browsers = [logged_in(), logged_in()]
    page = reverse("admin:accounts_user_change", args=[clerk.pk])
    url = f"/users/{clerk.pk}/sessions/"
    assert f'2件　<a href="{url}">見る・終える</a>' in client.get(page).content.decode()
    mark = MARK.search(client.get(url).content.decode())[1]
    client.post(url, {"session": mark})
    assert sorted(map(is_open, browsers)) == [False, True]
    client.post(url, {"session": "every"})
    assert "開いているログインはありません。" in text_of(client.get(url))
    assert {event.by for event in ended()} == {planning}
    assert client.get(f"/users/{planning.pk}/sessions/").url == "/account/"


def test_planning_ends_the_sessions_of_several_but_not_its_own(clerk, client):
    planning = make_user(Role.PLANNING)
    client.force_login(planning)
    browser = logged_in()
    data = {"action": "end_sessions", "_selected_action": [clerk.pk, planning.pk]}
    text = client.post("/admin/accounts/user/", data, follow=True).content.decode()
    assert "1件のログインを終えました。" in text
    assert "自分のログインは、「ログアウト」で終えてください。" in text
    assert not is_open(browser)
    assert is_open(client)


def test_what_was_typed_in_an_ended_session_can_be_sent_after_the_log_in(clerk, client):
    browser = logged_in()
    page = browser.get("/account/", follow=True).content.decode()
    token = form_data(page)["csrfmiddlewaretoken"]
    client.force_login(make_user(Role.PLANNING))
    client.post(f"/users/{clerk.pk}/sessions/", {"session": "every"})
    data = {"csrfmiddlewaretoken": token, "session": "every"}
    text = text_of(browser.post("/account/sessions/", data))
    assert "最後に送信した内容は、まだ保存していません。この画面に残っている" in text


def test_changing_the_password_ends_the_others_and_says_so_in_the_log(clerk):
    own, other = logged_in(), logged_in()
    new = "uni-to-hanasaki-gani"
    data = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert own.post("/password/", data).status_code == 302
    assert is_open(own)
    assert not is_open(other)
    [event] = ended()
    assert event.detail.startswith("パスワードの変更のため：")
    assert event.detail.count("127.0.0.1") == 1


def test_a_password_that_is_set_for_somebody_ends_their_sessions(clerk, client):
    client.force_login(make_user(Role.PLANNING))
    browser = logged_in()
    url = reverse("admin:auth_user_password_change", args=[clerk.pk])
    new = {
        "usable_password": "true",
        "password1": "uni-to-hanasaki",
        "password2": "uni-to-hanasaki",
    }
    assert client.post(url, new).status_code == 302
    assert not is_open(browser)
    assert "パスワードの再設定のため：" in ended().get().detail


def test_a_first_password_ends_the_sessions(clerk):
    clerk.must_change_password = True
    clerk.save()
    logged_in()
    give({clerk.pk: state_of(clerk)})
    assert "初回のパスワードのため：" in ended().get().detail
    assert not Session.objects.exists()


def test_a_reactivated_user_has_to_log_in_again(clerk):
    browser = logged_in()
    clerk.is_active = False
    clerk.save()
    clerk.is_active = True
    clerk.save()
    assert not is_open(browser)
    assert "無効にしたため：" in ended().get().detail


def test_after_a_day_a_session_has_expired_and_is_not_shown(clerk):
    own, other = logged_in(), logged_in()
    key = other.cookies["sessionid"].value
    expires = Session.objects.get(pk=key).expire_date
    assert expires - timezone.now() < timedelta(days=1, minutes=1)
    assert site_settings.SESSION_COOKIE_AGE == 24 * 60 * 60
    Session.objects.filter(pk=key).update(expire_date=timezone.now())
    assert "開いているログイン（1件）" in text_of(own.get("/account/"))


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (EDGE, "Edge 141（Windows）"),
        (EDGE.partition(" Edg/")[0], "Chrome 141（Windows）"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
         "Firefox 140（Linux）"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, "
         "like Gecko) Version/18.0 Mobile/15E148 Safari/604.1", "Safari 18（iPhone・iPad）"),
        ("curl/8.5.0", ""),
    ],
)  # fmt: skip
def test_browsers_are_called_by_their_names(said, name):
    assert browser_name(said) == name
