"""Runs pg_dump and pg_restore with the settings of the database.

Host, user and password go through the environment: everybody on the server can read the command
line of a running program.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from backups.faults import BackupError

PACKAGE = "PostgreSQLのクライアント（Debianではpostgresql-client）"


def run_program(program: str, *arguments: str, stdout: int) -> None:
    """Run a program to its end. Raises BackupError with what it said."""
    with _running(program, arguments, stdout):
        pass


def printed_lines(program: str, *arguments: str) -> Iterator[bytes]:
    """Yield what a program writes, while it runs. Raises BackupError at the end if it failed."""
    with _running(program, arguments, subprocess.PIPE) as process:
        assert process.stdout
        yield from process.stdout


@contextmanager
def _running(
    program: str, arguments: tuple[str, ...], stdout: int
) -> Iterator[subprocess.Popen[bytes]]:
    command = [*_ending_with_us(), _found(program), *arguments]
    with subprocess.Popen(
        command, stdout=stdout, stderr=subprocess.PIPE, env=_environment()
    ) as process:
        yield process
        assert process.stderr
        said = process.stderr.read().decode(errors="replace").strip()
    if process.returncode:
        raise BackupError(f"{program}が失敗しました：{said or process.returncode}")


def _ending_with_us() -> list[str]:
    """Return what ends the program when this process is killed.

    pg_restore would go on and fill a database that counts as empty, with nobody to check it.
    """
    setpriv = shutil.which("setpriv")  # of util-linux, which every Debian has
    return [setpriv, "--pdeathsig", "KILL"] if setpriv else []


def _found(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        raise BackupError(f"{program}がありません。{PACKAGE}を入れてください。")
    return path


def check_version(program: str) -> None:
    """Raise BackupError if a program is missing or older than the server that it has to read."""
    path = _found(program)
    if not is_postgresql():
        return
    said = subprocess.run([path, "--version"], capture_output=True, text=True).stdout
    found = re.search(r"\) ([0-9]+)", said)
    server = connection.cursor().connection.server_version // 10_000
    if found and int(found[1]) < server:
        raise BackupError(
            f"{program}（{found[1]}）がサーバー（PostgreSQL {server}）より古いため、使えません。"
            f"{PACKAGE}を、版{server}以降にしてください。"
        )


def _environment() -> dict[str, str]:
    """Return the environment with the connection in it, as libpq reads it."""
    given: dict[str, Any] = connection.get_connection_params() if is_postgresql() else {}
    names = {
        "dbname": "PGDATABASE",
        "database": "PGDATABASE",
        "user": "PGUSER",
        "password": "PGPASSWORD",
        "host": "PGHOST",
        "port": "PGPORT",
        "service": "PGSERVICE",
        "passfile": "PGPASSFILE",
        "sslmode": "PGSSLMODE",
        "sslrootcert": "PGSSLROOTCERT",
        "sslcert": "PGSSLCERT",
        "sslkey": "PGSSLKEY",
    }
    ours = {names[name]: str(value) for name, value in given.items() if name in names and value}
    return {**os.environ, **ours}


def is_postgresql() -> bool:
    """Return whether this installation has PostgreSQL."""
    return connection.vendor == "postgresql"
