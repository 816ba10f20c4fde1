"""Outside services that cannot be reached stop neither the start nor anybody's work."""

import logging
import os
import socket
import subprocess
import sys
from time import monotonic, sleep

import pytest
from django.conf import settings

from nemuro_strategy import log_server
from nemuro_strategy.log_server import LogServer

pytestmark = pytest.mark.one_database

UNREACHABLE = {
    "SYSLOG_SERVER": "log.city.invalid:514",
    "DATABASE_URL": "postgres://kpi:secret@db.city.invalid/kpi",
    "EMAIL_HOST": "mail.city.invalid",
    "DEFAULT_FROM_EMAIL": "kpi@city.test",
    "SITE_URL": "https://kpi.city.test",
}
ASK = """
from nemuro_strategy.wsgi import application
import io, logging
logging.getLogger("events").info("ログイン")
environ = {
    "REQUEST_METHOD": "GET", "SERVER_NAME": "localhost", "SERVER_PORT": "80",
    "wsgi.input": io.BytesIO(), "wsgi.url_scheme": "http",
}
for path in ("/healthz", "/readyz", "/"):
    application(environ | {"PATH_INFO": path}, lambda status, headers: print(path, status))
"""


@pytest.mark.slow
def test_the_server_starts_though_no_other_service_has_an_address(tmp_path):
    result = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=settings.BASE_DIR,
        env=os.environ | UNREACHABLE | {"DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert result.stdout.splitlines()[0] == "/healthz 200 OK", result.stderr
    assert "/readyz 503 Service Unavailable" in result.stdout
    assert "ログサーバー（SYSLOG_SERVER=log.city.invalid:514）に送れません" in result.stderr
    assert "操作の記録1件を、ログサーバーに送らずに終了します" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.fixture
def receiver():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)
        yield server


@pytest.fixture
def handler(receiver, monkeypatch):
    monkeypatch.setattr(log_server, "RETRY_SECONDS", 0.05)
    made = LogServer(("log.city.example", receiver.getsockname()[1]))
    yield made
    made.close()


def line_of(text: str) -> logging.LogRecord:
    return logging.LogRecord("events", logging.INFO, "", 0, text, None, None)


def test_what_could_not_be_sent_is_sent_once_the_name_is_known(
    handler, receiver, monkeypatch, caplog
):
    look_up = socket.getaddrinfo
    known: list[str] = []

    def found(host, *args, **kwargs):
        if not known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return look_up("127.0.0.1", *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", found)
    began = monotonic()
    for text in ("一", "二"):
        handler.handle(line_of(text))
    assert monotonic() - began < 1
    while not caplog.records:
        sleep(0.01)
    assert "に送れません（Name or service not known）" in caplog.records[0].getMessage()
    known.append("now")
    assert [receiver.recv(100).decode() for _ in range(2)] == ["<14>一\0", "<14>二\0"]


def test_a_line_that_no_packet_can_hold_does_not_hold_up_the_next(handler, receiver):
    handler._server = receiver.getsockname()
    handler.handle(line_of("x" * 70_000))
    handler.handle(line_of("二"))
    assert receiver.recv(100).decode() == "<14>二\0"


def test_lines_beyond_those_that_are_kept_cost_nobody_anything(handler, monkeypatch):
    monkeypatch.setattr(handler, "_was_sent", lambda message: False)
    for _ in range(log_server.KEPT + 10):
        handler.handle(line_of("x"))
    assert handler._waiting.qsize() <= log_server.KEPT
    monkeypatch.setattr(log_server, "LAST_SECONDS", 0)
