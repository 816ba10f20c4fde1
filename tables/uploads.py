"""The checks that every uploaded file must pass before any other code reads it.

`read` and `accept` check name, size and content according to the `Use` of the file, or raise
UploadError with a message that names the file and says what to do. The format of a table (`TABLE`)
is determined by its content, never by its name. Macros, links to other files, document type
declarations, zip bombs, too many rows and too much of anything else (workbook_size) are refused.
"""

import csv
import errno
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any
from xml.parsers import expat

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from japanese.characters import printable
from tables import own_process
from tables.file_contents import (
    ENCRYPTED,
    OLE_MAGIC,
    ZIP_MAGIC,
    decoded,
    has_macros,
    old_document_names,
)
from tables.workbook_size import MAX_DEPTH, SMALL_BYTES, SMALL_TAGS, Census, SizeLimits

MAX_ROWS = 20_000
"""Rows below the header, not counting empty ones."""

MAX_PARTS = 2_000
MAX_UNPACKED_BYTES = 50 * 1024 * 1024
MAX_RATIO = 200
"""Largest ratio of unpacked to packed size; parts up to MAX_SMALL_PART are exempt."""

MAX_SMALL_PART = 1024 * 1024
_CHUNK = 64 * 1024
_OF_LINKS = ("xl/externallinks/", "xl/querytables/", "xl/connections.xml")

SAVE_AS_XLSX = "Excelで開き、「Excelブック（*.xlsx）」として保存し直してください。"
TOO_MUCH = (
    "中身が多すぎるため、読み取れません。使っていない行・列・シート・書式を削除するか、"
    "新しいブックに必要な値だけを貼り付けて、保存し直してください。"
    "それでも多い場合は、行を分けて、複数のファイルにしてください。"
)
FAULT_OF_THE_SERVER = (
    "サーバーの不具合のため、読み取れませんでした。ファイルに問題があるとは限りません。"
    "システムの管理者に連絡してください。"
)
SAVE_AS_EITHER = (
    "「Excelブック（*.xlsx）」か「CSV UTF-8（コンマ区切り）（*.csv）」として保存し直してください。"
)


class Format(StrEnum):
    """The formats in which tables are imported and exported."""

    XLSX = "xlsx"
    CSV = "csv"


class UploadError(ValueError):
    """The file is refused; the message is for the user."""


@dataclass(frozen=True)
class Upload:
    """A file that passed all checks.

    `kind` is a Format for tables, otherwise the file extension. `text` is the text of a CSV file
    without BOM; "" for other kinds.
    """

    name: str
    kind: str
    content: bytes
    text: str = ""

    @property
    def sha256(self) -> str:
        """The SHA-256 of the content, in hexadecimal."""
        return sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Use:
    """A purpose of uploaded files: which files it allows, and the wording of refusals.

    `limit` is the name of the setting with the maximum size in bytes. `name_of` returns the name
    to keep, `kind_and_text` the values of `Upload.kind` and `Upload.text`; both raise UploadError.
    """

    refusal: str
    limit: str
    if_too_large: str
    name_of: Callable[[str], str]
    kind_and_text: Callable[[str, bytes], tuple[str, str]]


class SizeLimit(FileUploadHandler):
    """Drops data beyond the size limit, so that a huge file fills neither memory nor disk.

    Uses the larger limit of tables and 根拠資料, because the use is not known yet. Keeps slightly
    more than the limit, so that the later check sees that the file is too large.
    """

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        limit = max(settings.UPLOAD_MAX_BYTES, settings.EVIDENCE_MAX_BYTES)
        return raw_data if start <= limit else None

    def file_complete(self, file_size: int) -> None:
        """Return None: the next handlers store the file."""


def shown_name(name: str) -> str:
    """Return a file name for messages: without folders, short, printable."""
    name = printable(re.split(r"[/\\]", name)[-1])
    return (name if len(name) <= 80 else f"{name[:77]}…") or "（名前なし）"


