"""回答状況: the progress of a year's values by department and section."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import access
from accounts.decorators import allowed
from entry.answer_rows import sections_followed
from entry.answer_status import STATE_COLUMNS, STATES, Counts, YearStatus, year_status
from entry.pages import entry_context, stages_today, state_of_entry, year_or_not_found


@require_safe
@allowed(access.may_follow_entry)
def entry_status(request: HttpRequest, fiscal_year: int) -> HttpResponse:
    """Show counts by department and section, each with a link to its values."""
    year = year_or_not_found(fiscal_year)
    today = timezone.localdate()
    whole = year_status(year, today)
    followed = sections_followed(request.user)
    status = whole if followed is None else year_status(year, today, section_ids=followed)
    context = entry_context(
        request,
        "回答状況",
        year,
        stages=stages_today(year, whole, today),
        state_of_entry=state_of_entry(year, request.user),
        **status_table(status),
    )
    return render(request, "entry/status.html", context)


def status_table(status: YearStatus) -> dict[str, Any]:
    """Return the context of the table of 回答状況."""
    return {
        "status": status,
        "columns": [STATES[state] for state in STATE_COLUMNS],
        "departments": [
            (name, [(section, _cells(section.counts)) for section in group])
            for name, group in status.departments
        ],
        "has_departments": any(name for name, _ in status.departments),
        "whole": _cells(status.counts),
    }


def _cells(counts: Counts) -> list[tuple[str, str, int]]:
    return [(state, STATES[state], counts.of(state)) for state in STATE_COLUMNS]
