"""The signing key of an installation that was given none."""

import os
from pathlib import Path

from django.core.management.utils import get_random_secret_key

GENERATED_PREFIX = "generated-"
"""Marks a key that nobody chose, so that a system check can tell."""


def load_or_create_key(path: Path) -> str:
    """Return the key stored at `path`; on first use create it, readable by the owner only.

    Two server processes that start at once get the same key: the one that comes second reads
    what the first wrote.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    key = GENERATED_PREFIX + get_random_secret_key() + get_random_secret_key()
    with os.fdopen(descriptor, "w") as file:
        file.write(key)
    return key
