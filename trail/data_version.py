"""Tells whether stored data has changed: what was computed from it can be kept until then.

Triggers of the database note each write to a table, whoever writes: a page, a command, another
process, raw SQL. `data_version` reads their notes in one query. Log-ins, sessions and the event log
are not noted: no page about a plan depends on them.

On SQLite there is one row whose number each written row raises. PostgreSQL has a row for each
statement, with the number of its transaction, so that writers never wait for one another; old rows
are deleted now and then. While a migration runs, the triggers are away and the table is empty.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from threading import Lock
from typing import Any, Generic, TypeAlias, TypeVar

from django.apps import apps
from django.core.checks import CheckMessage, Error
from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.utils import DatabaseError

DataVersion: TypeAlias = tuple[int, int, int]
T = TypeVar("T")

NOT_NOTED = {"admin", "axes", "contenttypes", "sessions"}
"""Labels of apps on whose tables no page about a plan depends."""

_UNSEEN_COLUMNS = {"accounts_user": {"last_login"}}
"""Columns whose change alone is not noted: each log-in writes it."""

_FUNCTION = "accounts_note_change"


class DataChange(models.Model):
    """A note of a trigger; nothing else writes here."""

    number = models.BigIntegerField("番号")

    class Meta:
        app_label = "accounts"
        verbose_name = "データの変更の印"
        verbose_name_plural = "データの変更の印"
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.number)


def data_version() -> DataVersion | None:
    """Return what differs after each write to the database; one query.

    None inside a transaction, which may have written what is rolled back later, and while a
    migration runs.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.in_atomic_block:
        return None
    # Each page asks this: written out, it takes a tenth of the time.
    query = f"SELECT MAX(id), COUNT(id), SUM(number) FROM {DataChange._meta.db_table}"
    with connection.cursor() as cursor:
        cursor.execute(query)
        last, count, total = cursor.fetchone()
    return (last, count, int(total)) if count else None


class Kept(Generic[T]):
    """Values computed from stored data, kept in this process until anything is written.

    At most `most` are kept, the last used ones. Readers share them and must not change them.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = Lock()
        self._version: DataVersion | None = None
        self._values: OrderedDict[Hashable, T] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return the kept value of a key, or make it."""
        version = data_version()
        if version is None:
            return make()
        with self._lock:
            if self._version == version and key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        made = make()
        # Only what was read without a write in between belongs to the version.
        if data_version() == version:
            self._keep(version, key, made)
        return made

    def _keep(self, version: DataVersion, key: Hashable, made: T) -> None:
        with self._lock:
            if self._version != version:
                self._values.clear()
                self._version = version
            self._values[key] = made
            while len(self._values) > self._most:
                self._values.popitem(last=False)


def take_triggers_away(**kwargs: Any) -> None:
    """Drop the triggers and empty the table (pre_migrate): nothing is kept during a migration.

    SQLite refuses to rename a table while a trigger of another one names a table that is missing.
    """
    connection = connections[kwargs.get("using", DEFAULT_DB_ALIAS)]
    with connection.cursor() as cursor:
        for name, table in _existing_triggers(connection):
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
            cursor.execute(_postgresql_function(notes))
        for table, event in missing:
            cursor.execute(_statement(connection.vendor, table, event))
        if connection.vendor == "postgresql":
            cursor.execute(
                f"INSERT INTO {notes} (number) VALUES (pg_current_xact_id()::text::bigint)"
            )
        else:
            for statement in _sqlite_note(notes):
                cursor.execute(statement)


def missing_triggers(connection: Any) -> list[tuple[str, str]]:
    """Return table and event of each trigger that the database lacks."""
    there = set(connection.introspection.table_names())
    existing = {name for name, _ in _existing_triggers(connection)}
    return [
        (table, event)
        for table in _noted_tables()
        for event in _events(connection.vendor, table)
        if table in there and _name(table, event) not in existing
    ]


def check_triggers(databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Return an error if a trigger is missing: pages would not show what is written there."""
    errors: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        try:
            if DataChange._meta.db_table not in connection.introspection.table_names():
                continue  # not migrated yet, which migrate tells
            missing = missing_triggers(connection)
        except DatabaseError:
            continue  # another check says that the database cannot be reached
        if missing:
            tables = "、".join(sorted({table for table, _ in missing}))
            errors.append(
                Error(
                    f"データの変更を記録するトリガーがない表があります：{tables}",
                    hint="manage.py migrate を実行してください。",
                    id="trail.E001",
                )
            )
    return errors


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
    return f"noted_{table}_{event.lower()}"


def _existing_triggers(connection: Any) -> list[tuple[str, str]]:
    """Return name and table of our triggers."""
    query = (
        "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        else "SELECT tgname, tgrelid::regclass::text FROM pg_trigger "
        "WHERE NOT tgisinternal AND tgenabled <> 'D'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [(name, table) for name, table in cursor.fetchall() if name.startswith("noted_")]


def _statement(vendor: str, table: str, event: str) -> str:
    """Return the statement that makes a trigger."""
    head = f"CREATE TRIGGER {_name(table, event)} AFTER {event}{_columns(table, event)} ON {table}"
    if vendor == "postgresql":
        return f"{head} FOR EACH STATEMENT EXECUTE FUNCTION {_FUNCTION}()"
    return f"{head} BEGIN {'; '.join(_sqlite_note(DataChange._meta.db_table))}; END"


def _columns(table: str, event: str) -> str:
    """Return the columns whose change is noted; "" for all."""
    unseen = _UNSEEN_COLUMNS.get(table)
    if event != "UPDATE" or not unseen:
        return ""
    (model,) = (one for one in apps.get_models() if one._meta.db_table == table)
    columns = (field.column for field in model._meta.concrete_fields)
    return f" OF {', '.join(one for one in columns if one not in unseen)}"


def _sqlite_note(notes: str) -> tuple[str, str]:
    """Return what raises the number. An emptied table begins at a number of its own."""
    return (
        f"UPDATE {notes} SET number = number + 1",
        f"INSERT INTO {notes} (number) SELECT random() / 4 "
        f"WHERE NOT EXISTS (SELECT 1 FROM {notes})",
    )


def _postgresql_function(notes: str) -> str:
    """Return the trigger's function. Rows locked by others stay: nobody waits to delete."""
    return f"""
        CREATE OR REPLACE FUNCTION {_FUNCTION}() RETURNS trigger AS $$
        DECLARE noted bigint;
        BEGIN
            INSERT INTO {notes} (number) VALUES (pg_current_xact_id()::text::bigint)
            RETURNING id INTO noted;
            IF noted % 256 = 0 THEN
                DELETE FROM {notes} WHERE id IN (
                    SELECT id FROM {notes} WHERE id < noted - 256 FOR UPDATE SKIP LOCKED
                );
            END IF;
            RETURN NULL;
        END $$ LANGUAGE plpgsql
    """
