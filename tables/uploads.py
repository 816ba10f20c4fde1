"""What any uploaded file must pass before anything else reads it.

The type is what the content says, never the name. `accept` returns a file that is small enough,
holds no macro, no link to other files, no document type declaration and no zip bomb, and not too
many rows; or it raises UploadError with a message that names the file and says what to do.
"""

import csv
import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from xml.parsers import expat

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

MAX_ROWS = 20_000
"""Rows below the header that hold anything."""

MAX_PARTS = 2_000
MAX_UNPACKED_BYTES = 50 * 1024 * 1024
MAX_RATIO = 200
"""How many times its packed size a part may be; parts below MAX_SMALL_PART are not asked."""

MAX_SMALL_PART = 1024 * 1024
_CHUNK = 64 * 1024

SAVE_AS_XLSX = "Excelで開き、「Excelブック（*.xlsx）」として保存し直してください。"
SAVE_AS_EITHER = (
    "「Excelブック（*.xlsx）」か「CSV UTF-8（コンマ区切り）（*.csv）」として保存し直してください。"
)


class Kind(StrEnum):
    """What an uploaded file is."""

    XLSX = "xlsx"
    CSV = "csv"


class UploadError(ValueError):
    """The file cannot be taken; the message is for the screen."""


@dataclass(frozen=True)
class Upload:
    """A file that passed. `text` is that of a CSV file, without BOM; "" for Excel."""

    name: str
    kind: Kind
    content: bytes
    text: str = ""


class SizeLimit(FileUploadHandler):
    """Drops what comes after the limit, so that a huge file fills neither memory nor disk.

    The limit is the larger one of tables and of 根拠資料: which of them comes in is not known yet.
    What is kept is a little more than the limit: who reads it sees that it is too large.
    """

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        limit = max(settings.UPLOAD_MAX_BYTES, settings.EVIDENCE_MAX_BYTES)
        return raw_data if start <= limit else None

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the handlers that store it."""


def read(file: UploadedFile) -> Upload:
    """Return the content of a form's file after all checks. Raises UploadError."""
    name = shown_name(file.name or "")
    if file.size > settings.UPLOAD_MAX_BYTES:
        raise UploadError(_too_large(name))
    return accept(name, file.read())


def accept(name: str, content: bytes) -> Upload:
    """Return the file with this content after all checks. Raises UploadError."""
    name = shown_name(name)
    try:
        return _accept(name, content)
    except UploadError as error:
        raise UploadError(f"ファイル「{name}」は取り込めません。{error}") from None


def shown_name(name: str) -> str:
    """Return a file's name as a message may quote it: without folders, short, printable."""
    name = re.split(r"[/\\]", name)[-1]
    name = "".join(character for character in name if character.isprintable())
    return (name if len(name) <= 80 else f"{name[:77]}…") or "（名前なし）"


def _accept(name: str, content: bytes) -> Upload:
    if not content:
        raise UploadError("中身が空です。内容のあるファイルを選んでください。")
    if len(content) > settings.UPLOAD_MAX_BYTES:
        raise UploadError(_too_large_reason())
    if content.startswith(b"PK\x03\x04"):
        _check_workbook(content)
        return Upload(name, Kind.XLSX, content)
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise UploadError(_old_or_encrypted(content))
    text = _decode(content)
    _check_rows(_csv_row_count(text))
    return Upload(name, Kind.CSV, content, text)


def _too_large(name: str) -> str:
    return f"ファイル「{name}」は取り込めません。{_too_large_reason()}"


def _too_large_reason() -> str:
    limit = settings.UPLOAD_MAX_BYTES / 1024 / 1024
    return (
        f"大きさが上限の{limit:.3g}MBを超えています。"
        "不要なシートや画像を除くか、行を分けて、複数のファイルにしてください。"
    )


def _check_rows(count: int) -> None:
    if count > MAX_ROWS:
        raise UploadError(
            f"行数が上限の{MAX_ROWS:,}行を超えています。行を分けて、複数のファイルにしてください。"
        )


# CSV

_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")

# What Python makes of bytes that mean nothing in cp932.
_NOT_CP932 = re.compile(r"[\uf8f0-\uf8f3]")


