"""Past changes: rows of history as plain frozen dataclasses, each with its differences.

The number of queries of `read_changes` depends only on the models among the rows. Texts are those
of the pages: values in their display unit, choices by their labels.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.db.models import BooleanField, ExpressionWrapper, Model, OuterRef, QuerySet, Subquery
from django.utils import timezone

from changes.field_changes import FieldChange, field_changes, value_text
from changes.history_register import HistoryPair, HistoryRow, IndicatorFacts, Register, StaffMember
from changes.history_rows import (
    SOURCES,
    VALUE_KINDS,
    Conditions,
    HistoryKind,
    find,
    last_confirmed,
    of_value,
    only_state_changed,
)
from indicators.models import Actual
from indicators.rules.terms import NOT_REPORTED
from japanese.fiscal_years import full_label
from trail.history import ACTIONS, ADDED, CHANGED, Door, history_of

TAKEN_BACK = "取消し"
AT_A_TIME = 500
_CORRECTIONS = (HistoryKind.CORRECTED, HistoryKind.TAKEN_BACK)

_DOOR_LABELS: dict[str, str] = dict(Door.choices)
_CORRECTION_LABELS: dict[str, str] = dict(Actual.ChangeKind.choices)

Place = tuple[str, int, datetime]
"""The place of a row of history as found by changes/history_rows.py: model label, id, and the time
by which it was found."""


@dataclass(frozen=True)
class Confirmation:
    """An earlier confirmation of a value: what was confirmed, by whom and when."""

    value: str
    by: StaffMember
    at: datetime

    @property
    def day(self) -> date:
        """The day in the office's time zone."""
        return timezone.localdate(self.at)


@dataclass(frozen=True)
class PastChange:
    """One row of history. Missing texts are "", other missing fields None.

    `subject` is the changed object with its name at the time. `indicator` is the one it belongs
    to, with its current name, or that as of the requested day, and the sections of `fiscal_year`,
    which is that of the value. `confirmation` is set if the changed value had been confirmed.
    `correction` (Actual.ChangeKind) says why a value of a closed year was changed.
    """

    number: str
    at: datetime
    by: StaffMember
    kind: HistoryKind
    action: str
    door: str
    reason: str
    model_name: str
    subject: str
    indicator: IndicatorFacts | None
    section: str
    fiscal_year: int | None
    fields: tuple[FieldChange, ...]
    confirmation: Confirmation | None = None
    correction: str = ""

    @property
    def correction_label(self) -> str:
        """確定値への更新, 遡及改定 …; "" where nobody was asked."""
        return _CORRECTION_LABELS.get(self.correction, "")

    @property
    def indicator_id(self) -> int | None:
        """The id of the indicator that the row belongs to, or None."""
        return self.indicator.pk if self.indicator else None

    @property
    def is_of_value(self) -> bool:
        """Whether a value was changed."""
        return self.kind in VALUE_KINDS

    @property
    def is_folded(self) -> bool:
        """Whether pages show the fields only on demand: for created and deleted objects."""
        return bool(self.fields) and not self.is_of_value and self.action != ACTIONS[CHANGED]

    @property
    def year_label(self) -> str:
        """The year of the value, e.g. 平成29年度（2017）; "" without one."""
        return full_label(self.fiscal_year) if self.fiscal_year else ""

    @property
    def door_label(self) -> str:
        """入力画面, 管理画面 …"""
        return _DOOR_LABELS.get(self.door, self.door)

    @cached_property
    def local_time(self) -> datetime:
        """The time of the change in the office's time zone."""
        return timezone.localtime(self.at)

    @property
    def day(self) -> date:
        """The day in the office's time zone."""
        return self.local_time.date()


def read_changes(
    places: Iterable[Place],
    *,
    not_entered: str = NOT_REPORTED,
    as_of: date | None = None,
    fiscal_year: int | None = None,
) -> list[PastChange]:
    """Return the changes at these places, in the same order.

    `not_entered` is the audience's word for a missing value. Objects that the changes refer to
    have their current names or, with `as_of`, those as of the end of that day. What has no year of
    its own shows the sections of `fiscal_year`, or the current ones.
    """
    places = list(places)
    ids: dict[str, list[int]] = defaultdict(list)
    for label, history_id, _ in places:
        ids[label].append(history_id)
    pairs = {
        (label, pair.row["history_id"]): pair
        for label, wanted in ids.items()
        for pair in _pairs(SOURCES[label].model, wanted)
    }
    confirmations = _confirmations(pairs.values())
    register = Register([*pairs.values(), *confirmations.values()], as_of, fiscal_year)
    return [
        _change(pairs[label, history_id], register, confirmations, not_entered)
        for label, history_id, _ in places
    ]


def every_change(
    conditions: Conditions,
    *,
    at_a_time: int = AT_A_TIME,
    not_entered: str = NOT_REPORTED,
    as_of: date | None = None,
    fiscal_year: int | None = None,
) -> Iterator[PastChange]:
    """Yield all matching changes, newest first, reading them in batches.

    All places are read first, so that changes made meanwhile do not shift the batches.
    `not_entered`, `as_of` and `fiscal_year` are as in `read_changes`.
    """
    places = list(find(conditions))
    for start in range(0, len(places), at_a_time):
        some = places[start : start + at_a_time]
        yield from read_changes(some, not_entered=not_entered, as_of=as_of, fiscal_year=fiscal_year)


