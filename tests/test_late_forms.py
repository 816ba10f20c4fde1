"""Every form that comes after its session has ended is sent again, or named as lost."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts import idle
from accounts.models import User
from indicators.models import Actual
from tests.entry.city import City, make_city
from tests.html import form_data, sent_untouched
from tests.pages import text_of
from tests.site_forms import (
    ADDED,
    FORMS,
    OF_THE_ADMIN,
    PASSWORD,
    Form,
    attach,
    change_password,
    end_own_sessions,
    end_sessions,
    give_code,
    hand_back,
    keep,
    keep_projects,
    log_in,
    log_out,
    make_backup_codes,
    preview_form,
    preview_plan,
    preview_projects,
    preview_sheets,
    preview_staff,
    register_app,
    stored_rows,
)

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.stories]


@pytest.fixture
def city() -> City:
    return make_city()


TYPED_ANEW = (
    preview_form, preview_plan, preview_projects, preview_sheets, preview_staff, attach,
    change_password, ADDED[-1], register_app, give_code,
)  # fmt: skip
"""Forms with files and passwords, which no page holds."""


OF_SESSIONS = (end_own_sessions, end_sessions, make_backup_codes)
"""They store nothing; test_open_sessions.py and test_second_factor.py have what becomes of them."""


def left_page(city: City, prepare: Callable[[City], Form]) -> tuple[Form, Client, Any]:
    """Return a form, a browser whose session ended before it was sent, and the page after that."""
    form = prepare(city)
    form.by.set_password(PASSWORD)
    form.by.save()
    client, token = opened_page(form)
    client.post("/logout/", {"csrfmiddlewaretoken": token})
    return form, client, client.post(form.url, typed_into(form, token), follow=True)


def opened_page(form: Form) -> tuple[Client, str]:
    """Return the browser of a form's sender, and the token of the pages that it shows."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(form.by)
    page = client.get("/password/", follow=True)
    return client, form_data(page.content.decode())["csrfmiddlewaretoken"]


def typed_into(form: Form, token: str) -> dict[str, Any]:
    return form.data | form.files() | {"csrfmiddlewaretoken": token}


def log_in_at(client: Client, page: Any, form: Form, by: User | None = None) -> Any:
    user = by or form.by
    if by:
        user.set_password(PASSWORD)
        user.save()
    asked = form_data(page.content.decode())
    return client.post(
        "/login/", asked | {"username": user.username, "password": PASSWORD}, follow=True
    )


def stored() -> tuple[Any, ...]:
    """Return what a form may change: how many rows there are, the values, and the passwords."""
    passwords = set(User.objects.values_list("pk", "password"))
    return stored_rows(), list(Actual.objects.order_by("pk").values()), passwords


HAND_BACK_REASON = "確かめて"


def assert_nothing_of_it_is_offered(response: Any) -> None:
    assert "もう一度送信する" not in text_of(response)
    assert HAND_BACK_REASON not in text_of(response)


@pytest.mark.parametrize(
    "prepare",
    [
        prepare
        for forms in FORMS.values()
        for prepare in forms
        if prepare not in (keep, keep_projects, log_in, log_out, *OF_SESSIONS)
    ]
    + OF_THE_ADMIN,
    ids=lambda prepare: prepare.__name__,
)
def test_a_form_that_comes_after_a_log_out_elsewhere_is_sent_again_or_named_as_lost(city, prepare):
    form, client, page = left_page(city, prepare)
    before = stored()
    text = text_of(page)
    assert "ログアウトしています" in text
    assert "分のあいだ" not in text
    if prepare in TYPED_ANEW:
        assert "最後に送信した内容は、保存していません。" in text
        return
    assert "最後に送信した内容は、まだ保存していません。この画面に残っている" in text
    offered = log_in_at(client, page, form)
    assert "もう一度送信してください" in text_of(offered)
    assert stored() == before
    assert f'action="{form.url}"' in offered.content.decode()
    sent = {
        name: text[0] if len(text) == 1 else text
        for name, text in sent_untouched(offered.content.decode()).items()
    }
    response = client.post(form.url, sent, follow=True)
    assert response.status_code == 200
    html = response.content.decode()
    assert form.says in (text_of(response) if prepare not in OF_THE_ADMIN else html)
    assert stored() != before


def test_a_reason_to_hand_back_survives_a_wrong_password_and_is_shown(city):
    form, client, page = left_page(city, hand_back)
    asked = form_data(page.content.decode())
    wrong = client.post("/login/", asked | {"username": form.by.username, "password": "kani"})
    assert "職員番号かパスワードが違います" in text_of(wrong)
    assert "この画面に残っています" in text_of(wrong)
    offered = log_in_at(client, wrong, form)
    assert "確かめて" in text_of(offered)


