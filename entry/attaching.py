"""根拠資料 in the rows of the entry grid: the files of each, and attaching more without leaving it.

Attaching neither saves nor loses the values that are being typed: the form includes them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from accounts import access
from entry.grid import GridRow
from indicators.evidence import files as evidence_files
from indicators.evidence.lists import present_by_indicator
from indicators.models import Evidence, FiscalYear, Indicator


@dataclass(frozen=True)
class Attaching:
    """The files of a row. `is_asked`: the row has a field for files, with its `problems`."""

    files: Sequence[Evidence] = ()
    may_change_files: bool = False
    is_asked: bool = False
    problems: Sequence[str] = ()


def with_files(
    rows: Iterable[GridRow], year: FiscalYear | None, user: Any, asked: GridRow | None = None
) -> list[GridRow]:
    """Return the rows with their files; needs one query. `asked` keeps what it has."""
    rows = list(rows)
    if year is None:
        return rows
    files = present_by_indicator(year.pk, [row.pk for row in rows])
    found = []
    for row in rows:
        attaching = Attaching(files.get(row.pk, ()), may_change_files_of_row(row, year, user))
        if asked is not None and row.pk == asked.pk:
            attaching = replace(attaching, is_asked=True, problems=asked.attaching.problems)
        found.append(replace(row, attaching=attaching))
    return found


def may_change_files_of_row(row: GridRow, year: FiscalYear, user: Any) -> bool:
    """Return whether a user may attach files to the value of a row."""
    return access.may_change_evidence(
        user,
        row.row.indicator.entering_id,
        entry_is_open=year.entry_is_open,
        is_confirmed=row.is_confirmed,
    )


def attach(
    files: Sequence[UploadedFile], indicator: Indicator, fiscal_year: int, *, by: Any
) -> tuple[str, list[str]]:
    """Attach files to a value; return what was done, "" for nothing, and why they were refused."""
    try:
        added = evidence_files.add(files, indicator, fiscal_year, by=by)
    except evidence_files.EvidenceError as error:
        return "", error.messages
    if not added:
        return "選んだファイルは、添付してあります。", []
    return f"根拠資料を{len(added)}件添付しました。", []
