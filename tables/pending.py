"""Uploads between preview and confirmation: private files in DATA_DIR, and tickets for them.

The browser gets a signed ticket and nothing else. It says who may use it, for which table, what
the file must still be and which changes the person saw. The file is checked again when it comes
back. It is deleted when it has been imported or given up; abandoned ones go with the next upload.
"""

import hashlib
import os
import secrets
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import signing

from tables import uploads
from tables.uploads import Upload

MAX_AGE = 60 * 60
"""Seconds for which a preview can be confirmed."""

_SALT = "tables.pending"


class Gone(Exception):
    """The upload is not there any more, or is not this person's; the message is for the screen."""


@dataclass(frozen=True)
class Ticket:
    """What is known of an upload that waits to be confirmed."""

    key: str
    user_id: int
    table: str
    name: str
    sha256: str
    reason: str
    digest: str


def keep(upload: Upload, *, user: Any, table: str, reason: str, digest: str) -> str:
    """Store an upload and return its signed ticket. `digest` is that of the changes shown."""
    directory = _directory()
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    _delete_abandoned(directory)
    ticket = Ticket(
        key=secrets.token_hex(16),
        user_id=user.pk,
        table=table,
        name=upload.name,
        sha256=hashlib.sha256(upload.content).hexdigest(),
        reason=reason,
        digest=digest,
    )
    handle = os.open(_path(ticket), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(upload.content)
    return signing.dumps(asdict(ticket), salt=_SALT)


def read_ticket(signed: str, *, user: Any, table: str) -> Ticket:
    """Return the ticket behind its signed form. Raises Gone for any that does not fit."""
    try:
        ticket = Ticket(**signing.loads(signed, salt=_SALT, max_age=MAX_AGE))
    except (signing.BadSignature, TypeError):
        raise Gone(_GONE) from None
    if (ticket.user_id, ticket.table) != (user.pk, table):
        raise Gone(_GONE)
    return ticket


def take(ticket: Ticket) -> Upload:
    """Return the upload, checked as on its first day. Raises Gone."""
    try:
        content = _path(ticket).read_bytes()
    except FileNotFoundError:
        raise Gone(_GONE) from None
    if hashlib.sha256(content).hexdigest() != ticket.sha256:
        raise Gone(_GONE)
    return uploads.accept(ticket.name, content)


def discard(ticket: Ticket) -> None:
    """Delete the upload."""
    _path(ticket).unlink(missing_ok=True)


_GONE = (
    "確かめてから1時間以上たったか、すでに取り込まれたため、このファイルは残っていません。"
    "登録されている内容を確かめ、必要ならファイルをもう一度選んでください。"
)


def _directory() -> Path:
    return Path(settings.DATA_DIR) / "pending-imports"


def _path(ticket: Ticket) -> Path:
    return _directory() / ticket.key


def _delete_abandoned(directory: Path) -> None:
    oldest = time.time() - MAX_AGE
    for path in directory.iterdir():
        try:
            if path.stat().st_mtime < oldest:
                path.unlink()
        except FileNotFoundError:
            continue  # somebody else's upload deleted it at the same time
