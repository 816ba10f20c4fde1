"""Queries for 根拠資料: the files of a value, their number, their names, and permissions."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any, Protocol

from django.db.models import Count, Q

from accounts import access
from indicators.models import Actual, Evidence, FiscalYear, Indicator


class Measured(Protocol):
    """What the permissions need of an indicator, stored or of the tree."""

    @property
    def pk(self) -> int: ...
    @property
    def section_id(self) -> int: ...
    @property
    def entered_by_id(self) -> int: ...


def files_of(indicator_id: int, fiscal_year: int, *, with_removed: bool) -> list[Evidence]:
    """Return the files of a value, oldest first."""
    files = Evidence.objects.filter(indicator=indicator_id, fiscal_year=fiscal_year)
    if not with_removed:
        files = files.present()
    return list(files.select_related("added_by", "removed_by"))


def count_shown(user: Any, indicator: Measured, fiscal_year: int) -> int | None:
    """Return the number of files of a value, for the link on its page.

    None if the user may not see them, or if the fiscal year does not exist.
    """
    if not access.may_see_evidence(user, indicator.section_id, indicator.entered_by_id):
        return None
    present = Q(evidence__indicator=indicator.pk, evidence__removed_at__isnull=True)
    years = FiscalYear.objects.filter(pk=fiscal_year)
    counted = years.annotate(files=Count("evidence", filter=present))
    return counted.values_list("files", flat=True).first()


def may_change(user: Any, indicator: Indicator, year: FiscalYear) -> bool:
    """Return whether the user may add and remove files of a value."""
    confirmed = Actual.objects.filter(
        indicator=indicator, fiscal_year=year, state=Actual.State.CONFIRMED
    )
    return access.may_change_evidence(
        user,
        indicator.entered_by_id,
        entry_is_open=year.entry_is_open,
        is_confirmed=confirmed.exists(),
    )


def may_see(user: Any, indicator: Measured) -> bool:
    """Return whether the user may see the files of the indicator's values."""
    return access.may_see_evidence(user, indicator.section_id, indicator.entered_by_id)


def names_by_indicator(fiscal_year: int, indicator_ids: Collection[int]) -> dict[int, list[str]]:
    """Return the file names in a year by indicator; indicators without files are left out."""
    files = Evidence.objects.present().filter(fiscal_year=fiscal_year, indicator__in=indicator_ids)
    names: dict[int, list[str]] = defaultdict(list)
    for indicator_id, name in files.order_by("added_at", "pk").values_list("indicator_id", "name"):
        names[indicator_id].append(name)
    return dict(names)
