"""Returns a user's form with comments on its faulty cells."""

from entry.excel.reading import FilledForm
from tables.importing import Comparison, Document, Fault
from tables.marks import by_sheet, marked
from tables.uploads import Upload


def can_mark(comparison: Comparison) -> bool:
    """Return whether the upload is a workbook with at least one cell to mark."""
    form = comparison.document
    return bool(form.sheet) and any(_column(form, fault) for fault in comparison.faults)


def marked_form(upload: Upload, comparison: Comparison) -> bytes | None:
    """Return the workbook with each faulty cell of the form marked; None if there is none.

    Raises UploadError.
    """
    if not can_mark(comparison):
        return None
    form = comparison.document
    messages = by_sheet(
        (form.sheet, fault.row, column, fault.message)
        for fault in comparison.faults
        if (column := _column(form, fault)) and fault.row
    )
    return marked(upload, messages)


def _column(form: Document, fault: Fault) -> int | None:
    """Return the column to mark; that of the name for a fault of the whole row.

    None for a fault of the whole file.
    """
    if fault.row is None:
        return None
    return form.columns.get(fault.header) or form.columns.get(_title(form))


def _title(form: Document) -> str:
    return form.kind.title if isinstance(form, FilledForm) else ""
