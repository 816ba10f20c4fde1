"""datapackage.json: a Frictionless Data Package (version 1) of the data of a strategy.

It describes each CSV file by a Table Schema and the JSON by a JSON Schema, and names the day, the
part, the licence and the contact. It is served with the files and lies in the ZIP file.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from shutil import copyfileobj
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from japanese.fiscal_years import full_label
from plans.nodes import StrategyTree
from reports.data_description import (
    CODE_HEADERS,
    METADATA_HEADERS,
    code_rows,
    day_of_data,
)
from reports.data_files import (
    ACTUAL_COLUMNS,
    all_actuals,
    all_values,
    codes_csv,
    metadata_csv,
    strategy_json,
    written,
)
from reports.json_schema import schema_json
from reports.licences import contact, licence
from reports.observation_columns import COLUMNS, EDITION_COLUMNS
from reports.strategy_json import cleaned_json
from tables.table_files import CSV_ENCODING, INTEGER, MOMENT, NUMBER, TEXT, DataColumn
from trail.downloads import measured
from trail.installation import planning_office

PACKAGE, SCHEMA = "datapackage.json", "strategy.schema.json"
ACTUALS, CODES, METADATA = "actuals.csv", "codes.csv", "metadata.csv"
DATA, EDITION_JSON = "data.csv", "edition.json"
EDITION_PATHS = (DATA, CODES, METADATA, EDITION_JSON)
"""The files of an edition that its package describes."""

Descriptor = dict[str, Any]

_TYPES: Mapping[str, Descriptor] = {
    TEXT: {"type": "string"},
    INTEGER: {"type": "integer"},
    NUMBER: {"type": "number"},
    MOMENT: {"type": "datetime", "format": "%Y-%m-%d %H:%M:%S"},
}
_DIALECT = {
    "delimiter": ",",
    "lineTerminator": "\r\n",
    "quoteChar": '"',
    "doubleQuote": True,
    "header": True,
}
_ALWAYS = {
    "city_code", "city", "strategy_code", "strategy", "assessed_fiscal_year", "goal_position",
    "goal", "listing_type_code", "listing_code", "listing_position", "listing_name",
    "indicator_code", "indicator", "value_kind_code", "invented",
}  # fmt: skip
"""Columns that are never empty."""


@dataclass(frozen=True)
class _Resource:
    """A file of the package; `schema` is the Table Schema of a CSV file."""

    name: str
    path: str
    title: str
    schema: Descriptor | None = None


def data_package(
    tree: StrategyTree,
    *,
    query: str = "",
    measures: Mapping[str, tuple[str, int]] | None = None,
) -> Descriptor:
    """Return the descriptor of the data of a judged tree as a dict for json.dumps.

    `query` is what the address of a file has after its path, to select a part or a day. With the
    `measures` of the files by path, it has their SHA-256 and size in bytes.
    """
    return _about(tree) | {
        "resources": [_described(one, query, measures) for one in _resources(tree)]
    }


def edition_package(
    tree: StrategyTree, number: int, measures: Mapping[str, tuple[str, int]]
) -> Descriptor:
    """Return the descriptor of the public files of an edition.

    `measures` has the SHA-256 and the size of each of EDITION_PATHS.
    """
    codes = _codes_by_name(tree)
    columns = [_field(column, codes) for column in EDITION_COLUMNS]
    resources = (
        _Resource("data", DATA, "データ", {"fields": columns, "missingValues": [""]}),
        _Resource("codes", CODES, "コード表", _texts(CODE_HEADERS)),
        _Resource("metadata", METADATA, "メタデータ", _texts(METADATA_HEADERS)),
    )
    whole = {
        "name": "edition", "path": EDITION_JSON, "title": "検証調書の全体", "format": "json",
        "mediatype": "application/json", "encoding": "utf-8", **_measured(EDITION_JSON, measures),
    }  # fmt: skip
    return _about(tree) | {
        "name": f"{tree.code}-edition-{number}".lower(),
        "title": f"{tree.title} {full_label(tree.fiscal_year)}実績 検証調書 第{number}号",
        "resources": [*(_described(one, "", measures) for one in resources), whole],
    }


def _about(tree: StrategyTree) -> Descriptor:
    terms = licence()
    author = {"title": tree.city, "role": "author"}
    office = {"title": f"{tree.city} {planning_office()}", "role": "publisher"}
    return {
        "profile": "data-package",
        "name": f"{tree.code}-{tree.fiscal_year}".lower(),
        "title": f"{tree.title} {full_label(tree.fiscal_year)}実績 指標の値",
        "description": _description(tree),
        "licenses": [{key: text for key, text in terms._asdict().items() if text}],
        "contributors": [author, office],
        "contact": contact(tree.city),
        "created": f"{day_of_data(tree).isoformat()}T00:00:00+09:00",
        "asOf": day_of_data(tree).isoformat(),
        "part": tree.part or None,
        "fiscalYear": tree.fiscal_year,
        "firstFiscalYear": tree.period.first,
        "lastFiscalYear": tree.period.last,
    }


def package_json(descriptor: Descriptor) -> bytes:
    """Return a descriptor as a file in UTF-8, with a final newline."""
    return f"{json.dumps(cleaned_json(descriptor), ensure_ascii=False, indent=2)}\n".encode()


def write_package(file: IO[bytes], tree: StrategyTree) -> None:
    """Write a ZIP file with all data of a judged tree and their datapackage.json."""
    year = tree.fiscal_year
    with ExitStack() as opened:
        files = {
            f"{year}.csv": opened.enter_context(written(all_values(tree), tree, "csv")),
            ACTUALS: opened.enter_context(written(all_actuals(tree), tree, "csv")),
            CODES: opened.enter_context(codes_csv(tree)),
            METADATA: opened.enter_context(metadata_csv(tree)),
            f"{year}.json": BytesIO(strategy_json(tree)),
            SCHEMA: BytesIO(schema_json()),
        }
        measures = {path: measured(source) for path, source in files.items()}
        package = package_json(data_package(tree, measures=measures))
        with ZipFile(file, "w") as archive:
            for path, source in ({PACKAGE: BytesIO(package)} | files).items():
                with archive.open(_entry(path, day_of_data(tree)), "w") as target:
                    copyfileobj(source, target)


def _entry(path: str, day: date) -> ZipInfo:
    """Return the entry of a file, with the day of the data: the same data give the same bytes."""
    info = ZipInfo(path, date_time=(max(day.year, 1980), day.month, day.day, 0, 0, 0))
    info.compress_type = ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info


def _description(tree: StrategyTree) -> str:
    invented = "実績値は、試用のための架空の値です。" if tree.invented else ""
    return (
        f"{tree.city}の{tree.title}に掲げた指標の、基準値、目標値、目安値、実績値と判定。"
        f"範囲は{tree.part or '計画の全体'}、時点は{day_of_data(tree).isoformat()}。{invented}"
    )


def _resources(tree: StrategyTree) -> Iterable[_Resource]:
    year = tree.fiscal_year
    codes = _codes_by_name(tree)
    yield _Resource(f"data-{year}", f"{year}.csv", "データ", _data_schema(codes))
    yield _Resource("actuals", ACTUALS, "実績値（全年度）", _actuals_schema(codes))
    yield _Resource("codes", CODES, "コード表", _texts(CODE_HEADERS))
    yield _Resource("metadata", METADATA, "メタデータ", _texts(METADATA_HEADERS))
    yield _Resource(f"strategy-{year}", f"{year}.json", "総合戦略の全体")


def _codes_by_name(tree: StrategyTree) -> dict[str, list[str | int]]:
    codes: dict[str, list[str | int]] = {}
    for row in code_rows(tree):
        codes.setdefault(row.name, []).append(row.code)
    return codes


def _described(
    one: _Resource, query: str, measures: Mapping[str, tuple[str, int]] | None
) -> Descriptor:
    found: Descriptor = {"name": one.name, "path": one.path + query, "title": one.title}
    if one.schema is not None:
        found |= {
            "profile": "tabular-data-resource",
            "description": CSV_ENCODING,
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "dialect": _DIALECT,
            "schema": one.schema,
        }
    else:
        found |= {"format": "json", "mediatype": "application/json", "encoding": "utf-8"}
        # Not a resource: Frictionless takes a file of this name for a Table Schema.
        found["jsonSchema"] = SCHEMA
    return found | (_measured(one.path, measures) if measures is not None else {})


def _measured(path: str, measures: Mapping[str, tuple[str, int]]) -> Descriptor:
    digest, size = measures[path]
    return {"bytes": size, "hash": f"sha256:{digest}"}


def _data_schema(codes: Mapping[str, Sequence[str | int]]) -> Descriptor:
    return {
        "fields": [_field(column, codes) for column in COLUMNS],
        "missingValues": [""],
        "primaryKey": [_HEADERS[key] for key in ("listing_code", "value_kind_code", "fiscal_year")],
        "foreignKeys": [
            {
                "fields": [_HEADERS["indicator_code"]],
                "reference": {"resource": "actuals", "fields": [_HEADERS["indicator_code"]]},
            }
        ],
    }


def _actuals_schema(codes: Mapping[str, Sequence[str | int]]) -> Descriptor:
    return {
        "fields": [_field(column, codes) for column in ACTUAL_COLUMNS],
        "missingValues": [""],
        "primaryKey": [_HEADERS[key] for key in ("indicator_code", "fiscal_year")],
    }


def _texts(headers: Sequence[str]) -> Descriptor:
    return {
        "fields": [{"name": header, "type": "string"} for header in headers],
        "missingValues": [""],
    }


def _field(column: DataColumn, codes: Mapping[str, Sequence[str | int]]) -> Descriptor:
    """Return the field of a column; its name is the header in the file, as Table Schema wants."""
    constraints: Descriptor = {}
    if column.name in _ALWAYS:
        constraints["required"] = True
    if column.name in codes:
        constraints["enum"] = list(codes[column.name])
    found = {
        "name": column.header,
        "physicalName": column.name,
        "description": column.definition,
        **_TYPES[column.type],
    }
    if column.unit:
        found["unit"] = column.unit
    return found | ({"constraints": constraints} if constraints else {})


_HEADERS = {column.name: column.header for column in COLUMNS}
