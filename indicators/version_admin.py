"""The base of the admin pages of earlier versions of a listing, from before a revision.

They are for corrections (登録の訂正) only: versions are made and taken back on the listing's page.
"""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpRequest

from indicators.correcting_admin import CorrectingAdmin
from indicators.listings import check_reading, contradictions
from indicators.plan_admin import PlanPartAdmin
from japanese.fiscal_years import era_label, read_fiscal_year
from japanese.numerals import plain, read_number
from trail.tracked_admin import ReasonForm


class YearlyTargetsField(forms.CharField):
    """年度別目標値 as lines of text, a year and its number: 平成28年度 1.40."""

    widget = forms.Textarea(attrs={"rows": 5, "cols": 30})

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return "\n".join(f"{era_label(int(year))} {number}" for year, number in value.items())

    def clean(self, value: Any) -> dict[str, str]:
        numbers = {}
        for line in filter(None, map(str.strip, (value or "").splitlines())):
            year, _, number = line.replace("　", " ").partition(" ")
            try:
                numbers[read_fiscal_year(year)] = plain(read_number(number.strip()))
            except ValueError:
                raise ValidationError(
                    f"{self.label}の行「{line}」を読み取れません。"
                    "「平成28年度 1.40」のように、年度と数を空白で区切って入力してください。"
                ) from None
        return {str(year): numbers[year] for year in sorted(numbers)}

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether the numbers differ; another notation of the same is not a change."""
        try:
            typed = self.clean(data)
        except ValidationError:
            return True
        stored = {year: Decimal(number) for year, number in (initial or {}).items()}
        return stored != {year: Decimal(number) for year, number in typed.items()}


class VersionForm(ReasonForm):
    """An earlier version; its reading obeys the rules that a listing's does."""

    yearly_targets = YearlyTargetsField(
        label="年度別目標値", required=False, help_text="一行に一つ。例：平成28年度 1.40"
    )

    def _post_clean(self) -> None:
        is_wrong = bool(self.errors)
        super()._post_clean()  # type: ignore[misc]  # not in the stubs
        if is_wrong or set(self.errors) - {NON_FIELD_ERRORS}:
            return
        version: Any = self.instance
        try:
            check_reading(version, version.targets_by_year, version.period)
        except ValidationError as error:
            # It names field and value; the constraint that was broken has one sentence for all.
            self.errors.pop(NON_FIELD_ERRORS, None)
            self.add_error(None, error)
            return
        for name, message in contradictions(version):
            self.add_error(name, message)


class VersionAdmin(CorrectingAdmin, PlanPartAdmin):
    """An admin page for the earlier versions of one kind of listing."""

    form = VersionForm
    list_display = ["__str__", "listing", "plan", "sentence"]
    list_select_related = True

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list:
        fields = [
            "listing", "start_label", "name", "sentence", "kind", "direction", "target",
            "upper", "relation", "reference", "target_year", "baseline", "baseline_year",
            "baseline_kind", "tolerance", "doubts", "yearly_targets",
        ]  # fmt: skip
        sections: list[Any] = [("改訂前の内容", {"fields": fields})]
        if self.has_change_permission(request, obj):
            sections.append(("記録", {"fields": self.reason_fields(request)}))
        return sections

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["listing", "start_label"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="いつからの内容か")
    def start_label(self, version: Any) -> str:
        return str(version.start_label)
