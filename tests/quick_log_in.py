"""Logs in the test client with one session, written once.

Django's client makes an empty session, then another one for the log-in, deletes the first and
writes the second again: two thirds of what a log-in asks the database. The session, the log and
what else a log-in leaves are the same.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from unittest.mock import patch

from django.conf import settings
from django.contrib.auth import login
from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.http import HttpRequest
from django.test import Client
from django.utils.crypto import get_random_string

from accounts.session_store import SessionStore

KEY_LENGTH = 32

slowly = Client._login  # type: ignore[attr-defined]


def _log_in(client: Client, user: Any, backend: str | None = None) -> None:
    if settings.SESSION_COOKIE_NAME in client.cookies:
        slowly(client, user, backend)  # somebody is logged in, or was
        return
    request, session = HttpRequest(), SessionStore()
    session.cycle_key = partial(_name, session)  # type: ignore[method-assign]
    request.session = session  # type: ignore[assignment]
    login(request, user, backend)
    session.save(must_create=True)
    client._set_login_cookies(request)  # type: ignore[attr-defined]


def _name(session: SessionStore) -> None:
    """Give a new session a key; it is stored when all that a log-in notes is in it."""
    session._session_key = get_random_string(KEY_LENGTH, VALID_KEY_CHARS)


@contextmanager
def quick_log_ins() -> Iterator[None]:
    """Use it in every test client."""
    with patch.object(Client, "_login", _log_in):
        yield
