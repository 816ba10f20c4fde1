"""Compares a returned form with the stored values: new, changed, unchanged, refused.

It checks every row, so that all problems are reported at once. The result is a list of entries
for indicators/recording.py, which makes the final decision and writes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from accounts import access
from accounts.models import Section
from entry.choices import MINE, THEIRS, Question, TwoContents
from entry.excel.columns import AVAILABILITY_CHOICES, FILLED, Header, RowKey, normal
from entry.excel.filling import Filled, fill_up
from entry.excel.reading import FilledForm, FormRow, read_form
from entry.grid_fields import choice_id
from entry.seen import grade_then, told_of_other_words, words_of
from entry.year_rows import YearRow, year_rows
from indicators import recording
from indicators.duties import entering_section
from indicators.entries import (
    REMARKS_ONLY,
    WITHDRAWN,
    WITHDRAWN_LABEL,
    Entry,
    Subject,
    value_of,
)
from indicators.merging import PARTS, merge
from indicators.models import Actual, FiscalYear, Indicator, display_factor
from indicators.rules.terms import NOT_REPORTED
from indicators.typed_values import ABSENCES, LABELS, NUMBERS, read_typed, typed_value
from japanese.fiscal_years import full_label
from japanese.numerals import half_width, plain, shown
from tables.cells import NO, YES, tidy
from tables.importing import CellChange, Comparison, Fault, Importer, RowChange, RowNote
from tables.sheets import ShownCell
from tables.uploads import Upload
from trail.history import DELETED, Door
from trail.installation import planning_office

_NOTHING = dict.fromkeys(FILLED, "")
_ANEW = "様式を受け取り直して入力してください。"


class FormImporter(Importer[FilledForm[RowKey]]):
    """Imports forms of a year. If entry has ended, it also has reason and kind of the changes.

    The number of queries of a comparison does not depend on the number of rows.
    """

    door = Door.FORM
    subject = "実績入力様式"

    def __init__(
        self,
        user: Any,
        year: FiscalYear,
        *,
        reason: str = "",
        change_kind: str = "",
        decisions: Mapping[str, str] | None = None,
    ) -> None:
        """`decisions` has the answers to `Question`s, by the ids of their choices."""
        self.user, self.year = user, year
        self.reason, self.change_kind = reason, change_kind
        self.decisions = decisions or {}
        self.table = f"entry.form.{year.pk}"

    def read(self, upload: Upload) -> FilledForm[RowKey]:
        return read_form(upload, self.year.pk)

    def compare(
        self, documents: Sequence[FilledForm[RowKey]], *, writing: bool = False
    ) -> list[Comparison]:
        rows = {row.indicator.code: row for row in year_rows(self.year.pk, self.user)}
        comparings = [_Comparing(form, rows, self) for form in documents]
        for comparing in comparings:
            comparing.compare(examine=not writing)
        _refuse_what_several_say(comparings)
        return [comparing.result for comparing in comparings]

    def write(self, comparisons: Sequence[Comparison]) -> None:
        entries = [entry for comparison in comparisons for entry in comparison.entries]
        try:
            recording.record(entries, self.change)
        except recording.RecordingError as error:
            comparisons[0].faults.append(Fault(str(error)))

    def summary(self, comparisons: Sequence[Comparison]) -> str:
        counts = [
            (len(one.added), len(one.changed), one.unchanged, one.empty) for one in comparisons
        ]
        new, changed, unchanged, empty = map(sum, zip(*counts, strict=True))
        return f"新しく登録する値{new}、変更する値{changed}、変わらない値{unchanged}、空欄{empty}"


def _refuse_what_several_say(comparings: Sequence["_Comparing"]) -> None:
    """Report indicators for which more than one form has something new."""
    names: dict[int, list[str]] = {}
    for comparing in comparings:
        for entry in comparing.result.entries:
            names.setdefault(entry.indicator_id, []).append(comparing.form.name)
    for comparing in comparings:
        for entry, row in zip(comparing.result.entries, comparing.entry_rows, strict=True):
            others = [name for name in names[entry.indicator_id] if name != comparing.form.name]
            if len(names[entry.indicator_id]) > 1:
                which = f"「{others[0]}」" if others else "もう一つのファイル"
                message = f"同じ指標の値が、{which}にもあります。どちらかを空欄にしてください。"
                fault = Fault(message, row.number, Header.VALUE, row.cells["value"].text)
                comparing.result.faults.append(fault)
        comparing.result.leave_out_refused()


class _Comparing:
    """The comparison of one form, in `result`."""

    def __init__(
        self, form: FilledForm, rows: Mapping[str, YearRow], importer: FormImporter
    ) -> None:
        self.form = form
        self.importer = importer
        self.rows = rows
        self.result = Comparison(form)
        self.entry_rows: list[FormRow] = []  # the rows of the entries, index by index
        self.others, self.enterers = self._other_indicators()
        self.strangers = self._strangers()
        self.written: dict[str, Any] = {}  # stale rows by code: the value of the form as written
        self.past, self.own = self._past_texts()
        self.faulty = {fault.row for fault in form.faults}
        self.conflicts: list[tuple[FormRow, YearRow, tuple[TwoContents, ...]]] = []

    def compare(self, *, examine: bool) -> None:
        self._tell_strangers()
        for row in self.form.rows:
            if row.number not in self.faulty and row.number not in self.strangers:
                self._row(row, self.rows[row.key.indicator])
        if self.conflicts:
            self._ask_about_conflicts()
        if examine:
            self._check()

    def _other_indicators(self) -> tuple[dict[str, Indicator], dict[int, Section]]:
        """Return by code the indicators that this user does not enter, and by id who does."""
        codes = {row.key.indicator for row in self.form.rows} - set(self.rows)
        if not codes:
            return {}, {}
        entering = entering_section(self.importer.year.pk)
        found = Indicator.objects.filter(code__in=codes).annotate(entering=entering)
        sections = Section.objects.in_bulk([indicator.entering for indicator in found])
        return (
            {indicator.code: indicator for indicator in found},
            {indicator.pk: sections[indicator.entering] for indicator in found},
        )

    def _past_texts(self) -> tuple[dict[str, dict[str, str]], set[str]]:
        """Return by code the texts that the cells of stale rows had when the form was written.

        Also the codes whose content has changed since by this user's Excel forms alone: a form that
        comes a second time does not meet somebody else's change.
        """
        stale = {}
        for row in self.form.rows:
            known = self.rows.get(row.key.indicator)
            if known and row.number not in self.strangers and row.key.version != _version(known):
                stale[known.indicator.pk] = (known, row.key.version or 0)
        if not stale:
            return {}, set()
        history = Actual.history.filter(
            indicator__in=stale, fiscal_year=next(iter(stale.values()))[0].fiscal_year
        )
        past: dict[str, dict[str, str]] = {}
        newest: dict[str, dict[str, str]] = {}
        foreign = set()
        for record in history.order_by("history_id"):
            known, version = stale[record.indicator_id]
            code = known.indicator.code
            texts = _NOTHING if record.history_type == DELETED else form_texts(record, known)
            if record.version == version and record.history_type != DELETED:
                past[code] = texts
                self.written[code] = record
            elif record.version >= version and texts != newest.get(code, _NOTHING):
                is_own = record.history_user_id == self.importer.user.pk
                if not (is_own and record.door == Door.FORM):
                    foreign.add(code)
            newest[code] = texts
        return past, {known.indicator.code for known, _ in stale.values()} - foreign

    def _fault(self, row: FormRow, message: str, header: Header = Header.NAME) -> None:
        fields = {column: name for name, column in FILLED.items()}
        text = row.unit if header == Header.UNIT else row.name
        if header in fields:
            text = row.cells[fields[header]].text
        message = message.removeprefix(header) if message.startswith(f"{header}「") else message
        self.result.faults.append(Fault(message, row.number, header, text))

    def _row(self, row: FormRow, known: YearRow) -> None:
        if row.is_empty:
            self._empty(row, known)
            return
        faults = [
            (name, fault) for name, cell in row.cells.items() if (fault := _fault_of(name, cell))
        ]
        for name, message in faults:
            self._fault(row, message, FILLED[name])
        if not faults:
            self._filled_row(row, known)

    def _strangers(self) -> dict[int, str]:
        """Return, by their number, the rows that cannot be imported here, and why not."""
        reasons = ((row.number, self._not_ours(row)) for row in self.form.rows)
        return {number: reason for number, reason in reasons if reason}

    def _not_ours(self, row: FormRow) -> str:
        """Return why a row cannot be taken in here, whatever its cells say; "" if it can."""
        year = self.importer.year.pk
        if row.key.fiscal_year != year:
            return (
                f"この行は、{full_label(row.key.fiscal_year)}の様式のものです。"
                f"{full_label(year)}の様式の行に入力してください。"
            )
        known = self.rows.get(row.key.indicator)
        return self._refusal(row, known) if known else self._not_asked_for(row)

    def _tell_strangers(self) -> None:
        """Refuse the filled-in rows that cannot be imported; others are not an error.

        If all rows are like that, the file is refused, with one message if it is another plan's.
        """
        rows = [row for row in self.form.rows if row.number in self.strangers]
        if not rows:
            return
        are_all = len(rows) == len(self.form.rows)
        plans = {row.key.plan for row in rows if self._is_of_another_plan(row)}
        if are_all and all(map(self._is_of_another_plan, rows)):
            named = "、".join(sorted(plans))
            message = f"この様式は、別の計画（{named}）のものです。{_ANEW}"
            self.result.faults.append(Fault(message))
            return
        filled = [row for row in rows if self._is_filled(row)]
        for row in filled:
            if row.number not in self.faulty:
                self._fault(row, self.strangers[row.number])
        if are_all and not filled:
            message = (
                f"この様式には、あなたが{full_label(self.importer.year.pk)}に入力する指標の行が"
                f"ありません（{rows[0].number}行目：{self.strangers[rows[0].number]}）"
            )
            self.result.faults.append(Fault(message))
        elif untouched := len(rows) - len(filled):
            self.form.tell(
                f"この年度にあなたの課が入力する指標でない{untouched}行は、"
                "記入されていないため取り込みません。"
            )

    def _is_of_another_plan(self, row: FormRow) -> bool:
        known = self.rows.get(row.key.indicator)
        if known is None or row.key.fiscal_year != self.importer.year.pk:
            return False
        return row.key.plan not in {listing.plan_code for listing in known.listings}

    def _is_filled(self, row: FormRow) -> bool:
        """Whether somebody filled in a row since the form was written."""
        if row.is_empty:
            return False
        return any(_fault_of(name, cell) for name, cell in row.cells.items()) or (
            fill_up(row.cells, _NOTHING).texts != self._written_texts.get(row.number)
        )

    @cached_property
    def _written_texts(self) -> dict[int, dict[str, str]]:
        """The texts of the strangers' cells when the form was written, by number of the row."""
        written = {}
        rows = [row for row in self.form.rows if row.number in self.strangers]
        by_number = {row.number: row for row in rows}
        for year in {row.key.fiscal_year for row in rows}:
            indicators = {
                row.number: indicator
                for row in rows
                if row.key.fiscal_year == year
                and row.key.version is not None
                and (indicator := self._indicator(row.key.indicator))
            }
            versions = {
                indicators[row.number].pk: row.key.version or 0
                for row in rows
                if row.number in indicators
            }
            seen = recording.versions_seen(versions, year)
            for number, indicator in indicators.items():
                if record := seen.get(indicator.pk):
                    texts = form_texts(record, Subject(year, indicator, record))
                    row = by_number[number]
                    texts = _in_unit(texts, indicator, row.unit)
                    word = row.cells["value"].text
                    if record.grade and grade_then(word, row.key.words) == record.grade:
                        texts["value"] = word  # as the plan calls it, or called it then
                    cells = {name: ShownCell(text) for name, text in texts.items()}
                    written[number] = fill_up(cells, _NOTHING).texts
        return written

    def _indicator(self, code: str) -> Any:
        """Return an indicator, stored or of the tree; None if there is none of this code."""
        known = self.rows.get(code)
        return known.indicator if known else self.others.get(code)

    def _not_asked_for(self, row: FormRow) -> str:
        """Return why a row is refused whose indicator the person does not enter for this year."""
        other = self.others.get(row.key.indicator)
        if other is None or access.may_enter(self.importer.user, self.enterers[other.pk].pk):
            return f"この指標は、この年度の入力の対象ではありません。{_ANEW}"
        return (
            f"「{other.name}」を入力できるのは、{self.enterers[other.pk]}です。この行を消すか、"
            f"{_ANEW}入力が必要な場合は、{planning_office()}に連絡してください。"
        )

    def _refusal(self, row: FormRow, known: YearRow) -> str:
        """Return why a row is refused regardless of its cells; "" if it is not."""
        if self._is_of_another_plan(row):
            return f"この行は、別の計画（{row.key.plan}）の様式のものです。{_ANEW}"
        if row.name and "".join(row.name.split()) != "".join(known.name.split()):
            return (
                f"この行は「{known.name}」の行ですが、指標の欄は「{row.name}」です。"
                f"行がずれていないか確かめ、{_ANEW}"
            )
        return ""

    def _empty(self, row: FormRow, known: YearRow) -> None:
        self.result.empty += 1
        if known.stored is not None:
            text = f"空欄のため変更しません（登録されている値：{known.value_of(known.stored)}）。"
            self.result.notes.append(RowNote(row.number, known.name, text))

    def _filled_row(self, row: FormRow, known: YearRow) -> None:
        base = self._base(row, known)
        read_today = self._in_todays_unit(row, known, base)
        if read_today and read_today.key.words not in ("", words_of(known.grades)):
            read_today = self._in_todays_words(read_today, known, base["value"])
        if read_today is None:
            return
        row, filled = read_today, fill_up(read_today.cells, base)
        is_stale = row.key.version != _version(known)
        if is_stale and known.stored and base == form_texts(known.stored, known):
            is_stale = False  # only the state changed, e.g. handed back or answered
        if filled.texts == base and is_stale:
            self._overtaken(row, known)
        elif filled.texts == base:
            self._nothing_new(row, known, filled)
        elif not is_stale:
            self._changed_row(row, known, filled)
        elif known.indicator.code in self.own:
            filled = _said_again(row, known, self._as_written(known), filled)
            self._changed_row(row, known, filled)
        else:
            self._changed_by_both(row, known, base, filled)

    def _base(self, row: FormRow, known: YearRow) -> Mapping[str, str]:
        """Return the texts that the form was written with."""
        if row.key.version is None:
            return _NOTHING | {"remarks": tidy(known.early_remarks)}
        if row.key.version != _version(known):
            return self.past.get(known.indicator.code, _NOTHING)
        return _texts_now(known)

    def _as_written(self, known: YearRow) -> YearRow:
        """Return a row with the value that its form was written with.

        What the cells say follows from that value, not from the one stored since.
        """
        return replace(known, stored=self.written.get(known.indicator.code))

    def _overtaken(self, row: FormRow, known: YearRow) -> None:
        text = "この様式では変更していません。様式を受け取った後に変更された値を残します。"
        self.result.notes.append(RowNote(row.number, known.name, text))
        self.result.unchanged += 1
        self.result.overtaken += 1

    def _changed_row(self, row: FormRow, known: YearRow, filled: Filled) -> None:
        """Take what a row says, beside what is stored now."""
        if not self._takes_availability(row, known, filled.texts["availability"]):
            return
        entry, is_sound = self._read(row, known, filled)
        if is_sound:
            self._take(row, known, filled, entry)

    def _changed_by_both(
        self, row: FormRow, known: YearRow, base: Mapping[str, str], filled: Filled
    ) -> None:
        """Merge a row with what others have stored since, or ask what to keep."""
        if not self._takes_availability(row, known, filled.texts["availability"]):
            return
        opened = self._as_written(known)
        _, is_sound = self._read(row, opened, filled)
        if not is_sound:
            return
        mine = Filled(dict(_as_stored(filled, opened)), filled.kept)
        merged, choices = self._merged(known, base, mine)
        if choices:
            self.conflicts.append((row, known, choices))
        elif merged is not None:
            self._changed_row(row, known, merged)

    def _takes_availability(self, row: FormRow, known: YearRow, availability: str) -> bool:
        """Return whether 有無 can be recorded; note or report why it cannot."""
        if known.stored is None and availability == WITHDRAWN_LABEL:
            self.result.unchanged += 1
            text = "すでに未入力のため、変更しません。"
            self.result.notes.append(RowNote(row.number, known.name, text))
            return False
        if availability and availability not in AVAILABILITY_CHOICES:
            labels = "、".join(AVAILABILITY_CHOICES)
            message = (
                f"有無「{shown(availability)}」は使えません。{labels}のどれかを選んでください。"
            )
            self._fault(row, message, Header.AVAILABILITY)
            return False
        return True

    def _in_todays_unit(
        self, row: FormRow, known: YearRow, base: Mapping[str, str]
    ) -> FormRow | None:
        """Return a row with its value in the indicator's unit; None if it is typed in another."""
        if is_same_unit(row.unit, known.indicator.shown_unit):
            return row
        cell = row.cells["value"]
        if cell.text == _in_unit(base, known.indicator, row.unit)["value"]:
            # Nobody typed it in the old unit.
            return _with_value(row, base["value"])
        if cell.text and not cell.text.startswith(tuple(ABSENCES)):
            self._fault(row, _of_other_unit(row.unit, known), Header.UNIT)
            return None
        return row

    def _in_todays_words(self, row: FormRow, known: YearRow, base: str) -> FormRow | None:
        """Return a row with the grade that it meant; `base` is that which it was written with.

        None if it is a word that names another grade than when the form was written: a fault.
        """
        text = row.cells["value"].text
        then = grade_then(text, row.key.words)
        is_now = row.key.version == _version(known)
        written = known.stored if is_now else self.written.get(known.indicator.code)
        if then and written is not None and then == written.grade:
            return _with_value(row, base)  # nobody chose it among the current words
        if not then or known.grades is None or known.grades.named(text) == then:
            return row
        self._fault(row, told_of_other_words(text, then, known.grades) + _ANEW, Header.VALUE)
        return None

    def _merged(
        self, known: YearRow, base: Mapping[str, str], filled: Filled
    ) -> tuple[Filled | None, tuple[TwoContents, ...]]:
        """Return a row merged with what is stored, and what is still to be decided.

        `base` has the texts of the form as it was written, `filled` those that it says as the form
        writes stored values. None leaves what is stored.
        """
        pk, version = known.indicator.pk, str(_version(known) or "")
        mine = filled.texts
        answers = {part: self.importer.decisions.get(choice_id(pk, part), "") for part in PARTS}

        def choice(part: str, theirs: str) -> TwoContents:
            before, typed = (_part(part, texts, known) for texts in (base, mine))
            return TwoContents(choice_id(pk, part), LABELS[part], theirs, typed, version, before)

        theirs = _texts_now(known)
        if known.stored is None or mine["availability"] == WITHDRAWN_LABEL:
            # The whole value is gone, or is to be deleted: it can only be decided as a whole.
            if answers["value"] == f"{MINE}:{version}":
                return filled, ()
            is_decided = answers["value"] == f"{THEIRS}:{version}"
            return None, () if is_decided else (choice("value", _part("value", theirs, known)),)
        mine_is_chosen = [part for part in PARTS if answers[part] == f"{MINE}:{version}"]
        merged = merge(base, theirs, mine, mine_is_chosen)
        undecided = [part for part in merged.clashes if answers[part] != f"{THEIRS}:{version}"]
        choices = tuple(choice(part, _part(part, theirs, known)) for part in undecided)
        return Filled(merged.texts, filled.kept), choices

    def _read(self, row: FormRow, known: YearRow, filled: Filled) -> tuple[Entry | None, bool]:
        """Report the faults in the texts of a row; return its entry and whether there are none."""
        reading = read_typed(filled.typed, known)
        for name, messages in reading.faults.items():
            header = FILLED.get(name, Header.AVAILABILITY)
            for message in messages:
                message = message.replace(LABELS["availability"], Header.AVAILABILITY)
                self._fault(row, message, header)
        return reading.entry, not reading.faults

    def _take(self, row: FormRow, known: YearRow, filled: Filled, entry: Entry | None) -> None:
        changes = _changes(entry, known) if entry else ()
        if entry is None or not changes:
            self._nothing_new(row, known, filled)
        else:
            entry = replace(entry, version=_version(known), change_kind=self.importer.change_kind)
            self.result.entries.append(entry)
            changes = (*changes, *self._state_change(known))
            self.result.changes.append(_row_change(row, known, filled, entry, changes))
            self.entry_rows.append(row)

    def _state_change(self, known: YearRow) -> tuple[CellChange, ...]:
        """Return that an answered or submitted value becomes a draft again, for the preview."""
        stored = known.stored
        settled = (Actual.State.SUBMITTED, Actual.State.ANSWERED)
        if access.enters_as_answered(self.importer.user) or stored is None:
            return ()
        if stored.state not in settled:
            return ()
        draft = f"{Actual.State.DRAFT.label}（もう一度、回答か決裁が必要です）"
        return (CellChange("状態", stored.state_label, draft),)

    def _nothing_new(self, row: FormRow, known: YearRow, filled: Filled) -> None:
        if known.stored is None:
            self.result.empty += 1
            text = "実績値が空欄のため、登録しません。"
        else:
            self.result.unchanged += 1
            text = f"空欄のため変更しません：{'、'.join(filled.kept)}" if filled.kept else ""
        if text:
            self.result.notes.append(RowNote(row.number, known.name, text))

    def _ask_about_conflicts(self) -> None:
        """Ask about rows in which somebody else has changed the same meanwhile."""
        stored = Actual.objects.filter(
            pk__in=[known.stored.pk for _, known, _ in self.conflicts if known.stored]
        )
        stored = stored.select_related("indicator", "entered_by").prefetch_related(
            "entered_by__sections"
        )
        by_indicator = {actual.indicator_id: actual for actual in stored}
        user = self.importer.user
        gone = {known.indicator.pk for _, known, _ in self.conflicts} - set(by_indicator)
        year = self.importer.year.pk
        withdrawn = recording.who_withdrew(gone, year, seen_by=user) if gone else {}
        for row, known, choices in self.conflicts:
            actual = by_indicator.get(known.indicator.pk)
            if actual is None:
                message = withdrawn[known.indicator.pk]
            else:
                parts = [choice.label for choice in choices]
                message = recording.who_was_faster(actual, seen_by=user, parts=parts)
            self.result.questions.append(Question(row.number, known.name, message, choices))

    def _check(self) -> None:
        """Validate the entries with recording.py and report what it refuses, row by row."""
        problems = recording.check(self.result.entries, self.importer.change)
        for problem in problems:
            if problem.field in ("reason", "change_kind"):
                self.result.refuse(problem.field, problem.message)
            elif problem.field == "fiscal_year":
                fault = Fault(problem.message)
                if fault not in self.result.faults:
                    self.result.faults.append(fault)
            else:
                # Not about one field: shown at the changed fields, which the person has just
                # edited.
                first = self.result.changes[problem.index].fields[0].name
                header = FILLED.get(problem.field, Header(first))
                self._fault(self.entry_rows[problem.index], problem.message, header)


