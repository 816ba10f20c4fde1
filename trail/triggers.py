"""The triggers in a database, and the check that none is missing."""

from collections.abc import Callable, Iterable
from typing import Any

from django.core.checks import CheckMessage, Error
from django.db import connections
from django.db.utils import DatabaseError

HINT = "manage.py migrate を実行してください。"


def working_triggers(connection: Any) -> dict[str, str]:
    """Return the table of each trigger by its name, without disabled ones."""
    query = (
        "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        else "SELECT tgname, tgrelid::regclass::text FROM pg_trigger "
        "WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return dict(cursor.fetchall())


def faults_of_triggers(
    databases: Iterable[str] | None, problems: Callable[[Any], Iterable[str]], check_id: str
) -> list[CheckMessage]:
    """Return an error for each of the `problems` that are found in a database."""
    errors: list[CheckMessage] = []
    for alias in databases or ():
        try:
            found = list(problems(connections[alias]))
        except DatabaseError:
            continue  # another check reports that the database cannot be reached
        errors += [Error(problem, hint=HINT, id=check_id) for problem in found]
    return errors
