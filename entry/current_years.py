"""The year that is being entered, and its heading."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from indicators.models import FiscalYear
from indicators.year_dates import day_from, time_left
from japanese.fiscal_years import era_label


@dataclass(frozen=True)
class CurrentYears:
    """The current year of work, and other years that are open for entry.

    `year` is not in the database (`is_made` is False) if planning has not created it yet.
    """

    year: FiscalYear
    is_made: bool
    others: tuple[FiscalYear, ...] = ()


def current_years(years: Sequence[FiscalYear], today: date) -> CurrentYears:
    """Return the newest year open for entry, else the fiscal year that ended last March.

    If that year has not been created yet, an unsaved one is returned, which counts as not begun.
    """
    is_open = sorted((year for year in years if year.entry_is_open), key=lambda year: -year.pk)
    if is_open:
        return CurrentYears(is_open[0], True, tuple(is_open[1:]))
    last = today.year - (1 if today.month >= 4 else 2)
    for year in years:
        if year.pk == last:
            return CurrentYears(year, True)
    return CurrentYears(FiscalYear(year=last), False)


def heading_of(year: FiscalYear, what: str, today: date) -> str:
    """Return 令和7年度実績の入力（回答期限6月30日、あと12日）; `what` is 入力, 確認 …"""
    name = f"{era_label(year.pk)}実績の{what}"
    if not year.entry_is_open or year.due_date is None:
        return name
    due = day_from(year.due_date, today)
    return f"{name}（回答期限{due}、{time_left(year.due_date, today)}）"


def due_line(year: FiscalYear | None, today: date) -> str:
    """Return 回答期限：6月30日（あと12日）; "" without a due date.

    The remaining days are included only while entry is open.
    """
    if year is None or year.due_date is None:
        return ""
    line = f"回答期限：{day_from(year.due_date, today)}"
    return f"{line}（{time_left(year.due_date, today)}）" if year.entry_is_open else line
