"""A form field for a fiscal year as people type it."""

from typing import Any

from django import forms

from japanese.fiscal_years import full_label, read_fiscal_year


class YearField(forms.CharField):
    """A fiscal year as people type it (see read_fiscal_year); an empty field is None."""

    def prepare_value(self, value: Any) -> Any:
        return full_label(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return read_fiscal_year(text)
        except ValueError as error:
            raise forms.ValidationError(f"{self.label}{error}") from None

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether another year was typed; another notation of the same one is none."""
        try:
            return bool(self.clean(data) != initial)
        except forms.ValidationError:
            return True
