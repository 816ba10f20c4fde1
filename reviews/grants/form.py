"""The form of 交付金の検証, as the state's form asks for it."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from indicators.typed_fields import DayField
from japanese.calendar_days import era_day
from japanese.fiscal_years import era_label
from reviews.measures.form import plan_choice
from reviews.models import GrantReview, ReviewChoices
from reviews.yen_field import ThousandYenField
from trail.tracked_admin import KeepsUntouched


class GrantReviewForm(KeepsUntouched):
    """What a 交付金 brought about in a year."""

    amount = ThousandYenField(label="交付額（千円）")

    class Meta:
        model = GrantReview
        fields = (
            "amount", "effect", "effect_reason", "policy", "policy_reason", "opinion", "opinion_on",
        )  # fmt: skip
        field_classes = {"opinion_on": DayField}
        widgets = {
            "opinion_on": forms.TextInput,
            **{
                name: forms.Textarea(attrs={"rows": 4})
                for name in ("effect_reason", "policy_reason", "opinion")
            },
        }
        help_texts = {"opinion_on": "例：2026-10-20、令和8年10月20日"}

    def __init__(self, *args: Any, choices: ReviewChoices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["policy"] = plan_choice(self.instance, "policy", choices.policy_labels)

    def clean_opinion_on(self) -> Any:
        day, year = self.cleaned_data["opinion_on"], self.instance.fiscal_year_id
        if day and day < date(year, 4, 1):
            raise forms.ValidationError(
                f"意見の日「{era_day(day)}」は、{era_label(year)}が始まる前です。"
                "日付を直してください。"
            )
        if day and day > timezone.localdate():
            raise forms.ValidationError(
                f"意見の日「{era_day(day)}」は、まだ来ていない日です。日付を直してください。"
            )
        return day
