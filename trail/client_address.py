"""The client address of a request, behind `PROXY_COUNT` proxies."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """Return the IP address of the client; None if it is unknown.

    Each proxy appends the address of its peer to X-Forwarded-For. Only the last `PROXY_COUNT`
    entries are trusted: the client can forge everything before them.
    """
    candidates = [request.META.get("REMOTE_ADDR", "")]
    if settings.PROXY_COUNT:
        written = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        candidates.insert(0, written[-settings.PROXY_COUNT :][0])
    found = map(_read_address, candidates)
    return next((address for address in found if address), None)


def _read_address(text: str) -> str | None:
    """Return an address without port, brackets and zone; None if the text is not an address."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return str(getattr(address, "ipv4_mapped", None) or address)
