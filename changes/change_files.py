"""Writes changes as CSV and as a workbook, row by row, so that memory does not limit them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any, NamedTuple

from changes.change_columns import (
    CHANGE_COLUMNS,
    MOVE_COLUMNS,
    cells,
    change_code_rows,
    changed_fields,
    invented_column,
)
from changes.history_rows import Conditions
from changes.past_changes import every_change
from changes.unexplained_moves import describe, find_moves
from tables.table_files import DataColumn, table_workbook, write_csv, write_sheet
from trail import downloads


class Contents(NamedTuple):
    """The contents of a file: title, columns, rows, and facts about the whole as (name, text)."""

    title: str
    columns: Sequence[DataColumn]
    rows: Iterable[Any]
    facts: Sequence[tuple[str, str]]


class About(NamedTuple):
    """What a file says beside its rows: title, facts as (name, text), whether it is a trial."""

    title: str
    facts: Sequence[tuple[str, str]]
    invented: bool


def write_changes(file: IO[bytes], conditions: Conditions, about: About, ending: str) -> int:
    """Write the changes that meet the conditions, csv or xlsx; return the number of rows."""
    return _write(file, about, CHANGE_COLUMNS, changed_fields(every_change(conditions)), ending)


def write_moves(file: IO[bytes], search: Mapping[str, Any], about: About, ending: str) -> int:
    """Write the values that moved much, csv or xlsx; return the number of rows."""
    return _write(file, about, MOVE_COLUMNS, describe(find_moves(**search)), ending)


def _write(
    file: IO[bytes],
    about: About,
    columns: Sequence[DataColumn],
    rows: Iterable[Any],
    ending: str,
) -> int:
    columns = (*columns, invented_column(about.invented))
    return WRITERS[ending](Contents(about.title, columns, rows, about.facts), file)


def _write_csv(contents: Contents, file: IO[bytes]) -> int:
    rows = (cells(contents.columns, row) for row in contents.rows)
    return write_csv(file, [column.header for column in contents.columns], rows)


def _write_xlsx(contents: Contents, file: IO[bytes]) -> int:
    """Write machine-readable sheets with rows, codes and facts; return the number of rows."""
    columns = contents.columns
    with table_workbook(file, contents.title) as workbook:
        rows = (cells(columns, row) for row in contents.rows)
        count = write_sheet(workbook, "データ", [column.header for column in columns], rows)
        if codes := change_code_rows(columns):
            write_sheet(workbook, "コード表", CHANGE_CODE_HEADERS, codes)
        write_sheet(workbook, "メタデータ", CHANGE_METADATA_HEADERS, _metadata(contents, count))
    return count


WRITERS = {"csv": _write_csv, "xlsx": _write_xlsx}
CONTENT_TYPES = {"csv": downloads.CSV, "xlsx": downloads.XLSX}

CHANGE_CODE_HEADERS = ("物理名", "項目名", "コード", "名称")
CHANGE_METADATA_HEADERS = ("対象", "物理名", "項目名", "データ型", "内容")


def _metadata(contents: Contents, count: int) -> Iterable[Sequence[str]]:
    about = (
        ("表題", contents.title),
        *contents.facts,
        ("行の数", f"{count}行（項目名の行を除く）"),
        ("空欄", "空欄は値がないことを表します。0は値です。"),
        (
            "ファイル形式",
            "Office Open XML（xlsx）。文字コードはUTF-8、BOMはありません。CSVで受け取ると、"
            "UTF-8（BOM付き）、改行はCRLFで、=、+、-、@（全角を含む）、タブで始まる文字の前に'を付けます。",
        ),
    )
    for header, text in about:
        yield "ファイル", "", header, "文字列", text
    for column in contents.columns:
        yield "項目", column.name, column.header, column.type, column.definition
