"""Places of a server that are held, by file locks, while something costly runs or for a time.

The server's processes share nothing else. The system releases the locks whatever happens to a
process.
"""

import fcntl
import time
from contextlib import ExitStack
from hashlib import sha256
from math import ceil
from pathlib import Path

from django.conf import settings
from django.db import connection


def hold(held: ExitStack, name: str, places: int = 1) -> bool:
    """Hold one of so many places until `held` ends; return False, at once, if all are taken."""
    return any(_locked(held, f"{name}-{place}") for place in range(places))


def occupy(name: str, places: int, seconds: int) -> int:
    """Occupy one of so many places for so many seconds and return 0.

    If all are taken, occupy none and return how many seconds it is until one is free.
    """
    with (_folder() / name).open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        now = time.time()
        # Without times of the future: the clock of the server may have been set back.
        taken = [at for at in map(float, file) if now - seconds < at <= now]
        if len(taken) >= places:
            return max(1, ceil(taken[-places] + seconds - now))
        file.truncate(0)
        file.writelines(f"{at}\n" for at in [*taken, now])
    return 0


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
