"""Uploads between preview and confirmation: private files, and tickets for them.

The browser gets only a signed ticket. It names the user, the table, the SHA-256 of the file and the
digest of the changes that the user saw. A file is deleted after the import or when the user
cancels; the next upload deletes expired ones.
"""

import secrets
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from django.core import signing
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages

from tables import uploads
from tables.kept_files import delete, delete_expired
from tables.uploads import Upload, UploadError

MAX_AGE = 60 * 60
"""For how many seconds a preview can be confirmed."""

_SALT = "tables.pending"


class Gone(Exception):
    """The upload no longer exists or belongs to somebody else; the message is for the user."""


@dataclass(frozen=True)
class Ticket:
    """An upload that waits for confirmation. `key` is its name in the storage."""

    key: str
    user_id: int
    table: str
    name: str
    sha256: str
    reason: str
    digest: str


def keep(upload: Upload, *, user: Any, table: str, reason: str, digest: str) -> str:
    """Store an upload and return its signed ticket. `digest` identifies the previewed changes.

    Raises UploadError if the disk is full or read-only.
    """
    ticket = Ticket(
        key=secrets.token_hex(16),
        user_id=user.pk,
        table=table,
        name=upload.name,
        sha256=upload.sha256,
        reason=reason,
        digest=digest,
    )
    try:
        _storage().save(ticket.key, ContentFile(upload.content))
    except OSError as error:
        message = uploads.not_stored(upload.name, error, "何も取り込んでいません。")
        raise UploadError(message) from error
    delete_expired(_storage(), MAX_AGE)
    return signing.dumps(asdict(ticket), salt=_SALT)


def read_ticket(signed: str, *, user: Any, table: str) -> Ticket:
    """Verify and return a ticket. Raises Gone if it is invalid, expired, or not for this use."""
    try:
        ticket = Ticket(**signing.loads(signed, salt=_SALT, max_age=MAX_AGE))
    except (signing.BadSignature, TypeError):
        raise Gone(_GONE) from None
    if (ticket.user_id, ticket.table) != (user.pk, table):
        raise Gone(_GONE)
    return ticket


def take(ticket: Ticket) -> Upload:
    """Return the upload. Raises Gone if the file is missing or differs from what was checked."""
    try:
        with _storage().open(ticket.key) as file:
            content = file.read()
    except FileNotFoundError:
        raise Gone(_GONE) from None
    if sha256(content).hexdigest() != ticket.sha256:
        raise Gone(_GONE)
    return uploads.checked_before(ticket.name, content)


def discard(ticket: Ticket) -> None:
    """Delete the stored file of a ticket; a later upload does so where the disk refuses it."""
    delete(_storage(), ticket.key)


_GONE = (
    "確かめてから1時間以上たったか、すでに取り込まれたため、このファイルは残っていません。"
    "登録されている内容を確かめ、必要ならファイルをもう一度選んでください。"
)


def _storage() -> Storage:
    return storages["pending_imports"]
