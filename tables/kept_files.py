"""Private files that are kept for a while: uploads before their confirmation, pages of answers."""

from contextlib import suppress
from datetime import timedelta

from django.core.files.storage import Storage
from django.utils import timezone

from tables.private_files import modified_times


def delete_expired(storage: Storage, max_age: int) -> list[str]:
    """Delete the files that are older than `max_age` seconds; return the others, oldest first.

    A file that cannot be deleted is left to the next call.
    """
    oldest = timezone.now() - timedelta(seconds=max_age)
    kept = []
    for name, at in modified_times(storage).items():
        if at >= oldest:
            kept.append((at, name))
        else:
            delete(storage, name)
    return [name for _, name in sorted(kept)]


def delete(storage: Storage, name: str) -> None:
    """Delete a file, if the disk allows it."""
    with suppress(OSError):
        storage.delete(name)
