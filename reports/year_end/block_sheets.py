"""Writes the parts of a paper on sheets of a workbook, one sheet for each, on A4 upright."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_rowcol_to_cell

from japanese.characters import clean
from reports.form_sheet import FORM_PAPER, HEADER, FormSheet
from reports.paper_workbook import PaperOf
from reports.sheets.names import sheet_names
from reports.year_end.blocks import (
    Block,
    Note,
    PaperColumn,
    PaperContents,
    PaperFacts,
    PaperFigure,
    PaperHeading,
    PaperPart,
    PaperRow,
    PaperTable,
)
from tables.print_setup import Printed
from tables.sheet_cells import (
    HEADING_FILL,
    LINK_COLOUR,
    in_rows,
    letter_size,
    number_format,
    row_height,
)

GRID = 20
"""How many narrow columns a sheet has; each column of a table takes some of them."""

_NAME = 4
"""How many of them the name of a fact has."""

_GAP = 8 / 12
"""What a cell over two columns has more than their widths, in full-width characters."""

_MOST_IN_A_SUM = 250
"""Excel allows 255 numbers in SUM."""


@dataclass(frozen=True)
class _Address:
    sheet: str
    row: int
    column: int

    def seen_from(self, sheet: str) -> str:
        """Return the address for a formula on a sheet."""
        cell = xl_rowcol_to_cell(self.row, self.column)
        if sheet == self.sheet:
            return cell
        quoted = self.sheet.replace("'", "''")
        return f"'{quoted}'!{cell}"


def write_parts(workbook: Workbook, about: PaperOf, title: str, parts: Sequence[PaperPart]) -> None:
    """Write each part on a sheet of its own.

    The last are written first: what an early part sums up is in the later ones.
    """
    names = sheet_names([part.name for part in parts])
    widths = [FORM_PAPER.characters(GRID) / GRID] * GRID
    sheets = [BlockSheet(workbook, about, name, widths) for name in names]
    known: dict[str, _Address] = {}
    contents = [(name, part.title) for name, part in zip(names, parts, strict=True)]
    for sheet, part in reversed(list(zip(sheets, parts, strict=True))):
        sheet.contents = [one for one in contents if one[1] != part.title]
        sheet.write(title, part, known)


class BlockSheet(FormSheet[PaperOf]):
    """The sheet of one part, written from top to bottom."""

    repeated = 2
    contents: Sequence[tuple[str, str]] = ()
    """The other sheets: name and title."""

    def width(self, first: int, last: int) -> float:
        """Return how many full-width characters fit into a cell over these columns."""
        return super().width(first, last) + (last - first) * _GAP

    @property
    def _printed(self) -> Printed:
        return replace(super()._printed, repeated_rows=self.repeated)

    def write(self, title: str, part: PaperPart, known: dict[str, _Address]) -> None:
        """Write the part; `known` has the cells of figures by their keys, and gets those of it."""
        self.known = known
        self.title(title)
        width = self.width(0, self.last)
        look: dict[str, Any] = {"bold": True, "font_size": 12, "bg_color": HEADING_FILL}
        self.merged(0, self.last, part.title, **look)
        self.end_row([], max(24, row_height([(part.title, width)], letter_size(12))))
        is_only = sum(isinstance(block, PaperTable) for block in part.blocks) == 1
        for number, block in enumerate(part.blocks):
            self._block(block, is_first=is_only and not number)
        self.finish()

    def _block(self, block: Block, *, is_first: bool) -> None:
        if isinstance(block, PaperHeading):
            self._heading(block)
        elif isinstance(block, Note):
            self.may_begin_a_page()
            self.note(block.text)
        elif isinstance(block, PaperFacts):
            for name, text in block.rows:
                self.may_begin_a_page()
                self._fact(name, text)
        elif isinstance(block, PaperContents):
            self._contents()
        elif block.rows:
            self._table(block, is_first=is_first)
        else:
            self.note(block.nothing)

    def _heading(self, heading: PaperHeading) -> None:
        self.may_begin_a_page()
        self.end_row([], 8 if heading.level == 3 else 4)
        size = 11 if heading.level == 3 else 10
        width = self.width(0, self.last)
        self.merged(0, self.last, heading.text, bold=True, font_size=size, border=0)
        self.end_row([], max(size * 1.7, row_height([(heading.text, width)], letter_size(size))))

    def _contents(self) -> None:
        width = self.width(0, self.last)
        for name, title in self.contents:
            self.merged(0, self.last, "")
            quoted = name.replace("'", "''")
            look = self.cells.format(border=1, text_wrap=True, font_color=LINK_COLOUR, underline=1)
            self.sheet.write_url(self.row, 0, f"internal:'{quoted}'!A1", look, clean(title))
            self.end_row([(title, width)])

    def _fact(self, name: str, text: str) -> None:
        width, beside = self.width(_NAME, self.last), self.width(0, _NAME - 1)
        for piece in in_rows(text, width):
            self.merged(0, _NAME - 1, name, **{**HEADER, "align": "left"})
            self.merged(_NAME, self.last, piece)
            self.end_row([(piece, width), (name, beside / 1.05)])
            name = "（続き）"

    def _table(self, table: PaperTable, *, is_first: bool) -> None:
        spans = _spans(table.columns)
        if table.caption:
            self.note(table.caption)
        for span, column in zip(spans, table.columns, strict=True):
            self.merged(*span, column.header, **HEADER)
        self.end_row(
            [
                (column.header, self.width(*span) / 1.05)
                for span, column in zip(spans, table.columns, strict=True)
            ]
        )
        header = self.row
        for number, row in enumerate(table.rows):
            if number:
                self.may_begin_a_page()
            self._row(table.columns, spans, row)
        if is_first and sum(self.heights) > self._page_height:
            self.repeated = header

    def _row(
        self, columns: Sequence[PaperColumn], spans: Sequence[tuple[int, int]], row: PaperRow
    ) -> None:
        look: dict[str, Any] = {"bold": True, "bg_color": HEADING_FILL} if row.is_total else {}
        texts = [
            (in_rows(cell, self.width(*span)) if isinstance(cell, str) else [])
            for cell, span in zip(row.cells, spans, strict=True)
        ]
        for piece in range(max(1, *map(len, texts))):
            heights = []
            for index, (column, span) in enumerate(zip(columns, spans, strict=True)):
                cell = row.cells[index]
                if isinstance(cell, PaperFigure) and not piece:
                    self._figure(span, cell, **look)
                else:
                    text = texts[index][piece] if piece < len(texts[index]) else ""
                    align = "center" if text == "－" else column.align
                    self.merged(*span, text, align=align, valign="top", **look)
                    heights.append((text, self.width(*span)))
            self.end_row(heights)
        for name, text in row.below:
            self.long_text(0, f"{name}：{text}" if name else text, indent=1)

    def _figure(self, span: tuple[int, int], figure: PaperFigure, **look: Any) -> None:
        here = _Address(self.sheet.get_name(), self.row, span[0])
        if figure.key:
            self.known[figure.key] = here
        look = {
            "border": 1,
            "align": "right",
            "valign": "top",
            "num_format": number_format(0),
            "shrink": True,
            **look,
        }
        if span[0] < span[1]:
            form = self.cells.format(**look)
            self.sheet.merge_range(self.row, span[0], self.row, span[1], "", form)
        if figure.of:
            found = [self.known[key].seen_from(here.sheet) for key in figure.of]
            formula = "=" + "+".join(f"SUM({','.join(some)})" for some in _in_lots(found))
            self.cells.formula(self.row, span[0], formula, figure.shown, **look)
        else:
            self.cells.number(self.row, span[0], figure.shown, **look)


def _spans(columns: Sequence[PaperColumn]) -> list[tuple[int, int]]:
    """Return the first and the last narrow column of each column of a table."""
    whole = sum(column.width for column in columns)
    spans, done, start = [], 0, 0
    for index, column in enumerate(columns):
        done += column.width
        left = len(columns) - index - 1
        end = min(max(round(GRID * done / whole), start + 1), GRID - left)
        spans.append((start, end - 1))
        start = end
    return spans


def _in_lots(addresses: Sequence[str]) -> Iterable[Sequence[str]]:
    for start in range(0, len(addresses), _MOST_IN_A_SUM):
        yield addresses[start : start + _MOST_IN_A_SUM]
