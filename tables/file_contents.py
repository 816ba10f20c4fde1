"""Detect file types by content, never by name: ZIP package, OLE document, PDF or text."""

import io
import logging
import re
import struct
import zipfile
from collections.abc import Collection

import olefile

ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC: bytes = olefile.MAGIC
"""The first bytes of Office files up to 2003, Outlook messages and encrypted Office files."""

ENCRYPTED = "encryptedpackage"
MACROS = "_vba_project"

_CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")

# Private-use characters to which Python decodes bytes that are undefined in cp932.
_NOT_CP932 = re.compile(r"[\uf8f0-\uf8f3]")

_OF_MACROS = ("xl/macrosheets/", "xl/dialogsheets/")

PASTED_UNSEEN = 20
SHARE_OF_CONTROLS = 5
_NO_TEXT = (b"%PDF-", b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", OLE_MAGIC)
"""Beginnings of files that can look like text: a picture may be small enough to have no NUL."""


def decoded(content: bytes) -> str | None:
    """Decode UTF-8, with or without BOM, or cp932 (Shift_JIS); return None if it is not text.

    A text has no NUL, and at most one control character in five: Word's soft line break is pasted
    unseen, into every cell of a column at times. A short text may have more,
    PASTED_UNSEEN.
    """
    if content.startswith(_NO_TEXT):
        return None
    for encoding in ("utf-8-sig", "cp932"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        foreign = encoding == "cp932" and _NOT_CP932.search(text)
        most = max(PASTED_UNSEEN, len(text) // SHARE_OF_CONTROLS)
        is_binary = "\0" in text or len(_CONTROL.findall(text)) > most
        return None if foreign or is_binary else text
    return None


def old_document_names(content: bytes) -> set[str]:
    """Return the names of all streams and storages of an OLE file, in lower case.

    Returns an empty set if the file is not an OLE file or is damaged.
    """
    if not content.startswith(OLE_MAGIC):
        return set()
    try:
        with olefile.OleFileIO(io.BytesIO(content)) as document:
            paths = document.listdir(streams=True, storages=True)
    except (OSError, ValueError, LookupError, ArithmeticError, RecursionError, struct.error):
        return set()  # a damaged file makes olefile raise any of these
    return {name.lower() for path in paths for name in path}


def has_macros(part_names: Collection[str]) -> bool:
    """Return whether an Office package has macros. `part_names` must be in lower case."""
    return any("vbaproject" in name or name.startswith(_OF_MACROS) for name in part_names)


def part_names(archive: zipfile.ZipFile) -> list[str]:
    """Return the names of all parts of a package, in lower case."""
    return [name.lower() for name in archive.namelist()]


def may_be_encrypted_pdf(content: bytes) -> bool:
    """Return whether a PDF may be encrypted, which is quick: the word is never compressed."""
    return b"/Encrypt" in content


def pdf_needs_password(content: bytes) -> bool:
    """Return whether a PDF cannot be opened without a password.

    One that only forbids printing or copying opens without. A damaged file needs none. Reading it
    may be heavy: call it in a process of its own.
    """
    # Only here: it is needed for one PDF in a thousand, and takes a tenth of a second.
    import pypdf
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what is odd in people's files
    try:
        reader = pypdf.PdfReader(io.BytesIO(content))
        return reader.is_encrypted and not reader.decrypt("")
    except (PyPdfError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return False  # a damaged file makes pypdf raise any of these
