"""Heavy files: in a process of their own, a few at a time, one for each person."""

import io
import pickle
import sqlite3
import subprocess
import sys
from decimal import Decimal

import openpyxl
import pytest
from django.conf import settings
from django.db import connection
from django.test import RequestFactory

from accounts.models import Section
from accounts.roles import Role
from entry.excel.reading import read_form
from tables import file_making
from tables.own_process import Crashed, TooExpensive
from tables.sheets import read_sheets
from tables.uploads import accept
from tests.factories import make_actual, make_fiscal_year, make_indicator, make_kpi, make_user
from trail.events import Event

pytestmark = [pytest.mark.one_database, pytest.mark.django_db, pytest.mark.files]

CHANGES = "/changes/csv"


def asked_by(user):
    request = RequestFactory().get("/")
    request.user = user
    return request


def count_sections(file, text: str) -> int:
    file.write(text.encode())
    return Section.objects.count()


def fail(file) -> None:
    file.write(b"half")
    raise ValueError("謎の値")


@pytest.fixture
def auditor(client):
    user = make_user(Role.AUDITOR)
    client.force_login(user)
    return user


@pytest.fixture
def planning(client):
    make_fiscal_year(2017)
    kpi = make_kpi()
    make_actual(kpi.indicator, 2016, Decimal(5))
    user = make_user(Role.PLANNING)
    client.force_login(user)
    return user


def form(client):
    return client.get("/entry/2017/form.xlsx")


def export(client, kind: str, query: str = ""):
    return client.post(f"/admin/indicators/indicator/export/{query}", {"kind": kind})


def received(response) -> bytes:
    return response.getvalue() if response.streaming else response.content


class TestTurns:
    def test_a_second_file_of_the_same_person_waits_without_a_thread(self, client, auditor):
        with file_making._turn_of(auditor.pk):
            response = client.get(CHANGES)
        assert response.status_code == 429
        assert response["Retry-After"] == response["Refresh"] == "5"
        assert "前に選んだファイルを、まだ作成しています" in response.content.decode()
        assert client.get(CHANGES).status_code == 200

    def test_files_are_made_up_to_the_limit_while_pages_are_served(self, client, auditor, settings):
        settings.FILES_AT_ONCE = 2
        with file_making._turn_of("a"), file_making._turn_of("b"):
            response = client.get(CHANGES)
            assert client.get("/changes/").status_code == 200
        assert response.status_code == 503
        assert response["Retry-After"] == response["Refresh"] == "5"
        assert "順番を待っています" in response.content.decode()
        assert client.get(CHANGES).status_code == 200

    def test_someone_refused_a_place_does_not_block_themselves(self, client, auditor, settings):
        settings.FILES_AT_ONCE = 1
        for _ in range(2):
            with file_making._turn_of("a"):
                assert client.get(CHANGES).status_code == 503

    @pytest.mark.parametrize(
        "path",
        ["workbook/", "papers/measures.xlsx", "data/2017.xlsx", "data/actuals.xlsx"],
    )
    def test_every_heavy_file_takes_its_turn(self, client, auditor, path):
        kpi = make_kpi()
        address = f"/strategies/{kpi.strategy.code}/{path}"
        with file_making._turn_of(auditor.pk):
            assert client.get(address).status_code == 429

    @pytest.mark.parametrize("ending", ["csv", "xlsx"])
    def test_a_file_of_moves_takes_its_turn(self, client, auditor, ending):
        with file_making._turn_of(auditor.pk):
            assert client.get(f"/changes/moves/{ending}").status_code == 429
        assert client.get(f"/changes/moves/{ending}").status_code == 200

    def test_a_long_table_or_form_takes_its_turn_and_a_short_one_does_not(
        self, client, planning, monkeypatch
    ):
        with file_making._turn_of(planning.pk):
            assert (form(client).status_code, export(client, "xlsx").status_code) == (200, 200)
            monkeypatch.setattr(file_making, "FEW_ROWS", 0)
            assert form(client).status_code == 429
            for kind in ("csv", "xlsx"):
                response = export(client, kind)
                assert (response.status_code, response["Retry-After"]) == (429, "5")
        assert (form(client).status_code, export(client, "xlsx").status_code) == (200, 200)

    def test_a_user_who_pressed_a_button_is_told_to_press_it_again(
        self, client, planning, monkeypatch
    ):
        monkeypatch.setattr(file_making, "FEW_ROWS", 0)
        with file_making._turn_of(planning.pk):
            response = export(client, "xlsx")
        assert "Refresh" not in response
        assert "もう一度押してください" in response.content.decode()
        assert "この画面のまま" not in response.content.decode()

    def test_an_error_releases_the_turn_and_closes_the_file(self, auditor):
        request = asked_by(auditor)
        for _ in range(2):
            with pytest.raises(ValueError, match="謎の値"):
                file_making.make(request, fail)


