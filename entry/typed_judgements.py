"""How the rows of the entry grid would be judged with the typed values.

The rules are those of the tree, which the other pages show: a typed value takes the place of the
stored one, and the listing is judged as ever.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from entry.grid import GridRow
from indicators.entries import REMARKS_ONLY, WITHDRAWN, Entry, value_of
from indicators.models import Actual
from indicators.rules.terms import Kind, band_of, mark_of_status
from plans.nodes import ActualNode, ListingNode
from plans.presentation import amount, deciding_figure
from plans.tree import read_tree


@dataclass(frozen=True)
class TypedJudgement:
    """The judgement of a row, as text: the figure that decides, the word, and the sum of a total.

    `band` is the class of its colour.
    """

    figure: str
    label: str
    band: str
    total: str


def with_judgements(rows: Sequence[GridRow], fiscal_year: int) -> list[GridRow]:
    """Return the rows with their judgements, as far as there are any."""
    found = judgements_of(rows, fiscal_year)
    return [replace(row, judgement=found.get(row.pk)) for row in rows]


def judgements_of(rows: Sequence[GridRow], fiscal_year: int) -> dict[int, TypedJudgement]:
    """Return the judgements by row; there is none where nothing is typed or it has faults.

    The number of queries does not depend on the number of rows.
    """
    listed = {row.pk: row for row in rows if row.row.is_listed}
    entries = {pk: entry for pk, row in listed.items() if (entry := _entry(row)) is not None}
    plans = {listed[pk].row.listings[0].plan_code for pk in entries}
    listings = {
        (plan, listing.model, listing.place): listing
        for plan in sorted(plans)
        for listing in read_tree(plan, fiscal_year).listings
    }
    return {
        pk: _judgement(_listing_of(listed[pk], listings), entry) for pk, entry in entries.items()
    }


def _entry(row: GridRow) -> Entry | None:
    """Return what the row says: the typed entry or, if nothing was changed, the stored value."""
    entry = row.entry if row.is_touched else row.unchanged_entry
    return None if entry is None or entry.availability in (WITHDRAWN, REMARKS_ONLY) else entry


def _listing_of(row: GridRow, listings: dict[tuple[str, str, str], ListingNode]) -> ListingNode:
    first = row.row.listings[0]
    return listings[first.plan_code, first.model, first.place]


def _judgement(listing: ListingNode, entry: Entry) -> TypedJudgement:
    year, indicator = listing.fiscal_year, listing.indicator
    actual = ActualNode(
        pk=0,
        fiscal_year=year,
        value=value_of(entry, indicator),
        availability=entry.availability,
        expected_month=entry.expected_month,
        provisional=entry.provisional,
        remarks=entry.remarks,
        state=Actual.State.DRAFT,
        grade=entry.grade,
    )
    typed = replace(indicator, actuals={**indicator.actuals, year: actual})
    judged, then = replace(listing, indicator=typed).assessment, listing.in_year(year)
    is_sum = listing.kind == Kind.TOTAL and not indicator.running_total
    total = amount(then, judged.value) if is_sum else ""
    return TypedJudgement(
        figure=deciding_figure(then, judged),
        label=f"{mark_of_status(judged.status, then.scale)} {judged.label}",
        band=band_of(judged.status).value,
        total=f"累計 {total}" if total else "",
    )
