"""The entry grid as a form: the texts of its fields, what they mean, what was changed.

The field `seen` of each row has the version of the stored value, a digest of the texts on the page,
and unit and digits (entry/seen.py). So a row that the user did not touch is left alone even if
somebody else has changed its value meanwhile.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any

from accounts import access
from entry.grid_fields import GridField, digest_of, field_id, page_in
from entry.seen import (
    Seen,
    grade_then,
    read_seen,
    scale_of,
    told_of_other_scale,
    told_of_other_words,
    words_of,
)
from entry.year_rows import YearRow, year_rows
from indicators.entries import (
    CONTENT_FIELDS,
    REMARKS_ONLY,
    WITHDRAWN,
    WITHDRAWN_LABEL,
    Entry,
    Subject,
    same_content,
)
from indicators.merging import Texts
from indicators.models import Actual, FiscalYear, display_factor
from indicators.rules.plausibility import REMEDY, Doubt
from indicators.rules.terms import NOT_REPORTED
from indicators.series import REMEDY_FOR_OLD_REMARKS, unexplained_doubts
from indicators.typed_values import (
    ABSENCES,
    NUMBERS,
    Typed,
    TypedReading,
    read_typed,
    typed_of,
)
from japanese.numerals import plain

FIELDS = (
    "value", "numerator", "denominator", "availability", "expected_month", "provisional", "remarks",
)  # fmt: skip
"""The fields of a row in the order of the Excel form, in which a pasted block fills them."""

IN_DETAIL = ("availability", "expected_month", "remarks")
"""The fields that a row shows only when it is opened."""

LONGEST = 5_000
"""The length from which a field other than the remarks can mean nothing and is cut."""


@dataclass(frozen=True)
class GridRow:
    """A row as shown on the page.

    `texts` are the contents of its fields. `seen` identifies the stored value that the page showed.
    `more` has messages by field that do not follow from the texts alone, such as conflicts.
    `judgement` is how it would be judged (entry/typed_judgements.py); None if that is not known.
    `attaching` is what attaching files in the row needs (entry/attaching.py). `misread` says
    that its value was typed beside another unit, for another number of digits, or with a word that
    named another grade than now; "" if it means what it says.
    `page` names the page that it was typed into (entry/grid_fields.py).
    `is_kept_then`: its texts are those that the user had decided to keep when both were to choose.
    """

    row: YearRow
    texts: Texts
    seen: str
    is_editable: bool = True
    more: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shows_faults: bool = False
    judgement: Any = None
    attaching: Any = None
    misread: str = ""
    is_kept_then: bool = False
    page: str = ""

    @property
    def pk(self) -> int:
        """The id of the indicator."""
        return self.row.indicator.pk

    @property
    def name(self) -> str:
        """What the indicator is called."""
        return self.row.name

    @property
    def section(self) -> tuple[int, str]:
        """The id and the name of the section that enters it."""
        return self.row.indicator.entered_by_id, self.row.indicator.entered_by

    @property
    def stored_state(self) -> str:
        """The state of the stored value; "" if nothing is stored."""
        return self.row.stored.state if self.row.stored else ""

    @property
    def is_confirmed(self) -> bool:
        """Whether planning has confirmed the stored value."""
        return self.stored_state == Actual.State.CONFIRMED

    @property
    def version(self) -> str:
        """The version of the value that the page showed; "" if there was none."""
        return self.showed.version

    @cached_property
    def showed(self) -> Seen:
        """What the page showed."""
        return read_seen(self.seen)

    @property
    def shown_seen(self) -> str:
        """The text of `seen` for a page: it shows today's unit and words, and warns of others."""
        return str(_with_todays_terms(self.showed, self.row))

    @property
    def stored_version(self) -> str:
        """The version of the stored value; "" if nothing is stored."""
        return seen_version(self.row)

    @cached_property
    def stored_texts(self) -> dict[str, str]:
        """The texts of the fields for what is stored."""
        return grid_texts(self.row)

    @cached_property
    def is_touched(self) -> bool:
        """Whether the user changed anything in the row."""
        return not self.has_shown(self.texts)

    def has_shown(self, texts: Texts) -> bool:
        """Return whether the page showed these texts when it was opened."""
        return _digest(texts) == self.showed.digest

    @property
    def is_unsaved(self) -> bool:
        """Whether the user typed something that differs from what is currently stored."""
        return self.is_touched and not self.is_stored

    @cached_property
    def is_stored(self) -> bool:
        """Whether the texts say what is currently stored, e.g. because they have been saved."""
        stored, entry = self.row.stored, self.reading.entry
        if _digest(self.texts) == _digest(self.stored_texts):
            return True
        if stored is None:
            return self.is_withdrawn
        return entry is not None and same_content(entry, stored, self.row.indicator)

    @property
    def is_withdrawn(self) -> bool:
        """Whether the user withdrew a value that no longer exists."""
        return self.row.stored is None and self.texts.get("availability") == WITHDRAWN

    @cached_property
    def reading(self) -> TypedReading:
        """The parsed texts."""
        reading = read_typed(Typed(**self.texts, version=self.version), self.row)
        if not self.misread:
            return reading
        of_value = () if self.row.takes_grade else reading.faults.get("value", ())
        return TypedReading(None, {**reading.faults, "value": (self.misread, *of_value)})

    @property
    def entry(self) -> Entry | None:
        """The entry to record; None for an untouched row and for one with faults."""
        return self.reading.entry if self.is_touched else None

    @property
    def unchanged_entry(self) -> Entry | None:
        """The stored value as an entry that changes nothing.

        None if nothing is stored, if the user has not seen this version, or has changed the row.
        """
        stored = self.row.stored
        if self.is_touched or stored is None or str(stored.version) != self.version:
            return None
        content = {name: getattr(stored, name) for name in CONTENT_FIELDS}
        return Entry(
            indicator_id=self.pk,
            fiscal_year=self.row.fiscal_year,
            version=stored.version,
            **content,
        )

    @cached_property
    def messages(self) -> dict[str, tuple[str, ...]]:
        """The messages to show, by field."""
        if not (self.shows_faults and self.is_touched):
            return {}
        found: dict[str, tuple[str, ...]] = {}
        for source in (self.reading.faults, self.more):
            for name, messages in source.items():
                if not messages:
                    continue
                name = self._field_of(name)
                found[name] = (*found.get(name, ()), *messages)
        return found

    def _field_of(self, name: str) -> str:
        """Return the field that shows a message: a share's faults are shown at its parts."""
        if name == "value" and self.texts.get("numerator") and not self.texts.get("value"):
            return "numerator"
        return name

    @cached_property
    def fields(self) -> dict[str, GridField]:
        """The fields of the row, filled in or not, by the names of its texts."""
        hint = f"r{self.pk}-reading r{self.pk}-notes"
        return {
            name: GridField(
                self.pk,
                name,
                self.texts.get(name, ""),
                self.messages.get(name, ()),
                hint if name in NUMBERS else "",
            )
            for name in FIELDS
        }

    @property
    def numbers(self) -> list[GridField]:
        """The fields for the value; for a share, its parts come after it.

        A 記述目標 has the parts of a number that was stored before it became one, until they are
        cleared.
        """
        names: tuple[str, ...] = NUMBERS if self.row.indicator.ratio else ("value",)
        if self.row.takes_grade:
            names = tuple(name for name in names if name == "value" or self.texts.get(name))
        return [self.fields[name] for name in names]

    @property
    def may_be_provisional(self) -> bool:
        """Whether the row has 速報値 to tick, or to clear where a grade takes a number's place."""
        return not self.row.takes_grade or bool(self.texts.get("provisional"))

    @property
    def grades(self) -> list[tuple[str, str, bool]]:
        """The words to choose from for a 記述目標; [] for numbers.

        Each has the text of its line and whether it is chosen. What the rules do not offer, such as
        a pasted word or a grade from before a correction of the rules, stays to be corrected.
        """
        if not self.row.takes_grade:
            return []
        typed = self.texts.get("value", "")
        words = self.row.grade_words
        found = [(word, word, word == typed) for word in words]
        if typed not in ("", *words):
            found.append((typed, f"{typed}（この年度には選べません）", True))
        return found

    @property
    def first_field(self) -> GridField:
        """The field to focus first."""
        return self.fields["value"]

    @property
    def codes(self) -> str:
        """The code and the places in plans by which a pasted column can name the row."""
        listings = self.row.listings if self.row.is_listed else ()
        places = (word for one in listings for word in (one.place, one.shown_place))
        return " ".join([self.row.indicator.code, *places])

    @property
    def is_open(self) -> bool:
        """Whether the row starts open: something below its first line is wrong or needed."""
        is_attached_to = self.attaching is not None and self.attaching.is_asked
        is_wrong = any(self.messages.get(name) for name in IN_DETAIL)
        return is_attached_to or is_wrong or self._lacks_reason

    @property
    def _lacks_reason(self) -> bool:
        return self.row.takes_grade and not self.texts.get("remarks")

    @property
    def marks(self) -> str:
        """What the closed row holds below its first line; "" if nothing."""
        files = f"資料{self.row.evidence_count}件" if self.row.evidence_count else ""
        if not self.texts.get("remarks"):
            return files
        return f"備考・{files}" if files else "備考あり"

    @property
    def stored_value(self) -> str:
        """The stored value as shown; "" if nothing is stored."""
        return self.row.value_of(self.row.stored) if self.row.stored else ""

    @property
    def state_label(self) -> str:
        """The state of the row: 未入力, 入力中 …"""
        if self.row.stored is not None:
            return self.row.stored.state_label
        return f"{NOT_REPORTED}（備考のみ）" if self.row.early_remarks else NOT_REPORTED

    @property
    def shown_reading(self) -> str:
        """How the texts were understood; for rows whose faults are not shown."""
        return self.reading.text if self.is_touched or self.row.indicator.ratio else ""

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        """The choices of 値がないとき: (code, label, is chosen)."""
        choices = [
            ("", Actual.Availability.REPORTED.label),
            *((code, label) for label, code in ABSENCES.items()),
        ]
        if self.row.stored is not None:
            choices.append((WITHDRAWN, WITHDRAWN_LABEL))
        chosen = self.texts.get("availability", "")
        if chosen not in dict(choices):
            # A pasted word that means nothing stays to be corrected.
            choices.append((chosen, chosen))
        return [(code, label, code == chosen) for code, label in choices]

    @property
    def is_missing(self) -> bool:
        """Whether the section has to act: nothing entered, or handed back."""
        return self.stored_state in ("", Actual.State.RETURNED)

    @cached_property
    def is_filled(self) -> bool:
        """Whether the section need not act: a value is stored, or typed so that it can be saved.

        What is faulty, or doubtful without a reason, counts as if it had not been typed.
        """
        entry = self.entry if self.is_unsaved else None
        if entry is None or any(self.more.values()) or _doubts(self):
            return not self.is_missing
        return entry.availability not in (WITHDRAWN, REMARKS_ONLY)


