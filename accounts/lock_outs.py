"""Lock-outs after repeated failed log-ins: who is locked out until when, and lifting them.

django-axes counts the failures for each pair of name and address; the settings have the limit and
the duration. `is_too_much` blocks, much later, attempts that vary names or addresses. Names without
an account are locked out as well, so that nobody learns which exist.
"""

from datetime import datetime

from axes.models import AccessAttempt
from axes.utils import reset
from django.conf import settings
from django.db.models import Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone

from accounts.account_events import name_of
from accounts.models import User
from trail import events
from trail.events import Event


def locked_names() -> dict[str, datetime]:
    """Return the end of the latest lock-out by log-in name; a lock-out is for one address."""
    return {row["username"]: end_of_lock_out(row["last"]) for row in _lock_outs().order_by("last")}


def last_failure() -> Subquery:
    """Return an annotation of users: the last failure of their latest lock-out; None if none."""
    of_user = _lock_outs().filter(username=OuterRef("username"))
    return Subquery(of_user.order_by("-last").values("last")[:1])


def is_too_much(name: str, address: str | None) -> str:
    """Return why passwords are not checked, for a message: too many failures with other pairs.

    "" if they are checked. Counts the failures from one address and those with one name.
    """
    recent = AccessAttempt.objects.filter(attempt_time__gte=_begin())
    found = recent.aggregate(
        of_address=Sum("failures_since_start", filter=Q(ip_address=address)),
        of_name=Sum("failures_since_start", filter=Q(username=name)),
    )
    for number, most, what in (
        (found["of_address"], settings.LOCK_OUT_ADDRESS_FAILURES, "この接続元"),
        (found["of_name"], settings.LOCK_OUT_NAME_FAILURES, "この職員番号"),
    ):
        if most and (number or 0) >= most:
            return what
    return ""


def end_of_lock_out(last_failure: datetime) -> datetime:
    return last_failure + settings.AXES_COOLOFF_TIME


def _lock_outs() -> QuerySet:
    """Return locked pairs of name and address, each with the time of its last failure."""
    return (
        AccessAttempt.objects.filter(attempt_time__gte=_begin())
        .order_by()
        .values("username", "ip_address")
        .annotate(number=Sum("failures_since_start"), last=Max("attempt_time"))
        .filter(number__gte=settings.AXES_FAILURE_LIMIT)
    )


def _begin() -> datetime:
    """Return since when failures count."""
    return timezone.now() - settings.AXES_COOLOFF_TIME


def lift(user: User) -> bool:
    """Lift the lock-outs of a user at all addresses; return whether there were any."""
    was_locked = user.username in locked_names()
    reset(username=user.username)
    if was_locked:
        events.log(Event.Kind.UNLOCKED, name_of(user))
    return was_locked
