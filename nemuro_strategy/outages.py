"""What the site answers and logs while its database or disk is unavailable.

A page says what happened and what to do, with 503 and Retry-After: nothing is wrong with the
program, and the same request will work later. The log gets one line per request, with the cause.
"""

import errno
import logging
import sys
from enum import Enum
from typing import Any, cast

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from accounts.send_again import holds_secret, sent_fields
from nemuro_strategy.request_log import request_id

RETRY_AFTER = 60
"""Seconds after which a client may try again."""

DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO}
SQLITE_ERROR = 1
"""SQLite's code of a wrong statement: a fault of the program, not an outage."""


class Outage(Enum):
    """What is unavailable, in words for the log."""

    DATABASE = "データベースを利用できません"
    DISK = "ファイルの保存先に書き込めません"


def outage_of(error: BaseException | None) -> Outage | None:
    """Return the outage that caused an exception; None if there is none."""
    while error is not None:
        if isinstance(error, InterfaceError | OperationalError):
            code = getattr(error.__cause__, "sqlite_errorcode", None)
            return None if code == SQLITE_ERROR else Outage.DATABASE
        if isinstance(error, OSError) and error.errno in DISK_ERRORS:
            return Outage.DISK
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return None


def server_error(request: HttpRequest) -> HttpResponse:
    """Render the page for an exception (handler500), without session and database.

    It has what a form sent, with a button that sends it again.
    """
    error = sys.exc_info()[1]
    outage = outage_of(error)
    context: dict[str, Any] = {
        "sent": sent_fields(request),
        "address": request.get_full_path(),
        "request_id": request_id(),
        "version": settings.VERSION,
        "has_files": request.content_type == "multipart/form-data",
        "has_secret": holds_secret(request),
    }
    if outage is None:
        return HttpResponse(render_to_string("500.html", context), status=500)
    cast(Any, request).outage_error = error  # Django does not log it where an error page fails
    context |= {
        "is_of_disk": outage is Outage.DISK,
        "is_form": request.method == "POST",
        "planning_office": settings.PLANNING_OFFICE,
    }
    return HttpResponse(
        render_to_string("503.html", context), status=503, headers={"Retry-After": str(RETRY_AFTER)}
    )


class OneLinePerOutage(logging.Filter):
    """Writes the cause instead of a traceback where a request failed because of an outage."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Shorten the record, and keep it."""
        request = getattr(record, "request", None)
        error = record.exc_info[1] if record.exc_info else getattr(request, "outage_error", None)
        outage = outage_of(error)
        if outage is not None:
            path = getattr(request, "path", record.getMessage())
            record.msg, record.args = "%s（%s）：%s", (outage.value, path, _one_line(error))
            record.exc_info = record.exc_text = None
        return True


def _one_line(error: Any) -> str:
    return " ".join(str(error).split())
