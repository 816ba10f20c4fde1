"""Two years of a plan side by side (年度の比較): how many listings went from which band to which.

Each year is read as a plan of its own, so that both judgements are those of the pages of the two
years: with the parts, targets, sections and rules that held then. A listing is the same listing as
long as its row is. 参考指標 and listings that one of the years does not have are never compared.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from indicators.rules.terms import MONITORED, Band, Status, mark_of, mark_of_status, status_word
from japanese.fiscal_years import era_label
from plans.comparison import TREND_ARROWS, TREND_NAMES, Trend, rank, trend_between
from plans.counting import Count, band_name
from plans.nodes import ListingNode, RevisionNode, StrategyTree
from plans.presentation import JudgedRow, row_of
from plans.revised_targets import changes_of_target
from plans.revision_table import why_ended

NOT_REALISED, OUTSIDE = "not-realised", "outside"
"""States beside the bands: 未実現, which ranks with ×, and what is not judged by the plan."""

STATES = (
    *(band.value for band in Band if band != Band.OPEN),
    NOT_REALISED,
    Band.OPEN.value,
    OUTSIDE,
)
ALWAYS_SHOWN = frozenset(band.value for band in Band)
OUTSIDE_NAME = "対象外"


class Turn(StrEnum):
    """What became of a listing, in the order in which a page shows it."""

    WORSE = "worse"
    BETTER = "better"
    NEW = "new"
    GONE = "gone"
    JOINED = "joined"
    LEFT = "left"
    SAME = "same"
    UNJUDGED = "unjudged"


CHANGE_NAMES = {
    Turn.WORSE: TREND_NAMES[Trend.WORSE],
    Turn.BETTER: TREND_NAMES[Trend.BETTER],
    Turn.NEW: "新たに判定",
    Turn.GONE: "判定がなくなった",
    Turn.JOINED: "後の年度だけで対象",
    Turn.LEFT: "前の年度だけで対象",
    Turn.SAME: TREND_NAMES[Trend.SAME],
    Turn.UNJUDGED: "どちらの年度も判定なし",
}
CHANGE_MEANINGS = {
    Turn.NEW: "前の年度には判定がなく、後の年度に判定した指標です。",
    Turn.GONE: "前の年度に判定し、後の年度には判定がない指標です。",
    Turn.JOINED: "後の年度までに計画に加わったか、参考指標から目標のある指標に変わったものです。",
    Turn.LEFT: "後の年度までに計画から外れたか、参考指標に変わったものです。",
}
COMPARISON_RULE = (
    "判定の印（◎、○、△、×の順）が上がった指標を改善、下がった指標を悪化としています。"
    "未実現は×と同じとみなします。どちらかの年度に判定のない指標は、比べていません。"
)
_OF_TREND = {
    Trend.WORSE: Turn.WORSE,
    Trend.BETTER: Turn.BETTER,
    Trend.SAME: Turn.SAME,
}


@dataclass(frozen=True)
class ComparedListing:
    """A listing in both years; None for a year in which the plan did not have it.

    `successor` is the listing of the later year that took the place of one that ended.
    """

    before: ListingNode | None
    now: ListingNode | None
    successor: ListingNode | None = None

    @property
    def listing(self) -> ListingNode:
        """The listing as it is in the later year, or in the only one that has it."""
        found = self.now or self.before
        assert found is not None
        return found

    @cached_property
    def states(self) -> tuple[str, str]:
        """The states in both years."""
        return state_of(self.before), state_of(self.now)

    @cached_property
    def change(self) -> Turn:
        """What became of the listing."""
        if self.before is None or self.states[0] == OUTSIDE:
            return Turn.JOINED
        if self.now is None or self.states[1] == OUTSIDE:
            return Turn.LEFT
        before, now = self.before.assessment, self.now.assessment
        trend = trend_between(before, now)
        if trend in _OF_TREND:
            return _OF_TREND[trend]
        if rank(now) is not None:
            return Turn.NEW
        return Turn.UNJUDGED if rank(before) is None else Turn.GONE


@dataclass(frozen=True)
class ComparedRow:
    """A listing as the page shows it; None for a year in which the plan did not have it.

    `notes` say what revisions between the years changed: its place in the plan, its name, its
    target.
    """

    listing: ListingNode
    before: JudgedRow | None
    now: JudgedRow | None
    sections: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class StateName:
    """A row or column of the matrix: mark and name in the words of its year."""

    state: str
    mark: str
    name: str


@dataclass(frozen=True)
class Cell:
    """How many listings went from one state to another; `anchor` is "" for none.

    `look` and `arrow` tell better, worse and same apart; both are "" where nothing is compared.
    """

    count: int
    anchor: str
    look: str
    arrow: str
    word: str


@dataclass(frozen=True)
class MatrixRow:
    """The listings that were in one state in the earlier year."""

    head: StateName
    cells: tuple[Cell, ...]
    total: int


@dataclass(frozen=True)
class Matrix:
    """The states of the earlier year in rows, those of the later one in columns, with totals."""

    columns: tuple[StateName, ...]
    rows: tuple[MatrixRow, ...]
    totals: tuple[int, ...]
    total: int

    @property
    def has_outside(self) -> bool:
        """Whether a listing is outside the plan in one of the years, which a note then explains."""
        return any(column.state == OUTSIDE for column in self.columns)


@dataclass(frozen=True)
class Passage:
    """The listings that went from one state to another."""

    anchor: str
    before: StateName
    now: StateName
    listings: tuple[ComparedListing, ...]

    @property
    def rows(self) -> Iterator[ComparedRow]:
        """The listings as the rows that the template shows."""
        return map(_row, self.listings)


@dataclass(frozen=True)
class ChangeGroup:
    """All listings with the same change; `is_change` is False for the unchanged ones."""

    change: Turn
    name: str
    meaning: str
    count: Count
    passages: tuple[Passage, ...]

    @property
    def is_change(self) -> bool:
        """Whether anything changed, so that the page shows it at once."""
        return self.change not in (Turn.SAME, Turn.UNJUDGED)


@dataclass(frozen=True)
class TwoYears:
    """A plan in two years. `groups` are all kinds of changes, the empty ones included.

    `monitors` counts the 参考指標 of both years, which are nowhere else. `new_rules` has the years
    from which other rules of judging hold, `revisions` are those between the two years.
    """

    before: StrategyTree
    now: StrategyTree
    matrix: Matrix
    groups: tuple[ChangeGroup, ...]
    monitors: int
    new_rules: tuple[str, ...]
    revisions: tuple[RevisionNode, ...]

    @property
    def by_change(self) -> dict[str, ChangeGroup]:
        """The groups by their change."""
        return {group.change.value: group for group in self.groups}

    @property
    def is_compared(self) -> bool:
        """Whether any listing is judged in both years."""
        compared = (Turn.WORSE, Turn.BETTER, Turn.SAME)
        return any(group.count.total for group in self.groups if group.change in compared)

    @property
    def told(self) -> list[tuple[str, ChangeGroup]]:
        """The counts as one text: the words before each count, and its group."""
        groups = self.by_change
        told = [
            ("悪化は", Turn.WORSE),
            ("、改善は", Turn.BETTER),
            ("、変化なしは", Turn.SAME),
            ("です。新たに判定した指標は", Turn.NEW),
        ]
        if not self.is_compared:
            told = [("両方の年度で判定した指標はありません。新たに判定した指標は", Turn.NEW)]
        told += [
            ("、判定がなくなった指標は", Turn.GONE),
            ("、どちらの年度も判定していない指標は", Turn.UNJUDGED),
        ]
        if groups[Turn.JOINED].count.total or groups[Turn.LEFT].count.total:
            now, before = era_label(self.now.fiscal_year), era_label(self.before.fiscal_year)
            told += [
                (
                    f"です。計画の見直しなどのため比べられない指標は、{now}だけのものが",
                    Turn.JOINED,
                ),
                (f"、{before}だけのものが", Turn.LEFT),
            ]
        return [(words, groups[change]) for words, change in told]


def compare_years(before: StrategyTree, now: StrategyTree) -> TwoYears:
    """Return the comparison of one plan, read for two years."""
    pairs = _paired(before, now)
    listings = [pair for pair in pairs if pair.states != (OUTSIDE, OUTSIDE)]
    shown = {state for pair in listings for state in pair.states} | ALWAYS_SHOWN
    heads, columns = (
        {state: _name_of(state, tree) for state in STATES if state in shown}
        for tree in (before, now)
    )
    passages: dict[tuple[str, str], list[ComparedListing]] = {}
    for pair in listings:
        passages.setdefault(pair.states, []).append(pair)
    found = tuple(
        Passage(f"{row}-{column}", heads[row], columns[column], tuple(passages[row, column]))
        for row in heads
        for column in columns
        if (row, column) in passages
    )
    years = range(before.fiscal_year + 1, now.fiscal_year + 1)
    return TwoYears(
        before=before,
        now=now,
        matrix=_matrix(tuple(heads.values()), tuple(columns.values()), found),
        groups=tuple(_group(change, found) for change in Turn),
        monitors=len(pairs) - len(listings),
        new_rules=tuple(era_label(start) for start, _ in now.scales if start and start in years),
        revisions=tuple(one for one in now.revisions if one.from_fiscal_year in years),
    )


def state_of(listing: ListingNode | None) -> str:
    """Return the state of a listing of a judged tree: its band, 未実現 apart, or OUTSIDE."""
    if listing is None or listing.is_monitor:
        return OUTSIDE
    status = listing.assessment.status
    return NOT_REALISED if status == Status.NOT_REALISED else status.band.value


def _paired(before: StrategyTree, now: StrategyTree) -> list[ComparedListing]:
    """Return all listings of both years: those of the later one in its order, then the others."""
    earlier = {(one.model, one.pk): one for one in before.listings}
    pairs = [ComparedListing(earlier.pop((one.model, one.pk), None), one) for one in now.listings]
    later = {(one.model, one.pk): one for one in now.listings}
    return [
        *pairs,
        *(
            ComparedListing(one, None, later.get((one.model, one.replaced_by_id or 0)))
            for one in earlier.values()
        ),
    ]


def _name_of(state: str, tree: StrategyTree) -> StateName:
    if state == OUTSIDE:
        return StateName(state, "", OUTSIDE_NAME)
    if state == NOT_REALISED:
        status = Status.NOT_REALISED
        mark = mark_of_status(status, tree.scale)
        return StateName(state, mark, status_word(status, scale=tree.scale))
    return StateName(state, mark_of(state, tree.scale), band_name(state, tree.scale))


def _matrix(
    heads: Sequence[StateName], columns: Sequence[StateName], passages: Iterable[Passage]
) -> Matrix:
    found = {(one.before.state, one.now.state): one for one in passages}
    rows = []
    for head in heads:
        cells = tuple(_cell(found.get((head.state, column.state))) for column in columns)
        rows.append(MatrixRow(head, cells, sum(cell.count for cell in cells)))
    totals = tuple(sum(row.cells[i].count for row in rows) for i in range(len(columns)))
    return Matrix(tuple(columns), tuple(rows), totals, sum(totals))


def _cell(passage: Passage | None) -> Cell:
    if passage is None:
        return Cell(0, "", "", "", "")
    change = passage.listings[0].change
    is_trend = change.value in TREND_ARROWS
    return Cell(
        count=len(passage.listings),
        anchor=passage.anchor,
        look=change.value if is_trend else "",
        arrow=TREND_ARROWS[Trend(change.value)] if is_trend else "",
        word=CHANGE_NAMES[change],
    )


def _group(change: Turn, passages: Iterable[Passage]) -> ChangeGroup:
    """Return the listings with a change; those that passed the most bands come first."""
    own = [one for one in passages if one.listings[0].change == change]
    if change in (Turn.WORSE, Turn.BETTER):
        own.sort(key=lambda one: -_distance(one.listings[0]))
    listings = [pair.listing for one in own for pair in one.listings]
    return ChangeGroup(
        change=change,
        name=CHANGE_NAMES[change],
        meaning=CHANGE_MEANINGS.get(change, ""),
        count=Count(len(listings), sum(listing.first_listing for listing in listings)),
        passages=tuple(own),
    )


def _distance(pair: ComparedListing) -> int:
    ranks = [rank(one.assessment) for one in (pair.before, pair.now) if one is not None]
    earlier, later = (value or 0 for value in ranks)
    return abs(later - earlier)


def _row(pair: ComparedListing) -> ComparedRow:
    before, now = pair.before, pair.now
    return ComparedRow(
        listing=pair.listing,
        before=None if before is None else row_of(before),
        now=None if now is None else row_of(now),
        sections=_sections(before, now),
        notes=tuple(_notes(pair)),
    )


def _sections(*listings: ListingNode | None) -> str:
    """Return the responsible section; where it is another or has another name later, both."""
    names = dict.fromkeys(one.indicator.section for one in listings if one is not None)
    return " → ".join(names)


def _notes(pair: ComparedListing) -> Iterator[str]:
    before, now = pair.before, pair.now
    if before is not None and now is not None:
        yield from _differences(before, now)
    elif before is not None and before.last_year is not None:
        yield f"計画にあるのは{era_label(before.last_year)}まで。理由：{why_ended(before)}"
        if pair.successor is not None:
            yield f"後継の指標：{pair.successor.name_alone}"
    elif now is not None and now.first_year is not None:
        yield f"計画にあるのは{era_label(now.first_year)}から"


def _differences(before: ListingNode, now: ListingNode) -> Iterator[str]:
    then = era_label(before.fiscal_year)
    if before.name_alone != now.name_alone:
        yield f"{then}の名称：{before.name_alone}"
    if before.is_monitor != now.is_monitor:
        monitored = before if before.is_monitor else now
        yield f"{era_label(monitored.fiscal_year)}は{MONITORED}"
    years = range(before.fiscal_year + 1, now.fiscal_year + 1)
    yield from (said for year, said in changes_of_target(now).items() if year in years)
