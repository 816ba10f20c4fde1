"""Returns a user's workbook with comments on its faulty cells.

Everything else is kept as far as openpyxl can: shapes, and some pictures and charts, are lost. The
page says so.
"""

from entry.excel.columns import Header
from entry.excel.marks import with_marks
from tables import own_process
from tables.importing import Comparison, Document, Fault
from tables.sheets import UNREADABLE
from tables.uploads import Upload, UploadError, telling_its_end

_BY_HAND = "もう一度選び、画面に示すセルを直してください。"


def can_mark(comparison: Comparison) -> bool:
    """Return whether the upload is a workbook with at least one cell to mark."""
    form = comparison.document
    return bool(form.sheet) and any(_column(form, fault) for fault in comparison.faults)


def marked(upload: Upload, comparison: Comparison) -> bytes:
    """Return the workbook with each faulty cell of the form marked and commented.

    Marks of an earlier check are removed, so that fixed cells are no longer marked. Raises
    UploadError if openpyxl can read only the cells of the workbook, if it costs too much, or if
    the server fails.
    """
    messages: dict[tuple[int, int], list[str]] = {}
    for fault in comparison.faults:
        column = _column(comparison.document, fault)
        if column and fault.row:
            messages.setdefault((fault.row, column), []).append(fault.message)
    refusal = f"ファイル「{upload.name}」には、印を付けられません。"
    with telling_its_end(refusal, too_much=_BY_HAND):
        try:
            return own_process.run(with_marks, upload.content, comparison.document.sheet, messages)
        except UNREADABLE:
            raise UploadError(refusal + _BY_HAND) from None


def _column(form: Document, fault: Fault) -> int | None:
    """Return the column to mark; that of the indicator for a fault of the whole row.

    None for a fault of the whole file.
    """
    if fault.row is None:
        return None
    return form.columns.get(fault.header) or form.columns.get(Header.NAME)
