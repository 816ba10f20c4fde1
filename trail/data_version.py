"""Tells whether stored data has changed: what was computed from it can be cached until then.

Triggers of the database note each write to a table, whoever writes: a page, a command, another
process, raw SQL. `data_version` reads their notes in one query. Log-ins, sessions and the event log
are not noted: no page about a plan depends on them.

On SQLite a table has one note, whose number each written row raises. PostgreSQL has a note for each
statement, with the number of its transaction, so that writers never wait for one another; old ones
are deleted now and then. While a migration runs, the triggers are away and there are no notes.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Iterator
from contextvars import ContextVar
from functools import partial
from threading import Lock
from typing import Any, Generic, TypeAlias, TypeVar
from weakref import WeakSet

from django.apps import apps
from django.core.checks import CheckMessage
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, models

from trail.triggers import faults_of_triggers, working_triggers

DataVersion: TypeAlias = frozenset[tuple[str, int, int, int]]
"""For each table that was written: its name, newest note, number of notes and sum of numbers."""

T = TypeVar("T")

NOT_NOTED = {"admin", "axes", "contenttypes", "otp_static", "otp_totp", "sessions"}
"""Labels of apps on whose tables no page about a plan depends."""

_UNSEEN_COLUMNS = {"accounts_user": {"last_login"}}
"""Columns whose change alone is not noted: each log-in writes it."""

_PREFIX = "noted_"
_FUNCTION = "accounts_note_change"
_XACT = "pg_current_xact_id()::text::bigint"
_DELETED_EVERY = 2
"""Notes of a table after which its older ones are deleted, on average (PostgreSQL)."""

EPOCH = ""
"""The note of each migration, in place of a table: what was cached before it is useless."""


class DataChange(models.Model):
    """A note of a trigger; nothing else writes here."""

    table_name = models.CharField("表", max_length=63)
    number = models.BigIntegerField("番号")

    class Meta:
        app_label = "accounts"
        verbose_name = "データの変更の印"
        verbose_name_plural = "データの変更の印"
        default_permissions = ()
        indexes = [models.Index(fields=["table_name"], name="data_change_table")]

    def __str__(self) -> str:
        return f"{self.table_name} {self.number}"


def data_version() -> DataVersion | None:
    """Return what differs after each write to the database; one query.

    None inside a transaction, which may have written what is rolled back later, and while a
    migration runs.
    """
    if in_transaction():
        return None
    found = _summed_notes()
    return frozenset(found) if any(table == EPOCH for table, *_ in found) else None


def _summed_notes() -> list[tuple[str, int, int, int]]:
    """Return newest note, number of notes and sum of numbers of each table.

    A public page asks nothing else: Django's own check whether a kept connection still works would
    double the number of queries. If it does not work, the query fails and is sent once more.
    """
    connection: Any = connections[DEFAULT_DB_ALIAS]
    may_be_broken = connection.health_check_enabled and not connection.health_check_done
    connection.health_check_done = True
    try:
        return _ask_for_notes(connection)
    except DatabaseError:
        if not may_be_broken or connection.is_usable():
            raise
        connection.close()
        return _ask_for_notes(connection)


def _ask_for_notes(connection: Any) -> list[tuple[str, int, int, int]]:
    # Each page runs this query: as plain SQL it takes a tenth of the time.
    query = (
        "SELECT table_name, MAX(id), COUNT(id), CAST(SUM(number) AS bigint) "
        f"FROM {DataChange._meta.db_table} GROUP BY table_name"
    )
    if connection.vendor == "postgresql" and connection.settings_dict["CONN_MAX_AGE"]:
        query = _planned(connection, query)
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


_have_plan: WeakSet[Any] = WeakSet()
"""The connections to PostgreSQL that have planned the query."""


def _planned(connection: Any, query: str) -> str:
    """Return the statement that runs the query by a plan that is made once for each connection.

    Planning takes PostgreSQL longer than adding up the notes. A connection for one request alone
    would gain nothing.
    """
    name = f"{DataChange._meta.db_table}_summed"
    connection.ensure_connection()
    if connection.connection not in _have_plan:
        with connection.wrap_database_errors, connection.connection.cursor() as cursor:
            cursor.execute(f"PREPARE {name} AS {query}")
        _have_plan.add(connection.connection)
    return f"EXECUTE {name}"


def in_transaction() -> bool:
    """Return whether what is read may be rolled back later."""
    return connections[DEFAULT_DB_ALIAS].in_atomic_block


class _Reading:
    """What is computed from one version of the data, and kept if nothing was written meanwhile."""

    def __init__(self, version: DataVersion) -> None:
        self.version = version
        self.made: list[Callable[[], None]] = []
        """Called at the end, each keeps a value."""

    def version_of(self, tables: Collection[str]) -> DataVersion:
        """Return the part of the version that some tables have; without any, all of it."""
        if not tables:
            return self.version
        return frozenset(one for one in self.version if one[0] in tables or one[0] == EPOCH)

    def end(self) -> None:
        """Keep what was made, if it belongs to the version."""
        if self.made and data_version() == self.version:
            for keep in self.made:
                keep()


_reading: ContextVar[_Reading | None] = ContextVar("reading", default=None)


class Kept(Generic[T]):
    """Values computed from stored data, kept in this process until anything is written.

    At most `most` are kept, the last used ones. Readers share them and must not change them. What
    is made may get values that are kept in turn, of the same version: two queries for all of them.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = Lock()
        self._values: OrderedDict[Hashable, tuple[DataVersion, T]] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T], tables: Collection[str] = ()) -> T:
        """Return the kept value of a key, or make it.

        `tables` are the only ones that it depends on; without any, it is made again after every
        write.
        """
        if in_transaction():
            return make()
        reading = _reading.get()
        if reading is not None:
            return self._found(reading, key, make, tables)
        version = data_version()
        if version is None:
            return make()
        reading = _Reading(version)
        token = _reading.set(reading)
        try:
            return self._found(reading, key, make, tables)
        finally:
            _reading.reset(token)
            reading.end()

    def _found(
        self, reading: _Reading, key: Hashable, make: Callable[[], T], tables: Collection[str]
    ) -> T:
        version = reading.version_of(tables)
        with self._lock:
            kept = self._values.get(key)
            if kept is not None and kept[0] == version:
                self._values.move_to_end(key)
                return kept[1]
        made = make()
        reading.made.append(partial(self._keep, key, (version, made)))
        return made

    def _keep(self, key: Hashable, value: tuple[DataVersion, T]) -> None:
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            while len(self._values) > self._most:
                self._values.popitem(last=False)