def _table_format(name: str, content: bytes) -> tuple[str, str]:
    if content.startswith(ZIP_MAGIC):
        _check_workbook(content)
        return Format.XLSX, ""
    if content.startswith(OLE_MAGIC):
        raise UploadError(_old_or_encrypted(content))
    text = _csv_text(content)
    # Cells end with one of these; a comma inside of a cell counts as well, which does not matter.
    if text.count(",") + text.count("\n") > settings.UPLOAD_MAX_CELLS:
        raise UploadError(TOO_MUCH)
    _check_rows(_csv_row_count(text))
    return Format.CSV, text


TABLE = Use(
    refusal="取り込めません",
    limit="UPLOAD_MAX_BYTES",
    if_too_large="不要なシートや画像を除くか、行を分けて、複数のファイルにしてください。",
    name_of=shown_name,
    kind_and_text=_table_format,
)


def read(file: UploadedFile, use: Use = TABLE) -> Upload:
    """Check the file of a form and return it. Raises UploadError."""
    return accept(file.name or "", file.read(), use)  # SizeLimit has limited its size


def accept(name: str, content: bytes, use: Use = TABLE) -> Upload:
    """Check a name and content and return them as an Upload. Raises UploadError."""
    try:
        known_as = use.name_of(name)
        _check_size(len(content), use)
        kind, text = use.kind_and_text(known_as, content)
    except UploadError as error:
        message = f"ファイル「{shown_name(name)}」は{use.refusal}。{error}"
        raise UploadError(message) from None
    return Upload(known_as, kind, content, text)


def checked_before(name: str, content: bytes) -> Upload:
    """Return a table that `accept` took before, with the same bytes: nothing is checked again."""
    if content.startswith(ZIP_MAGIC):
        return Upload(name, Format.XLSX, content, "")
    return Upload(name, Format.CSV, content, _csv_text(content))


def _check_size(size: int, use: Use) -> None:
    if not size:
        raise UploadError("中身が空です。内容のあるファイルを選んでください。")
    limit = getattr(settings, use.limit)
    if size > limit:
        raise UploadError(f"大きさが上限の{megabytes(limit)}を超えています。{use.if_too_large}")


def not_stored(name: str, error: OSError, outcome: str) -> str:
    """Return the message for a file that could not be written; `outcome` says what is unchanged."""
    # Only here: the process that reads workbooks imports this module without any models.
    from trail.installation import planning_office

    return (
        f"ファイル「{shown_name(name)}」を、サーバーに保存できませんでした"
        f"（{_disk_fault(error)}）。{outcome}"
        f"{planning_office()}に連絡し、直ってから、もう一度選んでください。"
    )


