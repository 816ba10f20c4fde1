"""What is still open about a listing: values that sections owe, and decisions of planning."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from indicators.models import Listing
from kpis.nodes import ListingNode


class Matter(StrEnum):
    """Something open. The first two are the sections' to settle, the others planning's."""

    MISSING = "missing"
    UNCONFIRMED = "unconfirmed"
    READING = "reading"
    BASELINE = "baseline"
    PROVISIONAL = "provisional"


# 未入力 is called otherwise before the mayor: kpis/selection.py asks the scale of the plan.
MATTER_NAMES = {
    Matter.UNCONFIRMED: "確認前の値",
    Matter.READING: "読み方未確認",
    Matter.BASELINE: "基準値未登録",
    Matter.PROVISIONAL: "確定値待ち（速報値）",
}
MATTER_MEANINGS = {
    Matter.READING: "目標の文言の読み方を、企画担当が確認するまで、判定しません。",
    Matter.BASELINE: "期末水準・抑制の目標に、起点となる基準値がなく、目安値を引けません。",
    Matter.PROVISIONAL: "実績値が速報値です。確定値が出たら、入力し直します。",
}
OF_PLANNING = (Matter.READING, Matter.BASELINE, Matter.PROVISIONAL)

WITH_BASELINE = (Listing.Kind.LEVEL, Listing.Kind.RESTRAINT)


def _lacks_baseline(listing: ListingNode) -> bool:
    return listing.kind in WITH_BASELINE and listing.baseline is None


_TESTS: dict[Matter, Callable[[ListingNode], bool]] = {
    Matter.MISSING: lambda listing: listing.actual is None,
    Matter.UNCONFIRMED: lambda listing: (
        listing.actual is not None and not listing.actual.is_confirmed
    ),
    Matter.READING: lambda listing: not listing.is_confirmed,
    Matter.BASELINE: _lacks_baseline,
    Matter.PROVISIONAL: lambda listing: listing.actual is not None and listing.actual.provisional,
}


def is_open(listing: ListingNode, matter: str) -> bool:
    """Whether this matter is open of a listing, in the year of its tree."""
    return _TESTS[Matter(matter)](listing)


@dataclass(frozen=True)
class SectionListings:
    """Listings whose values one section enters."""

    section: str
    section_id: int
    listings: tuple[ListingNode, ...]


def by_entering_section(listings: Iterable[ListingNode]) -> list[SectionListings]:
    """Return the listings by the section that enters their values; most listings first."""
    groups: dict[int, list[ListingNode]] = {}
    for listing in listings:
        groups.setdefault(listing.indicator.entered_by_id, []).append(listing)
    found = [
        SectionListings(members[0].indicator.entered_by, pk, tuple(members))
        for pk, members in groups.items()
    ]
    return sorted(found, key=lambda group: -len(group.listings))
