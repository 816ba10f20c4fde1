"""The trial for the pictures: a separate database, a stopped clock and a server.

The server runs in this process so that its clock can be set: a picture taken tomorrow shows the
same times as one taken today.
"""

import io
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from zoneinfo import ZoneInfo

from django.utils import timezone

START = datetime(2020, 6, 18, 14, 5, tzinfo=ZoneInfo("Asia/Tokyo"))
"""A Thursday in the month in which the sections enter the trial's last year."""


class Clock:
    """The stopped clock of the server; replaces django.utils.timezone.now."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def set(self, hour: int, minute: int) -> None:
        """Set the clock to another time of the same day."""
        self.now = self.now.replace(hour=hour, minute=minute)


class Trial:
    """The running trial: its address, its clock, and the passwords by staff number."""

    def __init__(self, url: str, clock: Clock, passwords: dict[str, str]) -> None:
        self.url = url
        self.clock = clock
        self.passwords = passwords


@contextmanager
def running_trial() -> Iterator[Trial]:
    """Make the trial in a temporary directory and serve it; clean up at the end.

    Call it only once per process, because settings and clock are global.
    """
    with TemporaryDirectory(prefix="screenshots-") as directory:
        clock = Clock(START)
        _set_up(Path(directory), clock)
        passwords = _fill(Path(directory))
        with _serving() as url:
            yield Trial(url, clock, passwords)


def _set_up(directory: Path, clock: Clock) -> None:
    # Settings in the environment or .env must not show in the pictures.
    os.environ |= {
        "ALLOWED_HOSTS": "127.0.0.1",
        "CSRF_TRUSTED_ORIGINS": "",
        "DATABASE_URL": f"sqlite:///{directory}/db.sqlite3",
        "DATA_DIR": str(directory),
        "DEBUG": "off",
        "DJANGO_SETTINGS_MODULE": "nemuro_strategy.settings",
        "HTTPS": "off",
        "BACKUP_WARN_DAYS": "0",
        "LOCK_OUT_FAILURES": "5",
        "LOCK_OUT_MINUTES": "30",
        "LOG_LEVEL": "WARNING",
        "PROXY_COUNT": "0",
        "PUBLIC_PAGES": "on",
        "SESSION_IDLE_MINUTES": "30",
    }
    (directory / "static").mkdir()
    # Before the models are imported, because defaults of their fields keep a reference to it.
    timezone.now = clock
    import django

    django.setup()
    # Lock-outs are provoked for a picture, so they are not worth a warning.
    logging.getLogger("django.request").setLevel(logging.ERROR)


def _fill(directory: Path) -> dict[str, str]:
    from django.core.management import call_command

    from demo.people import stored_passwords

    call_command("migrate", verbosity=0)
    call_command("demo", stdout=io.StringIO())
    return stored_passwords(directory / "logins.txt")


@contextmanager
def _serving() -> Iterator[str]:
    from django.core.handlers.wsgi import WSGIHandler
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

    class Handler(WSGIRequestHandler):
        def log_message(self, *args: object) -> None:
            """Log nothing: a picture that fails raises an error."""

    server = ThreadedWSGIServer(("127.0.0.1", 0), Handler)
    server.set_app(WSGIHandler())
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
