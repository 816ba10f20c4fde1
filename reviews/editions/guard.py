"""Triggers with which the database keeps editions as they were fixed, raw SQL included.

They refuse every change of an edition and of its files, and what would undo publication or
withdrawal. They are made after each migrate: rebuilding a table on SQLite drops its triggers
silently, and the triggers of other tables that name it make the rebuild fail, so that a migrate
starts without them there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.checks import CheckMessage
from django.db import DEFAULT_DB_ALIAS, connections, transaction

from trail.triggers import faults_of_triggers, working_triggers

UNCHANGED = "検証調書は、確定した後に変更も削除もできません。"
PUBLISHED_ONCE = (
    "検証調書の公表は、一度だけで、取り消せません。取下げの申出がある号は公表できません。"
)
WITHDRAWN_BY_TWO = (
    "取り下げられるのは、公表していない、最後に確定した号だけです。申し出た人とは別の企画担当が認め、"
    "認めた後は変えられません。"
)


@dataclass(frozen=True)
class Guard:
    """A trigger before an action on a table: it refuses with `message` where `when` is true.

    `when` is SQL of both databases about NEW and OLD; "" refuses always. With `locks`, PostgreSQL
    locks the row of the plan of the edition NEW.edition_id first, so that two transactions that
    exclude each other cannot both find nothing. SQLite has one writer at a time anyway.
    """

    table: str
    action: str
    message: str
    when: str = ""
    locks: bool = False

    @property
    def name(self) -> str:
        """The name of the trigger, and of its function on PostgreSQL."""
        return f"{self.table}_no_{self.action.lower()}"


def _there(table: str, *columns: str) -> str:
    """Return SQL: whether a row has the id of NEW, or the same values in these columns.

    INSERT OR REPLACE deletes that row on SQLite, and no DELETE trigger notices.
    """
    same = " AND ".join(f"o.{column} = NEW.{column}" for column in columns)
    return f"EXISTS (SELECT 1 FROM {table} o WHERE o.id = NEW.id OR ({same}))"


def _beside(table: str) -> str:
    """Return SQL: whether a table has a row of the edition of NEW."""
    return f"EXISTS (SELECT 1 FROM {table} b WHERE b.edition_id = NEW.edition_id)"


_NEWER_STANDS = (
    "EXISTS (SELECT 1 FROM reviews_edition e JOIN reviews_edition o "
    "ON o.strategy_id = e.strategy_id AND o.number > e.number "
    "LEFT JOIN reviews_withdrawal w ON w.edition_id = o.id "
    "WHERE e.id = NEW.edition_id AND w.agreed_by_id IS NULL)"
)
_NOT_BY_TWO = (
    "(NEW.agreed_by_id IS NOT NULL AND "
    "(NEW.asked_by_id IS NULL OR NEW.asked_by_id = NEW.agreed_by_id))"
)
_NOT_WITHDRAWABLE = f"{_beside('reviews_publication')} OR {_NEWER_STANDS} OR {_NOT_BY_TWO}"
_OF_ANOTHER = "NEW.id <> OLD.id OR NEW.edition_id <> OLD.edition_id"


def _added_once(table: str, when_there: str) -> tuple[Guard, ...]:
    """Return the guards of a table whose rows are added once and stay as they are."""
    actions = (("UPDATE", ""), ("DELETE", ""), ("TRUNCATE", ""), ("INSERT", when_there))
    return tuple(Guard(table, action, UNCHANGED, when) for action, when in actions)


GUARDS: tuple[Guard, ...] = (
    *_added_once("reviews_edition", _there("reviews_edition", "strategy_id", "number")),
    *_added_once(
        "reviews_editionfile",
        f"{_there('reviews_editionfile', 'edition_id', 'kind')} "
        f"OR {_beside('reviews_editionseal')}",
    ),
    *_added_once("reviews_editionseal", _there("reviews_editionseal", "edition_id")),
    Guard(
        "reviews_publication",
        "INSERT",
        PUBLISHED_ONCE,
        f"{_there('reviews_publication', 'edition_id')} OR {_beside('reviews_withdrawal')}",
        locks=True,
    ),
    Guard("reviews_publication", "UPDATE", PUBLISHED_ONCE, _OF_ANOTHER),
    Guard("reviews_publication", "DELETE", PUBLISHED_ONCE),
    Guard("reviews_publication", "TRUNCATE", PUBLISHED_ONCE),
    Guard(
        "reviews_withdrawal",
        "INSERT",
        WITHDRAWN_BY_TWO,
        f"{_there('reviews_withdrawal', 'edition_id')} OR {_NOT_WITHDRAWABLE}",
        locks=True,
    ),
    Guard(
        "reviews_withdrawal",
        "UPDATE",
        WITHDRAWN_BY_TWO,
        f"OLD.agreed_by_id IS NOT NULL OR {_OF_ANOTHER} OR NEW.asked_by_id <> OLD.asked_by_id "
        f"OR {_NOT_WITHDRAWABLE}",
        locks=True,
    ),
    Guard("reviews_withdrawal", "DELETE", WITHDRAWN_BY_TWO, "OLD.agreed_by_id IS NOT NULL"),
    Guard("reviews_withdrawal", "TRUNCATE", WITHDRAWN_BY_TWO),
)


def guard_editions(**kwargs: Any) -> None:
    """Make the triggers, replacing existing ones; called after each migrate."""
    using = kwargs.get("using", DEFAULT_DB_ALIAS)
    connection = connections[using]
    there = set(connection.introspection.table_names())
    with transaction.atomic(using=using), connection.cursor() as cursor:
        for guard in guards_of(connection.vendor):
            if guard.table in there:
                for statement in statements(connection.vendor, guard):
                    cursor.execute(statement)


def lay_guard_down(**kwargs: Any) -> None:
    """Remove the triggers on SQLite before migrations are carried out."""
    connection = connections[kwargs.get("using", DEFAULT_DB_ALIAS)]
    if connection.vendor == "sqlite" and kwargs.get("plan"):
        drop_guards(connection)


def drop_guards(connection: Any) -> None:
    """Remove the triggers; on PostgreSQL, all tables must be there."""
    with connection.cursor() as cursor:
        for guard in guards_of(connection.vendor):
            on_table = f" ON {guard.table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {guard.name}{on_table}")


def guards_of(vendor: str) -> list[Guard]:
    """Return the guards that a kind of database needs; SQLite knows no TRUNCATE."""
    return [one for one in GUARDS if one.action != "TRUNCATE" or vendor != "sqlite"]


def statements(vendor: str, guard: Guard) -> list[str]:
    """Return the SQL that makes a trigger, instead of an earlier one of its name."""
    name, table = guard.name, guard.table
    if vendor == "sqlite":
        when = f"WHEN {guard.when} " if guard.when else ""
        return [
            f"DROP TRIGGER IF EXISTS {name}",
            f"CREATE TRIGGER {name} BEFORE {guard.action} ON {table} {when}"
            f"BEGIN SELECT RAISE(ABORT, '{guard.message}'); END",
        ]
    lock = (
        "PERFORM 1 FROM goals_strategy WHERE id = "
        "(SELECT strategy_id FROM reviews_edition WHERE id = NEW.edition_id) FOR UPDATE; "
    )
    row = "STATEMENT" if guard.action == "TRUNCATE" else "ROW"
    return [
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger AS $$ BEGIN "
        f"{lock if guard.locks else ''}IF {guard.when or 'true'} THEN "
        f"RAISE EXCEPTION '{guard.message}' USING ERRCODE = 'integrity_constraint_violation'; "
        f"END IF; RETURN {'OLD' if guard.action == 'DELETE' else 'NEW'}; END $$ LANGUAGE plpgsql",
        f"DROP TRIGGER IF EXISTS {name} ON {table}",
        f"CREATE TRIGGER {name} BEFORE {guard.action} ON {table} "
        f"FOR EACH {row} EXECUTE FUNCTION {name}()",
    ]


def missing_triggers(connection: Any) -> list[Guard]:
    """Return the guards that the database lacks, or that are disabled."""
    names = working_triggers(connection)
    return [guard for guard in guards_of(connection.vendor) if guard.name not in names]


def check_guard(databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Return an error for each trigger that is missing in a database that has the tables."""
    return faults_of_triggers(databases, _problems, "reviews.E001")


def _problems(connection: Any) -> Iterator[str]:
    there = set(connection.introspection.table_names())
    for guard in missing_triggers(connection):
        if guard.table in there:
            yield f"検証調書の表 {guard.table} に、トリガー {guard.name} がありません。"
