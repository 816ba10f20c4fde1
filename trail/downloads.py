"""Downloads: the only place that sends a file to the browser. Logs each file sent."""

from dataclasses import dataclass
from hashlib import file_digest, sha256
from io import SEEK_END
from typing import IO, Any, cast
from urllib.parse import quote

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from japanese.characters import printable
from trail import downloads_a_minute, events
from trail.events import Event
from trail.history import Door

CSV = "text/csv; charset=utf-8"
JSON = "application/json"
SVG = "image/svg+xml"
ZIP = "application/zip"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_FILE_NAME_SIGNS = str.maketrans('\\/:*?"<>|', "￥／：＊？”＜＞｜")
"""Characters that Windows does not allow in a file name, and their full-width forms."""


@dataclass(frozen=True)
class OutgoingFile:
    """A file to send. An open file is streamed, and the response closes it.

    The browser saves it as `name`; `ascii_name` is for clients that do not support RFC 6266.
    """

    content: IO[bytes] | bytes
    name: str
    ascii_name: str
    content_type: str


def download(
    request: HttpRequest,
    file: OutgoingFile,
    *,
    detail: str,
    subject: str = "",
    door: str = Door.PAGE,
) -> HttpResponseBase:
    """Return the response with a file, and log the download with user, size and SHA-256.

    For a person who received too many files within a minute it is a page that says so; an open
    file is closed then. `subject` is the name of the file in the log; the default is its file name.
    """
    if page := downloads_a_minute.refusal(request):
        if not isinstance(file.content, bytes):
            file.content.close()
        return page
    digest, size = measured(file.content)
    events.log(
        Event.Kind.EXPORT,
        subject or file.name,
        f"{detail}、{size:,}バイト、SHA-256：{digest}",
        by=request.user,
        door=door,
    )
    headers = {
        "Content-Disposition": disposition(file.name, file.ascii_name),
        "ETag": f'"{digest}"',
    }
    kind = HttpResponse if isinstance(file.content, bytes) else FileResponse
    return kind(file.content, content_type=file.content_type, headers=headers)


def measured(file: IO[bytes] | bytes) -> tuple[str, int]:
    """Return SHA-256 and size in bytes. An open file is rewound to its beginning."""
    if isinstance(file, bytes):
        return sha256(file).hexdigest(), len(file)
    file.seek(0)
    # file_digest() wants readinto(), which IO[bytes] does not declare but every open file has.
    digest = file_digest(cast(Any, file), "sha256").hexdigest()
    size = file.seek(0, SEEK_END)
    file.seek(0)
    return digest, size


def file_name(text: str) -> str:
    """Return a text for use in a file name: one line, no character that Windows forbids."""
    return printable(text).strip().translate(_FILE_NAME_SIGNS)


def disposition(name: str, ascii_name: str) -> str:
    """Return the Content-Disposition header (RFC 6266), with an ASCII name for old clients.

    Raises ValueError if `ascii_name` would need quoting: our own code chooses it.
    """
    if not ascii_name.isascii() or set(ascii_name) & set('"\\/%;') or not ascii_name.isprintable():
        raise ValueError(f"{ascii_name!r} is not a file name that every client can read")
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='')}"
