"""The one way in which a file leaves through the browser: logged, under a name that arrives."""

from dataclasses import dataclass
from hashlib import file_digest, sha256
from io import SEEK_END
from typing import IO, Any, cast
from urllib.parse import quote

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from trail import events
from trail.events import Event
from trail.history import Door

CSV = "text/csv; charset=utf-8"
JSON = "application/json"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_FILE_NAME_SIGNS = str.maketrans('\\/:*?"<>|', "￥／：＊？”＜＞｜")
"""What Windows does not allow in the name of a file."""


@dataclass(frozen=True)
class OutgoingFile:
    """A file as it leaves: an open one is sent piece by piece and closed by the response.

    It is saved under `name`; `ascii_name` is for programs that cannot read RFC 6266.
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
    """Return the response with a file, and log who takes what, with size and SHA-256.

    `subject` is what the log calls the file, by default its name.
    """
    digest, size = _measured(file.content)
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


def _measured(file: IO[bytes] | bytes) -> tuple[str, int]:
    """Return SHA-256 and size of a file; an open one is at its beginning afterwards."""
    if isinstance(file, bytes):
        return sha256(file).hexdigest(), len(file)
    file.seek(0)
    # IO[bytes] does not name readinto(), which every open file has.
    digest = file_digest(cast(Any, file), "sha256").hexdigest()
    size = file.seek(0, SEEK_END)
    file.seek(0)
    return digest, size


def file_name(text: str) -> str:
    """Return a text as part of the name of a file: no sign that Windows refuses, in one line."""
    return "".join(sign for sign in text if sign.isprintable()).strip().translate(_FILE_NAME_SIGNS)


def disposition(name: str, ascii_name: str) -> str:
    """Return the header that has a file saved (RFC 6266), for old programs in ASCII as well.

    Raises ValueError where `ascii_name` needs quoting: it is ours to choose.
    """
    if not ascii_name.isascii() or set(ascii_name) & set('"\\/%;') or not ascii_name.isprintable():
        raise ValueError(f"{ascii_name!r} is no name that every program can read")
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='')}"
