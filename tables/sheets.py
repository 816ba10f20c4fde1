"""Read the sheets of a filled-in file: each cell as people see it, or why it cannot be used.

The number format matters, because people mean what they see: 0.123 shown as 12.3% is 12.3%. A
formula counts as the result stored in the file; `Sheet.formulas` lists the formulas.
"""

import io
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
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

from japanese.numerals import needed_decimals, round_to
from tables import own_process, uploads
from tables.cells import NO, YES, number_text, tidy, unescaped
from tables.number_formats import is_percentage, is_shown_as_it_is, shown_decimals
from tables.uploads import SAVE_AS_XLSX, Format, Upload, UploadError, read_csv
from tables.zeros import zeros_of_nothing

MOST_DECIMALS = 4
"""The most decimals that a value can have."""

LAST_COLUMN = 200
"""Columns to the right of this one are ignored."""

UNREADABLE = (
    LookupError, ValueError, TypeError, AttributeError, SyntaxError, ArithmeticError, OSError,
    RecursionError, zipfile.BadZipFile,
)  # fmt: skip
"""What openpyxl raises for damaged workbooks: mostly plain Python errors."""

SHOWN_OTHERWISE = (
    "表示形式で桁を省いたり、別の形に見せたりしているため、いくつのことか決められません。"
    "表示形式を「標準」に戻し、表示された数を確かめて入力し直してください。"
)


@dataclass(frozen=True)
class ShownCell:
    """A cell as people see it. `fault` says why it cannot be used; `day` is set for dates.

    `rounded` is a number as its format shows it, where that has fewer digits than `text`.
    """

    text: str = ""
    fault: str = ""
    day: date | None = None
    rounded: str = field(default="", compare=False)


NO_CELL = ShownCell()
NOT_COMPUTED = ShownCell(
    "（数式）",
    "数式の計算結果が、ファイルに保存されていません。Excelで開いて保存し直すか、"
    "数式を消して、値を入力してください。",
)


FROM_NOTHING = ShownCell(
    "0",
    "数式が参照しているセルが空欄のため、0と表示されています。0であれば「0」と入力し、"
    "値がなければ、この欄を空欄にしてください。",
)


class Span(NamedTuple):
    """Merged cells; rows and columns are counted from 1."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass
class Sheet:
    """One sheet; `title` is "" for CSV. Rows and columns are counted from 1.

    `rows` has the cells that are not empty; a cell is None if it has a formula without a result.
    `formulas` has the formulas by row and column.
    """

    title: str
    rows: dict[int, dict[int, str | ShownCell | None]] = field(default_factory=dict)
    formulas: dict[tuple[int, int], str] = field(default_factory=dict)
    merged: list[Span] = field(default_factory=list)
    shared: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    """Cells whose formula is written at another cell, by row and column: it was filled down."""
    from_nothing: set[tuple[int, int]] = field(default_factory=set)
    """Formulas that show 0 because they refer, in the end, to nothing but empty cells."""

    def cell(self, row: int, column: int) -> ShownCell:
        """Return a cell; an empty one if the file has none."""
        raw = self.rows.get(row, {}).get(column)
        if raw is None:
            return NOT_COMPUTED if (row, column) in self.formulas else NO_CELL
        found = ShownCell(tidy(unescaped(raw))) if isinstance(raw, str) else raw
        if (row, column) in self.formulas:
            return self._result((row, column), found)
        return found

    def _result(self, place: tuple[int, int], found: ShownCell) -> ShownCell:
        """Return the result of a formula with the digits that people see."""
        if found.text in ("0", "0%") and place in self.from_nothing:
            return FROM_NOTHING
        return replace(found, text=found.rounded, rounded="") if found.rounded else found


def read_sheets(upload: Upload) -> Sequence[Sheet]:
    """Return the sheets of a file that passed tables.uploads. Do not modify them: they are cached.

    Raises UploadError if the file cannot be read.
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
    except own_process.TooExpensive:
        raise UploadError(
            f"ファイル「{upload.name}」は取り込めません。{uploads.TOO_MUCH}"
        ) from None
    except own_process.Crashed:
        raise UploadError(
            f"ファイル「{upload.name}」は取り込めません。{uploads.FAULT_OF_THE_SERVER}"
        ) from None


def broken(upload: Upload) -> UploadError:
    """Return the error for a workbook that passed the checks but cannot be read."""
    return UploadError(
        f"ファイル「{upload.name}」は取り込めません。ファイルが壊れています。{SAVE_AS_XLSX}"
    )


