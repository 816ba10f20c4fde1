"""Write tables as CSV files and worksheets, row by row, so that memory does not limit the rows.

One table from the first cell, one header row, numbers as numbers, empty cells for missing values,
no text that a spreadsheet could run. In machine-readable tables a text has one line, and a
`DataColumn` describes each column.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from io import TextIOWrapper
from itertools import chain, islice
from typing import IO, Any, NamedTuple

from xlsxwriter import Workbook

from japanese.characters import clean, one_line
from tables.cells import Cell, escaped, number_text
from tables.print_setup import A4, Paper, Printed, set_up
from tables.sheet_cells import CellWriter, column_width, text_width, width_in_points

CSV_ENCODING = (
    "CSV。文字コードはUTF-8（BOM付き）、改行はCRLFです。1行目は項目名、2行目からが値です。"
    "カンマを含む値は\"で囲み、=、+、-、@（全角を含む）、タブで始まる文字の前には'を付けます。"
)
XLSX_ENCODING = (
    "Office Open XML（xlsx）。文字コードはUTF-8、BOMはありません。"
    "シート「データ」の1行目は項目名、2行目からが値です。"
)

TEXT, INTEGER, NUMBER = "文字列", "整数", "数値"
DAY = "日付（YYYY-MM-DD）"
TIME = "時刻（HH:MM:SS）"
MOMENT = "日時（YYYY-MM-DD HH:MM:SS）"

FEW = 500
"""Up to how many rows a table is kept in memory as a whole."""

PAPER = Paper(A4)
"""The paper on which tables are printed."""

_WIDEST = 30


class DataColumn(NamedTuple):
    """A machine-readable column: `name` for machines, `header` for people, `read` for the cell."""

    name: str
    header: str
    type: str
    definition: str
    read: Callable[[Any], Cell]
    unit: str = ""


def in_one_line(cells: Iterable[Cell]) -> list[Cell]:
    """Return cells whose texts have no line breaks, so that one record is one line."""
    return [one_line(cell) if isinstance(cell, str) else cell for cell in cells]


def write_csv(file: IO[bytes], headers: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
    """Write CSV in UTF-8 with BOM and CRLF, texts escaped; return the number of rows written."""
    stream = TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(headers)
    count = 0
    for row in rows:
        writer.writerow(map(_csv_text, row))
        count += 1
    stream.flush()
    stream.detach()
    return count


def table_workbook(
    file: IO[bytes], title: str, *, small: bool = False, created: datetime | None = None
) -> Workbook:
    """Return a workbook that keeps one row at a time in memory. The caller closes it.

    A `small` workbook is kept in memory as a whole: its temporary files would take longer than its
    rows. `created` is the creation time in its properties, by default now; with a fixed time the
    same rows give the same bytes.
    """
    options = {
        "in_memory": small,
        "constant_memory": not small,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    workbook = Workbook(file, options)
    workbook.set_properties({"title": one_line(title)} | ({"created": created} if created else {}))
    return workbook


def write_sheet(
    workbook: Workbook,
    name: str,
    headers: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    number_format: Callable[[int | Decimal], str] | None = None,
    widths: Sequence[float] | None = None,
) -> int:
    """Write a table from cell A1 and return its number of rows without the header.

    Writes from top to bottom, since a large workbook flushes each finished row. `number_format`
    returns the format of a number; the default is Excel's General. `widths` are those of the
    columns, in full-width characters; the default is what the texts need, up to a limit.
    """
    sheet = workbook.add_worksheet(name)
    writer = CellWriter(workbook, sheet)
    needed = [text_width(header) + 2 for header in headers]
    for index, header in enumerate(headers):
        writer.text(0, index, header, bold=True, bottom=1)
    count = 0
    for count, cells in enumerate(rows, 1):
        for index, cell in enumerate(cells):
            if cell is None or cell == "":
                continue
            if isinstance(cell, str):
                writer.text(count, index, cell)
                if widths is None and needed[index] < min(_WIDEST, len(cell)):
                    needed[index] = max(needed[index], text_width(cell))
            elif number_format is None:
                writer.number(count, index, cell)
            else:
                writer.number(count, index, cell, num_format=number_format(cell))
    found = widths or [min(width, _WIDEST) for width in needed]
    for index, width in enumerate(found):
        sheet.set_column(index, index, column_width(width))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(count, 1), len(headers) - 1)
    set_up(
        sheet,
        Printed(
            paper=PAPER,
            widths=[width_in_points(width) for width in found],
            repeated_rows=1,
            repeated_columns=1,
        ),
    )
    # A long text of the last column would be printed beyond it and make all letters smaller.
    sheet.print_area(0, 0, count, len(headers) - 1)
    sheet.set_footer("&C&A　&P / &N ページ")
    return count


def counted_ahead(rows: Iterable[Sequence[Cell]]) -> tuple[Iterator[Sequence[Cell]], bool]:
    """Return an iterator of all rows, and whether they are at most FEW."""
    rest = iter(rows)
    first = list(islice(rest, FEW + 1))
    return chain(first, rest), len(first) <= FEW


def _csv_text(cell: Cell) -> str:
    return escaped(clean(cell)) if isinstance(cell, str) else number_text(cell)
