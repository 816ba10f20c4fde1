"""Returns the workbook of a plan with comments at its faulty cells."""

from plans.workbook.reading import CellFault
from tables.importing import Comparison
from tables.marks import marked
from tables.uploads import Upload


def cell_faults(comparison: Comparison) -> list[CellFault]:
    """Return the errors that a cell can be marked for."""
    return [
        one
        for one in comparison.faults
        if isinstance(one, CellFault) and one.sheet and one.row and one.column
    ]


def marked_book(upload: Upload, comparison: Comparison) -> bytes | None:
    """Return the workbook with each faulty cell marked; None if there is none.

    Raises UploadError.
    """
    messages: dict[str, dict[tuple[int, int], list[str]]] = {}
    for fault in cell_faults(comparison):
        of_sheet = messages.setdefault(fault.sheet, {})
        of_sheet.setdefault((fault.row or 1, fault.column or 1), []).append(fault.message)
    return marked(upload, messages) if messages else None
