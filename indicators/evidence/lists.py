"""Queries for 根拠資料: the files of a value, their number, their names, and permissions."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from operator import attrgetter
from typing import Any

from django.db.models import Count, Q

from accounts import access
from indicators.duties import Duties, Duty, Measured, SectionsInTime, duty_of
from indicators.models import Actual, Evidence, FiscalYear, Indicator


def files_of(indicator_id: int, fiscal_year: int, *, with_removed: bool) -> list[Evidence]:
    """Return the files of a value, oldest first, each with `distinct_name`."""
    files = Evidence.objects.filter(indicator=indicator_id, fiscal_year=fiscal_year)
    found = _told_apart(files.select_related("added_by", "removed_by"))
    return [file for file in found if with_removed or file.removed_at is None]


def distinct_name(file: Evidence) -> str:
    """Return the name of a file, with a number if an earlier one of its value has the same name."""
    files = Evidence.objects.filter(indicator=file.indicator_id, fiscal_year=file.fiscal_year_id)
    return next(one.distinct_name for one in _told_apart(files) if one.pk == file.pk)


def _told_apart(files: Iterable[Evidence]) -> list[Any]:
    """Return all files of a value with `distinct_name`: 調査票.pdf, 調査票（2）.pdf.

    Removed files count, so that a file never changes its name. File names of Windows are
    case-insensitive.
    """
    found: list[Any] = sorted(files, key=attrgetter("pk"))
    seen: Counter[str] = Counter()
    for file in found:
        seen[file.name.casefold()] += 1
        number = seen[file.name.casefold()]
        stem, dot, ending = file.name.rpartition(".")
        file.distinct_name = f"{stem}（{number}）{dot}{ending}" if number > 1 else file.name
    return found


def count_shown(user: Any, indicator: Measured, fiscal_year: int) -> int | None:
    """Return the number of files of a value, for the link on its page.

    None if the user may not see them, or if the fiscal year does not exist.
    """
    if not may_see(user, indicator, fiscal_year):
        return None
    present = Q(evidence__indicator=indicator.pk, evidence__removed_at__isnull=True)
    years = FiscalYear.objects.filter(pk=fiscal_year)
    counted = years.annotate(files=Count("evidence", filter=present))
    return counted.values_list("files", flat=True).first()


def may_change_files(user: Any, indicator: Indicator, year: FiscalYear) -> bool:
    """Return whether the user may add and remove files of a value."""
    confirmed = Actual.objects.filter(
        indicator=indicator, fiscal_year=year, state=Actual.State.CONFIRMED
    )
    return access.may_change_evidence(
        user,
        duty_of(indicator, year.pk).entering_id,
        entry_is_open=year.entry_is_open,
        is_confirmed=confirmed.exists(),
    )


def may_see(user: Any, indicator: Measured, fiscal_year: int) -> bool:
    """Return whether the user may see the files of the indicator's value of a year.

    The sections of that year see them and the current ones, which need them for the next value.
    """
    duties = Duties([indicator.pk])
    return _sees(user, duties.of(indicator, None), duties.of(indicator, fiscal_year))


def may_see_of(user: Any, in_time: SectionsInTime, fiscal_year: int) -> bool:
    """Return the same for an indicator of the tree, without a query."""
    return _sees(user, in_time.duty(None), in_time.duty(fiscal_year))


def _sees(user: Any, *duties: Duty) -> bool:
    return any(access.may_see_evidence(user, duty.section_id, duty.entering_id) for duty in duties)


def names_by_indicator(fiscal_year: int, indicator_ids: Collection[int]) -> dict[int, list[str]]:
    """Return the file names in a year by indicator; indicators without files are left out."""
    files = present_by_indicator(fiscal_year, indicator_ids)
    return {pk: [file.distinct_name for file in found] for pk, found in files.items()}


def present_by_indicator(fiscal_year: int, indicator_ids: Collection[int]) -> dict[int, list[Any]]:
    """Return the files in a year by indicator, oldest first, each with `distinct_name`.

    Indicators without files are left out.
    """
    files: dict[int, list[Evidence]] = defaultdict(list)
    for file in Evidence.objects.filter(fiscal_year=fiscal_year, indicator__in=indicator_ids):
        files[file.indicator_id].append(file)
    present = {
        pk: [file for file in _told_apart(of_value) if file.removed_at is None]
        for pk, of_value in files.items()
    }
    return {pk: found for pk, found in present.items() if found}