def seen_of(row: YearRow, texts: Texts) -> str:
    """Return the text of `seen` for the stored value that a page shows, as `texts`."""
    return str(_with_todays_terms(Seen(seen_version(row), _digest(texts)), row))


def _with_todays_terms(seen: Seen, row: YearRow) -> Seen:
    """Return what was seen with the current unit and words of grades."""
    return replace(seen, scale=scale_of(row.indicator), words=words_of(row.grades))


def grid_texts(subject: Subject) -> dict[str, str]:
    """Return the texts of the fields of an untouched row."""
    typed = typed_of(subject)
    return {name: getattr(typed, name) for name in FIELDS}


def may_edit(row: YearRow, year: FiscalYear | None, user: Any) -> bool:
    """Return whether a user may type into the fields of a row that he or she enters."""
    if access.may_change_closed_year(user):
        return year is not None
    confirmed = row.stored is not None and row.stored.state == Actual.State.CONFIRMED
    open_now = year is not None and year.entry_is_open
    return open_now and (not confirmed or access.may_change_confirmed(user))


def shown_rows(fiscal_year: int, year: FiscalYear | None, user: Any) -> list[GridRow]:
    """Return the rows of a year that a user enters, as stored, with no field changed.

    `year` is None if planning has not created it.
    """
    return [_shown_row(row, year, user) for row in year_rows(fiscal_year, user)]


