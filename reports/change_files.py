"""Writes changes as CSV and as a workbook, row by row, so that no number of them is too many."""

import csv
from collections.abc import Iterable, Sequence
from hashlib import file_digest
from io import TextIOWrapper
from tempfile import TemporaryFile
from typing import IO, Any, NamedTuple

from xlsxwriter import Workbook

from indicators.models import plain
from nemuro_strategy.bulk.sheets import escaped
from reports.change_columns import Cell, Column, cells, code_rows
from reports.sheet_cells import CellWriter, column_width, text_width
from reports.year_workbook import CONTENT_TYPE

WIDEST = 30


class Contents(NamedTuple):
    """What a file holds: a title, columns and rows, and facts about the whole (name, text)."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Any]
    facts: Sequence[tuple[str, str]]


class WrittenFile(NamedTuple):
    """A file as it leaves: open at its beginning, with its digest and how many rows it holds."""

    file: IO[bytes]
    sha256: str
    rows: int


def write(contents: Contents, ending: str) -> WrittenFile:
    """Return the contents as a file of this ending: csv or xlsx. Who asks for it closes it."""
    file = TemporaryFile()  # noqa: SIM115
    rows = WRITERS[ending](contents, file)
    file.seek(0)
    digest = file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return WrittenFile(file, digest, rows)


def _write_csv(contents: Contents, file: IO[bytes]) -> int:
    """Write UTF-8 with BOM and CRLF, no text that could be a formula; return how many rows."""
    stream = TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(column.header for column in contents.columns)
    count = 0
    for row in contents.rows:
        writer.writerow(map(_csv_text, cells(contents.columns, row)))
        count += 1
    stream.flush()
    stream.detach()
    return count


def _write_xlsx(contents: Contents, file: IO[bytes]) -> int:
    """Write sheets for machines: the rows, the codes, what is to be known; return how many rows."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    with Workbook(file, options) as workbook:
        workbook.set_properties({"title": contents.title})
        columns = contents.columns
        rows = (cells(columns, row) for row in contents.rows)
        count = _write_sheet(workbook, "データ", [column.header for column in columns], rows)
        if codes := code_rows(columns):
            _write_sheet(workbook, "コード表", CODE_HEADERS, codes)
        _write_sheet(workbook, "メタデータ", METADATA_HEADERS, _metadata(contents, count))
    return count


WRITERS = {"csv": _write_csv, "xlsx": _write_xlsx}
CONTENT_TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": CONTENT_TYPE}

CODE_HEADERS = ("物理名", "項目名", "コード", "名称")
METADATA_HEADERS = ("対象", "物理名", "項目名", "データ型", "内容")


def _csv_text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return escaped(cell)
    return str(cell) if isinstance(cell, int) else plain(cell)


def _write_sheet(
    workbook: Workbook,
    name: str,
    headers: Sequence[str],
    rows: Iterable[Sequence[Cell]],
) -> int:
    """Write a table from cell A1 and return how many rows it has below its header.

    Row by row from the top: what is written is no longer in memory.
    """
    sheet = workbook.add_worksheet(name)
    writer = CellWriter(workbook, sheet)
    widths = [text_width(header) + 2 for header in headers]
    for index, header in enumerate(headers):
        writer.text(0, index, header, bold=True, bottom=1)
    count = 0
    for count, contents in enumerate(rows, 1):
        for index, cell in enumerate(contents):
            if cell is None or cell == "":
                continue
            if isinstance(cell, str):
                writer.text(count, index, cell)
                widths[index] = max(widths[index], text_width(cell))
            else:
                writer.number(count, index, cell)
    for index, width in enumerate(widths):
        sheet.set_column(index, index, column_width(min(width, WIDEST)))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(count, 1), len(headers) - 1)
    return count


def _metadata(contents: Contents, count: int) -> Iterable[Sequence[str]]:
    about = (
        ("表題", contents.title),
        *contents.facts,
        ("行の数", f"{count}行（項目名の行を除く）"),
        ("空欄", "空欄は値がないことを表します。0は値です。"),
        (
            "ファイル形式",
            "Office Open XML（xlsx）。文字コードはUTF-8、BOMはありません。CSVで受け取ると、"
            "UTF-8（BOM付き）、改行はCRLFで、=、+、-、@、タブで始まる文字の前に'を付けます。",
        ),
    )
    for header, text in about:
        yield "ファイル", "", header, "文字列", text
    for column in contents.columns:
        yield "項目", column.name, column.header, column.type, column.definition
