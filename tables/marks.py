"""Writes comments into faulty cells of an uploaded workbook, and removes those of an earlier check.

Everything else is kept as far as openpyxl can: shapes, and some pictures and charts, are lost. The
page says so. It runs in a process of its own (tables/own_process.py), because openpyxl must load
the whole workbook. Imports no models.
"""

import io
import warnings
from collections.abc import Iterable, Mapping, Sequence

import openpyxl
from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from tables import own_process
from tables.sheets import UNREADABLE
from tables.uploads import Upload, UploadError, telling_its_end

_BY_HAND = "もう一度選び、画面に示すセルを直してください。"

AUTHOR = "様式の確認"
"""The author of our comments, by which comments of an earlier check are found."""

MARK = PatternFill("solid", start_color="FFFFC000", end_color="FFFFC000")
NO_MARK = PatternFill()


Messages = Mapping[tuple[int, int], Sequence[str]]
"""What is wrong with cells, by row and column."""


def by_sheet(faults: Iterable[tuple[str, int, int, str]]) -> dict[str, Messages]:
    """Return what is wrong with cells, given as sheet, row, column and message, for `marked`."""
    found: dict[str, dict[tuple[int, int], list[str]]] = {}
    for sheet, row, column, message in faults:
        found.setdefault(sheet, {}).setdefault((row, column), []).append(message)
    return dict(found)


def marked(upload: Upload, messages: Mapping[str, Messages]) -> bytes:
    """Return a workbook with comments at its faulty cells, by the title of their sheet.

    Marks of an earlier check are removed, so that fixed cells are no longer marked. Raises
    UploadError if openpyxl can read only the cells of the workbook, if it costs too much, or if
    the server fails.
    """
    refusal = f"ファイル「{upload.name}」には、印を付けられません。"
    with telling_its_end(refusal, too_much=_BY_HAND):
        try:
            return own_process.run(with_marks, upload.content, messages)
        except UNREADABLE:
            raise UploadError(refusal + _BY_HAND) from None


def with_marks(content: bytes, messages: Mapping[str, Messages]) -> bytes:
    """Return the workbook with messages at its cells, and without marks of an earlier check."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of everything it drops
        book = openpyxl.load_workbook(io.BytesIO(content))
    for sheet in book.worksheets:
        _remove_marks(sheet)
        for (row, column), texts in messages.get(sheet.title, {}).items():
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
