"""Returns a user's 評価シート with comments on the faulty cells."""

from reviews.measures.sheets.keys import FIELD
from reviews.measures.sheets.reading import MeasureSheetFault
from tables.importing import Comparison
from tables.marks import by_sheet, marked
from tables.uploads import Upload


def has_cells_to_mark(comparison: Comparison) -> bool:
    """Return whether at least one fault is at a cell of a sheet."""
    return any(isinstance(fault, MeasureSheetFault) and fault.place for fault in comparison.faults)


def marked_sheets(upload: Upload, comparison: Comparison) -> bytes | None:
    """Return the workbook with each faulty cell marked; None if there is none.

    Raises UploadError.
    """
    if not has_cells_to_mark(comparison):
        return None
    messages = by_sheet(
        (fault.sheet, fault.row, fault.column or FIELD, fault.message)
        for fault in comparison.faults
        if isinstance(fault, MeasureSheetFault) and fault.row
    )
    return marked(upload, messages)