@lru_cache(maxsize=2)
def sheets_of(content: bytes) -> tuple[Sheet, ...]:
    """Return the sheets of a workbook. Raises as own_process.run, or one of UNREADABLE.

    Cached because the confirmation reads the same bytes again shortly after the preview.
    """
    return _read(content) if uploads.is_small(content) else own_process.run(_read, content)


def _read(content: bytes) -> tuple[Sheet, ...]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and validations, which are not used here
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        try:
            # openpyxl takes a link of almost any type for a sheet, so only it knows the parts.
            parts_read = [one._worksheet_path for one in book.worksheets]
            if len(parts_read) != len(set(parts_read)):
                raise ValueError("two sheets are one part, which would be read many times")
            sheets = tuple(Sheet(one.title, dict(_rows(one))) for one in book.worksheets)
        finally:
            book.close()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = _parts_by_title(archive)
        for sheet in sheets:
            with archive.open(parts[sheet.title]) as part:
                _Outline(sheet).read(part)
    for sheet in sheets:
        sheet.from_nothing.update(zeros_of_nothing(sheets, sheet))
    return sheets


def _rows(sheet: Any) -> Iterator[tuple[int, dict[int, str | ShownCell | None]]]:
    """Yield the rows that are not empty.

    openpyxl yields the same tuple for every row that the file omits; comparing by identity skips
    them quickly.
    """
    sheet.reset_dimensions()  # a sheet may declare the largest size that Excel allows
    left_out = None
    known: dict[ShownCell, ShownCell] = {}  # equal cells are kept once
    for number, cells in enumerate(sheet.iter_rows(max_col=LAST_COLUMN), 1):
        if cells is left_out:
            continue
        held: dict[int, str | ShownCell | None] = {
            column: known.setdefault(shown := _shown(cell), shown)
            for column, cell in enumerate(cells, 1)
            if cell.value is not None
        }
        if held:
            yield number, held
        else:
            left_out = cells


def _parts_by_title(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the path of each sheet's part in the package, by title."""
    relations = get_dependents(archive, "xl/_rels/workbook.xml.rels")
    parts = {}
    for element in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter():
        if _local(element.tag) == "sheet":
            names = {_local(name): value for name, value in element.items()}
            parts[names["name"]] = relations.get(names["id"]).target
    return parts


def _local(name: str) -> str:
    """Return the name of an element or attribute without its namespace: c for {…}c and x:c."""
    return name.rpartition("}")[2].rpartition(":")[2]


class _Outline:
    """Collects the formulas and merged cells of a sheet.

    openpyxl returns either a formula or its result, and merged cells only if it loads the whole
    workbook into memory.
    """

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.row = self.column = 0
        self.formula: list[str] | None = None
        self.gives_text = False
        self.shared = ""
        self.first_of: dict[str, tuple[int, int]] = {}  # by the number of a shared formula

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
            # The position of a row or cell is optional: without it, it is the next one.
            self.column += 1
            self.gives_text = attributes.get("t") == "str"
            if "r" in attributes:
                self.row, self.column = coordinate_to_tuple(attributes["r"])
        elif name == "f":
            self.formula = []
            self.shared = attributes.get("si", "") if attributes.get("t") == "shared" else ""
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
                place = self.row, self.column
                self.sheet.formulas[place] = "=" + "".join(self.formula)
                if self.shared and self.first_of.setdefault(self.shared, place) != place:
                    self.sheet.shared[place] = self.first_of[self.shared]
                # A text without letters is a result, such as that of =IF(A1="","",A1).
                missing = "" if self.gives_text else None
                self.sheet.rows.setdefault(self.row, {}).setdefault(self.column, missing)
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
    except LookupError:  # the cell refers to a style that is missing
        return "General"


def shown_number(value: int | float, number_format: str) -> ShownCell:
    """Return a number with the 15 digits of Excel's precision; 0.3 shown as 30% is 30%.

    A number with more decimals than any value can have was calculated and pasted: it counts as it
    is shown.
    """
    number = Decimal(value) if isinstance(value, int) else Decimal(f"{value:.15g}")
    percent = is_percentage(number_format)
    number, sign = (number * 100, "%") if percent else (number, "")
    text = number_text(number) + sign
    if not is_shown_as_it_is(value, number_format):
        return ShownCell(text, SHOWN_OTHERWISE)
    places = shown_decimals(value, number_format)
    if places is None or needed_decimals(number) <= places:
        return ShownCell(text)
    rounded = number_text(round_to(number, places)) + sign
    if needed_decimals(number) > MOST_DECIMALS:
        return ShownCell(rounded)
    return ShownCell(text, rounded=rounded)
