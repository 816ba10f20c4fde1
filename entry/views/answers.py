"""回答と確認: the values of a year by state, and the steps to the next state."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts import access
from accounts.decorators import allowed
from entry.answer_rows import AnswerRow, answer_rows
from entry.answer_status import STATE_COLUMNS, STATES
from entry.answer_steps import (
    ALL,
    NOTHING_ASKED,
    TICK,
    Asked,
    Outcome,
    first_state,
    read_asked,
    reason_id,
    steps_for,
    take_value_step,
    typed_so_far,
)
from entry.pages import entry_context, state_of_entry, year_or_not_found
from entry.views.answer_form import AnswerFilter, answer_form
from indicators.models import Actual, FiscalYear
from indicators.rules.narrowing_types import given
from japanese.row_numbers import row_number
from plans.pages import Link


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(access.may_follow_entry)
def entry_answer(request: HttpRequest, fiscal_year: int) -> HttpResponse:
    """Show the values that wait for the user; a POST moves the ticked ones."""
    year = year_or_not_found(fiscal_year)
    shown = _filter(request)
    rows = answer_rows(year.pk, request.user)
    asked, outcome = NOTHING_ASKED, Outcome()
    if request.method == "POST":
        if not access.may_enter_anything(request.user):
            raise PermissionDenied
        if TICK in request.POST:
            asked = typed_so_far(request.POST)
            if request.POST[TICK] != "all":
                asked.selected = {}
            return render(
                request, "entry/answer.html", _context(request, year, shown, rows, asked, outcome)
            )
        asked = read_asked(request.POST, steps_for(request.user, shown.state), timezone.localdate())
        if not asked.problems:
            outcome = take_value_step(asked, rows, by=request.user)
            if not outcome.problems:
                _say(request, asked, outcome)
                return redirect(f"{request.path}?{shown.query()}")
            rows = answer_rows(year.pk, request.user)
    return render(
        request, "entry/answer.html", _context(request, year, shown, rows, asked, outcome)
    )


def _filter(request: HttpRequest) -> AnswerFilter:
    """Return the filter in the address; invalid parameters are ignored."""
    state = request.GET.get("state", "")
    return AnswerFilter(
        state=state if state in (*STATE_COLUMNS, ALL) else first_state(request.user),
        section_id=row_number(request.GET.get("section", "")),
    )


def _say(request: HttpRequest, asked: Asked, outcome: Outcome) -> None:
    if outcome.moved:
        label = Actual.State(given(asked.step).to).label
        messages.success(request, f"{outcome.moved}件を「{label}」にしました。")
    if outcome.left_out:
        messages.warning(
            request,
            f"自分で入力した{outcome.left_out}件は、確認していません。"
            "企画担当のほかの人が確認します。",
        )


def _context(
    request: HttpRequest,
    year: FiscalYear,
    shown: AnswerFilter,
    rows: list[AnswerRow],
    asked: Asked,
    outcome: Outcome,
) -> dict[str, Any]:
    names = {reason_id(row.row.stored.pk): f"{row.row.name}：" for row in rows if row.row.stored}
    problems = [(f"#{field}", names.get(field, "") + text) for field, text in asked.problems]
    for problem in outcome.problems:
        problems.append((f"#value-{outcome.ids[problem.index]}", problem.message))
    return entry_context(
        request,
        "回答と確認",
        year,
        tabs=_tabs(request.path, shown, rows),
        sections=_section_links(request.path, shown, rows),
        has_rows=bool(rows),
        state_of_entry=state_of_entry(year, request.user),
        problems=problems,
        **answer_form(request, year, shown, rows, asked),
    )


def _tabs(path: str, shown: AnswerFilter, rows: list[AnswerRow]) -> list[tuple[Link, int]]:
    """Return a link for each state with its number of values in the chosen section."""
    of_section = [row for row in rows if shown.of_section(row)]
    counts = {state: sum(row.state == state for row in of_section) for state in STATE_COLUMNS}
    counts[ALL] = len(of_section)
    labels = {state: STATES[state] for state in STATE_COLUMNS} | {ALL: "すべて"}
    return [
        (Link(label, f"{path}?{shown.query(state=state)}", state == shown.state), counts[state])
        for state, label in labels.items()
    ]


def _section_links(path: str, shown: AnswerFilter, rows: list[AnswerRow]) -> list[tuple[Link, int]]:
    """Return a link for each section with values in the chosen state; [] for only one."""
    names = {row.row.indicator.entered_by_id: row.row.indicator.entered_by for row in rows}
    if len(names) < 2:
        return []
    counts = {
        pk: sum(AnswerFilter(shown.state, pk).covers(row) for row in rows) for pk in (None, *names)
    }
    labels = {None: "すべての課"} | names
    return [
        (Link(label, f"{path}?{shown.query(section=pk)}", pk == shown.section_id), counts[pk])
        for pk, label in labels.items()
        if counts[pk] or pk in (None, shown.section_id)
    ]
