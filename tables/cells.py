"""Table cells: their values, and escaping so that text stays text in a spreadsheet."""

import re
from decimal import Decimal

from japanese.characters import clean
from japanese.numerals import plain

YES, NO = "はい", "いいえ"

Cell = str | int | Decimal | None
"""A text, a number, or nothing."""

# Excel takes the full-width signs for the half-width ones when a cell is edited.
FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
_LOOKS_LIKE_A_FORMULA = re.compile(f"'*[{''.join(map(re.escape, FORMULA_STARTS))}]")


def cell_text(cell: Cell) -> str:
    """Return the text that a reader gets from a written cell."""
    return tidy(cell) if isinstance(cell, str) else number_text(cell)


def number_text(number: int | Decimal | None) -> str:
    """Return a number without exponent, separators and trailing zeros; "" for None."""
    if number is None:
        return ""
    if isinstance(number, int):
        return str(int(number))  # large tables hold mostly whole numbers
    return plain(number or Decimal(0))


def tidy(text: str) -> str:
    r"""Return a clean text with \n as the only line break, without surrounding whitespace."""
    return clean(text).replace("\r\n", "\n").replace("\r", "\n").strip()


def tidied(cell: Cell) -> Cell:
    """Return a cell tidied in advance, so that it reads back unchanged."""
    return tidy(cell) if isinstance(cell, str) else cell


def escaped(text: str) -> str:
    """Return a text that no spreadsheet runs as a formula.

    Puts ' before a text that begins with = + - @ of either width, a tab or a line break.
    """
    return f"'{text}" if _LOOKS_LIKE_A_FORMULA.match(text) else text


def unescaped(text: str) -> str:
    """Undo `escaped`."""
    return text[1:] if text.startswith("'") and _LOOKS_LIKE_A_FORMULA.match(text) else text


def read_back(cell: Cell) -> Cell:
    """Return what to write into a workbook so that the cell reads back unchanged.

    Workbook cells have a type, unlike CSV, so only a text that already looks escaped needs it.
    """
    return escaped(cell) if isinstance(cell, str) and cell.startswith("'") else cell
