"""The form of the lists that a plan chooses from in its evaluation: a label on each line."""

from typing import Any

from django import forms

from reviews.choices import STANDARD_GRADES, STANDARD_POLICIES, STANDARD_VERDICTS
from reviews.models import ReviewChoices
from trail.tracked_admin import KeepsUntouched


class LabelsField(forms.CharField):
    """Labels, one on each line; an empty field is the standard list."""

    widget = forms.Textarea(attrs={"rows": 5})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        lines = (line.strip() for line in str(super().clean(value)).splitlines())
        return [line for line in lines if line]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.clean(data) != (initial or [])


def _field(label: str, standard: tuple[str, ...]) -> LabelsField:
    return LabelsField(
        label=label,
        required=False,
        help_text=f"1行に一つ、良いものから順に。空欄なら「{'、'.join(standard)}」です。",
    )


class ReviewChoicesForm(KeepsUntouched):
    """The lists of one plan."""

    grades = _field("内部評価の評価", STANDARD_GRADES)
    policies = _field("次年度の方針", STANDARD_POLICIES)
    verdicts = _field("有識者会議の評価", STANDARD_VERDICTS)

    class Meta:
        model = ReviewChoices
        fields = ("grades", "policies", "verdicts")
