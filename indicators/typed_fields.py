"""Form fields for a date and a fiscal year as people type them."""

from datetime import date
from typing import Any

from django import forms

from japanese.calendar_days import read_day
from japanese.characters import as_listed
from japanese.fiscal_years import full_label, read_fiscal_year

NOTHING_CHOSEN = "（選んでください）"
"""What a list shows while nothing is chosen; templates/django/ has it for the lists of Django."""


class _TypedField(forms.CharField):
    """A value that people write in several notations; an empty field is None."""

    def read(self, text: str) -> Any:
        """Return the value. Raises ValueError, in Japanese, to be put after the label."""
        raise NotImplementedError

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return self.read(text)
        except ValueError as error:
            raise forms.ValidationError(f"{self.label}{error}") from None

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether another value was typed, not just another notation of it."""
        try:
            return bool(self.clean(data) != initial)
        except forms.ValidationError:
            return True


class ListedWordField(forms.ChoiceField):
    """A word of a list that people choose, or paste in another width or with spaces inside."""

    def to_python(self, value: Any) -> str:
        words = [str(word) for word, _ in self.choices]  # type: ignore[misc, union-attr]
        return as_listed(super().to_python(value), words)


class DayField(_TypedField):
    """A date as people type it (see read_day)."""

    def prepare_value(self, value: Any) -> Any:
        return value.isoformat() if isinstance(value, date) else value

    def read(self, text: str) -> date:
        return read_day(text)


class YearField(_TypedField):
    """A fiscal year as people type it (see read_fiscal_year)."""

    def prepare_value(self, value: Any) -> Any:
        return full_label(value) if isinstance(value, int) else value

    def read(self, text: str) -> int:
        return read_fiscal_year(text)
