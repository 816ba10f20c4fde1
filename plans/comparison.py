"""Better or worse than the year before: by the band of the judgement, and by nothing finer.

Percentages change with every value, and a 計画比 cannot be compared with a 達成率. A band is what
the pages show as ◎○△×, so anybody can check the comparison with the pages of both years.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from indicators.rules.judgement import Assessment
from indicators.rules.terms import Band, Status, band_of
from plans.nodes import ListingNode


class Trend(StrEnum):
    """How a listing compares with the year before."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "same"
    NONE = "none"


TREND_NAMES = {
    Trend.BETTER: "改善",
    Trend.WORSE: "悪化",
    Trend.SAME: "変化なし",
    Trend.NONE: "比較なし",
}
TREND_ARROWS = {Trend.BETTER: "↑", Trend.WORSE: "↓", Trend.SAME: "→", Trend.NONE: ""}
TREND_RULE = (
    "判定の印（◎、○、△、×の順）が前年度より上がった指標を改善、下がった指標を悪化としています。"
    "未実現は×と同じとみなします。どちらかの年度に判定のない指標は、比べていません。"
)
RANKS = {Band.GOOD: 3, Band.FAIR: 2, Band.CAUTION: 1, Band.BAD: 0}


@dataclass(frozen=True)
class YearComparison:
    """A listing in its tree's year and in the year before; `before` is None outside the plan."""

    listing: ListingNode
    trend: Trend
    before: Assessment | None
    now: Assessment

    @property
    def bands_passed(self) -> int:
        """The distance between the two judgements in bands; 0 without a trend."""
        return abs(self.change or 0)

    @property
    def change(self) -> int | None:
        """By how many bands the listing rose; below 0 if it fell, None without a trend."""
        earlier, later = rank(self.before), rank(self.now)
        return None if earlier is None or later is None else later - earlier


def rank(assessment: Assessment | None) -> int | None:
    """Return 3 for ◎ down to 0 for ×; None if nothing is judged.

    未実現 is in none of these four bands, but it is a judgement: it ranks with ×, as TREND_RULE
    tells the reader.
    """
    if assessment is None:
        return None
    if assessment.status == Status.NOT_REALISED:
        return RANKS[Band.BAD]
    return RANKS.get(band_of(assessment.status))


def compare(listing: ListingNode) -> YearComparison:
    """Compare a listing of a judged tree with the year before, if that is in the plan."""
    before, now = listing.assessment_before, listing.assessment
    return YearComparison(listing, trend_between(before, now), before, now)


def trend_between(before: Assessment | None, now: Assessment) -> Trend:
    """Return how the later judgement compares with the earlier one."""
    earlier, later = rank(before), rank(now)
    if earlier is None or later is None:
        return Trend.NONE
    if earlier == later:
        return Trend.SAME
    return Trend.BETTER if later > earlier else Trend.WORSE


def with_trend(compared: Iterable[YearComparison], trend: Trend) -> list[YearComparison]:
    """Return the comparisons with this trend: largest change first, then in the plan's order."""
    return sorted(
        (one for one in compared if one.trend == trend), key=lambda one: -one.bands_passed
    )


def changed(listings: Iterable[ListingNode], trend: Trend) -> list[YearComparison]:
    """Return the listings with this trend: largest change first, then in the plan's order."""
    return with_trend(map(compare, listings), trend)
