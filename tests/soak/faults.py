"""What goes wrong, one after the other, while people work.

A fault is a function of the world and of how many seconds it lasts; the fault has ended when it
returns. What it finds wrong itself, it returns as sentences.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import requests
from django.db import DatabaseError, connections, transaction

from indicators.models import Actual
from tests.html import form_data
from tests.soak.notes import GOOD, ending_of
from tests.soak.people import CUT_YEAR, CUTTER, YEAR, Person, Who
from tests.soak.servers import World

CLIENTS = 40
"""How many slow clients and how many that go away: several times the threads of the program."""

CUT_VALUE = 7
WAITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND query LIKE 'UPDATE "indicators_actual"%'
"""

Fault = Callable[[World, float], list[str]]


@dataclass(frozen=True)
class Kind:
    """A fault with its name, and whether pages may say meanwhile that nothing can be saved."""

    name: str
    inject: Fault
    is_outage: bool
    how: str
    afterwards: Callable[[World], None] = lambda world: None
    """What follows when all is well again."""


def worker_killed(world: World, seconds: float) -> list[str]:
    world.program.kill_workers(1)
    return []


def master_killed(world: World, seconds: float) -> list[str]:
    world.program.kill_master()
    return []


def database_restarted(world: World, seconds: float) -> list[str]:
    world.database.stop()
    world.database.start()
    return []


def database_crashed(world: World, seconds: float) -> list[str]:
    world.database.stop("immediate")
    world.database.start()
    return []


def database_stopped(world: World, seconds: float) -> list[str]:
    world.database.stop()
    time.sleep(seconds)
    world.database.start()
    return []


def database_disk_full(world: World, seconds: float) -> list[str]:
    world.database_disk.fill()
    try:
        is_full = _database_refuses_a_megabyte()
        time.sleep(seconds)
    finally:
        world.database_disk.free()
        world.database.start()  # PostgreSQL ends where it cannot write its log
    return [] if is_full else ["the database could still write"]


