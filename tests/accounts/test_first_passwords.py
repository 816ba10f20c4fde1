"""First passwords: given once, changed at the first log-in, never kept in clear text."""

import pytest
from django.test import Client

from accounts.first_passwords import AlreadyGiven, give, state_of, waiting_users
from accounts.models import User
from accounts.roles import Role
from tests.factories import make_strategy, make_user
from tests.pages import read_page, text_of
from trail.events import Event

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

OWN = "uni-to-hanasaki-gani"


def give_to(*users: User) -> list[str]:
    return [slip.password for slip in give({user.pk: state_of(user) for user in users})]


@pytest.fixture
def clerk():
    return make_user(Role.CLERK, username="00123", full_name="見本 花子")


@pytest.fixture
def first(clerk):
    return give_to(clerk)[0]


def log_in(client, password):
    return client.post("/login/", {"username": "00123", "password": password})


def change(client, old, new):
    data = {"old_password": old, "new_password1": new, "new_password2": new}
    return client.post("/password/", data)


@pytest.mark.parametrize(
    "path", ["/", "/admin/", "/strategies/plan/", "/entry/", "/password/changed/", "/nowhere/"]
)
def test_with_a_first_password_every_page_redirects_to_its_change(client, first, path):
    make_strategy(code="plan")
    log_in(client, first)
    response = client.get(path)
    if path != "/nowhere/":
        assert response.url == "/password/"
        assert client.post(path).url == "/password/"
    assert "初回のパスワードを変更してください" in text_of(client.get("/password/"))


def test_after_the_change_all_pages_are_open(client, first, clerk):
    make_strategy(code="plan")
    log_in(client, first)
    assert change(client, first, OWN).url == "/password/changed/"
    clerk.refresh_from_db()
    assert not clerk.must_change_password
    assert client.get("/").status_code == 200
    assert "初回のパスワード" not in text_of(client.get("/password/"))
    assert log_in(Client(), first).status_code == 200


def test_the_new_password_must_differ_from_the_first_one(client, first, clerk):
    log_in(client, first)
    page = read_page(change(client, first, first))
    assert "初回のパスワードと同じです" in page.html
    clerk.refresh_from_db()
    assert clerk.must_change_password


def other_spellings(first: str) -> list[str]:
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in first.upper())
    return [first.replace("-", ""), first.upper(), first.replace("-", " "), wide]


@pytest.mark.parametrize("number", range(4))
def test_a_first_password_is_taken_as_people_read_it_from_paper(client, first, clerk, number):
    typed = other_spellings(first)[number]
    assert log_in(client, typed).url == "/"
    assert "初回のパスワードと同じです" in read_page(change(client, first, typed)).html
    assert change(client, typed, OWN).url == "/password/changed/"


def test_any_other_password_must_match_exactly(client, first, clerk):
    assert log_in(client, first.replace("-", "")[:-1]).status_code == 200
    log_in(client, first)
    change(client, first, "kdm9-x3dp-9tcv")
    for typed in ("kdm9x3dp9tcv", "KDM9-X3DP-9TCV"):
        assert log_in(Client(), typed).status_code == 200
    assert log_in(Client(), "kdm9-x3dp-9tcv").url == "/"


def test_a_user_may_log_out_before_changing_it(client, first):
    log_in(client, first)
    assert client.post("/logout/").url == "/login/"


def test_nothing_keeps_a_first_password(first, clerk):
    stored = str([*User.objects.values(), *Event.objects.values()])
    assert first not in stored
    assert Event.objects.filter(kind="password").count() == 1


@pytest.mark.both_databases
def test_waiting_users_have_no_password_or_a_first_one(first, clerk):
    without = make_user(Role.CLERK)
    make_user(Role.CLERK, is_active=False)
    make_user(Role.CLERK, password=OWN)
    assert set(waiting_users()) == {clerk, without}


@pytest.mark.both_databases
@pytest.mark.parametrize("meanwhile", ["given by another", "changed by the person"])
def test_a_password_that_was_not_the_one_shown_is_not_replaced(clerk, meanwhile):
    other = make_user(Role.CLERK)
    shown = {user.pk: state_of(user) for user in (clerk, other)}
    if meanwhile == "given by another":
        give_to(clerk)
    else:
        clerk.set_password(OWN)
        clerk.save()
    stored = User.objects.get(pk=clerk.pk).password
    with pytest.raises(AlreadyGiven, match="見本 花子"):
        give(shown)
    assert User.objects.get(pk=clerk.pk).password == stored
    assert not User.objects.get(pk=other.pk).has_usable_password()


def test_planning_sees_who_has_not_changed_it_yet(client, first):
    client.force_login(make_user(Role.PLANNING))
    assert (
        "できます（初回のパスワードのまま）" in client.get("/admin/accounts/user/").content.decode()
    )
