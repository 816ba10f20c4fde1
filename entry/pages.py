"""What the pages for entering a year share: the year and the links around it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from accounts import access
from entry.answer_status import YearStatus
from entry.grid_page import closed_message
from entry.recorded_stages import recorded_days
from goals.models import Strategy
from indicators.models import FiscalYear
from indicators.year_dates import DATE_NAMES, Stage, stages_of
from japanese.fiscal_years import era_label, full_label
from plans.pages import Link, PageNotFound


@dataclass(frozen=True)
class FormAddresses:
    """The addresses of an Excel form: asking for files, taking them in, marking, and the form."""

    start: str
    apply: str
    marked: str
    form: str

    @property
    def joined(self) -> str:
        """What comes between the address of the form and a parameter."""
        return "&" if "?" in self.form else "?"


def year_or_not_found(fiscal_year: int) -> FiscalYear:
    """Return the year. Raises PageNotFound if planning has not created it."""
    year = FiscalYear.objects.filter(pk=fiscal_year).first()
    if year is None:
        raise PageNotFound(
            f"{fiscal_year}年度は、まだ作られていません。年度を選び直してください。",
            [Link("年度の一覧へ", reverse("entry_years"))],
        )
    return year


def entry_context(
    request: HttpRequest, heading: str, year: FiscalYear | None = None, **more: Any
) -> dict[str, Any]:
    """Return the template context of an entry page, including `more`."""
    return {
        "heading": heading,
        "year": year,
        "above": year_label(year) if year else "",
        "invented": Strategy.objects.filter(invented=True).exists(),
        "crumbs": _crumbs(heading, year),
        "places": places_of_year(request, year) if year else [],
        **more,
    }


def year_label(year: FiscalYear) -> str:
    """Return the label with the year of data and the year of review.

    E.g. 令和元年度実績（令和2年度 効果検証）.
    """
    return f"{full_label(year.pk)}実績の入力と回答（{era_label(year.pk + 1)} 効果検証）"


def state_of_entry(year: FiscalYear, user: Any) -> str:
    """Return why sections cannot enter values now, and what the reader can do; "" if they can."""
    return closed_message(year.pk, year, may_change=access.may_change_closed_year(user))


def stages_today(year: FiscalYear, status: YearStatus, today: date) -> tuple[Stage, ...]:
    """Return the stages of a year as of `today`; `status` must cover all sections."""
    progress = status.counts.progress
    planned = {name: getattr(year, name) for name in DATE_NAMES}
    return stages_of(
        planned | recorded_days(year, progress),
        has_opened=year.entry_opened_on is not None or year.has_ended,
        has_ended=year.has_ended,
        progress=progress,
        today=today,
    )


def _crumbs(heading: str, year: FiscalYear | None) -> list[Link]:
    if year is None:
        return []
    return [
        Link("実績の入力", reverse("entry_years")),
        Link(full_label(year.pk), reverse("entry_status", args=[year.pk])),
        Link(heading),
    ]


def crumbs_of_grid(fiscal_year: int, year: FiscalYear | None) -> list[Link]:
    """Return the breadcrumbs for the entry grid, which exists even before the year is created."""
    if year is not None:
        return _crumbs("一覧で入力する", year)
    return [Link("実績の入力", reverse("entry_years")), Link(full_label(fiscal_year))]


def places_of_year(request: HttpRequest, year: FiscalYear) -> list[Link]:
    """Return links to the pages of one year that the user may open."""
    places = [
        ("一覧で入力する", "entry_grid", access.may_enter_anything),
        ("回答と確認", "entry_answer", access.may_follow_entry),
        ("回答状況", "entry_status", access.may_follow_entry),
        ("Excel様式", "entry_import", access.may_enter_anything),
        ("照会", "entry_inquiry", access.may_follow_entry),
        ("年度の設定", "entry_year", access.may_keep_years),
    ]
    links = []
    for text, name, may in places:
        if may(request.user):
            url = reverse(name, args=[year.pk])
            links.append(Link(text, url, request.path == url))
    return links
