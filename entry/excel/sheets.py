"""The sheets of a file that people filled in: each cell as they see it, or why it cannot be taken.

A file is read in one pass, formulas with the results that the file holds for them. What matters
is how a number is shown, since that is what was meant: 0.123 shown as 12.3% is 12.3%.
"""

import io
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import openpyxl
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
from openpyxl.worksheet._reader import FORMULA_TAG, MERGE_TAG, ROW_TAG, WorkSheetParser
from openpyxl.worksheet.merge import MergeCells
from openpyxl.xml.functions import iterparse

from entry.excel.number_formats import is_shown_as_it_is
from tables.sheets import NO, UNREADABLE, YES, number_text, tidy, unescaped
from tables.uploads import SAVE_AS_XLSX, Kind, Upload, UploadError, read_csv

LAST_COLUMN = 200
"""Columns to the right of this one are not looked at."""


@dataclass(frozen=True)
class Cell:
    """A cell as people see it. `fault` says why it cannot be taken; `day` is that of a date."""

    text: str = ""
    fault: str = ""
    day: date | None = None


EMPTY = Cell()


class Span(NamedTuple):
    """Cells that are merged into one, rows and columns counted from 1."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass
class Sheet:
    """One sheet; `title` is "" for CSV. Rows and columns are counted from 1."""

    title: str
    rows: dict[int, dict[int, Any]] = field(default_factory=dict)
    merged: list[Span] = field(default_factory=list)
    formats: Mapping[int, str] = field(default_factory=dict)

    def cell(self, row: int, column: int) -> Cell:
        """Return a cell; an empty one where the file has none."""
        raw = self.rows.get(row, {}).get(column)
        if raw is None:
            return EMPTY
        if isinstance(raw, str):
            return Cell(tidy(unescaped(raw)))
        return _cell(raw, self.formats.get(raw["style_id"], "General"))


def read_sheets(upload: Upload) -> Sequence[Sheet]:
    """Return the sheets of a file that passed tables.uploads, to be looked at only.

    Raises UploadError.
    """
    if upload.kind == Kind.CSV:
        rows = {
            number: {column: text for column, text in enumerate(record, 1) if text}
            for number, record in enumerate(read_csv(upload.text), 1)
        }
        return [Sheet("", {number: cells for number, cells in rows.items() if cells})]
    try:
        return sheets_of(upload.content)
    except UNREADABLE:
        raise UploadError(
            f"ファイル「{upload.name}」は取り込めません。ファイルが壊れています。{SAVE_AS_XLSX}"
        ) from None


@lru_cache(maxsize=2)
def sheets_of(content: bytes) -> tuple[Sheet, ...]:
    """Return what a workbook holds.

    A form is looked at and a minute later taken in: the same bytes are read once.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and validations that are not read
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
        try:
            formats = _formats(book)
            return tuple(_sheet(sheet, formats) for sheet in book.worksheets)
        finally:
            book.close()


class _Parser(WorkSheetParser):
    """Reads cells and merged areas, and nothing else; of formulas the result, and that it is one.

    openpyxl gives either formula or result; reading a file twice would take twice as long.
    """

    def rows(self) -> Iterator[tuple[int, list[dict[str, Any]]]]:
        """Yield the rows with their numbers; afterwards `merged_cells` is set."""
        for _, element in iterparse(self.source):
            if element.tag == ROW_TAG:
                yield self.parse_row(element)
                element.clear()
            elif element.tag == MERGE_TAG:
                self.merged_cells = MergeCells.from_tree(element)

    def parse_cell(self, element: Any) -> dict[str, Any]:
        cell = super().parse_cell(element)
        cell["is_formula"] = element.find(FORMULA_TAG) is not None
        return cell


def _sheet(sheet: Any, formats: Mapping[int, str]) -> Sheet:
    book = sheet.parent
    found = Sheet(sheet.title, formats=formats)
    with sheet._get_source() as source:
        parser = _Parser(
            source,
            sheet._shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        for number, cells in parser.rows():
            held = {
                cell["column"]: cell
                for cell in cells
                if cell["column"] <= LAST_COLUMN
                and (cell["value"] is not None or cell["is_formula"])
            }
            if held:
                found.rows[number] = held
        if parser.merged_cells is not None:
            found.merged = [
                Span(area.min_row, area.min_col, area.max_row, area.max_col)
                for area in parser.merged_cells.mergeCell
            ]
    return found


def _formats(book: Any) -> dict[int, str]:
    """Return, by the number of a style, the format in which it shows numbers."""
    formats = {}
    for style_id, style in enumerate(book._cell_styles):
        number = style.numFmtId
        if number < BUILTIN_FORMATS_MAX_SIZE:
            formats[style_id] = BUILTIN_FORMATS.get(number, "General")
        else:
            formats[style_id] = book._number_formats[number - BUILTIN_FORMATS_MAX_SIZE]
    return formats


_SHOWN_OTHERWISE = (
    "表示形式で桁を省いたり、別の形に見せたりしているため、いくつのことか決められません。"
    "表示形式を「標準」に戻し、表示された数を確かめて入力し直してください。"
)


def _cell(raw: dict[str, Any], number_format: str) -> Cell:
    value = raw["value"]
    if value is None:
        return Cell(
            "（数式）",
            "数式の計算結果が、ファイルに保存されていません。Excelで開いて保存し直すか、"
            "数式を消して、値を入力してください。",
        )
    if raw["data_type"] == "e":
        return Cell(str(value), f"「{value}」はExcelのエラー値です。正しい値に直してください。")
    if isinstance(value, bool):
        return Cell(YES if value else NO)
    if isinstance(value, int | float):
        text = number_text(value, number_format)
        return Cell(text, "" if is_shown_as_it_is(value, number_format) else _SHOWN_OTHERWISE)
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    if type(value) is date:
        return Cell(value.isoformat(), day=value)
    if isinstance(value, datetime):
        return Cell(str(value), day=value.date())
    if isinstance(value, time | timedelta):
        return Cell(str(value))
    return Cell(tidy(unescaped(str(value))))
