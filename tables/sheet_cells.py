"""Write worksheet cells: text that never becomes a formula, numbers with their format."""

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

from japanese.characters import clean
from tables.cells import FORMULA_STARTS

FONT = "Meiryo UI"  # on every Japanese Windows, and low enough to keep the default line height
FONT_SIZE = 9

HEADER_FILL = "#D9D9D9"

HELP_SHEET = "記入のしかた"
"""The sheet of a form that says how it is filled in."""

_BOLD = 1.05
"""The width of bold text relative to normal text."""

LONGEST_TEXT = 32_000
"""In UTF-16 units. Excel allows 32,767 in a cell."""

# Numbers and Latin words do not break, and 。 and 」 cannot begin a line.
_UNBREAKABLE = re.compile(r"(?:[!-~]+|.)[、。，．・）」』】％]*")

_PIXELS_PER_CHARACTER = 12  # a full-width character of 9 points
_POINTS_PER_LINE = 13.5
_TALLEST_ROW = 409

MOST_LINES = 28
"""How many lines of a text the tallest row shows in every program that opens the file."""


LOCKED_FILL, FILL_IN_FILL = "#F2F2F2", "#FFFFFF"
"""Cells of a form that Excel locks, and those to fill in."""
YEAR_FILL = LOCKED_FILL
"""The year that a printed sheet is about, and what else stands out a little."""
HEADING_FILL = "#EDEDED"
INPUT_FILL, INPUT_YEAR_FILL = "#FFFBE6", "#FFF2CC"
"""Cells that people may type over, and those of the judged year; nearly white on a grey copy."""
LINK_COLOUR = "#0017C1"


class _Sheet(Worksheet):
    """A sheet whose formulas use functions of Excel 2016 and before."""

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        """Spare the search of each formula for thirty newer functions, which takes longer than
        writing it.
        """
        return formula.removeprefix("=")


class _Book(Workbook):
    worksheet_class = _Sheet


def printed_workbook(file: IO[bytes]) -> Workbook:
    """Return a workbook for printing. The caller closes it.

    No text becomes a formula, a number or a link. XlsxWriter modifies the options it gets, so they
    are built here for each workbook: shared ones would make the second workbook of a process
    differ from the first.
    """
    return _Book(
        file,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
            # Excel measures column widths in digits of this font: 7 pixels, as XlsxWriter assumes.
            # With a font scheme, Excel would use the font of the theme instead.
            "default_format_properties": {
                "font_name": FONT,
                "font_size": FONT_SIZE,
                "font_scheme": "none",
            },
        },
    )


class CellWriter:
    """Writes to one sheet; all its formats have the properties in `base`."""

    def __init__(self, workbook: Workbook, sheet: Worksheet, **base: Any) -> None:
        self.workbook = workbook
        self.sheet = sheet
        self.base = {"font_name": FONT, "font_size": FONT_SIZE, **base}
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}

    def text(self, row: int, column: int, text: str, **properties: Any) -> None:
        """Write a text. One that begins like a formula stays text even after editing in Excel."""
        text = clean(text)
        if len(text) > LONGEST_TEXT // 2:
            text = _cut(text)
        if text.startswith(FORMULA_STARTS):
            properties["quote_prefix"] = True
        self.sheet.write_string(row, column, text, self._format(properties))

    def rich_text(
        self,
        row: int,
        column: int,
        pieces: Iterable[tuple[str, dict[str, Any]]],
        **properties: Any,
    ) -> None:
        """Write a text in several pieces, at least two, each with properties of its letters."""
        parts: list[Any] = []
        for text, look in pieces:
            parts += [self._format(look), clean(text)]
        self.sheet.write_rich_string(row, column, *parts, self._format(properties))

    def number(self, row: int, column: int, number: Decimal | int, **properties: Any) -> None:
        """Write a number; `num_format` is its Excel format."""
        self.sheet.write_number(row, column, float(number), self._format(properties))

    def formula(
        self,
        row: int,
        column: int,
        formula: str,
        result: Decimal | Fraction | int | str,
        **properties: Any,
    ) -> None:
        """Write a formula with its result, which programs show before they recalculate.

        `result` is "" if the formula returns neither a number nor a text.
        """
        if isinstance(result, str):
            stored: str | int | float = clean(result)
        else:
            stored = result if isinstance(result, int) else float(result)
        self.sheet.write_formula(row, column, formula, self._format(properties), stored)

    def blank(self, row: int, column: int, **properties: Any) -> None:
        """Write an empty cell with a format."""
        self.sheet.write_blank(row, column, None, self._format(properties))

    def format(self, **properties: Any) -> Format:
        """Return the format with these properties; equal properties give the same object."""
        return self._format(properties)

    def _format(self, properties: dict[str, Any]) -> Format:
        """Look up a format by its properties as given, which saves sorting; else by sorted ones."""
        as_given = tuple(properties.items())
        found = self._formats.get(as_given)
        if found is None:
            key = tuple(sorted(as_given))
            if key not in self._formats:
                self._formats[key] = self.workbook.add_format({**self.base, **properties})
            found = self._formats[as_given] = self._formats[key]
        return found


