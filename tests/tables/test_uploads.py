"""Uploaded files: the type is checked by content, and dangerous files are refused."""

import io
import struct
import zipfile
import zlib

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from django.test import RequestFactory

from tables import uploads
from tables.table import read_table
from tables.uploads import Format, UploadError, accept
from tests.old_files import old_file

pytestmark = pytest.mark.files


def workbook(rows=(("見出し", "値"), ("あ", 1))) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def repacked(content: bytes, *, without: str = "", **parts: bytes) -> bytes:
    """Return a package with parts added or replaced."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w", 8) as new:
        for name in old.namelist():
            if name not in parts and name != without:
                new.writestr(name, old.read(name))
        for name, data in parts.items():
            new.writestr(name, data)
    return stream.getvalue()


def part_of(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name)


def refusal(content: bytes, name: str = "実績.xlsx") -> str:
    with pytest.raises(UploadError) as caught:
        accept(name, content)
    message = str(caught.value)
    assert message.startswith(f"ファイル「{name}」は取り込めません。")
    assert message.endswith("ください。"), "a message says what to do"
    return message


SHEET = "xl/worksheets/sheet1.xml"


# What a file is


@pytest.mark.parametrize("name", ["実績.xlsx", "実績.csv", "実績"])
def test_a_workbook_is_one_whatever_its_name(name):
    assert accept(name, workbook()).kind == Format.XLSX


@pytest.mark.parametrize(
    "content",
    ["見出し,値\r\nあ,1\r\n".encode(encoding) for encoding in ("utf-8", "utf-8-sig", "cp932")],
    ids=["utf-8", "utf-8 with BOM", "cp932"],
)
@pytest.mark.parametrize("name", ["実績.csv", "実績.xlsx"])
def test_a_csv_file_is_one_whatever_its_name(name, content):
    upload = accept(name, content)
    assert (upload.kind, upload.text) == (Format.CSV, "見出し,値\r\nあ,1\r\n")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "中身が空です"),
        ("見出し,値".encode("utf-16"), "UTF-16"),
        (b"%PDF-1.7\n\x00\x01\x02", "ExcelブックでもCSVでもありません"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "ExcelブックでもCSVでもありません"),
        (b"\xff\xff\xfe\xfd", "ExcelブックでもCSVでもありません"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "ExcelブックでもCSVでもありません"),
        (b'<?xml version="1.0"?><Workbook/>', "ExcelブックでもCSVでもありません"),
        ('見出し,値\r\n"あ,1\r\n'.encode(), "引用符"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "古いExcel形式（.xls）"),
        (old_file("Workbook"), "古いExcel形式（.xls）"),
        (old_file("EncryptionInfo", "EncryptedPackage"), "パスワードが設定されています"),
        (b"PK\x03\x04" + bytes(100), "壊れています"),
        (workbook()[:-200], "壊れています"),
        (repacked(workbook(), without="xl/workbook.xml"), "Excelブック（*.xlsx）ではありません"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_neither_is_refused(content, said):
    assert said in refusal(content)


def test_a_word_document_is_not_a_workbook():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<document/>")
    assert "Excelブック（*.xlsx）ではありません" in refusal(stream.getvalue(), "回答.docx")


def test_the_name_in_a_message_is_short_and_without_folders():
    with pytest.raises(UploadError) as caught:
        accept("C:\\秘密\\..\\\u202e" + "長" * 300 + ".csv", b"")
    message = str(caught.value)
    assert "秘密" not in message
    assert "\u202e" not in message
    assert len(message) < 200


# Size


def test_a_file_above_the_limit_is_refused(settings):
    settings.UPLOAD_MAX_BYTES = 1024 * 1024
    message = refusal(b"a," * (512 * 1024) + b"a", "大.csv")
    assert "上限の1MB" in message
    with pytest.raises(UploadError, match="上限の1MB"):
        uploads.read(SimpleUploadedFile("大.csv", b"a" * (1024 * 1024 + 1)))


def test_what_comes_after_the_limit_is_not_even_stored(settings):
    settings.UPLOAD_MAX_BYTES = settings.EVIDENCE_MAX_BYTES = 200_000
    file = SimpleUploadedFile("大.csv", b"a" * 5_000_000)
    request: HttpRequest = RequestFactory().post("/", {"file": file})
    stored = request.FILES["file"]
    assert 200_000 < stored.size < 400_000
    with pytest.raises(UploadError, match="上限の"):
        uploads.read(stored)


def test_a_file_within_the_limit_arrives_whole(settings):
    settings.UPLOAD_MAX_BYTES = 200_000
    content = b"a" * 99_999 + b"\n" + b"a" * 100_000
    file = SimpleUploadedFile("小.csv", content)
    stored = RequestFactory().post("/", {"file": file}).FILES["file"]
    assert uploads.read(stored).content == content


# Macros and links


@pytest.mark.parametrize(
    "part", ["xl/vbaProject.bin", "xl/vbaproject.BIN", "xl/macrosheets/sheet1.xml"]
)
def test_macros_are_refused(part):
    assert "マクロが含まれています" in refusal(repacked(workbook(), **{part: b"<x/>"}))


def test_a_package_that_says_it_has_macros_is_refused():
    content = workbook()
    types = part_of(content, "[Content_Types].xml").replace(
        b"spreadsheetml.sheet.main+xml", b"ms-excel.sheet.macroEnabled.main+xml"
    )
    assert "マクロ" in refusal(repacked(content, **{"[Content_Types].xml": types}))


def test_links_to_other_files_are_refused_and_links_in_cells_are_not():
    content = workbook()
    assert "リンクが含まれています" in refusal(
        repacked(content, **{"xl/externalLinks/externalLink1.xml": b"<x/>"})
    )
    assert "リンクが含まれています" in refusal(repacked(content, **{"xl/connections.xml": b"<x/>"}))
    rels = (
        '<Relationships><Relationship Id="r1" Type="http://x/{}" Target="http://example.org/"'
        ' TargetMode="External"/></Relationships>'
    )
    name = "xl/worksheets/_rels/sheet1.xml.rels"
    assert "リンク" in refusal(repacked(content, **{name: rels.format("image").encode()}))
    accept("実績.xlsx", repacked(content, **{name: rels.format("hyperlink").encode()}))


# XML


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "iso-8859-1"])
@pytest.mark.parametrize("part", [SHEET, "xl/media/image1.png", "docProps/core.xml"])
def test_a_document_type_declaration_is_refused_in_any_part_and_encoding(part, encoding):
    xml = f'<?xml version="1.0" encoding="{encoding.removesuffix("-be")}"?>'
    xml += '<!DOCTYPE lolz [<!ENTITY lol "lol">]><worksheet>&lol;</worksheet>'
    message = refusal(repacked(workbook(), **{part: xml.encode(encoding)}))
    assert "宣言（DTD）" in message or "壊れています" in message


def test_an_external_entity_is_refused():
    xml = b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><worksheet>&f;</worksheet>'
    assert "宣言（DTD）" in refusal(repacked(workbook(), **{SHEET: xml}))


@pytest.mark.parametrize("encoding", ["klingon", "shift_jis"])
def test_a_part_in_an_encoding_that_the_parser_does_not_know_is_refused(encoding):
    xml = f'<?xml version="1.0" encoding="{encoding}"?><worksheet/>'.encode()
    assert "壊れています" in refusal(repacked(workbook(), **{SHEET: xml}))


def test_a_part_that_is_not_well_formed_is_refused():
    assert "壊れています" in refusal(repacked(workbook(), **{SHEET: b"<worksheet>"}))


# Bombs


def test_a_part_that_grows_too_much_is_refused():
    bomb = b"<worksheet>" + b" " * 20_000_000 + b"</worksheet>"
    assert "展開すると大きくなりすぎます" in refusal(repacked(workbook(), **{SHEET: bomb}))


def test_many_parts_that_grow_too_much_together_are_refused(monkeypatch):
    monkeypatch.setattr(uploads, "MAX_UNPACKED_BYTES", 100_000)
    parts = {f"xl/media/{number}.bin": bytes(range(256)) * 100 for number in range(5)}
    assert "展開すると大きくなりすぎます" in refusal(repacked(workbook(), **parts))


def test_too_many_parts_are_refused():
    parts = {f"xl/media/{number}.bin": b"x" for number in range(2_001)}
    assert "展開すると大きくなりすぎます" in refusal(repacked(workbook(), **parts))


def test_a_part_that_lies_about_its_size_is_refused():
    """The header says 1,000 bytes, the stream holds twenty million."""
    content = repacked(workbook(), **{"xl/media/bomb.bin": b" " * 20_000_000})
    crc, size = zlib.crc32(b" " * 20_000_000), 20_000_000
    assert content.count(struct.pack("<I", size)) >= 2
    lied = content.replace(struct.pack("<I", size), struct.pack("<I", 1_000))
    assert struct.pack("<I", crc) in lied
    assert "壊れています" in refusal(lied) or "展開" in refusal(lied)


def test_a_part_that_is_there_twice_is_refused():
    stream = io.BytesIO(workbook())
    with (
        zipfile.ZipFile(stream, "a") as archive,
        pytest.warns(UserWarning, match="Duplicate name"),
    ):
        archive.writestr(SHEET, "<worksheet/>")
    assert "構造が違います" in refusal(stream.getvalue())


def test_a_part_under_a_password_is_refused():
    content = bytearray(workbook())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    assert "パスワードが設定されています" in refusal(bytes(content))


# Rows


def sheet(rows: str, dimension: str = "A1:A2") -> bytes:
    return (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f'<dimension ref="{dimension}"/><sheetData>{rows}</sheetData></worksheet>'
    ).encode()


def filled(number: int) -> str:
    return f'<row r="{number}"><c r="A{number}"><v>{number}</v></c></row>'


def test_more_than_twenty_thousand_rows_are_refused():
    rows = "".join(map(filled, range(1, 20_003)))
    assert "上限の20,000行" in refusal(repacked(workbook(), **{SHEET: sheet(rows)}))
    text = "値\r\n" + "1\r\n" * 20_001
    assert "上限の20,000行" in refusal(text.encode(), "実績.csv")


def test_twenty_thousand_rows_below_the_header_are_taken():
    rows = "".join(map(filled, range(1, 20_002)))
    upload = accept("実績.xlsx", repacked(workbook(), **{SHEET: sheet(rows)}))
    assert len(read_table(upload).rows) == 20_000
    accept("実績.csv", ("値\r\n" + "1\r\n" * 20_000).encode())


def test_a_sheet_may_claim_a_million_rows_as_long_as_they_are_empty():
    rows = filled(1) + filled(2) + '<row r="1048576"><c r="XFD1048576" s="1"/></row>'
    content = repacked(workbook(), **{SHEET: sheet(rows, "A1:XFD1048576")})
    table = read_table(accept("実績.xlsx", content))
    assert [row.number for row in table.rows] == [2]


def test_a_row_far_below_the_last_of_excel_is_refused():
    rows = filled(1) + '<row r="99999999999"><c r="A9"><v>1</v></c></row>'
    assert "構造が違います" in refusal(repacked(workbook(), **{SHEET: sheet(rows)}))


def test_empty_lines_of_a_csv_file_do_not_count():
    upload = accept("実績.csv", ("値\r\n1\r\n" + ",\r\n" * 30_000).encode())
    assert len(read_table(upload).rows) == 1
