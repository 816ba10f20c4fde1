"""Which migrations this program has: a database or a backup with others is of a newer version."""

from collections.abc import Iterable

from django.db.migrations.loader import MigrationLoader

MigrationName = tuple[str, str]
"""App and name."""


def unknown_migrations(
    loader: MigrationLoader, applied: Iterable[MigrationName]
) -> list[MigrationName]:
    """Return those of the applied migrations that are of another version, in order of name."""
    known = set(loader.disk_migrations)
    for migration in loader.disk_migrations.values():
        known.update(migration.replaces)
    return sorted(set(applied) - known)
