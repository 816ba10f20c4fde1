"""The open sessions of a person: listing and ending them.

Django stores sessions without their user, so all that have not expired are read. They expire
within a day (SESSION_COOKIE_AGE): a city has a few hundred. The time of last use is only in the
browser's cookie (accounts/idle.py), so sessions of browsers that were just closed are shown, too.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth import SESSION_KEY as USER_KEY
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.account_events import name_of
from accounts.models import User
from trail import events
from trail.events import Event

FACTS = "idle"
"""The key under which a session has how it began (`accounts.idle.note_log_in`)."""

_SALT = "accounts.open_sessions"


@dataclass(frozen=True)
class OpenSession:
    """A valid session. `mark` names it on a page, which must not show the key itself."""

    user_id: int
    key: str
    began: datetime | None
    address: str
    browser: str
    is_current: bool

    @property
    def mark(self) -> str:
        return salted_hmac(_SALT, self.key, algorithm="sha256").hexdigest()[:24]

    def __str__(self) -> str:
        began = f"{timezone.localtime(self.began):%Y-%m-%d %H:%M}から" if self.began else ""
        return "、".join(filter(None, (began, self.address, self.browser)))


def open_sessions(user: User, current: str | None = None) -> list[OpenSession]:
    """Return the open sessions of a user, the newest first; `current` is the key of one's own."""
    found = _open_sessions_of([user], current)
    return sorted(found, key=lambda one: one.began or datetime.min.replace(tzinfo=UTC))[::-1]


def other_sessions(request: HttpRequest) -> list[OpenSession]:
    """Return the open sessions of whoever is logged in, without the one of this request."""
    found = open_sessions(cast(User, request.user), request.session.session_key)
    return [one for one in found if not one.is_current]


def end_sessions(sessions: Iterable[OpenSession], user: User, why: str, *, by: Any = None) -> int:
    """End sessions of a user and log it; return how many there were."""
    ended = list(sessions)
    if ended:
        Session.objects.filter(pk__in=[one.key for one in ended]).delete()
        detail = f"{why}：{'；'.join(map(str, ended))}"
        events.log(Event.Kind.LOG_OUT, name_of(user), detail, by=by)
    return len(ended)


def end_all_sessions(users: Collection[User], why: str) -> int:
    """End all sessions of users, e.g. before their passwords change; return how many there were."""
    by_user: dict[int, list[OpenSession]] = {}
    for one in _open_sessions_of(users, None) if users else ():
        by_user.setdefault(one.user_id, []).append(one)
    return sum(end_sessions(by_user.get(user.pk, ()), user, why) for user in users)


def end_of_deactivated(sender: Any, instance: User, raw: bool = False, **kwargs: Any) -> None:
    """End the sessions of a deactivated user (post_save): reactivation does not restore them."""
    if not instance.is_active and not raw:
        end_all_sessions([instance], "無効にしたため")


def _open_sessions_of(users: Iterable[User], current: str | None) -> Iterator[OpenSession]:
    hashes = {str(user.pk): _valid_hashes(user) for user in users}
    for stored in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        said = stored.get_decoded()
        valid = hashes.get(said.get(USER_KEY, ""), ())
        # If the hash differs, the password has changed since: such a session is no longer valid.
        if not any(constant_time_compare(said.get(HASH_SESSION_KEY, ""), one) for one in valid):
            continue
        facts = said.get(FACTS, {})
        began = facts.get("began")
        yield OpenSession(
            user_id=int(said[USER_KEY]),
            key=stored.session_key,
            began=datetime.fromtimestamp(began, UTC) if began else None,
            address=facts.get("address", ""),
            browser=facts.get("browser", ""),
            is_current=stored.session_key == current,
        )


def _valid_hashes(user: User) -> list[str]:
    return [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
