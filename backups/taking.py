"""Makes a backup while people go on working, checks it, and deletes the oldest ones.

The order matters: the database first, then the files of 根拠資料. A file is on the disk before its
row is committed (indicators/evidence/files.py) and is never deleted after that: removing one only
marks the row. So whatever row the copied database has, its file is there at any time after the
copy. The other way round, a file that is attached between the two would have its row in the copy
and be missing itself. Files that no row of the copy names are left out: they belong to rows that
came later, or to none.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import file_digest, sha256
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from django.core.files.storage import storages
from django.db import DatabaseError
from django.utils import timezone

from backups.archive import Writer, read_backup, writing
from backups.contents import EVIDENCE_FOLDER, SETTINGS
from backups.faults import BackupError, DamagedBackup
from backups.folder import check_folder, new_path, remove_old, whole_file, work_folder
from backups.keys import Key, Target, encrypting
from backups.last_backup import log_backup
from backups.postgresql import check_version, is_postgresql
from backups.settings_list import settings_without_secrets
from backups.snapshots import Snapshot, take_snapshot
from tables.uploads import megabytes


@dataclass(frozen=True)
class Taken:
    """A backup that was made and checked."""

    path: Path
    size: int
    plans: list[str]
    evidence: int
    lost: list[str]
    """Files of 根拠資料 that are missing or changed: not those of the backup, but ours."""
    removed: list[Path]


class _Written:
    """A file that hashes what is written to it."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.digest = sha256()

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        return self.file.write(data)

    def flush(self) -> None:
        self.file.flush()


def take_backup(folder: Path, *, keep: int, key: Key | None) -> Taken:
    """Write a backup into the folder and return it. Raises BackupError if there is none then.

    `keep`: how many are left, 0 for all. Nothing is deleted while files of 根拠資料 are lost: an
    older backup may be the only place that still has them.
    """
    check_folder(folder)
    try:
        if is_postgresql():
            check_version("pg_dump")
    except DatabaseError as error:
        raise BackupError(
            f"データベースに接続できません（{str(error).strip()}）。バックアップは作っていません。"
        ) from error
    with work_folder() as work:
        snapshot = take_snapshot(work)
        header = snapshot.header
        ending = ".tar.age" if key else ".tar"
        path = new_path(folder, timezone.localtime(), header.city_code, ending)
        with whole_file(path) as (file, part):
            written = _Written(file)
            lost = _write(written, snapshot, key)
            file.flush()
            os.fsync(file.fileno())
            _check(part, written, key)
            size = part.stat().st_size
        removed = remove_old(path, keep) if keep and not lost else []
    taken = Taken(path, size, header.plans, header.evidence, lost, removed)
    try:
        log_backup(path.name, _in_words(taken, is_encrypted=key is not None))
    except DatabaseError as error:
        raise BackupError(
            f"バックアップ「{path}」は作り、確かめましたが、操作の記録に書けません"
            f"（{str(error).strip()}）。企画担当の画面には出ません。もう一度実行してください。"
        ) from error
    return taken


def _write(file: _Written, snapshot: Snapshot, key: Key | None) -> list[str]:
    """Write the archive; return the files of 根拠資料 that are missing or changed."""
    with _perhaps_encrypted(file, key) as target, writing(target, snapshot.header) as archive:
        with snapshot.file.open("rb") as database:
            archive.add(snapshot.member, database, snapshot.file.stat().st_size)
        archive.add_json(SETTINGS, settings_without_secrets())
        return [
            name
            for name, expected in sorted(snapshot.evidence.items())
            if _add_evidence(archive, name) != expected
        ]


@contextmanager
def _perhaps_encrypted(file: _Written, key: Key | None) -> Iterator[Target]:
    if key is None:
        yield file
    else:
        with encrypting(file, key) as target:
            yield target


def _add_evidence(archive: Writer, name: str) -> str:
    """Add a file, changed or not, and return its SHA-256; "" if it cannot be read."""
    try:
        with storages["evidence"].open(name) as file:
            content = file.read()
    except OSError:
        return ""
    archive.add(EVIDENCE_FOLDER + name, BytesIO(content), len(content))
    return sha256(content).hexdigest()


def _check(part: Path, written: _Written, key: Key | None) -> None:
    """Read the file back as a restore would; without the secret key, as it was written."""
    if key is None or key.identities:
        read_backup(part, key)
        return
    with part.open("rb") as file:
        if file_digest(file, "sha256").digest() != written.digest.digest():
            raise DamagedBackup("書いたとおりに読めません")


def _in_words(taken: Taken, *, is_encrypted: bool) -> str:
    encrypted = "暗号化あり" if is_encrypted else "暗号化なし"
    lost = f"、うち読めないか変わっていたもの{len(taken.lost)}件" if taken.lost else ""
    return f"{megabytes(taken.size)}、根拠資料{taken.evidence}件{lost}、{encrypted}"
