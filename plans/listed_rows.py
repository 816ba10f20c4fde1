"""The rows of the page of all listings: each judged listing with its change and its place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from indicators.rules.terms import mark_of_status
from plans.comparison import TREND_ARROWS, TREND_NAMES, Trend, YearComparison
from plans.nodes import GoalNode, ListingNode, MeasureNode, StrategyTree
from plans.presentation import JudgedRow, row_of


@dataclass(frozen=True)
class ListedRow:
    """A listing in a table. `above` is the measure of a KPI; None for a 数値目標.

    `change` is the change from the year before in words, after its arrow; `passed` the marks of
    both years where they differ. All three are "" if there is nothing to compare with.
    """

    row: JudgedRow
    above: MeasureNode | None
    arrow: str
    change: str
    passed: str

    @property
    def listing(self) -> ListingNode:
        """The listing of `row`."""
        return self.row.listing


Parts = list[tuple[MeasureNode | None, list[ListedRow]]]


def listed_rows(tree: StrategyTree, compared: Iterable[YearComparison]) -> list[ListedRow]:
    """Return the rows of some listings of a tree, in the order given."""
    return [_row(one, tree.part_above(one.listing)) for one in compared]


def _row(one: YearComparison, above: MeasureNode | None) -> ListedRow:
    has_trend = one.trend != Trend.NONE
    return ListedRow(
        row=row_of(one.listing),
        above=above,
        arrow=TREND_ARROWS[one.trend],
        change=TREND_NAMES[one.trend] if has_trend else "",
        passed=_passed(one) if one.trend in (Trend.BETTER, Trend.WORSE) else "",
    )


def _passed(one: YearComparison) -> str:
    assert one.before is not None  # without a year before there is no trend
    earlier = one.listing.in_year(one.listing.fiscal_year - 1)
    before = mark_of_status(one.before.status, earlier.scale)
    return f"{before}から{mark_of_status(one.now.status, one.listing.scale)}"


def tables_by_goal(tree: StrategyTree, rows: Sequence[ListedRow]) -> list[tuple[GoalNode, Parts]]:
    """Return rows in the plan's order under its headings, by goal, without empty ones."""
    tables = []
    for goal in tree.goals:
        of_goal = [row for row in rows if row.listing.goal_position == goal.position]
        parts: Parts = []
        for row in of_goal:
            if not parts or parts[-1][0] is not row.above:
                parts.append((row.above, []))
            parts[-1][1].append(row)
        if parts:
            tables.append((goal, parts))
    return tables
