"""What reports contribute to an edition: the plan as JSON, the workbooks, and the data as files."""

from collections.abc import Callable
from hashlib import sha256

from plans.nodes import StrategyTree
from reports.data_files import edition_tables
from reports.data_package import (
    CODES,
    DATA,
    EDITION_JSON,
    METADATA,
    PACKAGE,
    edition_package,
    package_json,
)
from reports.edition_workbook import EditionHead, decided_label, edition_workbook
from reports.licences import contact, licence
from reports.strategy_json import strategy_as_json
from reviews.editions.freezing import Frozen, register_file, register_part, register_public_file
from reviews.editions.public_data import PUBLIC_JSON
from trail.downloads import CSV, JSON, XLSX

PLAIN_TEXT = "text/plain; charset=utf-8"


def workbook_of(tree: StrategyTree, frozen: Frozen, *, is_public: bool = False) -> bytes:
    """Return the bytes of an edition's .xlsx; `is_public` is the file that the public gets."""
    head = EditionHead(
        number=frozen.number,
        decided=decided_label(frozen.decided_on, frozen.document_number),
        fixed_at=frozen.fixed_at,
        is_public=is_public,
    )
    return edition_workbook(tree, frozen.data, head)


def _public_workbook(tree: StrategyTree, frozen: Frozen) -> bytes:
    return workbook_of(tree, frozen, is_public=True)


def _json(tree: StrategyTree, frozen: Frozen) -> bytes:
    return frozen.text.encode()


def _package(tree: StrategyTree, frozen: Frozen) -> bytes:
    tables = edition_tables(tree)
    files = {
        DATA: tables["data"],
        CODES: tables["codes"],
        METADATA: tables["metadata"],
        EDITION_JSON: _json(tree, frozen),
    }
    measures = {path: (sha256(file).hexdigest(), len(file)) for path, file in files.items()}
    return package_json(edition_package(tree, frozen.number, measures))


def _terms(tree: StrategyTree, frozen: Frozen) -> bytes:
    """Return the terms of use of the files, as a text for people."""
    terms = licence()
    lines = (
        f"{tree.city} {tree.title} 検証調書 第{frozen.number}号",
        f"利用の条件：{terms.title}",
        terms.path,
        f"問い合わせ先：{contact(tree.city)}",
    )
    return "".join(f"{line}\r\n" for line in lines if line).encode("utf-8-sig")


def register_parts() -> None:
    """Register them; called when the app is ready."""
    register_part("plan", strategy_as_json)
    register_file("xlsx", XLSX, workbook_of)
    register_file("json", JSON, _json)
    register_public_file("pubxlsx", ("edition.xlsx", "検証調書.xlsx"), XLSX, _public_workbook)
    register_public_file(PUBLIC_JSON, (EDITION_JSON, "検証調書.json"), JSON, _json)
    for kind, path, name in (
        ("pubcsv", DATA, "データ.csv"),
        ("pubcodes", CODES, "コード表.csv"),
        ("pubmeta", METADATA, "メタデータ.csv"),
    ):
        register_public_file(kind, (path, name), CSV, _table(path.removesuffix(".csv")))
    register_public_file("pubpackage", (PACKAGE, "データの説明.json"), JSON, _package)
    register_public_file("publicence", ("licence.txt", "利用条件.txt"), PLAIN_TEXT, _terms)


def _table(name: str) -> Callable[[StrategyTree, Frozen], bytes]:
    return lambda tree, frozen: edition_tables(tree)[name]
