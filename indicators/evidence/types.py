"""The file types of 根拠資料, and checks whether a content matches its file extension.

No database and no disk. A check looks at the first bytes and the inner structure of a file.
"""

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

from tables import own_process
from tables.file_contents import (
    ENCRYPTED,
    MACROS,
    decoded,
    has_macros,
    may_be_encrypted_pdf,
    old_document_names,
    part_names,
    pdf_needs_password,
)
from tables.uploads import UploadError, telling_its_end

MAX_PARTS = 5_000


def _begins_with(*magic: bytes) -> Callable[[bytes], None]:
    def check(content: bytes) -> None:
        if not content.startswith(magic):
            raise UploadError(_different())

    return check


def _pdf(content: bytes) -> None:
    _begins_with(b"%PDF-")(content)
    if not may_be_encrypted_pdf(content):
        return
    with telling_its_end(too_much=_locked()):
        needs_password = own_process.run(pdf_needs_password, content)
    if needs_password:
        raise UploadError(_locked())


def _package_with(part: str) -> Callable[[bytes], None]:
    """Return a check for current Office files: a ZIP with a certain part and without macros."""

    def check(content: bytes) -> None:
        if ENCRYPTED in old_document_names(content):
            raise UploadError(_locked())
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                names = part_names(archive)
        except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError):
            raise UploadError(_different()) from None
        if part not in names or len(names) > MAX_PARTS:
            raise UploadError(_different())
        if has_macros(names):
            raise UploadError(_macros())

    return check


def _old_file_with(*names: str) -> Callable[[bytes], None]:
    """Return a check for Office files up to 2003 and Outlook messages: OLE with a stream."""

    def check(content: bytes) -> None:
        found = old_document_names(content)
        if not found & set(names):
            raise UploadError(_different())
        if MACROS in found:
            raise UploadError(_macros())

    return check


def _text(content: bytes) -> None:
    if decoded(content) is None:
        raise UploadError(_different())


def _different() -> str:
    return "拡張子と中身が違います。元のファイルを開き、正しい形式で保存し直してください。"


def _locked() -> str:
    return "パスワードが設定されています。パスワードを外して保存し直してください。"


def _macros() -> str:
    return "マクロが含まれています。マクロなしの形式（.xlsx、.docx）で保存し直してください。"


@dataclass(frozen=True)
class EvidenceKind:
    """A file type: its content type, and a check that raises UploadError."""

    content_type: str
    check: Callable[[bytes], None]


_OFFICE = "application/vnd.openxmlformats-officedocument."

KINDS: dict[str, EvidenceKind] = {
    "pdf": EvidenceKind("application/pdf", _pdf),
    "xlsx": EvidenceKind(f"{_OFFICE}spreadsheetml.sheet", _package_with("xl/workbook.xml")),
    "docx": EvidenceKind(f"{_OFFICE}wordprocessingml.document", _package_with("word/document.xml")),
    "pptx": EvidenceKind(
        f"{_OFFICE}presentationml.presentation", _package_with("ppt/presentation.xml")
    ),
    "xls": EvidenceKind("application/vnd.ms-excel", _old_file_with("workbook", "book")),
    "doc": EvidenceKind("application/msword", _old_file_with("worddocument")),
    "msg": EvidenceKind("application/vnd.ms-outlook", _old_file_with("__properties_version1.0")),
    "csv": EvidenceKind("text/csv", _text),
    "txt": EvidenceKind("text/plain", _text),
    "jpg": EvidenceKind("image/jpeg", _begins_with(b"\xff\xd8\xff")),
    "jpeg": EvidenceKind("image/jpeg", _begins_with(b"\xff\xd8\xff")),
    "png": EvidenceKind("image/png", _begins_with(b"\x89PNG\r\n\x1a\n")),
}
"""All types that the settings can allow, by extension."""


def ending_of(name: str) -> str:
    """Return the extension of a file name in lower case, without the dot; "" without one."""
    stem, dot, ending = name.rpartition(".")
    return ending.lower() if stem and dot else ""
