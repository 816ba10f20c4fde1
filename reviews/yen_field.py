"""A form field for an amount that is typed in thousands of yen and stored in yen."""

from decimal import Decimal
from typing import Any

from django import forms

from indicators.rules.typed_numbers import read_typed_number
from japanese.numerals import format_exact, shown

THOUSAND = 1000
MOST = 10**13
"""More yen than any city has."""


class ThousandYenField(forms.CharField):
    """Thousands of yen as people type them; an empty field is None."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, max_length=40, **options)

    def prepare_value(self, value: Any) -> Any:
        return format_exact(Decimal(value) / THOUSAND) if isinstance(value, int) else value

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            yen = read_typed_number(
                text, str(self.label), unit="円", shown_unit="千円", factor=THOUSAND
            )
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None
        if yen >= MOST:
            raise forms.ValidationError(
                f"{self.label}「{shown(text)}」は大きすぎます。10兆円より小さい額を、"
                "千円の単位で入力してください。"
            )
        if yen != int(yen) or yen < 0:
            raise forms.ValidationError(
                f"{self.label}「{shown(text)}」は、0以上、円未満の端数のない額を、"
                "千円の単位で入力してください。"
            )
        return int(yen)

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.clean(data) != initial)
        except forms.ValidationError:
            return True
