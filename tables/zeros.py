"""Find formulas of a workbook that show 0 because all cells to which they refer are empty.

Excel shows a reference to an empty cell as 0, and a reference to that 0 again. Nobody entered that
number.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from openpyxl.utils.cell import column_index_from_string

_REFERENCE = re.compile(
    r"(?:'(?P<quoted>(?:[^']|'')+)'!|(?P<sheet>[^\s!'\"(),;:+\-*/^&=<>{}]+)!)?"
    r"(?P<area>\$?[A-Z]{1,3}\$?[0-9]{1,7}(?::\$?[A-Z]{1,3}\$?[0-9]{1,7})?)(?![A-Za-z0-9_(!.])"
)
_SIDE = re.compile(r"(\$?)([A-Z]{1,3})(\$?)([0-9]{1,7})")
_ZEROS = ("0", "0%")
_TEXT = re.compile(r'"[^"]*"')
_LONGEST = 500
"""Longer formulas are left alone: they are not how people fetch one number."""

_HIGHEST = 60
"""Ranges of more rows are left alone: a file may have thousands of formulas over them."""

_DEEPEST = 30
"""References are followed through at most this many formulas."""

Cells = Mapping[int, Mapping[int, object]]
"""The cells of a sheet that are not empty, by row and column."""


class _Sheet(Protocol):
    title: str
    formulas: dict[tuple[int, int], str]
    shared: dict[tuple[int, int], tuple[int, int]]

    @property
    def rows(self) -> Cells: ...


def zeros_of_nothing(sheets: Sequence[_Sheet], sheet: _Sheet) -> Iterator[tuple[int, int]]:
    """Yield row and column of the formulas of a sheet that refer to nothing but empty cells.

    A cell counts as empty, too, if its formula shows nothing, or shows 0 for the same reason: the
    number may come through several sheets. Formulas that refer to no cell of the workbook are left
    out: what they fetch is not known.
    """
    tracing = _Tracing(sheets)
    for place in sheet.formulas:
        if _text_at(sheet, place) in _ZEROS and tracing.refers_to_nothing(sheet, place):
            yield place


def _text_at(sheet: _Sheet, place: tuple[int, int]) -> object:
    cell = sheet.rows.get(place[0], {}).get(place[1])
    return getattr(cell, "text", cell)


class _Tracing:
    """Follows references from cell to cell; each formula is read once."""

    def __init__(self, sheets: Sequence[_Sheet]) -> None:
        self.by_title = {one.title.lower(): one for one in sheets}
        self.known: dict[tuple[str, tuple[int, int]], bool] = {}
        self.depth = 0

    def refers_to_nothing(self, sheet: _Sheet, place: tuple[int, int]) -> bool:
        """Whether the formula at a place refers to empty cells only."""
        key = (sheet.title, place)
        if key not in self.known:
            if self.depth >= _DEEPEST:
                return False
            self.known[key] = False  # in case the references go round in a circle
            self.depth += 1
            self.known[key] = self._reads_nothing(sheet, place)
            self.depth -= 1
        return self.known[key]

    def _reads_nothing(self, sheet: _Sheet, place: tuple[int, int]) -> bool:
        first = sheet.shared.get(place, place)
        formula = sheet.formulas[first]
        if len(formula) > _LONGEST:
            return False
        offset = place[0] - first[0], place[1] - first[1]
        found = list(_REFERENCE.finditer(_TEXT.sub("", formula)))
        return bool(found) and all(self._is_empty(one, sheet, offset) for one in found)

    def _is_empty(self, reference: re.Match[str], sheet: _Sheet, offset: tuple[int, int]) -> bool:
        title = (reference["quoted"] or reference["sheet"] or sheet.title).replace("''", "'")
        target = self.by_title.get(title.lower())
        if target is None:
            return False
        first_column, first_row, last_column, last_row = _area(reference["area"], *offset)
        if last_row - first_row >= _HIGHEST:
            return False
        return all(
            self._holds_nothing(target, (row, column))
            for row in range(first_row, last_row + 1)
            for column in target.rows.get(row, ())
            if first_column <= column <= last_column
        )

    def _holds_nothing(self, sheet: _Sheet, place: tuple[int, int]) -> bool:
        """Whether a cell that the file has shows nothing that somebody entered."""
        if place not in sheet.formulas:
            return False
        text = _text_at(sheet, place)
        return text == "" or (text in _ZEROS and self.refers_to_nothing(sheet, place))


def _area(area: str, rows: int, columns: int) -> tuple[int, int, int, int]:
    """Return first column and row, last column and row; what has no $ moves by so many cells."""
    sides = [_moved(side, rows, columns) for side in _SIDE.finditer(area)]
    (first_column, first_row), (last_column, last_row) = sides[0], sides[-1]
    return first_column, first_row, last_column, last_row


def _moved(side: re.Match[str], rows: int, columns: int) -> tuple[int, int]:
    """Return column and row of a cell such as $C9."""
    fixed_column, column, fixed_row, row = side.groups()
    return (
        column_index_from_string(column) + (0 if fixed_column else columns),
        int(row) + (0 if fixed_row else rows),
    )