def _disk_fault(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "保存先に空きがありません"
    return "保存先に書き込めません"


def megabytes(size: int) -> str:
    """Return a size in bytes in MB with three digits: 5MB."""
    return f"{size / 1024 / 1024:.3g}MB"


def _check_rows(count: int) -> None:
    if count > MAX_ROWS:
        raise UploadError(
            f"行数が上限の{MAX_ROWS:,}行を超えています。行を分けて、複数のファイルにしてください。"
        )


# CSV


def _csv_text(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UploadError(f"文字コードがUTF-16です。{SAVE_AS_EITHER}")
    text = decoded(content)
    if text is None or _is_markup(text):
        raise UploadError(f"ExcelブックでもCSVでもありません。{SAVE_AS_EITHER}")
    return text


def _is_markup(text: str) -> bool:
    """Return whether a text is HTML or XML: some programs save that as .xls or .csv."""
    return bool(re.match(r"\s*<(?:!doctype|\?xml|html|table)\b", text, re.IGNORECASE))


def read_csv(text: str) -> list[list[str]]:
    """Return the records of a CSV text, including empty ones. Raises UploadError."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        return list(reader)
    except csv.Error:
        raise UploadError(
            f'{reader.line_num}行目のあたりで、引用符（"）が正しく閉じられていないか、'
            "一つのセルが長すぎます。"
            "Excelで開いて確かめ、CSV形式で保存し直してください。"
        ) from None


def _csv_row_count(text: str) -> int:
    # Minus 1 for the header.
    return sum(1 for record in read_csv(text) if any(record)) - 1


# Excel


def _old_or_encrypted(content: bytes) -> str:
    if ENCRYPTED in old_document_names(content):
        return "パスワードが設定されています。Excelで開き、パスワードを外して保存し直してください。"
    return f"古いExcel形式（.xls）か、Excelではない文書です。{SAVE_AS_XLSX}"


def _check_workbook(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            _check_parts(parts)
            limits = SizeLimits.of_settings()
            if _is_small(archive, parts, limits):
                _check_contents(content, limits)
            else:
                with telling_its_end():
                    own_process.run(_check_contents, content, limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError):
        raise UploadError(f"ファイルが壊れています。{SAVE_AS_XLSX}") from None


@contextmanager
def telling_its_end(outcome: str = "", *, too_much: str = TOO_MUCH) -> Iterator[None]:
    """Raise UploadError, with the reason after `outcome`, if a process ends without an answer.

    `too_much` says what to do if the process needed too much time or memory.
    """
    try:
        yield
    except own_process.TooExpensive:
        raise UploadError(outcome + too_much) from None
    except own_process.Crashed:
        raise UploadError(outcome + FAULT_OF_THE_SERVER) from None


def is_small(content: bytes) -> bool:
    """Return whether a workbook that passed the checks can be read without a process of its own."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return _is_small(archive, archive.infolist(), SizeLimits.of_settings())


def _is_small(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo], limits: SizeLimits) -> bool:
    """Count the signs that begin a tag, which is quick. Raises UploadError if there are too many.

    Counts every part whatever its name, because the package declares which parts are XML.
    """
    tags = size = 0
    for part in parts:
        with archive.open(part) as stream:
            while chunk := stream.read(_CHUNK):
                size += len(chunk)
                tags += chunk.count(b"<")
                if size > MAX_UNPACKED_BYTES:
                    raise UploadError(_bomb())
                if tags > limits.tags:
                    raise UploadError(TOO_MUCH)
    return tags <= SMALL_TAGS and size <= SMALL_BYTES


def _check_contents(content: bytes, limits: SizeLimits) -> None:
    census, budget = Census(limits), MAX_UNPACKED_BYTES
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for part in archive.infolist():
            budget -= _check_part(archive, part, budget, census)


def _check_parts(parts: list[zipfile.ZipInfo]) -> None:
    """Check the names and the declared sizes of the parts of a package."""
    names = [part.filename.lower() for part in parts]
    if any(part.flag_bits & 0x1 for part in parts):
        raise UploadError("パスワードが設定されています。パスワードを外して保存し直してください。")
    if len(names) != len(set(names)) or any(".." in name or "\\" in name for name in names):
        raise UploadError(f"Excelが作るものと構造が違います。{SAVE_AS_XLSX}")
    too_big = sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES
    if too_big or len(parts) > MAX_PARTS or any(_is_bomb(part, part.file_size) for part in parts):
        raise UploadError(_bomb())
    if not {"[content_types].xml", "xl/workbook.xml"} <= set(names):
        raise UploadError(f"Excelブック（*.xlsx）ではありません。{SAVE_AS_XLSX}")
    if has_macros(names):
        raise UploadError(_macros())
    if any(name.startswith(_OF_LINKS) for name in names):
        raise UploadError(_links())


def _is_bomb(part: zipfile.ZipInfo, size: int) -> bool:
    return size > MAX_SMALL_PART and size > MAX_RATIO * max(part.compress_size, 1)


def _check_part(
    archive: zipfile.ZipFile, part: zipfile.ZipInfo, budget: int, census: Census
) -> int:
    """Read one part to its end and return its size: the declared size may be forged."""
    size = 0
    reader = _PartReader(part.filename, census)
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > budget or _is_bomb(part, size):
                raise UploadError(_bomb())
            reader.feed(chunk)
    reader.close()
    return size


class _PartReader:
    """Scans one part as XML, with expat, which openpyxl uses as well.

    Scans every part whatever its name, because the package declares which parts are XML.
    """

    def __init__(self, name: str, census: Census) -> None:
        self.census = census
        self.depth = 0
        self.is_xml = name.lower().endswith((".xml", ".rels"))
        self.parser: Any = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = _refuse_declaration
        self.parser.EntityDeclHandler = _refuse_declaration
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.rows = 0
        self._row_holds_something = False
        self._sheets: set[str] = set()

    def feed(self, chunk: bytes, *, final: bool = False) -> None:
        if self.parser is None:
            return
        try:
            self.parser.Parse(chunk, final)
        except UploadError:
            raise
        except (expat.ExpatError, LookupError, ValueError):  # the latter two: unusable encodings
            if self.is_xml:
                raise UploadError(f"ファイルが壊れています。{SAVE_AS_XLSX}") from None
            self.parser = None  # not XML, such as a picture

    def close(self) -> None:
        self.feed(b"", final=True)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise UploadError(f"Excelが作るものと構造が違います。{SAVE_AS_XLSX}")
        if message := self.census.add(tag, attributes):
            raise UploadError(message)
        if tag in ("v", "is"):
            self._row_holds_something = True
        elif tag == "row":
            _check_row_number(attributes.get("r", "1"))
        elif tag in ("Override", "Default"):
            _check_content_type(attributes.get("ContentType", "").lower())
        elif tag == "Relationship":
            kind = attributes.get("Type", "").rpartition("/")[2]
            if attributes.get("TargetMode") == "External" and kind != "hyperlink":
                raise UploadError(_links())
            if kind == "worksheet":
                self._note_sheet(attributes.get("Target", "").rpartition("/")[2].lower())
        elif tag == "sheet":
            self._note_sheet(next((v for k, v in attributes.items() if k.endswith(":id")), ""))

    def _note_sheet(self, link: str) -> None:
        """Refuse two sheets that are one part: it is counted once, and would be read many times."""
        if link in self._sheets:
            raise UploadError(f"Excelが作るものと構造が違います。{SAVE_AS_XLSX}")
        self._sheets.add(link)

    def _end(self, tag: str) -> None:
        self.depth -= 1
        # Sheets may have a million empty rows; only rows with content count.
        if tag.rpartition(":")[2] == "row" and self._row_holds_something:
            self._row_holds_something = False
            self.rows += 1
            _check_rows(self.rows - 1)


def _check_row_number(number: str) -> None:
    # openpyxl yields an empty row for each one missing before a row, however many.
    if not (number.isascii() and number.isdigit() and len(number) <= 7):
        raise UploadError(f"Excelが作るものと構造が違います。{SAVE_AS_XLSX}")


def _refuse_declaration(*declaration: Any) -> None:
    raise UploadError(f"Excelが使わない宣言（DTD）が含まれています。{SAVE_AS_XLSX}")


def _check_content_type(content_type: str) -> None:
    if "macro" in content_type or "vba" in content_type:
        raise UploadError(_macros())
    if "externallink" in content_type:
        raise UploadError(_links())


def _macros() -> str:
    return f"マクロが含まれています。{SAVE_AS_XLSX}"


def _links() -> str:
    return (
        "ほかのファイルやデータへのリンクが含まれています。リンク先の値は、このファイルからは"
        "確かめられません。Excelの「データ」の「リンクの編集」（「ブックのリンク」）で「リンクの解除」を"
        "押し、数式を値に変えてから保存し直してください。"
    )


def _bomb() -> str:
    return (
        "展開すると大きくなりすぎます。使っていない行や列、シートを削除して保存し直すか、"
        "行を分けて、複数のファイルにしてください。"
    )
