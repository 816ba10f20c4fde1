"""Compares a returned form of 事業の実績 with what is stored, and records what was confirmed.

It works like the form of values (entry/excel/comparing.py): an empty cell changes nothing,
two people's changes are merged field by field, and one fault keeps the whole file out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from accounts import access
from entry.choices import Question
from entry.excel.reading import FilledForm, FormRow, read_form
from indicators.rules.narrowing_types import given
from japanese.fiscal_years import full_label
from reviews.form_importing import FormOfYearImporter
from reviews.models import ProjectYear, State
from reviews.projects.form import OF_MONEY, PROJECT_AMOUNTS, PROJECT_FIELDS, choices_of_projects
from reviews.projects.grid import NO_TEXTS, PROJECT_LABELS, ProjectGridRow, shown_projects
from reviews.projects.saving import merged_texts, texts_seen, who_changed_project
from reviews.projects.sheet import NO_MONEY, PROJECTS_FORM, ProjectHeader, ProjectKey
from reviews.projects.years import year_of_projects
from reviews.recording import WHOLE, ReviewEntry, ReviewError, check_reviews, record_reviews
from tables.importing import CellChange, Comparison, Fault, RowChange, RowNote
from tables.sheets import ShownCell
from tables.uploads import Upload

ProjectRow = FormRow[ProjectKey]
ProjectDocument = FilledForm[ProjectKey]

_ANEW = "様式を受け取り直して入力してください。"


class ProjectImporter(FormOfYearImporter[ProjectDocument]):
    """Imports forms of a plan's year; the number of queries does not depend on their rows."""

    subject = PROJECTS_FORM.name
    texts = "projects"

    def read(self, upload: Upload) -> ProjectDocument:
        return read_form(upload, self.year.pk, PROJECTS_FORM)

    def compare(
        self, documents: Sequence[ProjectDocument], *, writing: bool = False
    ) -> list[Comparison]:
        found = year_of_projects(self.tree, self.user)
        self.duties = found.duties
        self.choices = choices_of_projects(found.duties.strategy_id)
        rows = {row.pk: row for row in shown_projects(found.rows, self.year.pk, self.choices)}
        comparings = [_Comparing(form, rows, self) for form in documents]
        for comparing in comparings:
            comparing.compare()
        _refuse_what_several_say(comparings)
        if not writing:
            for comparing in comparings:
                comparing.check()
        for comparing in comparings:
            comparing.result.leave_out_refused()
        return [comparing.result for comparing in comparings]

    def write(self, comparisons: Sequence[Comparison]) -> None:
        entries = [entry for comparison in comparisons for entry in comparison.entries]
        try:
            record_reviews(ProjectYear, self.year, entries, self.duties, self.change)
        except ReviewError as error:
            comparisons[0].faults.append(Fault(str(error)))

    def summary(self, comparisons: Sequence[Comparison]) -> str:
        counts = [
            (len(one.added), len(one.changed), one.unchanged, one.empty) for one in comparisons
        ]
        new, changed, unchanged, empty = map(sum, zip(*counts, strict=True))
        return (
            f"新しく登録する事業{new}、変更する事業{changed}、"
            f"変わらない事業{unchanged}、空欄{empty}"
        )


def _refuse_what_several_say(comparings: Sequence["_Comparing"]) -> None:
    """Report projects for which more than one form has something new."""
    names: dict[int, list[str]] = {}
    for comparing in comparings:
        for pk in comparing.taken:
            names.setdefault(pk, []).append(comparing.form.name)
    for comparing in comparings:
        for pk, row in comparing.taken.items():
            others = [name for name in names[pk] if name != comparing.form.name]
            if others:
                message = (
                    f"同じ事業の実績が、「{others[0]}」にもあります。どちらかを空欄にしてください。"
                )
                comparing.fault(row, message)


