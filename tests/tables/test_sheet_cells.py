"""Printed workbooks: fonts, and no state shared between workbooks."""

import io
import zipfile
from datetime import UTC, datetime

from tables.sheet_cells import FONT, CellWriter, printed_workbook

CREATED = datetime(2026, 4, 1, tzinfo=UTC).replace(tzinfo=None)  # XlsxWriter wants none


def printed() -> bytes:
    output = io.BytesIO()
    with printed_workbook(output) as workbook:
        workbook.set_properties({"created": CREATED})
        sheet = workbook.add_worksheet()
        CellWriter(workbook, sheet).text(0, 0, "文字", bold=True)
        sheet.write_url(1, 0, "internal:'Sheet1'!A1", workbook.add_format({"underline": 1}), "先頭")
    return output.getvalue()


def styles(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return package.read("xl/styles.xml").decode()


def test_excel_takes_the_font_that_the_file_names_and_not_that_of_its_theme():
    found = styles(printed())
    assert found.count(f'<name val="{FONT}"/>') == found.count("<font>") >= 3
    assert "<scheme" not in found


def test_the_next_workbook_is_the_same_as_the_first():
    assert printed() == printed()
