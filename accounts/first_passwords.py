"""First passwords: generated, printed once on paper, changed at the first log-in.

They are stored as hashes only, like every password. A user with one can open only the page that
sets a password of their own (`accounts.idle.LogInRequired`).
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.crypto import salted_hmac

from accounts.models import User
from accounts.open_sessions import end_all_sessions
from accounts.password_spelling import CHARACTERS, GROUP_LENGTH, GROUPS, as_printed

_SALT = "accounts.first_passwords"


def new_password() -> str:
    """Return a random password that is easy to type, e.g. k7mw-x3dp-9tcv (57 bits)."""
    return as_printed("".join(secrets.choice(CHARACTERS) for _ in range(GROUPS * GROUP_LENGTH)))


@dataclass(frozen=True)
class Slip:
    """What a person gets on paper. None of it is stored."""

    user: User
    password: str


class AlreadyGiven(Exception):
    """Somebody's password has changed since the page was shown; nobody got a new one."""

    def __init__(self, users: Iterable[User]) -> None:
        self.users = list(users)
        super().__init__("、".join(map(str, self.users)))


def waiting_users() -> QuerySet[User]:
    """Return the active users without a password, or who have not changed their first one yet."""
    # The mark of a password that nobody can use.
    without = Q(password="") | Q(password__startswith="!")  # noqa: S106
    return User.objects.filter(without | Q(must_change_password=True), is_active=True)


def state_of(user: User) -> str:
    """Return a digest of the stored password, by which a form tells for which one it was shown."""
    return salted_hmac(_SALT, f"{user.pk}:{user.password}", algorithm="sha256").hexdigest()[:24]


def give(states: Mapping[int, str]) -> list[Slip]:
    """Give users, by id with the mark that was shown, new first passwords; return their slips.

    Raises AlreadyGiven, and gives nobody one, where a password is not the one that was shown: the
    same form was sent twice, somebody else was faster, or the person has set their own password.
    """
    # Hashing takes a tenth of a second for each: before anything is locked.
    passwords = {pk: new_password() for pk in states}
    hashes = {pk: make_password(password) for pk, password in passwords.items()}
    with transaction.atomic():
        active = User.objects.select_for_update(no_key=True).filter(is_active=True, pk__in=states)
        users = list(active.order_by("username"))
        shown = {user.pk for user in users if state_of(user) == states[user.pk]}
        if changed := User.objects.filter(pk__in=set(states) - shown).order_by("username"):
            raise AlreadyGiven(changed)
        end_all_sessions(users, "初回のパスワードのため")
        for user in users:
            user.password = hashes[user.pk]
            # As set_password does: it is a new password, and not the same hashed anew.
            cast(Any, user)._password = passwords[user.pk]
            user.must_change_password = True
            user.save()
    return [Slip(user, passwords[user.pk]) for user in users]