def take_triggers_away(**kwargs: Any) -> None:
    """Drop the triggers and empty the table (pre_migrate): nothing is kept during a migration.

    SQLite refuses to rename a table while a trigger of another one names a table that is missing.
    Created again each time, they are those of this version, even if it has no migration.
    """
    connection = connections[kwargs.get("using", DEFAULT_DB_ALIAS)]
    with connection.cursor() as cursor:
        for name, table in working_triggers(connection).items():
            if name.startswith(_PREFIX):
                on_table = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER {name}{on_table}")
        if DataChange._meta.db_table in connection.introspection.table_names(cursor):
            cursor.execute(f"DELETE FROM {DataChange._meta.db_table}")


def make_triggers(**kwargs: Any) -> None:
    """Make the triggers that are missing, and note the migration itself (post_migrate)."""
    connection = connections[kwargs.get("using", DEFAULT_DB_ALIAS)]
    notes = DataChange._meta.db_table
    missing = missing_triggers(connection)
    with connection.cursor() as cursor:
        if notes not in connection.introspection.table_names(cursor):
            return  # migrated back to before this table
        if connection.vendor == "postgresql":
            cursor.execute(_postgresql_function())
        for table, event in missing:
            cursor.execute(_statement(connection.vendor, table, event))
        if connection.vendor == "postgresql":
            cursor.execute(f"INSERT INTO {notes} (table_name, number) VALUES ('{EPOCH}', {_XACT})")
        else:
            for statement in _sqlite_note(EPOCH):
                cursor.execute(statement)


