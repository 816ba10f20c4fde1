"""The names of uploaded files: wide spaces stay; folders and signs that show nothing go."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart


def received(name: str, content: bytes = b"1") -> list:
    form = encode_multipart(BOUNDARY, {"note": "備考", "file": SimpleUploadedFile("x", content)})
    form = form.replace(b'filename="x"', f'filename="{name}"'.encode())
    request = RequestFactory().generic("POST", "/", form, MULTIPART_CONTENT)
    assert request.POST["note"] == "備考"
    return request.FILES.getlist("file")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("水産課　調査票　令和元年.pdf", "水産課　調査票　令和元年.pdf"),
        ("C:\\\\資料　一式\\\\調査　票.pdf", "調査　票.pdf"),
        ("../../資料　一式/調査　票.pdf", "調査　票.pdf"),
        ("調査\u200b　\u202e票.pdf", "調査　票.pdf"),
        ("Ａ&amp;Ｂ　調査.pdf", "Ａ&Ｂ　調査.pdf"),
    ],
)
def test_a_name_keeps_its_wide_spaces_and_loses_folders(sent, kept):
    [file] = received(sent)
    assert (file.name, file.read()) == (kept, b"1")


@pytest.mark.parametrize("sent", ["", "..", ".", "/", "　"])
def test_without_a_name_there_is_no_file(sent):
    assert received(sent) == []


def test_a_file_over_the_limit_is_still_cut(settings):
    settings.UPLOAD_MAX_BYTES = settings.EVIDENCE_MAX_BYTES = 100_000
    [file] = received("調査　票.pdf", b"1" * 1_000_000)
    assert 100_000 < file.size < 400_000
