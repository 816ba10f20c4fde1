"""Tables in files: reading CSV and Excel into cells of text, writing them so that nothing runs.

A cell is read as the text that people see: 1234, 30%, はい. Written are texts, numbers and empty
cells; a text that a spreadsheet would take for a formula is escaped, and un-escaped when it comes
back.
"""

import csv
import io
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from itertools import zip_longest
from typing import Any
from zipfile import BadZipFile

import openpyxl
import xlsxwriter
from openpyxl.cell.read_only import EMPTY_CELL
from openpyxl.utils import get_column_letter
from xlsxwriter.worksheet import Worksheet

from tables.uploads import SAVE_AS_XLSX, Kind, Upload, UploadError, read_csv

MAX_COLUMNS = 200
YES, NO = "はい", "いいえ"

UNREADABLE = (
    LookupError, ValueError, TypeError, AttributeError, SyntaxError, ArithmeticError, OSError,
    BadZipFile,
)  # fmt: skip
"""What openpyxl raises where a workbook is not as it expects: whatever Python raises."""

Cell = str | int | Decimal | None
"""What is written: a text, a number, or nothing."""

_LOOKS_LIKE_A_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
_NOT_SHOWN_AS_SIGN = re.compile(r'"[^"]*"|[\\_*].|\[[^]]*\]')
"""Of a number format: texts, blanks as wide as a sign (_%), what fills a cell, conditions."""

_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff]")


@dataclass(frozen=True)
class Fault:
    """What is wrong in one place of a table; without `row`, with the table as a whole."""

    message: str
    row: int | None = None
    header: str = ""
    cell: str = ""


@dataclass(frozen=True)
class Row:
    """One record: its number in the spreadsheet, and its cells by header."""

    number: int
    cells: dict[str, str]


@dataclass
class Table:
    """What a file holds: the first sheet's records below its header."""

    headers: list[str]
    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    sheet: str = ""

    def place_of(self, fault: Fault) -> str:
        """Return where a fault is, as the spreadsheet calls it: 「シート「実績値」のF12」."""
        if fault.row is None:
            return f"シート「{self.sheet}」" if self.sheet else "ファイル全体"
        if not self.sheet:
            return f"{fault.row}行目"
        if fault.header not in self.headers:
            return f"シート「{self.sheet}」の{fault.row}行目"
        letter = get_column_letter(self.headers.index(fault.header) + 1)
        return f"シート「{self.sheet}」の{letter}{fault.row}"


def read_table(upload: Upload) -> Table:
    """Return the table of a file that passed tables.uploads. Raises UploadError."""
    if upload.kind == Kind.CSV:
        return _table("", _csv_records(upload.text))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and validations that are not read
            book = openpyxl.load_workbook(io.BytesIO(upload.content), read_only=True)
            try:
                sheet = book.worksheets[0]
                return _table(sheet.title, _sheet_records(sheet))
            finally:
                book.close()
    except UNREADABLE:
        # openpyxl meets what it does not expect with whatever Python raises.
        raise UploadError(
            f"ファイル「{upload.name}」は取り込めません。ファイルが壊れています。{SAVE_AS_XLSX}"
        ) from None


Problem = tuple[int, str, str]
"""Index of a column, what stands there, and why it cannot be read."""


def _table(sheet: str, records: Iterator[tuple[int, list[str], list[Problem]]]) -> Table:
    number, headers, problems = next(records, (1, [], []))
    while headers and not headers[-1]:
        headers.pop()
    table = Table(headers, sheet=sheet)
    for number, cells, problems in records:
        if not any(cells) and not problems:
            continue
        table.rows.append(Row(number, dict(zip(headers, cells, strict=False))))
        for index, cell, message in problems:
            header = headers[index] if index < len(headers) else ""
            table.faults.append(Fault(message, number, header, cell))
        if any(cell and not header for header, cell in zip_longest(headers, cells, fillvalue="")):
            message = "見出しのない列に値があります。見出しを付けるか、値を消してください。"
            table.faults.append(Fault(message, number))
    return table


def _csv_records(text: str) -> Iterator[tuple[int, list[str], list[Problem]]]:
    for number, record in enumerate(read_csv(text), 1):
        yield number, [tidy(unescaped(cell)) for cell in record], []


