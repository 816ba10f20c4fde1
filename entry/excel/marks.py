"""Writes comments into cells of an uploaded workbook, and removes those of an earlier check.

Runs in a process of its own (tables/own_process.py), because openpyxl must load the whole workbook.
Imports no models.
"""

import io
import warnings
from collections.abc import Iterable, Mapping, Sequence

import openpyxl
from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.worksheet.worksheet import Worksheet

AUTHOR = "様式の確認"
"""The author of our comments, by which comments of an earlier check are found."""

MARK = PatternFill("solid", start_color="FFFFC000", end_color="FFFFC000")
NO_MARK = PatternFill()


def with_marks(
    content: bytes, title: str, messages: Mapping[tuple[int, int], Sequence[str]]
) -> bytes:
    """Return the workbook with messages at cells of a sheet, by row and column."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of everything it drops
        book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book[title]
    _remove_marks(sheet)
    for (row, column), texts in messages.items():
        _mark(sheet, row, column, texts)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _remove_marks(sheet: Worksheet) -> None:
    for row in sheet.iter_rows():
        for cell in row:
            if cell.comment is None or cell.comment.author != AUTHOR:
                continue
            cell.comment = None
            if cell.fill.start_color.rgb == MARK.start_color.rgb:
                cell.fill = NO_MARK


def _mark(sheet: Worksheet, row: int, column: int, texts: Iterable[str]) -> None:
    cell = sheet.cell(row, column)
    if isinstance(cell, MergedCell):
        holder = next(area for area in sheet.merged_cells.ranges if cell.coordinate in area)
        cell = sheet.cell(holder.min_row, holder.min_col)
    said = [] if cell.comment is None else [cell.comment.text, ""]
    comment = Comment("\n".join([*said, *texts]), AUTHOR, height=120, width=320)
    cell.comment = comment
    cell.fill = MARK
