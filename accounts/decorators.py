"""The permission decorator for views. The rules are in accounts/access.py."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

View = Callable[..., HttpResponseBase]


def allowed(may: Callable[[Any], bool]) -> Callable[[View], View]:
    """Guard a view by a rule of accounts/access.py: @allowed(access.may_read).

    The view raises PermissionDenied if the rule returns False. Anonymous users do not get here: the
    middleware redirects them to the log-in page.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            if not may(request.user):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return guard
