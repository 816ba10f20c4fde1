"""Checks that a file's content matches its extension. No database, no disk."""

import io
import zipfile
from unittest.mock import Mock

import openpyxl
import pypdf
import pytest

from indicators.evidence.types import KINDS, ending_of
from tables import own_process
from tables.file_contents import OLE_MAGIC
from tables.uploads import UploadError
from tests.old_files import old_file


def package(*names):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return stream.getvalue()


def workbook():
    stream = io.BytesIO()
    openpyxl.Workbook().save(stream)
    return stream.getvalue()


GOOD = {
    "pdf": b"%PDF-1.7\n...",
    "xlsx": workbook(),
    "docx": package("[Content_Types].xml", "word/document.xml"),
    "pptx": package("[Content_Types].xml", "ppt/presentation.xml"),
    "xls": old_file("Workbook"),
    "doc": old_file("WordDocument"),
    "msg": old_file("__properties_version1.0"),
    "csv": "年度,値\r\n2017,45\r\n".encode("utf-8-sig"),
    "txt": "件数は45件".encode("cp932"),
    "jpg": b"\xff\xd8\xff\xe0....",
    "jpeg": b"\xff\xd8\xff\xe1....",
    "png": b"\x89PNG\r\n\x1a\n....",
}


def test_every_kind_is_tried_here():
    assert set(GOOD) == set(KINDS)


@pytest.mark.parametrize("ending", GOOD)
def test_a_file_that_is_what_it_says_passes(ending):
    KINDS[ending].check(GOOD[ending])


def test_a_text_may_have_a_soft_line_break_of_word_in_each_cell():
    KINDS["csv"].check("年度,値\r\n2017,45\x0b件\r\n".encode() * 50)
    with pytest.raises(UploadError):
        KINDS["csv"].check(b"\x02\x0b\x1f,\x0e\r\n" * 50)


def locked_pdf(**passwords):
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    writer.encrypt(algorithm="AES-256", **passwords)
    writer.write(stream := io.BytesIO())
    return stream.getvalue()


def test_a_pdf_that_opens_without_a_password_passes():
    only_printing_is_forbidden = locked_pdf(user_password="", owner_password="secret")
    KINDS["pdf"].check(only_printing_is_forbidden)
    KINDS["pdf"].check(b"%PDF-1.7\n/Encrypt is a word")


@pytest.mark.parametrize("end", [None, own_process.TooExpensive])
def test_a_pdf_that_needs_a_password_is_refused(end, monkeypatch):
    if end:
        monkeypatch.setattr(own_process, "run", Mock(side_effect=end))
    with pytest.raises(UploadError, match="パスワードが設定されています"):
        KINDS["pdf"].check(locked_pdf(user_password="secret"))


TWINS = {frozenset({"jpg", "jpeg"}), frozenset({"csv", "txt"})}


def is_accepted(content: bytes, ending: str) -> bool:
    try:
        KINDS[ending].check(content)
    except UploadError:
        return False
    return True


@pytest.mark.parametrize("ending", GOOD)
def test_no_type_is_accepted_as_another(ending):
    accepted = {other for other in GOOD if is_accepted(GOOD[other], ending)}
    twins = {other for other in GOOD if frozenset({ending, other}) in TWINS}
    assert ending in accepted
    assert accepted <= {ending} | twins


@pytest.mark.parametrize(
    ("ending", "content", "words"),
    [
        ("pdf", b"MZ\x90\x00", "拡張子と中身が違います"),
        ("xlsx", package("xl/workbook.xml", "xl/vbaProject.bin"), "マクロが含まれています"),
        ("docx", package("word/document.xml", "word/vbaProject.bin"), "マクロが含まれています"),
        ("xls", old_file("Workbook", "_VBA_PROJECT"), "マクロが含まれています"),
        ("xlsx", old_file("EncryptedPackage"), "パスワードが設定されています"),
        ("xls", OLE_MAGIC + "Workbook".encode("utf-16-le"), "拡張子と中身が違います"),
        ("doc", old_file("Note of a WordDocument"), "拡張子と中身が違います"),
        ("xlsx", b"PK\x03\x04 torn", "拡張子と中身が違います"),
        ("csv", b"a,b\x00\x01", "拡張子と中身が違います"),
        ("txt", b"\xff\xfe\xff", "拡張子と中身が違います"),
    ],
)
def test_refusals_name_a_remedy(ending, content, words):
    with pytest.raises(UploadError, match=words) as error:
        KINDS[ending].check(content)
    assert "保存し直してください" in str(error.value)


@pytest.mark.parametrize(
    ("name", "ending"),
    [("a.PDF", "pdf"), ("a.pdf.exe", "exe"), ("README", ""), (".pdf", ""), ("集計.xlsx", "xlsx")],
)
def test_the_ending_is_the_part_after_the_last_dot(name, ending):
    assert ending_of(name) == ending
