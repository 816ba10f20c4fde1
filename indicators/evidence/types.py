"""Which files may be 根拠資料: the kinds there are, and whether a content is what its name says.

No database and no disk. The name's ending says which kind a file claims to be; its first bytes and
its inner structure say whether it is.
"""

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How files of Office up to 2003 begin, messages of Outlook, and Office files with a password."""

MAX_PARTS = 5_000
NOT_CP932 = re.compile(r"[\uf8f0-\uf8f3]")
"""What Python makes of bytes that mean nothing in cp932."""

CONTROLS = frozenset(range(0x20)) - {0x09, 0x0A, 0x0D} | {0x7F}


class NotThisKind(ValueError):
    """The content is not what the name says; the message, for the screen, says what to do."""


def _begins_with(*magic: bytes) -> Callable[[bytes], None]:
    def check(content: bytes) -> None:
        if not content.startswith(magic):
            raise NotThisKind(_different())

    return check


def _package_with(part: str) -> Callable[[bytes], None]:
    """Office files of today: a zip with a certain part and without macros."""

    def check(content: bytes) -> None:
        if content.startswith(OLE_MAGIC) and _has_stream(content, "EncryptedPackage"):
            raise NotThisKind(
                "パスワードが設定されています。パスワードを外して保存し直してください。"
            )
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                names = [name.lower() for name in archive.namelist()]
        except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError):
            raise NotThisKind(_different()) from None
        if part not in names or len(names) > MAX_PARTS:
            raise NotThisKind(_different())
        if any("vbaproject" in name or name.startswith("xl/macrosheets/") for name in names):
            raise NotThisKind(_macros())

    return check


def _old_office_with(*streams: str) -> Callable[[bytes], None]:
    """Office files up to 2003 and Outlook's messages: a container with a certain stream."""

    def check(content: bytes) -> None:
        if not content.startswith(OLE_MAGIC):
            raise NotThisKind(_different())
        if not any(_has_stream(content, stream) for stream in streams):
            raise NotThisKind(_different())
        if _has_stream(content, "_VBA_PROJECT"):
            raise NotThisKind(_macros())

    return check


def _has_stream(content: bytes, name: str) -> bool:
    return name.encode("utf-16-le") in content


def _text(content: bytes) -> None:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if any(ord(character) in CONTROLS for character in text) or NOT_CP932.search(text):
            break
        return
    raise NotThisKind(_different())


def _different() -> str:
    return "拡張子と中身が違います。元のファイルを開き、正しい形式で保存し直してください。"


def _macros() -> str:
    return "マクロが含まれています。マクロなしの形式（.xlsx、.docx）で保存し直してください。"


@dataclass(frozen=True)
class Kind:
    """A kind of file: what browsers call it, and the check that raises NotThisKind."""

    content_type: str
    check: Callable[[bytes], None]


_OFFICE = "application/vnd.openxmlformats-officedocument."

KINDS: dict[str, Kind] = {
    "pdf": Kind("application/pdf", _begins_with(b"%PDF-")),
    "xlsx": Kind(f"{_OFFICE}spreadsheetml.sheet", _package_with("xl/workbook.xml")),
    "docx": Kind(f"{_OFFICE}wordprocessingml.document", _package_with("word/document.xml")),
    "pptx": Kind(f"{_OFFICE}presentationml.presentation", _package_with("ppt/presentation.xml")),
    "xls": Kind("application/vnd.ms-excel", _old_office_with("Workbook", "Book")),
    "doc": Kind("application/msword", _old_office_with("WordDocument")),
    "msg": Kind("application/vnd.ms-outlook", _old_office_with("__properties_version1.0")),
    "csv": Kind("text/csv", _text),
    "txt": Kind("text/plain", _text),
    "jpg": Kind("image/jpeg", _begins_with(b"\xff\xd8\xff")),
    "jpeg": Kind("image/jpeg", _begins_with(b"\xff\xd8\xff")),
    "png": Kind("image/png", _begins_with(b"\x89PNG\r\n\x1a\n")),
}
"""All that can be allowed, by the ending of the name."""


def ending_of(name: str) -> str:
    """Return the ending of a file's name in lower case, without the dot; "" without one."""
    stem, dot, ending = name.rpartition(".")
    return ending.lower() if stem and dot else ""