def _fault_of(field: str, cell: ShownCell) -> str:
    """Return why a cell is unusable before its text is even parsed; "" if it is usable."""
    if cell.day and field in NUMBERS:
        return f"「{cell.text}」は日付です。表示形式を「標準」にして、数を入力し直してください。"
    return cell.fault


def is_same_unit(one: str, other: str) -> bool:
    """Return whether two texts name the same unit, whatever their width."""
    return normal(one) == normal(other)


def _with_value(row: FormRow, text: str) -> FormRow:
    return replace(row, cells={**row.cells, "value": replace(row.cells["value"], text=text)})


def _of_other_unit(unit: str, known: YearRow) -> str:
    now = known.indicator.shown_unit
    return (
        f"この様式の単位は「{unit or 'なし'}」ですが、今の単位は「{now or 'なし'}」です。"
        f"様式を受け取り直し、「{now or 'なし'}」の値を入力してください。"
    )


def _in_unit(texts: Mapping[str, str], indicator: Any, unit: str) -> dict[str, str]:
    """Return texts in today's display unit converted to the unit of a form."""
    if not texts["value"]:
        return dict(texts)
    try:
        number = Decimal(texts["value"])
    except InvalidOperation:
        return dict(texts)  # the word of a grade
    then = display_factor(indicator.unit, half_width(unit))
    value = number * indicator.display_factor / then
    return {**texts, "value": plain(value)}


