"""The listings of the same indicator in other plans, for the page of a listing and its chart."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from indicators.listing_rows import ListingRow, listing_rows
from indicators.plan_states import PlanState
from indicators.rules.targets import Period
from indicators.rules.terms import Kind
from japanese.fiscal_years import era_label
from plans.chooser import about_plan
from plans.nodes import ListingNode, OtherPlan, StrategyTree
from plans.presentation import amount
from plans.value_addresses import listing_address

COMPARABLE = frozenset({Kind.LEVEL, Kind.EVERY_YEAR, Kind.RESTRAINT})
"""Kinds whose target can be compared with a single value of any year: what a plan sums begins with
its own first year, and a milestone is reached or not."""


@dataclass(frozen=True)
class ListingElsewhere:
    """A listing in another plan; `about` has the period and state of that plan in words.

    `target` is in the unit of the indicator, to be reached by the year `due`; None if it cannot be
    compared with yearly values or if its reading is unconfirmed. `shown_target` is the same as
    text, "" for None. `years` are those in which it holds: a revision may have set it. `url` leads
    to the shown year if that plan has it, and `last_url` to the last year of that plan.
    """

    plan: str
    about: str
    period: Period
    years: range
    name: str
    sentence: str
    target: Decimal | None
    due: int
    shown_target: str
    url: str
    last_url: str

    @property
    def last_label(self) -> str:
        """The last year of that plan: 令和6年度."""
        return era_label(self.period.last)


def listings_elsewhere(tree: StrategyTree, listing: ListingNode) -> list[ListingElsewhere]:
    """Return the listings of the indicator in the other plans of the tree, newest plan first.

    One query, none where the plan is the only one. Views of a past day have none, because today's
    rows do not say what was listed then.
    """
    return _found(tree, [listing], tree.others).get(listing.indicator.pk, [])


def published_elsewhere(tree: StrategyTree) -> dict[int, list[ListingElsewhere]]:
    """Return the same for all listings of a tree, by indicator id, for papers: without drafts."""
    published = [plan for plan in tree.others if plan.state != PlanState.DRAFT]
    return _found(tree, tree.listings, published)


def _found(
    tree: StrategyTree, listings: Sequence[ListingNode], others: Sequence[OtherPlan]
) -> dict[int, list[ListingElsewhere]]:
    if not others or tree.as_of is not None:
        return {}
    by_pk = {listing.indicator.pk: listing for listing in listings}
    # The tree has drafts only for users who may see them.
    plans = {plan.code: plan for plan in others}
    return {
        pk: [
            _elsewhere(tree, by_pk[pk], plan, row)
            for row in rows
            if (plan := plans.get(row.plan_code))
        ]
        for pk, rows in listing_rows(indicator_ids=[*by_pk], drafts=True).items()
    }


def _years_of_target(plan: OtherPlan, row: ListingRow) -> range:
    first = max(plan.period.first, row.from_year or 0, row.first_year or 0)
    last = plan.period.last if row.last_year is None else min(plan.period.last, row.last_year)
    return range(first, last + 1)


def _elsewhere(
    tree: StrategyTree, listing: ListingNode, plan: OtherPlan, row: ListingRow
) -> ListingElsewhere:
    address = listing_address(row)
    due = row.target_year or plan.period.last
    is_drawn = row.confirmed_at is not None and row.kind in COMPARABLE
    years = _years_of_target(plan, row)
    target = row.target if is_drawn and years else None
    return ListingElsewhere(
        plan=plan.title,
        about=about_plan(plan.period, plan.state),
        period=plan.period,
        years=years,
        name=row.name,
        sentence=row.sentence,
        target=target,
        due=due,
        shown_target="" if target is None else f"{amount(listing, target)}（{era_label(due)}）",
        url=f"{address}?year={tree.fiscal_year}" if tree.fiscal_year in plan.period else address,
        last_url=f"{address}?year={plan.period.last}",
    )
