"""What a form sent, so that it can be sent once more: after a fault, and after a late log-in.

So what was typed does not depend on what the browser's back button would show. A form that comes
after its session has ended is sealed into the log-in page, and offered after the log-in, to nobody
but its sender: another person would send it under their own name without having written it.
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.http.request import RawPostDataException, UnreadablePostError

from accounts.page_owners import owner_of

SECRET = "password"  # noqa: S105  (part of names of fields)
"""Part of the name of fields that are never put on a page."""

TOKEN = "csrfmiddlewaretoken"  # noqa: S105  (the name of a field)
SEALED = "sent"
"""The field of the log-in page with a sealed form."""

_SALT = "accounts.send_again"
_SHOWN_TEXTS = 20


@dataclass(frozen=True)
class SentForm:
    """A form that was sent to `address`: its fields in their order, without the CSRF token.

    `user_id` is who sent it.
    """

    address: str
    fields: list[tuple[str, str]]
    user_id: int

    @property
    def texts(self) -> list[str]:
        """The first texts that a person has written, for the page to show."""
        written = [text for _, text in self.fields if text.strip() and not text.isascii()]
        return list(dict.fromkeys(written))[:_SHOWN_TEXTS]


def sent_fields(request: HttpRequest) -> list[tuple[str, str]]:
    """Return names and texts of a submitted form in their order, with its CSRF token.

    [] if nothing was sent, if it cannot be read or not be sent again: files have to be chosen by
    their owner, and passwords are typed again.
    """
    fields, has_files = _posted(request)
    return [] if has_files or _has_secret(fields) else fields


def holds_secret(request: HttpRequest) -> bool:
    """Return whether a submitted form has a password, so that `sent_fields` returns nothing."""
    fields, _ = _posted(request)
    return _has_secret(fields)


def _has_secret(fields: list[tuple[str, str]]) -> bool:
    return any(SECRET in name for name, _ in fields)


def _posted(request: HttpRequest) -> tuple[list[tuple[str, str]], bool]:
    """Return names and texts of a submitted form, and whether it has files; nothing if unread."""
    if request.method != "POST":
        return [], False
    try:
        fields = [(name, text) for name, texts in request.POST.lists() for text in texts]
        return fields, bool(request.FILES)
    except (
        RawPostDataException,
        UnreadablePostError,
        SuspiciousOperation,
        MultiPartParserError,
    ):
        return [], False


def sent_form(request: HttpRequest, user: Any = None) -> SentForm | None:
    """Return the form of a request; `user` sent it, or whoever its page was made for.

    None if there is none that could be sent again, or if its sender is unknown.
    """
    fields = sent_fields(request)
    user_id = user.pk if user else owner_of(request, dict(fields).get(TOKEN, ""))
    if not fields or user_id is None:
        return None
    without_token = [(name, text) for name, text in fields if name != TOKEN]
    return SentForm(request.get_full_path(), without_token, user_id)


def sealed(form: SentForm | None) -> str:
    """Return a form as a signed text for the log-in page; "" for None."""
    if form is None:
        return ""
    return signing.dumps([form.address, form.fields, form.user_id], salt=_SALT, compress=True)


def unsealed(request: HttpRequest) -> SentForm | None:
    """Return the form that the log-in page brought, whoever sent it; None if there is none."""
    try:
        address, fields, user_id = signing.loads(request.POST.get(SEALED, ""), salt=_SALT)
    except signing.BadSignature:
        return None
    return SentForm(address, [(name, text) for name, text in fields], user_id)


def is_from_script(request: HttpRequest) -> bool:
    """Return whether a script sent the request; it reports on its own page what happened."""
    accepted = request.headers.get("Accept", "")
    return bool(accepted) and "text/html" not in accepted


def is_from_this_site(request: HttpRequest) -> bool:
    """Return whether a page of this site sent the form, according to the browser.

    So it may be offered again though its CSRF token was replaced by a later log-in.
    """
    scheme = "https" if request.is_secure() else "http"
    known = {f"{scheme}://{request.get_host()}", *settings.CSRF_TRUSTED_ORIGINS}
    return request.headers.get("Origin") in known
