"""Counts of listings and projects, with the number of repetitions (再掲), and their sentences.

Goals and measures are summarised by counts only: an average over indicators with different units
means nothing.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from indicators.plan_words import STANDARD_WORDS, Words
from indicators.rules.terms import (
    JUDGED_KINDS,
    MONITORED,
    Band,
    Kind,
    Scale,
    Status,
    band_of,
    mark_of,
    status_word,
)
from plans.nodes import ListingNode, ProjectNode, StrategyTree

# The statuses that give a band its name, in the order in which the name lists them.
BAND_STATUSES: dict[Band, tuple[Status, ...]] = {
    Band.GOOD: (Status.ACHIEVED, Status.ON_TRACK),
    Band.FAIR: (Status.MOSTLY_ON_TRACK, Status.MOSTLY_ACHIEVED),
    Band.CAUTION: (Status.SLIGHTLY_BEHIND,),
    Band.BAD: (Status.BEHIND, Status.NOT_ACHIEVED),
    Band.OPEN: (Status.NO_JUDGEMENT, Status.NOT_REPORTED),
}


@dataclass(frozen=True)
class Count:
    """The number of rows, and how many of them are first listings (実).

    参考指標 are in neither: `monitors` counts them apart.
    """

    total: int
    distinct: int
    monitors: int = 0

    @property
    def relisted(self) -> int:
        """The number of rows that repeat another row (再掲)."""
        return self.total - self.distinct

    @property
    def note(self) -> str:
        """（実48、再掲1）; "" without repetitions."""
        return f"（実{self.distinct}、再掲{self.relisted}）" if self.relisted else ""

    @property
    def apart(self) -> str:
        """、ほかに参考指標2; "" without any."""
        return f"、ほかに{MONITORED}{self.monitors}" if self.monitors else ""


@dataclass(frozen=True)
class BandCount:
    """The number of listings in a band; `labels` has each status label with its own number."""

    band: str
    mark: str
    name: str
    count: Count
    labels: tuple[tuple[str, int], ...]


def kinds_in(tree: StrategyTree) -> tuple[Kind, ...]:
    """Return the kinds that are judged, and others that the plan has."""
    listed = {listing.kind for listing in tree.listings}
    return tuple(kind for kind in Kind if kind in JUDGED_KINDS or kind in listed)


def count_listings(listings: Iterable[ListingNode]) -> Count:
    """Count listings; 実 counts only the first listing of each indicator in the plan."""
    listings = list(listings)
    firsts = [listing.first_listing for listing in listings if not listing.is_monitor]
    return Count(len(firsts), sum(firsts), len(listings) - len(firsts))


def count_projects(projects: Iterable[ProjectNode]) -> Count:
    """Count project rows; 実 counts the rows that are not re-listings."""
    firsts = [project.relisted_from is None for project in projects]
    return Count(len(firsts), sum(firsts))


def band_name(band: str, scale: Scale) -> str:
    """Return the label of a band in the plan's own words: 達成・順調, おおむね順調・達成."""
    first, *others = (status_word(status, scale=scale) for status in BAND_STATUSES[Band(band)])
    return "・".join([first, *(_without_shared_beginning(word, first) for word in others)])


def _without_shared_beginning(word: str, first: str) -> str:
    pairs = zip(word, first, strict=False)
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return word[shared:] if 1 < shared < len(word) else word


def count_by_band(listings: Sequence[ListingNode], scale: Scale) -> tuple[BandCount, ...]:
    """Return the five bands from good to open, each with its count, zero included.

    参考指標 are in none. The listings must belong to a tree that was read for a year.
    """
    by_band: dict[Band, list[ListingNode]] = {band: [] for band in Band}
    for listing in listings:
        if listing.is_monitor:
            continue
        by_band[band_of(listing.assessment.status)].append(listing)
    return tuple(
        BandCount(
            band=band.value,
            mark=mark_of(band, scale),
            name=band_name(band, scale),
            count=count_listings(members),
            labels=tuple(Counter(member.assessment.label for member in members).most_common()),
        )
        for band, members in by_band.items()
    )


def progress_sentence(count: Count, bands: Sequence[BandCount]) -> str:
    """Return one sentence with the counts of all bands, the best first.

    Empty bands are left out, except the first.
    """
    if not count.total:
        if count.monitors:
            return f"指標は、判定しない{MONITORED}が{count.monitors}件です。"
        return "指標はまだ登録されていません。"
    whole = f"{count.total}指標{count.note}"
    more = f"ほかに、判定しない{MONITORED}が{count.monitors}件あります。" if count.monitors else ""
    *judged, unjudged = bands
    if unjudged.count.total == count.total:
        return f"{whole}のうち、判定できるものはまだありません。{more}"
    parts = [
        f"{band.name}は{band.count.total}件"
        for band in judged
        if band.count.total or band is judged[0]
    ]
    rest = f"判定していないものが{unjudged.count.total}件あります。" if unjudged.count.total else ""
    return f"{whole}のうち、{'、'.join(parts)}です。{rest}{more}"


def project_sentence(count: Count, words: Words = STANDARD_WORDS) -> str:
    """Return 延べ96事業（実88、再掲8）."""
    return f"延べ{count.total}{words.project_short}{count.note}"
