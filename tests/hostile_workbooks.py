"""Small workbooks that cost a careless reader much time or memory; most happen by accident."""

import io
import zipfile
from collections.abc import Callable, Iterator
from itertools import islice
from random import Random
from xml.sax.saxutils import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"

HEADERS = '<row r="1"><c r="A1" t="inlineStr"><is><t>指標コード</t></is></c></row>'
STYLES = (
    "<fonts><font/></fonts><fills><fill><patternFill/></fill></fills><borders><border/></borders>"
    "<cellStyleXfs><xf/></cellStyleXfs><cellXfs><xf/></cellXfs>"
)


def workbook(
    rows: str = "", *, strings: str = "", styles: str = STYLES, names: str = "", after: str = ""
) -> bytes:
    """Return a workbook of one sheet, with XML of our own in its parts."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{TYPES}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{TYPES}.worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{TYPES}.styles+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{TYPES}.sharedStrings+xml"/>'
        "</Types>",
        "_rels/.rels": _relations(("officeDocument", "xl/workbook.xml")),
        "xl/_rels/workbook.xml.rels": _relations(
            ("worksheet", "worksheets/sheet1.xml"),
            ("styles", "styles.xml"),
            ("sharedStrings", "sharedStrings.xml"),
        ),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        f'<sheet name="実績入力" sheetId="1" r:id="rId1"/></sheets>{names}</workbook>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{HEADERS}{rows}'
        f"</sheetData>{after}</worksheet>",
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{strings}</sst>',
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def one_part_for_each_sheet(sheets: int, *, links: int = 1, kind: str = "worksheet") -> bytes:
    """Return a workbook whose sheets are all the same part, by one link or by many."""
    listed = "".join(
        f'<sheet name="s{number}" sheetId="{number + 1}" r:id="rId{number % links + 1}"/>'
        for number in range(sheets)
    )
    target = (kind, "worksheets/sheet1.xml")
    return with_parts(
        workbook("<row r='2'>" + "<c><v>1</v></c>" * 20 + "</row>"),
        {
            "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">'
            f"<sheets>{listed}</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": _relations(*[target] * links),
        },
    )


def with_parts(content: bytes, parts: dict[str, str]) -> bytes:
    """Return a workbook with some parts replaced."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, parts.get(name, old.read(name)))
    return stream.getvalue()


def _relations(*targets: tuple[str, str]) -> str:
    links = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{links}</Relationships>'


def _noise(number: int) -> Iterator[str]:
    """Yield short texts that hardly compress: the ratio of a bomb is not reached."""
    random = Random(1)
    return (f"{random.getrandbits(32):x}" for _ in range(number))


def _rows(number: int, cells: Callable[[int], str]) -> str:
    return "".join(f'<row r="{row}">{cells(row)}</row>' for row in range(2, number + 2))


