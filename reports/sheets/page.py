"""A sheet for people, of A3 or A4 landscape: title lines, a ruled table, notes.

It is made for print: one page wide if it is readable so, else over several pages side by side;
title and header on every page, thin lines, no colour but grey. Numbers are in their display unit.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from xlsxwriter import Workbook

from goals.models import period_label
from japanese.calendar_days import day_label
from japanese.characters import one_line
from plans.nodes import StrategyTree
from plans.pages import review_label
from reports.data_description import INVENTED_NOTE
from reports.sheets.addresses import HEADER_ROW
from tables.print_setup import Paper, Printed, arranged, narrowed, print_header_only
from tables.print_setup import set_up as set_up_print
from tables.sheet_cells import (
    HEADER_FILL,
    HEADING_FILL,
    MOST_LINES,
    CellWriter,
    column_width,
    fitting,
    in_rows,
    letter_size,
    number_format,
    row_height,
    text_width,
    width_in_points,
)

DEFAULT_HEIGHT = 15
"""The height of a row of which nothing is said, in points."""

WRONG_FILL = "#F8B4B4"
"""Such a cell with what the formulas do not use."""

NONE = "－"


@dataclass(frozen=True)
class Shown:
    """A number as shown: in the display unit, with this many decimals."""

    number: Decimal | int
    decimals: int = 0
    suffix: str = ""

    @property
    def width(self) -> float:
        """The width of the number in a cell, in full-width characters."""
        return text_width(f"{self.number:,.{self.decimals}f}{self.suffix}")


@dataclass(frozen=True)
class Live:
    """A formula with its result: a text, or a number shown with decimals and a suffix."""

    formula: str
    result: Decimal | Fraction | int | str
    decimals: int = 0
    suffix: str = ""

    @property
    def width(self) -> float:
        """The width of its number in a cell, in full-width characters; texts wrap."""
        if isinstance(self.result, str | Fraction):
            return 0
        return Shown(self.result, self.decimals, self.suffix).width


PlainCell = str | Shown
PageCell = PlainCell | Live
Line = list[PageCell]


@dataclass(frozen=True)
class PrintedColumn:
    """A column of a printed sheet.

    `width` is in full-width characters. `least` is how narrow it may become to fit on the page; 0
    for a column that keeps its width.
    """

    header: str
    width: float
    align: str = "left"
    fill: str = ""
    least: float = 0


@dataclass(frozen=True)
class Heading:
    """A heading row above the rows of a goal. It has their number, so that filters keep both."""

    number: int
    title: str


class Page:
    """A printed sheet of a workbook."""

    def __init__(
        self,
        workbook: Workbook,
        tree: StrategyTree,
        name: str,
        paper: int,
        *,
        whole_texts: bool = False,
    ) -> None:
        """With `whole_texts`, a cell keeps a text that is too long for its row, as data do."""
        self.tree = tree
        self.whole_texts = whole_texts
        self.sheet = workbook.add_worksheet(name)
        self.cells = CellWriter(workbook, self.sheet, valign="top")
        self.paper = Paper(paper)
        self.heights: dict[int, float] = {}

    def write(
        self,
        columns: Sequence[PrintedColumn],
        lines: Sequence[Line | Heading],
        *,
        subtitle: str,
        notes: Sequence[str] = (),
        frozen: int,
    ) -> None:
        """Write the sheet; the first `frozen` columns stay in view, and are on each page.

        A row cannot be higher than Excel allows: a longer text continues below the table, unless
        the page keeps whole texts.
        """
        columns = self.fitted(with_fitting_numbers(columns, lines))
        if not self.whole_texts:
            lines, rests = _with_rests(columns, lines, frozen - 1)
            notes = [*notes, *rests]
        found = arranged(self._printed(columns, repeated_columns=frozen))
        # Merged cells end with the page, those above the table with the columns on each page.
        above = columns[: found.repeated_columns or found.on_first_page]
        self.set_columns(columns)
        self.title(subtitle, above)
        self.header(HEADER_ROW, columns)
        for row, line in enumerate(lines, HEADER_ROW + 1):
            if isinstance(line, Heading):
                self._heading(row, len(columns), line)
            else:
                self.line(row, columns, line)
        last = HEADER_ROW + len(lines)
        # Notes are beside the columns on each page, which would print them again.
        self.notes(last + 2, columns[: found.on_first_page], notes, first=found.repeated_columns)
        self.sheet.autofilter(HEADER_ROW, 0, max(last, HEADER_ROW + 1), len(columns) - 1)
        self.sheet.freeze_panes(HEADER_ROW + 1, frozen)
        # No page has only notes.
        tail = last if lines and not isinstance(lines[-1], Heading) else None
        self.set_up(columns, HEADER_ROW + 1, repeated_columns=frozen, together_from=tail)

    def set_up(
        self,
        columns: Sequence[PrintedColumn],
        repeated_rows: int,
        *,
        repeated_columns: int = 0,
        starts: Sequence[int] | None = None,
        together_from: int | None = None,
    ) -> None:
        """Set up the written sheet for print, with a footer.

        The first rows and columns are repeated; `starts` are the rows that may begin a page, if
        not all may; the rows from `together_from` on stay together.
        """
        tree = self.tree
        printed = self._printed(columns, repeated_columns=repeated_columns)
        printed = replace(
            printed, repeated_rows=repeated_rows, starts=starts, together_from=together_from
        )
        set_up_print(self.sheet, printed)
        title = one_line(tree.title).replace("&", "&&")
        year = review_label(tree.fiscal_year)
        self.sheet.center_horizontally()
        self.sheet.hide_gridlines(2)
        self.sheet.set_footer(f"&L{title}　{year}&C&A　&P / &N ページ&R印刷日 &D")

    def print_header_only(self, columns: Sequence[PrintedColumn], rows: int) -> None:
        """Print no more than the first rows of the written sheet, see tables.print_setup."""
        printed = self._printed(self.fitted(columns), repeated_columns=0)
        first = arranged(printed).on_first_page
        print_header_only(self.sheet, rows, first or len(columns), self.paper)

    def _printed(self, columns: Sequence[PrintedColumn], *, repeated_columns: int) -> Printed:
        last = max(self.heights, default=-1)
        return Printed(
            paper=self.paper,
            widths=[width_in_points(column.width) for column in columns],
            heights=[self.heights.get(row, DEFAULT_HEIGHT) for row in range(last + 1)],
            repeated_columns=repeated_columns,
        )

    def fitted(self, columns: Sequence[PrintedColumn]) -> list[PrintedColumn]:
        """Return the columns, narrowed so that they fit on the width of the paper if possible."""
        pairs = [(column.width, column.least or column.width) for column in columns]
        widths = narrowed(pairs, self.paper)
        return [replace(column, width=width) for column, width in zip(columns, widths, strict=True)]

    def title(self, subtitle: str, columns: Sequence[PrintedColumn] = ()) -> None:
        """Write the two title lines, which are repeated on every page.

        Texts wider than the `columns` below are wrapped, because the page ends with the table.
        """
        tree = self.tree
        heading = f"{tree.title}　{review_label(tree.fiscal_year)}"
        self._title_line(0, heading, columns, height=24, font_size=14, bold=True)
        line = f"{subtitle}　計画期間：{period_label(tree.period.first, tree.period.last)}"
        if tree.part:
            line = f"（{tree.part}）　{line}"
        if tree.as_of:
            line = f"{day_label(tree.as_of)}終了時点のデータ　{line}"
        if tree.invented:
            line = f"【{INVENTED_NOTE}】　{line}"
        self._title_line(1, line, columns, height=18, font_size=10, bold=tree.invented)

    def _title_line(
        self,
        row: int,
        text: str,
        columns: Sequence[PrintedColumn],
        *,
        height: float,
        font_size: int,
        bold: bool,
    ) -> None:
        look = {"font_size": font_size, "bold": bold}
        width, larger = sum(column.width for column in columns), letter_size(font_size)
        if columns and text_width(text) * larger > width:
            look["text_wrap"] = True
            if len(columns) > 1:
                self.sheet.merge_range(row, 0, row, len(columns) - 1, "", self.cells.format(**look))
            height = row_height([(text, width)], larger)
        self.cells.text(row, 0, text, **look)
        self.set_row(row, height)

    def header(self, row: int, columns: Sequence[PrintedColumn]) -> None:
        """Write the header of a table."""
        for index, column in enumerate(columns):
            self.cells.text(
                row,
                index,
                column.header,
                bold=True,
                border=1,
                bg_color=HEADER_FILL,
                align="center",
                valign="vcenter",
                text_wrap=True,
            )
        texts = [(column.header, column.width) for column in columns]
        self.set_row(row, row_height(texts))

    def line(self, row: int, columns: Sequence[PrintedColumn], line: Line) -> None:
        """Write a row of a table, as high as its longest text."""
        texts = []
        for index, (column, cell) in enumerate(zip(columns, line, strict=True)):
            self._cell(row, index, column, cell)
            text = cell.result if isinstance(cell, Live) else cell
            if isinstance(text, str):
                texts.append((text, column.width))
        self.set_row(row, row_height(texts))

    def _cell(self, row: int, index: int, column: PrintedColumn, cell: PageCell) -> None:
        look = {"border": 1, "text_wrap": True, "align": "center" if cell == NONE else column.align}
        if column.fill and not isinstance(cell, Live):
            look["bg_color"] = column.fill
        if isinstance(cell, str):
            if cell:
                self.cells.text(row, index, cell, **look)
            else:
                self.cells.blank(row, index, **look)
            return
        look["num_format"] = number_format(cell.decimals, suffix=cell.suffix)
        if isinstance(cell, Live):
            self.cells.formula(row, index, cell.formula, cell.result, **look)
        else:
            self.cells.number(row, index, cell.number, **look)

    def _heading(self, row: int, columns: int, heading: Heading) -> None:
        look = {"bold": True, "font_size": 10, "bg_color": HEADING_FILL, "top": 1, "bottom": 1}
        self.cells.number(row, 0, heading.number, num_format="0", align="center", left=1, **look)
        self.cells.text(row, 1, heading.title, **look)
        for column in range(2, columns):
            self.cells.blank(row, column, right=int(column == columns - 1), **look)
        self.set_row(row, 18)

    def notes(
        self, row: int, columns: Sequence[PrintedColumn], notes: Sequence[str], *, first: int = 0
    ) -> None:
        """Write each note across these columns from the `first` on, below the table.

        A note that is too long for a row has several.
        """
        width, last = sum(column.width for column in columns[first:]), len(columns) - 1
        pieces = [piece for note in notes for piece in in_rows(note, width)]
        for at, note in enumerate(pieces, row):
            if first < last:
                self.sheet.merge_range(at, first, at, last, "", self.cells.format(text_wrap=True))
            self.cells.text(at, first, note, text_wrap=True)
            self.set_row(at, row_height([(note, width)]))

    def set_row(self, row: int, height: float) -> None:
        """Set the height of a row, in points."""
        self.sheet.set_row(row, height)
        self.heights[row] = height

    def set_columns(self, columns: Sequence[PrintedColumn]) -> None:
        """Set the widths of the sheet's columns, and their font."""
        for index, column in enumerate(columns):
            self.sheet.set_column(index, index, column_width(column.width), self.cells.format())


