"""Cleans the texts of forms before any view reads them."""

from collections.abc import Callable
from typing import Any, cast

from django.http import HttpRequest, HttpResponse

from japanese.characters import clean


class CleanText:
    """Removes characters that no file or database can hold from all forms.

    Word's soft line break and the like are pasted unseen, so they become usual line breaks; other
    controls, NUL among them, go. No page names a field with NUL: such a field is left out.
    Django's forms would check each field, but the entry grid and similar views read the POST data
    directly. This middleware comes after the CSRF check, which parses the form.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> None:
        """Clean the form."""
        forms = list(request.POST.lists())
        cleaned = [
            (name, [clean(str(text)) for text in texts])
            for name, texts in forms
            if "\0" not in name
        ]
        if cleaned != forms:
            data = request.POST.copy()
            data.clear()
            for name, texts in cleaned:
                data.setlist(name, texts)
            data._mutable = False
            request.POST = cast(Any, data)
