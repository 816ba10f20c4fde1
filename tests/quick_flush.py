"""Empties the test database quickly after a test that committed something.

Django empties all tables and then makes content types, permissions and groups again, app by app:
a quarter of a second after each test with a browser. No such test changes them, so they stay.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType

from accounts.roles import sync_groups
from reviews.editions.guard import GUARDS, guards_of, statements
from reviews.models import Edition
from trail.data_version import DataChange

STAYING = {
    model._meta.db_table
    for model in (ContentType, Permission, Group, Group.permissions.through, DataChange)
}


def _flush_of_others(style: Any, connection: Any, **options: Any) -> list[str]:
    """Return the statements that empty all tables but those."""
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    others = [table for table in tables if table not in STAYING]
    if connection.vendor == "postgresql":
        return _deletions(connection, others)
    emptying = connection.ops.sql_flush(style, others, **options)
    if not Edition.objects.exists():
        return emptying
    guards = guards_of(connection.vendor)
    off = [f"DROP TRIGGER {guard.name}" for guard in guards]
    on = [statement for guard in guards for statement in statements(connection.vendor, guard)]
    return [*off, *emptying, *on]


def _deletions(connection: Any, tables: Sequence[str]) -> list[str]:
    """Return the statements that empty tables of PostgreSQL row by row.

    TRUNCATE makes new files for each table and each index, also of an empty one: half a second.
    """
    names = {table: connection.ops.quote_name(table) for table in tables}
    asked = (f"SELECT '{table}' WHERE EXISTS (SELECT FROM {name})" for table, name in names.items())
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(asked))
        full = [table for (table,) in cursor.fetchall()]
    guarded = dict.fromkeys(guard.table for guard in GUARDS)
    # Triggers keep editions from being emptied; their owner may switch them off.
    off, on = (
        [f"ALTER TABLE {table} {switch} TRIGGER USER" for table in guarded if table in full]
        for switch in ("DISABLE", "ENABLE")
    )
    deletions = [f"DELETE FROM {names[table]}" for table in full]
    return [*off, *deletions, "SET CONSTRAINTS ALL IMMEDIATE", *on]


def _set_groups(verbosity: int, interactive: bool, database: str) -> None:
    """Set the permissions of the groups, should a test have changed them after all."""
    sync_groups(using=database)


@contextmanager
def quickly_flushed() -> Iterator[None]:
    """Let the command flush leave what is the same for all tests."""
    command = "django.core.management.commands.flush"
    with (
        patch(f"{command}.sql_flush", _flush_of_others),
        patch(f"{command}.emit_post_migrate_signal", _set_groups),
    ):
        yield
