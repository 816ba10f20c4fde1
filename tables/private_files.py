"""What differs between the places for private files: a folder, or an object store."""

import os
from datetime import datetime
from typing import Any

from django.core.files.storage import FileSystemStorage, Storage


def is_folder(storage: Storage) -> bool:
    """Return whether files are in a folder of this machine, or one that it has mounted."""
    return isinstance(storage, FileSystemStorage)


def bring_to_disk(storage: Storage, name: str) -> None:
    """Return once a saved file would survive a power cut; an object store ensures that itself."""
    if is_folder(storage):
        with storage.open(name) as file:
            os.fsync(file.fileno())


def place_of_file(storage: Storage, name: str = "") -> str:
    """Return where a file is, or all files, in words for the people who run the server."""
    if is_folder(storage):
        return storage.path(name)
    place: str = _objects(storage).place_of(name)
    return place


def modified_times(storage: Storage) -> dict[str, datetime]:
    """Return when each file was written."""
    if not is_folder(storage):
        times: dict[str, datetime] = _objects(storage).modified_times()
        return times
    times = {}
    for name in storage.listdir("")[1] if storage.exists("") else []:
        try:
            times[name] = storage.get_modified_time(name)
        except FileNotFoundError:
            continue  # a request at the same time deleted it first
    return times


def _objects(storage: Storage) -> Any:
    return storage
