"""Saving the entry grid: all rows and their step to the head, or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from entry.grid import GridRow, field_id
from indicators.entries import Entry
from indicators.models import Actual
from indicators.recording import Problem, RecordingError, check, record, who_was_faster
from indicators.rules.given import given
from trail.history import Change


@dataclass(frozen=True)
class Saved:
    """What saving did: values entered, taken back, moved on; rows still without a value."""

    entered: int
    taken_back: int
    moved: int
    missing: int

    @property
    def did_nothing(self) -> bool:
        """Whether everything was as wanted before."""
        return not (self.entered or self.taken_back or self.moved)


@dataclass(frozen=True)
class Conflict:
    """Two values of one row: what somebody else stored, and what the person typed."""

    row: GridRow
    message: str
    theirs: str
    mine: str
    version: str

    @property
    def id(self) -> str:
        """The name of the choice in the form."""
        return field_id(self.row.pk, "choice")


@dataclass(frozen=True)
class Refused:
    """Nothing was saved. `rows` bear what is wrong with them, `of_page` with the page, by field.

    `choices` are the rows whose value somebody else changed; where nothing else is wrong, the
    person is asked which value shall stay.
    """

    rows: list[GridRow]
    of_page: Mapping[str, str]
    choices: list[Conflict]

    @property
    def asks_to_choose(self) -> bool:
        """Whether the only thing wrong is that somebody else was faster."""
        wrong = self.of_page or any(row.messages for row in self.rows)
        return bool(self.choices) and not wrong


def save(
    rows: Sequence[GridRow], change: Change, *, kind: str = "", to: str = ""
) -> Saved | Refused:
    """Record what was changed and move on to the state `to` ("": nothing moves).

    `kind` (Actual.ChangeKind) says why values of a year change whose entry has ended. Moved on are
    the rows that have a value or a reason for none, and that the person saw as they are.
    """
    changed = {row.pk: row.entry for row in rows if row.entry is not None}
    as_they_are = {row.pk: row.unchanged_entry for row in rows if to and row.unchanged_entry}
    entries = {
        pk: replace(entry, change_kind=kind) for pk, entry in {**changed, **as_they_are}.items()
    }
    if any(row.is_touched and row.reading.faults for row in rows):
        return _refused(rows, entries, check(entries.values(), change))
    try:
        results = record(entries.values(), change, to=to)
    except RecordingError as error:
        return _refused(rows, entries, error.problems)
    recorded = dict(zip(entries, results, strict=True))
    return _counted(rows, changed, recorded, to)


def _counted(
    rows: Sequence[GridRow],
    changed: Mapping[int, Entry],
    recorded: Mapping[int, Actual | None],
    to: str,
) -> Saved:
    entered = sum(recorded[pk] is not None for pk in changed)
    moved = [
        row.pk
        for row in rows
        if (actual := recorded.get(row.pk)) is not None
        and actual.state == to
        and (row.pk in changed or given(row.row.stored).state != to)
    ]
    missing = sum(
        recorded[row.pk] is None if row.pk in recorded else row.row.stored is None for row in rows
    )
    return Saved(entered, len(changed) - entered, len(moved), missing)


OF_PAGE = ("reason", "change_kind", "fiscal_year")
"""Fields of problems that stand on the page once, not in each row."""


def _refused(
    rows: Sequence[GridRow], entries: Mapping[int, Entry], problems: Sequence[Problem]
) -> Refused:
    of_page: dict[str, str] = {}
    faster: dict[int, Actual | None] = {}
    more: dict[int, dict[str, tuple[str, ...]]] = {}
    ids = list(entries)
    for problem in problems:
        pk = ids[problem.index]
        if problem.field in OF_PAGE:
            of_page[problem.field] = problem.message
        elif problem.field == "version":
            faster[pk] = problem.current
        else:
            found = more.setdefault(pk, {})
            name = problem.field or "value"
            found[name] = (*found.get(name, ()), problem.message)
    marked = [replace(row, more=more.get(row.pk, {}), shows_faults=True) for row in rows]
    asked = [_choice(row, faster[row.pk]) for row in marked if row.pk in faster]
    return Refused(marked, of_page, asked)


def _choice(row: GridRow, current: Actual | None) -> Conflict:
    if current is None:
        message = "この値は、ほかの人が未入力に戻しました。"
        theirs, version = "未入力", ""
    else:
        message = who_was_faster(current)
        theirs = row.row.value_of(current)
        version = str(current.version)
    message += "どちらの値を残すか選んでください。"
    return Conflict(row, message, theirs, row.reading.text, version)
