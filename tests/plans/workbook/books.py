"""Workbooks of plans for the tests: written, changed as people do, and imported."""

import io
from collections.abc import Callable, Mapping
from typing import Any

import openpyxl
from openpyxl.workbook import Workbook

from accounts.roles import Role
from plans.tree import read_plain_tree
from plans.workbook.importing import PlanComparison, PlanImporter
from plans.workbook.rows import PlanRows, workbook_rows
from reports.plan_workbook import workbook_content
from reports.strategy_json import strategy_as_json
from tables.importing import carry_out, rehearse
from tables.uploads import accept
from tests.factories import make_user


def written(plan: Mapping[str, Any]) -> bytes:
    """Return the workbook of a plan."""
    return workbook_content(workbook_rows(plan))


def empty_form() -> bytes:
    return workbook_content(PlanRows())


def changed(content: bytes, change: Callable[[Workbook], None]) -> bytes:
    """Return a workbook as somebody changed and saved it."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    change(book)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def slim(content: bytes) -> bytes:
    """Return a workbook without empty rows, choices and comments: openpyxl reads it ten times as
    quickly.
    """

    def drop(book: Workbook) -> None:
        for sheet in book.worksheets:
            filled = [row[0].row for row in sheet.iter_rows() if any(one.value for one in row)]
            sheet.delete_rows(max(filled, default=0) + 1, sheet.max_row)
            sheet.data_validations.dataValidation.clear()
            for row in sheet.iter_rows():
                for cell in row:
                    cell.comment = None

    return changed(content, drop)


def column(sheet: Any, header: str) -> int:
    """Return the column of a header in a sheet of the form."""
    for row in sheet.iter_rows(min_row=1, max_row=12):
        for cell in row:
            if cell.value == header:
                return cell.column
    raise LookupError(header)


def first_row(sheet: Any) -> int:
    """Return the first row below the headers that is not an example."""
    row = next(cell.row for cell in sheet["A"] if cell.value == "例") + 1
    while sheet.cell(row, 1).value == "例":
        row += 1
    return row


def fill(sheet: Any, *rows: Mapping[str, Any]) -> None:
    """Type rows into a sheet, each as content by header, from its first free row on."""
    start = first_row(sheet)
    for number, row in enumerate(rows, start):
        for header, content in row.items():
            sheet.cell(number, column(sheet, header)).value = content


def without_codes(book: Workbook) -> None:
    """Clear the codes of the indicators, as in a plan that somebody types from scratch."""
    for title in ("数値目標", "KPI"):
        header = next(cell for cell in book[title][3] if cell.value == "指標コード")
        for cell in book[title][header.column_letter][3:]:
            cell.value = None


def put_items(book: Workbook, items: Mapping[str, Any]) -> None:
    """Type into the sheet 計画: content by the name of the item."""
    sheet = book["計画"]
    for row in sheet.iter_rows(min_col=1, max_col=2):
        if row[0].value in items:
            row[1].value = items[row[0].value]


def compared(content: bytes, **decisions: str) -> PlanComparison:
    """Return what a workbook would make of the plan."""
    importer = PlanImporter(make_user(Role.PLANNING), decisions=decisions)
    [found] = rehearse(importer, [importer.read(accept("計画様式.xlsx", content))])
    assert isinstance(found, PlanComparison)
    return found


def taken_in(content: bytes, **decisions: str) -> PlanComparison:
    """Take a workbook in and return what it changed; it must be right."""
    importer = PlanImporter(make_user(Role.PLANNING), decisions=decisions)
    book = importer.read(accept("計画様式.xlsx", content))
    [found] = rehearse(importer, [book])
    assert faults_of(found) == []
    assert found.questions == []
    [done], is_written = carry_out(importer, [book], [found.digest])
    assert is_written, faults_of(done)
    assert isinstance(done, PlanComparison)
    return done


def faults_of(found: PlanComparison) -> list[tuple[str, str]]:
    """Return place and message of each error."""
    return [(found.document.place_of(one), one.message) for one in found.faults]


def doubts_of(found: PlanComparison) -> list[tuple[str, str]]:
    assert found.described is not None
    return [(found.document.place_of(one), one.message) for one in found.described.doubts]


def as_json(code: str) -> dict[str, Any]:
    """Return a registered plan, as export_strategy prints it."""
    return strategy_as_json(read_plain_tree(code, drafts=True))
