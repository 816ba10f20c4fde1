"""A form field for a date as people type it."""

from datetime import date
from typing import Any

from django import forms

from japanese.calendar_days import read_day


class DayField(forms.CharField):
    """A date as people type it (see read_day); an empty field is None."""

    def prepare_value(self, value: Any) -> Any:
        return value.isoformat() if isinstance(value, date) else value

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return read_day(text)
        except ValueError as error:
            raise forms.ValidationError(f"{self.label}{error}") from None

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether another day was typed; another notation of the same one is none."""
        try:
            return bool(self.clean(data) != initial)
        except forms.ValidationError:
            return True
