"""Lock-outs after repeated failures to log in: who is locked out until when, and lifting them.

django-axes counts the failures, by name and address together; the settings say how many and for
how long. Accounts that do not exist are locked out alike, so that nobody learns which ones do.
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
    """Return until when nobody can log in from some address, by log-in name."""
    return {row["username"]: end_of_lock_out(row["last"]) for row in _lock_outs().order_by("last")}


def last_failure() -> Subquery:
    """Return an annotation of users: the failure that lasts longest; None of who can log in."""
    of_user = _lock_outs().filter(username=OuterRef("username"))
    return Subquery(of_user.order_by("-last").values("last")[:1])


def end_of_lock_out(last_failure: datetime) -> datetime:
    """Return until when a failure keeps somebody out."""
    return last_failure + settings.AXES_COOLOFF_TIME


def _lock_outs() -> QuerySet:
    """Return names and addresses with too many failures, each with the time of its last one."""
    newest = timezone.now() - settings.AXES_COOLOFF_TIME
    return (
        AccessAttempt.objects.filter(attempt_time__gte=newest)
        .order_by()
        .values("username", "ip_address")
        .annotate(number=Sum("failures_since_start"), last=Max("attempt_time"))
        .filter(number__gte=settings.AXES_FAILURE_LIMIT)
    )


def lift(user: User) -> bool:
    """Let a user try again from everywhere; return whether there was a lock-out to lift."""
    was_locked = user.username in locked_names()
    reset(username=user.username)
    if was_locked:
        events.log(Event.Kind.UNLOCKED, name_of(user))
    return was_locked
