"""Prevents caching of all pages and files except the public ones: almost all show personal data.

A proxy between the city and the server must not give them to somebody else, and the browser's
button "back" must not show them after the log-out, on a computer that several people use.
"""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

PRIVATE = "private, no-store"
PUBLIC = "public, max-age=60"
"""For what is the same for everybody. A new 正誤 is seen within a minute."""

PUBLIC_ADDRESSES = "/public/"
"""Where the public pages are. They have nothing to do with sessions, forms and messages."""


def for_everybody(response: HttpResponseBase) -> HttpResponseBase:
    """Mark a page or file that is the same for everybody; return it."""
    response["Cache-Control"] = PUBLIC
    response.is_for_everybody = True  # type: ignore[attr-defined]
    return response


def is_public_address(request: HttpRequest) -> bool:
    """Whether a request is for a public page."""
    return request.path_info.startswith(PUBLIC_ADDRESSES)


def private_pages_middleware(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Forbid every cache to store what the views answer, errors and redirects included.

    Static files are answered before; they are the same for everybody. So is what a view marks as
    such: it neither sets a cookie nor depends on one.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if getattr(response, "is_for_everybody", False):
            response.cookies.clear()
            response.headers.pop("Vary", None)
        else:
            response["Cache-Control"] = PRIVATE
        return response

    return middleware
