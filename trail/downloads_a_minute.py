"""How many files one person may receive within a minute, whatever they cost.

The log of events has each file that was handed out: it is counted there, for all processes and web
servers. Requests that are answered at the same time do not see each other's file; so a person
may receive a few more.
"""

from datetime import timedelta
from math import ceil

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from trail.events import Event

MINUTE = timedelta(minutes=1)

HEADING = "ファイルを受け取るまで、少しお待ちください"


def refusal(request: HttpRequest) -> HttpResponse | None:
    """Return a page for a person who received too many files within a minute; None for others.

    What makes a heavy file asks before that, and `download` asks again: the log is read once.
    """
    if getattr(request, "may_receive_file", False):
        return None
    seconds = _seconds_to_wait(request.user.pk)
    if seconds:
        return _page(request, seconds)
    request.may_receive_file = True  # type: ignore[attr-defined]
    return None


def _seconds_to_wait(person: int | None) -> int:
    """Return after how many seconds a person may receive the next file; 0: at once."""
    most = settings.FILES_A_MINUTE
    if not most:
        return 0
    now = timezone.now()
    # Without events of the future: the clock of the server may have been set back.
    within = Event.objects.filter(
        kind=Event.Kind.EXPORT, by=person, occurred_at__range=(now - MINUTE, now)
    )
    times = within.order_by("-occurred_at").values_list("occurred_at", flat=True)
    full_since = next(iter(times[most - 1 : most]), None)
    return 0 if full_since is None else max(1, ceil((full_since + MINUTE - now).total_seconds()))


def _page(request: HttpRequest, seconds: int) -> HttpResponse:
    """Return the page that says how long to wait. It asks again by itself, but repeats no form."""
    asks_again = request.method in ("GET", "HEAD")
    context = {
        "heading": HEADING,
        "most": settings.FILES_A_MINUTE,
        "seconds": seconds,
        "asks_again": asks_again,
    }
    page = render(request, "trail/too_many_files.html", context, status=429)
    page["Retry-After"] = str(seconds)
    if asks_again:
        page["Refresh"] = str(seconds)
    return page
