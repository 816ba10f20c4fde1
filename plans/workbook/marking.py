"""Returns the workbook of a plan with comments at its faulty cells."""

from plans.workbook.importing import PlanComparison
from plans.workbook.reading import CellFault
from tables.marks import marked
from tables.uploads import Upload


def cell_faults(comparison: PlanComparison) -> list[CellFault]:
    """Return the errors that a cell can be marked for."""
    return [
        one
        for one in comparison.faults
        if isinstance(one, CellFault) and one.sheet and one.row and one.column
    ]


def marked_book(upload: Upload, comparison: PlanComparison) -> bytes:
    """Return the workbook with each faulty cell marked. Raises UploadError."""
    messages: dict[str, dict[tuple[int, int], list[str]]] = {}
    for fault in cell_faults(comparison):
        of_sheet = messages.setdefault(fault.sheet, {})
        of_sheet.setdefault((fault.row or 1, fault.column or 1), []).append(fault.message)
    return marked(upload, messages)
