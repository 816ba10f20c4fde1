"""Restores a copied database: onto the same kind as a whole, onto the other kind row by row.

SQLite to PostgreSQL is the way from a trial to production. A copy that is older than the program is
migrated: one on SQLite before it is restored, in a process of its own, since migrations in this one
would go to the database of the installation.
"""

import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection, transaction
from django.db.backends.sqlite3.base import DatabaseWrapper as SQLite
from django.db.migrations.executor import MigrationExecutor
from django.db.models import BinaryField, JSONField

from backups.archive import BackupHeader
from backups.faults import BackupError
from backups.postgresql import printed_lines, run_program
from backups.rows import (
    CopiedRow,
    add_rows,
    copied_models,
    count_rows,
    empty_tables,
    set_sequences,
    stored_rows,
)
from backups.triggers import lay_triggers_down, make_triggers_anew


def put_back(header: BackupHeader, file: Path, *, is_older: bool) -> None:
    """Fill the database of this installation, which is empty, from a copied one.

    Raises BackupError or DatabaseError, with the database as empty as before.
    """
    if header.database == "sqlite":
        _check_copy(file, header.rows)
        if is_older:
            _migrate_copy(file)
            _check_copy(file, {})
            header = _as_migrated(header, file)
        _check_tables(header.rows)
        if connection.vendor == "sqlite":
            _put_file(file)
            make_triggers_anew()
        else:
            _put_rows_of_copy(header, file)
    elif connection.vendor == "postgresql":
        _put_dump(header, file, is_older=is_older)
    else:
        _put_rows_of_dump(header, file)


def _migrate_copy(file: Path) -> None:
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "migrate", "--noinput"]
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{file}"}
    done = subprocess.run(
        [*command, "--verbosity", "0"], env=environment, capture_output=True, text=True
    )
    if done.returncode:
        raise BackupError(
            "古い版のバックアップを、この版に移せません。復元していません。"
            f"理由：{done.stderr.strip().rpartition(chr(10))[2]}"
        )


def _as_migrated(header: BackupHeader, file: Path) -> BackupHeader:
    """Return the header with the rows and last ids of the copy: migrations add their own rows."""
    with _opened(file) as copy:
        rows = {}
        for model in copied_models():
            table = model._meta.db_table
            ((rows[table],),) = copy.execute(f'SELECT COUNT(*) FROM "{table}"')
        last_ids = dict(copy.execute("SELECT name, seq FROM sqlite_sequence"))
    return replace(header, rows=rows, sequences=last_ids)


def _check_copy(file: Path, rows: dict[str, int]) -> None:
    """Raise BackupError if a copy differs from what was copied: damaged, or with other rows."""
    with _opened(file) as copy:
        problems = [
            *(row[0] for row in copy.execute("PRAGMA integrity_check") if row[0] != "ok"),
            *(f"{row[0]}→{row[2]}" for row in copy.execute("PRAGMA foreign_key_check")),
        ]
        if problems:
            raise _broken(problems[0])
        for table, expected in rows.items():
            ((count,),) = copy.execute(f'SELECT COUNT(*) FROM "{table}"')
            _compare_count(table, count, expected)


@contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    """Yield a copy to read from. Raises BackupError where it is none, or lacks what is read."""
    try:
        with closing(sqlite3.connect(file)) as copy:
            yield copy
    except sqlite3.Error as error:
        raise _broken(error) from error


def _broken(problem: object) -> BackupError:
    return BackupError(
        f"バックアップの中のデータベースが壊れています（{problem}）。復元していません。"
    )


def _check_tables(rows: dict[str, int]) -> None:
    """Raise BackupError if a copy does not have all tables: it would replace ours as a whole."""
    for model in copied_models():
        if (table := model._meta.db_table) not in rows:
            raise _broken(f"表 {table} がありません")


def _put_file(file: Path) -> None:
    """Replace all pages of the database in one transaction of SQLite."""
    with closing(sqlite3.connect(file)) as copy:
        connection.ensure_connection()
        copy.backup(connection.connection)


def _put_dump(header: BackupHeader, file: Path, *, is_older: bool) -> None:
    """Let pg_restore create the tables; if that fails, none are left."""
    _drop_all()
    connection.close()
    try:
        options = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"]
        database = str(connection.settings_dict["NAME"])
        run_program(
            "pg_restore", *options, f"--dbname={database}", str(file), stdout=subprocess.DEVNULL
        )
        if is_older:
            call_command("migrate", interactive=False, verbosity=0)
        else:
            _compare_counts(header)
        make_triggers_anew()
    except BaseException:
        _drop_all()
        raise