def _decode(content: bytes) -> str:
    """Return the text of a CSV file in UTF-8, with or without BOM, or in cp932 (Shift_JIS)."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UploadError(f"文字コードがUTF-16です。{SAVE_AS_EITHER}")
    for encoding in ("utf-8-sig", "cp932"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        foreign = encoding == "cp932" and _NOT_CP932.search(text)
        if foreign or _NOT_TEXT.search(text) or _is_markup(text):
            break
        return text
    raise UploadError(f"ExcelブックでもCSVでもありません。{SAVE_AS_EITHER}")


def _is_markup(text: str) -> bool:
    """Whether a text is HTML or XML, as which some programs save what they call .xls or .csv."""
    return bool(re.match(r"\s*<(?:!doctype|\?xml|html|table)\b", text, re.IGNORECASE))


def read_csv(text: str) -> list[list[str]]:
    """Return the records of a CSV text, empty ones included. Raises UploadError."""
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
    # The header is one of the rows that hold something.
    return sum(1 for record in read_csv(text) if any(record)) - 1


# Excel


def _old_or_encrypted(content: bytes) -> str:
    if "EncryptedPackage".encode("utf-16-le") in content:
        return "パスワードが設定されています。Excelで開き、パスワードを外して保存し直してください。"
    return f"古いExcel形式（.xls）か、Excelではない文書です。{SAVE_AS_XLSX}"


def _check_workbook(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            _check_parts(parts)
            budget = MAX_UNPACKED_BYTES
            for part in parts:
                budget -= _check_part(archive, part, budget)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError):
        raise UploadError(f"ファイルが壊れています。{SAVE_AS_XLSX}") from None


def _check_parts(parts: list[zipfile.ZipInfo]) -> None:
    """Judge a package by the names and the declared sizes of its parts."""
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
    for name in names:
        if "vbaproject" in name or name.startswith(("xl/macrosheets/", "xl/dialogsheets/")):
            raise UploadError(_macros())
        if (
            name.startswith(("xl/externallinks/", "xl/querytables/"))
            or name == "xl/connections.xml"
        ):
            raise UploadError(_links())


def _is_bomb(part: zipfile.ZipInfo, size: int) -> bool:
    return size > MAX_SMALL_PART and size > MAX_RATIO * max(part.compress_size, 1)


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, budget: int) -> int:
    """Read one part to its end and return its size. What it declared may be a lie."""
    size = 0
    reader = _PartReader(part.filename)
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > budget or _is_bomb(part, size):
                raise UploadError(_bomb())
            reader.feed(chunk)
    reader.close()
    return size


class _PartReader:
    """Looks through one part as XML, with the parser that openpyxl uses as well.

    Every part is looked through, whatever its name: the package itself says which ones are XML.
    """

    def __init__(self, name: str) -> None:
        self.is_xml = name.lower().endswith((".xml", ".rels"))
        self.parser: Any = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = _refuse_declaration
        self.parser.EntityDeclHandler = _refuse_declaration
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.rows = 0
        self._row_holds_something = False

    def feed(self, chunk: bytes, *, final: bool = False) -> None:
        if self.parser is None:
            return
        try:
            self.parser.Parse(chunk, final)
        except UploadError:
            raise
        except (expat.ExpatError, LookupError, ValueError):  # the latter two for odd encodings
            if self.is_xml:
                raise UploadError(f"ファイルが壊れています。{SAVE_AS_XLSX}") from None
            self.parser = None  # a picture or the like

    def close(self) -> None:
        self.feed(b"", final=True)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if tag in ("v", "is"):
            self._row_holds_something = True
        elif tag == "row":
            _check_row_number(attributes.get("r", "1"))
        elif tag in ("Override", "Default"):
            _check_content_type(attributes.get("ContentType", "").lower())
        elif tag == "Relationship":
            is_web_link = attributes.get("Type", "").endswith("/hyperlink")
            if attributes.get("TargetMode") == "External" and not is_web_link:
                raise UploadError(_links())

    def _end(self, tag: str) -> None:
        # Sheets may claim a million rows; rows that hold nothing do not count.
        if tag.rpartition(":")[2] == "row" and self._row_holds_something:
            self._row_holds_something = False
            self.rows += 1
            _check_rows(self.rows - 1)


def _check_row_number(number: str) -> None:
    # openpyxl fills the gap before a row with empty ones, however wide it is.
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
        "ほかのファイルやデータへのリンクが含まれています。"
        "値として貼り付け、リンクを解除してから保存し直してください。"
    )


def _bomb() -> str:
    return (
        "展開すると大きくなりすぎます。使っていない行や列、シートを削除して保存し直すか、"
        "行を分けて、複数のファイルにしてください。"
    )
