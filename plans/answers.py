"""The state of each value of a year, and the values grouped by the section that enters them."""

from collections.abc import Iterable
from dataclasses import dataclass

from indicators.models import Actual
from indicators.rules.terms import Scale, Status, status_word
from plans.nodes import ListingNode

MISSING = "missing"
ANSWER_STATES = (MISSING, *Actual.State.values)
"""Nothing saved, then the states of a saved value from entry to confirmation, in order."""


def answer_state(listing: ListingNode) -> str:
    """Return the state of the value for the tree's year: one of ANSWER_STATES."""
    return MISSING if listing.actual is None else listing.actual.state


def answer_names(scale: Scale) -> dict[str, str]:
    """Return the labels of the states; 未入力 has the audience's own word."""
    return {MISSING: status_word(Status.NOT_REPORTED, scale=scale)} | {
        state.value: str(state.label) for state in Actual.State
    }


@dataclass(frozen=True)
class SectionListings:
    """Listings whose values one section enters."""

    section: str
    section_id: int
    listings: tuple[ListingNode, ...]


def by_entering_section(listings: Iterable[ListingNode]) -> list[SectionListings]:
    """Return the listings grouped by the section that enters their values; most listings first."""
    groups: dict[int, list[ListingNode]] = {}
    for listing in listings:
        groups.setdefault(listing.indicator.entered_by_id, []).append(listing)
    found = [
        SectionListings(members[0].indicator.entered_by, pk, tuple(members))
        for pk, members in groups.items()
    ]
    return sorted(found, key=lambda group: -len(group.listings))
