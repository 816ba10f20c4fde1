"""Rows of a table whose cells are parted by tabs, as Word and Excel copy them.

A line break inside a cell stays a line break in the copied text, so a row may need several lines.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from plans.list_text.lines import Line, joined


@dataclass
class TabbedRow:
    """The cells of a row; `joins` are the pairs of texts that were put together."""

    line: int
    cells: list[str]
    joins: list[tuple[str, str]]


def tabbed_rows(
    lines: list[Line], width: int | None, begins: Callable[[str], bool]
) -> list[TabbedRow]:
    """Return the rows of a table of `width` columns; None: of as many as most lines have.

    `begins` tells whether a first cell can only be the first of a row.
    """
    counts = Counter(len(line.cells) for line in lines if line.has_tabs)
    width = width or max(counts, key=lambda count: (counts[count], count), default=1)
    rows: list[TabbedRow] = []
    for line in lines:
        cells = list(line.cells)
        row = rows[-1] if rows else None
        if row and len(row.cells) < width and begins(row.cells[-1]):
            row.cells += cells
        elif row and _goes_on(row.cells, cells, width) and not begins(cells[0]):
            row.joins.append((row.cells[-1], cells[0]))
            row.cells[-1] = joined([row.cells[-1], cells[0]])
            row.cells += cells[1:]
        else:
            rows.append(TabbedRow(line.number, cells, []))
    return rows


def _goes_on(row: list[str], cells: list[str], width: int) -> bool:
    if len(cells) == 1:
        return True
    return len(row) < width and len(row) + len(cells) - 1 <= width and bool(cells[0])
