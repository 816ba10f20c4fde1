"""Saves the entry grid: all rows and their move to the next state, or nothing."""

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
    """What saving did: values entered, withdrawn and moved on; rows still without a value."""

    entered: int
    taken_back: int
    moved: int
    missing: int

    @property
    def did_nothing(self) -> bool:
        """Whether nothing was entered, withdrawn or moved."""
        return not (self.entered or self.taken_back or self.moved)


@dataclass(frozen=True)
class Conflict:
    """Two values of one row: the one somebody else stored, and the one the user typed."""

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
    """Nothing was saved. `rows` have their own problems; `of_page` has those of the page, by field.

    `choices` are the rows that somebody else has changed. If nothing else is wrong, the user is
    asked which value to keep.
    """

    rows: list[GridRow]
    of_page: Mapping[str, str]
    choices: list[Conflict]

    @property
    def asks_to_choose(self) -> bool:
        """Whether the only problems are conflicts with other users."""
        wrong = self.of_page or any(row.messages for row in self.rows)
        return bool(self.choices) and not wrong


def save(
    rows: Sequence[GridRow], change: Change, *, kind: str = "", to: str = ""
) -> Saved | Refused:
    """Record the changes and move values to the state `to` ("" moves nothing).

    `kind` (Actual.ChangeKind) classifies changes after the end of entry. Moved are the rows that
    have a value or a reason for none, if the user has seen their current version.
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
"""Fields whose problems are shown once on the page and not in each row."""


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
