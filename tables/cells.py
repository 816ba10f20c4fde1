"""Cells of tables: what is written into one, and how a text stays a text in a spreadsheet."""

import re
from decimal import Decimal

from japanese.numerals import plain

YES, NO = "はい", "いいえ"

Cell = str | int | Decimal | None
"""What is written: a text, a number, or nothing."""

_LOOKS_LIKE_A_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff]")


def cell_text(cell: Cell) -> str:
    """Return what reading a written cell gives."""
    return tidy(cell) if isinstance(cell, str) else number_text(cell)


def number_text(number: int | Decimal | None) -> str:
    """Return a number without exponent, separators and needless zeros; "" for None."""
    return "" if number is None else plain(Decimal(number) or Decimal(0))


def tidy(text: str) -> str:
    """Return a text without invisible characters and without blanks around it."""
    return _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def tidied(cell: Cell) -> Cell:
    """Return a cell whose text reading gives back as it stands."""
    return tidy(cell) if isinstance(cell, str) else cell


def escaped(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula.

    It has ' before = + - @, tab and line break.
    """
    return f"'{text}" if _LOOKS_LIKE_A_FORMULA.match(text) else text


def unescaped(text: str) -> str:
    """Return what `escaped` was given."""
    return text[1:] if text.startswith("'") and _LOOKS_LIKE_A_FORMULA.match(text) else text


def read_back(cell: Cell) -> Cell:
    """Return what to write into a workbook so that reading gives the cell again.

    There, other than in CSV, only a text that looks escaped already has to be escaped.
    """
    return escaped(cell) if isinstance(cell, str) and cell.startswith("'") else cell
