"""Saves the grid of 事業の実績: the rows that are valid, as the grid of values does.

A row that somebody else has changed since the page was opened is merged with what is stored, field
by field; where both changed the same, the user is asked (entry/saving.py has the words for it).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from accounts import access
from entry.choices import MINE, THEIRS, TwoContents
from entry.grid_fields import choice_id, field_id
from indicators.merging import Texts, merge
from indicators.models import FiscalYear
from reviews.duties import Responsible
from reviews.models import ProjectYear, State
from reviews.overtaken import who_wrote_last
from reviews.projects.form import (
    MONEY_LABEL,
    PROJECT_AMOUNTS,
    PROJECT_FIELDS,
    PROJECT_PARTS,
    ProjectChoices,
)
from reviews.projects.grid import (
    NO_TEXTS,
    PROJECT_LABELS,
    ProjectGridRow,
    seen_of_project,
    texts_of_project,
)
from reviews.recording import ReviewEntry, ReviewError, record_reviews
from trail.history import Change

PART_LABELS = {**PROJECT_LABELS, "money": MONEY_LABEL}

_ASKED_LATER = "この行は、ほかの行の誤りを直して保存するときに、お尋ねします。"


@dataclass(frozen=True)
class ProjectConflict:
    """A row in which the user and somebody else changed the same."""

    row: ProjectGridRow
    message: str
    choices: list[TwoContents]
    is_own: bool
    mine: str = "この画面で入力した"


@dataclass(frozen=True)
class SavedProjects:
    """What saving did. `rows` are those with faults, shown with what was typed.

    If nothing is wrong and nothing was saved, the user is asked about `conflicts` and `reopened`.
    `is_outdated`: somebody was faster while this was being saved; it can be tried again.
    """

    saved: int = 0
    fallen_back: int = 0
    left: frozenset[int] = frozenset()
    rows: Sequence[ProjectGridRow] = ()
    conflicts: Sequence[ProjectConflict] = field(default_factory=list)
    reopened: Sequence[ProjectGridRow] = field(default_factory=list)
    is_outdated: bool = False

    @property
    def asks(self) -> bool:
        """Whether the user has to decide something, and nothing is wrong."""
        return not self.left and bool(self.conflicts or self.reopened)


def save_projects(
    rows: Sequence[ProjectGridRow],
    year: FiscalYear,
    duties: Responsible,
    change: Change,
    decided: Mapping[str, str],
) -> SavedProjects:
    """Record the rows that were changed; those with faults stay as they were typed.

    What only the user can decide is asked once nothing else is wrong; `decided` has the answers.
    """
    merged, conflicts = merge_projects(rows, change.by, decided)
    changed = [row for row in merged if row.is_unsaved]
    faulty = {row.pk for row in changed if row.reading.faults}
    asked = {conflict.row.pk: conflict.message for conflict in conflicts}
    reopened = [row for row in changed if row.pk not in asked and _reopens(row, change.by, decided)]
    if not faulty and asked:
        return SavedProjects(conflicts=conflicts)
    if not faulty and reopened:
        return SavedProjects(reopened=reopened)
    asked |= {row.pk: "回答済みの内容です。" for row in reopened}
    more: dict[int, dict[str, tuple[str, ...]]]
    more = {pk: {PROJECT_FIELDS[0]: (message + _ASKED_LATER,)} for pk, message in asked.items()}
    right = [row for row in changed if row.pk not in faulty and row.pk not in asked]
    problems, is_outdated = _record(right, year, duties, change)
    if is_outdated:
        return SavedProjects(is_outdated=True, rows=_marked(rows, problems))
    if problems:
        more |= problems
        right = [row for row in right if row.pk not in problems]
        others, _ = _record(right, year, duties, change)
        more |= others
        right = [row for row in right if row.pk not in others]
    by_pk = {row.pk: row for row in merged}
    shown = [row if row.pk in asked else by_pk[row.pk] for row in rows]
    return SavedProjects(
        saved=len(right),
        fallen_back=sum(_falls_back(row, change.by) for row in right),
        left=frozenset(faulty | set(more)),
        rows=_marked(shown, more),
    )


def _record(
    rows: Sequence[ProjectGridRow], year: FiscalYear, duties: Responsible, change: Change
) -> tuple[dict[int, dict[str, tuple[str, ...]]], bool]:
    """Record the rows, all or none; return the problems by row and field, and who was faster."""
    entries = [
        ReviewEntry(row.pk, row.reading.content, row.stored_version)
        for row in rows
        if row.reading.content is not None
    ]
    try:
        record_reviews(ProjectYear, year, entries, duties, change)
    except ReviewError as error:
        found: dict[int, dict[str, tuple[str, ...]]] = {}
        for one in error.problems:
            of_row = found.setdefault(one.about, {})
            name = one.field if one.field in PROJECT_FIELDS else PROJECT_FIELDS[0]
            of_row[name] = (*of_row.get(name, ()), one.message)
        versions = {row.pk: row.stored_version for row in rows}
        is_outdated = any(
            one.current is not None and one.current.version != versions[one.about]
            for one in error.problems
        )
        return found, is_outdated
    return {}, False


def _marked(
    rows: Sequence[ProjectGridRow], more: Mapping[int, Mapping[str, tuple[str, ...]]]
) -> list[ProjectGridRow]:
    return [replace(row, more=more.get(row.pk, {}), shows_faults=True) for row in rows]


def _falls_back(row: ProjectGridRow, user: Any) -> bool:
    """Whether saving makes a draft of what had been answered or sent to the head."""
    stored = row.row.stored
    settled = (State.ANSWERED, State.SUBMITTED)
    return stored is not None and stored.state in settled and not access.enters_as_answered(user)


def _reopens(row: ProjectGridRow, user: Any, decided: Mapping[str, str]) -> bool:
    """Whether an answered row would become a draft without the user having agreed."""
    stored = row.row.stored
    if stored is None or stored.state != State.ANSWERED or access.enters_as_answered(user):
        return False
    return decided.get(field_id(row.pk, "reopen")) != str(stored.version)


# Merging with what has been stored since the page was opened


def merge_projects(
    rows: Sequence[ProjectGridRow], user: Any, decided: Mapping[str, str]
) -> tuple[list[ProjectGridRow], list[ProjectConflict]]:
    """Return the rows merged with what is stored, and what is still to be decided."""
    stale = {row.pk: row for row in rows if row.is_unsaved and row.version != row.stored_version}
    versions = {pk: row.version for pk, row in stale.items()}
    bases = texts_seen(versions, rows[0].choices, rows[0].fiscal_year) if rows else {}
    conflicts = []
    merged = []
    for row in rows:
        if row.pk not in stale or row.reading.faults:
            merged.append(row)
            continue
        texts, choices = merged_texts(row, bases[row.pk], row.meant, decided)
        seen = seen_of_project(row.row, row.stored_texts)
        merged.append(replace(row, texts=texts, seen=seen))
        if choices:
            message = who_changed_project(row, [choice.label for choice in choices], user)
            is_own = row.row.stored is not None and row.row.stored.entered_by_id == user.pk
            conflicts.append(ProjectConflict(row, message, choices, is_own))
    return merged, conflicts


def merged_texts(
    row: ProjectGridRow, base: Texts, mine: Texts, decided: Mapping[str, str]
) -> tuple[dict[str, str], list[TwoContents]]:
    """Return the merged texts of a row, and what is still to be decided."""
    version = row.stored_version
    answers = {part: decided.get(choice_id(row.pk, part), "") for part in PROJECT_PARTS}
    theirs = row.stored_texts
    mine_chosen = [part for part in PROJECT_PARTS if answers[part] == f"{MINE}:{version}"]
    found = merge(base, theirs, mine, mine_chosen, PROJECT_PARTS)
    choices = [
        TwoContents(
            choice_id(row.pk, part), PART_LABELS[part], _shown(part, theirs), _shown(part, mine),
            str(version),
        )
        for part in found.clashes
        if answers[part] != f"{THEIRS}:{version}"
    ]  # fmt: skip
    return found.texts, choices


def _shown(part: str, texts: Texts) -> str:
    """Return one part of the texts as shown to people."""
    if part != "money":
        return texts[part] or "（空欄）"
    typed = [(PROJECT_LABELS[name], texts[name]) for name in PROJECT_AMOUNTS if texts[name]]
    amounts = [f"{label.removesuffix('（千円）')} {text}" for label, text in typed]
    return "、".join(amounts) or "（空欄）"


def texts_seen(versions: Mapping[int, int], choices: ProjectChoices, year: int) -> dict[int, Texts]:
    """Return by project the texts of the versions that were seen; one query."""
    found: dict[int, Texts] = dict.fromkeys(versions, NO_TEXTS)
    if any(versions.values()):
        history: Any = ProjectYear.history
        for record in history.filter(project__in=versions, fiscal_year=year).order_by("history_id"):
            if record.version == versions[record.project_id]:
                found[record.project_id] = texts_of_project(record, choices)
    return found


def who_changed_project(row: ProjectGridRow, parts: Sequence[str], user: Any) -> str:
    """Return who changed parts of a row since it was opened, and when."""
    return who_wrote_last(row.row.stored, parts, user)
