"""The sheets for machines: データ, コード表 and メタデータ.

Each is one table from cell A1 with one header row, without merged cells, formulas or hidden rows.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from japanese.numerals import needed_decimals
from plans.nodes import StrategyTree
from reports.data_description import CODE_HEADERS, METADATA_HEADERS, code_rows, metadata_rows
from reports.observation_columns import COLUMNS
from reports.sheets.addresses import CODES, DATA, METADATA
from tables.sheet_cells import CellWriter, column_width, plain_number_format, text_width

_WIDEST = 24


def write_data(workbook: Workbook, rows: Iterable[Sequence[str | int | Decimal | None]]) -> None:
    """Add the sheet データ: one value of one listing and year a row, its cells as in COLUMNS."""
    sheet = workbook.add_worksheet(DATA)
    cells = CellWriter(workbook, sheet)
    row = 0
    for row, contents in enumerate(rows, 1):
        for index, content in enumerate(contents):
            if content is None or content == "":
                continue
            if isinstance(content, str):
                cells.text(row, index, content)
            else:
                # As in the CSV file: what Excel makes of the sheet when it saves it as CSV.
                shown = plain_number_format(needed_decimals(Decimal(content)))
                cells.number(row, index, content, num_format=shown)
    _finish(cells, [column.header for column in COLUMNS], row)
    for index, column in enumerate(COLUMNS):
        sheet.set_column(index, index, column_width(max(6, text_width(column.header) + 1)))


def write_codes(workbook: Workbook, tree: StrategyTree) -> None:
    """Add the sheet コード表: what each code in データ stands for."""
    _write_table(workbook.add_worksheet(CODES), workbook, CODE_HEADERS, code_rows(tree))


def write_metadata(workbook: Workbook, tree: StrategyTree) -> None:
    """Add the sheet メタデータ: the file, the columns and the indicators."""
    sheet = workbook.add_worksheet(METADATA)
    _write_table(sheet, workbook, METADATA_HEADERS, metadata_rows(tree))


def _write_table(
    sheet: Worksheet,
    workbook: Workbook,
    headers: Sequence[str],
    rows: Iterable[Sequence[str | int]],
) -> None:
    cells = CellWriter(workbook, sheet)
    widths = [text_width(header) for header in headers]
    row = 0
    for row, contents in enumerate(rows, 1):
        for index, content in enumerate(contents):
            widths[index] = max(widths[index], text_width(str(content)))
            if isinstance(content, int):
                cells.number(row, index, content, num_format="0")
            elif content:
                cells.text(row, index, content)
    _finish(cells, headers, row)
    for index, width in enumerate(widths):
        sheet.set_column(index, index, column_width(min(width, _WIDEST) + 2))


def _finish(cells: CellWriter, headers: Sequence[str], last_row: int) -> None:
    for index, header in enumerate(headers):
        cells.text(0, index, header, bold=True, bottom=1)
    cells.sheet.freeze_panes(1, 0)
    cells.sheet.autofilter(0, 0, max(last_row, 1), len(headers) - 1)
    cells.sheet.set_landscape()
    cells.sheet.set_paper(9)
    cells.sheet.repeat_rows(0)
    cells.sheet.set_footer("&C&A　&P / &N ページ")
