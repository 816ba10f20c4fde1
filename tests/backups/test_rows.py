"""Rows on their way into a database of another kind, tried on SQLite alone.

tests/backups/test_round_trips.py does the same with a PostgreSQL at the other end.
"""

import io
import json
from dataclasses import replace

import pytest
from django.db.models import JSONField

from backups import databases
from backups.archive import BackupHeader, writing
from backups.databases import copied_tables
from backups.faults import BackupError
from backups.restoring import check_backup, restore
from backups.rows import copied_models
from backups.taking import take_backup
from indicators.models import Indicator
from reviews.models import EditionFile
from tests.backups.copies import everything, make_empty
from tests.factories import make_indicator, make_section
from trail.events import Event

pytestmark = [pytest.mark.one_database, pytest.mark.files]


@pytest.fixture
def by_rows(monkeypatch):
    """Copy row by row as if the database were of the other kind."""
    monkeypatch.setattr(
        databases, "_put_file", lambda file: databases._put_rows_of_copy(*given, file)
    )
    given: list[BackupHeader] = []
    return given


def test_rows_that_are_copied_one_by_one_are_the_same(city, folder, next_id, by_rows):
    before = everything()
    path = take_backup(folder, keep=0, key=None).path
    by_rows.append(check_backup(path, None).header)
    make_empty()
    restore(path, None)
    assert everything() == before
    assert make_indicator(make_section("農林課"), name="新しい指標").pk == next_id


SCRIPT = rb"""--
-- PostgreSQL database dump
--
SET client_encoding = 'UTF8';

COPY public.accounts_section (id, name, "order") FROM stdin;
1	\xe6\xb0\xb4\ta\\N\n	2
2	\N	3
\.

COPY public.django_migrations (id, app) FROM stdin;
1	accounts
\.

SELECT pg_catalog.setval('public.accounts_section_id_seq', 2, true);
COPY public.empty (id) FROM stdin;
\.
""".replace(rb"\xe6\xb0\xb4", "水".encode())


def test_tables_are_read_from_a_script_also_where_nobody_reads_their_rows():
    found = []
    for table, columns, rows in copied_tables(iter(SCRIPT.splitlines(keepends=True))):
        found.append((table, columns, list(rows) if table == "accounts_section" else None))
    assert found == [
        ("accounts_section", ["id", "name", "order"], [["1", "水\ta\\N\n", "2"], ["2", None, "3"]]),
        ("django_migrations", ["id", "app"], None),
        ("empty", ["id"], None),
    ]


@pytest.mark.parametrize(
    ("model", "name", "text", "value"),
    [
        (EditionFile, "content", r"\x00ff5c", b"\x00\xff\\"),
        (Indicator, "code", "catch", "catch"),
        (Indicator, "section", "7", 7),
    ],
)
def test_texts_of_postgresql_become_the_values_of_their_fields(model, name, text, value):
    assert databases._value(model._meta.get_field(name), text) == value


def copied(field, value) -> str:
    """Return a value as COPY of PostgreSQL writes it."""
    if value is None:
        return r"\N"
    if isinstance(field, JSONField):
        value = json.dumps(value, ensure_ascii=False)
    elif isinstance(value, bytes):
        value = rf"\x{value.hex()}"
    elif isinstance(value, bool):
        value = "ft"[value]
    escaped = str(value).replace("\\", r"\\").replace("\n", r"\n")
    return escaped.replace("\t", r"\t").replace("\r", r"\r")


def dumped() -> str:
    """Return all rows as a script of pg_restore, with columns in an order of its own."""
    lines, rows = [], everything()
    for model in copied_models():
        fields = list(model._meta.local_concrete_fields)
        names = ", ".join(f'"{field.column}"' for field in reversed(fields))
        lines.append(f"COPY public.{model._meta.db_table} ({names}) FROM stdin;")
        for row in rows[model._meta.db_table]:
            pairs = reversed(list(zip(fields, row, strict=True)))
            lines.append("\t".join(copied(field, value) for field, value in pairs))
        lines.append("\\.")
    return "\n".join([*lines, ""])


@pytest.fixture
def dump(city, folder, tmp_path, monkeypatch):
    """A backup as of PostgreSQL, and a pg_restore that prints what is in it as a script."""
    header = check_backup(take_backup(folder, keep=0, key=None).path, None).header
    Event.objects.all().delete()
    script = b"PGDMP\n" + dumped().encode()
    counted = header.rows | {"accounts_event": 0}
    header = replace(header, database="postgresql", rows=counted)
    path = folder / "dump.tar"

    def write(**changes):
        with path.open("wb") as file, writing(file, replace(header, **changes)) as archive:
            archive.add("database.dump", io.BytesIO(script), len(script))
        return path

    program(tmp_path, monkeypatch, 'for last; do :; done; cat "$last"')
    return write


def program(folder, monkeypatch, lines):
    path = folder / "bin" / "pg_restore"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{lines}\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{path.parent}:/usr/bin:/bin")


def test_rows_of_a_dump_are_put_into_sqlite(dump, next_id):
    path, before = dump(), everything()
    make_empty()
    restore(path, None)
    assert everything() == before | {"files": []}
    assert make_indicator(make_section("農林課"), name="新しい指標").pk == next_id


def test_a_dump_that_cannot_be_read_leaves_everything_empty(dump, tmp_path, monkeypatch):
    path = dump()
    make_empty()
    before = everything()
    program(tmp_path, monkeypatch, "echo 'unsupported version (9.9) in file header' >&2; exit 1")
    with pytest.raises(BackupError, match=r"pg_restoreが失敗しました：unsupported version"):
        restore(path, None)
    assert everything() == before


def test_a_dump_of_an_older_version_needs_postgresql(dump):
    path = dump(migrations=[["accounts", "0001_initial"]])
    make_empty()
    with pytest.raises(BackupError, match="SQLiteには復元できません"):
        restore(path, None)


def test_a_dump_needs_pg_restore(dump, tmp_path, monkeypatch):
    path = dump()
    make_empty()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupError, match="pg_restoreがありません"):
        restore(path, None)
