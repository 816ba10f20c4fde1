"""The hand-over in April: move indicators between sections, with history."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Max

from accounts.models import Section
from indicators.models import FiscalYear, Indicator, PastDuty
from japanese.fiscal_years import era_label, full_label
from trail.history import create_with_history, update_with_history

SECTIONS = frozenset({"section", "entered_by"})
"""The fields of an indicator with its current sections."""


def _last_year(indicator: Indicator) -> int:
    """Return the last fiscal year before the newest change of sections; 0 without one."""
    past = PastDuty.objects.filter(indicator=indicator)
    return past.aggregate(last=Max("last_fiscal_year", default=0))["last"]


def too_early(indicator: Indicator, first_fiscal_year: int) -> str:
    """Return a message where the year is before an earlier change of sections; else ""."""
    last = _last_year(indicator)
    if first_fiscal_year > last:
        return ""
    began = full_label(last + 1)
    return f"「{indicator}」は、{began}に課が変わっています。{began}以後の年度にしてください。"


def years_changed(indicator: Indicator, first_fiscal_year: int | None) -> str:
    """Return in words the years whose sections a change would replace without consent; "" for none.

    With a first year, those are the years from it on that are ended or published: a hand-over is
    for years to come. Without one, all years since the last change get the new sections.
    """
    first = first_fiscal_year
    if first is None:
        first = _last_year(indicator) + 1
    years = list(FiscalYear.objects.filter(year__gte=first).order_by("year"))
    if first_fiscal_year is not None:
        years = [year for year in years if year.is_settled]
    if not years:
        return ""
    words = full_label(years[0].pk)
    if len(years) > 1:
        words += f"から{full_label(years[-1].pk)}まで"
    published = [era_label(year.pk) for year in years if year.published_on]
    return words + (f"（公表した{'、'.join(published)}を含む）" if published else "")


def keep_sections(stored: Iterable[Indicator], first_fiscal_year: int) -> None:
    """Keep the sections of indicators, as they are stored, for the years before a year."""
    stored = list(stored)
    last = first_fiscal_year - 1
    past = PastDuty.objects.filter(indicator__in=stored, last_fiscal_year=last)
    known = set(past.values_list("indicator", flat=True))
    earlier = [
        PastDuty(
            indicator=indicator,
            last_fiscal_year=last,
            section_id=indicator.section_id,
            entered_by_id=indicator.entered_by_id,
        )
        for indicator in stored
        if indicator.pk not in known
    ]
    create_with_history(PastDuty, earlier)


def move_indicators(
    indicator_ids: Iterable[int],
    *,
    section: Section | None = None,
    entered_by: Section | None = None,
    first_fiscal_year: int | None = None,
) -> list[Indicator]:
    """Set the responsible section and the entering section of indicators.

    None leaves a section unchanged. Years before `first_fiscal_year` keep the sections that they
    had; without it, the years since the last change get the new ones. Returns the indicators that
    changed. User, reason and door come from the current change (trail.history.changing).
    """
    asked = {"section": section, "entered_by": entered_by}
    wanted = {field: new for field, new in asked.items() if new is not None}
    with transaction.atomic():
        moved = [
            indicator
            for indicator in Indicator.objects.select_for_update().filter(pk__in=indicator_ids)
            if any(getattr(indicator, f"{field}_id") != new.pk for field, new in wanted.items())
        ]
        if moved and first_fiscal_year is not None:
            keep_sections(moved, first_fiscal_year)
        for indicator in moved:
            for field, new in wanted.items():
                setattr(indicator, field, new)
        update_with_history(Indicator, moved, list(wanted))
    return moved
