"""計画の地図: every listing of a plan as a cell under its goal and measure, for one look.

For a year each cell has the mark and an arrow from the year before; over the years each listing has
a cell for each year of the plan. A listing is compared once: `PlanMap.compared` is for the counts
beside the map.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from indicators.rules.judgement import Assessment
from indicators.rules.terms import MONITORED, Band, Kind, band_of, mark_of_status
from japanese.fiscal_years import era_label, full_label, short_label
from plans.comparison import TREND_ARROWS, TREND_NAMES, Trend, YearComparison, compare
from plans.nodes import GoalNode, ListingNode, StrategyTree
from plans.presentation import amount, short_target

MONITOR = "monitor"
"""What a 参考指標 has in place of a band: it is not one of those that wait for a judgement."""

MONITOR_MARK = "参"

LEGEND = (
    (TREND_ARROWS[Trend.BETTER], "前年度より改善"),
    (TREND_ARROWS[Trend.SAME], TREND_NAMES[Trend.SAME]),
    (TREND_ARROWS[Trend.WORSE], TREND_NAMES[Trend.WORSE]),
)


@dataclass(frozen=True)
class MapJudgement:
    """A judgement in one year as a cell shows it. Texts are "" if there is nothing to show.

    `of_earlier` says from which year a value is that stands in for a later one.
    """

    fiscal_year: int
    band: str
    mark: str
    label: str
    value: str
    of_earlier: str

    @property
    def text(self) -> str:
        """The value and the judgement in one line: 1.43 おおむね順調."""
        return " ".join(filter(None, (self.value, self.label)))


@dataclass(frozen=True)
class MapCell:
    """A listing in the year of its tree; `change` says how it was the year before."""

    compared: YearComparison
    judged: MapJudgement
    target: str
    arrow: str
    change: str

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines of a cell below the name: figure, judgement, change."""
        judgement = f"{self.judged.mark} {self.judged.label}"
        return tuple(filter(None, (self.figure, judgement, self.change)))

    @property
    def figure(self) -> str:
        """Value and target: 1.43（目標 1.49）; one of them if there is no other, or ""."""
        target = f"目標 {self.target}" if self.target else ""
        value = self.judged.value
        if value and self.judged.of_earlier:
            value += f"、{self.judged.of_earlier}"
        return f"{value}（{target}）" if value and target else value or target

    @property
    def listing(self) -> ListingNode:
        """The listing as it is in the year of the map, not the year before."""
        return self.compared.listing

    @property
    def look(self) -> str:
        """The band, and better or worse: what has not changed needs no attention.

        A mark of several signs, which a plan may choose, gets smaller letters.
        """
        trend = self.compared.trend
        looks = [self.judged.band]
        if trend in (Trend.BETTER, Trend.WORSE):
            looks.append(trend.value)
        if len(self.judged.mark) > 1:
            looks.append("long")
        return " ".join(looks)


@dataclass(frozen=True)
class MapPart:
    """A part of a goal: its numeric targets, or one measure; never without a listing.

    `label` is short: ア①. `title` and `url` (relative to the overview) are "" where there is no
    page: for numeric targets and for what is directly under the goal.
    """

    label: str
    title: str
    url: str
    listings: tuple[ListingNode, ...]


@dataclass(frozen=True)
class CellGroup:
    """A part of a goal with its cells."""

    part: MapPart
    cells: tuple[MapCell, ...]


@dataclass(frozen=True)
class GoalRow:
    """A goal with its cells. `good` of `total` are good; 参考指標 are in neither.

    `good_before` is None in the plan's first year. `open` counts those without a judgement: while
    values are missing, fewer good ones do not mean that anything became worse.
    """

    goal: GoalNode
    groups: tuple[CellGroup, ...]
    total: int
    good: int
    good_before: int | None
    open: int = 0

    @property
    def difference(self) -> str:
        """The change in good listings from the year before: 2件増; "" if unknown."""
        if self.good_before is None:
            return ""
        more = self.good - self.good_before
        return f"{abs(more)}件{'増' if more > 0 else '減'}" if more else "増減なし"

    @property
    def remark(self) -> str:
        """The words after the count: 2件増、判定なし3件; "" for nothing."""
        open_ones = f"判定なし{self.open}件" if self.open else ""
        return "、".join(filter(None, (self.difference, open_ones)))


@dataclass(frozen=True)
class PlanMap:
    """The map of a year: a row for each goal, a cell for each listing."""

    rows: tuple[GoalRow, ...]

    @property
    def cells(self) -> tuple[MapCell, ...]:
        """All cells in the plan's order."""
        return tuple(cell for row in self.rows for group in row.groups for cell in group.cells)

    @property
    def compared(self) -> list[YearComparison]:
        """All listings, each compared with the year before."""
        return [cell.compared for cell in self.cells]

    @property
    def has_monitors(self) -> bool:
        """Whether the plan has a 参考指標, which the legend then explains."""
        return any(cell.listing.is_monitor for cell in self.cells)

    @property
    def has_arrows(self) -> bool:
        """Whether any listing can be compared, so that the legend explains the arrows."""
        return any(cell.arrow for cell in self.cells)


@dataclass(frozen=True)
class ListingYears:
    """A listing over the years of the plan; None for a year without a judgement to show."""

    listing: ListingNode
    years: tuple[MapJudgement | None, ...]


