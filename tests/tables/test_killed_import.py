"""A server that is killed during an import leaves no trace of the import."""

import http.client
import json
import os
import re
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from urllib.parse import urlencode, urlsplit, urlunsplit

import psycopg2
import pytest
from django.conf import settings
from django.db import connection as django_connection

from bench.processes import free_port
from tests.importing import csv_file
from tests.importing_server import ROWS

pytestmark = [pytest.mark.both_databases, pytest.mark.slow]

PATIENCE = 600
"""Seconds to wait for a process: much more than it needs, because a machine may be busy."""

TABLES = {
    "actual": csv_file(
        [["指標コード", "年度", "実績値", "版"]] + [[f"i{n}", 2017, n, ""] for n in range(ROWS)]
    ),
    "indicator": csv_file([["指標コード", "指標名"]] + [[f"i{n}", f"新{n}"] for n in range(ROWS)]),
}
NOTHING = {
    "values": 0,
    "history of values": 0,
    "renamed": 0,
    "history of indicators": 0,
    "logged": 0,
}
ADDED = {
    "actual": {"values": ROWS, "history of values": ROWS},
    "indicator": {"renamed": ROWS, "history of indicators": ROWS},
}


@pytest.fixture
def database(django_db_setup, tmp_path) -> Iterator[str]:
    """The address of a copy of the test database, whose tables are empty and need no migrations."""
    migrated = django_connection.settings_dict["NAME"]
    address = os.environ.get("DATABASE_URL", "sqlite://")
    if not address.startswith("postgres"):
        file = tmp_path / "db.sqlite3"
        with closing(sqlite3.connect(migrated)) as source, closing(sqlite3.connect(file)) as copy:
            source.backup(copy)  # also what is still in the write-ahead log
        yield f"sqlite:///{file}"
        return
    name = f"killed_{secrets.token_hex(6)}"
    connection = psycopg2.connect(address)
    connection.autocommit = True
    django_connection.close()  # PostgreSQL copies no database that is in use
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE {name} TEMPLATE "{migrated}"')
        yield urlunsplit(urlsplit(address)._replace(path=f"/{name}"))
        # Without FORCE, which may not end an autovacuum; the servers have exited before.
        cursor.execute(f"DROP DATABASE {name}")
    connection.close()


@pytest.fixture
def run(database, tmp_path):
    """Return a function that starts tests.importing_server on that database."""
    environment = os.environ | {"DATABASE_URL": database, "DATA_DIR": str(tmp_path)}
    environment |= {"HTTPS": "off", "ALLOWED_HOSTS": "127.0.0.1", "DEBUG": "off"}
    processes = []

    def run_(*arguments: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "tests.importing_server", *arguments]
        process = subprocess.Popen(
            command, env=environment, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True
        )
        processes.append(process)
        return process

    yield run_
    for process in processes:
        process.kill()
        process.wait()
        process.stdout.close()


def output_of(process: subprocess.Popen) -> str:
    out, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    return out.strip()


class Visitor:
    """A planning user with a browser."""

    port: int

    def __init__(self, session: str) -> None:
        self.cookies = f"sessionid={session}"

    def ask(self, method: str, path: str, body: bytes = b"", kind: str = "") -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        headers = {"Cookie": self.cookies, "Content-Type": kind}
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        for name, value in response.getheaders():
            if name == "Set-Cookie" and value.startswith("csrftoken="):
                self.cookies += f"; {value.split(';')[0]}"
        page = response.read().decode()
        if response.status == 303:
            return self.ask("GET", response.headers["Location"])
        return response.status, page

    def preview(self, path: str, content: bytes) -> dict[str, str]:
        """Upload a file and return the fields of the preview's form."""
        _, html = self.ask("GET", path)
        boundary = "----limit"
        token = fields_of(html)["csrfmiddlewaretoken"]
        body = (
            f"--{boundary}\r\nContent-Disposition: form-data; name=csrfmiddlewaretoken\r\n\r\n"
            f"{token}\r\n--{boundary}\r\nContent-Disposition: form-data; name=file;"
            " filename=a.csv\r\n\r\n"
        ).encode()
        body += content + f"\r\n--{boundary}--\r\n".encode()
        status, html = self.ask("POST", path, body, f"multipart/form-data; boundary={boundary}")
        assert status == 200
        return fields_of(html)

    def confirm(self, path: str, fields: dict[str, str]) -> int:
        body = urlencode(fields | {"confirm": ""}).encode()
        return self.ask("POST", path, body, "application/x-www-form-urlencoded")[0]


def fields_of(html: str) -> dict[str, str]:
    names = ("csrfmiddlewaretoken", "ticket")
    found = {name: re.findall(rf'name="{name}" value="([^"]+)"', html) for name in names}
    return {name: values[-1] for name, values in found.items() if values}


def wait_for(condition, seconds: float = PATIENCE) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Site:
    """The site as one visitor sees it, while its server is killed and started again."""

    def __init__(self, run, pause: Path) -> None:
        self.run, self.pause = run, pause
        self.visitor = Visitor(session=output_of(run("prepare")))
        self.start()

    def start(self) -> None:
        self.visitor.port = free_port()
        self.server = self.run("serve", str(self.visitor.port), str(self.pause))
        wait_for(lambda: answers(self.visitor.port))

    def stored(self) -> dict[str, int]:
        return json.loads(self.visitor.ask("GET", "/count")[1])

    def kill_in_the_middle_of(self, confirm: Callable[[], int]) -> None:
        """Kill the server when the import that is confirmed has written rows."""
        broken = []

        def confirm_and_wait() -> None:
            try:
                confirm()
            except (http.client.HTTPException, OSError) as error:
                broken.append(error)

        self.pause.touch()
        thread = threading.Thread(target=confirm_and_wait)
        thread.start()
        wait_for(lambda: self.pause.read_text() == "waiting")
        self.server.send_signal(signal.SIGKILL)
        self.server.wait()
        thread.join(timeout=PATIENCE)
        assert broken, "the server was killed before it could answer"
        self.pause.unlink()


def test_a_killed_import_leaves_nothing_and_can_be_repeated(run, tmp_path):
    site = Site(run, tmp_path / "pause")
    expected = NOTHING
    for table, rows in TABLES.items():
        path = f"/admin/indicators/{table}/"
        fields = site.visitor.preview(f"{path}import/", rows)
        confirm = partial(site.visitor.confirm, f"{path}process_import/", fields)
        site.kill_in_the_middle_of(confirm)
        site.start()
        assert site.stored() == expected

        # The file still waits: the same confirmation now writes everything.
        assert confirm() == 302
        written = ADDED[table] | {"logged": expected["logged"] + 1}
        expected = expected | written
        assert site.stored() == expected
