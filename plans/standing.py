"""The state of a plan or goal in a year: counts by band and status, change from the year before.

Every count has the address of its list.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from indicators.rules.terms import Band, band_of
from plans.comparison import Trend, YearComparison, compare, with_trend
from plans.counting import BandCount, Count, count_by_band, count_listings, progress_sentence
from plans.nodes import ListingNode, StrategyTree
from plans.pages import list_address
from plans.selection import judgement_names, judgement_of

PERCENT_FOR_MARK_AND_NUMBER = 9
"""A narrower segment has no room for its mark on a phone."""

PERCENT_FOR_A_DIGIT = 3.5
"""A narrower segment has no room for a digit of its number."""


@dataclass(frozen=True)
class LinkedCount:
    """A count with its name and the address of its list."""

    name: str
    count: Count
    url: str


@dataclass(frozen=True)
class BandStanding:
    """A band with its statuses in order, each with its own list."""

    counted: BandCount
    url: str
    statuses: tuple[LinkedCount, ...]

    @property
    def told_apart(self) -> tuple[LinkedCount, ...]:
        """The statuses; none if there is only one and it has the same name as the band."""
        names = [status.name for status in self.statuses]
        return () if names == [self.counted.name] else self.statuses


@dataclass(frozen=True)
class Segment:
    """A segment of a bar in percent of its width; `label` is "" if there is no room."""

    band: str
    x: float
    width: float
    middle: float
    label: str


@dataclass(frozen=True)
class Standing:
    """The counts of a plan or a goal in the year of its tree.

    `good_before` is the number of good listings in the year before; None in the plan's first year.
    """

    count: Count
    bands: tuple[BandStanding, ...]
    good_before: int | None
    better: LinkedCount
    worse: LinkedCount

    @cached_property
    def sentence(self) -> str:
        """One sentence with the counts by band."""
        return progress_sentence(self.count, [band.counted for band in self.bands])

    @cached_property
    def bar(self) -> tuple[Segment, ...]:
        """The bands as segments of one bar."""
        return segments_of([band.counted for band in self.bands])

    @property
    def has_judged(self) -> bool:
        """Whether any listing is judged."""
        return any(
            band.counted.count.total for band in self.bands if band.counted.band != Band.OPEN
        )

    @property
    def good(self) -> BandStanding:
        """The best band."""
        return self.bands[0]

    @property
    def difference(self) -> str:
        """The change in good listings from the year before: 2件増; "" if unknown."""
        if self.good_before is None:
            return ""
        more = self.good.counted.count.total - self.good_before
        return f"{abs(more)}件{'増' if more > 0 else '減'}" if more else "増減なし"


def standing_of(
    tree: StrategyTree, listings: Sequence[ListingNode], **conditions: object
) -> Standing:
    """Return the counts of listings of a judged tree.

    `conditions` are the parameters of plans/selection.py that select these listings.
    """
    return standing_of_compared(tree, [compare(one) for one in listings], **conditions)


def standing_of_compared(
    tree: StrategyTree, compared: Sequence[YearComparison], **conditions: object
) -> Standing:
    """Return the same for listings that are compared with the year before already."""
    listings = [one.listing for one in compared]
    names = judgement_names(tree)
    by_code: dict[str, list[ListingNode]] = {code: [] for code in names}
    for listing in listings:
        if listing.is_monitor:
            continue
        by_code[judgement_of(listing)].append(listing)

    def linked(name: str, members: Iterable[ListingNode], **more: object) -> LinkedCount:
        return LinkedCount(name, count_listings(members), list_address(tree, **conditions, **more))

    statuses: dict[Band, list[LinkedCount]] = {band: [] for band in Band}
    for code, members in by_code.items():
        if members:
            band = band_of(members[0].assessment.status)
            statuses[band].append(linked(names[code], members, judgement=code))
    bands = tuple(
        BandStanding(
            counted=counted,
            url=list_address(tree, **conditions, judgement=counted.band),
            statuses=tuple(statuses[Band(counted.band)]),
        )
        for counted in count_by_band(listings, tree.scale)
    )
    better, worse = (
        linked(name, (one.listing for one in with_trend(compared, trend)), change=trend)
        for name, trend in (("改善", Trend.BETTER), ("悪化", Trend.WORSE))
    )
    return Standing(count_listings(listings), bands, _good_before(tree, compared), better, worse)


def _good_before(tree: StrategyTree, compared: Iterable[YearComparison]) -> int | None:
    if tree.fiscal_year - 1 not in tree.period:
        return None
    before = (one.before for one in compared if one.before is not None)
    return sum(band_of(judged.status) == Band.GOOD for judged in before)


def segments_of(bands: Sequence[BandCount]) -> tuple[Segment, ...]:
    """Return the segments of the stacked bar, in percent of its width; none for a zero.

    Each begins where the one before it ends, so that rounding leaves no gap.
    """
    total = sum(band.count.total for band in bands)
    segments, before = [], 0
    for band in bands:
        if band.count.total:
            start = round(100 * before / total, 1)
            before += band.count.total
            width = round(100 * before / total - start, 1)
            middle = round(start + width / 2, 1)
            segments.append(Segment(band.band, start, width, middle, _label(band, width)))
    return tuple(segments)


def _label(band: BandCount, percent: float) -> str:
    """Return the label that fits into a segment: mark and number, the number alone, or ""."""
    number = f"{band.count.total}"
    if percent >= PERCENT_FOR_MARK_AND_NUMBER:
        return band.mark + number
    return number if percent >= PERCENT_FOR_A_DIGIT * len(number) else ""
