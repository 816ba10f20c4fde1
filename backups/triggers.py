"""Lays the triggers of the database down while rows are put back, and makes them at the end.

Those that keep editions let rows in only in the order in which people made them: not a file into a
sealed edition, nor the withdrawal of one that a newer edition has followed. Those that note changes
start anew, so that a server that runs on shows nothing that it has kept.
"""

from django.db import connection, transaction

from reviews.editions.guard import drop_guards, guard_editions
from trail.data_version import make_triggers, take_triggers_away


def lay_triggers_down() -> None:
    """Remove all triggers, and the notes of what has changed."""
    take_triggers_away(using=connection.alias)
    drop_guards(connection)


def make_triggers_anew() -> None:
    """Make all triggers as this program wants them, and note that all data are others now."""
    with transaction.atomic():
        lay_triggers_down()
        make_triggers(using=connection.alias)
        guard_editions(using=connection.alias)
