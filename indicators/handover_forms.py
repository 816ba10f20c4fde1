"""Forms of the hand-over: the fiscal year from which other sections have an indicator."""

from collections.abc import Iterator
from typing import Any, cast

from django import forms
from django.db.models import Field, QuerySet

from accounts.models import Section
from indicators.handover import SECTIONS, too_early, years_changed
from indicators.models import Indicator, PastDuty
from indicators.typed_fields import YearField
from japanese.fiscal_years import full_label
from trail.meanwhile import who_changed
from trail.tracked_admin import ReasonForm

FIRST_YEAR = "first_fiscal_year"
IS_CORRECTION = "changes_earlier_years"
FIRST_YEAR_FIELDS = (FIRST_YEAR, IS_CORRECTION)
NOT_MOVED = "担当課か入力する課を変えるときだけ使います。課を選び直すか、この欄を空けてください。"


class FirstYearForm(ReasonForm):
    """An indicator. Where its sections change, asks from which year on.

    Earlier years keep theirs. Without a year the change corrects what was registered: then years
    that exist change too, which has to be ticked and needs a reason.
    """

    about_the_change = ReasonForm.about_the_change | set(FIRST_YEAR_FIELDS)
    about_years = ""
    """What to say of the years after the save."""

    first_fiscal_year: Any = YearField(
        label="移す最初の年度",
        required=False,
        help_text="担当課か入力する課を変えるときに入力します（例：令和9、2027）。この年度の実績から、"
        "新しい課で示します。前の年度は、今の課のまま残ります。",
    )
    changes_earlier_years = forms.BooleanField(
        label="登録の誤りを直すもので、これまでの年度の課も変える",
        required=False,
        help_text="印を付けると、公表した年度の画面、帳票、データの課も変わります。変更の理由が必要です。",
    )

    @property
    def sections_from(self) -> int | None:
        """The first year of new sections; None where none change, or in all years."""
        return self.cleaned_data.get(FIRST_YEAR) if self._moves else None

    @property
    def _moves(self) -> bool:
        return not self.instance._state.adding and bool(SECTIONS & set(self.changed_data))

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.instance._state.adding or FIRST_YEAR in self.errors:
            return data
        first = data.get(FIRST_YEAR)
        if not self._moves:
            if first is not None or data.get(IS_CORRECTION):
                named = FIRST_YEAR if first is not None else IS_CORRECTION
                self.add_error(named, NOT_MOVED)
            return data
        indicator: Any = self.instance
        if first is not None and (message := too_early(indicator, first)):
            self.add_error(FIRST_YEAR, message)
            return data
        self._check_years(data, first, years_changed(indicator, first))
        return data

    def _check_years(self, data: dict[str, Any], first: int | None, years: str) -> None:
        """Ask for the tick and a reason if existing years would change."""
        if first is not None:
            self.about_years = f"{full_label(first - 1)}までは、これまでの課のまま残ります。"
        if not years:
            return
        if not data.get(IS_CORRECTION):
            asked = "入力してください" if first is None else "後の年度にしてください"
            self.add_error(
                FIRST_YEAR,
                f"このまま保存すると、{years}の課も変わります。課が変わった年度を{asked}。"
                "登録の誤りを直すときだけ、下の欄に印を付け、変更の理由を入力してください。",
            )
        elif not data.get("change_reason", "").strip():
            self.add_error(
                "change_reason", f"{years}の課も変わるため、変更の理由を入力してください。"
            )
        else:
            self.about_years = f"{years}の課も変わりました。{self.about_years}"


class HandoverForm(forms.Form):
    """The new sections of indicators, and the reason."""

    section = forms.ModelChoiceField(Section.objects.active(), label="新しい担当課", required=False)
    entered_by = forms.ModelChoiceField(
        Section.objects.active(), label="新しい入力する課", required=False
    )
    first_fiscal_year = YearField(
        label="移す最初の年度",
        required=False,
        help_text="この年度の実績から、新しい課で示します（例：令和9、2027）。前の年度は、今の課のまま"
        "残ります。登録の誤りを直すときだけ、空欄にします。",
    )
    reason = forms.CharField(
        label="理由", max_length=500, help_text="変更履歴に残ります。例：令和8年4月の機構改革"
    )

    def __init__(self, indicators: QuerySet[Indicator], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.indicators = indicators

    def clean_first_fiscal_year(self) -> int | None:
        """Refuse a year before an earlier change of sections."""
        first = self.cleaned_data["first_fiscal_year"]
        past = PastDuty.objects.filter(indicator__in=self.indicators.values("pk"))
        newest = past.order_by("-last_fiscal_year").select_related("indicator").first()
        if first is None or newest is None:
            return first
        if message := too_early(newest.indicator, first):
            raise forms.ValidationError(message)
        return first

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("section") and not data.get("entered_by"):
            raise forms.ValidationError(
                "新しい担当課か、新しい入力する課の、少なくとも一方を選んでください。"
            )
        changed = [line for one in self.indicators for line in self._moved_meanwhile(one, data)]
        if changed:
            raise forms.ValidationError(
                [
                    *changed,
                    "まだ移していません。下の一覧で今の課を確かめ、もう一度「移す」を押してください。",
                ]
            )
        return data

    def _moved_meanwhile(self, indicator: Indicator, data: dict[str, Any]) -> Iterator[str]:
        """Yield what somebody else changed since the page was made, unless it is asked for."""
        for name in sorted(SECTIONS):
            stored = getattr(indicator, name)
            wanted = data.get(name)
            seen = self.data.get(f"seen-{name}-{indicator.pk}", str(stored.pk))
            if wanted is None or wanted == stored or seen == str(stored.pk):
                continue
            label = cast(Field, Indicator._meta.get_field(name)).verbose_name
            who = who_changed(indicator, name)
            yield (
                f"「{indicator}」の{label}は、この画面を開いた後に、{who}が「{stored}」に変更しました。"
            )
