"""Who entered and confirmed the values of a tree, when, and their 根拠資料.

It is not part of the tree because pages of the plan do not need it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Model, QuerySet
from django.utils import timezone

from accounts.models import User
from changes.history_register import StaffMember
from indicators.models import Actual, Evidence
from plans.nodes import ListingNode, StrategyTree
from trail.history import as_it_stood

Key = tuple[int, int]
"""(indicator id, fiscal year)."""


@dataclass(frozen=True)
class ValueRecord:
    """Who entered and confirmed a value. `has_evidence`: whether it has a file of 根拠資料."""

    entered_by: StaffMember
    entered_at: datetime
    confirmed_by: StaffMember | None
    confirmed_at: datetime | None
    has_evidence: bool

    @property
    def local_time(self) -> datetime:
        """The time of entry in the office's time zone."""
        return timezone.localtime(self.entered_at)


@dataclass(frozen=True)
class EvidenceRecord:
    """A file of 根拠資料 of a value: its name, its size in bytes, its digest, who attached it."""

    listing: ListingNode
    fiscal_year: int
    name: str
    size: int
    sha256: str
    added_by: StaffMember
    added_at: datetime

    @property
    def local_time(self) -> datetime:
        """When the file was attached, in the office's time zone."""
        return timezone.localtime(self.added_at)


def value_records(tree: StrategyTree) -> dict[Key, ValueRecord]:
    """Return the records of all values of the tree's indicators. Needs three queries."""
    indicators = {listing.indicator.pk for listing in tree.listings}
    fields = ("entered_by_id", "entered_at", "confirmed_by_id", "confirmed_at")
    rows = list(
        _table(tree, Actual)
        .filter(indicator_id__in=indicators)
        .order_by()
        .values_list("indicator_id", "fiscal_year_id", *fields)
    )
    people = _people(number for row in rows for number in (row[2], row[4]))
    proven = _with_evidence(tree, indicators)
    return {
        (indicator, year): ValueRecord(
            entered_by=people.get(entered_by, StaffMember()),
            entered_at=entered_at,
            confirmed_by=people.get(confirmed_by),
            confirmed_at=confirmed_at,
            has_evidence=(indicator, year) in proven,
        )
        for indicator, year, entered_by, entered_at, confirmed_by, confirmed_at in rows
    }


def _table(tree: StrategyTree, model: type[Model]) -> QuerySet:
    return model._default_manager.all() if tree.as_of is None else as_it_stood(model, tree.as_of)


def _people(ids: Iterable[int | None]) -> dict[int, StaffMember]:
    known = {number for number in ids if number is not None}
    found = User.objects.filter(pk__in=known).order_by()
    rows = found.values_list("pk", "full_name", "username")
    return {pk: StaffMember(name or number, number) for pk, name, number in rows}


def _with_evidence(tree: StrategyTree, indicators: set[int]) -> set[Key]:
    """Return the keys of values with a file of 根拠資料 that was not withdrawn."""
    kept = _present_evidence(tree, indicators)
    return set(kept.order_by().values_list("indicator_id", "fiscal_year_id"))


def _present_evidence(tree: StrategyTree, indicators: set[int]) -> QuerySet:
    return _table(tree, Evidence).filter(indicator_id__in=indicators, removed_at__isnull=True)


def evidence_records(tree: StrategyTree) -> list[EvidenceRecord]:
    """Return the files of the tree's values that were not removed. Needs two queries.

    They are in the order of the plan, of the years and of their attachment. The files of a
    repeated indicator (再掲) are at its first listing.
    """
    firsts = {x.indicator.pk: x for x in reversed(tree.listings)}
    order = {pk: number for number, pk in enumerate(reversed(firsts))}
    fields = ("name", "size", "sha256", "added_by_id", "added_at")
    rows = (
        _present_evidence(tree, set(firsts))
        .order_by("added_at", "id")
        .values_list("indicator_id", "fiscal_year_id", *fields)
    )
    found = sorted(rows, key=lambda row: (order[row[0]], row[1]))
    people = _people(row[5] for row in found)
    return [
        EvidenceRecord(
            firsts[indicator], year, name, size, digest, people.get(by, StaffMember()), at
        )
        for indicator, year, name, size, digest, by, at in found
    ]


def without_evidence(tree: StrategyTree) -> list[ListingNode]:
    """Return the listings whose value for the tree's year has no file of 根拠資料.

    Repeated listings of an indicator (再掲) are left out. Needs one query.
    """
    year = tree.fiscal_year
    firsts = [listing for listing in tree.listings if listing.first_listing]
    proven = _with_evidence(tree, {listing.indicator.pk for listing in firsts})
    return [
        listing
        for listing in firsts
        if year in listing.indicator.values and (listing.indicator.pk, year) not in proven
    ]
