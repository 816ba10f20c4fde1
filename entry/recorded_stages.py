"""The days on which the stages of a year were taken, as they are recorded.

What planning typed on the year comes first. Upper apps register what they record themselves.
"""

from collections.abc import Callable
from datetime import date

from django.db.models import Max
from django.utils import timezone

from indicators.models import Actual, FiscalYear
from indicators.year_dates import RECORDED, Progress

TakenOn = Callable[[FiscalYear], date | None]

_records: dict[str, TakenOn] = {}


def register_stage_record(field: str, taken_on: TakenOn) -> None:
    """Have a field of RECORDED that planning left empty answered by what another app records.

    `taken_on` returns the day, None while the stage is not done; at most two queries.
    """
    _records[field] = taken_on


def recorded_days(year: FiscalYear, progress: Progress) -> dict[str, date | None]:
    """Return the days on which the stages of a year were taken, by the fields of RECORDED.

    Also that of 照会 (`opened_on`), 回答 (`answered_on`) and 確認 (`confirmed_on`). A day is None
    where nothing is recorded.
    """
    return {
        "opened_on": year.entry_opened_on,
        "answered_on": _answered_on(year, progress),
        "confirmed_on": _confirmed_on(year) if progress.all_confirmed else None,
        **{name: getattr(year, name) or _recorded_elsewhere(name, year) for name in RECORDED},
    }


def _recorded_elsewhere(name: str, year: FiscalYear) -> date | None:
    taken_on = _records.get(name)
    return taken_on(year) if taken_on else None


def _answered_on(year: FiscalYear, progress: Progress) -> date | None:
    """Return when the last value was answered; while some are not, when entry ended."""
    if not progress.all_answered:
        return year.entry_ended_on
    answered = Actual.history.filter(fiscal_year=year.pk, state=Actual.State.ANSWERED)
    moment = answered.aggregate(last=Max("history_date"))["last"]
    return timezone.localdate(moment) if moment else year.entry_ended_on


def _confirmed_on(year: FiscalYear) -> date | None:
    confirmed = Actual.objects.filter(fiscal_year=year.pk, state=Actual.State.CONFIRMED)
    moment = confirmed.aggregate(last=Max("confirmed_at"))["last"]
    return timezone.localdate(moment) if moment else None
