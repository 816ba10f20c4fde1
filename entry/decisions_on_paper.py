"""What a decision on paper (決裁) covered, and whether that has changed since.

The head stamps a printed 実績報告書. A value that was changed or returned after that day, or whose
indicator was renamed or is counted otherwise, is not what the head decided.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any

from django.utils import timezone

from entry.year_rows import YearRow
from indicators.models import Actual, Indicator
from indicators.rules.narrowing_types import given
from japanese.calendar_days import era_day
from trail.history import end_of

PRINTED = {
    "name": "指標名",
    "unit": "単位",
    "display_unit": "表示単位",
    "moment": "値の時点",
}
"""The fields of an indicator that say on paper what its value means."""


def changed_after(day: date, rows: Collection[YearRow]) -> Mapping[int, str]:
    """Return, by the id of the value, why a decision of `day` does not hold for it.

    `rows` have values. Needs two queries, however many they are.
    """
    ids = {given(row.stored).pk: row for row in rows}
    returned = _returned_after(day, ids)
    renamed = _renamed_after(day, {row.indicator.pk for row in rows})
    return {
        pk: f"「{row.name}」は、決裁日（{era_day(day)}）の後の{happened}"
        "内容を確かめて改めて決裁を受け、その日を入力してください。"
        for pk, row in ids.items()
        if (happened := _happened(day, row, returned.get(pk), renamed.get(row.indicator.pk)))
    }


def _happened(
    day: date, row: YearRow, returned: date | None, renamed: tuple[date, str] | None
) -> str:
    changed = timezone.localdate(given(row.stored).entered_at)
    if changed > day:
        return f"{era_day(changed)}に変更されています。"
    if returned:
        return f"{era_day(returned)}に差し戻されています。"
    return f"{era_day(renamed[0])}に{renamed[1]}が変更されています。" if renamed else ""


def _returned_after(day: date, ids: Collection[int]) -> dict[int, date]:
    """Return the day of the last return after `day`, by the id of the value."""
    rows = Actual.history.filter(
        id__in=ids, state=Actual.State.RETURNED, history_date__gte=end_of(day)
    )
    return {row.id: timezone.localdate(row.history_date) for row in rows.order_by("history_id")}


def _renamed_after(day: date, ids: Collection[int]) -> dict[int, tuple[date, str]]:
    """Return day and field of the last change after `day` of what is printed, by indicator."""
    return {
        record.id: (changed_on, label)
        for record, label in _changes(Indicator.history.filter(id__in=ids).order_by("history_id"))
        if (changed_on := timezone.localdate(record.history_date)) > day
    }


def _changes(records: Collection[Any]) -> Iterator[tuple[Any, str]]:
    """Yield the history rows that changed something printed, with the name of that field."""
    before: dict[int, Any] = {}
    for record in records:
        last = before.get(record.id)
        before[record.id] = record
        for name, label in PRINTED.items():
            if last is not None and getattr(record, name) != getattr(last, name):
                yield record, label
