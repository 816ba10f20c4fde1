"""What may stand in a backup: the facts of its header, the names and the beginnings of its members.

Hashes only say that a file is what somebody wrote. A crafted one fits its hashes, too, and must not
get further than this.
"""

import gzip
import re
import zlib
from collections.abc import Callable
from typing import IO, Any

from backups.faults import DamagedBackup

DESCRIPTION = "backup.json"
MANIFEST = "manifest.json"
SETTINGS = "settings.json"
EVIDENCE_FOLDER = "evidence/"
SQLITE, POSTGRESQL = "database.sqlite3.gz", "database.dump"

DATABASES = {"sqlite": SQLITE, "postgresql": POSTGRESQL}
"""The member with the database, by the kind of database."""

STORED_NAME = re.compile(r"\w[\w.-]*")
"""A file of 根拠資料: in no folder, and not hidden."""

TABLE = re.compile(r"\w+", re.ASCII)
LARGEST = 2**63 - 1
"""The largest id of either database."""


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_list_of_pairs(value: Any) -> bool:
    return isinstance(value, list) and all(
        _is_list_of_texts(pair) and len(pair) == 2 for pair in value
    )


def _is_count_by_table(value: Any) -> bool:
    return isinstance(value, dict) and all(
        TABLE.fullmatch(table) and _is_count(count) for table, count in value.items()
    )


FACTS: dict[str, Callable[[Any], bool]] = {
    "version": lambda value: _is_text(value) and len(value) < 100,
    "made_at": _is_text,
    "database": lambda value: _is_text(value) and value in DATABASES,
    "migrations": _is_list_of_pairs,
    "city": _is_text,
    "city_code": _is_text,
    "plans": _is_list_of_texts,
    "rows": _is_count_by_table,
    "sequences": _is_count_by_table,
    "evidence": _is_count,
}


def check_facts(said: dict[str, Any]) -> None:
    """Raise DamagedBackup if a fact of the header is missing or of another type than we write."""
    for name, is_right in FACTS.items():
        if name not in said or not is_right(said[name]):
            raise DamagedBackup(f"{DESCRIPTION} の {name}")


def check_name(name: str, database: str) -> None:
    """Raise DamagedBackup if a backup of that kind of database has no such member."""
    is_evidence = name.startswith(EVIDENCE_FOLDER) and STORED_NAME.fullmatch(
        name.removeprefix(EVIDENCE_FOLDER)
    )
    if not is_evidence and name not in (DESCRIPTION, MANIFEST, SETTINGS, DATABASES[database]):
        raise DamagedBackup(f"{name!r}は余分です")


def check_can_be_opened(name: str, content: IO[bytes]) -> None:
    """Read a member; raise DamagedBackup if it is a database, but not one that can be opened."""
    if name == POSTGRESQL and content.read(5) != b"PGDMP":
        raise DamagedBackup(f"{name}はPostgreSQLのダンプではありません")
    if name != SQLITE:
        return
    try:
        with gzip.GzipFile(fileobj=content) as plain:
            is_sqlite = plain.read(16) == b"SQLite format 3\0"
            while plain.read(1 << 20):
                pass
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DamagedBackup(f"{name}を展開できません") from error
    if not is_sqlite:
        raise DamagedBackup(f"{name}はSQLiteのデータベースではありません")
