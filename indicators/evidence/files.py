"""根拠資料: check uploaded files, store them, and verify them when they are read.

The storage "evidence" has the contents under random names, readable only by the owner of the
process; the database row has the original name and the SHA-256.
"""

import secrets
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.core.files.uploadedfile import UploadedFile
from django.db import DatabaseError, InterfaceError, transaction
from django.utils import timezone

from indicators.evidence.types import KINDS, ending_of
from indicators.models import Evidence, Indicator
from japanese.characters import printable
from japanese.fiscal_years import full_label
from tables.private_files import bring_to_disk, place_of_file
from tables.uploads import Upload, UploadError, Use, megabytes, not_stored, read
from trail import events
from trail.events import Event
from trail.history import Door, changing, current_change, history_of

MAX_FILES = 10
"""How many files can be added at once."""

MAX_NAME = 200


class EvidenceError(Exception):
    """Nothing was stored; `messages` has the reasons for the user, one per file."""

    def __init__(self, messages: Sequence[str]) -> None:
        self.messages = list(messages)
        super().__init__(" ".join(messages))


class Damaged(Exception):
    """The stored content is missing or differs from the uploaded one."""


def add(
    files: Sequence[UploadedFile], indicator: Indicator, fiscal_year: int, *, by: Any
) -> list[Evidence]:
    """Store files as evidence of an indicator's year, all or none; return their rows.

    Files that the same user has attached under the same name are left out: the form came twice.
    Raises EvidenceError if there are no files or too many, or if one is refused.
    """
    present = Evidence.objects.present().filter(indicator=indicator, fiscal_year=fiscal_year)
    own = set(present.filter(added_by=by).values_list("sha256", "name"))
    checked = _checked(files, dict(present.values_list("sha256", "name")), own)
    added = []
    with (
        _stored(checked) as stored,
        transaction.atomic(),
        changing(by=by, door=Door.GRID, reason="根拠資料の添付"),
    ):
        for file, stored_as in zip(checked, stored.names, strict=True):
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
        stored.have_rows = True
    return added


def remove(evidence: Evidence, *, by: Any, reason: str) -> None:
    """Mark a file as removed. Its content is kept for auditors."""
    with transaction.atomic(), changing(by=by, door=Door.GRID, reason=reason):
        # Lock the row, so that the first of two concurrent removals stays recorded.
        locked = Evidence.objects.select_for_update().get(pk=evidence.pk)
        if locked.removed_at is None:
            locked.removed_by, locked.removed_at = by, timezone.now()
            locked.save()


def was_removed(number: int, *, by: Any, reason: str) -> bool:
    """Return whether this user has removed a file for this very reason: the form came twice."""
    history = history_of(Evidence).filter(id=number, history_user=by)
    last = history.order_by("-history_id").first()
    return bool(reason and last and last.removed_at and last.history_change_reason == reason)


def file_content(evidence: Evidence) -> bytes:
    """Return the uploaded content. Raises Damaged if it is missing or its SHA-256 differs."""
    try:
        with _storage().open(evidence.stored_as) as file:
            content = file.read()
    except OSError as error:
        raise Damaged(f"保存先を読めません（{error.strerror}）") from error
    if sha256(content).hexdigest() != evidence.sha256:
        raise Damaged("SHA-256が、添付したときと違います")
    return content


def log_damage(evidence: Evidence, damage: Damaged, *, by: Any) -> None:
    """Log a download that was refused because the file is damaged."""
    detail = f"渡していません：{damage}。{_facts(evidence)}"
    events.log(Event.Kind.EXPORT, evidence.name, detail, by=by, door=Door.PAGE)


def strays() -> list[str]:
    """Return the places of files without a row: left by a process that died while writing."""
    storage = _storage()
    if not storage.exists(""):
        return []
    known = set(Evidence.objects.values_list("stored_as", flat=True))
    _, names = storage.listdir("")
    return [place_of_file(storage, name) for name in sorted(names) if name not in known]


