"""Cleans the texts of forms and addresses before any view reads them."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict

from japanese.characters import clean


class CleanText:
    """Removes characters that no file or database can hold from forms and from addresses.

    Word's soft line break and the like are pasted unseen, so they become usual line breaks; other
    controls, NUL among them, go. No page names a field with NUL: such a field is left out.
    Django's forms would check each field, but the entry grid and similar views read the POST data
    directly, and Django's lists in the admin search for what an address says. This middleware comes
    after the CSRF check, which parses the form.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> None:
        """Clean form and address."""
        request.GET = _cleaned(request.GET)
        request.POST = _cleaned(request.POST)


def _cleaned(fields: Any) -> Any:
    given = list(fields.lists())
    cleaned = [
        (name, [clean(str(text)) for text in texts]) for name, texts in given if "\0" not in name
    ]
    if cleaned == given:
        return fields
    data: Any = QueryDict(mutable=True, encoding=fields.encoding)
    for name, texts in cleaned:
        data.setlist(name, texts)
    data._mutable = False
    return data
