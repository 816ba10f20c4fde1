"""What all Excel forms share as sheets: locked but for the cells to fill in, with help beside it.

The sheet is protected without a password. entry/excel/form.py and reviews/projects/sheet.py
write their rows; entry/excel/reading.py reads the forms back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_range
from xlsxwriter.worksheet import Worksheet

from tables.cells import Cell
from tables.print_setup import A3, A4, Paper, Printed, set_up
from tables.sheet_cells import (
    FILL_IN_FILL,
    HEADER_FILL,
    HELP_SHEET,
    LOCKED_FILL,
    CellWriter,
    column_width,
    letter_size,
    row_height,
    width_in_points,
)

INVENTED = "試用環境です。実績値は架空のものです。"


@dataclass(frozen=True)
class FormColumn:
    """A column of a form: its header, its width in characters, and how it is aligned."""

    header: str
    width: float
    align: str = "left"


@dataclass(frozen=True, kw_only=True)
class FormTexts:
    """The texts above the rows of a form."""

    title: str
    lines: Sequence[str]
    is_invented: bool = False


class EntryFormSheet:
    """The sheet of a form. The last column has the keys of the rows and is hidden.

    `frozen` is the header up to which columns stay while the others are scrolled, `first` that of
    the first cell to fill in, `as_text` those of cells that Excel must not take for numbers.
    """

    frozen: str
    first: str
    as_text: frozenset[str]

    def __init__(
        self, workbook: Workbook, name: str, texts: FormTexts, columns: Sequence[FormColumn]
    ) -> None:
        self.texts = texts
        self.columns = columns
        self.sheet: Worksheet = workbook.add_worksheet(name)
        self.cells = CellWriter(workbook, self.sheet, valign="vcenter", locked=True)
        self.places = {column.header: place for place, column in enumerate(columns)}

    def write_head(self) -> int:
        """Write title, guide and header; return the row of the first line."""
        self.cells.text(0, 0, self.texts.title, bold=True, font_size=13)
        self.sheet.set_row(0, 22)
        lines = [*([INVENTED] if self.texts.is_invented else []), *self.texts.lines]
        for row, text in enumerate(lines, 1):
            self.cells.text(row, 0, text, bold=text == INVENTED)
        header = len(lines) + 1
        for place, column in enumerate(self.columns):
            self.cells.text(
                header, place, column.header,
                bold=True, border=1, align="center", text_wrap=True, bg_color=HEADER_FILL,
            )  # fmt: skip
            self.sheet.set_column(place, place, column_width(column.width))
        self.sheet.set_row(header, 40)
        return header + 1

    def write_lines(self, lines: Sequence[Any]) -> None:
        """Write the sheet: its head, a row for each line, the choices, and what paper needs."""
        top = self.write_head()
        for row, line in enumerate(lines, top):
            self.write_line(row, line)
        bottom = top + len(lines) - 1
        if lines:
            self.set_choices(top, bottom)
        self.set_up(top, bottom)

    def write_line(self, row: int, line: Any) -> None:
        """Turn a line into the texts and cells of one row and pass them to `write_row`."""
        raise NotImplementedError

    def set_choices(self, top: int, bottom: int) -> None:
        """Add lists to choose from and input messages to the rows from `top` to `bottom`."""
        raise NotImplementedError

    def write_row(self, row: int, shown: Mapping[str, str], filled: Mapping[str, Cell]) -> None:
        """Write a row: `shown` has the texts of its locked cells, `filled` its open cells."""
        heights = []
        for place, column in enumerate(self.columns):
            look: dict[str, Any] = {"border": 1, "align": column.align, "text_wrap": True}
            if column.header in filled:
                typed = filled[column.header]
                self._write_open(row, place, column.header, typed, look)
                heights.append((typed if isinstance(typed, str) else "", column.width))
            else:
                text = shown.get(column.header, "")
                look["bg_color"] = LOCKED_FILL
                self.cells.text(row, place, text, **look)
                if column is not self.columns[-1]:
                    heights.append((text, column.width))
        self.sheet.set_row(row, max(18, row_height(heights)))

    def _write_open(
        self, row: int, place: int, header: str, typed: Cell, look: dict[str, Any]
    ) -> None:
        look |= {"locked": False, "bg_color": FILL_IN_FILL}
        if header in self.as_text:
            look["num_format"] = "@"
        if typed is None or typed == "":
            self.cells.blank(row, place, **look)
        elif isinstance(typed, Decimal):
            self.cells.number(row, place, typed, **look)
        else:
            self.cells.text(row, place, str(typed), **look)

    def validate(self, top: int, bottom: int, header: str, rule: dict[str, Any]) -> None:
        """Add a list to choose from, or an input message, to the cells of a column."""
        place = self.places[header]
        self.sheet.data_validation(top, place, bottom, place, rule)

    def set_up(self, top: int, bottom: int) -> None:
        """Protect the sheet and prepare it for paper; there are rows from `top` to `bottom`."""
        sheet, last = self.sheet, len(self.columns) - 1
        sheet.set_column(last, last, None, None, {"hidden": True})
        sheet.freeze_panes(top, self.places[self.frozen] + 1)
        sheet.autofilter(top - 1, 0, max(bottom, top), last - 1)
        sheet.protect(
            "",
            {
                "format_cells": True,
                "format_columns": True,
                "format_rows": True,
                "autofilter": True,
                "insert_columns": True,
            },
        )
        # Read-only columns have texts such as 1,234; Excel would flag each of them.
        sheet.ignore_errors({"number_stored_as_text": xl_range(top, 0, max(bottom, top), last)})
        sheet.print_area(0, 0, max(bottom, top), last - 1)
        set_up(
            sheet,
            Printed(
                paper=Paper(A3),
                widths=[width_in_points(column.width) for column in self.columns[:last]],
                repeated_rows=top,
                repeated_columns=self.places[self.frozen] + 1,
            ),
        )
        sheet.set_footer(f"&L{INVENTED if self.texts.is_invented else ''}&R&P / &N")
        if bottom >= top:
            sheet.set_selection(top, self.places[self.first], top, self.places[self.first])


def write_help(workbook: Workbook, title: str, texts: Sequence[str]) -> None:
    """Write the sheet that says how a form is filled in."""
    sheet = workbook.add_worksheet(HELP_SHEET)
    cells = CellWriter(workbook, sheet, valign="top", text_wrap=True)
    number_width, width = 2.5, 60
    sheet.set_column(0, 0, column_width(number_width))
    sheet.set_column(1, 1, column_width(width))
    heading = f"{HELP_SHEET}　{title}"
    sheet.merge_range(0, 0, 0, 1, "")
    cells.text(0, 0, heading, bold=True, font_size=13)
    sheet.set_row(0, max(22, row_height([(heading, number_width + width)], letter_size(13))))
    for number, text in enumerate(texts, 1):
        cells.number(number, 0, number, align="center")
        cells.text(number, 1, text)
        sheet.set_row(number, row_height([(text, width)]))
    sheet.protect("", {"format_columns": True, "format_rows": True})
    widths = [width_in_points(number_width), width_in_points(width)]
    set_up(sheet, Printed(paper=Paper(A4, upright=True), widths=widths))
