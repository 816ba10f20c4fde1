"""Restores a backup into an empty installation, on either database.

The whole file is checked before anything is written. Then come the files of 根拠資料 and after them
the database, in one transaction wherever it can be: what is visible is complete.
"""

import gzip
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.apps import apps
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.models import QuerySet

from backups.archive import BackupHeader, newer, read_backup
from backups.contents import EVIDENCE_FOLDER, POSTGRESQL, SQLITE, check_can_be_opened
from backups.databases import put_back
from backups.faults import BackupError, DamagedBackup, disk_fault
from backups.folder import work_folder
from backups.keys import Key
from backups.known_migrations import MigrationName, unknown_migrations
from backups.last_backup import log_restore
from backups.postgresql import check_version
from backups.rows import copied_models
from tables.private_files import bring_to_disk, place_of_file
from trail.events import Event

LOGGED_WITHOUT_USERS = (
    Event.Kind.LOG_IN_FAILED,
    Event.Kind.LOCKED,
    Event.Kind.UNLOCKED,
    Event.Kind.BACKUP,
)
"""Events of an installation that nobody has used: somebody tried to log in, a timer backed it up.
"""


@dataclass(frozen=True)
class Restored:
    """What was restored."""

    header: BackupHeader
    was_older: bool
    """Whether the backup was of an older version, so that migrations were applied."""
    missing: int
    """The number of files of 根拠資料 that rows name and the backup does not have."""


@dataclass(frozen=True)
class Checked:
    """What a backup is that was read as a whole."""

    header: BackupHeader
    missing: int
    """The number of files of 根拠資料 that were lost already when the backup was made."""


def check_backup(path: Path, key: Key | None) -> Checked:
    """Read a whole backup and return what it is.

    Raises BackupError if something is wrong, or if this program is too old to restore it.
    """
    if not path.is_file():
        raise BackupError(f"ファイル「{path}」がありません。")
    files = []

    def receive(header: BackupHeader, name: str, content: IO[bytes]) -> None:
        check_can_be_opened(name, content)
        if name.startswith(EVIDENCE_FOLDER):
            files.append(name)

    header = read_backup(path, key, receive)
    if len(files) > header.evidence:
        raise DamagedBackup("根拠資料が多すぎます")
    _check_not_newer(header, MigrationLoader(None))
    return Checked(header, header.evidence - len(files))


def restore(path: Path, key: Key | None) -> Restored:
    """Fill this installation from a backup. Raises BackupError, with the installation as empty."""
    checked = check_backup(path, key)
    header = checked.header
    is_older = _is_older(header)
    try:
        _check_empty()
        replaced = _count_events()
        if header.database == "postgresql":
            check_version("pg_restore")
        with work_folder() as work:
            with _evidence_taken_back() as stored:
                put_back(header, _unpack(path, key, work, stored), is_older=is_older)
            log_restore(path.name, _in_words(checked) + _replaced_in_words(replaced))
    except (DatabaseError, sqlite3.Error) as error:
        raise BackupError(
            f"データベースに書き込めません（{str(error).strip()}）。復元していません。"
        ) from error
    return Restored(header, is_older, checked.missing)


def _in_words(checked: Checked) -> str:
    header = checked.header
    rows = sum(header.rows.values())
    evidence = with_missing_files(header.evidence, checked.missing)
    return f"{header.made_at}のバックアップ、{rows:,}行、{evidence}"


def with_missing_files(named: int, missing: int) -> str:
    """Return how many files of 根拠資料 there are, and how many the rows name beyond them."""
    lost = f"（ほかに、ファイルのないもの{missing:,}件）" if missing else ""
    return f"根拠資料{named - missing:,}件{lost}"


def _count_events() -> int:
    """Return how many events are there; 0 without tables, as in a database that is new."""
    there = Event._meta.db_table in connection.introspection.table_names()
    return Event.objects.count() if there else 0


def _replaced_in_words(events: int) -> str:
    return f"、復元先にあった操作の記録{events:,}件（ログインの失敗など）は削除" if events else ""


