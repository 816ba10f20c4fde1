"""The differences between two rows of history by field, in the words and units of the pages."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, cast

from django.db.models import Field, Model
from django.utils import timezone
from django.utils.formats import date_format

from changes.history_register import (
    HistoryPair,
    HistoryRow,
    IndicatorFacts,
    Register,
    changed_amount,
)
from indicators.listings import ListedTarget
from indicators.models import Actual, Indicator, availability_label
from indicators.plan_words import WORD_NAMES
from indicators.rules.terms import TARGET_AWAITED, TARGET_NOT_TYPED
from japanese.fiscal_years import era_label
from trail.history import DELETED

Unit = tuple[str, str, int]
"""Unit, display unit and decimals."""

VALUE = "実績値"
READING = "読み方の確認"

SHOWN_OF_VALUE = ("numerator", "denominator", "provisional", "withheld", "remarks", "state")
"""Fields of a value other than the value itself. The rest is covered by the change's own person,
time, place and reason."""

LEFT_OUT = {
    "id", "listing_id", "confirmed_by_id", "confirmed_at", "stored_as", "added_by_id", "added_at",
    "removed_by_id",
}  # fmt: skip
"""Fields of all other models that the change covers in another way."""


@dataclass(frozen=True)
class FieldChange:
    """The old and new text of one field; "" for empty.

    Values and targets are included as numbers as well, in the indicator's own unit.
    """

    name: str
    before: str
    after: str
    number_before: Decimal | None = None
    number_after: Decimal | None = None


@dataclass(frozen=True)
class _Shown:
    """A field of a row. Two are equal if their `stored` is equal."""

    stored: Any
    text: str
    number: Decimal | None = None

    @property
    def is_empty(self) -> bool:
        return self.stored is False or not self.text


def field_changes(
    pair: HistoryPair, register: Register, not_entered: str
) -> tuple[FieldChange, ...]:
    """Return the fields that differ, in the order of the model.

    For a created or deleted object, return all non-empty fields. `not_entered` is the word for a
    missing value.
    """
    own = _shown(pair, pair.row, register)
    earlier: dict[str, _Shown] = {}
    if pair.row["history_type"] == DELETED:
        before, after = own, earlier
    else:
        before = _shown(pair, pair.before, register) if pair.before else earlier
        after = own
    changes = []
    for name in own:
        nothing = _Shown(None, not_entered if name == VALUE and pair.model is Actual else "")
        old, new = before.get(name, nothing), after.get(name, nothing)
        if old.stored != new.stored and not (old.is_empty and new.is_empty):
            changes.append(FieldChange(name, old.text, new.text, old.number, new.number))
    return tuple(changes)


def value_text(row: HistoryRow, facts: IndicatorFacts | None) -> str:
    """Return the value in a row of Actual's history with its unit, or why there is none."""
    if row["value"] is not None:
        return _number(row["value"], _unit(facts)).text
    return availability_label(row["availability"], row["expected_month"], row["grade"])


def _shown(pair: HistoryPair, row: HistoryRow, register: Register) -> dict[str, _Shown]:
    """Return the fields of a row by their Japanese labels."""
    facts = register.indicator(pair)
    if pair.model is Actual:
        return dict(_of_value(row, facts))
    # An indicator's limits are in the unit that it had in this row.
    unit = _unit_of(row) if pair.model is Indicator else _unit(facts)
    return dict(_of_other(pair.model, row, register, unit))


def _of_value(row: HistoryRow, facts: IndicatorFacts | None) -> Iterator[tuple[str, _Shown]]:
    stored = (row["availability"], row["value"], row["expected_month"], row["grade"])
    yield VALUE, _Shown(stored, value_text(row, facts), row["value"])
    for name, label, field in _fields_of_value():
        yield label, _field(field, row[name], None)


@cache
def _fields_of_value() -> list[tuple[str, str, Field]]:
    """Return name, label and field of everything shown with a value."""
    fields = [cast(Field, Actual._meta.get_field(name)) for name in SHOWN_OF_VALUE]
    return [(field.name, str(field.verbose_name), field) for field in fields]


@cache
def _labels(field: Field) -> dict[Any, str]:
    return {TARGET_AWAITED: TARGET_NOT_TYPED, **dict(field.flatchoices)}


def _of_other(
    model: type[Model], row: HistoryRow, register: Register, unit: Unit | None
) -> Iterator[tuple[str, _Shown]]:
    for field in model._meta.concrete_fields:
        stored, name = row[field.attname], str(field.verbose_name)
        if field.attname in LEFT_OUT:
            continue
        if field.is_relation:
            related = cast(type[Model], field.related_model)
            yield name, _Shown(stored, register.name(related, stored))
        else:
            yield name, _field(field, stored, unit)
    if issubclass(model, ListedTarget):
        yield READING, _reading(row["confirmed_at"])


def _reading(confirmed_at: datetime | None) -> _Shown:
    if confirmed_at is None:
        return _Shown(None, "未確認")
    day = date_format(timezone.localtime(confirmed_at), "DATE_FORMAT")
    return _Shown(confirmed_at, f"確認済み（{day}）")


def _unit(facts: IndicatorFacts | None) -> Unit | None:
    return (facts.unit, facts.display_unit, facts.decimals) if facts else None


def _unit_of(row: HistoryRow) -> Unit:
    return row["unit"], row["display_unit"], row["decimals"]


def _field(field: Field, stored: Any, unit: Unit | None) -> _Shown:
    if isinstance(stored, Decimal):
        return _number(stored, unit)
    return _Shown(stored, _text(field, stored))


def _number(stored: Decimal, unit: Unit | None) -> _Shown:
    return _Shown(stored, changed_amount(stored, *(unit or ("", "", 0))), stored)


def _text(field: Field, stored: Any) -> str:
    if stored is None:
        return ""
    if field.choices:
        return str(_labels(field).get(stored, stored))
    write = _OF_FIELD.get(field.name)
    return write(stored) if write else _plain_text(stored)


def _plain_text(stored: Any) -> str:
    """Return a value as text by its type alone."""
    if isinstance(stored, bool):
        return "はい" if stored else "いいえ"
    if isinstance(stored, datetime):
        return date_format(timezone.localtime(stored), "DATETIME_FORMAT")
    if isinstance(stored, date):
        return date_format(stored, "DATE_FORMAT")
    if isinstance(stored, list):
        return "、".join(map(str, stored))
    if isinstance(stored, dict):
        return json.dumps(stored, ensure_ascii=False) if stored else ""
    return str(stored)


def _former_titles(stored: dict[str, str]) -> str:
    titles = sorted((int(last), title) for last, title in stored.items())
    return "、".join(f"{era_label(last)}まで「{title}」" for last, title in titles)


def _words(stored: dict[str, Any]) -> str:
    """Return the words of a plan that differ from the standard ones, with their names."""
    named = {name: word for name, word in stored.items() if name != "categories"}
    if categories := stored.get("categories"):
        named["categories"] = "・".join(one["name"] for one in categories)
    return "、".join(f"{WORD_NAMES.get(name, name)}「{word}」" for name, word in named.items())


_OF_FIELD: dict[str, Callable[[Any], str]] = {
    "former_titles": _former_titles,
    # The entry of the plan says what changed in the rules.
    "previous_rules": lambda stored: "あり",
    "words": _words,
}
"""What writes fields that hold data of their own shape."""
