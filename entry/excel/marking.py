"""Returns a user's form with comments on its faulty cells."""

from entry.excel.reading import FilledForm
from tables.importing import Comparison, Document, Fault
from tables.marks import marked
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
    messages: dict[tuple[int, int], list[str]] = {}
    for fault in comparison.faults:
        column = _column(comparison.document, fault)
        if column and fault.row:
            messages.setdefault((fault.row, column), []).append(fault.message)
    return marked(upload, {comparison.document.sheet: messages})


def _column(form: Document, fault: Fault) -> int | None:
    """Return the column to mark; that of the name for a fault of the whole row.

    None for a fault of the whole file.
    """
    if fault.row is None:
        return None
    return form.columns.get(fault.header) or form.columns.get(_title(form))


def _title(form: Document) -> str:
    return form.kind.title if isinstance(form, FilledForm) else ""
