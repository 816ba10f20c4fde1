"""Keeps pages and files out of every cache: almost all of them show a person's data.

A proxy between the city and the server must not give them to somebody else, and the browser's
button "back" must not show them after the log-out, on a computer that several people use.
"""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

PRIVATE = "private, no-store"


def private_pages_middleware(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Forbid every cache to store what the views answer, errors and redirects included.

    Static files are answered before; they are the same for everybody.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response["Cache-Control"] = PRIVATE
        return response

    return middleware
