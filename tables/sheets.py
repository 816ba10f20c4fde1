"""The sheets of a file that people filled in: each cell as they see it, or why it cannot be taken.

How a number is shown matters, since that is what was meant: 0.123 shown as 12.3% is 12.3%. Of a
formula the result counts that the file holds; `Sheet.formulas` says where there are formulas.
"""

import io
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import IO, Any, NamedTuple
from xml.etree import ElementTree
from xml.parsers import expat

import openpyxl
from openpyxl.cell.read_only import ReadOnlyCell
from openpyxl.packaging.relationship import get_dependents
from openpyxl.utils.cell import coordinate_to_tuple, range_boundaries

from tables.cells import NO, YES, number_text, tidy, unescaped
from tables.number_formats import is_percentage, is_shown_as_it_is
from tables.uploads import SAVE_AS_XLSX, Format, Upload, UploadError, read_csv

LAST_COLUMN = 200
"""Columns of a workbook to the right of this one are not looked at."""

UNREADABLE = (
    LookupError, ValueError, TypeError, AttributeError, SyntaxError, ArithmeticError, OSError,
    zipfile.BadZipFile,
)  # fmt: skip
"""What openpyxl raises where a workbook is not as it expects: whatever Python raises."""

SHOWN_OTHERWISE = (
    "表示形式で桁を省いたり、別の形に見せたりしているため、いくつのことか決められません。"
    "表示形式を「標準」に戻し、表示された数を確かめて入力し直してください。"
)


@dataclass(frozen=True)
class ShownCell:
    """A cell as people see it. `fault` says why it cannot be taken; `day` is that of a date."""

    text: str = ""
    fault: str = ""
    day: date | None = None


EMPTY = ShownCell()
NOT_COMPUTED = ShownCell(
    "（数式）",
    "数式の計算結果が、ファイルに保存されていません。Excelで開いて保存し直すか、"
    "数式を消して、値を入力してください。",
)


class Span(NamedTuple):
    """Cells that are merged into one, rows and columns counted from 1."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass
class Sheet:
    """One sheet; `title` is "" for CSV. Rows and columns are counted from 1.

    `rows` has what the file holds and `formulas`, by row and column, what computes it.
    """

    title: str
    rows: dict[int, dict[int, str | ReadOnlyCell | None]] = field(default_factory=dict)
    formulas: dict[tuple[int, int], str] = field(default_factory=dict)
    merged: list[Span] = field(default_factory=list)

    def cell(self, row: int, column: int) -> ShownCell:
        """Return a cell; an empty one where the file has none."""
        raw = self.rows.get(row, {}).get(column)
        if raw is None:
            return NOT_COMPUTED if (row, column) in self.formulas else EMPTY
        return ShownCell(tidy(unescaped(raw))) if isinstance(raw, str) else _shown(raw)


def read_sheets(upload: Upload) -> Sequence[Sheet]:
    """Return the sheets of a file that passed tables.uploads, to be looked at only.

    Raises UploadError.
    """
    if upload.kind == Format.CSV:
        records = enumerate(read_csv(upload.text), 1)
        sheet = Sheet("")
        for number, record in records:
            if any(record):
                sheet.rows[number] = dict(enumerate(record, 1))
        return [sheet]
    try:
        return sheets_of(upload.content)
    except UNREADABLE:
        raise broken(upload) from None


def broken(upload: Upload) -> UploadError:
    """Return the error of a workbook that passed as one and cannot be read all the same."""
    return UploadError(
        f"ファイル「{upload.name}」は取り込めません。ファイルが壊れています。{SAVE_AS_XLSX}"
    )


@lru_cache(maxsize=2)
def sheets_of(content: bytes) -> tuple[Sheet, ...]:
    """Return what a workbook holds.

    A file is looked at and a minute later taken in: the same bytes are read once.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and validations that are not read
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        try:
            sheets = tuple(Sheet(one.title, dict(_rows(one))) for one in book.worksheets)
        finally:
            book.close()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = _parts_by_title(archive)
        for sheet in sheets:
            with archive.open(parts[sheet.title]) as part:
                _Outline(sheet).read(part)
    return sheets


