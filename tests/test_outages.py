"""While the database or the disk is away: one page that says so, one line in the log."""

import errno
import logging
import os
from contextlib import ExitStack

import pytest
from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, OperationalError, connection
from django.test import Client

from accounts.roles import Role
from indicators.models import Evidence
from tests.factories import (
    make_fiscal_year,
    make_indicator,
    make_section,
    make_strategy,
    make_user,
)
from tests.pages import read_page, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


@pytest.fixture
def database_away(client):
    """Give a function after which no statement reaches the database."""
    make_strategy(code="plan")
    client.force_login(make_user(Role.PLANNING))

    def refuse(*args):
        raise OperationalError("connection failed\n\tIs the server running?")

    with ExitStack() as stack:
        yield lambda: stack.enter_context(connection.execute_wrapper(refuse))


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("url", ["/", "/strategies/plan/", "/admin/", "/login/", "/nowhere/"])
def test_each_page_says_it_and_logs_one_line(client, database_away, caplog, method, url):
    database_away()
    response = getattr(client, method)(url)
    if response.status_code in (200, 404):  # the pages that are open to all
        assert not any(record.exc_info for record in caplog.records)
        return
    assert response.status_code == 503
    assert response["Retry-After"] == "60"
    page = read_page(response)
    assert page.h1 == ["現在、利用できません"]
    assert "データベースに接続できないか" in text_of(response)
    assert ("保存されていない可能性があります" in text_of(response)) == (method == "post")
    assert f"総合戦略の進捗管理 {settings.VERSION}" in response.content.decode()
    assert ("選んだファイルは、画面に残っていません" in text_of(response)) == (method == "post")
    [record] = caplog.records
    assert not record.exc_info
    assert record.getMessage() == (
        f"データベースを利用できません（{url}）：connection failed Is the server running?"
    )


def test_a_page_with_a_password_says_that_it_keeps_nothing(client, database_away):
    database_away()
    response = client.post("/password/", {"old_password": "secret-kani", "new_password1": "x"})
    assert "パスワードや認証コードを入力する画面の内容は、この画面に残していません。" in text_of(
        response
    )
    assert "secret-kani" not in response.content.decode()


def test_a_wrong_statement_is_a_fault_of_the_program(client, monkeypatch, caplog):
    client.force_login(make_user(Role.READER))

    def fail(*args):
        with connection.cursor() as cursor:
            cursor.execute("SELECT nothing FROM nowhere")

    monkeypatch.setattr("nemuro_strategy.views.first_page_for", fail)
    make_strategy(code="plan")
    assert client.get("/").status_code == 500
    assert caplog.records[-1].exc_info


class TestFullDisk:
    @pytest.fixture
    def clerk(self, client):
        make_fiscal_year(2017)
        section = make_section("水産課")
        make_indicator(section, code="catch", name="漁獲量")
        clerk = make_user(Role.CLERK, section)
        client.force_login(clerk)
        return clerk

    @pytest.fixture(params=[errno.ENOSPC, errno.EROFS], ids=["full", "read-only"])
    def disk(self, request, monkeypatch):
        def refuse(*args):
            raise OSError(request.param, os.strerror(request.param))

        monkeypatch.setattr(FileSystemStorage, "_save", refuse)
        return request.param

    def test_evidence_is_refused_with_a_message_that_names_the_file(self, client, clerk, disk):
        files = [SimpleUploadedFile("調査票.pdf", PDF)]
        response = client.post("/entry/2017/catch/evidence/", {"files": files})
        assert response.status_code == 200
        text = text_of(response)
        assert "ファイル「調査票.pdf」を、サーバーに保存できませんでした" in text
        assert ("空きがありません" in text) == (disk == errno.ENOSPC)
        assert "企画担当に連絡し、直ってから、もう一度選んでください。" in text
        assert not Evidence.objects.exists()

    def test_an_import_is_refused_in_the_same_words(self, client, clerk, disk):
        client.force_login(make_user(Role.PLANNING))
        file = SimpleUploadedFile("値.csv", "指標コード,年度,実績値,版\ncatch,2017,5,\n".encode())
        response = client.post("/admin/indicators/actual/import/", {"file": file, "reason": "試験"})
        assert response.status_code == 200
        html = response.content.decode()
        assert "ファイル「値.csv」を、サーバーに保存できませんでした" in html
        assert 'name="ticket"' not in html

    def test_anything_else_that_meets_it_says_so(self, client, clerk, monkeypatch, caplog):
        def refuse(*args):
            raise RuntimeError("while writing") from OSError(errno.ENOSPC, "No space left")

        monkeypatch.setattr("nemuro_strategy.views.first_page_for", refuse)
        make_strategy(code="plan")
        response = client.get("/")
        assert response.status_code == 503
        assert "保存先に空きがないか、書き込めません" in text_of(response)
        [record] = caplog.records
        assert not record.exc_info
        assert record.getMessage().startswith("ファイルの保存先に書き込めません（/）")


def test_the_log_keeps_the_tracebacks_of_real_faults(caplog):
    try:
        raise DatabaseError("constraint")
    except DatabaseError:
        logging.getLogger("django.request").error("Internal Server Error", exc_info=True)
    assert caplog.records[-1].exc_info
