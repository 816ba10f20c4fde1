"""Who changed what since the preview of an act on sections was shown.

A preview carries the newest rows of the histories that it depends on, by their ids: the server's
clock can be set back.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Max, Q

from accounts.models import Section
from indicators.models import Actual, Indicator
from indicators.reorganising import Act
from japanese.row_numbers import row_number
from trail.events import Event
from trail.history import ACTIONS, history_of
from trail.meanwhile import when_and_who

SHOWN = 3
"""How many changes a message names."""


def newest_rows() -> str:
    """Return what is the newest in the histories now, as a text for a hidden field."""
    newest = [
        *(
            history_of(model).aggregate(newest=Max("history_id"))["newest"]
            for model in (Section, Indicator, Actual)
        ),
        Event.objects.aggregate(newest=Max("pk"))["newest"],
    ]
    return "-".join(str(one or 0) for one in newest)


def changed_since(act: Act, seen: str) -> str:
    """Return when and by whom what an act concerns was changed since; "" if nobody can tell."""
    parts = [row_number(part) for part in seen.split("-")]
    numbers = [number for number in parts if number is not None]
    if len(parts) != 4 or len(numbers) != 4:
        return ""
    found = sorted(_changes(act, numbers), key=lambda one: one[0])
    told = list(dict.fromkeys(text for _, text in found))
    more = f"など{len(told)}件の変更がありました" if len(told) > SHOWN else "しました"
    return "、".join(told[-SHOWN:]) + more if told else ""


def _changes(act: Act, since: list[int]) -> Iterator[tuple[Any, str]]:
    """Yield the time and the words of each change."""
    ids = [section.pk for section in (*act.sections, *act.heirs)]
    indicators = history_of(Indicator)
    of_sections = indicators.filter(Q(section__in=ids) | Q(entered_by__in=ids)).values("id")
    sections, names, values, events = since
    of_acted = history_of(Section).filter(id__in=ids, history_id__gt=sections)
    yield from _told(of_acted, lambda row: f"課「{row.name}」")
    of_names = indicators.filter(id__in=of_sections, history_id__gt=names)
    yield from _told(of_names, lambda row: f"指標「{row.name}」")
    known = dict(Indicator.objects.filter(pk__in=of_sections).values_list("pk", "name"))
    yield from _told(
        history_of(Actual).filter(indicator__in=of_sections, history_id__gt=values),
        lambda row: f"「{known.get(row.indicator_id, '')}」の値",
    )
    names_them = Q()
    for section in (*act.sections, *act.heirs):
        names_them |= Q(detail__contains=section.name)
    moved = Event.objects.filter(names_them, kind=Event.Kind.SECTIONS, pk__gt=events)
    for event in moved.select_related("by"):
        yield (
            event.occurred_at,
            f"{when_and_who(event.occurred_at, event.by)}が{event.subject}の所属を変更",
        )


def _told(rows: Any, subject: Any) -> Iterable[tuple[Any, str]]:
    for row in rows.select_related("history_user"):
        who = when_and_who(row.history_date, row.history_user)
        yield row.history_date, f"{who}が{subject(row)}を{ACTIONS[row.history_type]}"
