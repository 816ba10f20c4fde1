"""The database of each earlier version is brought up to this one without losing anything.

Each file beside this one is a backup (`manage.py backup`) of the trial as a version of the program
had it, on SQLite. README.md says when to add one. Its values are invented.
"""

import gzip
import json
import os
import re
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
from django.apps import AppConfig, apps
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from backups.contents import DESCRIPTION, SQLITE
from backups.restoring import restore
from reviews.editions.guard import check_guard
from tests.backups.copies import files, make_empty
from trail.data_version import check_triggers

VERSIONS = sorted(Path(__file__).parent.glob("*.tar"))
NEWEST = VERSIONS[-1]

MADE_BY_PROGRAM = {"django_migrations", "accounts_datachange"}
"""Tables whose rows the program makes for itself: applied migrations, marks of the newest write."""

MIGRATE = """
from tests.quick_migrations import quick_migrations
import django
django.setup()
from django.core.management import call_command
with quick_migrations():
    call_command("migrate", verbosity=0)
"""

PAGES = ("overview", "listings", "plan_list", "projects", "revisions", "sections")


def database_of(version: Path, folder: Path) -> Path:
    """Unpack the database of a version into a folder."""
    file = folder / "db.sqlite3"
    with tarfile.open(version) as tar:
        file.write_bytes(gzip.decompress(tar.extractfile(SQLITE).read()))
    return file


def columns_of(file: Path) -> dict[tuple[str, str], set[tuple]]:
    """Return the values of each column of each table, each with the key of its row.

    SQLite's own tables are left out, and those whose rows the program makes for itself.
    """
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    with closing(sqlite3.connect(file)) as database:
        tables = {table for (table,) in database.execute(query)} - MADE_BY_PROGRAM
        return {
            (table, column): set(database.execute(f'SELECT "{key}", "{column}" FROM "{table}"'))
            for table in tables
            for key, *others in [[row[1] for row in database.execute(_columns(table))]]
            for column in (key, *others)
        }


def _columns(table: str) -> str:
    return f'PRAGMA table_info("{table}")'


def migrate(file: Path) -> None:
    """Bring a database up to this version, in a process of its own."""
    variables = {
        "DATABASE_URL": f"sqlite:///{file}",
        "DATA_DIR": str(file.parent),
        "DJANGO_SETTINGS_MODULE": "nemuro_strategy.settings",
    }
    subprocess.run(
        [sys.executable, "-c", MIGRATE],
        cwd=settings.BASE_DIR,
        env={**os.environ, **variables},
        check=True,
    )


def migrations_of(version: Path) -> set[str]:
    """Return the files of our migrations that the database of a version had applied."""
    with tarfile.open(version) as tar:
        applied = json.load(tar.extractfile(DESCRIPTION))["migrations"]
    ours = {config.label for config in apps.get_app_configs() if _is_ours(config)}
    return {f"{app}/migrations/{name}.py" for app, name in applied if app in ours}


def _is_ours(config: AppConfig) -> bool:
    return Path(config.path).parent == settings.BASE_DIR


def released_migrations() -> dict[str, str]:
    """Return the SHA-256 of each migration that must stay as it is, by its file."""
    lines = Path(__file__).with_name("migrations.sha256").read_text().splitlines()
    return {file: digest for digest, file in map(str.split, lines)}


@pytest.mark.files
@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.stem)
def test_an_upgrade_keeps_each_table_each_column_and_each_row(version, tmp_path):
    file = database_of(version, tmp_path)
    before = columns_of(file)
    assert sum(map(len, before.values())) > 10_000
    migrate(file)
    after = columns_of(file)
    assert not before.keys() - after.keys()
    lost = {column: rows - after[column] for column, rows in before.items()}
    assert {column: rows for column, rows in lost.items() if rows} == {}


@pytest.mark.both_databases
@pytest.mark.files
def test_the_program_serves_what_it_restored_of_an_earlier_version(
    transactional_db, settings, tmp_path, client
):
    settings.DATA_DIR = tmp_path
    restored = restore(NEWEST, None)
    try:
        assert restored.was_older
        assert len(files()) == restored.header.evidence > 0
        assert check_guard(["default"]) == check_triggers(["default"]) == []
        call_command("check", "--database", "default")
        client.force_login(User.objects.filter(groups__name=Role.PLANNING).first())
        (plan,) = restored.header.plans
        for name in PAGES:
            page = client.get(reverse(name, args=[plan]), {"year": 2017})
            assert page.status_code == 200, name
        assert client.get(reverse("entry_grid", args=[2018])).status_code == 200
        assert "試用" in client.get(reverse("changes")).content.decode()
    finally:
        make_empty()


def test_each_version_that_was_released_has_its_database_here():
    changes = (settings.BASE_DIR / "CHANGELOG.md").read_text()
    released = re.findall(r"^## ([0-9.]+)(?!.*not released)", changes, re.M)
    assert {f"{version}.tar" for version in released} <= {file.name for file in VERSIONS}
    assert len(VERSIONS) >= 2


def test_every_migration_of_an_earlier_version_is_among_those_that_must_stay():
    for version in VERSIONS:
        found = migrations_of(version)
        assert found
        assert found - released_migrations().keys() == set()


@pytest.mark.parametrize("file", released_migrations())
def test_a_migration_of_an_earlier_version_is_not_edited(file):
    path = settings.BASE_DIR / file
    assert path.is_file(), "A migration that some database has applied is missing."
    assert sha256(path.read_bytes()).hexdigest() == released_migrations()[file]
