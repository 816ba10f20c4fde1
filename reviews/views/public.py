"""The public pages: published editions for everybody, without log-in, where the city wants them."""

from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from accounts.private_pages import for_everybody
from reviews.public_site.links import SiteLinks
from reviews.public_site.pages import (
    find_file,
    find_page,
    html_of,
    not_found_page,
    public_file_content,
)
from reviews.public_site.published import Shelf, shelf_of_today
from trail.downloads import disposition

KEPT_PAGES = 400
"""How many finished pages a process keeps."""


@require_safe
@login_not_required
def public_page(request: HttpRequest, address: str = "") -> HttpResponseBase:
    """Show a public page or send a file; 404 for whatever is not published, or not there at all.

    One query, which says whether anything was published since: what is published, each edition and
    finished pages are kept.
    """
    if not settings.PUBLIC_PAGES:
        return _not_found()
    shelf = shelf_of_today()
    if address and not address.endswith("/"):
        return _file(request, shelf, address)
    try:
        content, etag = _written(shelf, address)
    except LookupError:
        return _not_found()
    return _answer(request, etag, lambda: HttpResponse(content))


@lru_cache(maxsize=KEPT_PAGES)
def _written(shelf: Shelf, address: str) -> tuple[bytes, str]:
    """Return a page and its ETag, which is that of its bytes.

    It differs after a 正誤 and a publication that the page shows, and with another version of the
    program. Raises LookupError for an address without a page, which is not kept.
    """
    page = find_page(shelf, address)
    if page is None:
        raise LookupError(address)
    content = html_of(page, SiteLinks()).encode()
    return content, quote_etag(sha256(content).hexdigest())


def _file(request: HttpRequest, shelf: Shelf, address: str) -> HttpResponseBase:
    found = find_file(shelf, address)
    if found is None:
        if find_page(shelf, f"{address}/"):
            return HttpResponsePermanentRedirect(SiteLinks().to(f"{address}/"))
        return _not_found()
    edition, file = found
    content = public_file_content(edition, file)
    etag = quote_etag(sha256(content).hexdigest())

    def whole() -> HttpResponse:
        response = HttpResponse(content, content_type=file.content_type)
        response["Content-Disposition"] = disposition(file.name, address.replace("/", "_"))
        return response

    return _answer(request, etag, whole)


def _answer(
    request: HttpRequest, etag: str, make_whole: Callable[[], HttpResponse]
) -> HttpResponseBase:
    """Answer that nothing has changed where the browser knows the ETag; the whole otherwise."""
    response = get_conditional_response(request, etag=etag) or make_whole()
    response["ETag"] = etag
    return for_everybody(response)


def _not_found() -> HttpResponse:
    """Return the same page for everything that is not public, whatever the reason."""
    return HttpResponse(html_of(not_found_page(), SiteLinks()), status=404)
