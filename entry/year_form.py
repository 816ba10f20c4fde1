"""The form of a year's number and dates."""

from typing import Any

from django import forms
from django.db import IntegrityError, transaction
from django.utils import timezone

from indicators.example_texts import NUMBER_HELP
from indicators.models import FiscalYear
from indicators.typed_fields import DayField
from indicators.year_dates import DATE_NAMES, RECORDED, problems_of_dates
from japanese.fiscal_years import full_label, read_fiscal_year
from trail.tracked_admin import KeepsUntouched

HELP = {
    "inquiry_date": "例：2026-05-11、令和8年5月11日",
    "due_date": "担当課に回答を求める期限です。入力の画面と照会文に示します。",
    "check_due_date": "企画担当が内容の確認を終える日です。",
    "internally_reviewed_on": "空欄のときは、すべての施策の内部評価を確認した日になります。",
    "council_met_on": "空欄のときは、「評価」で登録した最初の会議の開催日になります。",
    "published_on": "検証調書を公表すると入ります。ほかの方法で公表したときに入力します。",
}


class YearForm(KeepsUntouched):
    """Number and dates of one year."""

    class Meta:
        model = FiscalYear
        fields = ["inquiry_number", *DATE_NAMES, *RECORDED]
        field_classes = dict.fromkeys((*DATE_NAMES, *RECORDED), DayField)
        widgets = dict.fromkeys((*DATE_NAMES, *RECORDED), forms.TextInput)
        help_texts = {
            "inquiry_number": NUMBER_HELP,
            **dict.fromkeys(DATE_NAMES, ""),
            **HELP,
        }

    @property
    def fiscal_year(self) -> int | None:
        """The year that the dates belong to; None if it is not known yet."""
        return self.instance.pk

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.fiscal_year is not None:
            for field, message in problems_of_dates(self.fiscal_year, data, timezone.localdate()):
                self.add_error(field, message)
        return data


class NewYearForm(YearForm):
    """The form for a new year."""

    year = forms.CharField(label="年度", help_text="実績値の年度です。例：令和7、2025")

    class Meta(YearForm.Meta):
        fields = ["inquiry_number", *DATE_NAMES]

    field_order = ["year", *Meta.fields]

    @property
    def fiscal_year(self) -> int | None:
        return self.cleaned_data.get("year")

    def clean_year(self) -> int:
        try:
            year = read_fiscal_year(self.cleaned_data["year"])
        except ValueError as error:
            raise forms.ValidationError(f"年度{error}") from None
        if FiscalYear.objects.filter(pk=year).exists():
            raise forms.ValidationError(_made_already(year))
        return year

    def made(self) -> FiscalYear | None:
        """Save the year and return it; None, with a form error, if it exists meanwhile."""
        self.instance.year = self.cleaned_data["year"]
        try:
            with transaction.atomic():
                self.instance.save(force_insert=True)
        except IntegrityError:
            self.add_error("year", _made_already(self.instance.year))
            return None
        return self.instance


def _made_already(year: int) -> str:
    return f"{full_label(year)}は、すでに作られています。年度の一覧から開いてください。"
