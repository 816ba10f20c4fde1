"""Guards of views. What they ask is decided in accounts/access.py."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from accounts import access

View = Callable[..., HttpResponse]


def readers_only(view: View) -> View:
    """Return the view, open to everybody with a role; raises PermissionDenied for others."""
    return _guarded(view, access.may_read)


def auditors_only(view: View) -> View:
    """Return the view, open to those who may see all changes; else PermissionDenied."""
    return _guarded(view, access.may_see_changes)


def entering_only(view: View) -> View:
    """Return the view, open to those who enter values of some section; else PermissionDenied."""
    return _guarded(view, access.may_enter_anything)


def entry_followers_only(view: View) -> View:
    """Return the view, open to those who may follow a year's entry; else PermissionDenied."""
    return _guarded(view, access.may_follow_entry)


def year_keepers_only(view: View) -> View:
    """Return the view, open to those who keep the years; else PermissionDenied."""
    return _guarded(view, access.may_keep_years)


def own_password_only(view: View) -> View:
    """Return the view, open to those who may change their own password; else PermissionDenied."""
    return _guarded(view, access.may_change_own_password)


def _guarded(view: View, may: Callable[[Any], bool]) -> View:
    """Who is not logged in does not come this far: the middleware asks for a log-in first."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not may(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded
