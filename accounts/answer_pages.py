"""Gives a page that answers a form an address of its own, and keeps it there for a while.

A page that answers a POST itself has none: after the back button, a reload and in a second tab the
browser asks whether to send the form again, and does not show what was typed. So the page is kept
as a private file for its reader, and the browser is redirected to it. The only page with passwords
is that of the first ones, which is not kept (`shown_once`); files have to be chosen again.
"""

import re
import secrets
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core import signing
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.crypto import salted_hmac
from django.utils.http import escape_leading_slashes

from accounts.private_pages import is_public_address
from accounts.second_factor import step_due
from accounts.send_again import SEALED, is_from_script
from tables.kept_files import delete, delete_expired

PARAMETER = "answer"
"""The part of the address that names a page."""

HOURS = 12
MAX_AGE = HOURS * 60 * 60
"""For how many seconds a page is kept: a working day, so that a long break loses nothing."""

GONE = (
    f"前に送信した内容に答えた画面は、もう残っていません（残るのは{HOURS}時間までで、ログアウトすると"
    "消えます）。送信した内容が登録されているか確かめ、登録されていなければ、もう一度入力してください。"
)
"""The message where a page is no longer kept."""

KEPT_FOR_ONE = 20
KEPT_FOR_NOBODY = 100
"""How many pages are kept for each user, and for all people who are not logged in."""

LARGEST = 4 * 1024 * 1024
"""The most characters of a page that is kept; a larger one answers the form itself."""

_SALT = "accounts.answer_pages"
_KEY = re.compile("[0-9a-f]{32}")
_TOKEN = re.compile(r'(name="csrfmiddlewaretoken" value=")\w*')
_NOT_OF_A_FORM = (404, 405, 429)


class SeeOther(HttpResponseRedirect):
    """Leads to a page by GET, whatever was sent."""

    status_code = 303


def answer_pages_middleware(
    get_response: Callable[[HttpRequest], Any],
) -> Callable[[HttpRequest], Any]:
    """Redirect from a form to its answer if that is a page, and show kept pages again."""

    def middleware(request: HttpRequest) -> Any:
        key = None if is_public_address(request) else request.GET.get(PARAMETER)
        is_reading = request.method in ("GET", "HEAD")
        if key is not None and is_reading:
            if step_due(request):
                return get_response(request)  # no page before the code, not even an earlier one
            page = _kept_page(request, key)
            if page is not None:
                return page
            if _leads_to_log_in(request):
                return get_response(request)  # with the key, so that the log-in leads to the page
        if key is not None:
            # No view knows the key: forms of kept pages are sent to where the page was made.
            _forget_parameter(request)
            if is_reading:
                messages.warning(request, GONE)
                return HttpResponseRedirect(_address(request))
        response = get_response(request)
        if response.status_code == 405 and is_reading:
            return _only_by_a_button(request, response)
        if request.method == "POST" and _is_page(request, response):
            return _led_to(request, response) or response
        return response

    return middleware


def lead_to(request: HttpRequest, address: str) -> None:
    """Keep the page that answers a form under another address, because its own has no GET."""
    request.answered_at = address  # type: ignore[attr-defined]


def shown_once(response: HttpResponse) -> HttpResponse:
    """Mark a page that answers a form and must not be kept anywhere; return it."""
    response.is_shown_once = True  # type: ignore[attr-defined]
    return response


def forget_pages(user: Any) -> None:
    """Delete the pages that are kept for a user."""
    try:
        _, names = _storage().listdir("")
    except OSError:
        return
    for name in _of(str(user.pk), names):
        delete(_storage(), name)


def forget_after_log_out(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    """Delete a user's pages (user_logged_out); keep them after idleness: nothing is lost."""
    if user is not None and not getattr(request, "ended_by_idleness", False):
        forget_pages(user)


def _leads_to_log_in(request: HttpRequest) -> bool:
    """Return whether a request without a user is redirected to the log-in."""
    if request.user.is_authenticated:
        return False
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return False
    return getattr(view, "login_required", True)


def _only_by_a_button(request: HttpRequest, response: Any) -> HttpResponse:
    """Return a page with a link onwards, for an address that only accepts forms."""
    page = render(request, "405.html", status=405)
    page["Allow"] = response["Allow"]
    return page


def _address(request: HttpRequest) -> str:
    """Return the address on this host: //other/ would be another one."""
    return escape_leading_slashes(request.get_full_path())


def _forget_parameter(request: HttpRequest) -> None:
    query = request.GET.copy()
    del query[PARAMETER]
    request.META["QUERY_STRING"] = query.urlencode()
    request.GET = query  # type: ignore[assignment]


def _is_page(request: HttpRequest, response: Any) -> bool:
    """Return whether a response is a page for people that is worth showing again."""
    is_html = response.get("Content-Type", "").startswith("text/html")
    if getattr(response, "is_shown_once", False):
        return False
    if response.streaming or not is_html or response.has_header("Content-Disposition"):
        return False
    if response.status_code >= 500:
        return False  # without reading the user: the database may be down
    if is_from_script(request) or len(response.content) > LARGEST:
        return False
    if request.user.is_authenticated:
        is_refused = response.status_code >= 400 and response.status_code not in _NOT_OF_A_FORM
        return response.status_code == 200 or is_refused
    # What came after its session had ended is on the page: that is left to the browser.
    return response.status_code == 200 and not request.POST.get(SEALED)


def _led_to(request: HttpRequest, response: HttpResponse) -> HttpResponse | None:
    """Keep a page and return a redirect to it; None if the disk refuses it."""
    key, owner = secrets.token_hex(16), _owner(request)
    text = response.content.decode(response.charset)
    page = [response.status_code, response["Content-Type"], _TOKEN.sub(r"\1", text)]
    content = signing.dumps([_reader(request), page], salt=_SALT, compress=True)
    try:
        _delete_old(owner)
        _storage().save(f"{owner}-{key}", ContentFile(content.encode()))
    except OSError:
        return None
    address = getattr(request, "answered_at", "") or _address(request)
    redirect = SeeOther(f"{address}{'&' if '?' in address else '?'}{urlencode({PARAMETER: key})}")
    redirect.cookies = response.cookies
    return redirect


def _kept_page(request: HttpRequest, key: str) -> HttpResponse | None:
    """Return a kept page as it was, with a fresh token; None if the reader has no such page."""
    if not _KEY.fullmatch(key):
        return None
    try:
        with _storage().open(f"{_owner(request)}-{key}") as file:
            reader, page = signing.loads(file.read().decode(), salt=_SALT, max_age=MAX_AGE)
    except (OSError, signing.BadSignature):
        return None
    if reader != _reader(request):
        return None
    status, kind, text = page
    token = get_token(request)
    shown = _TOKEN.sub(lambda found: found[1] + token, text)
    return HttpResponse(shown, status=status, content_type=kind)


def _owner(request: HttpRequest) -> str:
    return str(request.user.pk) if request.user.is_authenticated else "nobody"


def _reader(request: HttpRequest) -> str:
    """Return who may see a page: a user, or a browser in which nobody is logged in."""
    if request.user.is_authenticated:
        return _owner(request)
    secret = request.META.get("CSRF_COOKIE", "")
    return salted_hmac(_SALT, secret, algorithm="sha256").hexdigest()


def _storage() -> Storage:
    return storages["answer_pages"]


def _of(owner: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if name.partition("-")[0] == owner]


def _delete_old(owner: str) -> None:
    """Delete the pages that have expired, and the oldest of an owner who has many."""
    kept = _of(owner, delete_expired(_storage(), MAX_AGE))
    most = KEPT_FOR_NOBODY if owner == "nobody" else KEPT_FOR_ONE
    for name in kept[: max(0, len(kept) + 1 - most)]:
        delete(_storage(), name)
