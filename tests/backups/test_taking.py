"""Taking a backup: what it holds while people work, what it says, and what it deletes."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import tarfile
import threading
import time
from fcntl import LOCK_EX, flock
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.contrib.sessions.models import Session
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from accounts.roles import Role
from backups import postgresql, snapshots, taking
from backups.contents import EVIDENCE_FOLDER
from backups.faults import BackupError
from backups.folder import NAME, remove_old
from backups.keys import make_key_file
from backups.restoring import restore
from backups.settings_list import LEFT_OUT, settings_without_secrets
from backups.taking import take_backup
from indicators.models import Actual, Evidence, Indicator
from indicators.recording import move
from tests.backups.copies import everything, make_empty
from tests.factories import (
    make_actual,
    make_evidence,
    make_fiscal_year,
    make_indicator,
    make_user,
)
from trail.events import Event
from trail.history import Change
from trail.installation import Installation

pytestmark = [pytest.mark.one_database, pytest.mark.files]


def one_file(folder):
    (path,) = folder.iterdir()
    return path


@pytest.mark.both_databases
def test_a_copy_taken_while_people_work_has_no_row_without_its_file(city, folder, monkeypatch):
    """Somebody attaches and confirms all the time, and right before and after the snapshot."""
    indicator = Indicator.objects.get(name="水揚げ量")
    by, checking = make_user(Role.PLANNING), make_user(Role.PLANNING)
    indicators = [make_indicator(indicator.section, name=f"指標{one}") for one in range(100)]
    for year in (2016, 2018):
        make_fiscal_year(year)
    stop, failed = threading.Event(), []

    def work():
        try:
            for number, one in enumerate(indicators):
                if stop.is_set():
                    break
                attach(f"同時{number}")
                confirm(one, 2018, number)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    def attach(name):
        make_evidence(indicator, 2016, f"{name}.pdf", b"%PDF-" + name.encode(), by)

    def confirm(indicator, year, value):
        actual = make_actual(indicator, year, value, by=by)
        move(
            {actual.pk: actual.version},
            Actual.State.CONFIRMED,
            Change(by=checking),
        )

    def take_snapshot(folder):
        attach("直前")
        confirm(indicator, 2018, 11)
        snapshot = real(folder)
        attach("直後")
        confirm(indicator, 2016, 12)
        return snapshot

    real = taking.take_snapshot
    monkeypatch.setattr(taking, "take_snapshot", take_snapshot)
    thread = threading.Thread(target=work)
    thread.start()
    try:
        taken = take_backup(folder, keep=0, key=None)
    finally:
        stop.set()
        thread.join()
    assert failed == []
    assert taken.lost == []
    make_empty()
    restore(taken.path, None)
    call_command("check_evidence")
    names = set(Evidence.objects.values_list("name", flat=True))
    assert "直前.pdf" in names
    assert "直後.pdf" not in names
    confirmed = indicator.actuals.filter(state=Actual.State.CONFIRMED)
    assert set(confirmed.values_list("fiscal_year", "value")) == {(2018, 11)}
    stored = set(Evidence.objects.values_list("stored_as", flat=True))
    assert stored == {name for name, _ in everything()["files"]}


def test_the_command_says_what_it_made_and_the_log_has_it(city, folder, capsys):
    Installation.objects.create(city="見本市", city_code="990002")
    call_command("backup", str(folder))
    path = one_file(folder)
    assert re.fullmatch(r"backup-[0-9]{8}-[0-9]{6}-990002\.tar", path.name)
    assert f"計画 {city.code}、根拠資料2件" in capsys.readouterr().out
    event = Event.objects.get(kind=Event.Kind.BACKUP)
    assert (event.subject, event.by, event.door) == (path.name, None, "command")
    assert "暗号化なし" in event.detail
    call_command("backup", check=str(path))
    assert "正しいバックアップです：見本市" in capsys.readouterr().out


def test_no_session_and_no_secret_is_in_a_backup(city, folder, client, monkeypatch, tmp_path):
    client.force_login(make_user(Role.PLANNING))
    monkeypatch.setenv("SECRET_KEY", "geheim-1")
    monkeypatch.setenv("EMAIL_HOST_PASSWORD", "geheim-2")
    monkeypatch.setenv("DATABASE_URL", "postgres://kpi:geheim-3@127.0.0.1:5432/kpi")
    monkeypatch.setenv("EMAIL_HOST", "mail.example")
    assert Session.objects.exists()
    take_backup(folder, keep=0, key=None)
    with tarfile.open(one_file(folder)) as tar:
        listed = json.load(tar.extractfile("settings.json"))
    assert listed["EMAIL_HOST"] == "mail.example"
    assert listed["SECRET_KEY"] == listed["EMAIL_HOST_PASSWORD"] == LEFT_OUT
    assert listed["DATABASE_URL"] == f"postgres://kpi:{LEFT_OUT}@127.0.0.1:5432/kpi"
    assert "geheim" not in one_file(folder).read_bytes().decode(errors="ignore")
    make_empty()
    restore(one_file(folder), None)
    assert not Session.objects.exists()


def test_every_secret_of_the_example_is_left_out(settings, monkeypatch):
    text = (settings.BASE_DIR / ".env.example").read_text()
    for name, value in re.findall(r"^([A-Z_]+)=(.+)$", text, re.M):
        monkeypatch.setenv(name, value)
    said = settings_without_secrets()
    assert said["EMAIL_HOST_USER"] == "kpi"
    assert "change-me" not in json.dumps(said)


def test_lost_files_are_named_and_no_older_backup_is_deleted(city, folder):
    (folder / "backup-20260101-020000.tar").touch()
    gone, changed = Evidence.objects.order_by("pk")
    storages["evidence"].delete(gone.stored_as)
    with storages["evidence"].open(changed.stored_as, "r+b") as file:
        file.write(b"%PDF-X")
    with pytest.raises(CommandError, match="根拠資料2件が、読めないか") as raised:
        call_command("backup", str(folder), keep=1)
    assert raised.value.returncode == 3
    assert (folder / "backup-20260101-020000.tar").exists()
    (path,) = folder.glob("backup-20261*")
    with tarfile.open(path) as tar:
        names = [name for name in tar.getnames() if name.startswith(EVIDENCE_FOLDER)]
    assert names == [EVIDENCE_FOLDER + changed.stored_as]


def test_only_old_backups_of_the_same_city_are_deleted(tmp_path):
    ours = [f"backup-2026{month:02}01-020000-990002.tar" for month in range(1, 6)]
    ours[1] += ".age"
    others = [
        "backup-20250101-020000.tar",
        "backup-20250101-020000-012238.tar",
        "backup-20250101-020000-990002.tar.old",
        "写真.tar",
    ]
    for name in [*ours, *others]:
        (tmp_path / name).touch()
    assert [path.name for path in remove_old(tmp_path / ours[-1], 2)] == ours[:3]
    assert {path.name for path in tmp_path.iterdir()} == {*ours[3:], *others}
    # The clock was set back: the new one sorts first and stays.
    assert [path.name for path in remove_old(tmp_path / ours[3], 1)] == ours[4:]


def test_encrypted_backups_are_made_with_the_key_of_the_settings(city, folder, settings, tmp_path):
    make_key_file(tmp_path / "key")
    settings.BACKUP_KEY_FILE = str(tmp_path / "key")
    call_command("backup", str(folder))
    path = one_file(folder)
    assert path.name.endswith(".tar.age")
    assert NAME.fullmatch(path.name)
    call_command("backup", check=str(path))
    settings.BACKUP_KEY_FILE = ""
    with pytest.raises(CommandError, match="暗号化されています"):
        call_command("backup", check=str(path))


def test_a_server_with_the_public_key_only_makes_backups_and_opens_none(city, folder, tmp_path):
    (tmp_path / "public").write_text(make_key_file(tmp_path / "key"))
    call_command("backup", str(folder), key=str(tmp_path / "public"))
    call_command("backup", check=str(one_file(folder)), key=str(tmp_path / "key"))
    with pytest.raises(CommandError, match="秘密鍵"):
        call_command("backup", check=str(one_file(folder)), key=str(tmp_path / "public"))


def test_a_full_disk_leaves_no_file_and_deletes_none(city, folder, monkeypatch):
    (folder / "backup-20260101-020000.tar").touch()

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(taking.os, "fsync", full)
    with pytest.raises(CommandError, match="空きがありません") as raised:
        call_command("backup", str(folder), keep=1)
    assert raised.value.returncode == 1
    assert one_file(folder).name == "backup-20260101-020000.tar"
    assert not Event.objects.filter(kind=Event.Kind.BACKUP).exists()


def test_a_backup_that_reads_back_differently_is_refused(city, folder, monkeypatch):
    real = taking._check

    def broken(part, written, key):
        with part.open("r+b") as file:
            file.seek(part.stat().st_size // 2)
            file.write(b"\xff\x00")
        real(part, written, key)

    monkeypatch.setattr(taking, "_check", broken)
    with pytest.raises(CommandError, match="壊れています"):
        call_command("backup", str(folder))
    assert list(folder.iterdir()) == []


def test_what_a_killed_backup_left_is_cleared(city, folder, settings):
    (folder / ".backup-20260101-020000.tar.part").touch()
    (folder / ".backup-20260101-020000-012238.tar.part").touch()
    work = settings.DATA_DIR / "backup-work"
    work.mkdir()
    (work / "database.sqlite3").touch()
    take_backup(folder, keep=0, key=None)
    assert not work.exists()
    assert len(list(folder.glob(".backup*"))) == 1


def test_a_folder_that_cannot_take_a_backup_is_named(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    for name, said in [("none", "がありません"), ("file", "フォルダーではありません")]:
        with pytest.raises(CommandError, match=f"{name}」{said}|{name}」は{said}"):
            call_command("backup", str(tmp_path / name))
    monkeypatch.setattr(os, "access", lambda *args: False)
    with pytest.raises(CommandError, match="書き込めません"):
        call_command("backup", str(tmp_path))


def test_two_backups_at_once_are_refused(city, folder, settings):
    with (settings.DATA_DIR / "backup.lock").open("a") as lock:
        flock(lock, LOCK_EX)
        with pytest.raises(BackupError, match="実行中です"):
            take_backup(folder, keep=0, key=None)


def test_a_program_that_is_missing_or_older_than_the_server_is_named(tmp_path, monkeypatch):
    server = SimpleNamespace(connection=SimpleNamespace(server_version=150_014))
    ours = SimpleNamespace(vendor="postgresql", cursor=lambda: server)
    monkeypatch.setattr(postgresql, "connection", ours)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupError, match="pg_dumpがありません。"):
        postgresql.check_version("pg_dump")
    program = tmp_path / "pg_dump"
    program.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 13.9 (Debian 13.9-1)'\n")
    program.chmod(0o755)
    with pytest.raises(BackupError, match=r"pg_dump（13）がサーバー（PostgreSQL 15）より古い"):
        postgresql.check_version("pg_dump")


def test_a_database_that_is_damaged_makes_no_backup(city, folder, settings, monkeypatch):
    class DamagedBackup(sqlite3.Connection):
        def execute(self, query, *args):
            if query == "PRAGMA integrity_check":
                return super().execute("SELECT 'row 3 missing from index'")
            return super().execute(query, *args)

    real = sqlite3.connect
    monkeypatch.setattr(
        snapshots.sqlite3, "connect", lambda path: real(path, factory=DamagedBackup)
    )
    with pytest.raises(CommandError, match=r"データベースが壊れています（row 3"):
        call_command("backup", str(folder))
    assert list(folder.iterdir()) == []


def test_a_number_to_keep_is_not_negative(folder):
    with pytest.raises(CommandError, match="0以上"):
        call_command("backup", str(folder), keep=-1)


@pytest.mark.parametrize("number", ["abc", "1.5", "-2", "9" * 5_000])
def test_a_number_to_keep_that_is_none_is_refused_in_japanese(folder, number):
    with pytest.raises(CommandError, match=f"「{number}」は、0以上の整数ではないか"):
        call_command("backup", str(folder), f"--keep={number}")
    assert list(folder.iterdir()) == []


def test_a_backup_that_cannot_be_logged_is_there_and_is_named(city, folder, monkeypatch):
    """Somebody may hold SQLite's lock for longer than we wait."""

    def locked(*args):
        raise OperationalError("database is locked")

    monkeypatch.setattr(taking, "log_backup", locked)
    with pytest.raises(CommandError, match=r"は作り、確かめましたが.*database is locked"):
        call_command("backup", str(folder))
    assert NAME.fullmatch(one_file(folder).name)


