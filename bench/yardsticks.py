"""The yardsticks for the pages of the server, served by the same server.

Below MEMORY is each page once more, rendered from memory for a person: MEMORY, the user name, and
the address of the page. A form sent there is answered by a redirect, as if it were saved.
"""

from collections.abc import Callable
from functools import cache, partial
from importlib import import_module
from threading import Lock
from typing import Any, cast

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.test import Client

from accounts.models import User
from bench import memory

MEMORY = "/bench/memory/"
BARE = "/bench/bare/"
"""A constant for a person who is logged in, behind Django's sessions and users alone."""

CONSTANT = "/bench/constant/"
"""The same behind all our middleware."""

PUBLIC_CONSTANT = "/public/bench-constant/"
"""A constant for everybody behind all our middleware."""

DJANGOS_BACKEND = "django.contrib.auth.backends.ModelBackend"
DJANGOS_SESSIONS = "django.contrib.sessions.backends.db"

WITH_A_TREE = "/strategies/"
"""Where the pages are that show a plan and ask for nothing else."""


class Yardsticks:
    """Middleware that answers first; every other address is passed on to the product."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        memory.install()
        self.get_response = get_response
        self.bare: Any = SessionMiddleware(cast(Any, AuthenticationMiddleware(_constant)))
        self.bare.SessionStore = import_module(DJANGOS_SESSIONS).SessionStore

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        if request.path_info.startswith(MEMORY):
            return _from_memory(request)
        answer = self.bare if request.path_info == BARE else self.get_response
        return answer(request)


def _constant(request: HttpRequest) -> HttpResponse:
    assert request.user.is_authenticated
    return HttpResponse("固定")


def _from_memory(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return HttpResponseRedirect(request.path)
    username, _, path = request.get_full_path().removeprefix(MEMORY).partition("/")
    return renderer(username, f"/{path}")()


_preparing = Lock()


def renderer(username: str, path: str) -> memory.Render:
    """Return what renders a page of a person; each process loads its data once."""
    with _preparing:
        return _prepared(username, path)


@cache
def _prepared(username: str, path: str) -> memory.Render:
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(username=username))
    prepare = (
        memory.view_from_memory if path.startswith(WITH_A_TREE) else memory.template_from_memory
    )
    return prepare(partial(client.get, path))