def _sheet_records(sheet: Any) -> Iterator[tuple[int, list[str], list[Problem]]]:
    sheet.reset_dimensions()  # a sheet may claim to be as large as Excel allows
    filler = None  # what openpyxl gives for rows that the file leaves out, perhaps a million times
    for number, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS), 1):
        if cells is filler:
            continue
        if number > 1 and all(cell is EMPTY_CELL for cell in cells):
            filler = cells
            continue
        record, problems = [], []
        for index, cell in enumerate(cells):
            text, problem = _cell_text(cell)
            record.append(text)
            if problem:
                problems.append((index, text, problem))
        yield number, record, problems


def _cell_text(cell: Any) -> tuple[str, str]:
    """Return a cell of a sheet as the text that people see, and why it cannot be taken, or ""."""
    value = cell.value
    if value is None:
        return "", ""
    if cell.data_type == "f":
        formula = value if isinstance(value, str) else getattr(value, "text", None) or "="
        return (
            formula,
            "数式は取り込めません。コピーして、同じ場所に「値」として貼り付けてください。",
        )
    if cell.data_type == "e":
        return str(value), f"「{value}」はExcelのエラー値です。正しい値に直してください。"
    if isinstance(value, bool):
        return YES if value else NO, ""
    if isinstance(value, int | float):
        return number_text(value, cell.number_format or ""), ""
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    if isinstance(value, date | time):
        return value.isoformat(), ""
    return tidy(unescaped(str(value))), ""


def number_text(value: int | float, number_format: str) -> str:
    """Return a number with the 15 digits that Excel has; 0.3 shown as 30% is 30%."""
    number = Decimal(value) if isinstance(value, int) else Decimal(f"{value:.15g}")
    percent = "%" in _NOT_SHOWN_AS_SIGN.sub("", number_format)
    return plain_number(number * 100) + "%" if percent else plain_number(number)


def plain_number(number: int | Decimal) -> str:
    """Return a number without exponent, separators and needless zeros."""
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def tidy(text: str) -> str:
    """Return a text without invisible characters and without blanks around it."""
    return _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def cell_text(cell: Cell) -> str:
    """Return what reading a written cell gives."""
    if cell is None:
        return ""
    return tidy(cell) if isinstance(cell, str) else plain_number(cell)


def escaped(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula.

    It has ' before = + - @, tab and line break.
    """
    return f"'{text}" if _LOOKS_LIKE_A_FORMULA.match(text) else text


def unescaped(text: str) -> str:
    """Return what `escaped` was given."""
    return text[1:] if text.startswith("'") and _LOOKS_LIKE_A_FORMULA.match(text) else text


def write_csv(headers: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    """Return a CSV file in UTF-8 with BOM and CRLF, as Excel opens it."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(headers)
    for row in rows:
        writer.writerow(
            [escaped(cell_text(cell)) if isinstance(cell, str) else cell_text(cell) for cell in row]
        )
    return stream.getvalue().encode("utf-8-sig")


def write_xlsx(
    title: str,
    headers: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    notes: Sequence[Sequence[str]],
) -> bytes:
    """Return an Excel file: the table on the first sheet, what its columns mean on the second."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        bold, text_like_a_formula = (
            book.add_format({"bold": True}),
            book.add_format({"quote_prefix": True}),
        )
        for name, lines in ((title, [headers, *rows]), ("列の説明", notes)):
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            for number, line in enumerate(lines):
                for column, cell in enumerate(line):
                    _write_cell(sheet, number, column, cell, text_like_a_formula)
            sheet.set_row(0, None, bold)
            for column, width in enumerate(_widths(lines)):
                sheet.set_column(column, column, width)
    return stream.getvalue()


def _write_cell(sheet: Worksheet, row: int, column: int, cell: Cell, quoted: Any) -> None:
    if cell is None or cell == "":
        return
    if not isinstance(cell, str):
        sheet.write_number(row, column, float(cell))
        return
    text = cell_text(cell)
    if not _LOOKS_LIKE_A_FORMULA.match(text):
        sheet.write_string(row, column, text)
    elif text.startswith("'"):
        sheet.write_string(row, column, escaped(text))
    else:
        sheet.write_string(row, column, text, quoted)


def _widths(lines: Sequence[Sequence[Cell]]) -> list[float]:
    """Return a width for each column that shows most of its first rows."""
    columns = zip(*lines[:100], strict=False)
    return [min(60, max(len(cell_text(cell)) for cell in column) * 2 + 2) for column in columns]
