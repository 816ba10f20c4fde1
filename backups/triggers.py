"""Drops the triggers of the database while rows are restored, and creates them again at the end.

Those that protect editions accept rows only in the order in which people made them: no file for a
sealed edition, no withdrawal of one that a newer edition has followed. Those that note changes
start from scratch, so that a server that keeps running shows nothing from its cache.
"""

from django.db import connection, transaction

from reviews.editions.guard import drop_guards, guard_editions
from trail.data_version import make_triggers, take_triggers_away


def lay_triggers_down() -> None:
    """Remove all triggers, and the notes of what has changed."""
    take_triggers_away(using=connection.alias)
    drop_guards(connection)


def make_triggers_anew() -> None:
    """Make all triggers as this version defines them, and note that all data have changed."""
    with transaction.atomic():
        lay_triggers_down()
        make_triggers(using=connection.alias)
        guard_editions(using=connection.alias)
