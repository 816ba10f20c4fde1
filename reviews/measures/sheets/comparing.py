"""Compares returned 評価シート with what is stored: changed, unchanged, refused.

Each cell is compared by itself: what somebody else changed since the sheet was written stays. Where
the sheet changes the same cell, the user is asked. The form of the page checks the texts, and
reviews/recording.py writes them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from entry.choices import MINE, THEIRS, Question, TwoContents
from entry.grid_fields import choice_id
from japanese.characters import as_listed
from japanese.fiscal_years import full_label
from reviews.form_importing import FormOfYearImporter
from reviews.measures.evaluations import MeasureRow, year_of_measures
from reviews.measures.form import SEEN, MeasureReviewForm
from reviews.measures.sheets.contents import OUTLOOK_LABELS, field_names, stored_texts
from reviews.measures.sheets.keys import COMMENT, OUTLOOK, sign_of_text
from reviews.measures.sheets.reading import (
    FilledCell,
    MeasureSheet,
    MeasureSheetFault,
    ReturnedSheets,
    read_returned,
)
from reviews.models import MeasureReview, State
from reviews.overtaken import who_wrote_last
from reviews.recording import (
    ReviewEntry,
    ReviewError,
    ReviewProblem,
    obstacle_of_year,
    record_reviews,
)
from tables.cells import tidy
from tables.importing import CellChange, Comparison, Fault, RowChange, RowNote
from tables.uploads import Upload
from trail.history import Door

_VALUES = {label: value for value, label in OUTLOOK_LABELS.items()}


@dataclass
class _Taken:
    """A sheet whose texts go into the evaluation of a measure."""

    sheet: MeasureSheet
    row: MeasureRow
    comparison: Comparison
    faults: list[Fault] = field(default_factory=list)
    is_left_alone: bool = False
    """Whether nobody changed the sheet, and something else was stored since it was written."""


class MeasureSheetsImporter(FormOfYearImporter[ReturnedSheets]):
    """Imports 評価シート of a plan's year."""

    subject = "評価シート"
    texts = "measures"

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.taken: list[_Taken] = []

    def read(self, upload: Upload) -> ReturnedSheets:
        return read_returned(upload)

    def compare(
        self, documents: Sequence[ReturnedSheets], *, writing: bool = False
    ) -> list[Comparison]:
        found = year_of_measures(self.tree, self.user)
        rows = {row.pk: row for row in found.rows}
        self.found = found
        comparisons = [Comparison(document) for document in documents]
        self.taken = []
        if obstacle := obstacle_of_year(self.year, found.duties.strategy_id):
            for comparison in comparisons:
                comparison.faults.append(Fault(obstacle))
            return comparisons
        for comparison in comparisons:
            self.taken += self._sheets_to_take(comparison, rows)
        _refuse_what_stands_twice(self.taken)
        self.own = _changed_by_own_forms(self.taken, self.user)
        for one in self.taken:
            if not one.faults:
                _Comparing(one, self).compare()
        for comparison in comparisons:
            self._tell_what_was_left_alone(comparison)
        if not writing:
            self._try(comparisons)
        for one in self.taken:
            one.comparison.faults += one.faults
        return comparisons

    def _tell_what_was_left_alone(self, comparison: Comparison) -> None:
        count = sum(one.is_left_alone for one in self.taken if one.comparison is comparison)
        if count:
            comparison.document.tell(
                f"{count}枚は、受け取ってから変えていません。受け取った後に保存された内容を残します。"
            )

    def write(self, comparisons: Sequence[Comparison]) -> None:
        for one in self._recorded(comparisons):
            one.comparison.faults += one.faults

    def summary(self, comparisons: Sequence[Comparison]) -> str:
        new = sum(len(one.added) for one in comparisons)
        changed = sum(len(one.changed) for one in comparisons)
        unchanged = sum(one.unchanged for one in comparisons)
        return f"新しく書く評価{new}件、変更する評価{changed}件、変わらない評価{unchanged}件"

    def _sheets_to_take(
        self, comparison: Comparison, rows: Mapping[int, MeasureRow]
    ) -> list[_Taken]:
        """Return the sheets of measures that the user answers for; refuse the others."""
        document: Any = comparison.document
        refused = [
            (sheet, message)
            for sheet in document.sheets
            if sheet.cells and (message := self._not_ours(sheet, rows))
        ]
        strangers = {id(sheet) for sheet, _ in refused}
        written_on = [(sheet, message) for sheet, message in refused if sheet.is_touched]
        comparison.faults += [sheet.fault(message) for sheet, message in written_on]
        kept = [sheet for sheet in document.sheets if sheet.cells and id(sheet) not in strangers]
        if refused and not kept and not written_on:
            sheet, message = refused[0]
            comparison.faults.append(sheet.fault(message))
        elif len(refused) > len(written_on):
            count = len(refused) - len(written_on)
            document.tell(
                f"取り込めないシートが{count}枚あります。入力されていないため、そのままにします。"
            )
        return [
            _Taken(sheet, rows[sheet.key.measure], comparison) for sheet in kept if not sheet.faults
        ]

    def _not_ours(self, sheet: MeasureSheet, rows: Mapping[int, MeasureRow]) -> str:
        """Return why a sheet cannot be imported here; "" if it can."""
        key = sheet.key
        if key.plan != self.tree.code:
            return "別の計画の評価シートです。その計画の「内部評価」で取り込んでください。"
        if key.fiscal_year != self.year.pk:
            return (
                f"{full_label(key.fiscal_year)}の評価シートです。{self.year}には取り込めません。"
                f"{full_label(key.fiscal_year)}の「内部評価」で取り込んでください。"
            )
        row = rows.get(key.measure)
        if row is None:
            return (
                f"このシートが評価するものは、{self.year}の計画にありません。"
                "終了したか、削除されています。シートを削除してください。"
            )
        if not row.may_write:
            who = "、".join(row.sections) or "企画担当"
            return (
                f"「{row.node.title}」は、あなたの課の担当ではありません（{who}）。"
                "シートを削除するか、その課に渡してください。"
            )
        return ""

    def _try(self, comparisons: Sequence[Comparison]) -> None:
        """Have recording.py check everything, and take it back."""
        with transaction.atomic():
            self._recorded(comparisons)
            transaction.set_rollback(True)

    def _recorded(self, comparisons: Sequence[Comparison]) -> list[_Taken]:
        """Write the entries; return the sheets that were refused, with the reasons in them."""
        entries = [entry for comparison in comparisons for entry in comparison.entries]
        try:
            record_reviews(MeasureReview, self.year, entries, self.found.duties, self.change)
        except ReviewError as error:
            by_measure = {one.row.pk: one for one in self.taken}
            for problem in error.problems:
                one = by_measure[problem.about]
                one.faults.append(_fault_of(one, problem))
            return [one for one in self.taken if one.faults]
        return []