def missing_triggers(connection: Any) -> list[tuple[str, str]]:
    """Return table and event of each trigger that the database lacks."""
    there = set(connection.introspection.table_names())
    existing = working_triggers(connection)
    return [
        (table, event)
        for table in _noted_tables()
        for event in _events(connection.vendor, table)
        if table in there and _name(table, event) not in existing
    ]


def check_triggers(databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Return an error if a trigger is missing: pages would not show what is written there."""
    return faults_of_triggers(databases, _problems, "trail.E001")


def _problems(connection: Any) -> Iterator[str]:
    if DataChange._meta.db_table not in connection.introspection.table_names():
        return  # not migrated yet, which migrate reports
    if missing := missing_triggers(connection):
        tables = "、".join(sorted({table for table, _ in missing}))
        yield f"データの変更を記録するトリガーがない表があります：{tables}"


def _noted_tables() -> Iterator[str]:
    from trail.events import Event

    for model in apps.get_models(include_auto_created=True):
        meta = model._meta
        is_table = meta.managed and not meta.proxy
        if is_table and meta.app_label not in NOT_NOTED and model not in (DataChange, Event):
            yield meta.db_table


def _events(vendor: str, table: str) -> tuple[str, ...]:
    return ("INSERT", "UPDATE", "DELETE", *(("TRUNCATE",) if vendor == "postgresql" else ()))


def _name(table: str, event: str) -> str:
    return f"{_PREFIX}{table}_{event.lower()}"


def _statement(vendor: str, table: str, event: str) -> str:
    """Return the statement that makes a trigger."""
    head = f"CREATE TRIGGER {_name(table, event)} AFTER {event}{_columns(table, event)} ON {table}"
    if vendor == "postgresql":
        return f"{head} FOR EACH STATEMENT EXECUTE FUNCTION {_FUNCTION}()"
    return f"{head} BEGIN {'; '.join(_sqlite_note(table))}; END"


def _columns(table: str, event: str) -> str:
    """Return the columns whose change is noted; "" for all."""
    unseen = _UNSEEN_COLUMNS.get(table)
    if event != "UPDATE" or not unseen:
        return ""
    (model,) = (one for one in apps.get_models() if one._meta.db_table == table)
    columns = (field.column for field in model._meta.concrete_fields)
    return f" OF {', '.join(one for one in columns if one not in unseen)}"


def _sqlite_note(table: str) -> tuple[str, str]:
    """Return what raises the number of a table. A first note has a number of its own."""
    notes = DataChange._meta.db_table
    return (
        f"UPDATE {notes} SET number = number + 1 WHERE table_name = '{table}'",
        f"INSERT INTO {notes} (table_name, number) SELECT '{table}', random() / 4 "
        f"WHERE NOT EXISTS (SELECT 1 FROM {notes} WHERE table_name = '{table}')",
    )


def _postgresql_function() -> str:
    """Return the trigger's function. A table keeps its newest notes.

    Rows locked by others stay: nobody waits to delete. Which note deletes is left to chance: a
    rule by its number might pass by the same table at each save, whose notes come in one order.
    Notes of later transactions stay, so that one that adds as many as it deletes has another sum
    of numbers.
    """
    notes = DataChange._meta.db_table
    return f"""
        CREATE OR REPLACE FUNCTION {_FUNCTION}() RETURNS trigger AS $$
        DECLARE noted bigint;
        BEGIN
            INSERT INTO {notes} (table_name, number)
            VALUES (TG_TABLE_NAME, {_XACT}) RETURNING id INTO noted;
            IF random() * {_DELETED_EVERY} < 1 THEN
                DELETE FROM {notes} WHERE id IN (
                    SELECT id FROM {notes}
                    WHERE table_name = TG_TABLE_NAME AND id < noted AND number <= {_XACT}
                    FOR UPDATE SKIP LOCKED
                );
            END IF;
            RETURN NULL;
        END $$ LANGUAGE plpgsql
    """
