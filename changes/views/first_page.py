"""The first page of auditors; nemuro_strategy/first_pages.py chooses first pages."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from changes.history_rows import Conditions, find
from changes.past_changes import read_changes
from changes.unexplained_moves import all_moves, describe
from changes.value_records import without_evidence
from changes.watch_lists import WATCH_LISTS
from goals.models import Strategy
from plans.pages import page_context, report_links, tree_for
from plans.standing import standing_of
from plans.value_addresses import listing_addresses, value_address

AT_MOST = 5
"""The most rows of each list on the page; a link shows the rest."""


def auditor(request: HttpRequest, strategies: Sequence[Strategy]) -> HttpResponse:
    """監査担当: the year; what to watch: values without 根拠資料, changed late, or moved much."""
    tree = tree_for(request, strategies[0].code)
    places = find(Conditions(after_confirmation=True))
    changed = read_changes(places[:AT_MOST])
    moves = all_moves()
    shown = describe(moves[:AT_MOST])
    unproven = without_evidence(tree)
    of_changes = {change.indicator_id for change in changed if change.indicator_id}
    addresses = listing_addresses(of_changes | {move.indicator_id for move in shown})

    def address(indicator_id: int | None, fiscal_year: int | None) -> str:
        listing = addresses.get(indicator_id or 0, "")
        return value_address(listing, fiscal_year) if listing and fiscal_year else ""

    context = page_context(
        request,
        tree,
        heading="監査担当の最初の画面",
        standing=standing_of(tree, tree.listings),
        report=report_links(tree),
        unproven=unproven[:AT_MOST],
        count_unproven=len(unproven),
        changes=[(one, address(one.indicator_id, one.fiscal_year)) for one in changed],
        count_after_confirmation=places.count(),
        moves=[(one, address(one.indicator_id, one.fiscal_year)) for one in shown],
        count_moves=len(moves),
        watched=[(one, one.rows[:AT_MOST]) for one in (make(tree.code) for make in WATCH_LISTS)],
        today=timezone.localdate(),
    )
    return render(request, "changes/first_page_of_auditor.html", context)