def test_a_file_that_takes_too_long_is_a_page_that_says_what_to_do(
    client, auditor, monkeypatch, caplog
):
    def too_expensive(*arguments):
        raise TooExpensive

    monkeypatch.setattr("changes.change_files.every_change", too_expensive)
    response = client.get(CHANGES)
    assert response.status_code == 503
    assert "絞って、もう一度受け取ってください" in response.content.decode()
    assert "ファイルを作成できませんでした（/changes/csv）" in caplog.text


def test_after_a_crash_the_page_says_whose_fault_it_is(client, auditor, monkeypatch):
    def crashed(*arguments):
        raise Crashed

    monkeypatch.setattr("changes.change_files.every_change", crashed)
    response = client.get(CHANGES)
    assert response.status_code == 500
    assert "サーバーの不具合" in response.content.decode()
    assert "絞って" not in response.content.decode()


def test_a_workbook_is_streamed_and_whole(client, auditor):
    kpi = make_kpi()
    make_actual(kpi.indicator, 2017, Decimal(5))
    response = client.get(f"/strategies/{kpi.strategy.code}/workbook/?year=2017")
    assert response.streaming
    book = openpyxl.load_workbook(io.BytesIO(response.getvalue()))
    assert "変更履歴" in book.sheetnames


def test_what_is_not_committed_is_read_where_it_was_written(auditor):
    assert connection.in_atomic_block
    before = Section.objects.count()
    Section.objects.create(name="まだ確定していない課")
    made = file_making.make(asked_by(auditor), count_sections, "内容")
    with made.file:
        assert (made.result, made.file.read().decode()) == (before + 1, "内容")


class TestInItsOwnProcess:
    """As on a server. On SQLite the tests' database is in memory; there a file replaces it."""

    @pytest.fixture
    def apart(self, monkeypatch, tmp_path):
        monkeypatch.setattr(file_making, "_sees_the_same", lambda: True)
        if connection.vendor == "sqlite":
            connection.ensure_connection()
            copy = tmp_path / "copy.sqlite3"
            with sqlite3.connect(copy) as target:
                connection.connection.backup(target)
            monkeypatch.setitem(connection.settings_dict, "NAME", str(copy))

    @pytest.mark.slow
    @pytest.mark.django_db(transaction=True)
    def test_a_file_is_written_and_read_from_the_beginning(self, apart, auditor):
        made = file_making.make(asked_by(auditor), count_sections, "内容")
        with made.file:
            assert (made.result, made.file.read().decode()) == (Section.objects.count(), "内容")

    @pytest.mark.slow
    @pytest.mark.django_db(transaction=True)
    def test_a_long_form_is_the_same_and_comes_back(self, planning, apart, client, monkeypatch):
        short = read_sheets(accept("様式.xlsx", received(form(client))))
        monkeypatch.setattr(file_making, "FEW_ROWS", 0)
        long = form(client)
        assert long.streaming
        upload = accept("様式.xlsx", received(long))
        assert [sheet.rows for sheet in read_sheets(upload)] == [sheet.rows for sheet in short]
        read = read_form(upload, 2017)
        assert (len(read.rows), read.faults) == (1, [])

    @pytest.mark.slow
    @pytest.mark.django_db(transaction=True)
    def test_a_long_table_is_the_same(self, planning, request, client, monkeypatch):
        make_indicator(Section.objects.first(), unit="隻")
        request.getfixturevalue("apart")
        short = received(export(client, "csv", "?unit=人"))
        monkeypatch.setattr(file_making, "FEW_ROWS", 0)
        long = export(client, "csv", "?unit=人")
        assert long.streaming
        assert received(long) == short
        assert short.decode().count("\r\n") == 2
        assert Event.objects.filter(kind=Event.Kind.EXPORT, detail__contains="：1行").count() == 2


def test_a_process_whose_server_was_killed_ends_without_a_word():
    """It got a part of what it was to be sent: nobody waits for it, and the log says enough."""
    for sent in (b"", pickle.dumps(None) + pickle.dumps((count_sections, ("x" * 99,)))[:-40]):
        done = subprocess.run(
            [sys.executable, "-m", "tables.own_process", "5", "100"],
            input=sent,
            cwd=settings.BASE_DIR,
            capture_output=True,
        )
        assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"")
