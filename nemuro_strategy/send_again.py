"""What a form sent, for the error page: it offers to send the same once more.

So nothing that was typed depends on what the way back in the browser would show.
"""

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.http.request import RawPostDataException, UnreadablePostError

SECRET = "password"
"""Part of the name of fields that are never put on a page."""


def sent_fields(request: HttpRequest) -> list[tuple[str, str]]:
    """Return names and texts of a submitted form in their order, with its CSRF token.

    [] if nothing was sent, if it cannot be read or not be sent again: files have to be chosen by
    their owner, and passwords are typed anew.
    """
    if request.method != "POST":
        return []
    try:
        fields = [(name, text) for name, texts in request.POST.lists() for text in texts]
        files = request.FILES
    except (
        RawPostDataException,
        UnreadablePostError,
        SuspiciousOperation,
        MultiPartParserError,
    ):
        return []
    if files or any(SECRET in name for name, _ in fields):
        return []
    return fields
