"""What every page costs before its own work begins: middleware, session, person."""

import sys
from functools import partial
from types import ModuleType

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path, reverse

from accounts.models import User
from accounts.roles import Role
from bench.plan import plan_with_values
from bench.registry import benchmark
from bench.timing import time_ratio
from nemuro_strategy import urls
from tests.factories import make_user

ROUNDS = 300
"""Many, because each takes about a millisecond."""

PAGE = "/bench/"
DJANGOS_BACKEND = "django.contrib.auth.backends.ModelBackend"
DJANGOS_SESSIONS = "django.contrib.sessions.backends.db"
BARE = (
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
)


def _page(request: HttpRequest) -> HttpResponse:
    """Answer a constant for a person who is logged in."""
    assert request.user.is_authenticated
    return HttpResponse("固定")


@benchmark("概要の画面（データに変更なし）：同じミドルウェアの固定の応答に対して", limit=1.5)
def unchanged_overview_and_constant(rounds: int = ROUNDS) -> float:
    """The kept page in full, compared with a constant page for the same person.

    Instead of a 304: pages behind the log-in are not kept by browsers (decision 28).
    """
    code, user = plan_with_values().code, make_user(Role.READER)
    with override_settings(ROOT_URLCONF=_addresses_with_constant()):
        client = _client(user)
        overview = partial(client.get, reverse("overview", args=[code]))
        return time_ratio(overview, partial(client.get, PAGE), rounds=rounds)


@benchmark("画面の固定費：Djangoのセッションと利用者を読むだけの時間に対して", limit=1.3)
def fixed_cost(rounds: int = ROUNDS) -> float:
    """A constant page behind all our middleware, compared with Django's two for a session."""
    user = make_user(Role.READER)
    backends = [*settings.AUTHENTICATION_BACKENDS, DJANGOS_BACKEND]
    with override_settings(
        ROOT_URLCONF=_addresses_with_constant(), AUTHENTICATION_BACKENDS=backends
    ):
        ours = _client(user)
        with override_settings(MIDDLEWARE=BARE, SESSION_ENGINE=DJANGOS_SESSIONS):
            bare = _client(user, DJANGOS_BACKEND)
        return time_ratio(partial(ours.get, PAGE), partial(bare.get, PAGE), rounds=rounds)


def _addresses_with_constant() -> str:
    """Return the name of a module with all addresses of the site and that of the constant page."""
    addresses = ModuleType("bench_addresses")
    addresses.__dict__["urlpatterns"] = [path(PAGE[1:], _page), *urls.urlpatterns]
    sys.modules[addresses.__name__] = addresses
    return addresses.__name__


def _client(user: User, backend: str | None = None) -> Client:
    """Return a client of the user with the middleware and the sessions of now."""
    client = Client(headers={"host": "localhost"})
    client.force_login(user, backend)
    if (status := client.get(PAGE).status_code) != 200:
        raise RuntimeError(f"The page answers {status}.")
    return client
