"""Saves the entry grid: with a move to the next state all rows or nothing, else all that are valid.

A row whose stored value has changed since the page was opened is merged with it, see
indicators/merging.py.
What only the user can decide is asked first; `decisions` has the answers, by name of their field.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format

from accounts import access
from entry.choices import MINE, THEIRS, TwoContents
from entry.grid import FIELDS, GridRow, grid_texts, seen_of
from entry.grid_fields import choice_id, field_id
from indicators.entries import REMARKS_ONLY, WITHDRAWN, Entry
from indicators.merging import PARTS, merge
from indicators.models import Actual, EarlyRemarks
from indicators.recording import (
    Problem,
    RecordingError,
    check,
    record,
    unanswered_returns,
    versions_seen,
    who_was_faster,
    who_withdrew,
)
from indicators.rules.terms import NOT_REPORTED
from indicators.typed_values import LABELS, read_typed, typed_of
from japanese.row_numbers import row_number
from trail.history import Change

State = Actual.State


@dataclass(frozen=True)
class Saved:
    """What saving did: values entered, withdrawn and moved on; rows still without a value.

    `remarks_only` counts the rows without a value whose remarks were saved, `fallen_back` the
    values that had been answered or submitted and are drafts again, `untouched_returns` the
    returned values that were not sent again because nothing changed.
    """

    entered: int
    taken_back: int
    moved: int
    missing: int
    fallen_back: int = 0
    remarks_only: int = 0
    untouched_returns: int = 0

    @property
    def done(self) -> int:
        """The number of rows that were saved."""
        return self.entered + self.taken_back + self.remarks_only

    @property
    def did_nothing(self) -> bool:
        """Whether nothing was entered, withdrawn or moved."""
        return not (self.done or self.moved)


@dataclass(frozen=True)
class Conflict:
    """A row in which the user and somebody else, or another window, changed the same.

    `is_own`: it was the same user, in another window or by the Excel form. `mine` says where the
    content comes from that is not stored.
    """

    row: GridRow
    message: str
    choices: list[TwoContents]
    is_own: bool
    mine: str = "この画面で入力した"


@dataclass(frozen=True)
class Refused:
    """Not everything was saved. `rows` have their own problems; `of_page` those of the page.

    `saved` says what was saved nevertheless, in the rows that are not `left`; None if nothing was.
    If nothing is wrong, the user is asked what to keep in `conflicts` and whether to change the
    answered values in `reopened`. `is_outdated`: somebody was faster while this was being saved;
    after the rows are read again it can be retried.
    """

    rows: list[GridRow]
    of_page: Mapping[str, str] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    reopened: list[GridRow] = field(default_factory=list)
    is_outdated: bool = False
    saved: Saved | None = None
    left: frozenset[int] = frozenset()

    @property
    def asks(self) -> bool:
        """Whether the user has to decide something and nothing is wrong."""
        return bool(self.conflicts or self.reopened)


def save(
    rows: Sequence[GridRow],
    change: Change,
    *,
    kind: str = "",
    to: str = "",
    decisions: Mapping[str, str] | None = None,
) -> Saved | Refused:
    """Record the changes and move values to the state `to` ("" moves nothing).

    Without a move, rows that are wrong are left out, and the others are recorded; with one it is
    all rows or none. `kind` (Actual.ChangeKind) classifies changes after the end of entry. Moved
    are the rows that have a value or a reason for none, if the user has seen their current version.
    """
    decided = decisions or {}
    rows = _decided_anew(rows, decided)
    merging = _merge_all(rows, change.by, decided)
    merged = [merging.rows[row.pk] for row in rows]
    returned = _untouched_returns(merged) if to == State.SUBMITTED else frozenset()
    changed, as_they_are = _entries(rows, merged, returned, is_moving=bool(to))
    entries = {
        pk: replace(entry, change_kind=kind) for pk, entry in {**changed, **as_they_are}.items()
    }
    reopened = _reopened(merged, change.by, to, decided)
    faulty = {row.pk for row in merged if row.is_touched and row.reading.faults}
    if faulty or merging.conflicts or reopened:
        problems = check(entries.values(), change)
        if not (faulty or problems):
            asked = [] if merging.conflicts else reopened
            refused = _refused(rows, entries, problems)
            return replace(refused, conflicts=merging.conflicts, reopened=asked)
    else:
        recorded, problems = _record(entries, change, to)
        if not problems:
            return _counted(merged, changed, recorded, to, len(returned))
    faulty |= {list(entries)[problem.index] for problem in problems}
    refused = replace(_refused(rows, entries, problems), left=frozenset(faulty))
    if to or refused.of_page or refused.is_outdated:
        return refused
    refused = _told_later(refused, merging.conflicts, reopened)
    entries = {pk: entry for pk, entry in entries.items() if pk not in refused.left}
    if not entries:
        return refused
    recorded, problems = _record(entries, change)
    if problems:
        return _refused(rows, entries, problems)
    return replace(refused, saved=_counted(merged, changed, recorded, to, len(returned)))


def _entries(
    rows: Sequence[GridRow],
    merged: Sequence[GridRow],
    returned: Collection[int],
    *,
    is_moving: bool,
) -> tuple[dict[int, Entry], dict[int, Entry]]:
    """Return by row what changes a value, and what leaves it as it is and is only moved.

    `returned` are the rows that nobody has touched since they were returned: left out.
    """
    touched = {
        row.pk: row.entry for row in merged if row.entry is not None and row.pk not in returned
    }
    given_up = {
        row.pk
        for row, now in zip(rows, merged, strict=True)
        if row.pk in touched and row.is_unsaved and not now.is_unsaved
    }
    changed = {pk: entry for pk, entry in touched.items() if pk not in given_up}
    if not is_moving:
        return changed, {}
    as_they_are = {pk: touched[pk] for pk in given_up}
    as_they_are |= {
        row.pk: row.unchanged_entry
        for row in merged
        if row.unchanged_entry and row.pk not in returned
    }
    return changed, as_they_are


def _record(
    entries: Mapping[int, Entry], change: Change, to: str = ""
) -> tuple[dict[int, Actual | None], list[Problem]]:
    """Record the entries, all or none; return what is stored then by row, or the problems."""
    try:
        results = record(entries.values(), change, to=to)
    except RecordingError as error:
        return {}, error.problems
    return dict(zip(entries, results, strict=True)), []


_ASKED_LATER = "この行は、ほかの行の誤りを直して保存するときに、お尋ねします。"


def _told_later(
    refused: Refused, conflicts: Sequence[Conflict], reopened: Sequence[GridRow]
) -> Refused:
    """Return the refusal with what has to be asked about as messages of the rows.

    The questions wait until the faults are corrected.
    """
    later = {row.pk: "回答済みの値です。" for row in reopened}
    later |= {conflict.row.pk: conflict.message for conflict in conflicts}
    rows = [
        replace(row, more={**row.more, "value": (later[row.pk] + _ASKED_LATER,)})
        if row.pk in later and row.pk not in refused.left
        else row
        for row in refused.rows
    ]
    return replace(refused, rows=rows, left=refused.left | frozenset(later))


def _untouched_returns(rows: Sequence[GridRow]) -> frozenset[int]:
    """Return the rows whose value was returned and has not been changed since."""
    same = {
        stored.pk: row.pk
        for row in rows
        if (stored := row.row.stored) and stored.state == State.RETURNED and not row.is_unsaved
    }
    return frozenset(same[pk] for pk in unanswered_returns(same))


def _reopened(
    rows: Sequence[GridRow], user: Any, to: str, decided: Mapping[str, str]
) -> list[GridRow]:
    """Return the answered values that would become drafts without the user having agreed."""
    if access.enters_as_answered(user) or to == State.ANSWERED:
        return []
    return [
        row
        for row in rows
        if row.is_unsaved
        and row.stored_state == State.ANSWERED
        and decided.get(field_id(row.pk, "reopen")) != row.stored_version
    ]


def _counted(
    rows: Sequence[GridRow],
    changed: Mapping[int, Entry],
    recorded: Mapping[int, Actual | None],
    to: str,
    untouched_returns: int,
) -> Saved:
    changed = {pk: entry for pk, entry in changed.items() if pk in recorded}
    entered = sum(recorded[pk] is not None for pk in changed)
    remarks_only = sum(entry.availability == REMARKS_ONLY for entry in changed.values())
    again = sum(row.is_touched and row.is_withdrawn for row in rows)
    moved = [
        row.pk
        for row in rows
        if (actual := recorded.get(row.pk)) is not None
        and actual.state == to
        and (row.pk in changed or row.stored_state != to)
    ]
    missing = sum(
        recorded[row.pk] is None if row.pk in recorded else row.row.stored is None for row in rows
    )
    fallen_back = sum(
        row.stored_state in (State.ANSWERED, State.SUBMITTED)
        and (actual := recorded.get(row.pk)) is not None
        and actual.state == State.DRAFT
        for row in rows
    )
    return Saved(
        entered=entered,
        taken_back=len(changed) - entered - remarks_only + again,
        moved=len(moved),
        missing=missing,
        fallen_back=fallen_back,
        remarks_only=remarks_only,
        untouched_returns=untouched_returns,
    )


OF_PAGE = ("reason", "change_kind", "fiscal_year")
"""Fields whose problems are shown once on the page and not in each row."""


def _refused(
    rows: Sequence[GridRow], entries: Mapping[int, Entry], problems: Sequence[Problem]
) -> Refused:
    of_page: dict[str, str] = {}
    more: dict[int, dict[str, tuple[str, ...]]] = {}
    is_outdated = False
    ids = list(entries)
    for problem in problems:
        pk = ids[problem.index]
        if problem.field in OF_PAGE:
            of_page[problem.field] = problem.message
            continue
        is_outdated = is_outdated or problem.field == "version"
        found = more.setdefault(pk, {})
        name = problem.field if problem.field in LABELS else "value"
        found[name] = (*found.get(name, ()), problem.message)
    marked = [replace(row, more=more.get(row.pk, {}), shows_faults=True) for row in rows]
    return Refused(marked, of_page, is_outdated=is_outdated)


# Merging with what has been stored since the page was opened


def _decided_anew(rows: Sequence[GridRow], decided: Mapping[str, str]) -> list[GridRow]:
    """Return the rows with the contents that the user decides to keep after all.

    A user may go back to the questions after the typed content was saved, and choose the stored
    one. It is then restored in the row, so that the user is asked about it again.
    """
    rows = [_with_remarks_kept_then(row, decided) for row in rows]
    kept = {row.pk: one for row in rows if row.is_touched and (one := _kept_then(row, decided))}
    versions = _numbers({pk: then for pk, (then, _) in kept.items()})
    found = versions_seen(versions, rows[0].row.fiscal_year) if versions else {}
    return [
        _as_kept_then(row, kept[row.pk][1], found.get(row.pk))
        if row.pk in kept and (row.pk in found or row.pk not in versions)
        else row
        for row in rows
    ]


def _with_remarks_kept_then(row: GridRow, decided: Mapping[str, str]) -> GridRow:
    """Return a row of a year without a value with the other remarks, which have no version.

    The typed ones have been stored, so that only this user's decision is undone.
    """
    stored = row.stored_texts
    is_decided = decided.get(choice_id(row.pk, "remarks")) == f"{THEIRS}:"
    is_saved = row.row.stored is None and not row.version and row.is_touched and row.is_stored
    if not (is_decided and is_saved) or row.has_shown(stored):
        return row
    history = EarlyRemarks.history.filter(indicator=row.pk, fiscal_year=row.row.fiscal_year)
    others = history.exclude(remarks=stored["remarks"]).order_by("-history_id")
    before = others.values_list("remarks", flat=True).first()
    return row if before is None else _with(row, {**stored, "remarks": before})


def _kept_then(row: GridRow, decided: Mapping[str, str]) -> tuple[str, list[str]] | None:
    """Return an earlier version ("" for none) and its parts that the user decided to keep."""
    then: dict[str, list[str]] = {}
    for part in PARTS:
        kept, _, version = decided.get(choice_id(row.pk, part), "").partition(":")
        is_known = bool(version) or part == "value"  # remarks without a value have no version
        if kept == THEIRS and is_known and version != row.stored_version:
            then.setdefault(version, []).append(part)
    return next(iter(then.items()), None)


def _numbers(versions: Mapping[int, str]) -> dict[int, int]:
    """Return the versions that are numbers, by indicator; a form may hold anything."""
    found = {pk: row_number(version) for pk, version in versions.items()}
    return {pk: number for pk, number in found.items() if number is not None}


def _as_kept_then(row: GridRow, parts: Sequence[str], then: Any) -> GridRow:
    """Return a row with parts of an earlier value, where the typed ones have been stored."""
    typed: Any = row.reading.entry
    if typed is None and not row.is_withdrawn:
        return row
    stored = row.stored_texts
    mine = grid_texts(replace(row.row, stored=typed)) if typed else stored
    kept = grid_texts(replace(row.row, stored=then)) if then else {"availability": WITHDRAWN}
    texts = dict(row.texts)
    for part in parts:
        of_part = {name: kept.get(name, "") for name in PARTS[part]}
        if all(mine[name] == stored[name] for name in of_part):
            texts |= of_part
    return row if texts == dict(row.texts) else replace(row, texts=texts, is_kept_then=True)


@dataclass(frozen=True)
class _Merging:
    rows: dict[int, GridRow]
    conflicts: list[Conflict]


def _merge_all(rows: Sequence[GridRow], user: Any, decided: Mapping[str, str]) -> _Merging:
    stale = [row for row in rows if row.is_unsaved and _is_stale(row)]
    merging = _Merging({row.pk: row for row in rows}, [])
    if not stale:
        return merging
    bases = versions_seen(
        _numbers({row.pk: row.version for row in stale}), stale[0].row.fiscal_year
    )
    actuals = {
        actual.indicator_id: actual
        for actual in Actual.objects.filter(
            pk__in=[row.row.stored.pk for row in stale if row.row.stored]
        )
        .select_related("indicator", "entered_by")
        .prefetch_related("entered_by__sections")
    }
    early = {
        one.indicator_id: one
        for one in EarlyRemarks.objects.filter(
            fiscal_year=stale[0].row.fiscal_year,
            indicator__in=[row.pk for row in stale if row.row.stored is None],
        ).select_related("written_by")
    }
    gone = [row.pk for row in stale if row.row.stored is None]
    withdrawn = who_withdrew(gone, stale[0].row.fiscal_year, seen_by=user) if gone else {}
    for row in stale:
        merging.rows[row.pk], choices = _merged(row, bases.get(row.pk), decided)
        if choices:
            stored = actuals.get(row.pk) or early.get(row.pk) or withdrawn[row.pk]
            conflict = _conflict(row, choices, stored, user)
            merging.conflicts.append(conflict)
    return merging


def _is_stale(row: GridRow) -> bool:
    """Return whether the value, or the remarks without one, changed since the page was opened."""
    if row.version != row.stored_version:
        return True
    return row.row.stored is None and not row.has_shown(row.stored_texts)


def _merged(
    row: GridRow, base: Any, decided: Mapping[str, str]
) -> tuple[GridRow, list[TwoContents]]:
    """Return the row merged with what is stored, and what is still to be decided.

    `base` is the value that the page showed, None if it showed none.
    """
    opened = replace(row, row=replace(row.row, stored=base))
    entry = opened.reading.entry
    if opened.reading.faults:
        return opened, []
    as_opened = grid_texts(opened.row) if base else _opened_without_a_value(row)
    typed: Any = entry
    mine = grid_texts(replace(row.row, stored=typed)) if entry else as_opened
    theirs = row.stored_texts
    version = row.stored_version
    answers = {part: decided.get(choice_id(row.pk, part), "") for part in PARTS}
    if row.row.stored is None and row.version:
        # The whole value is gone: only as a whole can it be entered again or left out.
        if answers["value"] == f"{MINE}:":
            return _with(row, dict(row.texts)), []
        if answers["value"] == f"{THEIRS}:":
            return _with(row, theirs), []
        return _with(row, theirs), [_choice(row, "value", NOT_REPORTED, opened.reading.text)]
    merged = merge(
        as_opened, theirs, mine, [part for part in PARTS if answers[part] == f"{MINE}:{version}"]
    )
    open_parts = [part for part in merged.clashes if answers[part] != f"{THEIRS}:{version}"]
    shown = {
        "value": (read_typed(typed_of(row.row), row.row).text, opened.reading.text),
        "provisional": tuple(
            "速報値" if texts["provisional"] else "確定値" for texts in (theirs, mine)
        ),
        "remarks": tuple(texts["remarks"] or "（空欄）" for texts in (theirs, mine)),
    }
    choices = [_choice(row, part, *shown[part]) for part in open_parts]
    return _with(row, merged.texts), choices


def _opened_without_a_value(row: GridRow) -> dict[str, str]:
    """Return the texts of a page that showed no value, of which only a digest is known.

    If its remarks were neither those typed now nor empty, somebody has changed them here.
    """
    empty = dict.fromkeys(FIELDS, "")
    typed = empty | {"remarks": row.texts["remarks"]}
    return typed if row.has_shown(typed) else empty


def _with(row: GridRow, texts: Mapping[str, str]) -> GridRow:
    """Return the row with other texts, as if typed on a page that shows what is stored."""
    known = {name: texts.get(name, "") for name in FIELDS}
    return replace(row, texts=known, seen=seen_of(row.row, row.stored_texts))


def _choice(row: GridRow, part: str, theirs: str, mine: str) -> TwoContents:
    return TwoContents(choice_id(row.pk, part), LABELS[part], theirs, mine, row.stored_version)


def _conflict(
    row: GridRow, choices: list[TwoContents], stored: Actual | EarlyRemarks | str, user: Any
) -> Conflict:
    """Return the question about a row; `stored` is a text where nothing is stored now."""
    mine = "前に残すと選んだ" if row.is_kept_then else Conflict.mine
    if isinstance(stored, EarlyRemarks):
        is_own = stored.written_by_id == user.pk
        who = "あなた" if is_own else stored.written_by or "ほかの人"
        when = date_format(timezone.localtime(stored.written_at), "n月j日G時i分")
        return Conflict(row, f"備考は、{when}に{who}が変更しました。", choices, is_own=is_own)
    if isinstance(stored, str):
        return Conflict(row, stored, choices, is_own=False, mine=mine)
    is_own = stored.entered_by_id == user.pk
    parts = [choice.label for choice in choices]
    message = who_was_faster(stored, seen_by=user, parts=parts)
    return Conflict(row, message, choices, is_own, mine)
