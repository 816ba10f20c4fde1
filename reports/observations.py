"""A strategy in long format, for machines: one value of one listing and year is one row.

By the government's rules for machine-readable data: values in the indicator's own unit, codes
beside words, western years beside Japanese ones, positions as numbers. What writes a file takes
`observations` from here and their cells from reports/observation_columns.py.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db.models import Max

from changes.value_records import Key, ValueRecord, value_records
from indicators.models import Actual
from indicators.rules.judgement import Assessment, expected_values
from indicators.rules.terms import BaselineKind, Kind, Scale, Status, status_word
from plans.nodes import ActualNode, GoalNode, ListingNode, MeasureNode, StrategyTree
from trail.history import as_it_stood


class ValueKind(StrEnum):
    """What the value of a row is."""

    BASELINE = "baseline"
    TARGET = "target"
    EXPECTED = "expected"
    ACTUAL = "actual"


VALUE_KIND_NAMES = {
    ValueKind.BASELINE: "基準",
    ValueKind.TARGET: "目標",
    ValueKind.EXPECTED: "目安",
    ValueKind.ACTUAL: "実績",
}

# Where a value comes from. The kinds of a baseline are those of BaselineKind.
ORIGIN_NAMES = {
    **{kind.value: kind.label for kind in BaselineKind},
    "plan": "計画",
    "yearly_target": "年度別目標値",
    "computed": "計算による目安値",
    "entered": "担当課の入力",
}
SPAN_NAMES = {"single_year": "単年度", "plan_to_date": "計画初年度からの累計"}
LISTING_NAMES = {"numerictarget": "数値目標", "kpi": "KPI"}
NOT_ENTERED = "not_entered"


@dataclass(frozen=True)
class Observation:
    """One value of one listing. `measure` is None for a 数値目標; `fiscal_year` where unknown.

    `actual`, `record` and `assessment` are those of the year: of 実績 only, the last within the
    plan only.
    """

    tree: StrategyTree
    goal: GoalNode
    measure: MeasureNode | None
    listing: ListingNode
    value_kind: ValueKind
    origin: str
    span: str
    fiscal_year: int | None
    value: Decimal | None
    actual: ActualNode | None = None
    record: ValueRecord | None = None
    assessment: Assessment | None = None


def observations(tree: StrategyTree) -> Iterator[Observation]:
    """Yield all values in the plan's order: of each listing 基準, 目標, 目安 and 実績 by year.

    実績 has a row for every year of the plan, whether it has a value or not, and for each year
    outside of it that has been entered. 基準 and 目安 have rows where there is a value. Who entered
    and confirmed the values is read here, in a constant number of queries.
    """
    records = value_records(tree)
    for goal in tree.goals:
        for listing in goal.numeric_targets:
            yield from _of_listing(tree, goal, None, listing, records)
        for measure in goal.measures:
            for listing in measure.kpis:
                yield from _of_listing(tree, goal, measure, listing, records)


def _of_listing(
    tree: StrategyTree,
    goal: GoalNode,
    measure: MeasureNode | None,
    listing: ListingNode,
    records: Mapping[Key, ValueRecord],
) -> Iterator[Observation]:
    adds_up = listing.kind == Kind.TOTAL
    planned = "plan_to_date" if adds_up else "single_year"
    measured = measured_span(listing)

    def row(
        kind: ValueKind,
        origin: str,
        span: str,
        year: int | None,
        value: Decimal | None,
        **more: Any,
    ) -> Observation:
        return Observation(tree, goal, measure, listing, kind, origin, span, year, value, **more)

    if listing.baseline is not None:
        yield row(
            ValueKind.BASELINE,
            listing.baseline_kind,
            "single_year",
            listing.baseline_year,
            listing.baseline,
        )
    yield row(ValueKind.TARGET, "plan", planned, tree.period.last, listing.target)
    for year, value in expected_by_year(listing).items():
        origin = "yearly_target" if year in listing.yearly_targets else "computed"
        yield row(ValueKind.EXPECTED, origin, planned, year, value)
    actuals = listing.indicator.actuals
    for year in sorted({*tree.years, *actuals}):
        actual = actuals.get(year)
        yield row(
            ValueKind.ACTUAL,
            "entered",
            measured,
            year,
            actual.value if actual else None,
            actual=actual,
            record=records.get((listing.indicator.pk, year)),
            assessment=listing.assess(year) if year in tree.period else None,
        )


def measured_span(listing: ListingNode) -> str:
    """Return what an actual stands for: its year alone, or the plan up to it."""
    return "plan_to_date" if listing.indicator.running_total else "single_year"


def expected_by_year(listing: ListingNode) -> dict[int, Decimal]:
    """Return 目安値 by year, where there is one; none while the reading is not confirmed."""
    if not listing.is_confirmed:
        return {}
    values = expected_values(listing.spec, listing.period)
    return {year: value for year, value in values.items() if value is not None}


def newest_change(tree: StrategyTree) -> datetime | None:
    """Return when an actual of the plan was last entered or confirmed; None without actuals.

    Pages do without it, so that it is no part of the tree.
    """
    indicators = {listing.indicator.pk for listing in tree.listings}
    actuals = Actual.objects if tree.as_of is None else as_it_stood(Actual, tree.as_of)
    newest = actuals.filter(indicator_id__in=indicators).aggregate(
        entered=Max("entered_at"), confirmed=Max("confirmed_at")
    )
    return max((moment for moment in newest.values() if moment is not None), default=None)


def availability_names(scale: Scale) -> dict[str, str]:
    """Return the words for whether there is an actual; 未入力 as the audience calls it."""
    return {
        **{availability.value: availability.label for availability in Actual.Availability},
        NOT_ENTERED: status_word(Status.NOT_REPORTED, scale=scale),
    }
