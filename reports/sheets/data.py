"""The machine-readable sheets: データ, コード表 and メタデータ.

Each is one table from cell A1 with one header row, without merged cells, formulas or hidden rows.
Printing the whole workbook gives only their headers, with the sentence that they are not for print;
the table also has print settings, for when the print area is cleared.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from xlsxwriter import Workbook

from japanese.numerals import needed_decimals
from plans.nodes import StrategyTree
from reports.data_description import (
    CODE_HEADERS,
    METADATA_HEADERS,
    code_rows,
    metadata_rows,
    of_columns,
)
from reports.observation_columns import COLUMNS
from reports.sheets.addresses import CODES, DATA, METADATA
from tables.cells import Cell
from tables.print_setup import Printed, arranged, print_header_only
from tables.sheet_cells import plain_number_format, text_width, width_in_points
from tables.table_files import PAPER, DataColumn, write_sheet

_WIDEST = 24


def write_data(
    workbook: Workbook,
    rows: Iterable[Sequence[Cell]],
    columns: Sequence[DataColumn] = COLUMNS,
) -> None:
    """Add the sheet データ: one row per value of a listing and year, with these columns."""
    headers = [column.header for column in columns]
    widths = [max(6, text_width(header) + 1) for header in headers]
    _write(workbook, DATA, headers, rows, widths)


def write_codes(
    workbook: Workbook, tree: StrategyTree, columns: Sequence[DataColumn] = COLUMNS
) -> None:
    """Add the sheet コード表: the meaning of each code in データ."""
    names = {column.name for column in columns}
    rows = [row for row in code_rows(tree) if row.name in names]
    _write(workbook, CODES, CODE_HEADERS, rows, _widths(CODE_HEADERS, rows))


def write_metadata(
    workbook: Workbook,
    tree: StrategyTree,
    exported_on: date,
    columns: Sequence[DataColumn] = COLUMNS,
) -> None:
    """Add the sheet メタデータ: the file, the columns and the indicators."""
    rows = of_columns(metadata_rows(tree, exported_on), columns)
    _write(workbook, METADATA, METADATA_HEADERS, rows, _widths(METADATA_HEADERS, rows))


def _widths(headers: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[float]:
    columns = zip(headers, *rows, strict=True)
    return [min(max(text_width(str(cell)) for cell in column), _WIDEST) + 2 for column in columns]


def _write(
    workbook: Workbook,
    name: str,
    headers: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    widths: Sequence[float],
) -> None:
    write_sheet(workbook, name, headers, rows, number_format=_as_in_csv, widths=widths)
    sheet = workbook.get_worksheet_by_name(name)
    points = [width_in_points(width) for width in widths]
    first_page = arranged(Printed(paper=PAPER, widths=points)).on_first_page
    print_header_only(sheet, 1, first_page or len(headers), PAPER)


def _as_in_csv(number: int | Decimal) -> str:
    """Return the number format with which Excel's own CSV export equals our CSV file."""
    return plain_number_format(0 if isinstance(number, int) else needed_decimals(number))
