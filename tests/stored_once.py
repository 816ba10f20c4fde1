"""Stores what all tests of a module begin with once, and lets no test change it for another."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction


@contextmanager
def stored_once(blocker: Any) -> Iterator[None]:
    """Keep rows that are stored within until the end, inside a transaction around those of tests.

    For a fixture of a module; `blocker` is pytest-django's `django_db_blocker`. A test's own
    transaction undoes what the test changes in the database. Objects are not undone: hand each
    test a copy (`copy.deepcopy`).
    """
    with blocker.unblock(), transaction.atomic():
        # To our code and to Django it is a transaction of tests, not one that somebody began.
        connection.atomic_blocks[-1]._from_testcase = True
        yield
        transaction.set_rollback(True)
