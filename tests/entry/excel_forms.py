"""Excel forms as people get them, fill them in and send them back."""

import csv
import io
from typing import Any

import openpyxl
from openpyxl.cell.cell import Cell
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from accounts.models import User
from entry.excel.columns import SHEET, Header, RowKey, normal
from entry.excel.comparing import FormImporter
from entry.excel.form import EntryForm, FormLine, write_form
from entry.excel.form_lines import form_of
from entry.excel.reading import FilledForm, read_form
from entry.year_rows import year_rows
from indicators.models import FiscalYear
from tables import uploads
from tables.importing import Comparison, rehearse
from tests.recalculation import XLSX, converted


def line(code: str = "visitors", name: str = "来館者数", **fields: Any) -> FormLine:
    """Return a line of a form of 2017, nothing filled in."""
    defaults = {"filled": {}, "unit": "人", "moment": "年度計", "section": "水産課"}
    return FormLine(
        key=fields.pop("key", RowKey("plan", fields.pop("year", 2017), code, None)),
        name=name,
        **(defaults | fields),
    )


def form_workbook(form: EntryForm) -> bytes:
    """Return a form as an Excel file."""
    file = io.BytesIO()
    write_form(file, form)
    return file.getvalue()


def made(*lines: FormLine) -> bytes:
    """Return a form with these lines, made without a database."""
    years = ("平成26年度", "平成27年度", "平成28年度")
    form = EntryForm(title="実績入力様式", subtitle="水産課", years=years, lines=lines)
    return form_workbook(form)


def form_for(user: User, year: int = 2017) -> bytes:
    """Return the form that a person would download."""
    return form_workbook(form_of(FiscalYear.objects.get(pk=year), year_rows(year, user)))


class Paper:
    """A form that is open in Excel."""

    def __init__(self, content: bytes) -> None:
        self.book: Workbook = openpyxl.load_workbook(io.BytesIO(content))

    @property
    def sheet(self) -> Worksheet:
        return self.book[SHEET] if SHEET in self.book.sheetnames else self.book.worksheets[0]

    def header_row(self) -> int:
        return next(
            row[0].row
            for row in self.sheet.iter_rows()
            if normal(Header.KEY) in {normal(str(cell.value)) for cell in row}
        )

    def column(self, header: str) -> int:
        return next(
            cell.column
            for cell in self.sheet[self.header_row()]
            if normal(str(cell.value)) == normal(header)
        )

    def row(self, name: str) -> int:
        column = self.column(Header.NAME)
        return next(
            row for row in range(1, self.sheet.max_row + 1)
            if self.sheet.cell(row, column).value == name
        )  # fmt: skip

    def cell(self, name: str, header: str) -> Cell:
        """Return the cell of an indicator below a header."""
        return self.sheet.cell(self.row(name), self.column(header))

    def fill(self, name: str, **fields: Any) -> "Paper":
        """Type into the row of an indicator: fill("来館者数", VALUE="12", REMARKS="…")."""
        for header, typed in fields.items():
            self.cell(name, Header[header]).value = typed
        return self

    def saved(self) -> bytes:
        stream = io.BytesIO()
        self.book.save(stream)
        return stream.getvalue()

    def as_csv(self, encoding: str = "utf-8-sig") -> bytes:
        """Return the sheet as Excel saves it as CSV, hidden columns included."""
        stream = io.StringIO(newline="")
        writer = csv.writer(stream, lineterminator="\r\n")
        for row in self.sheet.iter_rows(values_only=True):
            writer.writerow("" if value is None else value for value in row)
        return stream.getvalue().encode(encoding)


def read(content: bytes, year: int = 2017) -> FilledForm:
    """Return what the reader makes of a file."""
    return read_form(uploads.accept("様式.xlsx", content), year)


def importer(by: User, year: int = 2017, **said: Any) -> FormImporter:
    """Return a user who imports forms of a year."""
    return FormImporter(by, FiscalYear.objects.get(pk=year), **said)


def compared(content: bytes, by: User, year: int = 2017, **said: Any) -> Comparison:
    """Return what a file would change."""
    return rehearse(importer(by, year, **said), [read(content, year)])[0]


def messages(found: FilledForm | Comparison) -> list[str]:
    """Return what is wrong: the place and the message."""
    form = found.document if isinstance(found, Comparison) else found
    return [f"{form.place_of(fault)}：{fault.message}" for fault in found.faults]


def saved_by_libreoffice(content: bytes) -> bytes:
    """Return an Excel file as LibreOffice saves it again."""
    return converted({"form": content}, XLSX, "xlsx")["form"]
