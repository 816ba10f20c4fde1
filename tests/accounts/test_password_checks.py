"""Passwords that are asked for in an open session: nobody guesses there without limit."""

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from axes.models import AccessAttempt
from django.conf import settings as site_settings
from django.test import Client
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.lock_outs import locked_names
from accounts.models import User
from accounts.roles import Role
from accounts.second_factor import new_app
from tests.factories import make_user
from tests.html import form_data
from tests.pages import read_page, text_of
from trail.events import Event

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

PASSWORD, NEW = "kani-to-sanma", "uni-to-hanasaki-gani"
WRONG = "machigai-no-kotoba"


@pytest.fixture
def user(client):
    user = make_user(Role.CLERK, username="12345", full_name="見本 花子", password=PASSWORD)
    client.force_login(user)
    return user


def change_password(client, typed, new=NEW):
    data = {"old_password": typed, "new_password1": new, "new_password2": new}
    return client.post("/password/", data)


def register_app(client, typed):
    sent = form_data(client.get("/second-factor/app/").content.decode())
    key = new_app(client.get("/account/").context["user"], sent["key"]).key
    sent |= {"one_time_password": f"{totp(bytes.fromhex(key)):06}", "password": typed}
    return client.post("/second-factor/app/", sent)


def make_backup_codes(client, typed):
    if not TOTPDevice.objects.exists():
        TOTPDevice.objects.create(user=User.objects.get())
    return client.post("/second-factor/codes/", {"password": typed})


PAGES = [change_password, register_app, make_backup_codes]


@pytest.fixture(params=PAGES, ids=lambda send: send.__name__)
def send(request, user):
    return request.param


def is_done(response):
    """Whether the password is changed, or backup codes are shown."""
    return getattr(response, "url", "") == "/password/changed/" or (
        "この画面は一度しか示せません" in response.content.decode()
    )


def log_in():
    return Client().post("/login/", {"username": "12345", "password": PASSWORD})


def test_the_fifth_wrong_password_stops_the_checks_and_the_page_says_until_when(client, send):
    for _ in range(4):
        assert "5回続けて間違えると、30分間" in text_of(send(client, WRONG))
    response = send(client, WRONG)
    until = timezone.localtime(locked_names()["12345"])
    assert response.status_code == 429
    assert read_page(response).h1 == ["一時的にパスワードを確かめられません"]
    assert f"{until:%-H時%M分}を過ぎてから、もう一度入力してください。" in text_of(response)
    assert send(client, PASSWORD).status_code == 429, "not even the right one is checked"
    assert client.get("/account/").status_code == 200, "the session stays open"
    assert log_in().status_code == 429


def test_the_checks_go_on_after_the_time(client, send, settings):
    for _ in range(5):
        send(client, WRONG)
    AccessAttempt.objects.update(
        attempt_time=timezone.now() - settings.AXES_COOLOFF_TIME - timedelta(seconds=1)
    )
    assert is_done(send(client, PASSWORD))


def test_wrong_ones_at_other_addresses_count_for_the_name(client, send, user, settings):
    settings.LOCK_OUT_NAME_FAILURES = 20
    AccessAttempt.objects.create(username="12345", ip_address="192.0.2.1", failures_since_start=20)
    assert "この職員番号でログインの失敗が続いたため" in text_of(send(client, PASSWORD))


def test_the_right_one_resets_the_count(client, send):
    for _ in range(4):
        send(client, WRONG)
    assert is_done(send(client, PASSWORD))
    assert not AccessAttempt.objects.exists()


def test_wrong_ones_are_logged_with_where_and_the_lock_out(client, send):
    for _ in range(6):
        send(client, WRONG)
    events = list(Event.objects.filter(kind__in=["failure", "locked"]).order_by("pk"))
    assert [one.kind for one in events] == [*["failure"] * 5, "locked", "failure"]
    assert events[0].detail == "ログインしている画面での、今のパスワードの誤り"
    assert {one.subject for one in events} == {"12345"}


def test_nothing_that_was_typed_is_kept_with_a_failure(client, send):
    for _ in range(3):
        send(client, WRONG)
    kept = str([*AccessAttempt.objects.values(), *Event.objects.values()])
    assert WRONG not in kept
    assert NEW not in kept


def test_the_field_of_the_new_password_does_not_tell_the_current_one(client, user):
    """A form that arrives twice is known by its token, not by what it says."""
    assert change_password(client, WRONG, new=PASSWORD).status_code != 302
    User.objects.update(must_change_password=True)
    assert "初回のパスワードと同じです" not in text_of(change_password(client, WRONG, PASSWORD))
    assert "初回のパスワードと同じです" in text_of(change_password(client, PASSWORD, PASSWORD))


def test_a_form_that_arrives_twice_is_not_a_wrong_password(client, user):
    data = form_data(client.get("/password/").content.decode())
    data |= {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert is_done(client.post("/password/", data))
    assert is_done(client.post("/password/", data))
    assert not AccessAttempt.objects.exists()
    again = form_data(client.get("/password/").content.decode())
    names = ("old_password", "new_password1", "new_password2")
    assert not is_done(client.post("/password/", again | {name: data[name] for name in names}))


def test_no_code_of_ours_checks_a_password_without_counting():
    """`authenticate` counts; `check_password` does not."""
    called = set()
    for folder in site_settings.BASE_DIR.glob("*/__init__.py"):
        for path in folder.parent.rglob("*.py"):
            if path.relative_to(site_settings.BASE_DIR).parts[0] != "tests":
                called |= {path.name for name in _called_in(path) if name == "check_password"}
    assert called == {"models.py"}, "User.check_password itself, which `authenticate` calls"


def _called_in(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [one.attr for one in calls if isinstance(one, ast.Attribute)]
