"""The names of uploaded files, with the wide spaces that Django drops."""

import html
from typing import IO, Any

from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser

from japanese.characters import WIDE_SPACE


class WideSpaces(FileUploadHandler):
    """Keeps U+3000 in the names of uploaded files; the first handler in the settings.

    Django's parser keeps only what `str.isprintable` calls printable. An upload handler may replace
    the parser (`handle_raw_input`), so this one lets a parser with another rule for names do all
    the work, with the other handlers.
    """

    request: HttpRequest

    def handle_raw_input(  # type: ignore[override]  # the stubs name other types
        self,
        input_data: IO[bytes],
        META: dict[str, Any],
        content_length: int,
        boundary: bytes,
        encoding: str | None = None,
    ) -> tuple[Any, Any]:
        """Return the fields and files of the form. Raises what Django's parser raises."""
        others = [handler for handler in self.request.upload_handlers if handler is not self]
        return _Parser(META, input_data, others, encoding).parse()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Pass everything on; never called, because the other handlers get the data."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Return None: the next handlers store the file."""


class _Parser(MultiPartParser):
    def sanitize_file_name(self, file_name: str) -> str | None:
        """Return the name without folders and unprintable signs; None if nothing is left."""
        sanitized = super().sanitize_file_name
        path = html.unescape(file_name).replace("\\", "/")
        parts = path.rpartition("/")[2].split(WIDE_SPACE)
        name = WIDE_SPACE.join(sanitized(part) or "" for part in parts)
        return name if name.strip() else None
