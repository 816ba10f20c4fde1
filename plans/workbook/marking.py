"""Returns the workbook of a plan with comments at its faulty cells."""

from plans.workbook.reading import CellFault
from tables.importing import Comparison
from tables.marks import by_sheet, marked
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
    messages = by_sheet(
        (fault.sheet, fault.row or 1, fault.column or 1, fault.message)
        for fault in cell_faults(comparison)
    )
    return marked(upload, messages) if messages else None
