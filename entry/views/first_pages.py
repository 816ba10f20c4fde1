"""First pages of clerks, heads and planning; nemuro_strategy/first_pages.py chooses them."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from accounts import access
from accounts.sections import names_in
from entry.answer_rows import AnswerRow, answer_rows, sections_followed
from entry.answer_status import MISSING_STATE, STATES, year_status
from entry.current_years import CurrentYears, current_years, heading_of
from entry.pages import entry_context, stages_today, state_of_entry, year_label
from entry.views.answer_form import AnswerFilter, answer_form
from entry.views.status import status_table
from entry.waiting_texts import WaitingTexts, waiting_texts
from goals.models import Strategy
from indicators.duties import entering_section
from indicators.listing_rows import indicators_of_year
from indicators.models import Actual, FiscalYear
from indicators.rules.terms import NOT_REPORTED
from plans.nodes import StrategyTree
from plans.overview import open_matters
from plans.pages import Link, kept_query, tree_for
from plans.standing import standing_of

State = Actual.State

CLERKS_ORDER = (State.RETURNED, MISSING_STATE, State.DRAFT, State.SUBMITTED, State.ANSWERED)
"""The order of states on the clerk's page: the most urgent first."""


def clerk(request: HttpRequest, strategies: Sequence[Strategy]) -> HttpResponse:
    """担当者: what was handed back, what is missing, and the link to the grid."""
    current = _current(strategies)
    rows = _rows(request, current)
    order = {state: place for place, state in enumerate(CLERKS_ORDER)}
    rows.sort(key=lambda row: order.get(row.state, len(order)))
    counts = {state: sum(row.state == state for row in rows) for state in STATES}
    not_entered, returned = counts[MISSING_STATE], counts[State.RETURNED]
    context = _context(
        request,
        current,
        "入力",
        rows=rows,
        section_links=_section_links(request, current, rows),
        counts=[
            (NOT_REPORTED, not_entered, MISSING_STATE),
            ("差戻し", returned, State.RETURNED),
            ("入力済み", len(rows) - not_entered - returned, "all"),
        ],
        waiting=counts[State.DRAFT],
        waiting_texts=_waiting_texts(request, current, strategies, (State.RETURNED,)),
    )
    return render(request, "entry/first_clerk.html", context)


def head(request: HttpRequest, strategies: Sequence[Strategy]) -> HttpResponse:
    """課長: values that wait for the head, unusual ones first, with the buttons to answer them."""
    current = _current(strategies)
    rows = _rows(request, current)
    shown = AnswerFilter(State.SUBMITTED, None)
    context = _context(
        request,
        current,
        "確認と回答",
        rows=rows,
        section_links=_section_links(request, current, rows),
        counts=[
            (label, sum(row.state == state for row in rows), state)
            for state, label in STATES.items()
        ],
        waiting_texts=_waiting_texts(
            request, current, strategies, (State.SUBMITTED, State.RETURNED)
        ),
        **answer_form(request, current.year, shown, rows),
    )
    return render(request, "entry/first_head.html", context)


def planning(request: HttpRequest, strategies: Sequence[Strategy]) -> HttpResponse:
    """企画担当: the stage of the year, what waits for planning, who has answered."""
    current, today = _current(strategies), timezone.localdate()
    status = year_status(current.year, today)
    tree = _tree(request, strategies, current.year)
    context = _context(
        request,
        current,
        "取りまとめ",
        stages=stages_today(current.year, status, today),
        waiting=status.counts.of(State.ANSWERED),
        tree=tree,
        standing=standing_of(tree, tree.listings),
        overview_url=tree.base_url + kept_query(tree),
        matters=open_matters(tree),
        **status_table(status),
    )
    return render(request, "entry/first_planning.html", context)


def _tree(request: HttpRequest, strategies: Sequence[Strategy], year: FiscalYear) -> StrategyTree:
    """Return the plan that covers the year, judged for it; else the newest plan, newest year."""
    covering = [plan for plan in strategies if year.pk in plan.period]
    if covering:
        return tree_for(request, covering[0].code, year.pk)
    return tree_for(request, strategies[0].code)


def _current(strategies: Sequence[Strategy]) -> CurrentYears:
    periods = [plan.period for plan in strategies]
    return current_years(list(FiscalYear.objects.all()), periods, timezone.localdate())


def _others(current: CurrentYears, followed: frozenset[int] | None) -> list[FiscalYear]:
    """Return the other open years, for sections those in which they have something to enter."""
    if followed is None:
        return list(current.others)
    return [
        year
        for year in current.others
        if indicators_of_year(year.pk)
        .alias(entering=entering_section(year.pk))
        .filter(entering__in=followed)
        .exists()
    ]


def _waiting_texts(
    request: HttpRequest,
    current: CurrentYears,
    strategies: Sequence[Strategy],
    states: Sequence[str],
) -> list[WaitingTexts]:
    if not current.is_made:
        return []
    return waiting_texts(request.user, current.year.pk, strategies, states)


def _rows(request: HttpRequest, current: CurrentYears) -> list[AnswerRow]:
    return answer_rows(current.year.pk, request.user) if current.is_made else []


def _section_links(
    request: HttpRequest, current: CurrentYears, rows: Iterable[AnswerRow]
) -> list[Link]:
    """Return the pages of the user's own sections in the plans that list their indicators."""
    own = access.sections_of(request.user)
    found: dict[tuple[str, int], str] = {}
    for row in (one.row for one in rows):
        node = row.indicator
        names = {node.section_id: node.section, node.entered_by_id: node.entered_by}
        for listing in row.listings:
            if not listing.is_compared:
                found |= {(listing.plan_code, pk): names[pk] for pk in names if pk in own}
    query = {"year": current.year.pk}
    return [Link(name, reverse("section", args=key, query=query)) for key, name in found.items()]


def _context(request: HttpRequest, current: CurrentYears, what: str, **more: Any) -> dict[str, Any]:
    year, today = current.year, timezone.localdate()
    followed = sections_followed(request.user)
    names = names_in(year.pk)
    return entry_context(
        request,
        heading_of(year, what, today),
        year if current.is_made else None,
        **{
            "crumbs": [],
            "above": year_label(year),
            "is_made": current.is_made,
            "others": _others(current, followed),
            "section_names": [names[pk] for pk in names if followed is None or pk in followed],
            "state_of_entry": state_of_entry(year, request.user),
            **more,
        },
    )
