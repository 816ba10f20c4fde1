"""Measures what one city costs a server: processor, memory, connections, disk, backup.

    python bench/capacity.py [INSTALLATIONS]

make bench compares, this counts: docs/performance.md plans with its figures. It measures processor
time and memory of the processes, not how long anybody waits, so that other load on the machine
changes little. Every city has a gunicorn with one worker and a database of its own; INSTALLATIONS
(4) of them run side by side. PostgreSQL is started for the run by tests/with_postgresql.sh and
deleted after it. Linux only.
"""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from bench.processes import (  # noqa: E402
    database_server,
    memory_of_tree,
    seconds_of_tree,
    started_server,
)
from bench.run import SETTINGS, padded  # noqa: E402

PASSWORD = secrets.token_urlsafe(12)
PLANNING, CLERK = "90001", "90002"
OPEN_YEAR = 2019
"""The year that is being entered, the last one of the plan."""
YEARS = [year for year in range(2010, 2031) if year != OPEN_YEAR]
"""20 years with values."""
SECTION = "水産課"
WHY = "台風のため、一部を中止した。"
FILE_BYTES = 1_000_000
FILES = 20
IDLE_SECONDS = 20

Rows = list[tuple[str, ...]]


def main(installations: int = 4) -> int:
    """Start a PostgreSQL for this script; on it, measure and print."""
    if not os.environ.get("CAPACITY"):
        command = [str(ROOT / "tests" / "with_postgresql.sh"), sys.executable, __file__]
        with TemporaryDirectory(prefix="capacity-") as folder:
            (Path(folder) / "static").mkdir()
            own = {"DATA_DIR": folder, "SECRET_KEY": secrets.token_urlsafe(60), "CAPACITY": "on"}
            return subprocess.call(
                [*command, str(installations)], env=os.environ | SETTINGS | own, cwd=ROOT
            )
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nemuro_strategy.settings")
    import django

    django.setup()
    from django.db import connection

    name = f"{connection.settings_dict['NAME']}_city"
    connection.settings_dict["TEST"]["NAME"] = name
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    for title, rows in measured(Office(name, Path(os.environ["DATA_DIR"])), installations):
        print(f"\n{title}\n{padded(rows)}", flush=True)
    return 0


def measured(office: "Office", installations: int) -> Iterator[tuple[str, Rows]]:
    """Yield what was measured: a title, and a table whose first row is its head."""
    yield "データベース", office.grow()
    yield "バックアップ（根拠資料なし）", office.backup()
    with office.server() as server:
        yield "1回のリクエスト（プロセッサーのミリ秒）", office.ask(server)
        yield "ワーカー1つのメモリー（MB）", office.memory(server)
        yield "接続", office.connections()
    with office.server(CONN_MAX_AGE="0") as server:
        yield "接続を毎回切るとき（プロセッサーのミリ秒）", office.ask(server, only=2)
        yield "そのときの接続", office.connections()
    yield f"バックアップ（根拠資料{FILES}件、{FILES * FILE_BYTES // 1_000_000}MB）", office.backup()
    yield "更新のときの命令（プロセッサーの秒）", office.commands()
    yield f"並べて動かす{installations}市、だれも使わないとき", office.side_by_side(installations)


