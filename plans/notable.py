"""What lags among the listings of a goal or measure, with its reasons."""

from collections.abc import Sequence
from dataclasses import dataclass

from plans.counting import Count, count_listings
from plans.lagging import LAGGING_RULE, lagging, nothing_lags
from plans.nodes import ListingNode
from plans.presentation import JudgedRow, row_of


@dataclass(frozen=True)
class Notable:
    """The listings that lag, worst first; the page has all others in its panels."""

    lagging: tuple[JudgedRow, ...]
    lagging_count: Count
    lagging_rule: str
    nothing_lags: str


def notable_among(listings: Sequence[ListingNode]) -> Notable | None:
    """Return what is notable among listings of a judged tree; None without listings."""
    if not listings:
        return None
    bad = lagging(listings)
    return Notable(
        lagging=tuple(map(row_of, bad)),
        lagging_count=count_listings(bad),
        lagging_rule=LAGGING_RULE if len(bad) > 1 else "",
        nothing_lags=nothing_lags(listings),
    )
