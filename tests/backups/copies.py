"""The content of an installation, row by row and file by file, and emptying it for a restore."""

from typing import Any

from django.core.files.storage import storages
from django.core.management import call_command

from backups.rows import copied_models
from trail.events import Event

LOGGED = [Event.Kind.BACKUP, Event.Kind.RESTORE]


def everything() -> dict[str, list[Any]]:
    """Return all rows by table and all files; without the events of backups themselves."""
    rows: dict[str, list[Any]] = {}
    for model in copied_models():
        found = model._base_manager.order_by("pk")
        if model is Event:
            found = found.exclude(kind__in=LOGGED)
        names = [field.attname for field in model._meta.local_concrete_fields]
        rows[model._meta.db_table] = [
            tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)
            for row in found.values_list(*names)
        ]
    return rows | {"files": files()}


def files() -> list[tuple[str, bytes]]:
    storage = storages["evidence"]
    names = storage.listdir("")[1] if storage.exists("") else []
    return [(name, storage.open(name).read()) for name in sorted(names)]


def make_empty() -> None:
    """Leave what a first `migrate` makes."""
    call_command("flush", interactive=False, verbosity=0)
    for name, _ in files():
        storages["evidence"].delete(name)
