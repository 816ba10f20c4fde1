"""Find formulas of a workbook that show 0 because all cells to which they refer are empty.

Excel shows a reference to an empty cell as 0. Nobody entered that number.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from openpyxl.utils.cell import range_boundaries

_REFERENCE = re.compile(
    r"(?:'(?P<quoted>(?:[^']|'')+)'!|(?P<sheet>[^\s!'\"(),;:+\-*/^&=<>{}]+)!)?"
    r"(?P<area>\$?[A-Z]{1,3}\$?[0-9]{1,7}(?::\$?[A-Z]{1,3}\$?[0-9]{1,7})?)(?![A-Za-z0-9_(!.])"
)
_TEXT = re.compile(r'"[^"]*"')
_LONGEST = 500
"""Longer formulas are left alone: they are not how people fetch one number."""

_HIGHEST = 60
"""Ranges of more rows are left alone: a file may have thousands of formulas over them."""

Cells = Mapping[int, Mapping[int, object]]
"""The cells of a sheet that are not empty, by row and column."""


class _Sheet(Protocol):
    title: str
    formulas: dict[tuple[int, int], str]

    @property
    def rows(self) -> Cells: ...


def zeros_of_nothing(sheets: Sequence[_Sheet], sheet: _Sheet) -> Iterator[tuple[int, int]]:
    """Yield row and column of the formulas of a sheet that refer to nothing but empty cells.

    Formulas that refer to no cell of the workbook are left out: what they fetch is not known.
    """
    by_title = {one.title.lower(): one for one in sheets}
    for place, formula in sheet.formulas.items():
        if len(formula) > _LONGEST:
            continue
        found = list(_REFERENCE.finditer(_TEXT.sub("", formula)))
        if found and all(_is_empty(reference, sheet, by_title) for reference in found):
            yield place


def _is_empty(reference: re.Match[str], sheet: _Sheet, by_title: Mapping[str, _Sheet]) -> bool:
    title = (reference["quoted"] or reference["sheet"] or sheet.title).replace("''", "'")
    target = by_title.get(title.lower())
    if target is None:
        return False
    first_column, first_row, last_column, last_row = range_boundaries(reference["area"])
    if last_row - first_row >= _HIGHEST:
        return False
    return not any(
        first_column <= column <= last_column
        for row in range(first_row, last_row + 1)
        for column in target.rows.get(row, ())
    )
