"""Who brought what a section wrote into its state, and who recorded a decision on it, and when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reviews.models import Answered, MeasureReview, State


@dataclass(frozen=True)
class Mover:
    """Who moved a row, None where that is not recorded, and when."""

    person: Any
    at: datetime


def movers_of(model: type[Answered], rows: Iterable[Answered]) -> dict[int, Mover]:
    """Return by the id of each row who brought it into its state; one query at most.

    `rows` have `entered_by` and `confirmed_by` read. Who returned a text, asked for an answer or
    answered is in its history only.
    """
    found, elsewhere = {}, {}
    for row in rows:
        found[row.pk] = Mover(row.entered_by, row.entered_at)
        if row.state == State.CONFIRMED and row.confirmed_at:
            found[row.pk] = Mover(row.confirmed_by, row.confirmed_at)
        elif row.state not in (State.DRAFT, State.CONFIRMED):
            elsewhere[row.pk] = row.state
    if elsewhere:
        history: Any = model.history  # type: ignore[attr-defined]
        records = history.filter(id__in=elsewhere, state__in=set(elsewhere.values()))
        for record in records.select_related("history_user").order_by("history_date", "version"):
            if record.state == elsewhere[record.id]:
                found[record.id] = Mover(record.history_user, record.history_date)
    return found


def decision_recorders_of(rows: Iterable[MeasureReview]) -> dict[int, Mover]:
    """Return by the id of each evaluation who recorded the decision of 推進本部; one query at most.

    An evaluation without a decision is not in it.
    """
    decided = {row.pk: (row.decision, row.decided_on) for row in rows if row.decided_on}
    if not decided:
        return {}
    history: Any = MeasureReview.history
    records = history.filter(id__in=decided).select_related("history_user")
    found: dict[int, Mover] = {}
    for record in records.order_by("history_date", "version"):
        if (record.decision, record.decided_on) != decided[record.id]:
            found.pop(record.id, None)
        elif record.id not in found:
            found[record.id] = Mover(record.history_user, record.history_date)
    return found
