"""Runs a function in a process of its own, with limits of time and memory.

No check foresees everything that an uploaded file can cost the libraries that read it, and a
generated file can have any number of rows. Here the worst case is that one process ends: the
server's processes survive and keep serving everybody else.
"""

import gc
import logging
import os
import pickle
import resource
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from django.conf import settings
from django.db import connection

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

WAITING = 10
"""How many times longer than its processor time a process may live, on a busy server."""

_MEGABYTE = 1024 * 1024

_OUT_OF_MEMORY = 3
"""Exit code of a process whose memory did not suffice."""

_AT_A_LIMIT = {_OUT_OF_MEMORY, -signal.SIGXCPU, -signal.SIGKILL}
"""Exit codes at a limit; the system kills where the whole server has no memory left."""


class TooExpensive(Exception):
    """The function needed more time or memory than the settings allow."""


class Crashed(Exception):
    """The process ended without an answer, and not because of its limits: a fault of the server."""


class InTheProcess(Exception):
    """The traceback of an exception as the process saw it; the cause of what `run` raises."""


class Limits(NamedTuple):
    """Limits of a process: processor seconds, megabytes beyond its first memory, seconds in all."""

    seconds: int
    megabytes: int
    waiting: float


def run(function: Callable[..., Result], *arguments: Any) -> Result:
    """Return the result of a function of a module, or raise what it raised.

    The limits are those of reading an upload. Arguments and result are pickled. The module must not
    need Django's models. Raises TooExpensive, or Crashed, which is logged.
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
    most = [str(limits.seconds), str(limits.megabytes)]
    command = [sys.executable, "-X", "faulthandler", "-m", __name__, *most]
    try:
        child = subprocess.run(
            command,
            input=pickle.dumps(database) + pickle.dumps(call),
            stdout=subprocess.PIPE,
            # Warnings of a library about an upload matter only if the process crashes.
            stderr=None if database else subprocess.PIPE,
            cwd=settings.BASE_DIR,
            timeout=limits.waiting,
            pass_fds=tuple(descriptors),
        )
    except subprocess.TimeoutExpired:
        raise TooExpensive from None
    except OSError as error:
        logger.exception("プロセスを始められませんでした")
        raise Crashed(str(error)) from error
    if child.returncode in _AT_A_LIMIT:
        raise TooExpensive
    if child.returncode:
        said = (child.stderr or b"").decode(errors="replace")
        logger.error(
            "プロセスが異常終了しました（終了コード%d）\n%s", child.returncode, said[-5000:]
        )
        raise Crashed(f"exit code {child.returncode}")
    outcome, trace = pickle.loads(child.stdout)
    if trace:
        raise outcome from InTheProcess(trace)
    return outcome


def _set_up(database: Mapping[str, Any]) -> None:
    import django

    django.setup()
    settings.DATABASES["default"].update(database)
    # The process ends soon: searching hundreds of thousands of cells for garbage is useless.
    gc.disable()


def _limit(seconds: int, megabytes: int) -> None:
    # People who enter or read have priority.
    os.nice(5)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + megabytes * _MEGABYTE
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _answer(function: Callable[..., Any], arguments: tuple[Any, ...]) -> bytes:
    """Return the result and "", or the exception and its traceback, pickled."""
    try:
        return pickle.dumps((function(*arguments), ""))
    except MemoryError:
        raise
    except Exception as error:
        trace = traceback.format_exc()
        try:
            pickle.loads(pickled := pickle.dumps((error, trace)))
        except Exception:  # exceptions of packages may not survive pickling
            return pickle.dumps((ValueError(str(error)), trace))
        return pickled


def main() -> None:
    """Answer on the standard output; end with another code than 0 if there is no answer."""
    sent = sys.stdin.buffer
    try:
        if database := pickle.load(sent):
            _set_up(database)
        _limit(*map(int, sys.argv[1:]))
        sys.stdout.buffer.write(_answer(*pickle.load(sent)))
    except MemoryError:
        sys.exit(_OUT_OF_MEMORY)
    except (EOFError, pickle.UnpicklingError):  # the parent process has been killed
        sys.exit(1)


if __name__ == "__main__":
    main()
