"""What a file is, told by its content and never by its name: a package, an old document, a text."""

import io
import re
import struct
import zipfile
from collections.abc import Collection

import olefile

ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC: bytes = olefile.MAGIC
"""How files of Office up to 2003 begin, messages of Outlook, and Office files with a password."""

ENCRYPTED = "encryptedpackage"
MACROS = "_vba_project"

_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")

# What Python makes of bytes that mean nothing in cp932.
_NOT_CP932 = re.compile(r"[\uf8f0-\uf8f3]")

_OF_MACROS = ("xl/macrosheets/", "xl/dialogsheets/")


def decoded(content: bytes) -> str | None:
    """Return the text in UTF-8, with or without BOM, or in cp932 (Shift_JIS); None for no text."""
    for encoding in ("utf-8-sig", "cp932"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        foreign = encoding == "cp932" and _NOT_CP932.search(text)
        return None if foreign or _NOT_TEXT.search(text) else text
    return None


def old_document_names(content: bytes) -> set[str]:
    """Return the names of all streams and storages of an OLE file, in lower case.

    Empty for what is none, and for one that is damaged.
    """
    if not content.startswith(OLE_MAGIC):
        return set()
    try:
        with olefile.OleFileIO(io.BytesIO(content)) as document:
            paths = document.listdir(streams=True, storages=True)
    except (OSError, ValueError, LookupError, ArithmeticError, RecursionError, struct.error):
        return set()  # olefile meets what it does not expect with whatever Python raises
    return {name.lower() for path in paths for name in path}


def has_macros(part_names: Collection[str]) -> bool:
    """Return whether a package of Office holds macros; the names of its parts in lower case."""
    return any("vbaproject" in name or name.startswith(_OF_MACROS) for name in part_names)


def part_names(archive: zipfile.ZipFile) -> list[str]:
    """Return the names of the parts of a package in lower case."""
    return [name.lower() for name in archive.namelist()]
