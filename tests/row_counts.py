"""Counts the rows of all tables, to see that something wrote or did not write any."""

from functools import cache

from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import Model

from trail.data_version import DataChange
from trail.events import Event

NOTES: tuple[type[Model], ...] = (Session, Event, DataChange)
"""What a request may write that changes nothing else."""


def row_counts(*, left_out: tuple[type[Model], ...] = ()) -> dict[str, int]:
    """Return the number of rows of each table, including history."""
    with connection.cursor() as cursor:
        cursor.execute(_counting(left_out))
        return dict(cursor.fetchall())


@cache
def _counting(left_out: tuple[type[Model], ...]) -> str:
    """Return one query for all tables: one for each takes longer than most of what is watched."""
    tables = {model._meta.db_table for model in apps.get_models() if model not in left_out}
    return " UNION ALL ".join(f"SELECT '{one}', COUNT(*) FROM {one}" for one in sorted(tables))