def number_format(decimals: int, *, suffix: str = "") -> str:
    """Return a display format: separators, ▲ for minus, and a suffix such as 速.

    The space at the end keeps the number off the cell border.
    """
    digits = "#,##0" + ("." + "0" * decimals if decimals else "")
    shown = digits + (f'"{suffix}"' if suffix else "") + "_ "
    return f'{shown};"▲"{shown}'


def plain_number_format(decimals: int) -> str:
    """Return a machine-readable format: digits and a decimal point only."""
    return "0" + ("." + "0" * decimals if decimals else "")


def text_width(text: str) -> float:
    """Return the width of the longest line of a text, in full-width characters."""
    return max((sum(map(_width, line)) for line in text.splitlines()), default=0.0)


def column_width(characters: float) -> float:
    """Return the column width, in Excel's unit, for a number of full-width characters."""
    return (_pixels(characters) - 5) / 7


def width_in_points(characters: float) -> float:
    """Return the width in points of such a column on paper at 100 percent."""
    return _pixels(characters) * 0.75


def _pixels(characters: float) -> float:
    return characters * _PIXELS_PER_CHARACTER + 8


def letter_size(font_size: float) -> float:
    """Return how many times as wide as usual the letters of a bold heading are."""
    return font_size / FONT_SIZE * _BOLD


def row_height(cells: Iterable[tuple[str, float]], larger: float = 1) -> float:
    """Return the height of a row in points. `cells` are pairs of a text and its column width.

    `larger` is how many times the usual size the letters have.

    Excel's automatic heights differ between machines, so the height is set here. An extra line is
    better than a line cut off.
    """
    lines = max((line_count(text, characters / larger) for text, characters in cells), default=1)
    return min((lines * _POINTS_PER_LINE + 4) * larger, _TALLEST_ROW)


def fitting(text: str, characters: float, lines: int = MOST_LINES) -> int:
    """Return how many of the text's characters fit into `lines` lines of a column; at least 1.

    A row is no higher than _TALLEST_ROW: anything longer would be there, but not visible.
    """
    if line_count(text, characters) <= lines:
        return len(text)
    end, line = 0, 0
    for paragraph in text.splitlines(keepends=True):
        line, used = line + 1, 0.0
        for piece in _pieces(paragraph, characters):
            width = sum(map(_width, piece))
            if used and used + width > characters:
                line, used = line + 1, 0.0
            if line > lines:
                return max(end, 1)
            end, used = end + len(piece), used + width
        end += len(paragraph) - len(paragraph.rstrip("\n"))
    return end


def in_rows(text: str, characters: float) -> list[str]:
    """Return a text in pieces, each of which a row of this width shows in full."""
    rows = []
    while True:
        end = fitting(text, characters)
        rows.append(text[:end].rstrip("\n"))
        text = text[end:]
        if not text:
            return rows


def _pieces(paragraph: str, characters: float) -> Iterable[str]:
    """Yield what does not break; what is wider than the column is cut to its width."""
    for piece in _UNBREAKABLE.findall(paragraph):
        if sum(map(_width, piece)) <= characters:
            yield piece
        else:
            step = max(1, int(characters))
            yield from (piece[at : at + step] for at in range(0, len(piece), step))


# Cached because the same sections, states and sentences recur in many rows and reports.
@lru_cache(maxsize=10_000)
def line_count(text: str, characters: float) -> int:
    """Return how many lines a text fills if so many full-width characters fit into a line."""
    if len(text) <= characters and text.isprintable():
        return 1 if text else 0  # no character is wider than 1, and there is no line break
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
    """Return a text that fits into a cell; a shortened text says so at its end."""
    if len(text.encode("utf-16-le")) // 2 <= LONGEST_TEXT:
        return text
    return text[: LONGEST_TEXT // 2] + "…（長いため、以下を省略しました）"
