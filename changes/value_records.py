"""Who entered and confirmed the values of a tree, when, and whether they have 根拠資料.

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
    kept = _table(tree, Evidence).filter(indicator_id__in=indicators, removed_at__isnull=True)
    return set(kept.order_by().values_list("indicator_id", "fiscal_year_id"))


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
