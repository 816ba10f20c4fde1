"""The generated signing key of an installation without SECRET_KEY."""

import os
from pathlib import Path

from django.core.management.utils import get_random_secret_key

GENERATED_PREFIX = "generated-"
"""Marks a generated key, so that a system check can recognise it."""


def load_or_create_key(path: Path) -> str:
    """Return the key stored at `path`; on first use create it, readable by the owner only.

    Two server processes that start at the same time get the same key: the second one reads what
    the first one wrote.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    key = GENERATED_PREFIX + get_random_secret_key() + get_random_secret_key()
    with os.fdopen(descriptor, "w") as file:
        file.write(key)
    return key