def _with_rests(
    columns: Sequence[PrintedColumn], lines: Sequence[Line | Heading], naming: int
) -> tuple[list[Line | Heading], list[str]]:
    """Return lines whose texts fit into a row, and what is left over as notes.

    Each note says which column of which row it continues, by its text in the column `naming`.
    """
    found: list[Line | Heading] = []
    rests: list[str] = []
    for line in lines:
        if isinstance(line, Heading):
            found.append(line)
            continue
        shown: Line = []
        for column, cell in zip(columns, line, strict=True):
            if isinstance(cell, str) and fitting(cell, column.width) < len(cell):
                sign = f"※{len(rests) + 1}"
                end = f"\n…（続きは表の下の{sign}）"
                room = MOST_LINES - math.ceil(2 * text_width(end) / column.width)
                at = fitting(cell, column.width, max(room, 1))
                name, header = line[naming], column.header.replace("\n", "")
                title = f"{name}　{header}" if isinstance(name, str) else header
                rests.append(f"{sign}　{one_line(title)}の続き：{cell[at:].lstrip()}")
                cell = cell[:at].rstrip() + end
            shown.append(cell)
        found.append(shown)
    return found, rests


def with_fitting_numbers(
    columns: Sequence[PrintedColumn], lines: Sequence[Sequence[PageCell] | Heading]
) -> list[PrintedColumn]:
    """Return the columns, wide enough for their numbers: Excel shows ### for one too wide."""
    fitting = []
    for index, column in enumerate(columns):
        cells = (line[index] for line in lines if not isinstance(line, Heading))
        widest = max((cell.width for cell in cells if not isinstance(cell, str)), default=0)
        fits = widest + 0.5
        least = max(column.least, fits) if column.least else 0
        fitting.append(replace(column, width=max(column.width, fits), least=least))
    return fitting
