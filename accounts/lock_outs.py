"""Lock-outs after repeated failed log-ins: who is locked out until when, and lifting them.

django-axes counts the failures for each pair of name and address; the settings have the limit and
the duration. Names without an account are locked out as well, so that nobody learns which exist.
"""

from datetime import datetime

from axes.models import AccessAttempt
from axes.utils import reset
from django.conf import settings
from django.db.models import Max, OuterRef, QuerySet, Subquery, Sum
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


def end_of_lock_out(last_failure: datetime) -> datetime:
    return last_failure + settings.AXES_COOLOFF_TIME


def _lock_outs() -> QuerySet:
    """Return locked pairs of name and address, each with the time of its last failure."""
    newest = timezone.now() - settings.AXES_COOLOFF_TIME
    return (
        AccessAttempt.objects.filter(attempt_time__gte=newest)
        .order_by()
        .values("username", "ip_address")
        .annotate(number=Sum("failures_since_start"), last=Max("attempt_time"))
        .filter(number__gte=settings.AXES_FAILURE_LIMIT)
    )


def lift(user: User) -> bool:
    """Lift the lock-outs of a user at all addresses; return whether there were any."""
    was_locked = user.username in locked_names()
    reset(username=user.username)
    if was_locked:
        events.log(Event.Kind.UNLOCKED, name_of(user))
    return was_locked