def _database_refuses_a_megabyte() -> bool:
    try:
        with (
            closing(connections.create_connection("default")) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute("CREATE TABLE filler AS SELECT md5('a') FROM generate_series(1, 30000)")
            cursor.execute("DROP TABLE filler")
    except DatabaseError:
        return True
    return False


def evidence_disk_full(world: World, seconds: float) -> list[str]:
    world.evidence_disk.fill()
    try:
        is_full = world.evidence_disk.free_bytes() == 0
        time.sleep(seconds)
    finally:
        world.evidence_disk.free()
    return [] if is_full else ["the disk was not full"]


def import_cut_off(world: World, seconds: float) -> list[str]:
    """Kill the workers when an import has written rows and waits for one that is locked."""
    person = cutter(world)
    preview = person.preview(CUT_YEAR, CUT_VALUE, version="1")
    if preview is None or 'name="ticket"' not in preview.text:
        return ["the import to be cut off could not be prepared"]
    confirming = threading.Thread(target=person.confirm, args=(preview,), daemon=True)
    try:
        with _last_row_locked(person.who):
            confirming.start()
            is_waiting = _somebody_waits()
            world.program.kill_workers()
            confirming.join(30)
    finally:
        connections.close_all()
    return [] if is_waiting else ["the import was not caught in the middle"]


def cutter(world: World) -> Person:
    """Return the person of planning whose import is cut off, in a browser of their own."""
    [who] = [Who(**one) for one in world.people if one["role"] == CUTTER]
    return Person(who, requests.Session(), world.address, world.notes)


def import_again(world: World) -> None:
    """Import once more what was cut off."""
    person = cutter(world)
    preview = person.preview(CUT_YEAR, CUT_VALUE, version="1")
    answer = person.confirm(preview) if preview is not None else None
    if answer is not None and "を取り込みました（" in answer.text:
        person.told_of(CUT_VALUE, CUT_YEAR)


@contextmanager
def _last_row_locked(who: Who) -> Iterator[None]:
    with transaction.atomic():
        rows = Actual.objects.filter(fiscal_year=CUT_YEAR, indicator=who.indicators[-1])
        list(rows.select_for_update())
        yield


def _somebody_waits() -> bool:
    """Wait until a statement waits for the lock; False if none does for a minute."""
    with closing(connections.create_connection("default")) as connection:
        for _ in range(1200):
            with connection.cursor() as cursor:
                cursor.execute(WAITING)
                if cursor.fetchone()[0]:
                    return True
            time.sleep(0.05)
    return False


def clients_go_away(world: World, seconds: float) -> list[str]:
    """Break off uploads in the middle: through nginx, and of the program itself."""
    head = _upload_head(cutter(world), 10_000_000)
    for _ in range(CLIENTS):
        for connection in (_tls(world.port_of_site), _plain(world.port)):
            with closing(connection):
                connection.sendall(head + bytes(100_000))
        time.sleep(seconds / CLIENTS)
    return []


def slow_clients(world: World, seconds: float) -> list[str]:
    """Hold connections through nginx with a byte of an upload every half second."""
    head = _upload_head(cutter(world), 10_000)
    open_ones = [_tls(world.port_of_site) for _ in range(CLIENTS)]
    for connection in open_ones:
        connection.sendall(head)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for connection in open_ones:
            _send(connection, b"x")
        time.sleep(0.5)
    for connection in open_ones:
        connection.close()
    return []


def _send(connection: socket.socket, data: bytes) -> None:
    try:
        connection.sendall(data)
    except OSError:
        return  # nginx has ended it


def _plain(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def _tls(port: int) -> socket.socket:
    trusting = ssl._create_unverified_context()  # noqa: S323  (a certificate made for the run)
    return trusting.wrap_socket(_plain(port), server_hostname="localhost")


def _upload_head(person: Person, length: int) -> bytes:
    """Return the beginning of an upload of 根拠資料 by somebody who is logged in."""
    path = f"/entry/{YEAR}/{person.who.codes[0]}/evidence/"
    token = form_data(person.get(path).text)["csrfmiddlewaretoken"]
    cookies = "; ".join(f"{one.name}={one.value}" for one in person.browser.cookies)
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Proto: https\r\n"
        f"Origin: https://localhost\r\nCookie: {cookies}\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {length}\r\n\r\n"
        f'--b\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token}\r\n'
        '--b\r\nContent-Disposition: form-data; name="files"; filename="a.pdf"\r\n\r\n%PDF-1.7 '
    ).encode()


def program_restarted(world: World, seconds: float) -> list[str]:
    world.program.restart({})
    return []


def make_clock_ready(world: World) -> None:
    """Restart the program once more, so that its clock can jump from then on."""
    world.program.restart(world.clock.environment())
    first_good_answer(cutter(world), time.time())


def clock_jumps(world: World, seconds: float) -> list[str]:
    """Two hours ahead, and back again."""
    world.clock.jump("+2h")
    time.sleep(seconds)
    world.clock.jump("+0")
    return []


ALL = (
    Kind("gunicorn: a worker is killed", worker_killed, False, "SIGKILL"),
    Kind(
        "gunicorn: the master is killed", master_killed, False, "SIGKILL; the unit starts it again"
    ),
    Kind("PostgreSQL is restarted", database_restarted, True, "pg_ctl restart, mode fast"),
    Kind("PostgreSQL crashes", database_crashed, True, "mode immediate, then start"),
    Kind("PostgreSQL is stopped", database_stopped, True, "for {seconds:.0f} s"),
    Kind("disk of the database is full", database_disk_full, True, "for {seconds:.0f} s"),
    Kind("disk of 根拠資料 is full", evidence_disk_full, True, "for {seconds:.0f} s"),
    Kind(
        "an import is cut off",
        import_cut_off,
        False,
        "workers killed with rows written",
        import_again,
    ),
    Kind(
        "clients go away in mid-upload",
        clients_go_away,
        False,
        f"{CLIENTS} through nginx, {CLIENTS} not",
    ),
    Kind("slow clients hold connections", slow_clients, False, f"{CLIENTS} for {{seconds:.0f}} s"),
    Kind(
        "gunicorn is restarted",
        program_restarted,
        False,
        "as by systemctl restart",
        make_clock_ready,
    ),
    Kind("the clock jumps", clock_jumps, False, "2 h ahead, after {seconds:.0f} s back"),
)


def first_good_answer(person: Person, since: float, patience: float = 120) -> float | None:
    """Return after how many seconds the site says that it is ready and shows a page of a person.

    None if it does not.
    """
    while time.time() < since + patience:
        began = time.time()
        if ending_of(person.ask("GET", "/readyz")) == GOOD and person.get("/") is not None:
            return time.time() - since
        time.sleep(max(0.0, began + 0.1 - time.time()))
    return None
