"""The first administrator of an installation: made on a page that is open while there is no user.

Being first to open a new installation must not be enough to own it. So the page asks for a key that
only people who can read files on the server know: `manage.py first_administrator_key` makes and
prints it. It works once. Two people who come at the same moment wait for each other
(`trail.installation.claim`).
"""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.crypto import constant_time_compare

from accounts.first_passwords import new_password
from accounts.models import User
from accounts.roles import Role
from trail import events
from trail.events import Event
from trail.history import changing
from trail.installation import claim

SUBJECT = "（最初の管理者の登録）"
"""How the log names a failed attempt."""

NO_KEY = (
    "鍵がまだ作られていないか、読めません。サーバーで、プログラムを動かす利用者として、"
    "「manage.py first_administrator_key」を実行してください。"
)
WRONG_KEY = "鍵が違います。「manage.py first_administrator_key」が示した文字を入力してください。"


def is_needed() -> bool:
    """Return whether there is no user at all, not even one who has left."""
    return not User.objects.exists()


def key_file() -> Path:
    return settings.DATA_DIR / "first-administrator-key"


def load_or_make_key() -> str:
    """Return the key; make it on first use, readable by the owner only. Raises OSError."""
    path = key_file()
    if not path.exists():
        descriptor, made = tempfile.mkstemp(dir=path.parent)  # mode 0600
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(new_password())
            os.link(made, path)  # atomically, and only if no other process was faster
        except FileExistsError:
            pass
        finally:
            os.unlink(made)
    return path.read_text().strip()


def fault_of_key(typed: str) -> str:
    """Return what is wrong with a typed key, and log it; "" if it is right."""
    try:
        stored = key_file().read_text().strip()
    except OSError:
        stored = ""
    if not stored:
        return NO_KEY
    if constant_time_compare(typed.strip().lower(), stored):
        return ""
    events.log(Event.Kind.LOG_IN_FAILED, SUBJECT, "鍵の誤り", door="")
    return WRONG_KEY


def make_administrator(user: User) -> bool:
    """Store the first user, with the role of planning; return False if there is a user already."""
    with transaction.atomic():
        claim()
        if not is_needed():
            return False
        user.save()
        with changing(by=user):
            events.log(
                Event.Kind.ACCOUNT, f"{user.full_name}（{user.username}）", "最初の管理者の登録"
            )
            user.groups.add(Group.objects.get(name=Role.PLANNING.value))
    with suppress(OSError):  # without the page the key is useless
        key_file().unlink()
    return True
