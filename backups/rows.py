"""Inserts rows into a database of the other kind, exactly as they were, ids and times included."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import AutoField, BigAutoField, BinaryField, Model

from trail.data_version import DataChange

CopiedRow = Sequence[Any]

AT_ONCE = 200
"""Rows of a statement; one where rows hold whole files."""


NOT_COPIED = (Session, DataChange)
"""Whoever has a key of a session is logged in; notes of changes are of one database only."""


def copied_models() -> list[type[Model]]:
    """Return all other models with a table, content types and permissions included."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model not in NOT_COPIED
    ]


def key_column(model: type[Model]) -> str:
    """Return the auto-increment column, "" without one."""
    key = model._meta.pk
    return key.column if isinstance(key, AutoField | BigAutoField) else ""


def empty_tables() -> None:
    """Delete what `migrate` has inserted (content types, permissions, groups), what failed log-ins
    have left, and sessions: an id of a user may now be that of somebody else.
    """
    emptied: list[type[Model]] = [*copied_models(), Session]
    with connection.cursor() as cursor:
        for model in emptied:
            cursor.execute(f"DELETE FROM {_quoted(model._meta.db_table)}")


def stored_rows(model: type[Model], source: BaseDatabaseWrapper) -> Iterator[CopiedRow]:
    """Yield the rows of another database as values of Python, a few at once in memory."""
    fields: list[Any] = list(model._meta.local_concrete_fields)
    columns = [field.get_col(model._meta.db_table) for field in fields]
    converters = [
        [*source.ops.get_db_converters(column), *field.get_db_converters(source)]
        for field, column in zip(fields, columns, strict=True)
    ]
    names = ", ".join(_quoted(field.column) for field in fields)
    with source.cursor() as cursor:
        cursor.execute(f"SELECT {names} FROM {_quoted(model._meta.db_table)}")
        while rows := cursor.fetchmany(AT_ONCE):
            for row in rows:
                values = list(row)
                for place, column in enumerate(columns):
                    for convert in converters[place]:
                        values[place] = convert(values[place], column, source)
                yield values


def add_rows(model: type[Model], rows: Iterable[CopiedRow], columns: Sequence[str] = ()) -> None:
    """Insert rows as they are; `columns` gives the order of their values if it differs. Neither
    `save` nor `bulk_create`: fields that set themselves would get today's time.
    """
    fields: list[Any] = list(model._meta.local_concrete_fields)
    if columns:
        by_column = {field.column: field for field in fields}
        fields = [by_column[column] for column in columns]
    size = 1 if any(isinstance(field, BinaryField) for field in fields) else AT_ONCE
    names = ", ".join(_quoted(field.column) for field in fields)
    places = f"({', '.join(['%s'] * len(fields))})"
    start = f"INSERT INTO {_quoted(model._meta.db_table)} ({names}) VALUES "
    left = iter(rows)
    with connection.cursor() as cursor:
        while batch := list(islice(left, size)):
            values = [
                field.get_db_prep_save(value, connection)
                for row in batch
                for field, value in zip(fields, row, strict=True)
            ]
            cursor.execute(start + ", ".join([places] * len(batch)), values)


def set_sequences(last: dict[str, int]) -> None:
    """Let each table continue its ids where it was, not at its highest id.

    The history is joined by plain ids: a new row must not get that of a deleted one.
    """
    with connection.cursor() as cursor:
        for model in copied_models():
            table, column = model._meta.db_table, key_column(model)
            if not column or not last.get(table):  # SQLite keeps 0 for a recreated table
                continue
            if connection.vendor == "sqlite":
                cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
                cursor.execute(
                    "INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, last[table]]
                )
            else:
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, %s), %s)",
                    [_quoted(table), column, last[table]],
                )


def count_rows() -> dict[str, int]:
    """Return the number of rows by table."""
    counted = {}
    with connection.cursor() as cursor:
        for model in copied_models():
            table = model._meta.db_table
            cursor.execute(f"SELECT COUNT(*) FROM {_quoted(table)}")
            counted[table] = cursor.fetchone()[0]
    return counted


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
