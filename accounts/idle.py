"""End idle sessions without writing to the database on each request.

A signed cookie holds the time of the last request, and each response renews it. The signature ties
it to the session: with a missing cookie or one of another session, the log-in is the last request.
"""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.signing import BadSignature, Signer
from django.dispatch import Signal
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.crypto import get_random_string
from django.utils.functional import SimpleLazyObject

from accounts.browser_names import browser_name
from accounts.late_forms import code_page, log_in_page
from accounts.open_sessions import FACTS as SESSION_KEY
from accounts.page_owners import note_owner
from accounts.second_factor import FactorStep, step_due
from accounts.send_again import SEALED, is_from_script, sealed, sent_form
from trail.client_address import client_address

interrupted = Signal()
"""Sent with `request` and `user` when a form arrives after its session ended by idleness.

A receiver that keeps the data returns True. The CSRF token was checked before.
"""

COOKIE = "last_seen"
READING_METHODS = ("GET", "HEAD", "OPTIONS")

OWN_PASSWORD = "password_change"  # noqa: S105  (the name of an address)
"""The name of the page where people change their own password."""

IDLE, LOGGED_OUT, STALE = "idle", "out", "stale"
"""Why the log-in page is shown: this session ended by idleness, or it was gone before."""


def now() -> int:
    """Return the seconds since 1970."""
    return int(time.time())


def note_log_in(sender: Any, request: HttpRequest, **kwargs: Any) -> None:
    """Store in the session how it began, and a random name that signs the cookie (user_logged_in).

    Where it began is for the list of open sessions (accounts/open_sessions.py).
    """
    request.session[SESSION_KEY] = {
        "began": now(),
        "name": get_random_string(22),
        "address": client_address(request) or "",
        "browser": browser_name(request.headers.get("User-Agent", "")),
    }


class SeenRequest(HttpRequest):
    """A request after `idle_middleware`; `idle_user` is set only if its session just ended."""

    ended_by_idleness: bool
    idle_user: Any
    user_is_known: bool
    """Whether somebody asked for the user, so that the database has already been read."""


def idle_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Log out users who were idle for SESSION_IDLE_MINUTES; renew the cookie of all others.

    When it ends a session, it sets `request.ended_by_idleness`, and `request.idle_user` to the
    former user. It does so when `request.user` is first read: addresses that are the same for
    everybody cost no query, even with a cookie.
    """

    def middleware(request: SeenRequest) -> HttpResponse:
        request.ended_by_idleness = request.user_is_known = False
        stored = request.user
        request.user = SimpleLazyObject(lambda: _unless_idle(request, stored))  # type: ignore[assignment]
        response = get_response(request)
        if not request.user_is_known:
            return response
        if request.user.is_authenticated:
            _note_seen(request, response)
            note_owner(request, response, request.user)
        elif COOKIE in request.COOKIES:
            response.delete_cookie(COOKIE, samesite="Lax")
        return response

    return middleware


def _unless_idle(request: SeenRequest, stored: Any) -> Any:
    """Return the user of the session; end it first if it was idle for too long."""
    request.ended_by_idleness = stored.is_authenticated and is_idle(request)
    # From here on the user is not a lazy object: each access to a field of one costs several calls.
    request.user = getattr(stored, "_wrapped", stored)
    if request.ended_by_idleness:
        request.idle_user = request.user
        logout(request)
    request.user_is_known = True
    return request.user


def is_idle(request: HttpRequest) -> bool:
    """Return whether the last request is at least SESSION_IDLE_MINUTES ago."""
    return now() - _last_seen(request) >= settings.SESSION_IDLE_MINUTES * 60


class LogInRequired(LoginRequiredMiddleware):
    """Redirects anonymous users to the log-in page, which explains why their session ended.

    A user with a first password can reach only the page where it is changed.
    """

    def process_view(
        self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any
    ) -> Any:
        """Ask for the user only where a log-in is required."""
        if not getattr(view_func, "login_required", True):
            return None
        answer = super().process_view(request, view_func, view_args, view_kwargs)
        return answer or self._first_page_to_open(request)

    def _first_page_to_open(self, request: HttpRequest) -> HttpResponse | None:
        """Redirect a user to what has to be done first: the code, or a password of their own.

        The set-up of a second factor comes after the password, for those who got a first one.
        """
        match = request.resolver_match
        name = match.view_name if match else ""
        step = step_due(request)
        if step == FactorStep.CODE:
            return None if name == step else self._ask_for_step(request, step)
        if getattr(request.user, "must_change_password", False):
            return None if name == OWN_PASSWORD else HttpResponseRedirect(resolve_url(OWN_PASSWORD))
        if step is not None and name not in (step, OWN_PASSWORD):
            return self._ask_for_step(request, step)
        return None

    def _ask_for_step(self, request: HttpRequest, step: FactorStep) -> HttpResponse:
        """Redirect to a step of the second factor; a form is sealed into the page for the code."""
        address = request.get_full_path()
        if request.method not in READING_METHODS and not is_from_script(request):
            form = sent_form(request, request.user)
            if form is not None and step == FactorStep.CODE:
                return code_page(request, sealed(form), address)
            address = resolve_url(settings.LOGIN_REDIRECT_URL)
        query = urlencode({REDIRECT_FIELD_NAME: address}, safe="/")
        return HttpResponseRedirect(f"{resolve_url(step)}?{query}")

    def handle_no_permission(self, request: Any, view_func: Any) -> Any:
        """Redirect to the log-in page; a form is kept, sealed into it, or reported as lost."""
        address = request.get_full_path()
        query = {REDIRECT_FIELD_NAME: address}
        ended = IDLE if request.ended_by_idleness else LOGGED_OUT
        if request.method not in READING_METHODS:
            is_kept = request.ended_by_idleness and _is_kept(request)
            brought = "" if is_from_script(request) else _brought_to_the_code(request)
            if brought:
                return log_in_page(request, brought, ended, settings.LOGIN_REDIRECT_URL)
            if not (is_kept or is_from_script(request)):
                form = sent_form(request, request.idle_user if request.ended_by_idleness else None)
                if form is not None:
                    return log_in_page(request, sealed(form), ended, address)
            query |= {"ended": ended, "form": "kept" if is_kept else "unsaved"}
        elif request.ended_by_idleness:
            query["ended"] = ended
        return HttpResponseRedirect(
            f"{resolve_url(settings.LOGIN_URL)}?{urlencode(query, safe='/')}"
        )


def _brought_to_the_code(request: HttpRequest) -> str:
    """Return the sealed form that the page for the code had brought, "" for none."""
    match = request.resolver_match
    return request.POST.get(SEALED, "") if match and match.view_name == FactorStep.CODE else ""


def _is_kept(request: SeenRequest) -> bool:
    """Return whether a receiver of `interrupted` has kept a late form."""
    answers = interrupted.send(LogInRequired, request=request, user=request.idle_user)
    return any(was_kept for _, was_kept in answers)


def _last_seen(request: HttpRequest) -> int:
    session = request.session.get(SESSION_KEY, {"began": 0, "name": ""})
    try:
        seen = int(_signer(session["name"]).unsign(request.COOKIES.get(COOKIE, "")))
    except BadSignature:
        return session["began"]
    return max(seen, session["began"])


def _note_seen(request: HttpRequest, response: HttpResponse) -> None:
    if SESSION_KEY not in request.session:
        return
    response.set_cookie(
        COOKIE,
        _signer(request.session[SESSION_KEY]["name"]).sign(str(now())),
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def _signer(name: str) -> Signer:
    return Signer(salt=f"accounts.idle.{name}")
