"""A restore is refused before anything is written, and an older backup is brought up to date."""

import gzip
import io
import re
import sqlite3
import tarfile
from dataclasses import replace

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.urls import reverse
from django_otp.plugins.otp_static.models import StaticDevice

from backups import databases, restoring, snapshots
from backups.archive import writing
from backups.contents import SQLITE
from backups.faults import BackupError
from backups.management.commands.backup import EVIDENCE_LOST
from backups.restoring import check_backup, restore
from backups.rows import copied_models
from backups.taking import take_backup
from backups.triggers import lay_triggers_down, make_triggers_anew
from indicators.models import Evidence
from tables import private_files
from tests.backups.copies import everything, files, make_empty
from tests.quick_migrations import quick_migrations
from trail import events
from trail.events import Event

pytestmark = [pytest.mark.one_database, pytest.mark.files]


@pytest.fixture
def taken(city, folder):
    return take_backup(folder, keep=0, key=None).path


@pytest.mark.both_databases
def test_an_installation_that_is_in_use_is_refused(city, taken):
    before = everything()
    with pytest.raises(CommandError, match=r"データ（.+）があります。何も書き込んでいません"):
        call_command("restore", str(taken))
    assert everything() == before


@pytest.mark.both_databases
def test_failed_log_ins_on_a_new_server_do_not_prevent_a_restore(city, taken, client):
    """Whoever tries the address of a new server leaves rows; the restored data has none of them."""
    before = everything()
    make_empty()
    for _ in range(settings.AXES_FAILURE_LIMIT):
        client.post(reverse("login"), {"username": "20001", "password": "wrong"})
    call_command("axes_reset")
    client.post(reverse("login"), {"username": "20001", "password": "wrong"})
    assert AccessAttempt.objects.exists()
    logged = Event.objects.count()
    restore(taken, None)
    assert everything() == before
    detail = Event.objects.get(kind=Event.Kind.RESTORE).detail
    assert f"復元先にあった操作の記録{logged}件（ログインの失敗など）は削除" in detail


@pytest.mark.both_databases
def test_the_daily_backup_of_a_new_server_does_not_prevent_a_restore(city, taken, folder):
    before = everything()
    make_empty()
    take_backup(folder, keep=0, key=None)
    restore(taken, None)
    assert everything() == before


def test_events_of_people_are_data(taken):
    make_empty()
    events.log(Event.Kind.EXPORT, "全データ.xlsx")
    with pytest.raises(BackupError, match="データ（操作の記録）があります"):
        restore(taken, None)


def test_data_are_named_in_japanese(city):
    names = {
        str(rows.model._meta.verbose_name).removeprefix("historical ")
        for rows in restoring._rows_of_use()
    }
    assert {"利用者", "担当課", "実績値", "検証調書"} < names
    assert [name for name in names if re.search("[a-z]", name)] == []


def test_rows_of_packages_need_a_user_or_nobody(city):
    """So that the rows of our own models decide whether an installation is in use."""
    ours = {rows.model for rows in restoring._rows_of_use()}
    for model in set(copied_models()) - ours:
        needed = {field.related_model for field in model._meta.fields if field.is_relation}
        is_made_by_migrating = model._meta.app_label in ("auth", "contenttypes")
        assert (
            is_made_by_migrating
            or model._meta.app_label == "axes"
            or needed & (ours | {StaticDevice})
        )


def test_files_of_another_installation_are_refused(taken):
    make_empty()
    storages["evidence"].save("0123", ContentFile(b"%PDF-another"))
    before = everything()
    with pytest.raises(BackupError, match=r"根拠資料のファイルがあります.+別の場所によけて"):
        restore(taken, None)
    assert everything() == before


@pytest.mark.both_databases
def test_a_damaged_backup_writes_nothing(taken):
    make_empty()
    before = everything()
    content = bytearray(taken.read_bytes())
    content[-20_000] ^= 1
    taken.write_bytes(content)
    with pytest.raises(CommandError, match="壊れています"):
        call_command("restore", str(taken))
    assert everything() == before


@pytest.mark.both_databases
def test_a_restore_that_fails_leaves_the_installation_empty(city, taken, folder, monkeypatch):
    before = everything()

    def with_other_counts(*args):
        header, evidence = facts(*args)
        return replace(header, rows=header.rows | {"goals_strategy": 99}), evidence

    facts = snapshots._facts
    monkeypatch.setattr(snapshots, "_facts", with_other_counts)
    wrong = take_backup(folder, keep=0, key=None).path
    make_empty()
    with pytest.raises(BackupError, match=r"表 goals_strategy の行の数（1）.+（99）と違います"):
        restore(wrong, None)
    assert files() == []
    restore(taken, None)
    assert everything() == before


