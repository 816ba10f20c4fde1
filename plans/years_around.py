"""The years before and after a plan that the page of a listing shows beside those of the plan.

They are years with values of the indicator, and years of other plans whose target can be compared
with them. The chart and the table below it show the same years.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from indicators.rules.terms import Kind
from japanese.fiscal_years import full_label
from plans.charts.chart_data import AFTER, BEFORE
from plans.nodes import ListingNode
from plans.other_plans import ListingElsewhere
from plans.presentation import value_of_year

MOST = 10
"""How many years are shown before the plan, and how many after it."""


@dataclass(frozen=True)
class YearsAround:
    """Years outside the plan, oldest first, each with a word: 計画期間前, or the title of a plan.

    `targets` are the listings of other plans whose targets are drawn.
    """

    words: Mapping[int, str] = field(default_factory=dict)
    targets: tuple[ListingElsewhere, ...] = ()


PLAN_ONLY = YearsAround()


@dataclass(frozen=True)
class RowAround:
    """The value of a year outside the plan, as the table shows it. Texts are "" for nothing.

    `has_row`: a value or the reason for its absence is stored, so that the year has a page.
    """

    fiscal_year: int
    year_label: str
    yearly: str
    parts: str
    has_row: bool
    has_value: bool
    word: str
    state: str
    provisional: bool
    withheld: bool
    remarks: str


def years_outside(listing: ListingNode, elsewhere: Sequence[ListingElsewhere] = ()) -> YearsAround:
    """Return the years around the plan of a listing; `elsewhere` are its listings in other plans.

    None for a sum or a milestone, whose chart does not show values as they are.
    """
    if listing.kind in (Kind.TOTAL, Kind.MILESTONE):
        return PLAN_ONLY
    period = listing.period
    targets = {
        (other.plan, other.years, other.target, other.due): other
        for other in elsewhere
        if other.target is not None
    }
    told = set(listing.indicator.values)
    for other in targets.values():
        told |= set(other.years)
    first = max(min([*told, period.first]), period.first - MOST)
    last = min(max([*told, period.last]), period.last + MOST)
    years = [*range(first, period.first), *range(period.last + 1, last + 1)]
    return YearsAround(
        words={year: _word(listing, year, elsewhere) for year in years},
        targets=tuple(
            other
            for other in targets.values()
            if other.years[0] <= last and first <= other.years[-1]
        ),
    )


def _word(listing: ListingNode, year: int, elsewhere: Sequence[ListingElsewhere]) -> str:
    plans = (other.plan for other in elsewhere if year in other.period)
    return next(plans, BEFORE if year < listing.period.first else AFTER)


def rows_around(listing: ListingNode, around: YearsAround) -> dict[str, list[RowAround]]:
    """Return the rows of the years before and after the plan, by their names in the template."""
    rows = [_row(listing, year, word) for year, word in around.words.items()]
    first = listing.period.first
    return {
        "rows_before": [row for row in rows if row.fiscal_year < first],
        "rows_after": [row for row in rows if row.fiscal_year > first],
    }


def _row(listing: ListingNode, year: int, word: str) -> RowAround:
    actual = listing.indicator.actuals.get(year)
    return RowAround(
        fiscal_year=year,
        year_label=full_label(year),
        yearly=value_of_year(listing, year),
        parts=actual.parts if actual else "",
        has_row=actual is not None,
        has_value=actual is not None and actual.value is not None,
        word=word,
        state=actual.state_label if actual else "",
        provisional=actual is not None and actual.provisional,
        withheld=actual is not None and actual.withheld,
        remarks=actual.remarks if actual else "",
    )