def _shown_row(row: YearRow, year: FiscalYear | None, user: Any) -> GridRow:
    texts = grid_texts(row)
    return GridRow(row, texts, seen_of(row, texts), may_edit(row, year, user))


def typed_rows(shown: Iterable[GridRow], data: Mapping[str, str]) -> list[GridRow]:
    """Return the rows with the texts in `data`; rows that `data` lacks are unchanged.

    Texts for rows that the user may not edit are ignored.
    """
    return [_typed_row(row, data) if row.is_editable else row for row in shown]


def with_faults_shown(rows: Iterable[GridRow]) -> list[GridRow]:
    """Return the rows with what is wrong or doubtful about the texts typed into them."""
    return [
        replace(
            row, shows_faults=True, more={"remarks": tuple(doubt.message for doubt in _doubts(row))}
        )
        if row.is_touched and row.is_unsaved
        else row
        for row in rows
    ]


def posted_rows(shown: Iterable[GridRow], data: Mapping[str, str]) -> list[GridRow]:
    """Return the rows of a submitted form with the texts typed into them.

    It does not check the right to edit, which is left to recording.py: if the year ended while
    somebody was typing, the page must still show the typed texts. What has been confirmed meanwhile
    is left to entry/gone_rows.py.
    """
    return [
        replace(_typed_row(row, data), is_editable=True)
        for row in shown
        if field_id(row.pk, "seen") in data
    ]


