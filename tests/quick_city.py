"""Writes the same plan and the same values again as copies of rows, without loader and recorder.

Hundreds of tests begin with a plan from fixtures/ and its values. The first call in a process goes
through the loader or recorder and the rows that it added are kept; a call that finds the tables as
that one did adds the same rows. tests/test_quick_city.py compares both.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from hashlib import sha256
from typing import Any

from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import DateTimeField, ForeignKey, Model
from django.utils import timezone

from accounts.models import User
from tests.quick_flush import STAYING
from trail.events import Event
from trail.history import NOBODY, current_change

Row = tuple[Any, ...]
ELSEWHERE = STAYING | {model._meta.db_table for model in (Session, Event, User)}
"""Tables on which neither a plan nor its values depend."""


@dataclass(frozen=True, eq=False)
class _Table:
    """A table, with the places of times and of users in its rows."""

    name: str
    columns: tuple[str, ...]
    key: int
    times: frozenset[int]
    users: frozenset[int]

    def rows(self) -> dict[Any, Row]:
        quoted = ", ".join(map(connection.ops.quote_name, self.columns))
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {quoted} FROM {connection.ops.quote_name(self.name)}")
            return {row[self.key]: row for row in cursor.fetchall()}

    def add(self, rows: Sequence[Row]) -> None:
        quoted = ", ".join(map(connection.ops.quote_name, self.columns))
        places = ", ".join(["%s"] * len(self.columns))
        with connection.cursor() as cursor:
            table = connection.ops.quote_name(self.name)
            cursor.executemany(f"INSERT INTO {table} ({quoted}) VALUES ({places})", rows)


@cache
def _tables() -> tuple[_Table, ...]:
    models = apps.get_models(include_auto_created=True)
    return tuple(
        _table_of(model)
        for model in models
        if model._meta.managed and not model._meta.proxy and model._meta.db_table not in ELSEWHERE
    )


def _table_of(model: type[Model]) -> _Table:
    fields = model._meta.concrete_fields
    return _Table(
        model._meta.db_table,
        tuple(field.column for field in fields),
        next(place for place, field in enumerate(fields) if field.primary_key),
        frozenset(place for place, field in enumerate(fields) if isinstance(field, DateTimeField)),
        frozenset(
            place
            for place, field in enumerate(fields)
            if isinstance(field, ForeignKey) and field.related_model is User
        ),
    )


_kept: dict[tuple, dict[_Table, list[Row]]] = {}
"""The rows that a call added, by the call and what it found.

A time is there as the number of earlier ones, and a user as the place among those handed in.
"""


def write_quickly(write: Callable[..., Any], *given: Any, users: Sequence[User] = ()) -> None:
    """Do what `write(*given, *users)` does to the database, in fewer steps where that was done
    before with the same stored.

    It may add rows and change none, and depends on nothing but what is given, stored and the day.
    PostgreSQL would count on from its own numbers: there it is always done.
    """
    if connection.vendor != "sqlite" or current_change() != NOBODY:
        write(*given, *users)
        return
    before = {table: table.rows() for table in _tables()}
    call = (write.__qualname__, *given, timezone.localdate(), _digest(before))
    with transaction.atomic():
        if call in _kept:
            _write_again(_kept[call], users)
        else:
            write(*given, *users)
            _kept[call] = _added_since(before, users)


def _write_again(kept: dict[_Table, list[Row]], users: Sequence[User]) -> None:
    """Add rows once more, with their times in the same order."""
    now, keys = timezone.now(), {place: user.pk for place, user in enumerate(users)}
    numbers = _in_order(kept)
    times = {
        number: connection.ops.adapt_datetimefield_value(now + timedelta(microseconds=number))
        for number in numbers
    }
    for table, rows in kept.items():
        table.add([_translated(row, table, times, keys) for row in rows])


def _added_since(
    before: dict[_Table, dict[Any, Row]], users: Sequence[User]
) -> dict[_Table, list[Row]]:
    """Return the rows that were added, in the order of their primary keys."""
    added = {}
    for table, old in before.items():
        rows = table.rows()
        assert old.items() <= rows.items(), f"rows of {table.name} were changed"
        if new := [row for key, row in sorted(rows.items()) if key not in old]:
            added[table] = new
    places = {user.pk: place for place, user in enumerate(users)}
    times = _in_order(added)
    return {
        table: [_translated(row, table, times, places) for row in rows]
        for table, rows in added.items()
    }


def _in_order(added: dict[_Table, list[Row]]) -> dict[Any, int]:
    """Return the times of rows, each with the number of earlier ones."""
    found = {row[place] for table, rows in added.items() for row in rows for place in table.times}
    return {time: number for number, time in enumerate(sorted(found - {None}))}


def _translated(row: Row, table: _Table, times: dict[Any, Any], users: dict[Any, Any]) -> Row:
    values = list(row)
    for places, translations in ((table.times, times), (table.users, users)):
        for place in places:
            if values[place] is not None:
                values[place] = translations[values[place]]
    return tuple(values)


def _digest(tables: dict[_Table, dict[Any, Row]]) -> str:
    """Return what identifies the content of tables, without times and users."""
    digest = sha256()
    for table, rows in tables.items():
        if rows:
            left_out = table.times | table.users
            kept = [place for place in range(len(table.columns)) if place not in left_out]
            content = sorted(repr([row[place] for place in kept]) for row in rows.values())
            digest.update(repr((table.name, content)).encode())
    return digest.hexdigest()