@dataclass(frozen=True)
class PartYears:
    """A part of a goal with its listings over the years."""

    part: MapPart
    rows: tuple[ListingYears, ...]


@dataclass(frozen=True)
class MapYear:
    """A year of the plan: R1 and 令和元年度（2019）."""

    fiscal_year: int
    short: str
    full: str


@dataclass(frozen=True)
class MapOverYears:
    """The map over the years; years after that of the tree are empty."""

    columns: tuple[MapYear, ...]
    goals: tuple[tuple[GoalNode, tuple[PartYears, ...]], ...]
    later: str


def plan_map(tree: StrategyTree) -> PlanMap:
    """Return the map of a judged tree."""
    return PlanMap(tuple(_row(tree, goal) for goal in tree.goals))


def map_over_years(tree: StrategyTree) -> MapOverYears:
    """Return the map of a judged tree over the years of its plan.

    Listings are those of the tree's year: each is blank in the years when the plan did not have it
    yet. The judgement of a year after that of the tree is left out: it may be by another plan.
    """
    goals = tuple(
        (
            goal,
            tuple(
                PartYears(
                    part, tuple(ListingYears(one, over_years(tree, one)) for one in part.listings)
                )
                for part in parts_of(tree, goal)
            ),
        )
        for goal in tree.goals
        if goal.listings
    )
    return MapOverYears(columns=year_columns(tree), goals=goals, later=later_years(tree))


def year_columns(tree: StrategyTree) -> tuple[MapYear, ...]:
    """Return a column for each year of the plan, the first year first."""
    return tuple(MapYear(year, short_label(year), full_label(year)) for year in tree.years)


def later_years(tree: StrategyTree) -> str:
    """Return the sentence about the years that are left out; "" for the last year."""
    if tree.fiscal_year == tree.period.last:
        return ""
    return f"{era_label(tree.fiscal_year)}より後の年度は、表示していません。"


def parts_of(tree: StrategyTree, goal: GoalNode) -> Iterator[MapPart]:
    """Yield the parts of a goal that have listings, in the plan's order."""
    if goal.numeric_targets:
        yield MapPart(tree.words.numeric_target, "", "", goal.numeric_targets)
    for measure in goal.parts:
        if measure.kpis and measure.is_direct:
            yield MapPart(tree.words.kpi_short, "", "", measure.kpis)
        elif measure.kpis:
            label = f"{measure.group_symbol}{measure.mark}"
            yield MapPart(label, measure.title, measure.url_from_overview, measure.kpis)


def _row(tree: StrategyTree, goal: GoalNode) -> GoalRow:
    groups = tuple(
        CellGroup(part, tuple(map(_cell, part.listings))) for part in parts_of(tree, goal)
    )
    compared = [cell.compared for group in groups for cell in group.cells]
    judged = [one for one in compared if not one.listing.is_monitor]
    is_first = tree.fiscal_year - 1 not in tree.period
    return GoalRow(
        goal=goal,
        groups=groups,
        total=len(judged),
        good=sum(_is_good(one.now) for one in judged),
        open=sum(band_of(one.now.status) == Band.OPEN for one in judged),
        good_before=None if is_first else sum(_is_good(one.before) for one in judged),
    )


def _is_good(judged: Assessment | None) -> bool:
    return judged is not None and band_of(judged.status) == Band.GOOD


def _cell(listing: ListingNode) -> MapCell:
    compared = compare(listing)
    return MapCell(
        compared=compared,
        judged=_judged(listing, compared.now),
        target="" if listing.awaits_target else short_target(listing, listing.fiscal_year),
        arrow=TREND_ARROWS[compared.trend],
        change=_change(compared),
    )


def _change(compared: YearComparison) -> str:
    """Return 改善（前年度は× 遅れ）; "" for a year that is not compared."""
    if compared.trend == Trend.NONE or compared.before is None:
        return ""
    if compared.trend == Trend.SAME:
        return "前年度から" + TREND_NAMES[Trend.SAME]
    listing, before = compared.listing, compared.before
    scale = listing.in_year(before.fiscal_year).scale
    mark = mark_of_status(before.status, scale)
    return f"{TREND_NAMES[compared.trend]}（前年度は{mark} {before.label}）"


def over_years(tree: StrategyTree, listing: ListingNode) -> tuple[MapJudgement | None, ...]:
    """Return the judgements of a listing in the years of the plan, as map_over_years has them."""
    return tuple(
        _judged(listing, listing.assess(year))
        if year <= tree.fiscal_year and year in listing.period
        else None
        for year in tree.years
    )


def _judged(listing: ListingNode, judged: Assessment) -> MapJudgement:
    year = judged.fiscal_year
    then = listing.in_year(year)
    is_monitor = then.is_monitor
    value = amount(then, judged.value)
    is_total = listing.kind == Kind.TOTAL
    basis = judged.basis_year
    is_earlier = basis is not None and basis != year and not is_total
    return MapJudgement(
        fiscal_year=year,
        band=MONITOR if is_monitor else band_of(judged.status).value,
        mark=MONITOR_MARK if is_monitor else mark_of_status(judged.status, then.scale),
        label=MONITORED if is_monitor else judged.label,
        value=f"累計{value}" if value and is_total else value,
        of_earlier=f"{era_label(basis)}の値" if is_earlier and basis is not None else "",
    )
