"""Returns a user's workbook with comments on its faulty cells.

Everything else is kept as far as openpyxl can: shapes, and some pictures and charts, are lost. The
page says so.
"""

import io
import warnings
from collections.abc import Iterable

import openpyxl
from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from entry.excel.columns import Header
from tables.importing import Comparison, Document, Fault
from tables.sheets import UNREADABLE
from tables.uploads import Upload, UploadError

AUTHOR = "様式の確認"
"""The author of our comments, by which comments of an earlier check are found."""

MARK = PatternFill("solid", start_color="FFFFC000", end_color="FFFFC000")
NO_MARK = PatternFill()


def can_mark(comparison: Comparison) -> bool:
    """Return whether the upload is a workbook with at least one cell to mark."""
    form = comparison.document
    return bool(form.sheet) and any(_column(form, fault) for fault in comparison.faults)


def marked(upload: Upload, comparison: Comparison) -> bytes:
    """Return the workbook with each faulty cell of the form marked and commented.

    Marks of an earlier check are removed, so that fixed cells are no longer marked. Raises
    UploadError if openpyxl can read only the cells of the workbook.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of everything it drops
            book = openpyxl.load_workbook(io.BytesIO(upload.content))
    except UNREADABLE:
        raise UploadError(
            f"ファイル「{upload.name}」には、印を付けられません。もう一度選び、画面に示す"
            "セルを直してください。"
        ) from None
    sheet = book[comparison.document.sheet]
    _remove_marks(sheet)
    messages: dict[tuple[int, int], list[str]] = {}
    for fault in comparison.faults:
        column = _column(comparison.document, fault)
        if column and fault.row:
            messages.setdefault((fault.row, column), []).append(fault.message)
    for (row, column), texts in messages.items():
        _mark(sheet, row, column, texts)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _column(form: Document, fault: Fault) -> int | None:
    """Return the column to mark; that of the indicator for a fault of the whole row.

    None for a fault of the whole file.
    """
    if fault.row is None:
        return None
    return form.columns.get(fault.header) or form.columns.get(Header.NAME)


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
