"""A printed sheet in the style of a form: written from top to bottom, with merged cells.

It is as wide as a page of A4. A longer one continues, without splitting what belongs together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Generic, TypeVar

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from japanese.characters import one_line
from plans.pages import review_label
from reports.paper_workbook import PaperOf, conditions
from reports.sheets.page import PlainCell, Shown
from tables.print_setup import A4, Margins, Paper, Printed, arranged, set_up
from tables.sheet_cells import (
    HEADER_FILL,
    CellWriter,
    column_width,
    in_rows,
    number_format,
    row_height,
    width_in_points,
)

HEADER: dict[str, Any] = {"bold": True, "align": "center", "bg_color": HEADER_FILL}
"""The format of header cells."""

FORM_PAPER = Paper(A4, upright=True, margins=Margins(left=0.4, right=0.3))

TITLE_ROWS = 2
"""The first rows, which are repeated on each page."""


P = TypeVar("P", bound=PaperOf)


class FormSheet(Generic[P]):
    """A portrait A4 sheet; `widths` are those of its columns, in full-width characters."""

    def __init__(self, workbook: Workbook, tree: P, name: str, widths: Sequence[float]) -> None:
        self.tree = tree
        self.sheet = workbook.add_worksheet(name)
        self.cells = CellWriter(workbook, self.sheet, valign="vcenter")
        self.row = 0
        self.heights: list[float] = []
        self.starts: list[int] = []
        self.set_columns(widths)

    def set_columns(self, widths: Sequence[float]) -> None:
        """Set the widths of the columns, before anything is written."""
        self.widths = widths
        self.last = len(widths) - 1
        for index, width in enumerate(widths):
            self.sheet.set_column(index, index, column_width(width), self.cells.format())

    def title(self, name: str) -> None:
        """Write the paper's name, year and plan, and the conditions for all its figures."""
        tree = self.tree
        self.text_row(f"{name}　{review_label(tree.fiscal_year)}", bold=True, font_size=14)
        above = "　".join([*conditions(tree), tree.title])
        self.text_row(above, bold=tree.invented, font_size=10)

    def room(self, needed: float) -> float:
        """Return the height left on the last page, in points, below something `needed` high.

        What is needed begins a new page if this one has too little room for it; 0 if a page has.
        """
        printed = self._printed
        now = arranged(replace(printed, heights=[*printed.heights, needed]))
        if now.on_one_page:
            return max(0.0, self._page_height - sum(printed.heights) - needed)
        first = now.rows[-1] if now.rows else 0
        above = sum(printed.heights[:TITLE_ROWS]) if first else 0
        return max(0.0, self._page_height - above - sum(printed.heights[first:]) - needed)

    @property
    def _page_height(self) -> float:
        """The height of rows on a page that is scaled to the width of the sheet."""
        width = sum(self._printed.widths)
        return FORM_PAPER.down * max(1.0, min(width, FORM_PAPER.widest) / FORM_PAPER.across)

    @property
    def _printed(self) -> Printed:
        return Printed(
            paper=FORM_PAPER,
            widths=[width_in_points(width) for width in self.widths],
            heights=self.heights,
            starts=self.starts,
            repeated_rows=TITLE_ROWS,
        )

    def may_begin_a_page(self) -> None:
        """Note that a new page may begin with the current row."""
        self.starts.append(self.row)

    def heading(self, text: str) -> None:
        """Write a heading with some space above it; a new page may begin here."""
        self.may_begin_a_page()
        self.end_row([], 8)
        self.text_row(text, bold=True, font_size=11)

    def text_row(self, text: str, **look: Any) -> None:
        """Write one line without a border or wrapping."""
        self.cells.text(self.row, 0, text, **look)
        self.end_row([], look.get("font_size", 9) * 1.7)

    def note(self, text: str) -> None:
        """Write a text across the whole width."""
        self.long_text(0, text, border=0)

    def long_text(self, first: int, text: str, *, name: str = "", **look: Any) -> None:
        """Write a text from column `first` on, in further rows if it is too long for one.

        `name` is in the columns before it.
        """
        width = self.width(first, self.last) - look.get("indent", 0)
        for piece in in_rows(text, width):
            if first:
                self.merged(0, first - 1, name, **HEADER)
                name = "（続き）"
            self.merged(first, self.last, piece, **look)
            self.end_row([(piece, width)])

    def width(self, first: int, last: int) -> float:
        """Return how many full-width characters fit into these columns."""
        return sum(self.widths[first : last + 1])

    def cell(self, column: int, cell: PlainCell, **look: Any) -> None:
        """Write one cell of the current row."""
        self.block(self.row, self.row, column, column, cell, **look)

    def merged(self, first: int, last: int, cell: PlainCell, **look: Any) -> None:
        """Write one cell across several columns of the current row."""
        self.block(self.row, self.row, first, last, cell, **look)

    def block(
        self, top: int, bottom: int, first: int, last: int, cell: PlainCell, **look: Any
    ) -> None:
        """Write one cell across several rows and columns."""
        look = {"border": 1, "text_wrap": True, **look}
        if isinstance(cell, Shown):
            # Shrink a number that is too long for its cell; Excel would show ### instead.
            shown = number_format(cell.decimals, suffix=cell.suffix)
            look |= {"num_format": shown, "text_wrap": False, "shrink": True}
        if (top, first) != (bottom, last):
            self.sheet.merge_range(top, first, bottom, last, "", self.cells.format(**look))
        if isinstance(cell, Shown):
            self.cells.number(top, first, cell.number, **look)
        elif cell:
            self.cells.text(top, first, cell, **look)
        else:
            self.cells.blank(top, first, **look)

    def end_row(self, texts: Iterable[tuple[str, float]], least: float = 0) -> None:
        """Go to the next row; `texts`, with the widths of their cells, determine the row's height.

        `least` is the smallest height in points.
        """
        texts = list(texts)
        height = max(least, row_height(texts)) if texts else max(least, 8)
        self.sheet.set_row(self.row, height)
        self.heights.append(height)
        self.row += 1

    def finish(self) -> None:
        """Set up the pages."""
        page_setup(self.sheet, self.tree, self._printed)


def widest(cells: Iterable[PlainCell], least: float) -> float:
    """Return the width of a column that shows these numbers in full, at least `least`."""
    numbers = (cell.width + 0.4 for cell in cells if isinstance(cell, Shown))
    return max(least, max(numbers, default=0.0))


def page_setup(sheet: Worksheet, tree: PaperOf, printed: Printed) -> None:
    """Set up an A4 sheet for print, with the footer that all papers have."""
    set_up(sheet, printed)
    title = one_line(tree.title).replace("&", "&&")
    sheet.center_horizontally()
    sheet.hide_gridlines(2)
    sheet.set_footer(f"&L{title}　&A&C&P / &N ページ&R印刷日 &D")
