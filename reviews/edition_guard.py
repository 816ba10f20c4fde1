"""Triggers with which the database refuses to change or delete an edition, raw SQL included.

They are made after each migrate: rebuilding a table on SQLite drops its triggers without a word.
"""

from typing import Any

from django.core.checks import CheckMessage, Error
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.utils import DatabaseError

TABLES = ("reviews_edition", "reviews_editionfile")
ACTIONS = ("UPDATE", "DELETE")
MESSAGE = "検証調書は、確定した後に変更も削除もできません。"


def _name(table: str, action: str) -> str:
    return f"{table}_no_{action.lower()}"


def guard_editions(**kwargs: Any) -> None:
    """Make the triggers where they are missing; called after each migrate."""
    connection = connections[kwargs.get("using", DEFAULT_DB_ALIAS)]
    there = set(connection.introspection.table_names())
    missing = [pair for pair in missing_triggers(connection) if pair[0] in there]
    with connection.cursor() as cursor:
        for table, action in missing:
            for statement in _statements(connection.vendor, table, action):
                cursor.execute(statement)


def _statements(vendor: str, table: str, action: str) -> list[str]:
    name = _name(table, action)
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER {name} BEFORE {action} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
        ]
    statements = [
        "CREATE OR REPLACE FUNCTION reviews_refuse() RETURNS trigger AS "
        f"$$ BEGIN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; "
        "END $$ LANGUAGE plpgsql",
        f"CREATE TRIGGER {name} BEFORE {action} ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION reviews_refuse()",
    ]
    if action == "DELETE":
        statements.append(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION reviews_refuse()"
        )
    return statements


def missing_triggers(connection: Any) -> list[tuple[str, str]]:
    """Return table and action of each trigger that the database lacks."""
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        names = {row[0] for row in cursor.fetchall()}
    return [
        (table, action)
        for table in TABLES
        for action in ACTIONS
        if _name(table, action) not in names
    ]


def check_guard(databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Return an error for each trigger that is missing in a database that has the tables."""
    errors: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        try:
            there = set(connection.introspection.table_names())
            missing = [pair for pair in missing_triggers(connection) if pair[0] in there]
        except DatabaseError:
            continue  # another check says that the database cannot be reached
        errors += [
            Error(
                f"検証調書の表 {table} に、トリガー {_name(table, action)} がありません。",
                hint="manage.py migrate を実行してください。",
                id="reviews.E001",
            )
            for table, action in missing
        ]
    return errors
