"""Makes heavy files in a process of their own, a few at a time.

A workbook of thousands of rows takes seconds of processor time. The threads of a Python process
share one processor, so such a file would block every other user of that process. At most
FILES_AT_ONCE files are made at once on a server, and one at a time for each person. Anyone who asks
while all places are taken gets a page that retries by itself; it holds no thread meanwhile.
"""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from io import BytesIO
from tempfile import TemporaryFile
from typing import IO, Any, NamedTuple, TypeVar, cast

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from tables import own_process, turns
from tables.own_process import Crashed, Limits, TooExpensive
from trail import downloads_a_minute

logger = logging.getLogger(__name__)

Result = TypeVar("Result")
View = Callable[..., HttpResponseBase]

LIMITS = Limits(seconds=120, megabytes=1_500, waiting=300)
"""For one file; a hundred thousand rows need less."""

FEW_ROWS = 1_000
"""Up to how many rows a table or form is made where it was asked for.

That takes some tenths of a second, much less than starting a process.
"""

RETRY_AFTER = 5
"""Seconds after which the page asks again."""


class NotNow(Exception):
    """The file cannot be made now; `template` says why."""

    template = "files/all_busy.html"
    status = 503


class OwnFileFirst(NotNow):
    """Another file is being made for the same person."""

    template = "files/own_first.html"
    status = 429


class TooManyFiles(Exception):
    """The person received too many files within a minute; `page` says so."""

    def __init__(self, page: HttpResponse) -> None:
        super().__init__()
        self.page = page


class Made(NamedTuple):
    """An open temporary file from its beginning, and what the function that wrote it returned."""

    file: IO[bytes]
    result: Any


def make(request: HttpRequest, write: Callable[..., Any], *arguments: Any) -> Made:
    """Call `write(file, *arguments)` in a process of its own, for the current user.

    Function, arguments and result must be picklable. Raises NotNow, OwnFileFirst,
    TooManyFiles, TooExpensive or Crashed, and what the function raises.
    """
    if page := downloads_a_minute.refusal(request):
        raise TooManyFiles(page)
    with _turn_of(request.user.pk):
        file = TemporaryFile()  # noqa: SIM115
        try:
            if _sees_the_same():
                descriptor = file.fileno()
                result = own_process.run_with_models(
                    LIMITS, [descriptor], _write, descriptor, write, arguments
                )
            else:
                result = write(file, *arguments)
        except BaseException:
            file.close()
            raise
    file.seek(0)
    return Made(file, result)


def make_rows(
    request: HttpRequest, rows: int, write: Callable[..., Any], *arguments: Any
) -> tuple[IO[bytes] | bytes, Any]:
    """Make a file of so many rows: as `make` does, or here and in memory if they are few.

    Return the open file or its content, and what the function that wrote it returned.
    """
    if rows > FEW_ROWS:
        return make(request, write, *arguments)
    file = BytesIO()
    result = write(file, *arguments)
    return file.getvalue(), result


def answering(view: View) -> View:
    """Let a view that calls `make` or `make_rows` answer with a page where there is no file."""

    @wraps(view)
    def answered(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except TooManyFiles as error:
            return error.page
        except NotNow as error:
            # A browser without scripts asks again, too. It cannot repeat a form.
            asks_again = request.method in ("GET", "HEAD")
            context = {"heading": WAIT if asks_again else LATER, "asks_again": asks_again}
            response = render(request, error.template, context, status=error.status)
            response["Retry-After"] = str(RETRY_AFTER)
            if asks_again:
                response["Refresh"] = str(RETRY_AFTER)
            return response
        except TooExpensive:
            logger.error("ファイルを作成できませんでした（%s）", request.get_full_path())
            return render(request, "files/too_much.html", {"heading": FAILED}, status=503)
        except Crashed:  # own_process has logged it
            return render(request, "files/crashed.html", {"heading": FAILED}, status=500)

    return answered


WAIT = "ファイルを準備しています"
LATER = "ファイルをまだ作成できません"
FAILED = "ファイルを作成できませんでした"


def _write(descriptor: int, write: Callable[..., Result], arguments: tuple[Any, ...]) -> Result:
    with os.fdopen(descriptor, "w+b") as file:
        return write(file, *arguments)


def _sees_the_same() -> bool:
    """Return whether another process sees the same data: all is committed, and not in memory."""
    if connection.in_atomic_block:
        return False
    return connection.vendor != "sqlite" or not cast(Any, connection).is_in_memory_db()


@contextmanager
def _turn_of(person: Any) -> Iterator[None]:
    """Hold the person's own lock and one of the places. Raises OwnFileFirst or NotNow."""
    with ExitStack() as held:
        if not turns.hold(held, f"person-{person}"):
            raise OwnFileFirst
        if not turns.hold(held, "place", settings.FILES_AT_ONCE):
            raise NotNow
        yield
