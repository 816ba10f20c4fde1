"""How long the server waits for PostgreSQL: a database that hangs must not stop the whole site.

PostgreSQL ends a statement that takes too long, but only while it runs. If it hangs, or its machine
is gone, no answer comes, and psycopg2 would wait forever.
"""

import select
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings

CONNECT_SECONDS = 5

_limit: ContextVar[float | None] = ContextVar("limit", default=None)


def limit_waiting() -> None:
    """Limit the waiting of this process. Only the server calls it: migrations may take longer."""
    database = settings.DATABASES["default"]
    if not database["ENGINE"].endswith("postgresql"):
        return
    import psycopg2.extensions  # an installation on SQLite does not load it

    options = database.setdefault("OPTIONS", {})
    milliseconds = settings.DATABASE_TIMEOUT_SECONDS * 1000
    options["options"] = f"{options.get('options', '')} -c statement_timeout={milliseconds}".strip()
    psycopg2.extensions.set_wait_callback(wait)


@contextmanager
def waiting_at_most(seconds: float) -> Iterator[None]:
    """Wait for less time inside the block, if the waiting is limited at all."""
    token = _limit.set(seconds)
    try:
        yield
    finally:
        _limit.reset(token)


def wait(connection: Any) -> None:
    """Wait until the server has answered (psycopg2's wait callback).

    Raises psycopg2.OperationalError after the limit; psycopg2 then closes the connection.
    """
    import psycopg2
    from psycopg2 import extensions

    known = (extensions.STATUS_READY, extensions.STATUS_BEGIN, extensions.STATUS_PREPARED)
    # One second more than the statement may take: PostgreSQL's own message says more.
    is_connected = connection.status in known
    limit: float = settings.DATABASE_TIMEOUT_SECONDS + 1 if is_connected else CONNECT_SECONDS
    limit = min(limit, _limit.get() or limit)
    end = time.monotonic() + limit
    while (state := connection.poll()) != extensions.POLL_OK:
        events = select.POLLIN if state == extensions.POLL_READ else select.POLLOUT
        poller = select.poll()
        poller.register(connection.fileno(), events)
        left = end - time.monotonic()
        if left <= 0 or not poller.poll(left * 1000):
            raise psycopg2.OperationalError(f"The database has not answered for {limit:g} s.")
