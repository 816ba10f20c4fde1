"""What no form may hold: the character NUL, which nobody can type and PostgreSQL cannot keep."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse


class TextWithoutNul:
    """Answers forms with NUL in a name or text with 400, before any view or guard reads them.

    Forms of Django refuse it field by field; the entry grid and the like read what was sent
    themselves. It comes after the check of the form's token, which reads the form first.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> None:
        """Raise BadRequest for a form with NUL."""
        if any("\0" in text for name, texts in request.POST.lists() for text in (name, *texts)):
            raise BadRequest("A form holds the character NUL.")
