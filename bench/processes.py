"""Servers of other processes, and what processes use: processor time and memory, from /proc."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import requests

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE = 120
"""Seconds to wait for a server."""


class Started(NamedTuple):
    """A gunicorn: its first process, and where it answers."""

    pid: int
    address: str


def seconds_of_tree(pid: int) -> float:
    """Return the seconds of processor that a process and all that it has started have used."""
    return sum(sum(map(int, _fields(one)[11:15])) for one in tree_of(pid)) / TICKS


def processor_time(*pids: int) -> float:
    """Return the seconds of processor that processes and all their children have used.

    Up to this moment and in nanoseconds, unlike /proc; that of children which have ended in ticks.
    """
    return sum(_of_family(pid) for pid in pids)


def _of_family(pid: int) -> float:
    living = sum(map(_processor_time, (pid, *_children_of(pid))))
    return living + sum(map(int, _fields(pid)[13:15])) / TICKS


def _processor_time(pid: int) -> float:
    try:
        return time.clock_gettime(~pid << 3 | 2)  # as clock_getcpuclockid(3) of glibc
    except OSError:
        return 0.0


def _children_of(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for file in found for child in file.read_text().split()]


def database_server() -> list[int]:
    """Return the process that starts all others of PostgreSQL; none for SQLite."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return [int(_fields(cursor.fetchone()[0])[1])]


def memory_of_tree(pid: int, part: str = "Pss") -> list[int]:
    """Return the bytes of memory of a process and of each that it has started.

    Pss: what several processes share counts for each in part. Pss_Anon: without files and without
    the memory that all processes of PostgreSQL share.
    """
    return [_memory_of(one, part) for one in tree_of(pid)]


def tree_of(pid: int) -> list[int]:
    """Return a process and all that live of those that it and they have started."""
    children = children_by_parent()
    found, waiting = [], [pid]
    while waiting:
        found.append(waiting.pop())
        waiting += sorted(children.get(found[-1], []))
    return found


def children_by_parent() -> dict[int, list[int]]:
    """Return the processes that live by that which has started them."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int(_fields(int(folder.name))[1])
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has just ended
        children.setdefault(parent, []).append(int(folder.name))
    return children


def _fields(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat after the name, which may have blanks and brackets."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _memory_of(pid: int, part: str) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        name, _, amount = line.partition(":")
        if name == part:
            return int(amount.split()[0]) * 1024
    raise ValueError(f"/proc/{pid}/smaps_rollup has no {part}")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@contextmanager
def started_server(environment: dict[str, str]) -> Iterator[Started]:
    """Run gunicorn as deploy/ does, on a free port, until the end of the block."""
    bind = f"127.0.0.1:{free_port()}"
    config = ROOT / "deploy" / "gunicorn_settings.py"
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--config", config, "--log-level", "warning"],
        env=environment | {"WEB_BIND": bind, "ALLOWED_HOSTS": "127.0.0.1,localhost"},
        cwd=ROOT,
    )
    try:
        wait_until_ready(f"http://{bind}")
        yield Started(process.pid, f"http://{bind}")
    finally:
        process.terminate()
        process.wait()


def wait_until_ready(address: str) -> None:
    """Wait until the server answers that it can serve; raise an error if it does not start."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            requests.get(f"{address}/readyz", timeout=PATIENCE).raise_for_status()
        except requests.ConnectionError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return
