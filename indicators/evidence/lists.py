"""Which 根拠資料 there are: of one value with last year's beside it, and how many per year."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any, Protocol

from django.db.models import Count, Q

from accounts import access
from indicators.models import Actual, Evidence, FiscalYear, Indicator


class Measured(Protocol):
    """An indicator, stored or of a tree: by its key and the keys of its sections."""

    @property
    def pk(self) -> int: ...
    @property
    def section_id(self) -> int: ...
    @property
    def entered_by_id(self) -> int: ...


def files_of(indicator_id: int, fiscal_year: int, *, with_removed: bool) -> list[Evidence]:
    """Return the files of a value in the order in which they were added."""
    files = Evidence.objects.filter(indicator=indicator_id, fiscal_year=fiscal_year)
    if not with_removed:
        files = files.present()
    return list(files.select_related("added_by", "removed_by"))


def count_shown(user: Any, indicator: Measured, fiscal_year: int) -> int | None:
    """Return how many files a value has, for a link to them on its page.

    None for who may not see them, and for a year that planning has not made.
    """
    if not access.may_see_evidence(user, indicator.section_id, indicator.entered_by_id):
        return None
    present = Q(evidence__indicator=indicator.pk, evidence__removed_at__isnull=True)
    years = FiscalYear.objects.filter(pk=fiscal_year)
    counted = years.annotate(files=Count("evidence", filter=present))
    return counted.values_list("files", flat=True).first()


def may_change(user: Any, indicator: Indicator, year: FiscalYear) -> bool:
    """Return whether the user may add files to a value and take them back."""
    confirmed = Actual.objects.filter(
        indicator=indicator, fiscal_year=year, state=Actual.State.CONFIRMED
    )
    return access.may_change_evidence(
        user,
        indicator.entered_by_id,
        entry_is_open=year.entry_is_open,
        is_confirmed=confirmed.exists(),
    )


def may_see(user: Any, indicator: Indicator) -> bool:
    """Return whether the user may see the files of an indicator."""
    return access.may_see_evidence(user, indicator.section_id, indicator.entered_by_id)


def names_by_indicator(fiscal_year: int, indicator_ids: Collection[int]) -> dict[int, list[str]]:
    """Return the names of the files of each indicator in a year; those without are left out."""
    files = Evidence.objects.present().filter(fiscal_year=fiscal_year, indicator__in=indicator_ids)
    names: dict[int, list[str]] = defaultdict(list)
    for indicator_id, name in files.order_by("added_at", "pk").values_list("indicator_id", "name"):
        names[indicator_id].append(name)
    return dict(names)