@dataclass
class Office:
    """A city with a database and a folder of its own."""

    database: str
    folder: Path
    plan: str = ""
    numbers: Iterator[int] = field(default_factory=partial(count, 1))

    def environment(self, database: str = "", **settings: str) -> dict[str, str]:
        """Return the environment of a program that runs for the city."""
        address = urlsplit(os.environ["DATABASE_URL"])
        own = {"DATABASE_URL": urlunsplit(address._replace(path=f"/{database or self.database}"))}
        return os.environ | own | {"WEB_CONCURRENCY": "1", "LOG_LEVEL": "ERROR"} | settings

    @contextmanager
    def server(self, **settings: str) -> Iterator["Server"]:
        """Run gunicorn as deploy/ does, with one worker, and log in."""
        with started_server(self.environment(**settings)) as started:
            server = Server(*started)
            yield server
            for browser in server.browsers.values():
                browser.close()

    # Disk

    def grow(self) -> Rows:
        """Fill the database; return how large it is on the way."""
        rows = [("", "MB"), *((label, self._size()) for label in self.fill(YEARS))]
        fix(self.plan)
        return [*rows, ("検証調書1つ", self._size())]

    def fill(self, years: list[int]) -> Iterator[str]:
        """Enter and confirm values of these years; yield the current sizes."""
        from tests.factories import load_city, make_fiscal_year

        yield "表だけ"
        strategy = load_city()
        self.plan = strategy.code
        enters, confirms, _ = people()
        yield "計画1つ（指標47件）"
        for number, year in enumerate(years, 1):
            enter(strategy.code, year, enters, confirms)
            if number in (1, 5, 20):
                yield f"実績値{number}年分"
        make_fiscal_year(OPEN_YEAR)

    def _size(self) -> str:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            return f"{cursor.fetchone()[0] / 1e6:.1f}"

    # Requests

    def ask(self, server: "Server", only: int | None = None) -> Rows:
        """Request each page repeatedly; return the time of the program and of PostgreSQL."""
        rows: Rows = [("", "プログラム", "PostgreSQL")]
        for label, times, ask in self.requests(server)[:only]:
            ask()
            before = (seconds_of_tree(server.pid), seconds_of_tree(postmaster()))
            for _ in range(times):
                ask()
            after = (seconds_of_tree(server.pid), seconds_of_tree(postmaster()))
            costs = (1000 * (b - a) / times for a, b in zip(before, after, strict=True))
            rows.append((label, *(f"{cost:.1f}" for cost in costs)))
        return rows

    def requests(self, server: "Server") -> list[tuple[str, int, Callable[[], object]]]:
        """Return the requests: name, number, and function."""
        plan, grid = f"/strategies/{self.plan}/", f"/entry/{OPEN_YEAR}/"
        year = f"?year={OPEN_YEAR - 1}"
        planning = partial(server.get, PLANNING)
        return [
            ("概要（変更なし）", 200, partial(planning, plan)),
            ("概要（ほかの人の保存の直後）", 40, partial(self.after_a_write, planning, plan)),
            ("指標の一覧", 100, partial(planning, f"{plan}listings/{year}")),
            ("入力画面（変更なし）", 100, partial(server.get, CLERK, grid)),
            ("入力画面の保存と次の画面", 40, partial(self.save, server, grid)),
            ("企画の最初の画面", 40, partial(planning, "/")),
            ("施策の評価の一覧", 40, partial(planning, f"{plan}reviews/measures/{year}")),
            ("ログインと最初の画面", 20, server.log_in),
            ("根拠資料（1MB）の添付と次の画面", FILES - 1, partial(self.attach, server, grid)),
            ("検証報告書（Excel）", 5, partial(planning, f"{plan}workbook/{year}")),
        ]

    def after_a_write(self, get: Callable[[str], object], path: str) -> None:
        """Change a row of the plan, so that no cache can be used."""
        from accounts.models import Section

        Section.objects.filter(name=SECTION).update(position=next(self.numbers))
        get(path)

    def save(self, server: "Server", grid: str) -> None:
        """Save another value in the form of a section."""
        from tests.html import form_data

        fields = form_data(server.get(CLERK, grid))
        name = next(name for name in fields if name.endswith("-value"))
        value = str(next(self.numbers))
        # A value that is doubted needs another reason than the one before.
        typed = {name: value, name.replace("-value", "-remarks"): f"{WHY}{value}件。"}
        server.post(CLERK, grid, fields | typed | {"save": "1"})

    def attach(self, server: "Server", grid: str) -> None:
        """Attach a file to a value of the section."""
        from indicators.models import Indicator
        from tests.factories import PDF

        code = Indicator.objects.filter(section__name=SECTION).earliest("pk").code
        content = PDF + secrets.token_bytes(FILE_BYTES)
        files = {"files": (f"調査票{next(self.numbers)}.pdf", content)}
        server.post(CLERK, f"{grid}{code}/evidence/", {}, files)

    # Memory and connections

    def memory(self, server: "Server") -> Rows:
        """Return the memory of the processes after all those requests."""
        master, *workers = memory_of_tree(server.pid)
        own = max(memory_of_tree(pid, part="Pss_Anon")[0] for pid in backends(self.database))
        return [
            ("", "MB"),
            ("gunicornの親", f"{master / 1e6:.0f}"),
            ("ワーカー", f"{sum(workers) / 1e6:.0f}"),
            ("PostgreSQLの接続1つ（共有を除く、最大のもの）", f"{own / 1e6:.0f}"),
        ]

    def connections(self) -> Rows:
        """Return how many connections stay open when requests stop."""
        time.sleep(2)
        return [("", "件"), ("リクエストの2秒後", str(len(backends(self.database))))]

    def side_by_side(self, number: int) -> Rows:
        """Run `number` cities; return what each takes while idle."""
        names = [f"{self.database}_{n}" for n in range(number)]
        for name in names:
            copy_database(self.database, name)
        with several(started_server(self.environment(name)) for name in names) as servers:
            starting = sum(seconds_of_tree(pid) for pid, _ in servers) / number
            for _, address in servers:
                requests.get(f"{address}/login/", timeout=60).raise_for_status()
            memory = sum(sum(memory_of_tree(pid)) for pid, _ in servers) / number
            before = sum(seconds_of_tree(pid) for pid, _ in servers)
            time.sleep(IDLE_SECONDS)
            idle = (sum(seconds_of_tree(pid) for pid, _ in servers) - before) / number
        return [
            ("1市あたり", ""),
            ("起動（プロセッサーの秒）", f"{starting:.1f}"),
            ("親とワーカーのメモリー（MB）", f"{memory / 1e6:.0f}"),
            ("1時間のプロセッサーの秒", f"{idle * 3600 / IDLE_SECONDS:.1f}"),
        ]

    # Commands

    def backup(self) -> Rows:
        """Make a backup of the city."""
        with TemporaryDirectory(prefix="capacity-backup-") as folder:
            seconds = self.run("backup", folder, "--keep", "0")
            [file] = Path(folder).iterdir()
            size = file.stat().st_size
        return [
            ("", ""),
            ("プロセッサーの秒（プログラム）", f"{seconds[0]:.1f}"),
            ("プロセッサーの秒（PostgreSQL）", f"{seconds[1]:.1f}"),
            ("ファイル（MB）", f"{size / 1e6:.1f}"),
        ]

    def commands(self) -> Rows:
        """Run what an update runs for each city, on a database that is up to date."""
        rows: Rows = [("", "秒")]
        for command in ("migrate --noinput", "check --deploy --fail-level CRITICAL"):
            rows.append((command.split()[0], f"{self.run(*command.split())[0]:.1f}"))
        return rows

    def run(self, *command: str) -> tuple[float, float]:
        """Run a command; return the seconds of processor of its processes and of PostgreSQL."""
        before = (os.times(), seconds_of_tree(postmaster()))
        subprocess.run(
            [sys.executable, "manage.py", *command],
            env=self.environment(),
            cwd=ROOT,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        after = (os.times(), seconds_of_tree(postmaster()))
        own = [times.children_user + times.children_system for times, _ in (before, after)]
        return own[1] - own[0], after[1] - before[1]


@dataclass
class Server:
    """A gunicorn, and the browsers of two people."""

    pid: int
    address: str
    browsers: dict[str, requests.Session] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number in (PLANNING, CLERK):
            self.log_in(number)

    def log_in(self, number: str = PLANNING) -> None:
        """Log in with a password, in a browser of its own."""
        from tests.html import form_data

        browser = self.browsers[number] = requests.Session()
        browser.headers["Accept"] = "text/html,*/*"  # a script would get another answer
        fields = form_data(browser.get(f"{self.address}/login/").text)
        self.post(number, "/login/", fields | {"username": number, "password": PASSWORD})

    def get(self, number: str, path: str) -> str:
        """Send a request as one of them; raise an error if it fails."""
        answer = self.browsers[number].get(self.address + path, timeout=120)
        answer.raise_for_status()
        is_text = answer.headers["Content-Type"].startswith("text")
        return answer.text if is_text else ""

    def post(
        self, number: str, path: str, fields: dict[str, str], files: dict[str, Any] | None = None
    ) -> None:
        """Send a form; raise an error if it is refused."""
        browser = self.browsers[number]
        token = {"csrfmiddlewaretoken": browser.cookies["csrftoken"]}
        answer = browser.post(self.address + path, token | fields, files=files, timeout=120)
        answer.raise_for_status()
        if "<title>エラー" in answer.text:
            raise RuntimeError(f"{path} was not saved.")


def people() -> list[Any]:
    """Return the users: two of planning, and one of a section."""
    from accounts.models import Section
    from accounts.roles import Role
    from tests.factories import make_user

    return [
        make_user(Role.PLANNING, username=PLANNING, password=PASSWORD),
        make_user(Role.PLANNING),
        make_user(Role.CLERK, Section.objects.get(name=SECTION), username=CLERK, password=PASSWORD),
    ]


def enter(plan: str, year: int, enters: Any, confirms: Any) -> None:
    """Enter a year's values of the plan with remarks, and confirm them."""
    from indicators.entries import Entry
    from indicators.models import Indicator
    from indicators.recording import move, record
    from plans.tree import read_plain_tree
    from tests.factories import make_fiscal_year
    from trail.history import Change, Door

    make_fiscal_year(year)
    of_plan = {listing.indicator.pk for listing in read_plain_tree(plan).listings}
    actuals = record(
        [
            Entry(indicator_id=one.pk, fiscal_year=year, value=least(one), remarks=WHY)
            for one in Indicator.objects.filter(pk__in=of_plan)
        ],
        Change(by=enters, door=Door.COMMAND),
    )
    versions = {one.pk: one.version for one in actuals if one is not None}
    move(versions, "confirmed", Change(by=confirms, door=Door.COMMAND))


def least(indicator: Any) -> Decimal:
    """Return a value that is plausible."""
    return Decimal(0) if indicator.minimum is None else indicator.minimum


def fix(plan: str) -> None:
    """Fix a year as 検証調書, with its data and files."""
    from django.test import Client

    from accounts.models import User
    from reviews.models import Edition

    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(username=PLANNING))
    client.post(
        f"/strategies/{plan}/reviews/editions/fix/?year={OPEN_YEAR - 2}",
        {"decided_on": "2019-10-01", "document_number": "1", "reason": "測定"},
    )
    if not Edition.objects.exists():
        raise RuntimeError("The year was not fixed.")


def postmaster() -> int:
    """Return the process that starts all others of PostgreSQL."""
    [pid] = database_server()
    return pid


def backends(database: str) -> list[int]:
    """Return the processes of PostgreSQL that serve a database, our own left out."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
            [database],
        )
        return [pid for (pid,) in cursor.fetchall()]


def copy_database(source: str, target: str) -> None:
    """Copy a database to which nobody is connected."""
    from django.db import connection

    connection.close()
    with connection.creation._nodb_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')


@contextmanager
def several(contexts: Iterator[Any]) -> Iterator[list[Any]]:
    """Enter all of them, one after the other."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        yield [stack.enter_context(one) for one in contexts]


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
