"""The processes that a city has, each as it runs there, and what can be done to them.

gunicorn with the settings of deploy/, started again as systemd does it; nginx in front of it;
PostgreSQL; disks that can fill; a clock that can jump.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from bench.processes import ROOT, children_by_parent, free_port
from tests.nginx_server import DEPLOY, rendered_site, started_nginx
from tests.soak.notes import Notes

HOST = "localhost"
WORKERS = 2
BODY_MEGABYTES = 100
UNIT = (DEPLOY / "systemd" / "nemuro-strategy.service").read_text(encoding="utf-8")


def of_unit(name: str) -> str:
    """Return a setting of the unit of systemd."""
    return re.search(rf"^{name}=(.*)$", UNIT, re.M)[1]


class Program:
    """gunicorn, as its unit runs it: what ends is started again, and nothing is left of it."""

    def __init__(self, port: int, environment: dict[str, str], log: Path) -> None:
        own = {"WEB_BIND": f"127.0.0.1:{port}", "WEB_CONCURRENCY": str(WORKERS)}
        self._environment = environment | own
        self._log = log
        self._is_stopping = self._is_restarting = False
        self._process = self._started()
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self._keeper.start()

    @property
    def master(self) -> int:
        return self._process.pid

    def workers(self) -> list[int]:
        """Return the workers that live, without processes that make a file."""
        return sorted(children_by_parent().get(self.master, []))

    def kill_workers(self, most: int = WORKERS) -> None:
        for pid in self.workers()[:most]:
            os.kill(pid, signal.SIGKILL)

    def kill_master(self) -> None:
        os.kill(self.master, signal.SIGKILL)

    def restart(self, environment: dict[str, str]) -> None:
        """Do what systemctl restart does, with more in the environment from now on."""
        self._environment |= environment
        self._is_restarting, old = True, self._process
        old.terminate()
        while self._process is old:
            time.sleep(0.02)

    def stop(self) -> None:
        self._is_stopping = True
        self._process.terminate()
        self._keeper.join()

    def _started(self) -> subprocess.Popen:
        config = DEPLOY / "gunicorn_settings.py"
        command = [sys.executable, "-m", "gunicorn", "--config", str(config)]
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [*command, "--log-level", "warning"],
                env=self._environment,
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _keep(self) -> None:
        """KillMode=mixed and Restart=always."""
        assert (of_unit("KillMode"), of_unit("Restart")) == ("mixed", "always")
        while True:
            self._process.wait()
            _kill_group(self._process.pid)
            if self._is_stopping:
                return
            if not self._is_restarting:
                time.sleep(float(of_unit("RestartSec")))
            self._is_restarting = False
            self._process = self._started()


def _kill_group(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return  # nothing was left


class Database:
    """The PostgreSQL that tests/with_postgresql.sh has started for this program."""

    def __init__(self) -> None:
        self.folder = Path(os.environ["POSTGRESQL_DIRECTORY"])
        self._port = urlsplit(os.environ["DATABASE_URL"]).port
        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
        self._pg_ctl = str(programs[-1]) if programs else "pg_ctl"
        with (self.folder / "data" / "postgresql.conf").open("a") as settings:
            settings.write("max_wal_size = 192MB\n")  # its disk is small
        self._control("reload")

    def stop(self, mode: str = "fast") -> None:
        """Stop; `mode` is fast (sessions are ended) or immediate (as after a power cut)."""
        self._control("stop", "--mode", mode)

    def start(self) -> None:
        """Start, if it does not run."""
        if not self.runs():
            log = self.folder / "server.log"
            self._control("start", "--log", str(log), "--options", f"-p {self._port}")

    def runs(self) -> bool:
        return self._control("status", check=False) == 0

    def _control(self, *words: str, check: bool = True) -> int:
        command = [self._pg_ctl, words[0], "--pgdata", str(self.folder / "data"), *words[1:]]
        if os.getuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        own = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            [*command, *(["--silent", "--wait"] if words[0] in ("start", "stop") else [])],
            env=own,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        if check and done.returncode:
            raise RuntimeError(f"pg_ctl {words[0]}: {done.returncode}")
        return done.returncode


@dataclass
class Disk:
    """A small file system that can be filled to the last byte."""

    folder: Path

    def fill(self) -> None:
        with (self.folder / "filler").open("wb", buffering=0) as file:
            for size in (1 << 20, 1 << 12, 1):
                _write_until_full(file, bytes(size))

    def free(self) -> None:
        (self.folder / "filler").unlink(missing_ok=True)

    def free_bytes(self) -> int:
        return shutil.disk_usage(self.folder).free


def _write_until_full(file: IO[bytes], block: bytes) -> None:
    try:
        while file.write(block) == len(block):
            pass
    except OSError:
        return


class Clock:
    """The clock of the program alone, by libfaketime; timers that only count go on as they were.

    libfaketime takes more than half of the processor time: it is there only when it is needed.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self.jump("+0")

    def environment(self) -> dict[str, str]:
        [library, *_] = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
        return {
            "LD_PRELOAD": str(library),
            "PYTHONPATH": str(Path(__file__).with_name("faked_clock")),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }

    def jump(self, offset: str) -> None:
        """Set how far the clock is from the true time, for instance "+2h"."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{offset}\n")
        fresh.rename(self._file)


@dataclass
class World:
    """All of it; `address` is where browsers find the site."""

    program: Program
    database: Database
    evidence_disk: Disk
    database_disk: Disk
    clock: Clock
    address: str
    port: int
    """That of gunicorn, which only nginx asks."""
    people: Sequence[dict[str, Any]]
    notes: Notes

    @property
    def port_of_site(self) -> int:
        return int(self.address.rpartition(":")[2])


@contextmanager
def running(
    folder: Path, disks: Sequence[Disk], people: Sequence[dict[str, Any]], notes: Notes
) -> Iterator[World]:
    """Run the site until the end of the block; `folder` gets logs and what nginx needs.

    `disks`: that of 根拠資料 and that of the database.
    """
    clock, port = Clock(folder / "clock"), free_port()
    own = {
        "ALLOWED_HOSTS": HOST,
        "HTTPS": "on",
        "PROXY_COUNT": "1",
        "LOG_LEVEL": "WARNING",
    }
    environment = os.environ | own
    rendered_site(folder / "site", HOST, BODY_MEGABYTES)
    with started_nginx(folder / "site", HOST, port) as tls:
        program = Program(port, environment, folder / "program.log")
        try:
            yield World(
                program,
                Database(),
                *disks,
                clock,
                f"https://{HOST}:{tls}",
                port,
                people,
                notes,
            )
        finally:
            program.stop()
