"""Stores in a committed database what was stored before, as a copy of that database.

For tests with the live server, whose database is emptied after each: what takes seconds to make is
made once in a process. A fixture that holds its rows in a transaction is cheaper where no other
thread reads them (tests/stored_once.py).
"""

import sqlite3
from collections.abc import Callable
from itertools import count

from django.db import connection
from django.db.models import F

from trail.data_version import DataChange

_copies: dict[str, sqlite3.Connection] = {}
_times = count(1)

A_WHILE = 1_000_000
"""More writes than a test makes."""


def stored_again(name: str, store: Callable[[], object]) -> None:
    """Do what `store` does to an empty database; a name stands for what is stored.

    PostgreSQL has no copy that connections of other threads may stay open for: there it is done.
    """
    if connection.vendor != "sqlite":
        store()
        return
    connection.ensure_connection()
    if name not in _copies:
        store()
        _copies[name] = sqlite3.connect(":memory:")
        connection.connection.backup(_copies[name])
        return
    _copies[name].backup(connection.connection)
    # The notes of writes were copied, too. What was kept of the rows of another test, after as many
    # writes as here, would be taken for what this one has written.
    DataChange.objects.update(number=F("number") + A_WHILE * next(_times))