def test_a_database_that_is_away_makes_no_backup(folder, monkeypatch):
    def away(program):
        raise OperationalError("connection refused")

    monkeypatch.setattr(taking, "is_postgresql", lambda: True)
    monkeypatch.setattr(taking, "check_version", away)
    with pytest.raises(CommandError, match=r"データベースに接続できません（connection refused）"):
        call_command("backup", str(folder))
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("arguments", [[""], ["--check", ""], ["--new-key", ""]])
def test_an_empty_name_is_refused(arguments, tmp_path, monkeypatch):
    """An unset variable of a script must not put a backup into the folder that it runs in."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CommandError, match="名前が空です"):
        call_command("backup", *arguments)
    assert list(tmp_path.iterdir()) == []


def test_a_program_does_not_outlive_the_command_that_was_killed(tmp_path):
    """pg_restore would go on to fill a database that counts as empty."""
    number = tmp_path / "number"
    program = tmp_path / "pg_restore"
    program.write_text(
        f"#!/bin/sh\necho $$ >{number}.new && mv {number}.new {number}; exec sleep 60"
    )
    program.chmod(0o755)
    ours = os.fork()
    if not ours:
        postgresql.run_program(str(program), stdout=subprocess.DEVNULL)
        os._exit(1)
    wait_until(number.exists)
    os.kill(ours, signal.SIGKILL)
    os.waitpid(ours, 0)
    wait_until(lambda: has_ended(int(number.read_text())))


def wait_until(is_so):
    end = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


def has_ended(number):
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(") ")[2][0] == "Z"
    except FileNotFoundError:
        return True
