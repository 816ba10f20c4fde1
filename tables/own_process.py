"""Runs a function in a process of its own, with limits of time and memory.

No check foresees everything that an uploaded file can cost the libraries that read it, and a file
that is made can have any number of rows. Here either costs only a process that ends: the server's
processes live on, and everybody else is served meanwhile.
"""

import gc
import os
import pickle
import resource
import subprocess
import sys
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from django.conf import settings
from django.db import connection

Result = TypeVar("Result")

WAITING = 10
"""How many times longer than its processor time a process may live, on a busy server."""

_MEGABYTE = 1024 * 1024


class TooExpensive(Exception):
    """The function needed more time or memory than the settings allow."""


class Limits(NamedTuple):
    """Limits of a process: processor seconds, megabytes beyond its first memory, seconds in all."""

    seconds: int
    megabytes: int
    waiting: float


def run(function: Callable[..., Result], *arguments: Any) -> Result:
    """Return the result of a function of a module, or raise what it raised.

    The limits are those of reading an upload. Arguments and result are pickled. The module must not
    need Django's models. Raises TooExpensive.
    """
    seconds = settings.UPLOAD_READ_SECONDS
    limits = Limits(seconds, settings.UPLOAD_READ_MEGABYTES, seconds * WAITING)
    return _outcome(limits, (function, arguments))


def run_with_models(
    limits: Limits, descriptors: Collection[int], function: Callable[..., Result], *arguments: Any
) -> Result:
    """Run a function as in `run`, with Django set up and a connection to the same database.

    The process inherits the open files with these descriptors. It sees what is committed.
    """
    database = {key: connection.settings_dict[key] for key in ("NAME", "OPTIONS")}
    return _outcome(limits, (function, arguments), database, descriptors)


def _outcome(
    limits: Limits,
    call: tuple[Callable[..., Result], tuple[Any, ...]],
    database: Mapping[str, Any] | None = None,
    descriptors: Collection[int] = (),
) -> Result:
    command = [sys.executable, "-m", __name__, str(limits.seconds), str(limits.megabytes)]
    try:
        child = subprocess.run(
            command,
            input=pickle.dumps(database) + pickle.dumps(call),
            stdout=subprocess.PIPE,
            # What a library says of an upload is no fault of ours; of our own code it is.
            stderr=None if database else subprocess.DEVNULL,
            cwd=settings.BASE_DIR,
            timeout=limits.waiting,
            pass_fds=tuple(descriptors),
        )
    except subprocess.TimeoutExpired:
        raise TooExpensive from None
    if child.returncode:
        raise TooExpensive
    is_result, outcome = pickle.loads(child.stdout)
    if not is_result:
        raise outcome
    return outcome


def _set_up(database: Mapping[str, Any]) -> None:
    import django

    django.setup()
    settings.DATABASES["default"].update(database)
    # The process ends soon: searching hundreds of thousands of cells for garbage is no use.
    gc.disable()


def _limit(seconds: int, megabytes: int) -> None:
    # People who enter or read go first.
    os.nice(5)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + megabytes * _MEGABYTE
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _answer(function: Callable[..., Any], arguments: tuple[Any, ...]) -> bytes:
    try:
        return pickle.dumps((True, function(*arguments)))
    except MemoryError:
        raise
    except Exception as error:
        try:
            pickle.loads(pickled := pickle.dumps((False, error)))
        except Exception:  # exceptions of packages need not survive it
            return pickle.dumps((False, ValueError(str(error))))
        return pickled


def main() -> None:
    """Answer on the standard output; end with another code than 0 if there is no answer."""
    sent = sys.stdin.buffer
    if database := pickle.load(sent):
        _set_up(database)
    _limit(*map(int, sys.argv[1:]))
    sys.stdout.buffer.write(_answer(*pickle.load(sent)))


if __name__ == "__main__":
    main()
