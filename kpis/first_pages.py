"""The first pages of those who plan and of those who enter; of readers it is the overview.

nemuro_strategy/first_pages.py says whose page is which.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from accounts import access
from accounts.roles import Role
from accounts.sections import names_in
from goals.models import Strategy
from indicators.fiscal_years import era_label
from indicators.models import Actual, Indicator
from kpis.answers import MISSING, answer_names, answer_state
from kpis.entry_years import EntryYear, entry_year
from kpis.nodes import ListingNode, StrategyTree
from kpis.overview import answers_of, open_matters
from kpis.pages import page_context, tree_for
from kpis.presentation import value_of_year
from kpis.standing import standing_of
from kpis.tree import NEWEST


def planning(request: HttpRequest, strategies: Sequence[Strategy]) -> HttpResponse:
    """企画担当: what needs a decision, and how far the sections have come."""
    entered, tree = _entered_tree(request, strategies)
    names, answers = answers_of(tree)
    context = page_context(
        request,
        tree,
        heading="企画担当の最初の画面",
        entry_sentence=entered.sentence(timezone.localdate()),
        standing=standing_of(tree, tree.listings),
        matters=open_matters(tree),
        state_names=names,
        answers=answers,
    )
    return render(request, "kpis/first_page_of_planning.html", context)


@dataclass(frozen=True)
class EntryRow:
    """An indicator of a section, to be entered: texts, "" where nothing was entered."""

    listing: ListingNode
    before: str
    value: str
    state: str
    state_name: str
    memo: str
    entry_url: str


# What comes first in the list of a clerk, and in that of a head.
URGENCY = {
    Role.CLERK: (Actual.State.RETURNED, MISSING, Actual.State.DRAFT, Actual.State.SUBMITTED),
    Role.HEAD: (Actual.State.SUBMITTED, Actual.State.RETURNED, MISSING, Actual.State.DRAFT),
}


def clerk(request: HttpRequest, strategies: Sequence[Strategy]) -> HttpResponse:
    """担当者: the indicators of the own sections, first what was handed back or is missing."""
    return _section_page(request, strategies, Role.CLERK)


def head(request: HttpRequest, strategies: Sequence[Strategy]) -> HttpResponse:
    """課長: the indicators of the own sections, first what waits for the head."""
    return _section_page(request, strategies, Role.HEAD)


def _section_page(request: HttpRequest, strategies: Sequence[Strategy], role: Role) -> HttpResponse:
    entered, tree = _entered_tree(request, strategies)
    sections = access.sections_of(request.user)
    is_entered = entered.is_open and tree.fiscal_year == entered.year
    rows = _entry_rows(tree, sections, may_enter=is_entered)
    order = [*map(str, URGENCY[role])]
    rows.sort(key=lambda row: order.index(row.state) if row.state in order else len(order))
    states = [(name, _count(rows, state)) for state, name in answer_names(tree.scale).items()]
    names = names_in(tree.fiscal_year)
    context = page_context(
        request,
        tree,
        heading=f"{era_label(tree.fiscal_year)}実績の入力",
        entry_sentence=entered.sentence(timezone.localdate()),
        section_names=[name for pk, name in names.items() if pk in sections],
        before_label=era_label(tree.fiscal_year - 1),
        year_name=era_label(tree.fiscal_year),
        states=[(name, number) for name, number in states if number],
        rows=rows,
    )
    return render(request, "kpis/first_page_of_section.html", context)


def _count(rows: Sequence[EntryRow], state: str) -> int:
    return sum(row.state == state for row in rows)


def _entered_tree(
    request: HttpRequest, strategies: Sequence[Strategy]
) -> tuple[EntryYear, StrategyTree]:
    """Return the year that is entered, and the plan that covers it, judged for it.

    Where no plan covers it, or no year is open, it is the newest plan in its newest year.
    """
    entered = entry_year(timezone.localdate())
    covering = [plan for plan in strategies if entered.is_open and entered.year in plan.period]
    if covering:
        return entered, tree_for(request, covering[0].code, default=entered.year)
    return entered, tree_for(request, strategies[0].code, default=NEWEST)


def _entry_rows(tree: StrategyTree, sections: frozenset[int], *, may_enter: bool) -> list[EntryRow]:
    listings = [
        listing
        for listing in tree.listings
        if listing.first_listing and listing.indicator.entered_by_id in sections
    ]
    memos = _memos(listing.indicator.pk for listing in listings)
    names, year = answer_names(tree.scale), tree.fiscal_year
    return [
        EntryRow(
            listing=listing,
            before=value_of_year(listing, year - 1),
            value=value_of_year(listing, year),
            state=str(answer_state(listing)),
            state_name=names[answer_state(listing)],
            memo=memos.get(listing.indicator.pk, ""),
            entry_url=_entry_address(listing) if may_enter else "",
        )
        for listing in listings
    ]


def _memos(indicator_ids: Any) -> dict[int, str]:
    found = Indicator.objects.filter(pk__in=list(indicator_ids)).exclude(handover_memo="")
    return dict(found.order_by().values_list("pk", "handover_memo"))


def _entry_address(listing: ListingNode) -> str:
    return reverse("admin:indicators_indicator_change", args=[listing.indicator.pk])
