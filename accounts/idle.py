"""Ends the session of who has done nothing for a while, without writing to the database.

When somebody was last seen stands in a signed cookie that each response renews. The signature ties
it to the session: a cookie of another session, or none, counts as never seen since the log-in.
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

interrupted = Signal()
"""Somebody sent a form (request, user) after the session had ended by idleness.

Receivers that keep what was sent return True. The form's token was checked before.
"""

COOKIE = "last_seen"
SESSION_KEY = "idle"
READING_METHODS = ("GET", "HEAD", "OPTIONS")


def now() -> int:
    """Return the seconds since 1970."""
    return int(time.time())


def note_log_in(sender: Any, request: HttpRequest, **kwargs: Any) -> None:
    """Keep in the session when it began, and what ties the cookie to it (user_logged_in)."""
    request.session[SESSION_KEY] = {"began": now(), "name": get_random_string(22)}


class SeenRequest(HttpRequest):
    """A request after `idle_middleware`; `idle_user` is there where a session has just ended."""

    ended_by_idleness: bool
    idle_user: Any


def idle_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Log out who was not seen for SESSION_IDLE_MINUTES; note that all others were seen now.

    A session that has just been ended has `request.ended_by_idleness`, and `request.idle_user` is
    who it was.
    """

    def middleware(request: SeenRequest) -> HttpResponse:
        request.ended_by_idleness = request.user.is_authenticated and is_idle(request)
        if request.ended_by_idleness:
            request.idle_user = request.user
            logout(request)
        response = get_response(request)
        if request.user.is_authenticated:
            _note_seen(request, response)
        elif COOKIE in request.COOKIES:
            response.delete_cookie(COOKIE, samesite="Lax")
        return response

    return middleware


def is_idle(request: HttpRequest) -> bool:
    """Return whether the person was not seen for longer than the setting allows."""
    return now() - _last_seen(request) >= settings.SESSION_IDLE_MINUTES * 60


class LogInRequired(LoginRequiredMiddleware):
    """Sends strangers to the site's one log-in page, which says why where a session has ended."""

    def handle_no_permission(self, request: Any, view_func: Any) -> HttpResponseRedirect:
        query = {REDIRECT_FIELD_NAME: request.get_full_path()}
        if request.ended_by_idleness:
            query["ended"] = "idle" if request.method in READING_METHODS else _fate_of_form(request)
        return HttpResponseRedirect(
            f"{resolve_url(settings.LOGIN_URL)}?{urlencode(query, safe='/')}"
        )


def _fate_of_form(request: SeenRequest) -> str:
    """Return what became of a form that came too late: "kept" or "unsaved"."""
    answers = interrupted.send(LogInRequired, request=request, user=request.idle_user)
    return "kept" if any(was_kept for _, was_kept in answers) else "unsaved"


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