def _check_not_newer(header: BackupHeader, loader: MigrationLoader) -> None:
    """Raise BackupError for a backup of a newer version, or of a database half-way to one."""
    if _numbers(header.version) > _numbers(settings.VERSION):
        raise newer(header.version)
    if unknown := unknown_migrations(loader, _applied(header)):
        raise BackupError(
            f"このプログラムの知らないマイグレーション（{'.'.join(unknown[0])}など）のある"
            "バックアップです。何も書き込んでいません。より新しい版のプログラムで復元するか、"
            "その版に更新する前のバックアップを使ってください。"
        )


def _applied(header: BackupHeader) -> set[MigrationName]:
    return {(app, name) for app, name in header.migrations}


def _is_older(header: BackupHeader) -> bool:
    """Return whether migrations have to be applied. Raises BackupError where they cannot be."""
    is_older = bool(set(MigrationLoader(None).disk_migrations) - _applied(header))
    if is_older and (header.database, connection.vendor) == ("postgresql", "sqlite"):
        raise BackupError(
            f"古い版（{header.version}）の、PostgreSQLのバックアップです。SQLiteには復元できません。"
            "PostgreSQLに復元し、バックアップを作り直してください。"
        )
    return is_older


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall("[0-9]+", version)]


def _check_empty() -> None:
    """Raise BackupError if somebody has used this installation."""
    there = set(connection.introspection.table_names())
    for rows in _rows_of_use():
        if rows.model._meta.db_table in there and rows.exists():
            name = str(rows.model._meta.verbose_name).removeprefix("historical ")
            raise BackupError(
                f"復元先のデータベースに、データ（{name}）があります。"
                "何も書き込んでいません。空のデータベースに復元してください。"
            )
    storage = storages["evidence"]
    if storage.exists("") and any(storage.listdir("")):
        raise BackupError(
            f"復元先（{place_of_file(storage)}）に、根拠資料のファイルがあります。"
            "何も書き込んでいません。空の保存先に復元してください。使っているファイルなら、"
            "別の場所によけてから、途中で止められた復元が残したものなら、削除してから、"
            "もう一度実行してください。"
        )


def _rows_of_use() -> Iterator[QuerySet[Any]]:
    """Yield the rows that somebody must have made.

    Models of packages have rows that `migrate` makes, that failed log-ins leave, or that belong to
    a user; rows that connect two others cannot be there without them.
    """
    for config in apps.get_app_configs():
        if Path(config.path).parent != settings.BASE_DIR:
            continue
        for model in set(config.get_models()) & set(copied_models()):
            rows = model._base_manager.all()
            yield rows.exclude(kind__in=LOGGED_WITHOUT_USERS) if model is Event else rows


@contextmanager
def _evidence_taken_back() -> Iterator[list[str]]:
    """Yield the list of stored files; delete them if the block raises."""
    stored: list[str] = []
    try:
        yield stored
    except BaseException:
        for name in stored:
            with suppress(OSError):
                storages["evidence"].delete(name)
        raise


def _unpack(path: Path, key: Key | None, work: Path, stored: list[str]) -> Path:
    """Store the files of 根拠資料, and write the database into a file of the work folder."""
    database = work / "database"

    def receive(header: BackupHeader, name: str, content: IO[bytes]) -> None:
        try:
            if name == SQLITE:
                with gzip.GzipFile(fileobj=content) as plain, database.open("wb") as file:
                    shutil.copyfileobj(plain, file)
            elif name == POSTGRESQL:
                with database.open("wb") as file:
                    shutil.copyfileobj(content, file)
            elif name.startswith(EVIDENCE_FOLDER):
                _store(name.removeprefix(EVIDENCE_FOLDER), content, stored)
        except OSError as error:
            raise disk_fault(settings.DATA_DIR, error) from error

    read_backup(path, key, receive)
    return database


def _store(name: str, content: IO[bytes], stored: list[str]) -> None:
    storage = storages["evidence"]
    stored.append(name)
    if storage.save(name, ContentFile(content.read())) != name:
        raise BackupError(f"根拠資料「{name}」と同じ名前のファイルが、復元先にあります。")
    bring_to_disk(storage, name)
