"""Print settings of worksheets: paper, scale and page breaks, with letters of 8 points or more.

A sheet that is too wide for one page at this size goes over several pages side by side, each with
the first columns. Widths and heights are in points at 100 percent.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from xlsxwriter.worksheet import Worksheet

from tables.sheet_cells import FONT_SIZE, width_in_points

A3, A4 = 8, 9
"""Excel's numbers of the paper sizes."""

LEAST_POINTS = 8
"""The smallest letters on paper, in points; none of our sheets has a font below FONT_SIZE."""

LEAST_SCALE = math.ceil(100 * LEAST_POINTS / FONT_SIZE)
"""The smallest scale, in percent."""

# Long and short edge, in inches.
_INCHES = {A3: (16.54, 11.69), A4: (11.69, 8.27)}
_POINTS_PER_INCH = 72
_USED_ACROSS, _USED_DOWN = 0.97, 0.95
"""The part of the room that is used: programs and printers measure a little differently."""

_USED_SIDE_BY_SIDE = 0.9
"""The part of this width for pages side by side: a column too much would have a page of its own.
Without the workbook's font, programs make columns up to a tenth wider.
"""

_A_LITTLE = 0.5
"""In points: what columns that were narrowed to fit may add up to beyond it."""

_HEADER_ONLY = (
    "この表は、見出しだけを印刷します。\n"
    "すべてを印刷するときは、「ページ レイアウト」の「印刷範囲」で「印刷範囲のクリア」を選びます。"
)
"""The header on paper: a cell would be one of the data."""

_MOST_BREAKS = 1000
"""Excel allows 1,026 breaks in a sheet."""


@dataclass(frozen=True)
class Margins:
    """In inches."""

    left: float = 0.4
    right: float = 0.4
    top: float = 0.5
    bottom: float = 0.6


@dataclass(frozen=True)
class Paper:
    """The paper of a sheet; landscape, unless it is `upright`."""

    size: int = A4
    upright: bool = False
    margins: Margins = Margins()

    @property
    def across(self) -> float:
        """The width between the margins, in points."""
        edge = _INCHES[self.size][1 if self.upright else 0]
        return (edge - self.margins.left - self.margins.right) * _POINTS_PER_INCH * _USED_ACROSS

    @property
    def down(self) -> float:
        """The height between the margins, in points."""
        edge = _INCHES[self.size][0 if self.upright else 1]
        return (edge - self.margins.top - self.margins.bottom) * _POINTS_PER_INCH * _USED_DOWN

    @property
    def widest(self) -> float:
        """The width of columns, at 100 percent, that fits on a page at the smallest scale."""
        return self.across * 100 / LEAST_SCALE

    def characters(self, columns: int) -> float:
        """Return the total width of `columns` columns on a page, in full-width characters."""
        padding = width_in_points(0)
        return (self.widest - columns * padding) / (width_in_points(1) - padding)

    @property
    def tallest(self) -> float:
        """The height of rows, at 100 percent, that fits on a page at the smallest scale."""
        return self.down * 100 / LEAST_SCALE


@dataclass(frozen=True, kw_only=True)
class Printed:
    """What is printed on a paper.

    Without `heights`, the sheet has any number of pages below each other. `starts` are the rows
    with which a new page may begin; None leaves the breaks between rows to the program that prints,
    except that the rows from `together_from` to the end stay on one page. The first `repeated_rows`
    and, on pages side by side, `repeated_columns` are on each page.
    """

    paper: Paper
    widths: Sequence[float]
    heights: Sequence[float] = ()
    starts: Iterable[int] | None = None
    together_from: int | None = None
    repeated_rows: int = 0
    repeated_columns: int = 0


@dataclass(frozen=True)
class Arrangement:
    """The pages of a sheet. `columns` and `rows` begin new pages; `scale` is in percent."""

    scale: int
    columns: tuple[int, ...] = ()
    rows: tuple[int, ...] = ()
    repeated_columns: int = 0
    on_one_page: bool = False

    @property
    def on_first_page(self) -> int | None:
        """The number of columns on the first page; None if all are."""
        return self.columns[0] if self.columns else None


def arranged(printed: Printed) -> Arrangement:
    """Return scale and page breaks; the scale is never below LEAST_SCALE."""
    paper, total = printed.paper, sum(printed.widths)
    if total > paper.widest + _A_LITTLE:
        return _side_by_side(printed)
    scale = min(1.0, paper.across / total) if total else 1.0
    height = sum(printed.heights)
    if height and height <= paper.tallest:
        return Arrangement(_percent(min(scale, paper.down / height)), on_one_page=True)
    return Arrangement(_percent(scale), rows=_row_breaks(printed, scale))