def _drop_all() -> None:
    """Drop our tables and their triggers' functions: a dump creates its own, and may be older."""
    models = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    tables = (models | {"django_migrations"}) & set(connection.introspection.table_names())
    with transaction.atomic(), connection.cursor() as cursor:
        if tables:
            names = ", ".join(map(connection.ops.quote_name, sorted(tables)))
            cursor.execute(f"DROP TABLE {names} CASCADE")
        cursor.execute(
            "SELECT oid::regprocedure::text FROM pg_proc WHERE proname ~ %s "
            "AND prorettype = 'trigger'::regtype "
            "AND pronamespace = current_schema()::regnamespace",
            [f"^({'|'.join(config.label for config in apps.get_app_configs())})_"],
        )
        for (function,) in cursor.fetchall():
            cursor.execute(f"DROP FUNCTION {function}")


def _put_rows_of_copy(header: BackupHeader, file: Path) -> None:
    source = SQLite({**connection.settings_dict, "NAME": str(file), "OPTIONS": {}})
    try:
        _fill(header, ((model, stored_rows(model, source), ()) for model in copied_models()))
    finally:
        source.close()


def _put_rows_of_dump(header: BackupHeader, file: Path) -> None:
    """Read the rows out of a dump as text: it needs pg_restore, but no PostgreSQL."""
    models = {model._meta.db_table: model for model in copied_models()}
    script = printed_lines("pg_restore", "--data-only", "--file=-", str(file))
    _fill(
        header,
        (
            (models[table], _converted(models[table], columns, rows), columns)
            for table, columns, rows in copied_tables(script)
            if table in models
        ),
    )


def _fill(header: BackupHeader, tables: Iterable[tuple[Any, Iterable[CopiedRow], Any]]) -> None:
    """Create the tables if necessary, and insert all rows in one transaction."""
    migrations = MigrationExecutor(connection)
    if migrations.migration_plan(migrations.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=0)
    with transaction.atomic(durable=True):
        lay_triggers_down()
        empty_tables()
        for model, rows, columns in tables:
            add_rows(model, rows, columns)
        set_sequences(header.sequences)
        connection.check_constraints()
        _compare_counts(header)
        make_triggers_anew()


def _compare_counts(header: BackupHeader) -> None:
    for table, count in count_rows().items():
        _compare_count(table, count, header.rows.get(table))


def _compare_count(table: str, count: int, expected: int | None) -> None:
    if count != expected:
        raise BackupError(
            f"表 {table} の行の数（{count}）が、バックアップを作ったとき（{expected}）と違います。"
            "復元していません。"
        )


COPY = re.compile(rb"COPY (?:\S+\.)?(\S+) \((.*)\) FROM stdin;\n")
ESCAPED = re.compile(r"\\(.)")
MEANT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def copied_tables(
    script: Iterator[bytes],
) -> Iterator[tuple[str, list[str], Iterator[list[str | None]]]]:
    """Yield the tables of a script of pg_restore: name, columns, rows of texts and None."""
    for line in script:
        if found := COPY.fullmatch(line):
            table = found[1].decode().strip('"')
            columns = [name.strip('"') for name in found[2].decode().split(", ")]
            rows = _rows_of(script)
            yield table, columns, rows
            for _ in rows:  # the rows that the caller has not read
                pass


def _rows_of(script: Iterator[bytes]) -> Iterator[list[str | None]]:
    for line in script:
        if line == b"\\.\n":
            return
        yield [_text_of(part) for part in line.decode().removesuffix("\n").split("\t")]


def _text_of(part: str) -> str | None:
    """Return what COPY has written: \\N is NULL, control characters are escaped."""
    if part == r"\N":
        return None
    return ESCAPED.sub(lambda found: MEANT.get(found[1], found[1]), part)


def _converted(
    model: Any, columns: list[str], rows: Iterable[list[str | None]]
) -> Iterator[CopiedRow]:
    fields = {field.column: field for field in model._meta.local_concrete_fields}
    try:
        of_row = [fields[column] for column in columns]
        for row in rows:
            yield [
                None if text is None else _value(field, text)
                for field, text in zip(of_row, row, strict=True)
            ]
    except (LookupError, ValueError, ValidationError) as error:
        raise _broken(f"表 {model._meta.db_table}：{error}") from error


def _value(field: Any, text: str) -> Any:
    """Return the value of a field that PostgreSQL has written as text."""
    if isinstance(field, BinaryField):
        return bytes.fromhex(text.removeprefix(r"\x"))
    if isinstance(field, JSONField):
        return json.loads(text)
    return field.to_python(text)
