"""What people changed: rows of history as plain frozen dataclasses, each with what differs.

`read_changes` reads any number of rows in a number of queries that depends on the models among
them only. Texts are as the screen has them: values in their display unit, choices by their names.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import BooleanField, ExpressionWrapper, Model, OuterRef, QuerySet, Subquery
from django.utils import timezone

from changes.field_changes import FieldChange, field_changes, value_text
from changes.history_register import HistoryRow, IndicatorFacts, Register, Revision, StaffMember
from changes.history_rows import (
    ADDED,
    CHANGED,
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
from trail.history import DELETED, Door, history_of

ACTIONS = {ADDED: "登録", CHANGED: "変更", DELETED: "削除"}
TAKEN_BACK = "取消し"
AT_A_TIME = 500

Place = tuple[str, int, datetime]
"""Where a row of history stands, as changes/history_rows.py finds it: label of the model, id."""


@dataclass(frozen=True)
class Confirmation:
    """What had been confirmed of a value, by whom and when."""

    value: str
    by: StaffMember
    at: datetime

    @property
    def day(self) -> date:
        """The day on the calendar of the office."""
        return timezone.localdate(self.at)


@dataclass(frozen=True)
class PastChange:
    """One row of history. Texts are "" and the rest is None where there is nothing to say.

    `subject` is what was changed by its name of then, `indicator` what it leads to; its name and
    sections are those of today, or of the day that was asked for. `fiscal_year` is that of the
    value. `confirmation` is set where something was changed that had been confirmed.
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

    @property
    def indicator_id(self) -> int | None:
        """The indicator that it leads to; None where it leads to none."""
        return self.indicator.pk if self.indicator else None

    @property
    def is_of_value(self) -> bool:
        """Whether it is a value that was changed."""
        return self.kind in VALUE_KINDS

    @property
    def is_folded(self) -> bool:
        """Whether a page shows the fields only on demand: all those of something new or gone."""
        return bool(self.fields) and not self.is_of_value and self.action != ACTIONS[CHANGED]

    @property
    def year_label(self) -> str:
        """The year of the value, e.g. 平成29年度（2017）; "" without one."""
        return full_label(self.fiscal_year) if self.fiscal_year else ""

    @property
    def door_label(self) -> str:
        """入力画面, 管理画面 …"""
        return dict(Door.choices).get(self.door, self.door)

    @property
    def local_time(self) -> datetime:
        """When, on the clock of the office."""
        return timezone.localtime(self.at)

    @property
    def day(self) -> date:
        """The day on the calendar of the office."""
        return self.local_time.date()


def read_changes(
    places: Iterable[Place], *, not_entered: str = NOT_REPORTED, as_of: date | None = None
) -> list[PastChange]:
    """Return what stands at these places, in their order.

    `not_entered` is what the audience calls a value that is not there. What the changes refer to
    is called as it is today or, with `as_of`, as it was at the end of that day.
    """
    places = list(places)
    ids: dict[str, list[int]] = defaultdict(list)
    for label, history_id, _ in places:
        ids[label].append(history_id)
    revisions = {
        (label, revision.row["history_id"]): revision
        for label, wanted in ids.items()
        for revision in _revisions(SOURCES[label].model, wanted)
    }
    confirmations = _confirmations(revisions.values())
    register = Register([*revisions.values(), *confirmations.values()], as_of)
    return [
        _change(revisions[label, history_id], register, confirmations, not_entered)
        for label, history_id, _ in places
    ]


def every_change(
    conditions: Conditions,
    *,
    at_a_time: int = AT_A_TIME,
    not_entered: str = NOT_REPORTED,
    as_of: date | None = None,
) -> Iterator[PastChange]:
    """Yield all changes asked for, newest first, some at a time.

    The places are read first: what is changed meanwhile shifts nothing. `not_entered` and `as_of`
    are those of `read_changes`.
    """
    places = list(find(conditions))
    for start in range(0, len(places), at_a_time):
        some = places[start : start + at_a_time]
        yield from read_changes(some, not_entered=not_entered, as_of=as_of)


def changes_of_value(
    indicator_id: int,
    fiscal_year: int,
    *,
    until: date | None = None,
    not_entered: str = NOT_REPORTED,
) -> list[PastChange]:
    """Return the whole history of one value, newest first, across taking back and entering anew.

    `until` is the last day of which changes are asked for, told with the names of that day; None:
    all of them, with those of today.
    """
    places = of_value(indicator_id, fiscal_year, until)
    return read_changes(places, not_entered=not_entered, as_of=until)


def _revisions(model: type[Model], history_ids: list[int]) -> list[Revision]:
    """Return rows of one model, each with the row before it of the same object."""
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
    return [Revision(model, row, befores.get(row["before_id"])) for row in rows]


def _values(model: type[Model], rows: QuerySet, *extra: str) -> list[HistoryRow]:
    fields = [field.attname for field in model._meta.concrete_fields]
    of_history = ("history_id", "history_date", "history_type", "history_user_id", "door")
    return list(rows.order_by().values(*fields, *of_history, "history_change_reason", *extra))


def _confirmations(revisions: Iterable[Revision]) -> dict[int, Revision]:
    """Return, by history_id, the rows that confirmed what these revisions then changed."""
    wanted = {
        revision.row["confirmed_id"]
        for revision in revisions
        if revision.model is Actual and not revision.row["only_state_changed"]
    }
    wanted.discard(None)
    if not wanted:
        return {}
    rows = _values(Actual, Actual.history.filter(history_id__in=wanted))
    return {row["history_id"]: Revision(Actual, row, None) for row in rows}


def _kind(revision: Revision) -> HistoryKind:
    kind = SOURCES[revision.model._meta.label_lower].kind
    if kind is not None:
        return kind
    if revision.row["history_type"] == CHANGED:
        return HistoryKind.MOVED if revision.row["only_state_changed"] else HistoryKind.CORRECTED
    return HistoryKind.ENTERED if revision.row["history_type"] == ADDED else HistoryKind.TAKEN_BACK


def _change(
    revision: Revision, register: Register, confirmations: dict[int, Revision], not_entered: str
) -> PastChange:
    row, kind = revision.row, _kind(revision)
    confirmed_id = row.get("confirmed_id") if kind != HistoryKind.MOVED else None
    confirmed = confirmations.get(confirmed_id) if confirmed_id else None
    return PastChange(
        number=f"{revision.model._meta.model_name}-{row['history_id']}",
        at=row["history_date"],
        by=register.person(row["history_user_id"]),
        kind=kind,
        action=TAKEN_BACK if kind == HistoryKind.TAKEN_BACK else ACTIONS[row["history_type"]],
        door=row["door"],
        reason=row["history_change_reason"] or "",
        model_name=str(revision.model._meta.verbose_name),
        subject=register.subject(revision),
        indicator=register.indicator(revision),
        section=register.section(revision),
        fiscal_year=_fiscal_year(row),
        fields=field_changes(revision, register, not_entered),
        confirmation=_confirmation(confirmed, register) if confirmed else None,
    )


def _fiscal_year(row: HistoryRow) -> int | None:
    columns = ("fiscal_year_id", "fiscal_year", "year")
    return next((row[column] for column in columns if column in row), None)


def _confirmation(revision: Revision, register: Register) -> Confirmation:
    return Confirmation(
        value=value_text(revision.row, register.indicator(revision)),
        by=register.person(revision.row["confirmed_by_id"]),
        at=revision.row["confirmed_at"] or revision.row["history_date"],
    )
