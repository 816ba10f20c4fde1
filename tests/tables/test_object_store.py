"""Files in an S3-compatible store: everything that works with a folder, on a server of moto's."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.config import Config
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.roles import Role
from indicators.models import Evidence
from nemuro_strategy.checks import check_files_storage
from tables import object_store
from tables.kept_files import delete_expired
from tests.factories import (
    PDF,
    make_evidence,
    make_fiscal_year,
    make_indicator,
    make_section,
    make_user,
)
from tests.object_store import a_bucket, a_server, stored_at
from tests.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.files]

BASE = Path(__file__).resolve().parents[2]
CSV = "指標コード,年度,実績値,版\ncatch,2017,5,\n"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with a_server() as address:
        yield address


@pytest.fixture
def store(server, settings) -> Iterator[None]:
    with a_bucket(server, settings):
        yield


@pytest.fixture
def clerk():
    make_fiscal_year(2017)
    section = make_section("水産課")
    make_indicator(section, code="catch", name="漁獲量")
    return make_user(Role.CLERK, section)


def logged_in(user) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def attach(user):
    files = [SimpleUploadedFile("調査票.pdf", PDF)]
    return logged_in(user).post("/entry/2017/catch/evidence/", {"files": files})


def test_evidence_is_attached_by_one_server_and_handed_out_by_another(store, clerk):
    assert attach(clerk).status_code == 302
    row = Evidence.objects.get()
    answer = logged_in(clerk).get(f"/entry/2017/catch/evidence/{row.pk}/")
    assert (b"".join(answer) if answer.streaming else answer.content) == PDF
    assert storages["evidence"].listdir("") == ([], [row.stored_as])


def test_an_import_waits_in_the_store_and_its_page_is_kept_there(store, clerk):
    client = logged_in(make_user(Role.PLANNING))
    page = client.post(
        "/admin/indicators/actual/import/",
        {"file": SimpleUploadedFile("値.csv", CSV.encode()), "reason": "試験"},
    )
    assert 'name="ticket"' in page.content.decode()
    assert len(storages["answer_pages"].listdir("")[1]) == 1
    [waiting] = storages["pending_imports"].listdir("")[1]
    assert delete_expired(storages["pending_imports"], 60) == [waiting]
    assert delete_expired(storages["pending_imports"], -60) == []
    assert storages["pending_imports"].listdir("")[1] == []


def test_the_check_of_the_files_reads_the_store(store, clerk, capsys):
    kept = make_evidence(Evidence.indicator.field.related_model.objects.get(), by=clerk)
    storages["evidence"].save("stray", ContentFile(b"x"))
    call_command("check_evidence")
    assert "s3://kpi/evidence/stray" in capsys.readouterr().out
    storages["evidence"].delete(kept.stored_as)
    with pytest.raises(CommandError, match="1件のファイル"):
        call_command("check_evidence")
    assert (
        f"（{kept.stored_as}）：保存先を読めません（ファイルがありません）"
        in capsys.readouterr().out
    )


def test_readyz_writes_to_the_store_and_leaves_no_file(store, client):
    assert client.get("/readyz").content == b"ok"
    assert storages["evidence"].listdir("") == ([], [])


@pytest.mark.slow
@pytest.mark.parametrize("away", ["no server", "no bucket"])
def test_an_unavailable_store_is_reported_in_our_words(server, settings, clerk, away):
    endpoint = server if away == "no bucket" else "http://127.0.0.1:9"
    with stored_at(endpoint, settings, "nowhere"):
        said = text_of(attach(clerk))
        ready = Client().get("/readyz")
    assert "ファイル「調査票.pdf」を、サーバーに保存できませんでした" in said
    assert not Evidence.objects.exists()
    assert ready.status_code == 503
    assert "根拠資料の保存先（S3_BUCKET）に書き込めません" in ready.content.decode()


def test_readyz_does_not_wait_for_a_store_that_hangs(settings, client, monkeypatch):
    at_once = Config(connect_timeout=1, read_timeout=0.2)
    monkeypatch.setattr(object_store, "QUICK", object_store.QUICK.merge(at_once))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(0)
        with stored_at(f"http://127.0.0.1:{silent.getsockname()[1]}", settings):
            said = client.get("/readyz").content.decode()
        assert "書き込めません（ファイルの保存先：ReadTimeoutError）" in said
        silent.accept()
        with pytest.raises(BlockingIOError):  # it is not tried again
            silent.accept()
    assert object_store.QUICK.retries["max_attempts"] == 0


def test_an_existing_file_is_not_overwritten(store):
    assert storages["evidence"].save("a", ContentFile(b"1")) == "a"
    assert storages["evidence"].save("a", ContentFile(b"2")) != "a"
    with storages["evidence"].open("a") as file:
        assert file.read() == b"1"


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"S3_BUCKET": ""}, "S3_BUCKET"),
        ({"S3_ACCESS_KEY": ""}, "S3_ACCESS_KEY"),
        ({"S3_ENDPOINT": "store.city.test"}, "S3_ENDPOINT"),
        ({"S3_CA_FILE": "/nowhere.pem"}, "S3_CA_FILE"),
        ({}, None),
    ],
)
def test_settings_without_which_no_file_could_be_kept_are_faults(settings, given, fault):
    whole = {
        "FILES_STORAGE": "s3", "S3_BUCKET": "kpi", "S3_ACCESS_KEY": "key", "S3_SECRET_KEY": "x",
        "S3_ENDPOINT": "https://store.city.test", "S3_CA_FILE": "",
    }  # fmt: skip
    for name, value in (whole | given).items():
        setattr(settings, name, value)
    assert [fault in one.msg for one in check_files_storage()] == ([True] if fault else [])


LOADED = "import sys, nemuro_strategy.wsgi; print([one for one in sys.modules if 'boto' in one])"


@pytest.mark.slow
def test_where_files_lie_in_a_folder_no_library_of_a_store_is_loaded():
    done = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=BASE, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
