"""Which section answers for an indicator and which enters it, year by year.

The row of an indicator has the current sections, `PastDuty` those of earlier years. A page for a
year shows the sections of that year. But only current sections can enter it: one that has ended
since no longer has people, so its rows go to the next section that still exists.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from django.db.models import BigIntegerField, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.sections import SectionNames
from indicators.models import PastDuty


class Measured(Protocol):
    """What is needed of an indicator, stored or of the tree."""

    @property
    def pk(self) -> int: ...
    @property
    def section_id(self) -> int: ...
    @property
    def entered_by_id(self) -> int: ...


@dataclass(frozen=True)
class Duty:
    """The ids of the sections of an indicator in a year.

    `entering_id` is the section that may enter the year now: `entered_by_id` or, where that has
    ended, the one that the indicator went to.
    """

    section_id: int
    entered_by_id: int
    entering_id: int


class PastSections(NamedTuple):
    """A row of `PastDuty`. `is_active`: whether the entering section still exists."""

    last_fiscal_year: int
    section_id: int
    entered_by_id: int
    is_active: bool


@dataclass(frozen=True)
class SectionsInTime:
    """The sections of an indicator in all years, with their names.

    `past` has the earlier ones, sorted by their last year; the ids are those of today.
    """

    past: Sequence[PastSections]
    section_id: int
    entered_by_id: int
    names: SectionNames

    def duty(self, fiscal_year: int | None) -> Duty:
        """Return who has the indicator in a year; None is today."""
        return duty_in(fiscal_year, self.past, self.section_id, self.entered_by_id)

    def section(self, fiscal_year: int | None) -> str:
        """Return the name of the responsible section in a year."""
        return self.names.of(self.duty(fiscal_year).section_id, fiscal_year)

    def entered_by(self, fiscal_year: int | None) -> str:
        """Return the name of the entering section in a year."""
        return self.names.of(self.duty(fiscal_year).entered_by_id, fiscal_year)


def shown_in(in_time: SectionsInTime, fiscal_year: int | None) -> dict[str, Any]:
    """Return the fields of a node that say who has an indicator in a year; None is today."""
    duty = in_time.duty(fiscal_year)
    return {
        "section_id": duty.section_id,
        "section": in_time.names.of(duty.section_id, fiscal_year),
        "entered_by_id": duty.entered_by_id,
        "entered_by": in_time.names.of(duty.entered_by_id, fiscal_year),
        "entering_id": duty.entering_id,
        "in_time": in_time,
    }


PAST_SECTIONS = ("last_fiscal_year", "section_id", "entered_by_id", "entered_by__is_active")
"""The columns of `PastSections`."""


def duty_in(
    fiscal_year: int | None, past: Iterable[PastSections], section_id: int, entered_by_id: int
) -> Duty:
    """Return who has an indicator in a year; None is today.

    `past` has its earlier sections, sorted by their last year; `section_id` and `entered_by_id` are
    those of today.
    """
    later = [one for one in past if fiscal_year is not None and one.last_fiscal_year >= fiscal_year]
    entering = next((one.entered_by_id for one in later if one.is_active), entered_by_id)
    if later:
        section_id, entered_by_id = later[0].section_id, later[0].entered_by_id
    return Duty(section_id, entered_by_id, entering)


class Duties:
    """The sections of some indicators in all years; read in one query."""

    def __init__(self, indicator_ids: Collection[int]) -> None:
        self._past: dict[int, list[PastSections]] = defaultdict(list)
        rows = PastDuty.objects.filter(indicator__in=indicator_ids).order_by("last_fiscal_year")
        for indicator_id, *row in rows.values_list("indicator_id", *PAST_SECTIONS):
            self._past[indicator_id].append(PastSections(*row))

    def of(self, indicator: Measured, fiscal_year: int | None) -> Duty:
        """Return who has an indicator in a year."""
        past = self._past.get(indicator.pk, ())
        return duty_in(fiscal_year, past, indicator.section_id, indicator.entered_by_id)

    def in_time(self, row: Mapping[str, Any], names: SectionNames) -> SectionsInTime:
        """Return the sections in all years for a row with `pk` and the two ids of today."""
        past = self._past.get(row["pk"], ())
        return SectionsInTime(past, row["section_id"], row["entered_by_id"], names)


def duty_of(indicator: Measured, fiscal_year: int | None) -> Duty:
    """Return who has one indicator in a year; one query."""
    return Duties([indicator.pk]).of(indicator, fiscal_year)


def shown_section(field: str, fiscal_year: int) -> Coalesce:
    """Return an expression for the id of an indicator's section in a year.

    `field` is `section` or `entered_by`.
    """
    return _first(_from("pk", fiscal_year), field)


def entering_section(fiscal_year: int) -> Coalesce:
    """Return an expression for the id of the section that may enter an indicator's year now."""
    return _first(_from("pk", fiscal_year).filter(entered_by__is_active=True), "entered_by")


def shown_section_of_value(field: str) -> Coalesce:
    """Return `shown_section` for a value (`Actual`) and its own year."""
    return _first(_from("indicator", OuterRef("fiscal_year")), field, "indicator__")


def entering_section_of_value() -> Coalesce:
    """Return `entering_section` for a value (`Actual`) and its own year."""
    past = _from("indicator", OuterRef("fiscal_year")).filter(entered_by__is_active=True)
    return _first(past, "entered_by", "indicator__")


def _from(indicator: str, fiscal_year: Any) -> QuerySet[PastDuty]:
    """Return the earlier sections that hold in a year or later; `indicator` is a path to its id."""
    return PastDuty.objects.filter(
        indicator=OuterRef(indicator), last_fiscal_year__gte=fiscal_year
    ).order_by("last_fiscal_year")


def _first(past: QuerySet[PastDuty], field: str, path: str = "") -> Coalesce:
    """Return the first of the earlier sections, else that of the indicator at the end of `path`."""
    today = F(f"{path}{field}_id")
    return Coalesce(Subquery(past.values(f"{field}_id")[:1]), today, output_field=BigIntegerField())
