"""The list of values with check boxes and buttons, for 回答と確認 and the head's first page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from entry.answer_rows import AnswerRow
from entry.answer_status import STATES
from entry.answer_steps import ALL, NOTHING_ASKED, TICK, Asked, reason_id, steps_for
from indicators.models import FiscalYear


@dataclass(frozen=True)
class AnswerFilter:
    """The filter of the list: one state (or ALL), one section (None: all that the user follows)."""

    state: str
    section_id: int | None

    def query(self, **other: Any) -> str:
        """Return the filter as a query string, with the parameters `other` replaced."""
        wanted = {"state": self.state, "section": self.section_id} | other
        return urlencode({name: value for name, value in wanted.items() if value is not None})

    def covers(self, row: AnswerRow) -> bool:
        """Whether a row is of this section and state."""
        return self.of_section(row) and self.state in (ALL, row.state)

    def of_section(self, row: AnswerRow) -> bool:
        """Whether a row is of this section."""
        return self.section_id in (None, row.row.indicator.entered_by_id)


def answer_form(
    request: HttpRequest,
    year: FiscalYear,
    shown: AnswerFilter,
    rows: Sequence[AnswerRow],
    asked: Asked = NOTHING_ASKED,
) -> dict[str, Any]:
    """Return the context of the list; `rows` are all values that the user follows.

    ?all=on ticks all values shown; so does the button TICK, and what was typed stays. `asked` is a
    submitted form with which nothing was done.
    """
    problem_of = dict(asked.problems)
    found = [_with_reason(row, asked, problem_of) for row in rows if shown.covers(row)]
    steps = steps_for(request.user, shown.state)
    every = request.GET.get("all") == "on"
    if request.method == "POST":
        every = request.POST.get(TICK) == "all"
    sent = {f"{pk}:{version}" for pk, version in asked.selected.items()}
    url = f"{reverse('entry_answer', args=[year.pk])}?"
    return {
        "shown": shown,
        "state_label": STATES.get(shown.state, "すべて"),
        "tables": _tables(found),
        "steps": steps,
        "every": every,
        "selected": {row.key for row in found} if every else sent,
        "tick": TICK,
        "asked": asked,
        "problem_of": problem_of,
        "returns": any(step.needs_reason for step in steps),
        "answer_url": url + shown.query(),
        "report_url": _report_url(year, shown),
    }


def _with_reason(row: AnswerRow, asked: Asked, problem_of: dict[str, str]) -> AnswerRow:
    """Return the row with what was typed as the reason for returning it."""
    if row.row.stored is None:
        return row
    pk = row.row.stored.pk
    return replace(
        row, reason=asked.reasons.get(pk, ""), reason_problem=problem_of.get(reason_id(pk), "")
    )


def _tables(found: list[AnswerRow]) -> list[tuple[str, list[AnswerRow]]]:
    """Return the rows in two tables, the unusual ones first."""
    unusual = [row for row in found if row.is_unusual]
    usual = [row for row in found if not row.is_unusual]
    tables = [("先に確かめるもの", unusual), ("いつもと変わらないもの" if unusual else "", usual)]
    return [(title, rows) for title, rows in tables if rows]


def _report_url(year: FiscalYear, shown: AnswerFilter) -> str:
    section = f"?section={shown.section_id}" if shown.section_id else ""
    return reverse("entry_report", args=[year.pk]) + section
