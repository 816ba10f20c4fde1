"""The machine-readable files of a strategy: CSV, JSON and workbook.

They are written row by row from reports/observations.py; docs/open-data.md describes them.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import file_digest
from io import BytesIO
from tempfile import TemporaryFile
from typing import IO

from changes.value_records import Key, ValueRecord
from japanese.fiscal_years import era_label
from plans.nodes import StrategyTree
from reports.data_description import (
    CODE_HEADERS,
    METADATA_HEADERS,
    MetadataRow,
    code_rows,
    day_of_data,
    metadata_rows,
)
from reports.observation_columns import COLUMNS, EDITION_COLUMNS
from reports.observations import Observation, ValueKind, measured_span, observations
from reports.paper_workbook import time_of_data
from reports.strategy_json import strategy_as_json
from tables.cells import Cell
from tables.table_files import (
    CSV_ENCODING,
    XLSX_ENCODING,
    DataColumn,
    counted_ahead,
    in_one_line,
    table_workbook,
    write_csv,
    write_sheet,
)
from trail.downloads import CSV, JSON, XLSX

DATA_CONTENT_TYPES = {"csv": CSV, "json": JSON, "xlsx": XLSX}

ACTUAL_COLUMNS = tuple(
    column
    for column in COLUMNS
    if column.name
    in {
        "city_code", "city", "indicator_code", "indicator", "section", "entering_section",
        "moment_code", "moment", "span_code", "span", "fiscal_year", "fiscal_year_label",
        "value", "numerator", "denominator", "unit", "decimals",
        "availability_code", "availability", "expected_month", "provisional", "state_code",
        "state", "withheld", "remarks", "invented",
    }
)  # fmt: skip
"""The columns about an indicator's value that do not depend on the plan that lists it."""


@dataclass(frozen=True)
class DataSet:
    """A table of observations: its name, columns and rows."""

    name: str
    columns: Sequence[DataColumn]
    rows: Iterable[Observation]

    @property
    def headers(self) -> list[str]:
        """The headers for people; machines read `DataColumn.name`."""
        return [column.header for column in self.columns]


def all_values(tree: StrategyTree, records: Mapping[Key, ValueRecord] | None = None) -> DataSet:
    """Return every value of every listing: 基準, 目標, 目安 and 実績; only 実績 is judged.

    `records` are those of value_records(), where they have been read.
    """
    return DataSet("データ", COLUMNS, observations(tree, records))


def edition_values(tree: StrategyTree) -> DataSet:
    """Return the same for an edition: without people and how the values were entered."""
    return DataSet("データ", EDITION_COLUMNS, observations(tree, records={}))


def all_actuals(tree: StrategyTree) -> DataSet:
    """Return the actuals of all years, each once even if the plan lists the indicator twice."""
    return DataSet("実績値", ACTUAL_COLUMNS, _actuals(tree))


def _actuals(tree: StrategyTree) -> Iterator[Observation]:
    seen: set[int] = set()
    for goal in tree.goals:
        places = [(None, goal.numeric_targets), *((one, one.kpis) for one in goal.parts)]
        for measure, listing in ((one, listing) for one, below in places for listing in below):
            if listing.indicator.pk in seen:
                continue
            seen.add(listing.indicator.pk)
            entered = listing.indicator.actuals
            first = Observation(
                tree, goal, measure, listing, ValueKind.ACTUAL, "entered",
                measured_span(listing), fiscal_year=None, value=None,
            )  # fmt: skip
            for year in sorted({*tree.years, *entered}):
                actual = entered.get(year)
                value = actual.value if actual else None
                yield replace(first, fiscal_year=year, value=value, actual=actual)


def write_values_workbook(file: IO[bytes], tree: StrategyTree) -> None:
    """Write every value of every listing as xlsx."""
    write(file, all_values(tree), tree, "xlsx")


def write_actuals_workbook(file: IO[bytes], tree: StrategyTree) -> None:
    """Write the actuals of all years as xlsx."""
    write(file, all_actuals(tree), tree, "xlsx")


