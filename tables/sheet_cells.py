"""Writes cells of a worksheet: text that can never become a formula, numbers as they are shown."""

import math
import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import IO, Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

FONT = "Meiryo UI"  # on every Windows in Japanese, and low: lines keep their height
FONT_SIZE = 9

LONGEST_TEXT = 32_000
"""Excel takes 32,767 UTF-16 units in a cell."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")

# Numbers and words of Latin letters stay in one piece; 。 and 」 cannot begin a line.
_UNBREAKABLE = re.compile(r"(?:[!-~]+|.)[、。，．・）」』】％]*")

_PIXELS_PER_CHARACTER = 12  # a full-width character of 9 points
_POINTS_PER_LINE = 13.5
_TALLEST_ROW = 409


def printed_workbook(file: IO[bytes]) -> Workbook:
    """Return a workbook that people print; who asks for it closes it.

    No text becomes a formula, a number or a link. XlsxWriter writes into the options, so that each
    workbook has its own: the second of a process would else be another one than the first.
    """
    return Workbook(
        file,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
            # Column widths are counted in digits of this font: 7 pixels, as XlsxWriter assumes.
            # With a scheme, Excel would take the font of the theme instead, which is another one.
            "default_format_properties": {
                "font_name": FONT,
                "font_size": FONT_SIZE,
                "font_scheme": "none",
            },
        },
    )


class CellWriter:
    """Writes to one sheet; `base` is what the formats of all its cells have in common."""

    def __init__(self, workbook: Workbook, sheet: Worksheet, **base: Any) -> None:
        self.workbook = workbook
        self.sheet = sheet
        self.base = {"font_name": FONT, "font_size": FONT_SIZE, **base}
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}

    def text(self, row: int, column: int, text: str, **properties: Any) -> None:
        """Write a text. One that begins like a formula stays text even when it is edited."""
        if len(text) > LONGEST_TEXT // 2:
            text = _cut(text)
        if text.startswith(FORMULA_STARTS):
            properties["quote_prefix"] = True
        self.sheet.write_string(row, column, text, self._format(properties))

    def number(self, row: int, column: int, number: Decimal | int, **properties: Any) -> None:
        """Write a number; `num_format` says how it is shown."""
        self.sheet.write_number(row, column, float(number), self._format(properties))

    def formula(
        self,
        row: int,
        column: int,
        formula: str,
        result: Decimal | Fraction | int | str,
        **properties: Any,
    ) -> None:
        """Write a formula with its result, so that it is seen before anything is computed.

        `result` is "" where the formula gives no number and no text.
        """
        stored = result if isinstance(result, str | int) else float(result)
        self.sheet.write_formula(row, column, formula, self._format(properties), stored)

    def blank(self, row: int, column: int, **properties: Any) -> None:
        """Write an empty cell that has a format."""
        self.sheet.write_blank(row, column, None, self._format(properties))

    def format(self, **properties: Any) -> Format:
        """Return the format with these properties; the same object for the same properties."""
        return self._format(properties)

    def _format(self, properties: dict[str, Any]) -> Format:
        """Look the format up as the properties come, which is quick; else in their own order."""
        as_given = tuple(properties.items())
        found = self._formats.get(as_given)
        if found is None:
            key = tuple(sorted(as_given))
            if key not in self._formats:
                self._formats[key] = self.workbook.add_format({**self.base, **properties})
            found = self._formats[as_given] = self._formats[key]
        return found


def number_format(decimals: int, *, suffix: str = "") -> str:
    """Return the format for people: separators, ▲ for minus, and a suffix such as 速.

    The blank at the end keeps the number off the line.
    """
    digits = "#,##0" + ("." + "0" * decimals if decimals else "")
    shown = digits + (f'"{suffix}"' if suffix else "") + "_ "
    return f'{shown};"▲"{shown}'


def plain_number_format(decimals: int) -> str:
    """Return the format for machines: digits and a point, nothing else."""
    return "0" + ("." + "0" * decimals if decimals else "")


def text_width(text: str) -> float:
    """Return how wide the longest line of a text is, in full-width characters."""
    return max((sum(map(_width, line)) for line in text.splitlines()), default=0.0)


def column_width(characters: float) -> float:
    """Return the width of a column that holds so many full-width characters."""
    return (_pixels(characters) - 5) / 7


def width_in_points(characters: float) -> float:
    """Return how wide such a column is on paper, before it is made smaller."""
    return _pixels(characters) * 0.75


def _pixels(characters: float) -> float:
    return characters * _PIXELS_PER_CHARACTER + 8


def row_height(cells: Iterable[tuple[str, float]]) -> float:
    """Return the height of a row in points; `cells` are texts with the width of their column.

    Excel computes heights of its own only for rows whose height nobody set, and not the same on
    every machine; a line too much is better than a line cut off.
    """
    lines = max((_lines(text, characters) for text, characters in cells), default=1)
    return min(lines * _POINTS_PER_LINE + 4, _TALLEST_ROW)


# Sections, states and sentences stand in many rows, and in the reports of all years.
@lru_cache(maxsize=10_000)
def _lines(text: str, characters: float) -> int:
    if len(text) <= characters and text.isprintable():
        return 1 if text else 0  # no character is wider than one, and none ends a line
    return sum(_lines_of_paragraph(line, characters) for line in text.splitlines())


def _lines_of_paragraph(text: str, characters: float) -> int:
    lines, used = 1, 0.0
    for piece in _UNBREAKABLE.findall(text):
        width = sum(map(_width, piece))
        if used and used + width > characters:
            lines, used = lines + 1, 0.0
        lines += math.ceil(width / characters) - 1
        used += width
    return lines


def _width(character: str) -> float:
    return 1.0 if unicodedata.east_asian_width(character) in "WFA" else 0.6


def _cut(text: str) -> str:
    """Return a text that fits into a cell; what is left out is named."""
    if len(text.encode("utf-16-le")) // 2 <= LONGEST_TEXT:
        return text
    return text[: LONGEST_TEXT // 2] + "…（長いため、以下を省略しました）"
