"""A restored copy equals its original row by row and file by file, on either database."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import F

from backups.keys import make_key_file, read_key_file
from backups.restoring import check_backup, restore
from backups.taking import take_backup
from goals.models import Strategy
from reviews.editions.guard import check_guard
from reviews.models import Edition, EditionFile, Publication, Withdrawal
from tests.backups.copies import everything, make_empty
from tests.factories import make_indicator, make_section
from trail.data_version import EPOCH, check_triggers, data_version
from trail.events import Event

pytestmark = [pytest.mark.both_databases, pytest.mark.files]


THERE_AND_BACK = """
import sys, django
django.setup()
from django.core.management import call_command
from django.db import connection
call_command("restore", sys.argv[1])
with connection.cursor() as cursor:  # as after a migration that has recreated an empty table
    cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('django_admin_log', 0)")
call_command("backup", sys.argv[2])
"""


def copied_by_another_installation(tmp_path, path):
    """Restore a backup in an installation on SQLite, empty at first, and back that up.

    One process for both commands: each start takes seconds.
    """
    data, folder = tmp_path / "other", tmp_path / "there"
    folder.mkdir()
    variables = {
        "DATABASE_URL": f"sqlite:///{data / 'db.sqlite3'}",
        "DATA_DIR": str(data),
        "DJANGO_SETTINGS_MODULE": "nemuro_strategy.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", THERE_AND_BACK, path, folder],
        cwd=settings.BASE_DIR,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
    )
    assert "復元しました" in done.stdout, done.stderr
    assert done.returncode == 0, done.stderr
    (came,) = folder.iterdir()
    return came


def make_tables(file):
    """Make an empty database on SQLite as `migrate` does, which would take half a minute."""
    file.parent.mkdir()
    other = DatabaseWrapper({**connection.settings_dict, "NAME": str(file), "OPTIONS": {}})
    with other.schema_editor() as editor:
        for model in apps.get_models():
            if not model._meta.proxy:
                editor.create_model(model)
        editor.create_model(MigrationRecorder.Migration)
    with other.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, '2026-11-28')",
            list(MigrationLoader(None).disk_migrations),
        )
    other.close()


def assert_as_before(before, next_id):
    assert everything() == before
    assert check_guard(["default"]) == check_triggers(["default"]) == []
    call_command("check", "--database", "default")
    for changing in (
        lambda: Edition.objects.update(number=9),
        lambda: EditionFile.objects.create(edition=Edition.objects.get(number=3), content=b""),
        lambda: Publication.objects.all()._raw_delete("default"),
        lambda: Withdrawal.objects.update(agreed_by=None),
    ):
        with pytest.raises(DatabaseError, match=r"検証調書|取り下げ"), transaction.atomic():
            changing()
    new = make_indicator(make_section("農林課"), name="新しい指標")
    assert new.pk == next_id


def assert_new_epoch(*earlier):
    """A server that keeps running does not use its cache for the restored data."""
    (epoch,) = (note for note in data_version() if note[0] == EPOCH)
    for version in earlier:
        assert epoch not in version
    before = data_version()
    Strategy.objects.update(code=F("code"))
    assert data_version() != before


def test_a_copy_on_the_same_database_equals_the_original(city, folder, next_id):
    before, version = everything(), data_version()
    taken = take_backup(folder, keep=0, key=None)
    assert taken.path.stat().st_mode & 0o777 == 0o600
    make_empty()
    empty = data_version()
    assert everything() != before
    restore(taken.path, None)
    assert_new_epoch(version, empty)
    assert_as_before(before, next_id)
    assert Event.objects.get(kind=Event.Kind.RESTORE).subject == taken.path.name


def test_an_encrypted_copy_comes_back_with_its_key_and_not_without(
    city, folder, next_id, settings, tmp_path
):
    """As with two machines: the server encrypts by the public line, the key is kept elsewhere."""
    public, secret = tmp_path / "public", tmp_path / "key"
    public.write_text(make_key_file(secret))
    before = everything()
    taken = take_backup(folder, keep=0, key=read_key_file(public))
    assert b"goals_strategy" not in taken.path.read_bytes()
    make_empty()
    empty = everything()
    settings.BACKUP_KEY_FILE = ""
    for key in (None, str(public)):
        with pytest.raises(CommandError, match="鍵"):
            call_command("restore", str(taken.path), key=key)
    assert everything() == empty
    call_command("restore", str(taken.path), key=str(secret))
    assert_as_before(before, next_id)


def test_there_and_back_on_the_other_database_everything_is_the_same(
    city, folder, next_id, tmp_path
):
    """From PostgreSQL to SQLite and back; from SQLite it is a move to another machine."""
    before = everything()
    taken = take_backup(folder, keep=0, key=None)
    if connection.vendor == "postgresql":  # else there is not even a database
        make_tables(tmp_path / "other" / "db.sqlite3")
    came = copied_by_another_installation(tmp_path, taken.path)
    assert check_backup(came, None).header.database == "sqlite"
    version = data_version()
    make_empty()
    empty = data_version()
    call_command("restore", str(came))
    assert_new_epoch(version, empty)
    assert_as_before(before, next_id)
    with closing(sqlite3.connect(tmp_path / "other" / "db.sqlite3")) as other:
        assert other.execute("PRAGMA foreign_key_check").fetchall() == []
