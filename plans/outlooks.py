"""見込み as pages show it: of one listing, and counted over many."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from goals.models import NumericTargetOutlook
from indicators.rules.narrowing_types import given
from indicators.rules.outlook import LOOKING_AHEAD, OutlookState
from indicators.rules.terms import Kind
from japanese.fiscal_years import full_label
from japanese.numerals import needed_decimals
from kpis.models import KPIOutlook
from plans.counting import count_listings
from plans.nodes import NUMERIC_TARGET, ListingNode, StrategyTree
from plans.pages import list_address
from plans.presentation import amount
from plans.standing import LinkedCount

OUTLOOK_RULE = (
    "これまでの実績がこのまま続いた場合の計算です。期末水準は計画期間の最初の値からの1年度あたりの"
    "平均の変化を、期間累計はこれまでの1年度あたりの平均を、残りの年度に当てはめます。判定には用いません。"
)


@dataclass(frozen=True)
class ShownOutlook:
    """The outlook of a listing for its page; `notes` are caveats about the values it counts."""

    year_label: str
    state: str
    label: str
    explanation: str
    notes: tuple[str, ...]
    rule: str


@dataclass(frozen=True)
class ShownPlanningOutlook:
    """企画の見込み as shown: as of which year, value, words, and who wrote it when."""

    year_label: str
    value: str
    text: str
    written_by: str
    written_at: datetime | None


@dataclass(frozen=True)
class OutlookCount:
    """The number of listings with a state of outlook, with the address of their list."""

    state: str
    counted: LinkedCount


def shown_outlook(listing: ListingNode) -> ShownOutlook | None:
    """Return the outlook as of the tree's year; None from the year of the target on."""
    found = listing.outlook
    if found.state == OutlookState.OVER:
        return None
    has_value = found.value is not None
    return ShownOutlook(
        year_label=full_label(found.due_year),
        state=found.state.value,
        label=found.state.label,
        explanation=found.explanation,
        notes=tuple(_notes(listing)) if has_value else (),
        rule=OUTLOOK_RULE if has_value else "",
    )


def shown_planning_outlook(listing: ListingNode) -> ShownPlanningOutlook | None:
    """Return the newest 企画の見込み; None without one and from the year of the target on.

    The author is not part of the tree: only the page of a listing shows it.
    """
    found = listing.planning_outlook
    if found is None or listing.outlook.state == OutlookState.OVER:
        return None
    model = NumericTargetOutlook if listing.model == NUMERIC_TARGET else KPIOutlook
    same = {"id": found.pk, "value": found.value, "text": found.text}
    last = model.history.filter(**same).order_by("-history_id").select_related("history_user")
    change = last.first()
    writer = change and change.history_user
    return ShownPlanningOutlook(
        year_label=full_label(found.fiscal_year),
        value="" if found.value is None else _amount(listing, found.value),
        text=found.text,
        written_by=(writer.full_name or writer.username) if writer else "",
        written_at=change and change.history_date,
    )


def _amount(listing: ListingNode, value: Decimal) -> str:
    factor = listing.indicator.display_factor
    least = listing.indicator.decimals if factor == 1 else 0
    return amount(listing, value, max(least, needed_decimals(value)))


def _notes(listing: ListingNode) -> Iterable[str]:
    """Yield notes on values that count and may still change: all of a sum, both ends of a level."""
    basis, indicator = given(listing.outlook.basis_year), listing.indicator
    years = [year for year in sorted(indicator.values) if year in listing.period and year <= basis]
    if listing.kind != Kind.TOTAL:
        years = [years[0], years[-1]]
    elif indicator.running_total:
        years = years[-1:]
    if any(indicator.actuals[year].provisional for year in years):
        yield "速報値を含む"
    if not all(indicator.actuals[year].is_confirmed for year in years):
        yield "未確認を含む"


def count_outlooks(
    tree: StrategyTree, listings: Sequence[ListingNode], **conditions: object
) -> tuple[OutlookCount, ...]:
    """Return the counts by state, zero included; none where no listing looks ahead.

    `conditions` are the parameters of plans/selection.py that select these listings.
    """
    by_state: dict[OutlookState, list[ListingNode]] = {state: [] for state in OutlookState}
    for listing in listings:
        by_state[listing.outlook.state].append(listing)
    if not any(by_state[state] for state in LOOKING_AHEAD):
        return ()
    return tuple(
        OutlookCount(
            state.value,
            LinkedCount(
                state.label,
                count_listings(by_state[state]),
                list_address(tree, **conditions, outlook=state.value),
            ),
        )
        for state in LOOKING_AHEAD
    )
