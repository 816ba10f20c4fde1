"""The hand-over in April: move indicators between sections, with history."""

from collections.abc import Iterable

from django.db import transaction
from simple_history.utils import bulk_update_with_history

from accounts.models import Section
from indicators.models import Indicator
from trail.history import current_change


def move_indicators(
    indicator_ids: Iterable[int],
    *,
    section: Section | None = None,
    entered_by: Section | None = None,
) -> list[Indicator]:
    """Set the responsible section and the entering section of indicators.

    None leaves a section unchanged. Returns the indicators that changed. User, reason and door come
    from the current change (trail.history.changing).
    """
    asked = {"section": section, "entered_by": entered_by}
    wanted = {field: new for field, new in asked.items() if new is not None}
    change = current_change()
    with transaction.atomic():
        moved = []
        for indicator in Indicator.objects.select_for_update().filter(pk__in=indicator_ids):
            if all(getattr(indicator, f"{field}_id") == new.pk for field, new in wanted.items()):
                continue
            for field, new in wanted.items():
                setattr(indicator, field, new)
            moved.append(indicator)
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
