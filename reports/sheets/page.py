"""A sheet for people, of A3 or A4 landscape: title lines, a ruled table, notes.

It is made for print: one page wide, title and header on every page, thin lines, no colour but
grey. Numbers are in their display unit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from goals.models import period_label
from japanese.calendar_days import day_label
from japanese.characters import one_line
from plans.nodes import StrategyTree
from plans.pages import review_label
from reports.data_description import INVENTED_NOTE
from reports.sheets.addresses import HEADER_ROW
from tables.sheet_cells import (
    FONT_SIZE,
    CellWriter,
    column_width,
    number_format,
    row_height,
    text_width,
    width_in_points,
)

A3, A4 = 8, 9
HEADER_FILL = "#D9D9D9"
HEADING_FILL = "#EDEDED"
YEAR_FILL = "#F2F2F2"
INPUT_FILL, INPUT_YEAR_FILL = "#FFFBE6", "#FFF2CC"
"""Cells that people may type over, and those of the judged year; nearly white on a grey copy."""

NONE = "－"

_INCHES = {A3: (16.54, 11.69), A4: (11.69, 8.27)}
_MARGINS = {"left": 0.4, "right": 0.4, "top": 0.5, "bottom": 0.6}
_A_LITTLE_MORE = 1.15
"""Up to this many pages are scaled down to one, to avoid a second page with a few lines."""

_BOLD = 1.05
"""The width of bold text relative to normal text."""


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
Cell = PlainCell | Live
Line = list[Cell]


@dataclass(frozen=True)
class PrintedColumn:
    """A column of a printed sheet; `width` is in full-width characters."""

    header: str
    width: float
    align: str = "left"
    fill: str = ""


@dataclass(frozen=True)
class Heading:
    """A heading row above the rows of a goal. It has their number, so that filters keep both."""

    number: int
    title: str


class Page:
    """A printed sheet of a workbook."""

    def __init__(self, workbook: Workbook, tree: StrategyTree, name: str, paper: int) -> None:
        self.tree = tree
        self.sheet = workbook.add_worksheet(name)
        self.cells = CellWriter(workbook, self.sheet, valign="top")
        self.paper = paper
        self._height = 0.0

    def write(
        self,
        columns: Sequence[PrintedColumn],
        lines: Sequence[Line | Heading],
        *,
        subtitle: str,
        notes: Sequence[str] = (),
        frozen: int,
    ) -> None:
        """Write the sheet; the first `frozen` columns stay in view."""
        columns = _with_fitting_numbers(columns, lines)
        for index, column in enumerate(columns):
            self.sheet.set_column(index, index, column_width(column.width), self.cells.format())
        self.title(subtitle, columns)
        self.header(HEADER_ROW, columns)
        for row, line in enumerate(lines, HEADER_ROW + 1):
            if isinstance(line, Heading):
                self._heading(row, len(columns), line)
            else:
                self.line(row, columns, line)
        last = HEADER_ROW + len(lines)
        self.notes(last + 2, columns, notes)
        self.sheet.autofilter(HEADER_ROW, 0, max(last, HEADER_ROW + 1), len(columns) - 1)
        self.sheet.freeze_panes(HEADER_ROW + 1, frozen)
        set_up(self.sheet, self.tree, self.paper, HEADER_ROW)
        if self._height <= _A_LITTLE_MORE * _height_of_a_page(self.paper, columns):
            self.sheet.fit_to_pages(1, 1)

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
        width, larger = sum(column.width for column in columns), font_size / FONT_SIZE * _BOLD
        if columns and text_width(text) * larger > width:
            look["text_wrap"] = True
            self.sheet.merge_range(row, 0, row, len(columns) - 1, "", self.cells.format(**look))
            height = larger * row_height([(text, width / larger)])
        self.cells.text(row, 0, text, **look)
        self._set_row(row, height)

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
        self._set_row(row, row_height(texts))

    def line(self, row: int, columns: Sequence[PrintedColumn], line: Line) -> None:
        """Write a row of a table, as high as its longest text."""
        texts = []
        for index, (column, cell) in enumerate(zip(columns, line, strict=True)):
            self._cell(row, index, column, cell)
            text = cell.result if isinstance(cell, Live) else cell
            if isinstance(text, str):
                texts.append((text, column.width))
        self._set_row(row, row_height(texts))

    def _cell(self, row: int, index: int, column: PrintedColumn, cell: Cell) -> None:
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
        self._set_row(row, 18)

    def notes(self, row: int, columns: Sequence[PrintedColumn], notes: Sequence[str]) -> None:
        """Write each note across the whole width below the table, without changing its rows."""
        width = sum(column.width for column in columns)
        for offset, note in enumerate(notes):
            look = self.cells.format(text_wrap=True)
            self.sheet.merge_range(row + offset, 0, row + offset, len(columns) - 1, "", look)
            self.cells.text(row + offset, 0, note, text_wrap=True)
            self._set_row(row + offset, row_height([(note, width)]))

    def _set_row(self, row: int, height: float) -> None:
        self.sheet.set_row(row, height)
        self._height += height


def _height_of_a_page(paper: int, columns: Sequence[PrintedColumn]) -> float:
    """Return the total height of rows, in points, that fits on a page as wide as these columns."""
    width, height = _INCHES[paper]
    across = width - _MARGINS["left"] - _MARGINS["right"]
    down = height - _MARGINS["top"] - _MARGINS["bottom"]
    points = sum(width_in_points(column.width) for column in columns)
    return max(points / across, 72) * down


def set_up(sheet: Worksheet, tree: StrategyTree, paper: int, last_title_row: int) -> None:
    """Set up a sheet for printing: landscape, one page wide, titles repeated, pages numbered."""
    title = one_line(tree.title).replace("&", "&&")
    sheet.set_paper(paper)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, last_title_row)
    sheet.set_margins(**_MARGINS)
    sheet.center_horizontally()
    sheet.hide_gridlines(2)
    sheet.set_footer(f"&L{title}　{review_label(tree.fiscal_year)}&C&A　&P / &N ページ&R印刷日 &D")


def _with_fitting_numbers(
    columns: Sequence[PrintedColumn], lines: Sequence[Line | Heading]
) -> list[PrintedColumn]:
    """Widen the columns to fit their numbers, because Excel shows ### for a number too wide."""
    fitting = []
    for index, column in enumerate(columns):
        cells = (line[index] for line in lines if not isinstance(line, Heading))
        widest = max((cell.width for cell in cells if not isinstance(cell, str)), default=0)
        fitting.append(replace(column, width=max(column.width, widest + 0.5)))
    return fitting
