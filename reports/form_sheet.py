"""A printed sheet in the style of a form: written from top to bottom, with merged cells."""

from collections.abc import Iterable, Sequence
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from japanese.characters import one_line
from plans.nodes import StrategyTree
from plans.pages import review_label
from reports.paper_workbook import conditions
from reports.sheets.page import HEADER_FILL, PlainCell, Shown
from tables.sheet_cells import CellWriter, column_width, number_format, row_height

A4 = 9
HEADER: dict[str, Any] = {"bold": True, "align": "center", "bg_color": HEADER_FILL}
"""The format of header cells."""

PAGE_WIDTH, PAGE_HEIGHT = 538, 750
"""The printable area of a portrait page, in points."""

STILL_ONE_PAGE = 1_250
"""The largest height, in points, that is still readable when scaled down to one page."""


class FormSheet:
    """A portrait A4 sheet; `widths` are those of its columns, in full-width characters."""

    def __init__(
        self, workbook: Workbook, tree: StrategyTree, name: str, widths: Sequence[float]
    ) -> None:
        self.tree = tree
        self.sheet = workbook.add_worksheet(name)
        self.cells = CellWriter(workbook, self.sheet, valign="vcenter")
        self.widths = widths
        self.last = len(widths) - 1
        self.row = 0
        self.height = 0.0
        for index, width in enumerate(widths):
            self.sheet.set_column(index, index, column_width(width), self.cells.format())

    def title(self, name: str) -> None:
        """Write the paper's name, year and plan, and the conditions for all its figures."""
        tree = self.tree
        self.text_row(f"{name}　{review_label(tree.fiscal_year)}", bold=True, font_size=14)
        above = "　".join([*conditions(tree), tree.title])
        self.text_row(above, bold=tree.invented, font_size=10)

    @property
    def room(self) -> float:
        """The height left on the page in points, after scaling to its width; never below 0."""
        width = sum(map(column_width, self.widths)) * 7 * 0.75
        return max(0.0, PAGE_HEIGHT * max(1.0, width / PAGE_WIDTH) - self.height)

    def heading(self, text: str) -> None:
        """Write a heading with some space above it."""
        self.end_row([], 8)
        self.text_row(text, bold=True, font_size=11)

    def text_row(self, text: str, **look: Any) -> None:
        """Write one line without a border or wrapping."""
        self.cells.text(self.row, 0, text, **look)
        self.end_row([], look.get("font_size", 9) * 1.7)

    def note(self, text: str) -> None:
        """Write a text across the whole width."""
        self.merged(0, self.last, text, border=0)
        self.end_row([(text, self.width(0, self.last))])

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
        self.height += height
        self.row += 1

    def finish(self) -> None:
        """Set up the page: fit everything on one sheet of paper, unless it would be unreadable."""
        self.sheet.set_portrait()
        self.sheet.fit_to_pages(1, int(self.height <= STILL_ONE_PAGE))
        page_setup(self.sheet, self.tree)


def page_setup(sheet: Worksheet, tree: StrategyTree) -> None:
    """Set the margins and footer that A4 sheets of all papers have."""
    title = one_line(tree.title).replace("&", "&&")
    sheet.set_paper(A4)
    sheet.set_margins(left=0.5, right=0.4, top=0.5, bottom=0.6)
    sheet.center_horizontally()
    sheet.hide_gridlines(2)
    sheet.set_footer(f"&L{title}　&A&C&P / &N ページ&R印刷日 &D")
