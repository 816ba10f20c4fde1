"""Who was logged in when a page was made, so that nobody sends what another person typed.

A log-in replaces the secret of the CSRF tokens. So the token of a form says in which log-in its
page was made. A signed cookie names the person of each of the last log-ins of a browser; it
outlives the log-out, because forms arrive after it. It holds a digest of the secrets only.
"""

import re
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import _unmask_cipher_token  # type: ignore[attr-defined]
from django.utils.crypto import salted_hmac

COOKIE = "page_owners"
REMEMBERED = 8
"""The number of log-ins that the cookie remembers."""

_SALT = "accounts.page_owners"
_MASKED_TOKEN = re.compile("[A-Za-z0-9]{64}")


def note_owner(request: HttpRequest, response: HttpResponse, user: Any) -> None:
    """Set the cookie that remembers that the pages of this log-in are this user's."""
    secret = request.META.get("CSRF_COOKIE")
    if not secret:
        return  # this browser has not been given a page with a form
    owners, digest = _owners(request), _digest(secret)
    if owners.get(digest) == user.pk:
        return
    owners.pop(digest, None)
    kept = [*owners.items(), (digest, user.pk)][-REMEMBERED:]
    response.set_cookie(
        COOKIE,
        signing.dumps(kept, salt=_SALT),
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def owner_of(request: HttpRequest, token: str) -> int | None:
    """Return the id of the user for whom the page with a form's token was made; None if unknown."""
    if not _MASKED_TOKEN.fullmatch(token):
        return None
    return _owners(request).get(_digest(_unmask_cipher_token(token)))


def _owners(request: HttpRequest) -> dict[str, int]:
    """Return the users by the digest of the secret, the earliest log-in first."""
    try:
        return dict(signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT))
    except signing.BadSignature:
        return {}


def _digest(secret: str) -> str:
    return salted_hmac(_SALT, secret, algorithm="sha256").hexdigest()[:32]
