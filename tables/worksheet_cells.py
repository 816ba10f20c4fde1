"""One pass through a worksheet of a workbook: its cells, with result and formula, and merged areas.

openpyxl returns either a formula or its result, and merged cells only if it loads the whole
workbook into memory. It also makes objects of what no import looks at, such as input rules.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from openpyxl.cell.read_only import ReadOnlyCell
from openpyxl.utils.cell import coordinate_to_tuple
from openpyxl.worksheet._reader import (
    FORMULA_TAG,
    INLINE_STRING,
    ROW_TAG,
    SHEET_MAIN_NS,
    WorkSheetParser,
)
from openpyxl.xml.functions import iterparse

_MERGED_TAG = f"{{{SHEET_MAIN_NS}}}mergeCell"
_TEXT_TAG = f"{{{SHEET_MAIN_NS}}}t"

GENERAL = "General"
TEXT, NUMBER, ERROR = "s", "n", "e"
"""Types of the content of a cell; openpyxl has more."""


class RawCell(NamedTuple):
    """A cell that has a content or a formula; row and column are counted from 1.

    `value` is None for a formula without a stored result. `formula` is None without a formula;
    `shared` is the number of a formula that is filled down, "" for others.
    """

    row: int
    column: int
    value: Any
    data_type: str
    number_format: str
    formula: str | None = None
    shared: str = ""


class WorksheetCells(WorkSheetParser):
    """Reads a worksheet of a workbook that openpyxl opened in read-only mode, with results."""

    row_counter: int
    col_counter: int

    def __init__(self, sheet: Any, last_column: int) -> None:
        """Cells to the right of `last_column` are ignored."""
        self.sheet, self.last_column = sheet, last_column
        self.areas: list[str] = []
        """References of the merged areas, once all cells were read."""
        book = sheet.parent
        super().__init__(
            None,
            sheet._shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        self._formats: dict[int, str] = {}

    def __iter__(self) -> Iterator[RawCell]:
        with self.sheet._get_source() as part:
            for _, element in iterparse(part):
                if element.tag == ROW_TAG:
                    yield from self._cells(element)
                    element.clear()
                elif element.tag == _MERGED_TAG:
                    self.areas.append(element.attrib["ref"])

    def _cells(self, row: Element) -> Iterator[RawCell]:
        # The position of a row or cell is optional: without it, it is the next one.
        self.row_counter = int(row.get("r") or self.row_counter + 1)
        self.col_counter = 0
        for element in row:
            if place := element.get("r"):
                self.col_counter = coordinate_to_tuple(place)[1]
            else:
                self.col_counter += 1
            # Most cells of a form are empty: they have a style only.
            has_content = len(element) and self.col_counter <= self.last_column
            if has_content and (raw := self._cell(element)):
                yield raw

    def _cell(self, element: Element) -> RawCell | None:
        place = self.row_counter, self.col_counter
        if (text := _plain_text(element)) is not None:
            return RawCell(*place, text, TEXT, GENERAL)
        if element.get("r") is None:
            self.col_counter -= 1  # openpyxl counts, too
        cell = self.parse_cell(element)
        value, kind = cell["value"], cell["data_type"]
        number_format = self._format(cell["style_id"]) if kind == NUMBER else GENERAL
        found = element.find(FORMULA_TAG)
        if found is None:
            return None if value is None else RawCell(*place, value, kind, number_format)
        if value is None and element.get("t") == "str":
            value = ""  # a text without letters is a result, such as that of =IF(A1="","",A1)
        shared = found.get("si", "") if found.get("t") == "shared" else ""
        return RawCell(*place, value, kind, number_format, f"={found.text or ''}", shared)

    def _format(self, style: int) -> str:
        if style not in self._formats:
            cell = ReadOnlyCell(self.sheet, 0, 0, None, style_id=style)
            try:
                self._formats[style] = cell.number_format or GENERAL
            except LookupError:  # the style is missing
                self._formats[style] = GENERAL
        return self._formats[style]


def _plain_text(cell: Element) -> str | None:
    """Return the text of a cell that has one without formatted parts in it; None for any other.

    openpyxl makes several objects of each text, formatted or not.
    """
    if len(cell) != 1 or cell.get("t") != "inlineStr":
        return None
    content = cell[0]
    if content.tag != INLINE_STRING or len(content) != 1 or content[0].tag != _TEXT_TAG:
        return None
    return content[0].text or ""