def _version(known: YearRow) -> int | None:
    return known.stored.version if known.stored else None


def form_texts(stored: Any, known: Subject) -> dict[str, str]:
    """Return the texts that the form's cells have for this stored value."""
    return {
        "value": typed_value(known, stored),
        "numerator": "" if stored.numerator is None else plain(stored.numerator),
        "denominator": "" if stored.denominator is None else plain(stored.denominator),
        "availability": Actual.Availability(stored.availability).label,
        "expected_month": stored.expected_month,
        "provisional": YES if stored.provisional else NO,
        "remarks": tidy(stored.remarks),
    }


def _as_stored(filled: Filled, known: YearRow) -> Mapping[str, str]:
    """Return the texts of a row in the way in which the form writes stored values."""
    entry = read_typed(filled.typed, known).entry
    if entry is None or entry.availability in (WITHDRAWN, REMARKS_ONLY):
        return filled.texts
    return form_texts(replace(entry, value=value_of(entry, known.indicator)), known)


def _said_again(row: FormRow, known: YearRow, opened: YearRow, filled: Filled) -> Filled:
    """Return the content of a form that is imported a second time; empty cells do not count.

    A cell that the first import overruled, such as the share beside new parts, does not contradict
    what that import stored: then the form is read as it was the first time.
    """
    again = fill_up(row.cells, _texts_now(known))
    if not read_typed(again.typed, known).faults or read_typed(filled.typed, opened).faults:
        return again
    return Filled(dict(_as_stored(filled, opened)), filled.kept)


