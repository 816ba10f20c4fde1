"""Sends the log of events to the city's log server, which may be unreachable at times.

A thread of its own looks up the name of the server and sends: a name that cannot be looked up stops
neither the start nor a request. What cannot be sent is kept for a while and tried again. The log of
events itself is in the database; that server has a second copy.
"""

import errno
import logging
import socket
from logging.handlers import SysLogHandler
from queue import Full, Queue
from threading import Event, Thread
from time import monotonic, sleep

RETRY_SECONDS = 60
KEPT = 1_000
"""How many lines of a process wait for the server; further ones are left out."""
LAST_SECONDS = 3
"""How long a process that ends, such as a command, waits until its lines are sent."""

logger = logging.getLogger(__name__)


class LogServer(SysLogHandler):
    """Python's handler, which would look up the server's name when it is made."""

    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__(address)
        self._server = address
        self._waiting: Queue[bytes] = Queue(KEPT)
        self._thread: Thread | None = None
        self._ends = Event()

    def createSocket(self) -> None:
        """Do nothing: each line gets its own socket, to the address that the name has then."""

    def emit(self, record: logging.LogRecord) -> None:
        """Hand a record to the thread."""
        priority = self.encodePriority(self.facility, self.mapPriority(record.levelname))
        try:
            self._waiting.put_nowait(f"<{priority}>{self.format(record)}\0".encode())
        except Full:
            return  # the failure is logged already
        if self._thread is None:
            self._thread = Thread(target=self._send_all, name="log-server", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Give the thread a few seconds for the rest, and log what could not be sent."""
        self._ends.set()
        until = monotonic() + LAST_SECONDS
        while (left := self._waiting.unfinished_tasks) and monotonic() < until:
            sleep(0.02)
        if left:
            logger.error("操作の記録%d件を、ログサーバーに送らずに終了します", left)
        super().close()

    def _send_all(self) -> None:
        while True:
            message = self._waiting.get()
            while not self._was_sent(message):
                self._ends.wait(RETRY_SECONDS)
                if self._ends.is_set():
                    return  # `close` counts what is left
            self._waiting.task_done()

    def _was_sent(self, message: bytes) -> bool:
        """Return False if sending has to be tried again; log why."""
        host, port = self._server
        try:
            [(family, kind, protocol, _, address), *_] = socket.getaddrinfo(
                host, port, type=socket.SOCK_DGRAM
            )
            with socket.socket(family, kind, protocol) as sender:
                sender.sendto(message, address)
        except OSError as error:
            is_too_long = error.errno == errno.EMSGSIZE
            plan = "この記録は送りません" if is_too_long else f"{RETRY_SECONDS}秒後に再び送ります"
            logger.error(
                "操作の記録をログサーバー（SYSLOG_SERVER=%s:%s）に送れません（%s）。%s",
                *(host, port, error.strerror, plan),
            )
            return is_too_long
        return True