def test_an_ended_session_offers_the_form_only_to_its_sender(city, monkeypatch):
    form = hand_back(city)
    client = Client()
    client.force_login(form.by)
    start = idle.now()
    monkeypatch.setattr(idle, "now", lambda: start + 3600)
    page = client.post(form.url, form.data)
    text = text_of(page)
    assert "自動的にログアウトしました" in text
    assert "この画面に残っている" in text
    response = log_in_at(client, page, form, by=city.clerk)
    assert_nothing_of_it_is_offered(response)
    assert f"ログインの前に{form.by}さん（{form.by.username}）が送信した内容" in text_of(response)


def test_a_log_out_elsewhere_offers_the_form_only_to_its_sender(city):
    form, client, page = left_page(city, hand_back)
    assert "送信した本人がログインすると" in text_of(page)
    response = log_in_at(client, page, form, by=city.planning)
    assert_nothing_of_it_is_offered(response)
    text = text_of(response)
    assert f"ログインの前に{form.by}さん（{form.by.username}）が送信した内容" in text
    assert "保存していません" in text


def test_a_page_of_an_earlier_person_is_not_sent_by_the_one_who_has_logged_in_since(city):
    form = hand_back(city)
    client, token = opened_page(form)
    client.post("/logout/", {"csrfmiddlewaretoken": token})
    log_in_at(client, client.get("/login/"), form, by=city.planning)
    sender = {"origin": "http://testserver"}
    response = client.post(form.url, typed_into(form, token), headers=sender)
    assert_nothing_of_it_is_offered(response)
    text = text_of(response)
    assert f"この画面は、{form.by}さん（{form.by.username}）がログインしていたときに" in text
    assert f"今は{city.planning}さん（{city.planning.username}）がログインしています" in text
    # After the second person has gone, too, it is the first one's.
    other = form_data(client.get("/password/", follow=True).content.decode())
    client.post("/logout/", {"csrfmiddlewaretoken": other["csrfmiddlewaretoken"]})
    page = client.post(form.url, typed_into(form, token), headers=sender)
    assert_nothing_of_it_is_offered(log_in_at(client, page, form, by=city.planning))


def test_a_form_of_an_unknown_sender_is_offered_to_nobody(city):
    form = hand_back(city)
    client = Client(enforce_csrf_checks=True)
    token = form_data(client.get("/login/").content.decode())["csrfmiddlewaretoken"]
    page = client.post(form.url, typed_into(form, token), follow=True)
    assert "最後に送信した内容は、保存していません。" in text_of(page)
    form.by.set_password(PASSWORD)
    form.by.save()
    assert_nothing_of_it_is_offered(log_in_at(client, page, form))


def test_a_form_with_the_token_of_an_earlier_log_in_is_offered_again(city):
    """The page was opened before a log-out and a log-in in another tab."""
    form = hand_back(city)
    form.by.set_password(PASSWORD)
    form.by.save()
    client, token = opened_page(form)
    client.post("/logout/", {"csrfmiddlewaretoken": token})
    log_in_at(client, client.get("/login/"), form)
    sent = typed_into(form, token)
    foreign = client.post(form.url, sent, headers={"origin": "https://example.org"})
    assert "もう一度送信する" not in text_of(foreign)
    page = client.post(form.url, sent, headers={"origin": "http://testserver"})
    assert "送信した内容は、この画面に残っています。" in text_of(page)
    again = client.post(form.url, form_data(page.content.decode()), follow=True)
    assert form.says in text_of(again)


def test_a_log_in_in_another_tab_does_not_lose_the_form(city):
    form, client, page = left_page(city, hand_back)
    asked = form_data(page.content.decode())
    other = form_data(client.get("/login/").content.decode())
    log_in_at(client, client.get("/login/"), form)
    assert other["csrfmiddlewaretoken"]
    late = client.post("/login/", asked | {"username": form.by.username, "password": PASSWORD})
    assert "もう一度送信してください" in text_of(late)


def test_a_new_password_elsewhere_is_not_called_a_log_out_or_idleness(city):
    form = hand_back(city)
    client, token = opened_page(form)
    form.by.set_password(PASSWORD)
    form.by.save()
    text = text_of(client.post(form.url, typed_into(form, token)))
    assert "ログアウトしています 別の画面でログアウトしたり、パスワードを変えたり、" in text
    assert "自動的に" not in text
    assert "分のあいだ" not in text