def texts_in(pk: int, data: Mapping[str, str]) -> dict[str, str]:
    """Return the texts of a row in a form."""
    texts = {name: str(data.get(field_id(pk, name), "")) for name in FIELDS}
    return {name: text if name == "remarks" else text[:LONGEST] for name, text in texts.items()}


def _typed_row(row: GridRow, data: Mapping[str, str]) -> GridRow:
    seen = data.get(field_id(row.pk, "seen"))
    if seen is None:
        return row
    typed = replace(row, texts=texts_in(row.pk, data), seen=str(seen), page=page_in(row.pk, data))
    return _in_todays_terms(typed)


def _in_todays_terms(row: GridRow) -> GridRow:
    """Return a typed row whose value means what it says today, or is marked.

    Only what the user typed has to be asked about; what the page had brought is known.
    """
    seen = row.showed
    now = _with_todays_terms(seen, row.row)
    if seen.scale in ("", now.scale) and seen.words in ("", now.words):
        return row
    stored = row.stored_texts
    if not row.is_touched:
        return replace(row, texts=stored, seen=str(replace(now, digest=_digest(stored))))
    value = row.texts["value"].strip()
    grade = grade_then(value, seen.words) if seen.words else ""
    then = _grade_then_stored(row, seen) if grade else _value_then(row, seen)
    if then and then == (grade or value):
        return replace(row, texts={**row.texts, "value": stored["value"]}, seen=str(now))
    if grade:
        grades = row.row.grades
        if grades is None or grades.named(value) == grade:
            return row
        return replace(row, misread=told_of_other_words(value, grade, grades))
    is_number = bool(value) and not value.startswith(tuple(ABSENCES))
    if not is_number or seen.scale in ("", now.scale):
        return row
    return replace(row, misread=told_of_other_scale(seen.scale, now.scale))


def _grade_then_stored(row: GridRow, seen: Seen) -> str:
    """Return the grade of the stored value that the page showed; "" for none or another one."""
    is_same = row.row.stored is not None and seen.version == row.stored_version
    return row.row.stored.grade if row.row.stored and is_same else ""


def _value_then(row: GridRow, seen: Seen) -> str:
    """Return the text of the stored value on the page; "" if it had no such text, or is unknown."""
    value = row.row.stored.value if row.row.stored else None
    if value is None or seen.version != row.stored_version:
        return ""
    return plain(value / display_factor(row.row.indicator.unit, seen.unit))


def seen_version(row: YearRow) -> str:
    """Return the version of the stored value; "" if nothing is stored."""
    return str(row.stored.version) if row.stored else ""


def told(rows: Sequence[GridRow], judgements: Mapping[int, Any]) -> dict[int, dict[str, Any]]:
    """Return, for touched rows, how the texts were understood and their faults and doubts.

    The page shows them while the user types, with the `judgements` by row.
    """
    return {
        row.pk: {
            "text": row.reading.text,
            "faults": [message for group in row.reading.faults.values() for message in group],
            "doubts": [_without_remedy(doubt.message) for doubt in _doubts(row)],
            "judgement": asdict(judgements[row.pk]) if row.pk in judgements else None,
        }
        for row in rows
        if row.is_touched
    }


def _without_remedy(message: str) -> str:
    """Return a doubt in short; saving says what to do."""
    return message.removesuffix(REMEDY).removesuffix(REMEDY_FOR_OLD_REMARKS)


def _doubts(row: GridRow) -> list[Doubt]:
    entry = row.reading.entry
    return unexplained_doubts(entry, row.row, row.row.series) if entry else []


def _digest(texts: Texts) -> str:
    return digest_of(texts, FIELDS)
