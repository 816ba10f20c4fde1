"""The first administrator: a page that is open once, to people who can read the server's files."""

import stat
from threading import Barrier, Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from accounts import first_administrator
from accounts.first_administrator import key_file, load_or_make_key
from accounts.models import User
from accounts.roles import Role, sync_groups
from tests.factories import make_user
from tests.pages import read_page, text_of
from trail.events import Event

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

PASSWORD = "kani-to-sanma-2015"


@pytest.fixture(autouse=True)
def folder(tmp_path, settings):
    settings.DATA_DIR = tmp_path
    return tmp_path


def send(client, key, **changed):
    data = {
        "key": key, "username": "00123", "full_name": "企画 一郎", "email": "",
        "password1": PASSWORD, "password2": PASSWORD,
    }  # fmt: skip
    return client.post("/first/", data | changed)


def test_the_first_page_of_an_empty_installation_leads_there(client):
    response = client.get("/", follow=True)
    assert response.redirect_chain[-1][0] == "/first/"
    assert read_page(response).h1 == ["最初の管理者の登録"]
    assert not key_file().exists(), "A stranger makes no file."


def test_the_administrator_is_of_planning_is_logged_in_and_may_use_the_admin(client):
    response = send(client, load_or_make_key())
    assert response.url == "/"
    user = User.objects.get()
    assert [group.name for group in user.groups.all()] == [Role.PLANNING]
    assert not user.is_superuser
    assert not user.must_change_password
    assert client.get("/admin/accounts/user/add/").status_code == 200
    kinds = set(Event.objects.filter(by=user).values_list("kind", flat=True))
    assert kinds == {"account", "roles", "login"}
    assert PASSWORD not in str(list(Event.objects.values()))


def test_a_typed_key_may_have_blanks_and_capitals(client):
    send(client, f" {load_or_make_key().upper()} ")
    assert User.objects.exists()


def test_without_the_key_nobody_becomes_administrator(client):
    text = text_of(send(client, "k7mw-x3dp-9tcv"))
    assert "鍵がまだ作られていないか、読めません" in text
    load_or_make_key()
    text = text_of(send(client, "k7mw-x3dp-9tcv"))
    assert "鍵が違います" in text
    assert not User.objects.exists()
    assert Event.objects.get().detail == "鍵の誤り"


def test_an_empty_key_file_opens_nothing(client):
    key_file().write_text("\n")
    send(client, " ")
    send(client, "x")
    assert not User.objects.exists()


def test_a_page_with_faults_repeats_neither_key_nor_password(client):
    key = load_or_make_key()
    page = read_page(send(client, key, password2="other"))
    assert "パスワードと一致しません" in page.html
    assert key not in page.html
    assert PASSWORD not in page.html


@pytest.mark.parametrize(
    "prepare",
    [lambda: make_user(Role.READER), lambda: make_user(None, is_active=False)],
    ids=["user", "who has left"],
)
def test_the_page_is_gone_as_soon_as_there_is_a_user(client, prepare):
    key = load_or_make_key()
    prepare()
    assert client.get("/first/").status_code == 404
    assert send(client, key).status_code == 404
    assert User.objects.count() == 1
    assert client.get("/login/").status_code == 200


def test_the_key_works_once(client, monkeypatch):
    key = load_or_make_key()
    send(client, key)
    assert not key_file().exists()
    monkeypatch.setattr(first_administrator, "is_needed", lambda: True)
    assert "鍵がまだ作られていない" in text_of(send(Client(), key))


def test_the_second_of_two_users_does_not_become_administrator(client, monkeypatch):
    """The form was checked while there was nobody; then somebody else was first."""
    key = load_or_make_key()
    answers = iter([True, False])
    monkeypatch.setattr(first_administrator, "is_needed", lambda: next(answers))
    assert send(client, key).url == "/login/"
    assert not User.objects.exists()


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_becomes_administrator(monkeypatch):
    sync_groups()
    key = load_or_make_key()
    together = Barrier(2, timeout=10)
    real = first_administrator.make_administrator

    def make_together(user):
        together.wait()
        return real(user)

    monkeypatch.setattr(first_administrator, "make_administrator", make_together)
    found = []

    def one(number):
        found.append(send(Client(), key, username=number).url)
        connection.close()

    threads = [Thread(target=one, args=[number]) for number in ("00001", "00002")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == ["/", "/login/"]
    assert User.objects.count() == 1


def test_the_command_makes_a_key_that_only_the_owner_can_read_and_keeps_it(capsys):
    call_command("first_administrator_key")
    first = capsys.readouterr().out
    assert f"鍵：{key_file().read_text()}" in first
    assert "/first/ を開き" in first
    assert stat.S_IMODE(key_file().stat().st_mode) == 0o600
    call_command("first_administrator_key")
    assert capsys.readouterr().out == first


def test_the_command_makes_no_key_where_there_is_a_user(folder):
    make_user(Role.READER)
    with pytest.raises(CommandError, match="利用者がすでに登録されている"):
        call_command("first_administrator_key")
    assert not list(folder.iterdir())


def test_the_command_says_where_it_cannot_write(folder, settings):
    settings.DATA_DIR = folder / "missing"
    with pytest.raises(CommandError, match="読み書きできません"):
        call_command("first_administrator_key")
