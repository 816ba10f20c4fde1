"""Caches finished pages of a plan in the process until anything is written to the database.

A page is cached for one person: its head names the reader, and rights differ. Everything else it
depends on is in the database (trail/data_version.py), the address or the day. Its forms get the
token of the request.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.utils import timezone

from trail.data_version import Kept

View = Callable[..., HttpResponse]

KEPT_PAGES = 64
"""How many pages a process keeps: of up to 100 KB each."""

_TOKEN = re.compile(rb'(?<=name="csrfmiddlewaretoken" value=")[^"]*(?=")')


@dataclass(frozen=True)
class _Page:
    """A page in pieces: the token of a request goes between them."""

    pieces: tuple[bytes, ...]
    content_type: str


class _NotKept(Exception):
    """Carries a response that must not be cached."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.response = response


_kept: Kept[_Page] = Kept(KEPT_PAGES)


def kept_page(view: View) -> View:
    """Cache the pages of a view that only reads; goes below @allowed: rights come first."""

    @wraps(view)
    def keeping(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.method != "GET" or len(get_messages(request)):
            return view(request, *args, **kwargs)
        key = (request.user.pk, request.get_full_path(), timezone.localdate())
        try:
            page = _kept.get(key, partial(_page_of, view, request, *args, **kwargs))
        except _NotKept as refused:
            return refused.response
        content = get_token(request).encode().join(page.pieces)
        return HttpResponse(content, content_type=page.content_type)

    return keeping


def _page_of(view: View, request: HttpRequest, *args: object, **kwargs: object) -> _Page:
    response = view(request, *args, **kwargs)
    own_headers = set(response.headers) - {"Content-Type"}
    if response.status_code != 200 or own_headers or response.cookies or response.streaming:
        raise _NotKept(response)
    return _Page(tuple(_TOKEN.split(response.content)), response["Content-Type"])
