"""Runs a function on an uploaded file in a process of its own, with limits of time and memory.

No check foresees everything that a file can cost the libraries that read it. Here it costs only a
process that ends: the server's processes live on, and everybody else is served meanwhile.
"""

import os
import pickle
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings

Result = TypeVar("Result")

WAITING = 10
"""How many times longer than its processor time a process may live, on a busy server."""

_MEGABYTE = 1024 * 1024


class TooExpensive(Exception):
    """The function needed more time or memory than the settings allow."""


def run(function: Callable[..., Result], *arguments: Any) -> Result:
    """Return the result of a function of a module, or raise what it raised.

    Arguments and result are pickled. The module must not need Django's models. Raises TooExpensive.
    """
    seconds = settings.UPLOAD_READ_SECONDS
    command = [sys.executable, "-m", __name__, str(seconds), str(settings.UPLOAD_READ_MEGABYTES)]
    try:
        child = subprocess.run(
            command,
            input=pickle.dumps((function, arguments)),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=settings.BASE_DIR,
            timeout=seconds * WAITING,
        )
    except subprocess.TimeoutExpired:
        raise TooExpensive from None
    if child.returncode:
        raise TooExpensive
    is_result, outcome = pickle.loads(child.stdout)
    if not is_result:
        raise outcome
    return outcome


def _limit(seconds: int, megabytes: int) -> None:
    # Everybody else goes first.
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
    _limit(*map(int, sys.argv[1:]))
    sys.stdout.buffer.write(_answer(*pickle.load(sys.stdin.buffer)))


if __name__ == "__main__":
    main()
