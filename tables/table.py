"""Read the table of a bulk import: the header and the records of the first sheet."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tables.importing import Document, Fault
from tables.sheets import SHOWN_OTHERWISE, Sheet, broken, read_sheets
from tables.uploads import Upload

_NO_FORMULAS = "数式は取り込めません。コピーして、同じ場所に「値」として貼り付けてください。"
_NO_HEADER = "見出しのない列に値があります。見出しを付けるか、値を消してください。"


@dataclass(frozen=True)
class Row:
    """One record: its row number in the spreadsheet, and its cells by header.

    `numeric` has the headers of the cells that are numbers in the file, not texts.
    """

    number: int
    cells: dict[str, str]
    numeric: frozenset[str] = frozenset()


@dataclass
class Table(Document):
    """The contents of a file; `headers` as in the file, including duplicates."""

    headers: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def cell_of(self, fault: Fault) -> str:
        """Return the reference of a fault's cell; "" for CSV, where only rows can be named."""
        return super().cell_of(fault) if self.sheet else ""


def read_table(upload: Upload) -> Table:
    """Return the table of a file that passed tables.uploads. Raises UploadError.

    Faults in single cells do not raise; they are in `Table.faults`.
    """
    sheets = read_sheets(upload)
    if not sheets:
        raise broken(upload)
    return table_of(upload.name, sheets[0])


def table_of(name: str, sheet: Sheet) -> Table:
    """Return the table of one sheet of a file with this name: header in row 1, records below."""
    last = max(sheet.rows.get(1, {}), default=0)
    headers = [sheet.cell(1, column).text for column in range(1, last + 1)]
    while headers and not headers[-1]:
        headers.pop()
    table = Table(name, sheet.title, headers=headers)
    for column, header in enumerate(headers, 1):
        table.columns.setdefault(header, column)
    for number in sorted(sheet.rows):
        if number > 1:
            _read_row(table, sheet, number)
    return table


def _read_row(table: Table, sheet: Sheet, number: int) -> None:
    texts: dict[int, str] = {}
    faults = list(_faults(table, sheet, number))
    for column in sheet.rows[number]:
        texts[column] = sheet.formulas.get((number, column)) or sheet.cell(number, column).text
    if not any(texts.values()):
        return
    cells = {header: texts.get(column, "") for column, header in enumerate(table.headers, 1)}
    numbers = {c for c, cell in sheet.rows[number].items() if getattr(cell, "is_number", False)}
    numeric = frozenset(header for c, header in enumerate(table.headers, 1) if c in numbers)
    table.rows.append(Row(number, cells, numeric))
    table.faults += faults
    named = {column for column, header in enumerate(table.headers, 1) if header}
    if any(text for column, text in texts.items() if column not in named):
        table.faults.append(Fault(_NO_HEADER, number))


def _faults(table: Table, sheet: Sheet, number: int) -> Iterator[Fault]:
    """Yield a fault for each cell of a row that cannot be used.

    Unlike the entry form, a table takes numbers as stored, however few digits the format shows.
    """
    for column in sorted(sheet.rows[number]):
        header = table.headers[column - 1] if column <= len(table.headers) else ""
        formula, cell = sheet.formulas.get((number, column)), sheet.cell(number, column)
        if formula:
            yield Fault(_NO_FORMULAS, number, header, formula)
        elif cell.fault and cell.fault != SHOWN_OTHERWISE:
            yield Fault(cell.fault, number, header, cell.text)
