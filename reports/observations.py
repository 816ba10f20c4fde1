"""A strategy in machine-readable long format: one row per value of a listing and year.

It follows the government's rules for machine-readable data: values in the indicator's own unit,
codes beside words, western years beside Japanese ones, positions as numbers. Writers of files take
`observations` from here and the cells from reports/observation_columns.py.
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
from indicators.plan_words import Words
from indicators.rules.chosen_grades import PERSONAL
from indicators.rules.judgement import Assessment
from indicators.rules.outlook import Outlook
from indicators.rules.terms import (
    WITHHELD,
    WITHHELD_LABEL,
    BaselineKind,
    Kind,
    Scale,
    Status,
    status_word,
)
from plans.nodes import (
    KPI_MODEL,
    NUMERIC_TARGET,
    ActualNode,
    GoalNode,
    ListingNode,
    MeasureNode,
    StrategyTree,
)
from trail.history import as_it_stood


class ValueKind(StrEnum):
    """The kind of value in a row; the values are those of the data files."""

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

UPPER_END = "upper_end"
REFERENCE_VALUE = "reference"

# The origins of values other than baselines, whose origins are those of BaselineKind.
ORIGIN_NAMES = {
    **{kind.value: kind.label for kind in BaselineKind},
    "plan": "計画",
    UPPER_END: "計画（範囲の上限）",
    "yearly_target": "年度別目標値",
    REFERENCE_VALUE: "比べる指標の値",
    "computed": "計算による目安値",
    "entered": "担当課の入力",
}
SPAN_NAMES = {"single_year": "単年度", "plan_to_date": "計画初年度からの累計"}
NOT_ENTERED = "not_entered"
GRADED = "graded"
"""The code of 値の有無 for a grade that a person chose."""


@dataclass(frozen=True)
class Observation:
    """One value of one listing.

    `measure` is None for a 数値目標. `fiscal_year` is None if unknown. `actual`, `record`,
    `assessment` and `outlook` are those of the year and set for 実績 only; the last two only for
    years of the plan up to that of the tree: later ones may be judged by another plan.
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
    outlook: Outlook | None = None


def observations(
    tree: StrategyTree, records: Mapping[Key, ValueRecord] | None = None
) -> Iterator[Observation]:
    """Yield all values in the plan's order: for each listing 基準, 目標, 目安 and 実績 by year.

    実績 has a row for every year of the plan, even without a value, and for each entered year
    outside the plan. 基準, 目標 and 目安 have a row only if there is a value. A constant number of
    queries reads who entered and confirmed the values, unless `records` says so.
    """
    records = value_records(tree) if records is None else records
    for goal in tree.goals:
        for listing in goal.numeric_targets:
            yield from _of_listing(tree, goal, None, listing, records)
        for measure in goal.parts:
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
    if listing.target is not None:
        yield row(ValueKind.TARGET, "plan", planned, listing.due, listing.target)
    if listing.upper is not None:
        yield row(ValueKind.TARGET, UPPER_END, planned, listing.due, listing.upper)
    for year, value in listing.expected_by_year.items():
        then = listing.in_year(year)
        origin = "yearly_target" if year in listing.yearly_targets else "computed"
        origin = REFERENCE_VALUE if then.reference is not None else origin
        yield row(ValueKind.EXPECTED, origin, planned, year, value)
    actuals = listing.indicator.actuals
    for year in sorted({*tree.years, *actuals}):
        actual = actuals.get(year)
        is_judged = year in listing.period and year <= tree.fiscal_year
        yield row(
            ValueKind.ACTUAL,
            "entered",
            measured,
            year,
            actual.value if actual else None,
            actual=actual,
            record=records.get((listing.indicator.pk, year)),
            assessment=listing.assess(year) if is_judged else None,
            outlook=listing.look_ahead(year) if is_judged else None,
        )


def measured_span(listing: ListingNode) -> str:
    """Return the period that an actual covers: its year alone, or the plan up to it."""
    return "plan_to_date" if listing.indicator.running_total else "single_year"


def newest_change(tree: StrategyTree) -> datetime | None:
    """Return when an actual of the plan was last entered or confirmed; None without actuals.

    It is not part of the tree because pages do not need it.
    """
    indicators = {listing.indicator.pk for listing in tree.listings}
    actuals = Actual.objects if tree.as_of is None else as_it_stood(Actual, tree.as_of)
    newest = actuals.filter(indicator_id__in=indicators).aggregate(
        entered=Max("entered_at"), confirmed=Max("confirmed_at")
    )
    return max((moment for moment in newest.values() if moment is not None), default=None)


def listing_names(words: Words) -> dict[str, str]:
    """Return what a plan calls the kinds of listings, by their codes."""
    return {model: words.short_listing_word(model) for model in (NUMERIC_TARGET, KPI_MODEL)}


def availability_names(scale: Scale) -> dict[str, str]:
    """Return the labels of Availability and of a grade; 未入力 has the audience's own word."""
    return {
        **{availability.value: availability.label for availability in Actual.Availability},
        GRADED: PERSONAL,
        WITHHELD: WITHHELD_LABEL,
        NOT_ENTERED: status_word(Status.NOT_REPORTED, scale=scale),
    }
