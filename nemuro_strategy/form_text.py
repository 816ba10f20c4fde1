"""Refuses NUL characters in forms: nobody can type them, and PostgreSQL cannot store them."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse


class TextWithoutNul:
    """Answers 400 to forms with NUL in a name or value, before any view or guard reads them.

    Django's forms check each field for NUL, but the entry grid and similar views read the POST data
    directly. This middleware comes after the CSRF check, which parses the form.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> None:
        """Raise BadRequest for a form with a NUL character."""
        if any("\0" in text for name, texts in request.POST.lists() for text in (name, *texts)):
            raise BadRequest("A form holds the character NUL.")