def written(data: DataSet, tree: StrategyTree, ending: str) -> IO[bytes]:
    """Return the data as an open temporary file: csv, or xlsx with codes and description."""
    file = TemporaryFile()  # noqa: SIM115
    write(file, data, tree, ending)
    return file


def write(file: IO[bytes], data: DataSet, tree: StrategyTree, ending: str) -> None:
    """Write the data: csv, or xlsx with codes and description."""
    headers = data.headers
    rows: Iterable[Sequence[Cell]] = cells_of(data)
    if ending == "csv":
        write_csv(file, headers, rows)
        return
    rows, small = counted_ahead(rows)
    title, created = f"{tree.title} {data.name}", time_of_data(tree)
    with table_workbook(file, title, small=small, created=created) as workbook:
        write_sheet(workbook, "データ", headers, rows)
        names = {column.name for column in data.columns}
        codes = [row for row in code_rows(tree) if row.name in names]
        write_sheet(workbook, "コード表", CODE_HEADERS, codes)
        about = _about(tree, XLSX_ENCODING, names)
        write_sheet(workbook, "メタデータ", METADATA_HEADERS, about)


def cells_of(data: DataSet) -> Iterator[list[Cell]]:
    """Yield the rows of the table, which are the same in all machine-readable files."""
    reads = [column.read for column in data.columns]
    return (in_one_line(read(row) for read in reads) for row in data.rows)


def digest(headers: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Return the SHA-256 of the CSV file with these rows as a hexadecimal string."""
    with TemporaryFile() as file:
        write_csv(file, headers, rows)
        file.seek(0)
        return file_digest(file, "sha256").hexdigest()


def codes_csv(tree: StrategyTree) -> IO[bytes]:
    """Return the meanings of all codes in the data as an open temporary file."""
    file = TemporaryFile()  # noqa: SIM115
    write_csv(file, CODE_HEADERS, code_rows(tree))
    return file


def metadata_csv(tree: StrategyTree) -> IO[bytes]:
    """Return the metadata of the CSV files as an open temporary file.

    It describes the files of all years; the year of a file is in its name.
    """
    file = TemporaryFile()  # noqa: SIM115
    rows = [_of_every_year(row, tree) for row in _about(tree, CSV_ENCODING)]
    write_csv(file, METADATA_HEADERS, rows)
    return file


def edition_tables(tree: StrategyTree) -> dict[str, bytes]:
    """Return the CSV files of an edition by the names of their resources: data, codes, metadata."""
    values = edition_values(tree)
    names = {column.name for column in values.columns}
    codes = [row for row in code_rows(tree) if row.name in names]
    tables: dict[str, tuple[Sequence[str], Iterable[Sequence[Cell]]]] = {
        "data": (values.headers, cells_of(values)),
        "codes": (CODE_HEADERS, codes),
        "metadata": (METADATA_HEADERS, _about(tree, CSV_ENCODING, names)),
    }
    found = {}
    for name, (headers, rows) in tables.items():
        file = BytesIO()
        write_csv(file, headers, rows)
        found[name] = file.getvalue()
    return found


def strategy_json(tree: StrategyTree) -> bytes:
    """Return the JSON of docs/strategy-json.md in UTF-8, with a final newline."""
    text = json.dumps(strategy_as_json(tree), ensure_ascii=False, indent=2)
    return f"{text}\n".encode()


def _about(
    tree: StrategyTree, encoding: str, names: Iterable[str] | None = None
) -> Iterator[MetadataRow]:
    """Yield the metadata, limited to the columns with these names; the default is all."""
    for row in metadata_rows(tree, day_of_data(tree)):
        if row.name == "encoding":
            yield row._replace(description=encoding)
        elif names is None or row.subject != "項目" or row.name in names:
            yield row


def _of_every_year(row: MetadataRow, tree: StrategyTree) -> MetadataRow:
    if row.subject != "ファイル":
        return row
    descriptions = {
        "title": f"{tree.title} 指標の値",
        "assessed": "ファイル名にある年度（西暦）。その翌年度に効果検証を実施します。"
        f"{era_label(tree.period.first)}から{era_label(tree.period.last)}までの年度があります。",
    }
    return row._replace(description=descriptions.get(row.name, row.description))
