"""The listings that lag, the worst first."""

from collections.abc import Iterable

from indicators.rules.terms import FIGURES, Band, Status, band_of
from plans.nodes import ListingNode

LAGGING_BANDS = (Band.BAD, Band.CAUTION)
ORDER = (
    Status.WORSENED,
    Status.NOT_ACHIEVED,
    Status.BEHIND,
    Status.SLIGHTLY_BEHIND,
    Status.PARTLY_ACHIEVED,
    Status.MOSTLY_ON_TRACK,
    Status.MOSTLY_ACHIEVED,
    Status.ON_TRACK,
    Status.AT_TARGET,
    Status.ACHIEVED,
    Status.FAR_ABOVE,
    Status.NOT_REALISED,
    Status.NOT_REPORTED,
    Status.NO_JUDGEMENT,
)
"""All statuses, the worst first; those without a judgement are last."""

LAGGING_RULE = (
    "基準値より後退、未達成、遅れ、やや遅れの順に、"
    "同じ判定では判定に用いた率の低い順に並べています。"
)

NOTHING_LAGS = "遅れている指標はありません。"
NOTHING_JUDGED = "判定できる指標は、まだありません。"


def is_lagging(listing: ListingNode) -> bool:
    """Whether a listing of a judged tree is × or △."""
    return band_of(listing.assessment.status) in LAGGING_BANDS


def lagging(listings: Iterable[ListingNode]) -> list[ListingNode]:
    """Return the listings that lag, the worst first.

    They are sorted by status (ORDER), then by the deciding percentage, lowest first. Listings
    judged by comparison have no percentage; they come last, in the plan's order.
    """
    return sorted(filter(is_lagging, listings), key=badness)


def nothing_lags(listings: Iterable[ListingNode]) -> str:
    """Return the text for the case that nothing lags. It claims nothing if nothing is judged."""
    judged = any(band_of(listing.assessment.status) != Band.OPEN for listing in listings)
    return NOTHING_LAGS if judged else NOTHING_JUDGED


def worst(listings: Iterable[ListingNode], at_most: int) -> list[ListingNode]:
    """Return the worst `at_most` listings that lag, each indicator once (再掲 left out)."""
    by_indicator: dict[int, ListingNode] = {}
    for listing in lagging(listings):
        by_indicator.setdefault(listing.indicator.pk, listing)
    return list(by_indicator.values())[:at_most]


def badness(listing: ListingNode) -> tuple[int, bool, object]:
    """Return the key that sorts listings of a judged tree by judgement, the worst first."""
    judged = listing.assessment
    by = judged.judged_by
    figure = getattr(judged, by) if by in FIGURES else None
    return ORDER.index(judged.status), figure is None, figure or 0