class _Comparing:
    """The comparison of one form, in `result`."""

    def __init__(
        self, form: ProjectDocument, rows: Mapping[int, ProjectGridRow], importer: ProjectImporter
    ) -> None:
        self.form, self.rows, self.importer = form, rows, importer
        self.result = Comparison(form)
        self.taken: dict[int, ProjectRow] = {}  # the rows of the entries, by project
        self.faulty = {fault.row for fault in form.faults}

    def compare(self) -> None:
        """Read all rows; what is wrong with them is in the result."""
        refused = {row.number: self._not_ours(row) for row in self.form.rows}
        left_out = 0
        for row in self.form.rows:
            if row.number in self.faulty:
                continue
            if why := refused[row.number]:
                if self._is_filled(row):
                    self.fault(row, why, ProjectHeader.NAME)
                else:
                    left_out += 1
            else:
                self._row(row, self.rows[row.key.project])
        if self.form.rows and left_out == len(self.form.rows):
            first = self.form.rows[0]
            self.result.faults.append(
                Fault(
                    f"この様式には、あなたが{full_label(self.importer.year.pk)}に入力する事業の行が"
                    f"ありません（{first.number}行目：{refused[first.number]}）"
                )
            )
        elif left_out:
            self.form.tell(
                f"この年度にあなたの課が入力する事業でない{left_out}行は、"
                "記入されていないため取り込みません。"
            )

    def fault(self, row: ProjectRow, message: str, header: str = ProjectHeader.NAME) -> None:
        """Add what is wrong at a cell of a row."""
        fields = {label: name for name, label in PROJECT_LABELS.items()}
        text = row.cells[fields[header]].text if header in fields else row.name
        self.result.faults.append(Fault(message, row.number, header, text))

    def check(self) -> None:
        """Report what recording would refuse, row by row."""
        problems = check_reviews(
            ProjectYear,
            self.importer.year,
            self.result.entries,
            self.importer.duties,
            self.importer.change,
        )
        for problem in problems:
            header = ProjectHeader.NAME if problem.field == WHOLE else PROJECT_LABELS[problem.field]
            self.fault(self.taken[problem.about], problem.message, header)

    def _not_ours(self, row: ProjectRow) -> str:
        """Return why a row cannot be taken in here, whatever its cells say; "" if it can."""
        year, key = self.importer.year.pk, row.key
        if key.fiscal_year != year:
            return (
                f"この行は、{full_label(key.fiscal_year)}の様式のものです。"
                f"{full_label(year)}の様式の行に入力してください。"
            )
        if key.plan != self.importer.tree.code:
            return f"この行は、別の計画（{key.plan}）の様式のものです。{_ANEW}"
        known = self.rows.get(key.project)
        if known is None:
            return f"この事業は、この年度の計画にありません。{_ANEW}"
        if not known.row.may_write:
            return (
                f"「{known.name}」を入力できるのは、{known.row.writers}です。"
                f"この行を消すか、{_ANEW}"
            )
        if row.name and "".join(row.name.split()) != "".join(known.name.split()):
            return (
                f"この行は「{known.name}」の行ですが、事業の欄は「{row.name}」です。"
                f"行がずれていないか確かめ、{_ANEW}"
            )
        return ""

    def _is_filled(self, row: ProjectRow) -> bool:
        """Whether somebody filled in a row that is not ours since the form was written."""
        if any(cell.fault for cell in row.cells.values()):
            return True
        texts = _texts_in(row)
        written = self._written_of_others.get(row.number, NO_TEXTS)
        return any(
            text and text != _as_in_cell(name, written[name]) for name, text in texts.items()
        )

    @cached_property
    def _written_of_others(self) -> dict[int, Mapping[str, str]]:
        """What the rows that are not ours had when the form was written, by number."""
        found: dict[int, Mapping[str, str]] = {}
        others = [row for row in self.form.rows if self._not_ours(row)]
        for year in {row.key.fiscal_year for row in others}:
            of_year = [row for row in others if row.key.fiscal_year == year]
            versions = {row.key.project: row.key.version for row in of_year}
            texts = texts_seen(versions, self.importer.choices, year)
            found |= {row.number: texts[row.key.project] for row in of_year}
        return found

    @cached_property
    def _bases(self) -> dict[int, Mapping[str, str]]:
        """What the form had of the rows that were changed since, by project."""
        stale = {
            row.key.project: row.key.version
            for row in self.form.rows
            if (known := self.rows.get(row.key.project)) and row.key.version != known.stored_version
        }
        return texts_seen(stale, self.importer.choices, self.importer.year.pk)

    def _row(self, row: ProjectRow, known: ProjectGridRow) -> None:
        faults = {name: why for name, cell in row.cells.items() if (why := _fault_of(name, cell))}
        for name, why in faults.items():
            self.fault(row, why, PROJECT_LABELS[name])
        if faults:
            return
        texts = _texts_in(row)
        if any(texts.values()):
            self._filled_row(row, known, texts)
            return
        self.result.empty += 1
        if any(known.stored_texts.values()):
            text = "空欄のため変更しません。"
            self.result.notes.append(RowNote(row.number, known.name, text))

    def _filled_row(self, row: ProjectRow, known: ProjectGridRow, texts: Mapping[str, str]) -> None:
        stored = known.stored_texts
        is_stale = row.key.version != known.stored_version
        base = self._bases[known.pk] if is_stale else stored
        kept = tuple(
            PROJECT_LABELS[name] for name in PROJECT_FIELDS if base[name] and not texts[name]
        )
        filled = {name: texts[name] or base[name] for name in PROJECT_FIELDS}
        typed = replace(known, texts=filled, seen="0:")
        if typed.reading.content is None:
            for name, messages in typed.reading.faults.items():
                for message in messages:
                    self.fault(row, message, PROJECT_LABELS[name])
            return
        mine = typed.meant
        if mine in (base, stored):
            self._nothing_new(row, known, kept, is_overtaken=mine != stored)
            return
        merged = self._merged(row, typed, base) if is_stale and base != stored else typed
        if merged is not None:
            self._take(row, merged, kept)

    def _merged(
        self, row: ProjectRow, typed: ProjectGridRow, base: Mapping[str, str]
    ) -> ProjectGridRow | None:
        """Return a row merged with what others have stored since; None where it is asked about."""
        texts, choices = merged_texts(typed, base, typed.meant, self.importer.decisions)
        if not choices:
            return replace(typed, texts=texts)
        parts = [choice.label for choice in choices]
        message = who_changed_project(typed, parts, self.importer.user)
        self.result.questions.append(Question(row.number, typed.name, message, tuple(choices)))
        return None

    def _nothing_new(
        self, row: ProjectRow, known: ProjectGridRow, kept: tuple[str, ...], *, is_overtaken: bool
    ) -> None:
        self.result.unchanged += 1
        text = f"空欄のため変更しません：{'、'.join(kept)}" if kept else ""
        if is_overtaken:
            self.result.overtaken += 1
            text = "この様式では変更していません。様式を受け取った後に変更された内容を残します。"
        if text:
            self.result.notes.append(RowNote(row.number, known.name, text))

    def _take(self, row: ProjectRow, typed: ProjectGridRow, kept: tuple[str, ...]) -> None:
        """Add what a row changes to the entries and to the preview."""
        # Merged are only texts that can be read, and amounts as a whole.
        content = given(typed.reading.content)
        stored, now = typed.stored_texts, typed.meant
        if now == stored:
            self._nothing_new(row, typed, kept, is_overtaken=False)
            return
        changes = tuple(
            CellChange(PROJECT_LABELS[name], stored[name], now[name])
            for name in PROJECT_FIELDS
            if stored[name] != now[name]
        )
        self.taken[typed.pk] = row
        self.result.entries.append(ReviewEntry(typed.pk, content, typed.stored_version))
        self.result.changes.append(
            RowChange(
                row=row.number,
                label=typed.name,
                section=typed.section[1],
                is_new=typed.row.stored is None,
                fields=(*changes, *self._state_change(typed)),
                kept=kept,
            )
        )

    def _state_change(self, typed: ProjectGridRow) -> Iterable[CellChange]:
        """Yield that an answered or submitted row becomes a draft again, for the preview."""
        stored = typed.row.stored
        if stored is None or access.enters_as_answered(self.importer.user):
            return
        if stored.state in (State.SUBMITTED, State.ANSWERED):
            draft = f"{State.DRAFT.label}（もう一度、回答か決裁が必要です）"
            yield CellChange("状態", stored.get_state_display(), draft)


def _texts_in(row: ProjectRow) -> dict[str, str]:
    """Return the texts of a row's cells; what the form itself writes for money is none."""
    texts = {name: cell.text for name, cell in row.cells.items()}
    for name in OF_MONEY:
        if texts[name] in NO_MONEY.values():
            texts[name] = ""
    return texts


def _as_in_cell(field: str, text: str) -> str:
    """Return a stored text as an untouched cell has it: amounts without commas."""
    return text.replace(",", "") if field in PROJECT_AMOUNTS else text


def _fault_of(field: str, cell: ShownCell) -> str:
    """Return why a cell is unusable before its text is read; "" if it is usable."""
    if cell.day and field in PROJECT_AMOUNTS:
        return f"「{cell.text}」は日付です。表示形式を「標準」にして、額を入力し直してください。"
    return cell.fault
