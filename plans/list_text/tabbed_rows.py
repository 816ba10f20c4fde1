"""Rows of a table whose cells are separated by tabs, as Word and Excel copy them.

A line break inside a cell stays a line break in the copied text, so a row may need several lines.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Protocol

from plans.list_text.lines import Line, joined


@dataclass
class TabbedRow:
    """The cells of a row; `joins` are the pairs of texts that were put together."""

    line: int
    cells: list[str]
    joins: list[tuple[str, str]]


class RowSigns(Protocol):
    """What the cells of a kind of table tell about where its rows begin."""

    def begins(self, row: list[str], cells: list[str]) -> bool:
        """Return whether cells can only be the first ones of a row; `row` is above them."""

    def is_next(self, row: list[str]) -> bool:
        """Return whether one cell below a full row belongs to the next row's first cell."""

    def is_full(self, cell: str) -> bool:
        """Return whether a cell cannot go on: what is below it is the next cell."""


def tabbed_rows(lines: list[Line], width: int | None, signs: RowSigns) -> list[TabbedRow]:
    """Return the rows of a table of `width` columns; None: of as many as most lines have."""
    counts = Counter(len(line.cells) for line in lines if line.has_tabs)
    width = width or max(counts, key=lambda count: (counts[count], count), default=1)
    rows: list[TabbedRow] = []
    for line in lines:
        cells = list(line.cells)
        row = rows[-1] if rows else None
        if not row or not _goes_on(row.cells, cells, width, signs):
            rows.append(TabbedRow(line.number, cells, []))
        elif len(row.cells) < width and signs.is_full(row.cells[-1]):
            row.cells += cells
        else:
            row.joins.append((row.cells[-1], cells[0]))
            row.cells[-1] = joined([row.cells[-1], cells[0]])
            row.cells += cells[1:]
    return rows


def _goes_on(row: list[str], cells: list[str], width: int, signs: RowSigns) -> bool:
    if signs.begins(row, cells) or not cells[0]:
        return False
    if len(row) >= width:
        return len(cells) == 1 and not signs.is_next(row)
    return len(row) + len(cells) - 1 <= width
