"""The field of a form into which people type a day."""

from datetime import date
from typing import Any

from django import forms

from japanese.calendar_days import read_day


class DayField(forms.CharField):
    """A day as people type it; what cannot be read is named with what to type instead."""

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