def set_up(sheet: Worksheet, printed: Printed) -> Arrangement:
    """Set paper, margins, scale, page breaks and repeated rows and columns of a sheet."""
    found, paper = arranged(printed), printed.paper
    margins = paper.margins
    sheet.set_paper(paper.size)
    if paper.upright:
        sheet.set_portrait()
    else:
        sheet.set_landscape()
    sheet.set_margins(margins.left, margins.right, margins.top, margins.bottom)
    if printed.repeated_rows:
        sheet.repeat_rows(0, printed.repeated_rows - 1)
    if found.columns:
        # Programs ignore breaks between columns where a sheet is fitted to pages.
        sheet.set_print_scale(found.scale)
        sheet.set_v_pagebreaks(list(found.columns))
        sheet.print_across()
        if found.repeated_columns:
            sheet.repeat_columns(0, found.repeated_columns - 1)
    else:
        sheet.fit_to_pages(1, int(found.on_one_page))
    if found.rows:
        sheet.set_h_pagebreaks(list(found.rows))
    return found


def print_header_only(sheet: Worksheet, rows: int, columns: int, paper: Paper) -> None:
    """Let a sheet of many pages print no more than its first rows, with how to print it all.

    Printing the whole workbook should give what is made for paper. `columns` are those of the first
    page. The sheet's print settings apply when the print area is cleared.
    """
    sheet.print_area(0, 0, rows - 1, columns - 1)
    margins = paper.margins
    sheet.set_margins(margins.left, margins.right, top=0.9, bottom=margins.bottom)
    sheet.set_header(f"&L&10{_HEADER_ONLY}")


def narrowed(columns: Sequence[tuple[float, float]], paper: Paper) -> list[float]:
    """Return the widths of columns, made narrower if that puts them on one page of the paper.

    `columns` are pairs of the wanted width and the smallest one, in full-width characters.
    """
    wanted = [width for width, _ in columns]
    room = paper.characters(len(columns))
    most = sum(max(width - least, 0) for width, least in columns)
    too_much = sum(wanted) - room
    if too_much <= 0 or too_much > most:
        return wanted
    return [width - max(width - least, 0) * too_much / most for width, least in columns]


def pages_of_rows(
    heights: Sequence[float], starts: Iterable[int], room: float, repeated: float = 0
) -> list[int]:
    """Return the rows that begin a new page: blocks from start to start are not cut.

    A block that is higher than a page is cut by the program that prints. `repeated` is the height
    of the rows repeated on the later pages.
    """
    edges = [*sorted({start for start in starts if 0 < start < len(heights)}), len(heights)]
    breaks, first, used = [], 0, 0.0
    for edge in edges:
        block = sum(heights[first:edge])
        if used and used + block > room:
            breaks.append(first)
            used = repeated
        used += block
        first = edge
    return breaks


def _percent(scale: float) -> int:
    return max(LEAST_SCALE, math.floor(100 * scale))


def _row_breaks(printed: Printed, scale: float) -> tuple[int, ...]:
    tail, heights = printed.together_from, printed.heights
    if printed.starts is None and tail is None:
        return ()
    starts = range(len(heights)) if printed.starts is None else printed.starts
    repeated = sum(heights[: printed.repeated_rows])
    breaks = pages_of_rows(heights, starts, printed.paper.down / scale, repeated)
    if printed.starts is None:
        # Other breaks would be in the way of people who filter rows.
        return (tail,) if tail and breaks and breaks[-1] >= tail else ()
    return tuple(breaks) if len(breaks) <= _MOST_BREAKS else ()


def _side_by_side(printed: Printed) -> Arrangement:
    """Arrange columns on the fewest pages, as evenly as possible, as large as possible."""
    paper, widths = printed.paper, printed.widths
    room = paper.widest * _USED_SIDE_BY_SIDE
    repeated = printed.repeated_columns
    while repeated and sum(widths[:repeated]) > room / 2:
        repeated -= 1
    fewest = len(_column_breaks(widths, repeated, room))
    low, high = room / 4, room
    for _ in range(20):
        middle = (low + high) / 2
        if len(_column_breaks(widths, repeated, middle)) > fewest:
            low = middle
        else:
            high = middle
    columns = _column_breaks(widths, repeated, high)
    scale = _percent(min(1.0, paper.across * _USED_SIDE_BY_SIDE / high))
    return Arrangement(
        scale, tuple(columns), _row_breaks(printed, scale / 100), repeated_columns=repeated
    )


def _column_breaks(widths: Sequence[float], repeated: int, room: float) -> list[int]:
    breaks, left = [], sum(widths[:repeated])
    used = left
    for index, width in enumerate(widths[repeated:], repeated):
        if index > repeated and used + width > room:
            breaks.append(index)
            used = left
        used += width
    return breaks