def changes_of_value(
    indicator_id: int,
    fiscal_year: int,
    *,
    until: date | None = None,
    not_entered: str = NOT_REPORTED,
) -> list[PastChange]:
    """Return the whole history of one value, newest first, even if it was withdrawn in between.

    With `until`, only changes up to that day are returned, with the names as of that day. None
    means all changes with current names.
    """
    places = of_value(indicator_id, fiscal_year, until)
    return read_changes(places, not_entered=not_entered, as_of=until)


def _pairs(model: type[Model], history_ids: list[int]) -> list[HistoryPair]:
    """Return rows of one model, each with the previous row of the same object."""
    key = model._meta.pk.attname
    history = history_of(model)
    before = history.filter(**{key: OuterRef(key)}, history_id__lt=OuterRef("history_id")).order_by(
        "-history_id"
    )
    asked = history.filter(history_id__in=history_ids).annotate(
        before_id=Subquery(before.values("history_id")[:1])
    )
    extra = ["before_id"]
    if model is Actual:
        moved = ExpressionWrapper(only_state_changed(), output_field=BooleanField())
        confirmed = Subquery(last_confirmed().values("history_id")[:1])
        asked = asked.annotate(only_state_changed=moved, confirmed_id=confirmed)
        extra += ["only_state_changed", "confirmed_id"]
    rows = _values(model, asked, *extra)
    earlier = {row["before_id"] for row in rows if row["history_type"] != ADDED}
    found = _values(model, history.filter(history_id__in=earlier - {None}))
    befores = {row["history_id"]: row for row in found}
    return [HistoryPair(model, row, befores.get(row["before_id"])) for row in rows]


def _values(model: type[Model], rows: QuerySet, *extra: str) -> list[HistoryRow]:
    fields = [field.attname for field in model._meta.concrete_fields]
    of_history = ("history_id", "history_date", "history_type", "history_user_id", "door")
    return list(rows.order_by().values(*fields, *of_history, "history_change_reason", *extra))


def _confirmations(pairs: Iterable[HistoryPair]) -> dict[int, HistoryPair]:
    """Return, by history_id, the rows that confirmed what these pairs changed."""
    wanted = {
        pair.row["confirmed_id"]
        for pair in pairs
        if pair.model is Actual and not pair.row["only_state_changed"]
    }
    wanted.discard(None)
    if not wanted:
        return {}
    rows = _values(Actual, Actual.history.filter(history_id__in=wanted))
    return {row["history_id"]: HistoryPair(Actual, row, None) for row in rows}


def _kind(pair: HistoryPair) -> HistoryKind:
    kind = SOURCES[pair.model._meta.label_lower].kind
    if kind is not None:
        return kind
    if pair.row["history_type"] == CHANGED:
        return HistoryKind.MOVED if pair.row["only_state_changed"] else HistoryKind.CORRECTED
    return HistoryKind.ENTERED if pair.row["history_type"] == ADDED else HistoryKind.TAKEN_BACK


def _change(
    pair: HistoryPair, register: Register, confirmations: dict[int, HistoryPair], not_entered: str
) -> PastChange:
    row, kind = pair.row, _kind(pair)
    confirmed_id = row.get("confirmed_id") if kind != HistoryKind.MOVED else None
    confirmed = confirmations.get(confirmed_id) if confirmed_id else None
    return PastChange(
        number=f"{pair.model._meta.model_name}-{row['history_id']}",
        at=row["history_date"],
        by=register.person(row["history_user_id"]),
        kind=kind,
        action=TAKEN_BACK if kind == HistoryKind.TAKEN_BACK else ACTIONS[row["history_type"]],
        door=row["door"],
        reason=row["history_change_reason"] or "",
        model_name=str(pair.model._meta.verbose_name),
        subject=register.subject(pair),
        indicator=register.indicator(pair),
        section=register.section(pair),
        fiscal_year=_fiscal_year(pair, register),
        fields=field_changes(pair, register, not_entered),
        confirmation=_confirmation(confirmed, register) if confirmed else None,
        # Rows of a changed state still have the kind of the change of content before them.
        correction=row["change_kind"] if kind in _CORRECTIONS else "",
    )


def _fiscal_year(pair: HistoryPair, register: Register) -> int | None:
    columns = ("fiscal_year_id", "fiscal_year", "year")
    if own := [pair.row[column] for column in columns if column in pair.row]:
        return own[0]
    parent, _, column = SOURCES[pair.model._meta.label_lower].fiscal_year.partition("__")
    return register.related(pair, parent).get(column) if column else None


def _confirmation(pair: HistoryPair, register: Register) -> Confirmation:
    return Confirmation(
        value=value_text(pair.row, register.indicator(pair)),
        by=register.person(pair.row["confirmed_by_id"]),
        at=pair.row["confirmed_at"] or pair.row["history_date"],
    )