def content_type_of(name: str) -> str:
    """Return the content type for a file name; application/octet-stream if unknown."""
    kind = KINDS.get(ending_of(name))
    return kind.content_type if kind else "application/octet-stream"


def allowed_kinds() -> list[str]:
    """Return the extensions that the settings allow and that have a check."""
    return [ending for ending in settings.EVIDENCE_KINDS if ending in KINDS]


def allowed_in_words() -> str:
    """Return the allowed kinds and size as a sentence for the user."""
    kinds = "、".join(allowed_kinds())
    return (
        f"添付できる形式は{kinds}、大きさは1件{megabytes(settings.EVIDENCE_MAX_BYTES)}まで、"
        f"一度に{MAX_FILES}件までです。"
    )


def evidence_in_words(evidence: Evidence) -> str:
    """Return the indicator and year of a file, as written in the event log."""
    return f"根拠資料、{evidence.indicator.name}、{full_label(evidence.fiscal_year_id)}"


def _facts(evidence: Evidence) -> str:
    return f"{evidence_in_words(evidence)}、{evidence.size:,}バイト、SHA-256：{evidence.sha256}"


def _checked(
    files: Sequence[UploadedFile], present: dict[str, str], own: Collection[tuple[str, str]]
) -> list[Upload]:
    """Return the checked files, without those that are in `own` (SHA-256, name) already."""
    if not files:
        raise EvidenceError(["ファイルが選ばれていません。添付するファイルを選んでください。"])
    if len(files) > MAX_FILES:
        raise EvidenceError(
            [f"一度に添付できるのは{MAX_FILES}件までです。分けて添付してください。"]
        )
    checked, messages = [], []
    chosen: dict[str, str] = {}
    for file in files:
        try:
            found = read(file, EVIDENCE)
        except UploadError as error:
            messages.append(str(error))
            continue
        if (found.sha256, found.name) in own:
            continue
        if same := present.get(found.sha256):
            messages.append(f"ファイル「{found.name}」は、添付済みの「{same}」と同じ内容です。")
            continue
        if same := chosen.get(found.sha256):
            messages.append(
                f"ファイル「{found.name}」は、一緒に選んだ「{same}」と同じ内容です。"
                "どちらか一つを選んでください。"
            )
            continue
        chosen[found.sha256] = found.name
        checked.append(found)
    if messages:
        raise EvidenceError(messages)
    return checked


def _checked_name(name: str) -> str:
    if printable(name) != name or any(mark in name for mark in '/\\:*?"<>|'):
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


@dataclass
class _Stored:
    """The names of stored files. `have_rows`: only the commit is left to be done."""

    names: list[str] = field(default_factory=list)
    have_rows: bool = False


@contextmanager
def _stored(files: Sequence[Upload]) -> Iterator[_Stored]:
    """Write the contents and yield their names; delete them if the block raises.

    They stay if the database fails at the commit: it may have committed before the connection was
    lost. A file without a row can be deleted later (`strays`), a row without its file is a loss.
    Raises EvidenceError, which names the file, if the disk is full or read-only.
    """
    stored = _Stored()
    try:
        for file in files:
            stored.names.append(secrets.token_hex(20))
            try:
                _write(stored.names[-1], file.content)
            except OSError as error:
                outcome = "どのファイルも添付していません。"
                raise EvidenceError([not_stored(file.name, error, outcome)]) from error
        yield stored
    except BaseException as error:
        if not (stored.have_rows and isinstance(error, DatabaseError | InterfaceError)):
            _delete(stored.names)
        raise


def _delete(names: Sequence[str]) -> None:
    for name in names:
        with suppress(OSError):  # `strays` lists what stays on a disk that refuses this, too
            _storage().delete(name)


def _write(name: str, content: bytes) -> None:
    _storage().save(name, ContentFile(content))
    bring_to_disk(_storage(), name)  # a committed row must never refer to lost content
