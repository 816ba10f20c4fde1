"""The year that is being entered, the year to be made next, and headings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from indicators.models import FiscalYear
from indicators.rules.targets import Period
from indicators.year_dates import day_from, time_left
from japanese.fiscal_years import era_label, fiscal_year_of


@dataclass(frozen=True)
class CurrentYears:
    """The current year of work, and other years that are open for entry.

    `year` is not in the database (`is_made` is False) if planning has not created it yet.
    """

    year: FiscalYear
    is_made: bool
    others: tuple[FiscalYear, ...] = ()


def current_years(
    years: Sequence[FiscalYear], periods: Sequence[Period], today: date
) -> CurrentYears:
    """Return the newest year open for entry, else the fiscal year that ended last March.

    It is a year of a plan: in an open year of no plan there is nothing to enter, and where no plan
    covers the year that ended last March, the nearest year of a plan is taken. If that year has not
    been created yet, an unsaved one is returned, which counts as not begun.
    """
    is_open = sorted((year for year in years if year.entry_is_open), key=lambda year: -year.pk)
    of_plans = [year for year in is_open if any(year.pk in period for period in periods)]
    if of_plans:
        current = of_plans[0]
    else:
        wanted = nearest_year(periods, _ended_last(today))
        current = next((year for year in years if year.pk == wanted), FiscalYear(year=wanted))
    is_made = any(year is current for year in years)
    return CurrentYears(current, is_made, tuple(year for year in is_open if year is not current))


def year_to_make(years: Sequence[int], periods: Sequence[Period], today: date) -> int | None:
    """Return the year that planning will want to make next; None if nothing suggests one.

    For a running plan without a year it is the one that the first page speaks of: the year that
    ended last March or, if the plan begins later, its first year. Else it is the next year.
    """
    without = [period for period in periods if not any(year in period for year in years)]
    if without:
        return nearest_year(without, _ended_last(today))
    return max(years) + 1 if years else None


def nearest_year(periods: Sequence[Period], year: int) -> int:
    """Return the year, or the nearest one that a plan covers; the later of two."""
    covered = [min(max(year, period.first), period.last) for period in periods]
    return min(covered, key=lambda one: (abs(one - year), -one), default=year)


def _ended_last(today: date) -> int:
    """Return the fiscal year that ended last March."""
    return fiscal_year_of(today) - 1


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
