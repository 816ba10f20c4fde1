"""What a quick log-in of the test client leaves is what Django's own leaves."""

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from accounts import idle
from accounts.models import User
from accounts.roles import Role
from accounts.session_store import SessionStore
from tests import quick_log_in
from tests.factories import make_user
from trail.events import Event

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def what_is_left(client: Client, user: User) -> dict[str, Any]:
    """Return what a log-in changed, without times and random names."""
    [session] = Session.objects.all()
    cookie = client.cookies["sessionid"]
    assert session.pk == cookie.value
    stored = SessionStore(cookie.value).load()
    facts = stored.pop(idle.SESSION_KEY)
    user.refresh_from_db()
    return {
        "session": stored,
        "facts": sorted(facts),
        "length": (len(session.pk), len(facts["name"])),
        "cookie": {key: value for key, value in cookie.items() if value},
        "expires": session.expire_date.date(),
        "events": list(Event.objects.filter(by=user).values("kind", "subject", "door")),
        "logged in": user.last_login is not None,
        "page": client.get("/account/").status_code,
    }


def test_a_quick_log_in_leaves_what_a_slow_one_does():
    user = make_user(Role.CLERK)
    slow, quick = Client(), Client()
    quick_log_in.slowly(slow, user, "accounts.backends.StaffBackend")
    left = what_is_left(slow, user)
    Session.objects.all().delete()
    Event.objects.all().delete()
    User.objects.update(last_login=None)
    quick.force_login(user)
    assert what_is_left(quick, user) == left
    assert left["page"] == 200
    assert left["session"]["_auth_user_id"] == str(user.pk)


def test_logging_in_after_somebody_else_starts_a_new_session():
    client, first, second = Client(), make_user(Role.CLERK), make_user(Role.READER)
    client.force_login(first)
    earlier = client.cookies["sessionid"].value
    client.force_login(second)
    assert client.cookies["sessionid"].value != earlier
    assert client.get("/account/").wsgi_request.user == second
