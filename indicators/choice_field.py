"""The form field for a choice that an address may carry."""

from typing import Any

from django import forms

from japanese.numerals import shown


class OneOf(forms.TypedChoiceField):
    """A choice from a list. The error names an invalid value, which only an address can contain."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, **options)

    def validate(self, value: Any) -> None:
        if value and not self.valid_value(value):
            raise forms.ValidationError(
                f"{self.label}「{shown(value)}」は一覧にありません。一覧から選び直してください。"
            )
