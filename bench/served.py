"""A gunicorn of two workers on the database that is measured, and browsers that ask it."""

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import cache, partial
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.db import connection
from django.test import Client

from accounts.models import User
from bench.processes import started_server
from bench.timing import Clock, ProcessorClock

WORKERS = 2
PATIENCE = 120
"""Seconds to wait for an answer."""


class Site(NamedTuple):
    """The address of the server, and its costs."""

    address: str
    clock: Clock


_running = ExitStack()


@cache
def site() -> Site:
    """Return the server of this run; start it if it does not run."""
    pid, address = _running.enter_context(started_server(_environment()))
    return Site(address, ProcessorClock(pid))


def stop() -> None:
    """Stop the server, if it runs: it is connected to the database."""
    _running.close()
    site.cache_clear()


def _environment() -> dict[str, str]:
    return os.environ | {
        "DATABASE_URL": _database_url(os.environ["DATABASE_URL"]),
        "DJANGO_SETTINGS_MODULE": "bench.server_settings",
        "WEB_CONCURRENCY": str(WORKERS),
    }


def _database_url(original: str) -> str:
    """Return the address of the database that this process uses, on the server of `original`."""
    path = f"/{connection.settings_dict['NAME']}"
    if connection.vendor == "sqlite":
        return f"sqlite://{path}"
    return urlunsplit(urlsplit(original)._replace(path=path))


class Browser:
    """The browser of a person, or of anybody; it keeps its connection and its cookies."""

    def __init__(self, address: str, user: User | None = None, backend: str | None = None) -> None:
        self.host = urlsplit(address).netloc
        self._connection = HTTPConnection(self.host, timeout=PATIENCE)
        self.cookies = {} if user is None else _cookies_of(user, backend)
        self.headers: Mapping[str, str] = {}
        """Those of the last answer."""

    def get(self, path: str, *, status: int = 200, **headers: str) -> bytes:
        """Return the body of the answer. Raises RuntimeError for another status."""
        return self._ask("GET", path, None, headers, status)

    def post(self, path: str, fields: Mapping[str, str], *, status: int = 302) -> bytes:
        """Send a form. Raises RuntimeError if the answer is not a redirect."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", path, urlencode(fields), kind, status)

    def close(self) -> None:
        """Close the connection; nothing can be sent after that."""
        self._connection.close()

    def _ask(
        self, method: str, path: str, body: str | None, headers: dict[str, str], status: int
    ) -> bytes:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {"Accept": "text/html", **({"Cookie": cookies} if cookies else {}), **headers}
        self._connection.request(method, path, body, sent)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != status:
            raise RuntimeError(f"{method} {path} answers {answer.status} and not {status}.")
        for cookie in answer.headers.get_all("Set-Cookie", ()):
            self.cookies |= {name: part.value for name, part in SimpleCookie(cookie).items()}
        self.headers = dict(answer.headers)
        return content


def _cookies_of(user: User, backend: str | None) -> dict[str, str]:
    client = Client()
    client.force_login(user, backend)
    return {name: cookie.value for name, cookie in client.cookies.items()}


def asking(path: str, user: User | None = None, **how: Any) -> Callable[[], bytes]:
    """Return a function by which a person, or anybody, asks the server for a page."""
    return partial(Browser(site().address, user).get, path, **how)
