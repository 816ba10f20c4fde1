"""Places of a server that are held, by file locks, while something costly runs.

The server's processes share nothing else. The system releases the locks whatever happens to a
process.
"""

import fcntl
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.db import connection


def hold(held: ExitStack, name: str, places: int = 1) -> bool:
    """Hold one of so many places until `held` ends; return False, at once, if all are taken."""
    return any(_locked(held, f"{name}-{place}") for place in range(places))


def _locked(held: ExitStack, name: str) -> bool:
    file = held.enter_context((_folder() / name).open("w"))
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _folder() -> Path:
    """Return the folder of the locks; each database has its own."""
    own = sha256(str(connection.settings_dict["NAME"]).encode()).hexdigest()[:16]
    folder = settings.DATA_DIR / "files-being-made" / own
    folder.mkdir(parents=True, exist_ok=True)
    return folder