def test_a_full_disk_takes_back_the_files_that_were_written(taken, monkeypatch):
    make_empty()
    before, left = everything(), [None]

    def full(descriptor):
        if not left:
            raise OSError(28, "No space left on device")
        left.pop()

    monkeypatch.setattr(private_files.os, "fsync", full)
    with pytest.raises(BackupError, match="空きがありません"):
        restore(taken, None)
    assert everything() == before


@pytest.mark.parametrize(
    "change",
    [
        {"version": "99.0.0"},
        {"migrations": [["accounts", "0001_initial"], ["accounts", "9999_of_tomorrow"]]},
    ],
)
def test_a_backup_of_a_newer_program_is_refused(taken, folder, change):
    """Also by a check: install.sh empties a database only for a backup that has passed one."""
    make_empty()
    header = replace(check_backup(taken, None).header, **change)
    path = folder / "newer.tar"
    write(path, header, {SQLITE: copy_of(taken)})
    for reads in (check_backup, restore):
        with pytest.raises(BackupError, match="新しい版"):
            reads(path, None)


def write(path, header, members):
    with path.open("wb") as file, writing(file, header) as archive:
        for name, content in members.items():
            archive.add(name, io.BytesIO(content), len(content))


def copy_of(taken) -> bytes:
    with tarfile.open(taken) as tar:
        return tar.extractfile(SQLITE).read()


def half(copy: bytes) -> bytes:
    """Return a database that begins as one, in a gzip that is whole."""
    plain = gzip.decompress(copy)
    return gzip.compress(plain[: len(plain) // 2])


def without_a_table(copy: bytes) -> bytes:
    database = sqlite3.connect(":memory:")
    database.deserialize(gzip.decompress(copy))
    database.execute("DROP TABLE accounts_event")
    return gzip.compress(database.serialize())


@pytest.mark.parametrize(
    ("header", "change", "said"),
    [
        ({}, half, "データベースが壊れています"),
        ({}, without_a_table, "データベースが壊れています"),
        ({"rows": {}}, bytes, "表 .+ がありません"),
        ({"rows": {"goals_nothing": 1}}, bytes, "no such table: goals_nothing"),
    ],
)
def test_a_crafted_database_leaves_nothing_behind(taken, folder, header, change, said):
    """Its archive is whole, so that only the restore finds out, when files are already stored."""
    make_empty()
    before, path = everything(), folder / "crafted.tar"
    members = {SQLITE: change(copy_of(taken)), "evidence/0a": b"%PDF"}
    write(path, replace(check_backup(taken, None).header, **header), members)
    with pytest.raises(CommandError, match=said):
        call_command("restore", str(path))
    assert everything() == before


def test_files_that_were_lost_before_the_backup_are_counted(city, folder, capsys):
    storages["evidence"].delete(Evidence.objects.first().stored_as)
    path = take_backup(folder, keep=0, key=None).path
    there = "根拠資料1件（ほかに、ファイルのないもの1件）"
    call_command("backup", check=str(path))
    assert there in capsys.readouterr().out
    make_empty()
    with pytest.raises(CommandError, match=r"根拠資料1件は.+check_evidence") as raised:
        call_command("restore", str(path))
    assert raised.value.returncode == EVIDENCE_LOST
    assert "復元しました：市町村名は未登録" in (said := capsys.readouterr().out)
    assert there in said
    assert there in Event.objects.get(kind=Event.Kind.RESTORE).detail


def migrate_quickly(targets):
    """Migrate without what follows each time: content types, permissions, groups, triggers."""
    with quick_migrations():
        MigrationExecutor(connection).migrate(targets)


@pytest.mark.both_databases
def test_a_backup_of_an_older_version_is_brought_up_to_date(city, folder):
    """The last migration is taken back for real, with whatever depends on it."""
    graph = MigrationLoader(None).graph
    (last,) = graph.leaf_nodes("accounts")
    before = everything()
    (parent,) = (node.key for node in graph.node_map[last].parents if node.key[0] == "accounts")
    lay_triggers_down()
    try:
        migrate_quickly([parent])
        taken = take_backup(folder, keep=0, key=None)
    finally:
        migrate_quickly(graph.leaf_nodes())
        make_triggers_anew()
    make_empty()
    assert restore(taken.path, None).was_older
    assert last in MigrationRecorder(connection).applied_migrations()
    assert everything() == before


def test_a_copy_that_cannot_be_brought_up_to_date_is_refused(tmp_path, monkeypatch):
    """What Python says last of an error is passed on."""
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\necho 'Traceback\nfile is not a database' >&2; exit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr(databases.sys, "executable", str(program))
    with pytest.raises(BackupError, match=r"この版に移せません.+理由：file is not a database"):
        databases._migrate_copy(tmp_path / "database")
