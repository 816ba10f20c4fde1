"""根拠資料: what an uploaded file must be, how files are kept, and how they come back unharmed.

The content lies in the storage "evidence" under a random name, readable by the owner of the process
only; the row in the database has the file's own name and its SHA-256.
"""

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from indicators.evidence.types import KINDS, ending_of
from indicators.models import Evidence, Indicator
from japanese.fiscal_years import full_label
from tables.uploads import Upload, UploadError, Use, megabytes, read
from trail import events
from trail.events import Event
from trail.history import Door, changing, current_change

MAX_FILES = 10
"""So many files at a time."""

MAX_NAME = 200


class EvidenceError(Exception):
    """Nothing was kept; `messages`, for the screen, say why, file by file."""

    def __init__(self, messages: Sequence[str]) -> None:
        self.messages = list(messages)
        super().__init__(" ".join(messages))


class Damaged(Exception):
    """What lies on the disk is not what was uploaded."""


def add(
    files: Sequence[UploadedFile], indicator: Indicator, fiscal_year: int, *, by: Any
) -> list[Evidence]:
    """Keep files as evidence of an indicator's year, all or none; return their rows.

    Raises EvidenceError where there is none, too many, or one that may not be kept.
    """
    present = Evidence.objects.present().filter(indicator=indicator, fiscal_year=fiscal_year)
    checked = _checked(files, dict(present.values_list("sha256", "name")))
    added = []
    with (
        _stored(checked) as names,
        transaction.atomic(),
        changing(by=by, door=Door.GRID, reason="根拠資料の添付"),
    ):
        for file, stored_as in zip(checked, names, strict=True):
            row = Evidence.objects.create(
                indicator=indicator,
                fiscal_year_id=fiscal_year,
                name=file.name,
                stored_as=stored_as,
                size=len(file.content),
                sha256=file.sha256,
                added_by=by,
                added_at=current_change().at or timezone.now(),
            )
            events.log(Event.Kind.IMPORT, row.name, _facts(row))
            added.append(row)
    return added


def remove(evidence: Evidence, *, by: Any, reason: str) -> None:
    """Take a file back: it stays, marked, for auditors."""
    with transaction.atomic(), changing(by=by, door=Door.GRID, reason=reason):
        locked = Evidence.objects.select_for_update().get(pk=evidence.pk)
        if locked.removed_at is None:
            locked.removed_by, locked.removed_at = by, timezone.now()
            locked.save()


def content_of(evidence: Evidence) -> bytes:
    """Return what was uploaded. Raises Damaged where the disk has lost or changed it."""
    try:
        with _storage().open(evidence.stored_as) as file:
            content = file.read()
    except OSError as error:
        raise Damaged(f"保存先を読めません（{error.strerror}）") from error
    if sha256(content).hexdigest() != evidence.sha256:
        raise Damaged("SHA-256が、添付したときと違います")
    return content


def log_damage(evidence: Evidence, damage: Damaged, *, by: Any) -> None:
    """Log that somebody asked for a file that is not what was uploaded, and did not get it."""
    detail = f"渡していません：{damage}。{_facts(evidence)}"
    events.log(Event.Kind.EXPORT, evidence.name, detail, by=by, door=Door.PAGE)


def strays() -> list[str]:
    """Return the paths of files that no row knows: left by a program that died while writing."""
    storage = _storage()
    if not storage.exists(""):
        return []
    known = set(Evidence.objects.values_list("stored_as", flat=True))
    _, names = storage.listdir("")
    return [storage.path(name) for name in sorted(names) if name not in known]


def content_type_of(name: str) -> str:
    """Return what browsers call this kind of file."""
    kind = KINDS.get(ending_of(name))
    return kind.content_type if kind else "application/octet-stream"


def allowed_kinds() -> list[str]:
    """Return the endings that settings allow, of those that can be checked."""
    return [ending for ending in settings.EVIDENCE_KINDS if ending in KINDS]


def allowed_in_words() -> str:
    """Return the kinds and the size that settings allow, as a sentence for the screen."""
    kinds = "、".join(allowed_kinds())
    return (
        f"添付できる形式は{kinds}、大きさは1件{megabytes(settings.EVIDENCE_MAX_BYTES)}まで、"
        f"一度に{MAX_FILES}件までです。"
    )


def in_words(evidence: Evidence) -> str:
    """Return whose evidence a file is, as the log of events says it."""
    return f"根拠資料、{evidence.indicator.name}、{full_label(evidence.fiscal_year_id)}"


def _facts(evidence: Evidence) -> str:
    return f"{in_words(evidence)}、{evidence.size:,}バイト、SHA-256：{evidence.sha256}"


def _checked(files: Sequence[UploadedFile], present: dict[str, str]) -> list[Upload]:
    if not files:
        raise EvidenceError(["ファイルが選ばれていません。添付するファイルを選んでください。"])
    if len(files) > MAX_FILES:
        raise EvidenceError(
            [f"一度に添付できるのは{MAX_FILES}件までです。分けて添付してください。"]
        )
    checked, messages, known = [], [], dict(present)
    for file in files:
        try:
            found = read(file, EVIDENCE)
        except UploadError as error:
            messages.append(str(error))
            continue
        if same := known.get(found.sha256):
            messages.append(f"ファイル「{found.name}」は、添付済みの「{same}」と同じ内容です。")
            continue
        known[found.sha256] = found.name
        checked.append(found)
    if messages:
        raise EvidenceError(messages)
    return checked


def _checked_name(name: str) -> str:
    if not name.isprintable() or any(mark in name for mark in '/\\:*?"<>|'):
        raise UploadError("名前に使えない文字があります。名前を変えてください。")
    if len(name) > MAX_NAME:
        raise UploadError(f"名前が長すぎます。{MAX_NAME}字以内にしてください。")
    if ending_of(name) not in allowed_kinds():
        kinds = "、".join(allowed_kinds())
        raise UploadError(f"添付できる形式は{kinds}です。PDFなどに変えてください。")
    return name


def _kind_and_text(name: str, content: bytes) -> tuple[str, str]:
    kind = ending_of(name)
    KINDS[kind].check(content)
    return kind, ""


EVIDENCE = Use(
    refusal="添付できません",
    limit="EVIDENCE_MAX_BYTES",
    if_too_large="必要なページだけにするか、分けてください。",
    name_of=_checked_name,
    kind_and_text=_kind_and_text,
)


def _storage() -> Storage:
    return storages["evidence"]


@contextmanager
def _stored(files: Sequence[Upload]) -> Iterator[list[str]]:
    """Write the contents and yield their names; take them away again where the rows fail."""
    storage, names = _storage(), []
    try:
        for file in files:
            names.append(secrets.token_hex(20))
            storage.save(names[-1], ContentFile(file.content))
            with storage.open(names[-1]) as stored:
                os.fsync(stored.fileno())  # the row must not outlive the content
        yield names
    except BaseException:
        for name in names:
            storage.delete(name)
        raise
