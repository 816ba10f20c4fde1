"""One line in the log for each request: who, what, how long, how many queries.

Each request has an id. It is in every line logged during the request, in the header X-Request-ID of
the answer and on error pages, so that the city's information section finds the lines for what a
person saw.
"""

import logging
import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db import connection
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase

HEADER = "X-Request-ID"
REFUSALS = (PermissionDenied, SuspiciousOperation, BadRequest, MultiPartParserError)
"""What Django raises or takes for a fault of the request, such as a foreign Host."""

logger = logging.getLogger("requests")

_GIVEN = re.compile(r"[A-Za-z0-9-]{8,64}")
_current: ContextVar[str] = ContextVar("request_id", default="")


def request_id() -> str:
    """Return the id of the request that this thread answers; "" outside of one."""
    return _current.get()


class WithRequestId(logging.Filter):
    """Adds `request_id` to each record of the log."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id()
        return True


class OneLinePerRefusal(logging.Filter):
    """Leaves out the traceback of a request that was refused: nothing in the program is wrong."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Shorten the record, and keep it."""
        if record.exc_info and isinstance(record.exc_info[1], REFUSALS):
            record.exc_info = record.exc_text = None
        return True


def request_log_middleware(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Log each request: at INFO, or at WARNING from SLOW_REQUEST_SECONDS on.

    The address is logged without its query, which may hold what somebody searched for, and the
    person as the id of the account.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        token = _current.set(_id_of(request))
        queries = _Queries()
        began = monotonic()
        try:
            with connection.execute_wrapper(queries):
                response = get_response(request)
            _log(request, response, monotonic() - began, queries.count)
            response[HEADER] = request_id()
            return response
        finally:
            _current.reset(token)

    return middleware


class _Queries:
    """Counts the statements that reach the database."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Callable[..., Any], *statement: Any) -> Any:
        self.count += 1
        return execute(*statement)


def _id_of(request: HttpRequest) -> str:
    """Return the id that a trusted proxy gave, or a new one."""
    given = request.headers.get(HEADER, "") if settings.PROXY_COUNT else ""
    return given if _GIVEN.fullmatch(given) else uuid.uuid4().hex


def _log(request: HttpRequest, response: HttpResponseBase, seconds: float, queries: int) -> None:
    is_slow = seconds >= settings.SLOW_REQUEST_SECONDS
    level = logging.WARNING if is_slow else logging.INFO
    if not logger.isEnabledFor(level):
        return
    said = {
        "method": request.method,
        "path": request.path,
        "status": response.status_code,
        "user_id": _user_id(request),
        "duration_ms": round(seconds * 1000),
        "queries": queries,
        "slow": is_slow,
    }
    text = " ".join(f"{name}={value}" for name, value in said.items())
    logger.log(level, text, extra=said)


def _user_id(request: Any) -> int | None:
    """Return the id of the account, if anybody asked for the user: else it would cost queries."""
    return request.user.pk if getattr(request, "user_is_known", False) else None
