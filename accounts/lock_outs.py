"""Lock-outs after repeated failed log-ins: who is locked out until when, and lifting them.

django-axes counts the failures for each pair of name and address; the settings have the limit and
the duration. `block_of` blocks, much later, attempts that vary names or addresses. Names without
an account are locked out as well, so that nobody learns which exist.
"""

from datetime import datetime
from typing import Any, NamedTuple

from axes.models import AccessAttempt
from axes.utils import reset
from django.conf import settings
from django.db.models import Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone

from accounts.account_events import name_of, typed_name
from accounts.models import User
from trail import events
from trail.client_address import client_address
from trail.events import Event

THIS_ADDRESS, THIS_NAME = "この接続元", "この職員番号"


class LogInBlock(NamedTuple):
    """What is blocked with whatever else: THIS_ADDRESS or THIS_NAME, and until when."""

    what: str
    until: datetime


def locked_names() -> dict[str, datetime]:
    """Return the end of the latest lock-out by log-in name, for one address or for all."""
    last: dict[str, datetime] = {}
    for row in [*_lock_outs(), *_blocked_names()]:
        last[row["username"]] = max(row["last"], last.get(row["username"], row["last"]))
    return {name: end_of_lock_out(failure) for name, failure in last.items()}


def last_failure() -> Coalesce:
    """Return an annotation of users: the last failure of their latest lock-out; None if none."""
    return Coalesce(*map(_of_user, (_blocked_names(), _lock_outs())))


def _of_user(lock_outs: QuerySet) -> Subquery:
    of_user = lock_outs.filter(username=OuterRef("username"))
    return Subquery(of_user.order_by("-last").values("last")[:1])


def block_of(name: str, address: str | None) -> LogInBlock | None:
    """Return why passwords are not checked: too many failures with other pairs; None if they are.

    Counts the failures from one address and those with one name. The end is the latest possible.
    """
    of_address, of_name = Q(ip_address=address), Q(username=name)
    found = _failures().aggregate(
        of_address=Sum("failures_since_start", filter=of_address),
        of_name=Sum("failures_since_start", filter=of_name),
        last_of_address=Max("attempt_time", filter=of_address),
        last_of_name=Max("attempt_time", filter=of_name),
    )
    for counted, most, what in (
        ("of_address", settings.LOCK_OUT_ADDRESS_FAILURES, THIS_ADDRESS),
        ("of_name", settings.LOCK_OUT_NAME_FAILURES, THIS_NAME),
    ):
        if most and (found[counted] or 0) >= most:
            return LogInBlock(what, end_of_lock_out(found[f"last_{counted}"]))
    return None


def log_block(
    sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
) -> None:
    """Log the failure that blocks a name or an address, once (user_login_failed).

    While something is blocked, no password is checked, so that nothing fails.
    """
    name = typed_name(credentials)
    block = block_of(name, client_address(request) if request else None)
    if block:
        failures = f"{block.what}{'から' if block.what == THIS_ADDRESS else ''}の失敗"
        until = timezone.localtime(block.until)
        events.log(
            Event.Kind.LOCKED,
            name,
            f"{failures}が続いたため、{until:%H時%M分}まで、または解除されるまで",
            door="",
        )


def end_of_lock_out(last_failure: datetime) -> datetime:
    return last_failure + settings.AXES_COOLOFF_TIME


def _lock_outs() -> QuerySet:
    """Return locked pairs of name and address, each with the time of its last failure."""
    return _counted("username", "ip_address").filter(number__gte=settings.AXES_FAILURE_LIMIT)


def _blocked_names() -> QuerySet:
    """Return names that are blocked at every address, each with the time of its last failure."""
    most = settings.LOCK_OUT_NAME_FAILURES
    return _counted("username").filter(number__gte=most) if most else _counted("username").none()


def _counted(*of: str) -> QuerySet:
    found = _failures().order_by().values(*of)
    return found.annotate(number=Sum("failures_since_start"), last=Max("attempt_time"))


def _failures() -> QuerySet:
    """Return the failures that count."""
    return AccessAttempt.objects.filter(
        attempt_time__gte=timezone.now() - settings.AXES_COOLOFF_TIME
    )


def forget_failures(name: str, address: str | None) -> None:
    """Forget the failures of a name at an address: the right password was typed there."""
    reset(username=name, ip=address)


def lift(user: User) -> bool:
    """Lift the lock-outs of a user at all addresses; return whether there were any."""
    was_locked = user.username in locked_names()
    reset(username=user.username)
    if was_locked:
        events.log(Event.Kind.UNLOCKED, name_of(user))
    return was_locked


def lift_of_name(name: str) -> bool:
    """Forget the failures with a log-in name, of a user or not; return whether there were any."""
    return _forget(name, username=name)


def lift_of_address(address: str) -> bool:
    """Forget the failures from an address; return whether there were any."""
    return _forget(f"接続元 {address}", ip=address)


def _forget(subject: str, **of: str) -> bool:
    had = bool(reset(**of))
    if had:
        events.log(Event.Kind.UNLOCKED, subject)
    return had
