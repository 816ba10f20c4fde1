"""No workbook stops the site: each is read or refused within a few seconds and little memory."""

import os
import resource
import signal
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.roles import Role
from tables import own_process, uploads
from tables.sheets import read_sheets
from tables.uploads import UploadError, accept
from tests.factories import make_fiscal_year, make_indicator, make_section, make_user
from tests.hostile_workbooks import (
    REFUSED,
    WITHIN_THE_LIMITS,
    one_part_for_each_sheet,
    workbook,
)

pytestmark = [pytest.mark.one_database, pytest.mark.slow]

SECONDS = 8
"""Processor time of the server and its other processes: 5 where nothing else runs."""

MEGABYTES = 200


class Cost:
    """Measures the processor time and the growing memory of a block."""

    def __enter__(self):
        self.began, self.memory = self._seconds(), self._kilobytes()
        return self

    def __exit__(self, *raised):
        self.seconds = self._seconds() - self.began
        self.megabytes = (self._kilobytes() - self.memory) / 1024

    def _seconds(self):
        used = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        return sum(one.ru_utime + one.ru_stime for one in used)

    def _kilobytes(self):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@pytest.mark.parametrize("kind", REFUSED)
def test_what_has_too_much_is_refused_by_what_it_has(kind):
    make, message = REFUSED[kind]
    content = make()
    with Cost() as cost, pytest.raises(UploadError) as refused:
        accept("重い.xlsx", content)
    assert message in str(refused.value)
    assert str(refused.value).startswith("ファイル「重い.xlsx」は取り込めません。")
    assert str(refused.value).endswith("ください。")
    assert (cost.seconds < SECONDS, cost.megabytes < MEGABYTES) == (True, True)


@pytest.mark.parametrize("kind", WITHIN_THE_LIMITS)
def test_what_has_as_much_as_it_may_is_read_or_refused_in_time(kind):
    content = WITHIN_THE_LIMITS[kind]()
    with Cost() as cost:
        outcome = outcome_of(content)
    assert outcome == "指標コード" or "中身が多すぎるため、読み取れません" in outcome
    assert (cost.seconds < SECONDS, cost.megabytes < MEGABYTES) == (True, True)


@pytest.mark.parametrize("kind", ["foo", "worksheet/x", "image"])
def test_sheets_that_are_one_part_are_refused_whatever_the_link_is_called(kind):
    content = one_part_for_each_sheet(3_000, links=3_000, kind=kind)
    with Cost() as cost:
        outcome = outcome_of(content)
    assert "ファイルが壊れています。" in outcome
    assert (cost.seconds < SECONDS, cost.megabytes < MEGABYTES) == (True, True)


def outcome_of(content):
    """Return the first cell of a workbook, or why it is refused."""
    try:
        return read_sheets(accept("重い.xlsx", content))[0].cell(1, 1).text
    except UploadError as error:
        return str(error)


@pytest.mark.parametrize("url", ["/entry/2017/import/", "/admin/indicators/actual/import/"])
@pytest.mark.parametrize("kind", ["styles", "empty cells"])
@pytest.mark.django_db
def test_at_both_doors_a_message_says_what_to_do(client, url, kind):
    make_fiscal_year(2017)
    make_indicator(make_section("水産課"))
    client.force_login(make_user(Role.PLANNING))
    make, message = REFUSED[kind]
    with Cost() as cost:
        response = client.post(url, {"file": SimpleUploadedFile("重い.xlsx", make())})
    assert response.status_code == 200
    assert f"ファイル「重い.xlsx」は取り込めません。{message}" in response.content.decode()
    assert cost.seconds < SECONDS


def test_the_limits_are_settings(settings):
    content = workbook('<row r="2">' + "<c><v>1</v></c>" * 40 + "</row>")
    assert read_sheets(accept("a.xlsx", content))[0].cell(2, 1).text == "1"
    settings.UPLOAD_MAX_CELLS = 40
    with pytest.raises(UploadError, match="上限の40を超えています"):
        accept("a.xlsx", content)


def test_elements_of_any_other_kind_have_a_limit_too(settings):
    settings.UPLOAD_MAX_CELLS = 10_000
    with pytest.raises(UploadError, match="中身が多すぎるため、読み取れません"):
        accept("a.xlsx", workbook("<x/>" * 100_000))


