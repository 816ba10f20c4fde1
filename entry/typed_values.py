"""What somebody typed for one row of a year, as an entry to record or as faults by field.

The entry grid and the Excel form read with the same rules and refuse in the same words. Nothing
here asks the database: who may, who was faster and what is doubtful says indicators/recording.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from entry.row_numbers import row_number
from entry.year_rows import YearRow
from indicators.entries import WITHDRAWN, Entry, content_problems, value_of
from indicators.models import Actual, availability_label
from indicators.rules.plausibility import Doubt, doubts_about
from indicators.rules.typed_numbers import read_typed_number
from japanese.months import read_month
from japanese.numerals import format_number, half_width, needed_decimals, plain, shown

Availability = Actual.Availability

YES_WORDS = {"on", "true", "yes", "1", "○", "〇", "◯", "はい", "レ", "✓", "✔", "速報値", "速報"}
NO_WORDS = {"", "off", "false", "no", "0", "×", "いいえ", "確定値", "確定", "-", "ー"}

_AVAILABILITIES = {
    word: choice.value for choice in Availability for word in (choice.value, choice.label)
}
ABSENCES = {
    choice.label: choice.value for choice in Availability if choice != Availability.REPORTED
}
"""Why there is no value: label -> code."""


@dataclass(frozen=True, kw_only=True)
class Typed:
    """The texts of one row, as typed. Values are in the unit shown.

    `availability` is a code or its label, "" where the value says it; `provisional` and `withdraw`
    are yes or no in any common way of saying so. `version` is that of the value the person saw,
    "" where there was none.
    """

    value: str = ""
    numerator: str = ""
    denominator: str = ""
    availability: str = ""
    expected_month: str = ""
    provisional: str = ""
    remarks: str = ""
    withdraw: str = ""
    version: str = ""


FIELDS = (
    "value", "numerator", "denominator", "availability", "expected_month", "provisional",
    "remarks", "withdraw",
)  # fmt: skip
"""The fields of `Typed` that people type into."""

LABELS = {
    "value": "実績値",
    "numerator": "分子",
    "denominator": "分母",
    "availability": "値がない理由",
    "expected_month": "公表予定月",
    "provisional": "速報値",
    "remarks": "備考",
    "withdraw": "未入力に戻す",
}


@dataclass(frozen=True)
class Reading:
    """What was read. Without faults `entry` is what to record, None where nothing was typed.

    `faults` has messages by field of `Typed`; `text` says what was understood, with the unit.
    """

    entry: Entry | None
    faults: Mapping[str, tuple[str, ...]]
    text: str = ""


def typed_of(row: YearRow) -> Typed:
    """Return the texts that stand for what is stored: typed again they change nothing."""
    stored = row.stored
    if stored is None:
        return Typed()
    has_value = stored.availability == Availability.REPORTED
    has_parts = stored.denominator is not None
    return Typed(
        value="" if has_parts else row.typed(stored.value),
        numerator=_part(stored.numerator),
        denominator=_part(stored.denominator),
        availability="" if has_value else stored.availability,
        expected_month=stored.expected_month,
        provisional="on" if stored.provisional else "",
        remarks=stored.remarks,
        version=str(stored.version),
    )


def read_typed(typed: Typed, row: YearRow) -> Reading:
    """Return what the texts of a row say; every fault at once, in words for the screen.

    An emptied value of a stored row is a fault: taking a value back is said with `withdraw`.
    """
    typed = replace(typed, **{field: getattr(typed, field).strip() for field in FIELDS})
    return _Reader(typed, row).reading()


def doubts_in(entry: Entry | None, row: YearRow) -> list[Doubt]:
    """Return what recording.py will ask about an entry of this row, from what the row knows."""
    value = value_of(entry, row.indicator) if entry is not None else None
    stored = row.stored
    if value is None or entry.remarks.strip():
        return []
    if stored is not None and stored.value == value and not stored.remarks:
        return []
    return doubts_about_value(value, row)


def doubts_about_value(value: Decimal, row: YearRow) -> list[Doubt]:
    """Return what is doubtful about a value of this row, remarks or not."""
    return doubts_about(
        value,
        row.indicator.values,
        row.fiscal_year,
        running_total=row.indicator.running_total,
        sum_from=row.sum_from,
        write=row.shown,
    )


class _Reader:
    """Reads one row, collecting faults."""

    def __init__(self, typed: Typed, row: YearRow) -> None:
        self.typed = typed
        self.row = row
        self.faults: dict[str, list[str]] = {}

    def reading(self) -> Reading:
        version = self._version()
        if self._yes_or_no("withdraw"):
            return self._withdrawn(version)
        entry = self._entry(version)
        if not self.faults and self._is_empty():
            if self.row.stored is None:
                return Reading(None, {})
            self._refuse("value", _EMPTIED)
        if not self.faults:
            for field, message in content_problems(entry, self.row.indicator):
                self._refuse(field if field in FIELDS else "value", message)
        if self.faults:
            return self._refused()
        return Reading(entry, {}, self._text(entry))

    def _entry(self, version: int | None) -> Entry:
        availability = self._availability()
        value = None
        if self.typed.value not in ABSENCES:
            value = self._number("value", **self._units("value"))
        numerator, denominator = self._number("numerator"), self._number("denominator")
        value, numerator, denominator = self._what_changed(value, numerator, denominator)
        return Entry(
            indicator_id=self.row.indicator.pk,
            fiscal_year=self.row.fiscal_year,
            version=version,
            availability=availability,
            value=value,
            numerator=numerator,
            denominator=denominator,
            expected_month=self._month(),
            provisional=self._yes_or_no("provisional"),
            remarks=self.typed.remarks,
        )

    def _what_changed(
        self, value: Decimal | None, numerator: Decimal | None, denominator: Decimal | None
    ) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
        """Of a share and its parts, keep what the person changed where the other is the old one."""
        stored = self.row.stored
        if stored is None or stored.denominator is None or value is None or numerator is None:
            return value, numerator, denominator
        same_parts = (numerator, denominator) == (stored.numerator, stored.denominator)
        if value == stored.value and not same_parts:
            return None, numerator, denominator
        if value != stored.value and same_parts:
            return value, None, None
        return value, numerator, denominator

    def _availability(self) -> str:
        word = self.typed.availability
        if word and word not in _AVAILABILITIES:
            known = "、".join(str(choice.label) for choice in Availability)
            self._refuse(
                "availability",
                f"値がない理由「{shown(word)}」は使えません。{known}のどれかにしてください。",
            )
            return Availability.REPORTED
        in_value = ABSENCES.get(self.typed.value)
        chosen = _AVAILABILITIES.get(word)
        if in_value and chosen not in (None, in_value):
            label = Availability(chosen).label
            self._refuse(
                "value",
                f"実績値に「{self.typed.value}」、値がない理由に「{label}」とあります。"
                "どちらかに直してください。",
            )
        return in_value or chosen or Availability.REPORTED

    def _number(self, field: str, **unit: Any) -> Decimal | None:
        text = getattr(self.typed, field)
        if not text:
            return None
        try:
            return read_typed_number(text, LABELS[field], **unit)
        except ValueError as error:
            self._refuse(field, str(error))
            return None

    def _units(self, field: str) -> dict[str, Any]:
        """Return in which unit a field is typed; numerators and denominators count things."""
        indicator = self.row.indicator
        if field != "value":
            return {}
        return {
            "unit": indicator.unit,
            "shown_unit": indicator.shown_unit,
            "factor": indicator.display_factor,
        }

    def _month(self) -> str:
        if not self.typed.expected_month:
            return ""
        try:
            return read_month(self.typed.expected_month)
        except ValueError as error:
            self._refuse("expected_month", f"公表予定月{error}")
            return ""

    def _yes_or_no(self, field: str) -> bool:
        word = half_width(getattr(self.typed, field)).lower()
        if word not in YES_WORDS | NO_WORDS:
            self._refuse(
                field,
                f"{LABELS[field]}「{shown(word)}」は読めません。"
                f"{LABELS[field]}なら「○」を入力し、そうでなければ空欄にしてください。",
            )
        return word in YES_WORDS

    def _version(self) -> int | None:
        text = self.typed.version
        version = row_number(text)
        if text and version is None:
            self._refuse("value", "画面が古いか壊れています。画面を開き直してください。")
        return version

    def _withdrawn(self, version: int | None) -> Reading:
        stored = self.row.stored
        for field in ("value", "numerator", "denominator"):
            number = self._number(field, **self._units(field))
            if number is not None and number != getattr(stored, field, None):
                self._refuse(
                    field,
                    f"「未入力に戻す」が選ばれていますが、{LABELS[field]}も入力されています。"
                    f"{LABELS[field]}を消すか、「未入力に戻す」をやめてください。",
                )
        if self.faults:
            return self._refused()
        if stored is None:
            return Reading(None, {})
        entry = Entry(
            indicator_id=self.row.indicator.pk,
            fiscal_year=self.row.fiscal_year,
            version=version,
            availability=WITHDRAWN,
        )
        return Reading(entry, {}, "未入力に戻します")

    def _is_empty(self) -> bool:
        typed = self.typed
        fields = (typed.value, typed.numerator, typed.denominator, typed.expected_month)
        if any(fields) or typed.availability not in ("", "reported", "実績値あり"):
            return False
        if self.row.stored is not None:
            return self.row.stored.availability == Availability.REPORTED
        return not typed.remarks and not self._yes_or_no("provisional")

    def _refuse(self, field: str, message: str) -> None:
        messages = self.faults.setdefault(field, [])
        if message not in messages:
            messages.append(message)

    def _refused(self) -> Reading:
        return Reading(None, {field: tuple(found) for field, found in self.faults.items()})

    def _text(self, entry: Entry) -> str:
        if entry.availability != Availability.REPORTED:
            return availability_label(entry.availability, entry.expected_month)
        text = self.row.shown(value_of(entry, self.row.indicator))
        if entry.denominator is not None:
            text += f"（{_written(entry.numerator)}÷{_written(entry.denominator)}）"
        return text


_EMPTIED = (
    "実績値が空欄です。値がないときは、その理由（未公表など）を選んでください。"
    "入力を取り消すときは、「未入力に戻す」を選んでください。"
)


def _part(number: Decimal | None) -> str:
    return "" if number is None else plain(number)


def _written(number: Decimal) -> str:
    return format_number(number, needed_decimals(number))
