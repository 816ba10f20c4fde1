"""Read the sheets of a filled-in file: each cell as people see it, or why it cannot be used.

The number format matters, because people mean what they see: 0.123 shown as 12.3% is 12.3%. A
formula counts as the result stored in the file; `Sheet.formulas` lists the formulas.
"""

import io
import re
import warnings
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

import openpyxl
from openpyxl.utils.cell import range_boundaries

from japanese.numerals import needed_decimals, round_to
from tables import own_process, uploads
from tables.cells import NO, YES, number_text, tidy, unescaped
from tables.number_formats import is_percentage, is_shown_as_it_is, shown_decimals
from tables.uploads import SAVE_AS_XLSX, Format, Upload, UploadError, read_csv
from tables.worksheet_cells import ERROR, RawCell, WorksheetCells
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

    `rounded` is a number as its format shows it, where that has fewer digits than `text`. With
    `is_number`, the file has a number, which has no zeros in front, and not its digits as a text.
    """

    text: str = ""
    fault: str = ""
    day: date | None = None
    rounded: str = field(default="", compare=False)
    is_number: bool = field(default=False, compare=False)


_NAMED_CHARACTER = re.compile("_x(00[01][0-9A-Fa-f]|005[Ff])_")

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
    with uploads.telling_its_end(_refusal(upload)):
        try:
            return sheets_of(upload.content)
        except UNREADABLE:
            raise broken(upload) from None


def broken(upload: Upload) -> UploadError:
    """Return the error for a workbook that passed the checks but cannot be read."""
    return UploadError(f"{_refusal(upload)}ファイルが壊れています。{SAVE_AS_XLSX}")


def _refusal(upload: Upload) -> str:
    return f"ファイル「{upload.name}」は取り込めません。"


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
            sheets = tuple(map(_sheet, book.worksheets))
        finally:
            book.close()
    for sheet in sheets:
        sheet.from_nothing.update(zeros_of_nothing(sheets, sheet))
    return sheets


def _sheet(worksheet: Any) -> Sheet:
    sheet = Sheet(worksheet.title)
    cells = WorksheetCells(worksheet, LAST_COLUMN)
    known: dict[tuple[ShownCell, bool], ShownCell] = {}  # equal cells are kept once
    first_of: dict[str, tuple[int, int]] = {}  # by the number of a shared formula
    for raw in cells:
        shown = None
        if raw.value is not None:
            shown = _shown(raw)
            shown = known.setdefault((shown, shown.is_number), shown)
        sheet.rows.setdefault(raw.row, {})[raw.column] = shown
        if raw.formula is not None:
            place = raw.row, raw.column
            sheet.formulas[place] = raw.formula
            if raw.shared and first_of.setdefault(raw.shared, place) != place:
                sheet.shared[place] = first_of[raw.shared]
    for area in cells.areas:
        first_column, first_row, last_column, last_row = range_boundaries(area)
        sheet.merged.append(Span(first_row, first_column, last_row, last_column))
    return sheet


def _shown(raw: RawCell) -> ShownCell:
    value = raw.value
    if raw.data_type == ERROR:
        return ShownCell(
            str(value), f"「{value}」はExcelのエラー値です。正しい値に直してください。"
        )
    if isinstance(value, bool):
        return ShownCell(YES if value else NO)
    if isinstance(value, int | float):
        return replace(shown_number(value, raw.number_format), is_number=True)
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    if isinstance(value, datetime):
        return ShownCell(str(value), day=value.date())
    if isinstance(value, date):
        return ShownCell(value.isoformat(), day=value)
    if isinstance(value, time | timedelta):
        return ShownCell(str(value))
    return ShownCell(tidy(unescaped(_decoded(str(value)))))


def _decoded(text: str) -> str:
    """Return a text with the control characters that Excel writes as _x000B_.

    They come with what is pasted from a word processor; openpyxl leaves the names as they are.
    """
    if "_x" not in text:
        return text
    return _NAMED_CHARACTER.sub(lambda found: chr(int(found[1], 16)), text)


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