@pytest.mark.parametrize("content", [b"," * 4_000_000, b"a,b\r\n" + b"\r\n" * 2_000_000])
def test_a_csv_file_of_endless_cells_is_refused_too(content):
    with Cost() as cost, pytest.raises(UploadError, match="中身が多すぎるため、読み取れません"):
        accept("重い.csv", content)
    assert (cost.seconds < SECONDS, cost.megabytes < MEGABYTES) == (True, True)


class TestOwnProcess:
    """What another process does for us comes back, whatever happens to that process."""

    def test_a_result_comes_back(self):
        assert own_process.run(Decimal, "1.5") == Decimal("1.5")

    def test_an_exception_comes_back(self):
        with pytest.raises(ValueError, match="invalid literal"):
            own_process.run(int, "x")

    def test_an_exception_brings_the_traceback_of_the_process(self):
        with pytest.raises(TypeError) as raised:
            own_process.run(resource.getrusage, "x")
        assert "in _answer" in str(raised.value.__cause__)

    def test_a_crash_is_distinguished_from_the_limits_and_logged_with_its_place(self, caplog):
        with pytest.raises(own_process.Crashed):
            own_process.run(os.abort)
        assert "終了コード-6" in caplog.text
        assert "Fatal Python error: Aborted" in caplog.text
        assert "in _answer" in caplog.text

    def test_a_process_that_cannot_start_is_a_crash(self, monkeypatch, caplog):
        monkeypatch.setattr("sys.executable", "/nowhere/python")
        with pytest.raises(own_process.Crashed):
            own_process.run(int, "1")
        assert "Traceback" in caplog.text

    @pytest.mark.parametrize("limit", [signal.SIGXCPU, signal.SIGKILL])
    def test_a_process_stopped_at_a_limit_was_too_expensive(self, limit, caplog):
        with pytest.raises(own_process.TooExpensive):
            own_process.run(signal.raise_signal, limit)
        assert caplog.text == ""

    def test_a_crash_while_checking_is_reported_as_a_fault_of_the_server(self, monkeypatch):
        self.crash(monkeypatch)
        with pytest.raises(UploadError, match=r"サーバーの不具合のため.*管理者に連絡"):
            accept("a.xlsx", workbook(""))

    def test_a_crash_while_reading_is_reported_as_a_fault_of_the_server(self, monkeypatch):
        upload = accept("a.xlsx", workbook('<row r="3"/>'))
        self.crash(monkeypatch)
        with pytest.raises(UploadError, match=r"サーバーの不具合のため.*管理者に連絡"):
            read_sheets(upload)

    @pytest.mark.parametrize(
        ("end", "message"),
        [
            (own_process.TooExpensive, uploads.TOO_MUCH),
            (own_process.Crashed, uploads.FAULT_OF_THE_SERVER),
        ],
    )
    def test_each_end_is_reported_in_the_same_words_while_checking_and_reading(
        self, monkeypatch, end, message
    ):
        def ended(*arguments):
            raise end

        upload = accept("a.xlsx", workbook('<row r="4"/>'))
        monkeypatch.setattr(uploads, "SMALL_TAGS", 0)
        monkeypatch.setattr(own_process, "run", ended)
        for step in (lambda: accept("a.xlsx", upload.content), lambda: read_sheets(upload)):
            with pytest.raises(UploadError) as refused:
                step()
            assert str(refused.value) == f"ファイル「a.xlsx」は取り込めません。{message}"

    def crash(self, monkeypatch):
        monkeypatch.setattr(uploads, "SMALL_TAGS", 0)
        # As if the process had died of a bug in a library.
        own = own_process.run
        monkeypatch.setattr(own_process, "run", lambda *arguments: own(os._exit, 7))

    def test_too_much_memory_is_said(self):
        with pytest.raises(own_process.TooExpensive):
            own_process.run(bytes, 400 * 1024 * 1024)

    def test_too_much_time_is_said(self, settings):
        settings.UPLOAD_READ_SECONDS = 1
        with pytest.raises(own_process.TooExpensive):
            own_process.run(pow, 7, 10**9)

    def test_waiting_has_an_end_too(self, settings, monkeypatch):
        monkeypatch.setattr(own_process, "WAITING", 0.01)
        with pytest.raises(own_process.TooExpensive):
            own_process.run(pow, 2, 10)
