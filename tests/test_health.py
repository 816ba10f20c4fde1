"""Monitoring: whether the process runs, and whether it can serve requests."""

import errno
import os
import sqlite3
import tempfile
import time

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import storages
from django.db import DatabaseError, OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from nemuro_strategy import health
from nemuro_strategy.unfinished_update import NAME, refuse_unfinished_update

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def test_healthz_needs_neither_log_in_nor_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok")


def test_readyz_is_fine_when_all_migrations_are_applied(client):
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (200, b"ok")


def test_readyz_names_the_migrations_that_are_missing(client):
    MigrationRecorder.Migration.objects.filter(app="kpis").delete()
    response = client.get("/readyz")
    assert response.status_code == 503
    assert "kpis.0001_initial" in response.content.decode()
    assert "manage.py migrate" in response.content.decode()


def test_readyz_names_migrations_of_a_version_that_does_not_run_here(client):
    """An update was cut off after them, or the link leads to the version before."""
    MigrationRecorder.Migration.objects.create(app="kpis", name="9999_of_tomorrow")
    response = client.get("/readyz")
    assert response.status_code == 503
    text = response.content.decode()
    assert "この版の知らないマイグレーションが1件あります（kpis.9999_of_tomorrowなど）" in text


def test_an_update_that_was_cut_off_is_told_and_the_server_does_not_start(
    client, settings, tmp_path
):
    settings.DATA_DIR = tmp_path
    refuse_unfinished_update()
    again = "/root/nemuro-strategy-1.1.0/deploy/install.sh --city aoba"
    (tmp_path / NAME).write_text(f"BACKUP=backup-20261128-020000.tar\nAGAIN={again}\n")
    response = client.get("/readyz")
    assert response.status_code == 503
    assert again in response.content.decode()
    with pytest.raises(ImproperlyConfigured, match=r"（backup-20261128-020000\.tar）に戻してから"):
        refuse_unfinished_update()


def test_readyz_says_that_the_database_cannot_be_reached(client, monkeypatch):
    def refuse():
        raise DatabaseError("secret host name")

    monkeypatch.setattr(connection, "ensure_connection", refuse)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert "データベースに接続できません" in response.content.decode()
    assert "secret" not in response.content.decode()


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "10.0.0.9"])
def test_monitoring_may_ask_on_any_host_by_plain_http(client, settings, path, host):
    settings.ALLOWED_HOSTS = ["kpi.city.example.lg.jp"]
    settings.SECURE_SSL_REDIRECT = True
    assert client.get(path, headers={"host": host}).content == b"ok"


def test_readyz_names_a_disk_that_is_full(client, monkeypatch):
    monkeypatch.setattr(health.tempfile, "TemporaryFile", _full)
    response = client.get("/readyz")
    text = response.content.decode()
    assert response.status_code == 503
    assert "根拠資料の保存先（FILES_DIR）に書き込めません（No space left on device）。" in text
    assert "一時ファイルの保存先（TMPDIR）に書き込めません" in text


def _full(**options):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_readyz_names_a_folder_in_which_nothing_can_be_written(client, tmp_path, monkeypatch):
    (tmp_path / "evidence").write_text("a file where a folder should be")
    monkeypatch.setattr(storages["evidence"], "location", str(tmp_path / "evidence"))
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.content.decode().count("書き込めません") == 1


def test_readyz_says_that_little_space_is_left(client, settings):
    settings.EVIDENCE_MAX_BYTES = 2**62
    assert "KBしかありません。空きを増やしてください。" in client.get("/readyz").content.decode()


def test_the_probes_of_readyz_leave_nothing(client, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert client.get("/readyz").content == b"ok"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db(transaction=True)
def test_readyz_says_that_nothing_can_be_saved_while_sqlite_is_locked(client, monkeypatch):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL locks rows, not the whole database.")
    monkeypatch.setattr(health, "WRITE_SECONDS", 0.05)
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    started = time.monotonic()
    response = client.get("/readyz")
    assert time.monotonic() - started < 2
    assert response.status_code == 503
    assert "データベースに書き込めません（ほかの処理が書き込みを続けています。" in (
        response.content.decode()
    )
    other.execute("ROLLBACK")
    other.close()
    assert client.get("/readyz").content == b"ok"
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA busy_timeout").fetchone() == (20_000,)


def test_readyz_says_that_a_database_cannot_be_written_to(client):
    def refuse(execute, sql, params, many, context):
        if sql.startswith("UPDATE"):
            raise OperationalError("cannot execute UPDATE in a read-only transaction")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        response = client.get("/readyz")
    assert response.status_code == 503
    assert "データベースに書き込めません（データベースの状態と権限を" in response.content.decode()
