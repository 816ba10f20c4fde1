"""The most important listings of a goal or measure: what lags, then what is going well."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from indicators.rules.terms import Band, band_of
from plans.charting import small_chart_of
from plans.charts.small import SmallChart
from plans.counting import Count, band_name, count_listings
from plans.lagging import LAGGING_RULE, lagging, nothing_lags
from plans.nodes import ListingNode
from plans.presentation import JudgedRow, row_of


@dataclass(frozen=True)
class ChartedRow:
    """A listing in its tree's year with its small chart; `small` is None without values."""

    row: JudgedRow
    small: SmallChart | None


@dataclass(frozen=True)
class Notable:
    """The listings that lag, worst first, and those that are going well, in the plan's order.

    `good_name` is the plan's label for the latter: 達成・順調.
    """

    lagging: tuple[JudgedRow, ...]
    lagging_count: Count
    lagging_rule: str
    nothing_lags: str
    good: tuple[JudgedRow, ...]
    good_count: Count
    good_name: str


def notable_among(listings: Sequence[ListingNode]) -> Notable | None:
    """Return what is notable among listings of a judged tree; None without listings."""
    if not listings:
        return None
    bad = lagging(listings)
    good = [one for one in listings if band_of(one.assessment.status) == Band.GOOD]
    return Notable(
        lagging=tuple(map(row_of, bad)),
        lagging_count=count_listings(bad),
        lagging_rule=LAGGING_RULE if len(bad) > 1 else "",
        nothing_lags=nothing_lags(listings),
        good=tuple(map(row_of, good)),
        good_count=count_listings(good),
        good_name=band_name(Band.GOOD, listings[0].scale),
    )


def charted_rows(listings: Iterable[ListingNode]) -> list[ChartedRow]:
    """Return the rows of listings for the year of their tree, each with its small chart."""
    return [ChartedRow(row_of(listing), small_chart_of(listing)) for listing in listings]