def _many_numbers(count: int) -> bytes:
    cells = (f"<c><v>{int(text, 16)}</v></c>" for text in _noise(count))
    return workbook(_rows(count // 20, lambda row: "".join(islice(cells, 20))))


def _empty_cells(count: int) -> bytes:
    return workbook(_rows(count // 100, lambda row: '<c s="0"/>' * 100))


def _empty_rows(count: int) -> bytes:
    return workbook("".join(f'<row r="{row}" s="0"/>' for row in range(2, count + 2)))


def _strings(count: int) -> bytes:
    strings = "".join(f"<si><t>{text}</t></si>" for text in _noise(count))
    return workbook('<row r="2"><c t="s"><v>0</v></c></row>', strings=strings)


def _rich_strings(count: int) -> bytes:
    runs = "".join(f"<r><rPr><b/></rPr><t>{text}</t></r>" for text in _noise(count))
    return workbook('<row r="2"><c t="s"><v>0</v></c></row>', strings=f"<si>{runs}</si>")


def _styles(count: int) -> bytes:
    xfs = "".join(f'<xf numFmtId="{int(text, 16) % 50}"/>' for text in _noise(count))
    return workbook(styles=STYLES.replace("<cellXfs>", f"<cellXfs>{xfs}"))


def _fonts(count: int) -> bytes:
    fonts = "".join(f'<font><sz val="9"/><name val="{text}"/></font>' for text in _noise(count))
    return workbook(styles=STYLES.replace("<fonts>", f"<fonts>{fonts}"))


def _names(count: int) -> bytes:
    names = "".join(
        f'<definedName name="n{text}{number}">実績入力!$A$1</definedName>'
        for number, text in enumerate(_noise(count))
    )
    return workbook(names=f"<definedNames>{names}</definedNames>")


def _merged(count: int) -> bytes:
    cells = "".join(f'<mergeCell ref="A{2 * row}:ZZ{2 * row + 1}"/>' for row in range(1, count + 1))
    return workbook(after=f"<mergeCells>{cells}</mergeCells>")


def _everything_merged() -> bytes:
    return workbook(after='<mergeCells><mergeCell ref="A2:XFD1048576"/></mergeCells>')


def _shared_formulas(count: int) -> bytes:
    formula = escape("+".join(["A1"] * 1000))
    first = f'<row r="2"><c r="B2"><f t="shared" ref="B2:B{count}" si="0">{formula}</f></c></row>'
    others = "".join(
        f'<row r="{row}"><c r="B{row}"><f t="shared" si="0"/><v>1</v></c></row>'
        for row in range(3, count + 3)
    )
    return workbook(first + others)


def _deep() -> bytes:
    return workbook(after="<x>" * 5_000 + "</x>" * 5_000)


def _long_list_of_areas() -> bytes:
    areas = " ".join(f"A{int(text, 16) % 100000 + 1}" for text in _noise(200_000))
    return workbook(after=f'<dataValidations><dataValidation sqref="{areas}"/></dataValidations>')


def _last_row_and_column() -> bytes:
    return workbook('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "cells": (lambda: _many_numbers(420_000), "セル（空のものを含む）の数が、上限の400,000"),
    "empty cells": (lambda: _empty_cells(2_000_000), "セル（空のものを含む）の数が、上限の400,000"),
    "empty rows": (lambda: _empty_rows(600_000), "セル（空のものを含む）の数が、上限の400,000"),
    "strings": (lambda: _strings(150_000), "文字列の数が、上限の100,000"),
    "runs of one string": (lambda: _rich_strings(120_000), "文字列の数が、上限の100,000"),
    "styles": (lambda: _styles(300_000), "書式の数が、上限の20,000"),
    "fonts": (lambda: _fonts(60_000), "書式の数が、上限の20,000"),
    "names": (lambda: _names(40_000), "名前の定義・セルの結合・入力規則などの数が、上限の10,000"),
    "merged cells": (lambda: _merged(40_000), "セルの結合・入力規則などの数が、上限の10,000"),
    "areas": (_long_list_of_areas, "セルの結合・入力規則などの数が、上限の10,000"),
    "elements in elements": (_deep, "Excelが作るものと構造が違います"),
    "sheets of one part": (
        lambda: one_part_for_each_sheet(3_000),
        "Excelが作るものと構造が違います",
    ),
    "sheets of one part by many links": (
        lambda: one_part_for_each_sheet(3_000, links=3_000),
        "Excelが作るものと構造が違います",
    ),
}
"""Workbooks that are refused by what they have, each with a part of the message."""

WITHIN_THE_LIMITS: dict[str, Callable[[], bytes]] = {
    "cells": lambda: _many_numbers(190_000),
    "empty cells": lambda: _empty_cells(390_000),
    "strings": lambda: _strings(99_000),
    "fonts": lambda: _fonts(19_000),
    "names": lambda: _names(9_000),
    "everything merged": _everything_merged,
    "shared formulas": lambda: _shared_formulas(19_000),
    "the last row and column": _last_row_and_column,
}
"""Workbooks that have as much as they may; they are read, or refused because reading takes long."""
