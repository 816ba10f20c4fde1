"""Parse the texts typed for one indicator and year into an entry, or faults by field.

The entry grid, the Excel form, the admin, bulk import and the command all use this parser, so that
rules and messages are the same; each only supplies the texts and shows the faults. Runs no query:
recording.py checks permissions, conflicts and doubts.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any

from indicators.entries import (
    REMARKS_ONLY,
    WILL_WITHDRAW,
    WITHDRAWN,
    WITHDRAWN_LABEL,
    Entry,
    Subject,
    content_problems,
    contradiction,
    value_of,
)
from indicators.models import Actual, availability_label
from indicators.rules.chosen_grades import PERSONAL
from indicators.rules.narrowing_types import given
from indicators.rules.terms import NOT_REPORTED
from indicators.rules.typed_numbers import read_typed_number
from japanese.characters import as_listed, clean, word_key
from japanese.months import read_month
from japanese.numerals import EXAMPLE, format_exact, half_width, plain, shown
from japanese.row_numbers import row_number

Availability = Actual.Availability

YES_WORDS = {"on", "true", "yes", "1", "○", "〇", "◯", "はい", "レ", "✓", "✔", "速報値", "速報"}
NO_WORDS = {"", "off", "false", "no", "0", "×", "いいえ", "確定値", "確定", "-", "ー"}

_AVAILABILITIES = {
    word: code
    for code, label in (*Availability.choices, (WITHDRAWN, WITHDRAWN_LABEL))
    for word in (code, label)
}
ABSENCES = {
    choice.label: choice.value for choice in Availability if choice != Availability.REPORTED
}
"""Reasons for a missing value: maps labels to codes."""


def word_of(field: str, text: str) -> str:
    """Return the word in a field of `Typed` as it is listed; other texts unchanged."""
    words = {"value": ABSENCES, "availability": _AVAILABILITIES}.get(field)
    return as_listed(text, words) if words else text


@dataclass(frozen=True, kw_only=True)
class Typed:
    """The texts typed for one value. `value` is in the display unit, or the word of a grade.

    `availability` is a code or its label (WITHDRAWN deletes the value); "" if it follows from
    `value`. `provisional` is any common word for yes or no. `version` is the version that the
    person saw; "" if there was no value.
    """

    value: str = ""
    numerator: str = ""
    denominator: str = ""
    availability: str = ""
    expected_month: str = ""
    provisional: str = ""
    remarks: str = ""
    version: str = ""


LABELS = {
    "value": "実績値",
    "numerator": "分子",
    "denominator": "分母",
    "availability": "値がない理由",
    "expected_month": "公表予定月",
    "provisional": "速報値",
    "remarks": "備考",
}
"""The fields of `Typed` that people fill in, with their labels in messages."""

NUMBERS = ("value", "numerator", "denominator")


@dataclass(frozen=True)
class TypedReading:
    """The result of parsing. `entry` is None if there are faults or nothing to record.

    `faults` has messages by field of `Typed`; `text` is what was understood, with the unit.
    """

    entry: Entry | None
    faults: Mapping[str, tuple[str, ...]]
    text: str = ""

    @property
    def unlabelled_faults(self) -> dict[str, list[str]]:
        """The faults without their label, for pages that show it beside the message."""
        return {
            field: [
                text.removeprefix(LABELS[field]) if text.startswith(f"{LABELS[field]}「") else text
                for text in messages
            ]
            for field, messages in self.faults.items()
        }


def typed_of(subject: Subject) -> Typed:
    """Return the texts for the stored value; read back, they change nothing."""
    stored = subject.stored
    if stored is None:
        return Typed(remarks=subject.early_remarks)
    if stored.availability == REMARKS_ONLY:
        return Typed(remarks=stored.remarks)
    has_value = stored.availability == Availability.REPORTED
    has_parts = stored.denominator is not None
    return Typed(
        value="" if has_parts else typed_value(subject, stored),
        numerator=_part(stored.numerator),
        denominator=_part(stored.denominator),
        availability="" if has_value else stored.availability,
        expected_month=stored.expected_month,
        provisional="on" if stored.provisional else "",
        remarks=stored.remarks,
        version=str(stored.version),
    )


def typed_value(subject: Subject, stored: Any) -> str:
    """Return the text of the value alone: a number, or the word of a grade."""
    return subject.grade_word(stored.grade) or subject.typed(stored.value)


def read_entry(typed: Typed, subject: Subject) -> TypedReading:
    """Parse the texts without checking the content.

    For callers that call recording.check for the whole form anyway.
    """
    reader = _Reader(typed, subject)
    return reader.reading(reader.entry())


def read_typed(typed: Typed, subject: Subject) -> TypedReading:
    """Parse the texts and check the content; return all faults at once, or the entry in words.

    Emptying a stored value is a fault: people must choose WITHDRAWN to delete a value.
    Remarks alone are an entry that leaves the year 未入力.
    """
    reader = _Reader(typed, subject)
    entry = reader.entry()
    if entry.availability == WITHDRAWN:
        reader.check_nothing_else_is_typed()
        if subject.stored is None and not reader.faults:
            return TypedReading(None, {})
    elif not reader.faults:
        if reader.is_empty():
            if subject.stored is not None:
                reader.refuse("value", _EMPTIED)
            elif reader.typed.remarks or subject.early_remarks:
                entry = replace(entry, availability=REMARKS_ONLY)
                reader.check_content(entry)
            else:
                return TypedReading(None, {})
        else:
            reader.check_content(entry)
    return reader.reading(entry, in_words=True)


class _Reader:
    """Parses the texts of one value and collects faults."""

    def __init__(self, typed: Typed, subject: Subject) -> None:
        stripped = {
            f.name: word_of(f.name, clean(getattr(typed, f.name)).strip()) for f in fields(Typed)
        }
        self.typed = _without_old_reason(_with_month_apart(Typed(**stripped)), subject.stored)
        self.subject = subject
        self.faults: dict[str, list[str]] = {}

    def reading(self, entry: Entry, *, in_words: bool = False) -> TypedReading:
        if self.faults:
            return TypedReading(None, {field: tuple(found) for field, found in self.faults.items()})
        return TypedReading(entry, {}, self._text(entry) if in_words else "")

    def entry(self) -> Entry:
        entry = Entry(
            indicator_id=self.subject.indicator.pk,
            fiscal_year=self.subject.fiscal_year,
            version=self._version(),
            availability=self._availability(),
        )
        self.numbers = {field: self._number(field) for field in NUMBERS}
        if entry.availability == WITHDRAWN:
            return entry
        return replace(
            entry,
            expected_month=self._month(),
            provisional=self._provisional(),
            remarks=self.typed.remarks,
            grade=self._grade(),
            **self._what_changed(**self.numbers),
        )

    def _what_changed(
        self, value: Decimal | None, numerator: Decimal | None, denominator: Decimal | None
    ) -> dict[str, Any]:
        """Drop a stale ratio where the person changed its parts.

        The parts are never dropped: a ratio that contradicts them is refused.
        """
        stored = self.subject.stored
        if stored is not None:
            same_parts = (numerator, denominator) == (stored.numerator, stored.denominator)
            if same_parts and denominator is not None and value in (None, stored.value):
                return {
                    "value": stored.value,
                    "numerator": numerator,
                    "denominator": denominator,
                    "keeps_ratio": True,
                }
        if stored is not None and value is not None:
            if value != stored.value and same_parts and denominator is not None:
                self.refuse("value", contradiction(value, stored.value))
            elif value == stored.value and not same_parts and numerator is not None:
                value = None  # to be computed again: the field still has the old ratio
        return {"value": value, "numerator": numerator, "denominator": denominator}

    def _availability(self) -> str:
        word = self.typed.availability
        if word and word not in _AVAILABILITIES:
            known = "、".join(str(choice.label) for choice in Availability)
            self.refuse(
                "availability",
                f"値がない理由「{shown(word)}」は使えません。{known}のどれかにしてください。",
            )
            return Availability.REPORTED
        in_value = ABSENCES.get(self.typed.value)
        chosen = _AVAILABILITIES.get(word)
        stored = self.subject.stored
        if in_value and stored and chosen == stored.availability == Availability.REPORTED:
            return in_value  # the form prints 実績値あり beside the value that is typed over
        if in_value and chosen is not None and chosen != in_value:
            label = WITHDRAWN_LABEL if chosen == WITHDRAWN else Availability(chosen).label
            self.refuse(
                "value",
                f"実績値に「{self.typed.value}」、値がない理由に「{label}」とあります。"
                "どちらかに直してください。",
            )
        return chosen or in_value or Availability.REPORTED

    def _grade(self) -> str:
        """Return the grade that is typed instead of a number; "" if none is."""
        return self.subject.grade_of(self.typed.value)

    def _number(self, field: str) -> Decimal | None:
        text = getattr(self.typed, field)
        if not text or (field == "value" and (text in ABSENCES or self._grade())):
            return None
        indicator = self.subject.indicator
        if self.subject.takes_grade:
            self.refuse(field, self._no_grade(text))
            return None
        unit: dict[str, Any] = {}
        if field == "value":  # numerator and denominator have no unit
            unit = {
                "unit": indicator.unit,
                "shown_unit": indicator.shown_unit,
                "factor": indicator.display_factor,
            }
        try:
            return read_typed_number(text, LABELS[field], **unit)
        except ValueError as error:
            self.refuse(field, self._remedy(text, str(error), unit) if unit else str(error))
            return None

    def _no_grade(self, text: str) -> str:
        words = "、".join(f"「{word}」" for word in self.subject.grade_words)
        return (
            f"実績値「{shown(text)}」は、判定の言葉ではありません。この指標は、目標が言葉の記述目標です。"
            f"{words}のどれかを選び、理由を備考に入力してください。"
        )

    def _remedy(self, text: str, message: str, unit: dict[str, Any]) -> str:
        """Return what to do about a value that is not a number, in more detail than `message`."""
        if not any(sign.isnumeric() for sign in text):
            return _NO_NUMBER.format(shown(text))
        early = _NOT_FINAL.fullmatch(half_width(text).strip())
        if early and _is_number(early["number"], unit):
            return _FLAG_IT.format(shown(text), early["number"].strip(), early["word"])
        means_it = EXAMPLE.strip("「」") in half_width(text).replace("..", ".")
        if self.subject.indicator.decimals == 0 and unit["factor"] == 1 and not means_it:
            return message.replace(EXAMPLE, "「12」")
        return message

    def _month(self) -> str:
        if not self.typed.expected_month:
            return ""
        try:
            return read_month(self.typed.expected_month)
        except ValueError as error:
            self.refuse("expected_month", f"公表予定月{error}")
            return ""

    def _provisional(self) -> bool:
        word = word_key(self.typed.provisional)
        if word not in YES_WORDS | NO_WORDS:
            self.refuse(
                "provisional",
                f"速報値「{shown(self.typed.provisional)}」は読めません。"
                "速報値なら「○」を入力し、そうでなければ空欄にしてください。",
            )
        return word in YES_WORDS

    def _version(self) -> int | None:
        text = self.typed.version
        version = row_number(text)
        if text and version is None:
            self.refuse("value", "画面が古いか壊れています。一覧から開き直してください。")
        return version

    def check_nothing_else_is_typed(self) -> None:
        """Refuse contents other than the stored ones if the value is to be deleted."""
        self._refuse_beside_withdrawal(
            "value", self._grade(), getattr(self.subject.stored, "grade", "")
        )
        for field, number in self.numbers.items():
            self._refuse_beside_withdrawal(field, number, getattr(self.subject.stored, field, None))

    def _refuse_beside_withdrawal(self, field: str, typed: Any, stored: Any) -> None:
        if typed not in (None, "", stored):
            self.refuse(
                field,
                f"「{WITHDRAWN_LABEL}」が選ばれていますが、{LABELS[field]}も入力されています。"
                f"{LABELS[field]}を消すか、「{WITHDRAWN_LABEL}」をやめてください。",
            )

    def is_empty(self) -> bool:
        """Return whether nothing was typed that could be recorded.

        Emptying a stored value counts as empty; a stored reason for a missing value does not.
        """
        typed, stored = self.typed, self.subject.stored
        texts = (typed.value, typed.numerator, typed.denominator, typed.expected_month)
        word = typed.availability
        if any(texts) or (word and _AVAILABILITIES.get(word) != Availability.REPORTED):
            return False
        if stored is not None:
            return stored.availability == Availability.REPORTED
        return not self._provisional()

    def check_content(self, entry: Entry) -> None:
        subject = self.subject
        for field, message in content_problems(entry, subject.indicator, subject.stored):
            self.refuse(field if field in LABELS else "value", message)

    def refuse(self, field: str, message: str) -> None:
        messages = self.faults.setdefault(field, [])
        if message not in messages:
            messages.append(message)

    def _text(self, entry: Entry) -> str:
        if entry.availability == WITHDRAWN:
            return WILL_WITHDRAW
        if entry.availability == REMARKS_ONLY:
            return f"{NOT_REPORTED}（備考だけ）" if entry.remarks else NOT_REPORTED
        if entry.grade:
            return f"{self.subject.grade_word(entry.grade)}（{PERSONAL}）"
        if entry.availability != Availability.REPORTED:
            return availability_label(entry.availability, entry.expected_month)
        text = self.subject.shown(given(value_of(entry, self.subject.indicator)))
        if entry.denominator is not None:
            text += f"（{format_exact(given(entry.numerator))}÷{format_exact(entry.denominator)}）"
        return text


_NO_NUMBER = (
    "実績値「{}」は数として読めません。零のときは「0」、値がないときは"
    f"{'、'.join(f'「{label}」' for label in ABSENCES)}のどれかを入力してください。"
)


_NOT_FINAL = re.compile(
    r"(?P<number>.+?)\s*[(\[]?(?P<word>見込み?|見込み?値|速報|速報値|暫定|暫定値|推計|推計値|概数)[)\]]?"
)
_FLAG_IT = (
    "実績値「{}」は数として読めません。「{}」と入力し、確定した値でなければ「速報値」を選んで"
    "ください。「{}」は備考に書いてください。"
)


def _is_number(text: str, unit: dict[str, Any]) -> bool:
    try:
        read_typed_number(text, **unit)
    except ValueError:
        return False
    return True


def _without_old_reason(typed: Typed, stored: Actual | None) -> Typed:
    """Return the texts without the stored reason for no value, where a value is typed now.

    People type a value once it is there. They do not clear the reason that was entered before it,
    which a form does not even show beside the field.
    """
    if stored is None or stored.availability not in ABSENCES.values():
        return typed
    is_old = _AVAILABILITIES.get(typed.availability) == stored.availability
    in_value = ABSENCES.get(typed.value)
    if not is_old or in_value == stored.availability:
        return typed
    if not any(getattr(typed, field) for field in NUMBERS):
        return typed
    is_old_month = _month_code(typed.expected_month) == stored.expected_month
    month = "" if is_old_month else typed.expected_month
    return replace(typed, availability="", expected_month=month)


def _month_code(text: str) -> str:
    try:
        return read_month(text)
    except ValueError:
        return ""


_WITH_MONTH = re.compile(r"未公表[（(](?P<month>[^（()）]+)に公表予定[）)]")


def _with_month_apart(typed: Typed) -> Typed:
    """Return the texts with 未公表（令和8年9月に公表予定）, as pages show it, as word and month."""
    for field in ("value", "availability"):
        if found := _WITH_MONTH.fullmatch(getattr(typed, field)):
            typed = replace(
                typed,
                **{field: Availability.UNPUBLISHED.label},
                expected_month=typed.expected_month or found["month"],
            )
    return typed


_EMPTIED = (
    "実績値が空欄です。値がないときは、その理由（未公表など）を選んでください。"
    f"入力を取り消すときは、「{WITHDRAWN_LABEL}」を選んでください。"
)


def _part(number: Decimal | None) -> str:
    return "" if number is None else plain(number)