def _part(part: str, texts: Mapping[str, str], known: YearRow) -> str:
    """Return one part of the texts of a row as shown to people."""
    if part == "value":
        value = Filled({**_NOTHING, **{name: texts[name] for name in PARTS["value"]}})
        return read_typed(value.typed, replace(known, stored=None)).text or NOT_REPORTED
    if part == "provisional":
        return "速報値" if texts["provisional"] == YES else "確定値"
    return texts[part] or "（空欄）"


def _shown(content: Any, known: YearRow) -> dict[str, str]:
    """Return a stored value or an entry as shown to people, by field."""
    if content is not None and content.availability == REMARKS_ONLY:
        return _NOTHING | {"remarks": content.remarks.replace("\r\n", "\n")}
    if content is None or content.availability == WITHDRAWN:
        return _NOTHING | ({"availability": NOT_REPORTED} if content else {})
    value = content.value
    if isinstance(content, Entry):
        value = value_of(content, known.indicator)
    return {
        **form_texts(content, known),
        "value": known.grade_word(content.grade) if value is None else known.shown(value),
        "remarks": content.remarks.strip().replace("\r\n", "\n"),
    }


def _texts_now(known: YearRow) -> dict[str, str]:
    """Return the texts of the cells in a form that is written now."""
    if known.stored is None:
        return _NOTHING | {"remarks": tidy(known.early_remarks)}
    return form_texts(known.stored, known)


def _changes(entry: Entry, known: YearRow) -> tuple[CellChange, ...]:
    """Return the differences between an entry and the stored value."""
    old, new = _shown(known.stored, known), _shown(entry, known)
    if known.stored is None:
        old = old | {"remarks": known.early_remarks}
    if known.stored is None and entry.availability != REMARKS_ONLY:
        # Defaults of new values are not listed as changes.
        old = old | {"provisional": NO, "availability": Actual.Availability.REPORTED.label}
    elif entry.availability == WITHDRAWN:
        new["provisional"] = old["provisional"]
    before = old if known.stored is not None else _NOTHING | {"remarks": known.early_remarks}
    return tuple(
        CellChange(header, before[field], new[field])
        for field, header in FILLED.items()
        if old[field] != new[field]
    )


def _row_change(
    row: FormRow,
    known: YearRow,
    filled: Filled,
    entry: Entry,
    changes: tuple[CellChange, ...],
) -> RowChange:
    return RowChange(
        row=row.number,
        label=known.name,
        section=known.indicator.entered_by,
        is_new=known.stored is None and entry.availability != REMARKS_ONLY,
        is_withdrawn=entry.availability == WITHDRAWN,
        fields=changes,
        kept=filled.kept,
    )
