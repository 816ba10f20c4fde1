"""The hand-over in April: move indicators between sections, with history."""

from collections.abc import Iterable

from django.db import transaction
from simple_history.utils import bulk_update_with_history

from accounts.models import Section
from indicators.models import Indicator, PastDuty
from trail.history import create_with_history, current_change


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
    change = current_change()
    with transaction.atomic():
        moved = []
        earlier = []
        for indicator in Indicator.objects.select_for_update().filter(pk__in=indicator_ids):
            if all(getattr(indicator, f"{field}_id") == new.pk for field, new in wanted.items()):
                continue
            if first_fiscal_year is not None:
                earlier.append(
                    PastDuty(
                        indicator=indicator,
                        last_fiscal_year=first_fiscal_year - 1,
                        section_id=indicator.section_id,
                        entered_by_id=indicator.entered_by_id,
                    )
                )
            for field, new in wanted.items():
                setattr(indicator, field, new)
            moved.append(indicator)
        kept = PastDuty.objects.filter(last_fiscal_year=(first_fiscal_year or 0) - 1)
        known = set(kept.values_list("indicator", flat=True)) if earlier else set()
        create_with_history(PastDuty, [one for one in earlier if one.indicator_id not in known])
        if moved:
            bulk_update_with_history(
                moved,
                Indicator,
                list(wanted),
                default_user=change.by,
                default_change_reason=change.reason,
                default_date=change.at,
                custom_historical_attrs={"door": change.door},
            )
    return moved
