"""Guards of views. What they ask is decided in accounts/access.py."""

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from accounts import access

View = Callable[..., HttpResponse]


def readers_only(view: View) -> View:
    """Return the view, open to everybody with a role; raises PermissionDenied for others.

    Who is not logged in does not come this far: the middleware asks for a log-in first.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not access.may_read(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded
