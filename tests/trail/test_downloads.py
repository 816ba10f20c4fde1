"""How a file leaves: under its name, with its bytes, logged."""

from hashlib import sha256
from io import BytesIO
from tempfile import TemporaryFile
from urllib.parse import unquote

import pytest
from django.test import RequestFactory

from tests.factories import make_user
from trail.downloads import CSV, OutgoingFile, disposition, download, file_name
from trail.events import Event

pytestmark = pytest.mark.both_databases

NAME = "根室市 創生;総合戦略(案)'100%\"_データ.csv"


def test_the_name_arrives_whole():
    header = disposition(NAME, "data.csv")
    assert header.isascii()
    assert unquote(header.partition("filename*=UTF-8''")[2]) == NAME
    assert header.startswith('attachment; filename="data.csv"; filename*=')


def test_the_encoded_name_leaves_only_safe_letters_unescaped():
    encoded = disposition(NAME, "data.csv").partition("''")[2]
    assert not set(encoded) & set("\"';()* ,/\\")


@pytest.mark.parametrize(
    "name", ['a"b.csv', "a\\b.csv", "é.csv", "a;b.csv", "a\nb.csv", "a%20.csv"]
)
def test_a_name_that_old_programs_cannot_read_is_refused(name):
    with pytest.raises(ValueError, match="every client"):
        disposition(NAME, name)


def test_windows_can_save_under_the_name():
    assert file_name("評価　総合\x0b戦略\u200b") == "評価　総合戦略"
    assert file_name('A/B:\\*?"<戦略>|\n ') == "A／B：￥＊？”＜戦略＞｜"


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [bytes, BytesIO, "file"])
def test_bytes_and_open_files_leave_alike_and_are_logged(kind):
    content = "値\r\n1\r\n".encode("utf-8-sig") * 1000
    file = TemporaryFile() if kind == "file" else kind(content)  # noqa: SIM115
    if kind == "file":
        file.write(content)
    request = RequestFactory().get("/")
    request.user = make_user()
    response = download(
        request,
        OutgoingFile(file, name="表.csv", ascii_name="table.csv", content_type=CSV),
        detail="2行",
    )
    body = b"".join(response.streaming_content) if response.streaming else response.content
    digest = sha256(content).hexdigest()
    assert body == content
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["ETag"] == f'"{digest}"'
    assert response["Content-Disposition"].startswith("attachment; ")
    assert response.streaming == (kind is not bytes)
    event = Event.objects.get(kind=Event.Kind.EXPORT)
    assert (event.by, event.door) == (request.user, "page")
    assert event.subject == "表.csv"
    assert event.detail == f"2行、{len(content):,}バイト、SHA-256：{digest}"
    response.close()