def _rows(sheet: Any) -> Iterator[tuple[int, dict[int, ReadOnlyCell]]]:
    """Yield the rows that hold something; openpyxl gives one and the same for those left out."""
    sheet.reset_dimensions()  # a sheet may claim to be as large as Excel allows
    left_out = None
    for number, cells in enumerate(sheet.iter_rows(max_col=LAST_COLUMN), 1):
        if cells is left_out:
            continue
        held = {column: cell for column, cell in enumerate(cells, 1) if cell.value is not None}
        if held:
            yield number, held
        else:
            left_out = cells


def _parts_by_title(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return which part of a package holds which sheet."""
    relations = get_dependents(archive, "xl/_rels/workbook.xml.rels")
    parts = {}
    for element in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter():
        if _local(element.tag) == "sheet":
            names = {_local(name): value for name, value in element.items()}
            parts[names["name"]] = relations.get(names["id"]).target
    return parts


def _local(name: str) -> str:
    """Return the name of an element or attribute without its namespace: c of {…}c and x:c."""
    return name.rpartition("}")[2].rpartition(":")[2]


class _Outline:
    """Notes where a sheet has formulas and merged cells.

    openpyxl gives either a formula or its result, and merged cells only where it holds the whole
    workbook in memory.
    """

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.row = self.column = 0
        self.formula: list[str] | None = None

    def read(self, part: IO[bytes]) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        try:
            parser.ParseFile(part)
        except expat.ExpatError as error:
            raise ValueError(str(error)) from error

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = _local(tag)
        if name == "c":
            # Programs may leave out where a row or cell is: then it is the next one.
            self.column += 1
            if "r" in attributes:
                self.row, self.column = coordinate_to_tuple(attributes["r"])
        elif name == "f":
            self.formula = []
        elif name == "row":
            self.row, self.column = int(attributes.get("r", self.row + 1)), 0
        elif name == "mergeCell":
            first_column, first_row, last_column, last_row = range_boundaries(attributes["ref"])
            self.sheet.merged.append(Span(first_row, first_column, last_row, last_column))

    def _text(self, text: str) -> None:
        if self.formula is not None:
            self.formula.append(text)

    def _end(self, tag: str) -> None:
        if self.formula is not None and _local(tag) == "f":
            if self.column <= LAST_COLUMN:
                self.sheet.formulas[self.row, self.column] = "=" + "".join(self.formula)
                self.sheet.rows.setdefault(self.row, {}).setdefault(self.column)
            self.formula = None


def _shown(raw: ReadOnlyCell) -> ShownCell:
    value = raw.value
    if raw.data_type == "e":
        return ShownCell(
            str(value), f"「{value}」はExcelのエラー値です。正しい値に直してください。"
        )
    if isinstance(value, bool):
        return ShownCell(YES if value else NO)
    if isinstance(value, int | float):
        return shown_number(value, _number_format(raw))
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    if isinstance(value, datetime):
        return ShownCell(str(value), day=value.date())
    if isinstance(value, date):
        return ShownCell(value.isoformat(), day=value)
    if isinstance(value, time | timedelta):
        return ShownCell(str(value))
    return ShownCell(tidy(unescaped(str(value))))


def _number_format(raw: ReadOnlyCell) -> str:
    try:
        return raw.number_format or "General"
    except LookupError:  # a style that the workbook does not have
        return "General"


def shown_number(value: int | float, number_format: str) -> ShownCell:
    """Return a number with the 15 digits that Excel has; 0.3 shown as 30% is 30%."""
    number = Decimal(value) if isinstance(value, int) else Decimal(f"{value:.15g}")
    text = number_text(number * 100) + "%" if is_percentage(number_format) else number_text(number)
    return ShownCell(text, "" if is_shown_as_it_is(value, number_format) else SHOWN_OTHERWISE)
