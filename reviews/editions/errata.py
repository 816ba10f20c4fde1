"""正誤表 as a file beside an edition, whose own files keep their bytes."""

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from reviews.models import Edition, EditionFile, Erratum
from tables.table_files import table_workbook, write_sheet

HEADERS = ("番号", "箇所", "誤", "正", "日付", "理由")
_WIDTHS = (4, 14, 22, 22, 8, 22)


def errata_name(edition: Edition) -> str:
    """Return the name of the file: 検証調書_第2号_正誤表.xlsx."""
    return f"検証調書_第{edition.number}号_正誤表.xlsx"


def errata_workbook(edition: Edition) -> bytes:
    """Return the 正誤表 of an edition as a workbook: the same entries give the same bytes."""
    errata = list(edition.errata.order_by("number"))
    rows = [
        (one.number, one.place, one.wrong, one.right, one.entered_on.isoformat(), one.reason)
        for one in errata
    ]
    file = io.BytesIO()
    title, made = errata_name(edition).removesuffix(".xlsx"), _last_change(edition, errata)
    with table_workbook(file, title, small=True, created=made) as workbook:
        write_sheet(workbook, "正誤表", HEADERS, rows, widths=_WIDTHS)
    return file.getvalue()


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
