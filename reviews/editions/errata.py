"""正誤表 as a file beside an edition, whose own files keep their bytes."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import zip_longest
from typing import Any

from django.utils import timezone
from xlsxwriter import Workbook

from entry.excel.form_sheet import INVENTED
from japanese.calendar_days import day_label
from japanese.fiscal_years import full_label
from reviews.models import Edition, EditionFile, Erratum
from tables.print_setup import A4, LEAST_SCALE, Paper, Printed, set_up
from tables.sheet_cells import (
    FONT_SIZE,
    HEADER_FILL,
    CellWriter,
    column_width,
    in_rows,
    letter_size,
    printed_workbook,
    row_height,
    width_in_points,
)

HEADERS = ("番号", "箇所", "誤", "正", "日付", "理由")
_SHARES = (2, 8, 10, 10, 6, 10)
"""How the columns share the width of the page."""

CONTINUED = "続き"
"""Replaces the number where an entry continues in another row."""

_PAPER = Paper(A4)
_TITLE_SIZE = 14


def errata_name(edition: Edition) -> str:
    """Return the name of the file: 検証調書_第2号_正誤表.xlsx."""
    return f"検証調書_第{edition.number}号_正誤表.xlsx"


def errata_workbook(edition: Edition) -> bytes:
    """Return the 正誤表 of an edition as a workbook: the same entries give the same bytes."""
    errata = list(edition.errata.order_by("number"))
    file = io.BytesIO()
    with printed_workbook(file) as workbook:
        title = errata_name(edition).removesuffix(".xlsx")
        workbook.set_properties({"title": title, "created": _last_change(edition, errata)})
        _write(workbook, edition, errata)
    return file.getvalue()


def _write(workbook: Workbook, edition: Edition, errata: Sequence[Erratum]) -> None:
    """Write the table below the name of the edition, one A4 page wide."""
    sheet = workbook.add_worksheet("正誤表")
    writer = CellWriter(workbook, sheet, text_wrap=True, valign="top")
    room = _PAPER.characters(len(HEADERS)) * LEAST_SCALE / 100
    widths = [room * share / sum(_SHARES) for share in _SHARES]
    year = full_label(edition.fiscal_year_id)
    about: list[tuple[str, dict[str, Any]]] = [
        (
            f"検証調書 第{edition.number}号（{year}実績）正誤表",
            {"bold": True, "font_size": _TITLE_SIZE},
        ),
        (
            f"{edition.strategy}　決裁日：{day_label(edition.decided_on)}"
            f"　文書番号：{edition.document_number}",
            {},
        ),
    ]
    if edition.strategy.invented:
        about.append((INVENTED, {"bold": True}))
    heights = []
    for row, (text, look) in enumerate(about):
        writer.text(row, 0, text, text_wrap=False, **look)
        heights.append(row_height([], letter_size(look.get("font_size", FONT_SIZE))))
    for column, header in enumerate(HEADERS):
        writer.text(len(about), column, header, bold=True, border=1, bg_color=HEADER_FILL)
    heights.append(row_height([]))
    for one in errata:
        day = day_label(one.entered_on).replace("（", "\n（")
        cells = (str(one.number), one.place, one.wrong, one.right, day, one.reason)
        for pieces in _rows_of(cells, widths):
            for column, text in enumerate(pieces):
                writer.text(len(heights), column, text, border=1)
            heights.append(row_height(zip(pieces, widths, strict=True)))
    for row, height in enumerate(heights):
        sheet.set_row(row, height)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, column_width(width))
    set_up(
        sheet,
        Printed(
            paper=_PAPER,
            widths=[width_in_points(width) for width in widths],
            repeated_rows=len(about) + 1,
        ),
    )
    sheet.print_area(0, 0, len(heights) - 1, len(HEADERS) - 1)
    sheet.set_footer("&C&A　&P / &N ページ")


def _rows_of(cells: Sequence[str], widths: Sequence[float]) -> Iterator[Sequence[str]]:
    """Yield the cells of an entry in as many rows as its longest text needs to be seen in full."""
    pieces = [in_rows(text, width) for text, width in zip(cells, widths, strict=True)]
    for number, row in enumerate(zip_longest(*pieces, fillvalue="")):
        yield row if number == 0 else (CONTINUED, *row[1:])


def with_errata(file: EditionFile) -> bytes:
    """Return a ZIP with a file of an edition, unchanged, and the 正誤表 beside it."""
    edition = file.edition
    made = _last_change(edition, list(edition.errata.all())).timetuple()[:6]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in (
            (file.name, bytes(file.content)),
            (errata_name(edition), errata_workbook(edition)),
        ):
            part = zipfile.ZipInfo(name, made)
            part.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(part, content)
    return archive.getvalue()


def _last_change(edition: Edition, errata: Sequence[Erratum]) -> datetime:
    """Return when the newest entry was made, or the edition without any; no time zone."""
    days = [datetime.combine(one.entered_on, datetime.min.time()) for one in errata]
    return max(days, default=timezone.make_naive(edition.fixed_at))