def _fault_of(one: _Taken, problem: ReviewProblem) -> MeasureSheetFault:
    return one.sheet.fault(_with_new_proposal(one, problem.message, problem.field), problem.field)


def _with_new_proposal(one: _Taken, message: str, name: str) -> str:
    """Say that the proposal has changed since the sheet was written, where that is the reason."""
    told = one.sheet.key.proposed
    if name != "grade_reason" or told == one.row.proposed:
        return message
    return (
        f"評価の案が、シートを受け取った後に「{told or 'なし'}」から「{one.row.proposed}」に"
        f"変わりました。{message}"
    )


def _refuse_what_stands_twice(taken: Iterable[_Taken]) -> None:
    by_measure: dict[int, list[_Taken]] = {}
    for one in taken:
        by_measure.setdefault(one.row.pk, []).append(one)
    for same in by_measure.values():
        for one in same if len(same) > 1 else ():
            others = "、".join(
                f"「{other.comparison.document.name}」のシート「{other.sheet.title}」"
                for other in same
                if other is not one
            )
            one.faults.append(
                one.sheet.fault(
                    f"同じ評価のシートが、ほかにもあります（{others}）。一枚だけ残してください。"
                )
            )


def _changed_by_own_forms(taken: Iterable[_Taken], user: Any) -> set[int]:
    """Return the measures that only this user's sheets changed since these were written.

    A sheet that comes a second time does not meet somebody else's change. One query.
    """
    stale = {
        one.row.pk: one.sheet.key.version
        for one in taken
        if one.row.stored and one.row.stored.version != one.sheet.key.version
    }
    if not stale:
        return set()
    rows = MeasureReview.history.filter(
        measure__in=stale, fiscal_year__in={one.sheet.key.fiscal_year for one in taken}
    )
    own = set(stale)
    written: dict[int, Any] = {}
    for record in rows.order_by("history_id"):
        pk = record.measure_id
        # A step leaves the time of the content as it was.
        is_content = written.get(pk) != record.entered_at
        written[pk] = record.entered_at
        by_own = record.history_user_id == user.pk and record.door == Door.FORM
        if record.version > stale[pk] and is_content and not by_own:
            own.discard(pk)
    return own


