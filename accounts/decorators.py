"""The guard of views. What it asks is decided in accounts/access.py."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

View = Callable[..., HttpResponseBase]


def allowed(may: Callable[[Any], bool]) -> Callable[[View], View]:
    """Guard a view by a rule of accounts/access.py: @allowed(access.may_read).

    Raises PermissionDenied for a user to whom the rule says no. Who is not logged in does not come
    this far: the middleware asks for a log-in first.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            if not may(request.user):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return guard
