"""Gives a person's workbook back with the faulty cells marked and commented.

Everything else stays as it is, as far as openpyxl keeps it: drawn shapes, and pictures and charts
in part, are lost. The page says so.
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
"""Of our comments; by it those of an earlier time are found."""

MARK = PatternFill("solid", start_color="FFFFC000", end_color="FFFFC000")
NO_MARK = PatternFill()


def can_mark(comparison: Comparison) -> bool:
    """Return whether there is a workbook and a cell in it to mark."""
    form = comparison.document
    return bool(form.sheet) and any(_column(form, fault) for fault in comparison.faults)


def marked(upload: Upload, comparison: Comparison) -> bytes:
    """Return the workbook with a mark and a comment at each faulty cell of the form.

    Marks of an earlier time go: what was put right is not marked any more. Raises UploadError for
    a workbook of which no more than the cells can be read.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about what openpyxl leaves out
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
    """Return the column to mark; that of the indicator where the fault is the whole row's."""
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