class _Comparing:
    """The comparison of one sheet with what is stored of its measure."""

    def __init__(self, one: _Taken, importer: MeasureSheetsImporter) -> None:
        self.one, self.found, self.importer = one, importer.found, importer
        self.sheet, self.row = one.sheet, one.row
        self.stored = stored_texts(one.row)
        self.names = field_names(one.row)
        self.kept: list[str] = []
        self.undecided: list[TwoContents] = []

    def compare(self) -> None:
        merged = {name: self._merged(name) for name in self.stored}
        for name, cell in self.sheet.cells.items():
            if name not in self.stored and cell.is_touched:
                self._fault(
                    name,
                    "この指標は、このシートの指標ではなくなりました。この行の入力を元に戻してください。",
                )
        changed = [name for name, text in merged.items() if text != self.stored[name]]
        if self.one.faults:
            return
        result = self.one.comparison
        if self.undecided:
            result.questions.append(self._question())
            return
        if not changed:
            self._nothing_new()
            return
        entry = self._entry(merged)
        if entry is None:
            return
        result.entries.append(entry)
        result.changes.append(self._change(changed, merged))
        self._notes(changed, merged)

    def _nothing_new(self) -> None:
        result = self.one.comparison
        result.unchanged += 1
        if not self.kept:
            return
        result.overtaken += 1
        if not self.sheet.is_touched:
            self.one.is_left_alone = True
            return
        label = self.found.duties.name(self.row.pk)
        result.notes.append(
            RowNote(
                0,
                label,
                "シートで変えた内容のうち、新しく取り込むものはありません。"
                f"シートを受け取った後に変わった内容を残します：{'、'.join(self.kept)}",
            )
        )

    def _merged(self, name: str) -> str:
        """Return the text that a field will have: what is stored unless the sheet changes it."""
        cell, stored = self.sheet.cells.get(name), self.stored[name]
        if cell is None:
            return stored
        if cell.shown.fault:
            self._fault(name, cell.shown.fault)
            return stored
        typed = self._typed(name, cell)
        if tidy(typed) == tidy(stored):
            return stored
        if not cell.is_touched:
            self.kept.append(self.names[name])
            return stored
        is_own = self.row.pk in self.importer.own
        if sign_of_text(stored) != cell.key.written and not is_own:
            return self._decided(name, typed)
        return typed

    def _decided(self, name: str, typed: str) -> str:
        """Return the text that the user chose, where others changed it, too; ask without choice."""
        stored, version = self.stored[name], str(self.row.stored.version if self.row.stored else 0)
        key = choice_id(self.row.pk, name)
        answer = self.importer.decisions.get(key)
        if answer == f"{MINE}:{version}":
            return typed
        if answer == f"{THEIRS}:{version}":
            self.kept.append(self.names[name])
        else:
            theirs, mine = (text or "（空欄）" for text in (stored, typed))
            self.undecided.append(TwoContents(key, self.names[name], theirs, mine, version))
        return stored

    def _typed(self, name: str, cell: FilledCell) -> str:
        """Return the text of a cell; a label of a list as the list has it."""
        choices = self.found.choices
        lists = {"grade": choices.grade_labels, "policy": choices.policy_labels}
        labels = lists.get(name, _VALUES if name.startswith(f"{OUTLOOK}-") else ())
        return as_listed(cell.text, labels)

    def _question(self) -> Question:
        labels = [choice.label for choice in self.undecided]
        return Question(
            row=0,
            name=self.found.duties.name(self.row.pk),
            message=who_wrote_last(self.row.stored, labels, self.importer.user),
            choices=tuple(self.undecided),
            place=self._place,
        )

    def _entry(self, merged: Mapping[str, str]) -> ReviewEntry | None:
        """Return what is to be written; None, with faults, if the form of the page refuses it."""
        data = {SEEN: str(self.row.stored.version if self.row.stored else 0)}
        for name, text in merged.items():
            part = name.partition("-")[0]
            data[name] = _VALUES.get(text, text) if part == OUTLOOK else text
            if part in (COMMENT, OUTLOOK):
                stored = self.stored[name]
                data[f"{name}-seen"] = _VALUES.get(stored, stored) if part == OUTLOOK else stored
        form = MeasureReviewForm(data, row=self.row, choices=self.found.choices)
        if form.is_valid():
            return form.entry()
        for name, messages in form.errors.items():
            for message in messages if name in form.fields else ():
                self._fault(name, str(message))
        for line in form.kpis:
            for part in (COMMENT, OUTLOOK):
                if error := line.error_of(part):
                    self._fault(f"{part}-{line.pk}", error)
        self._check_grade(merged)
        return None

    def _check_grade(self, merged: Mapping[str, str]) -> None:
        """Check what recording.py would, so that all errors of a sheet are reported at once."""
        names = ("grade", "grade_reason")
        review = MeasureReview(
            proposed_grade=self.row.proposed, **{name: merged[name] for name in names}
        )
        try:
            review.clean()
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                for message in messages:
                    self._fault(name, _with_new_proposal(self.one, message, name))

    @property
    def _place(self) -> str:
        return f"シート「{self.sheet.title}」"

    def _change(self, changed: Sequence[str], merged: Mapping[str, str]) -> RowChange:
        return RowChange(
            row=0,
            label=self.found.duties.name(self.row.pk),
            is_new=self.row.stored is None,
            fields=tuple(
                CellChange(self.names[name], self.stored[name], merged[name]) for name in changed
            ),
            section=self._place,
            kept=tuple(self.kept),
        )

    def _notes(self, changed: Sequence[str], merged: Mapping[str, str]) -> None:
        label, notes = self.found.duties.name(self.row.pk), self.one.comparison.notes
        told, now = self.sheet.key.proposed, self.row.proposed
        if told != now and merged["grade"]:
            notes.append(
                RowNote(
                    0,
                    label,
                    "評価の案が、シートを受け取った後に"
                    f"「{told or 'なし'}」から「{now or 'なし'}」に変わりました。"
                    f"評価「{merged['grade']}」でよいか、確かめてください。",
                )
            )
        if self.row.stored and self.row.state not in (State.DRAFT, State.RETURNED):
            notes.append(
                RowNote(
                    0,
                    label,
                    f"今は「{self.row.state_label}」です。取り込むと、もう一度"
                    "回答と確認が必要になります。",
                )
            )
        if self.row.stored and self.row.stored.decided_on:
            notes.append(
                RowNote(
                    0,
                    label,
                    "取り込むと、推進本部の決定は取り消されます。"
                    "確認が済んでから、もう一度記録してください。",
                )
            )

    def _fault(self, name: str, message: str) -> None:
        self.one.faults.append(self.sheet.fault(message, name))
