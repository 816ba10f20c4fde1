"""A copy of the database as it was at one moment, while people go on working.

SQLite's file must not be copied: what has been confirmed may still be in the log beside it, and a
page that changes during the copy corrupts it. Its backup API copies within one read. On PostgreSQL,
pg_dump reads the snapshot of a transaction in which we read what the header says.
"""

import gzip
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Collection, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from backups.archive import BackupHeader
from backups.contents import POSTGRESQL, SQLITE
from backups.faults import BackupError
from backups.postgresql import run_program
from backups.rows import NOT_COPIED, copied_models, key_column
from goals.models import Strategy
from indicators.models import Evidence
from trail.installation import Installation

Ask = Callable[[str], Sequence[tuple[Any, ...]]]
"""Asks the copied state of the database in SQL."""


@dataclass(frozen=True)
class Snapshot:
    """A copied database: the file, the name of its member and what is in it."""

    file: Path
    member: str
    header: BackupHeader
    evidence: dict[str, str]
    """The SHA-256 of each file of 根拠資料 by the name under which it is stored."""


def take_snapshot(folder: Path) -> Snapshot:
    """Copy the database into a file in the folder. Raises BackupError."""
    try:
        return _of_sqlite(folder) if connection.vendor == "sqlite" else _of_postgresql(folder)
    except (DatabaseError, sqlite3.DatabaseError) as error:
        raise BackupError(
            f"データベースを読めません（{error}）。バックアップは作っていません。"
        ) from error


def _of_sqlite(folder: Path) -> Snapshot:
    copy = folder / "database.sqlite3"
    with closing(sqlite3.connect(copy)) as target:
        connection.ensure_connection()
        connection.connection.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")
        # Sessions must not even remain in freed pages.
        target.execute("PRAGMA secure_delete=ON")
        there = {name for (name,) in target.execute("SELECT name FROM sqlite_master")}
        for table in _tables_not_copied() & there:
            target.execute(f"DELETE FROM {table}")
        target.commit()
        if (found := target.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
            raise BackupError(
                f"データベースが壊れています（{found}）。バックアップは作っていません。"
                "前のバックアップから戻してください。"
            )
        header, evidence = _facts(lambda query: target.execute(query).fetchall())
    packed = folder / SQLITE
    with copy.open("rb") as plain, gzip.open(packed, "wb", compresslevel=6) as file:
        shutil.copyfileobj(plain, file)
    copy.unlink()
    return Snapshot(packed, SQLITE, header, evidence)


def _of_postgresql(folder: Path) -> Snapshot:
    file = folder / POSTGRESQL
    with transaction.atomic(durable=True), connection.cursor() as cursor:

        def ask(query: str) -> Sequence[tuple[Any, ...]]:
            cursor.execute(query)
            return cursor.fetchall()

        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        # It waits for pg_dump, longer than a server may let others wait.
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        ((snapshot,),) = ask("SELECT pg_export_snapshot()")
        header, evidence = _facts(ask)
        run_program(
            "pg_dump",
            "--format=custom",
            f"--snapshot={snapshot}",
            *(f"--exclude-table-data={table}" for table in _tables_not_copied()),
            "--no-owner",
            "--no-privileges",
            f"--file={file}",
            stdout=subprocess.DEVNULL,
        )
    return Snapshot(file, POSTGRESQL, header, evidence)


def _tables_not_copied() -> set[str]:
    return {model._meta.db_table for model in NOT_COPIED}


def _facts(ask: Ask) -> tuple[BackupHeader, dict[str, str]]:
    installed = ask(f"SELECT city, city_code FROM {Installation._meta.db_table}")
    city, city_code = installed[0] if installed else ("", "")
    # A backup before an update may run when the new program is installed and its tables are not.
    there = set(connection.introspection.table_names())
    tables = there & {model._meta.db_table for model in copied_models()}
    evidence: dict[str, str] = dict(ask(f"SELECT stored_as, sha256 FROM {Evidence._meta.db_table}"))
    header = BackupHeader(
        version=settings.VERSION,
        made_at=timezone.localtime().isoformat(timespec="seconds"),
        database=connection.vendor,
        migrations=[
            list(row) for row in ask("SELECT app, name FROM django_migrations ORDER BY id")
        ],
        city=city,
        city_code=city_code,
        plans=[code for (code,) in ask(f"SELECT code FROM {Strategy._meta.db_table} ORDER BY id")],
        rows={table: ask(f'SELECT COUNT(*) FROM "{table}"')[0][0] for table in sorted(tables)},
        sequences=_sequences(ask, tables),
        evidence=len(evidence),
    )
    return header, evidence


def _sequences(ask: Ask, tables: Collection[str]) -> dict[str, int]:
    if connection.vendor == "sqlite":
        return dict(ask("SELECT name, seq FROM sqlite_sequence ORDER BY name"))
    found = {}
    for model in copied_models():
        table, column = model._meta.db_table, key_column(model)
        if not column or table not in tables:
            continue
        ((sequence,),) = ask(f"""SELECT pg_get_serial_sequence('"{table}"', '{column}')""")
        last, is_called = ask(f"SELECT last_value, is_called FROM {sequence}")[0]
        if is_called:
            found[table] = last
    return found
