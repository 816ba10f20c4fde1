"""図表集: the charts of all listings of a plan, for one paper."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from plans.charting import ListingChart, chart_of
from plans.nodes import GoalNode, ListingNode, StrategyTree
from plans.other_plans import ListingElsewhere, published_elsewhere
from plans.presentation import JudgedRow, row_of
from plans.years_around import years_outside


@dataclass(frozen=True)
class CollectedChart:
    """A listing with its narrow chart; `chart` is None where there is no number to draw."""

    row: JudgedRow
    chart: ListingChart | None

    @property
    def anchor(self) -> str:
        """The id on the page: kpi-1-ア-1-2."""
        return f"{self.row.listing.model}-{self.row.listing.place}"


def chart_collection(tree: StrategyTree) -> list[tuple[GoalNode, list[CollectedChart]]]:
    """Return the goals that have listings, each with their charts in the plan's order."""
    elsewhere = published_elsewhere(tree)
    return [
        (goal, [_collected(one, elsewhere.get(one.indicator.pk, ())) for one in goal.listings])
        for goal in tree.goals
        if goal.listings
    ]


def _collected(listing: ListingNode, elsewhere: Sequence[ListingElsewhere]) -> CollectedChart:
    chart = chart_of(listing, years_outside(listing, elsewhere))
    if chart:
        # Two figures are side by side on A4: the wide form would be too small to read.
        chart = replace(chart, charts=chart.charts[-1:], steps=chart.steps[-1:])
    return CollectedChart(row_of(listing), chart)
