"""The form by which an auditor searches the changes: what is typed, and the conditions it means."""

import unicodedata
from typing import Any, cast

from django import forms
from django.http import QueryDict

from accounts.models import Section, User
from changes.history_rows import NOBODY, Conditions, HistoryKind
from goals.models import NumericTarget
from indicators.day_field import DayField
from indicators.models import FiscalYear, Indicator
from japanese.fiscal_years import full_label
from japanese.numerals import shown
from kpis.models import KPI
from trail.history import Door


class OneOf(forms.TypedChoiceField):
    """A choice from a list; another value, which only an address can have, is named."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, **options)

    def validate(self, value: Any) -> None:
        if value and not self.valid_value(value):
            raise forms.ValidationError(
                f"{self.label}「{shown(value)}」は一覧にありません。一覧から選び直してください。"
            )


class ChangeSearch(forms.Form):
    """What the changes are searched by. Every field may be left empty."""

    person = OneOf(label="変更した人", coerce=int, empty_value=None)
    section = OneOf(
        label="指標の担当課",
        coerce=int,
        empty_value=None,
        help_text="以前に担当した課、入力する課でも探せます。",
    )
    indicator = forms.CharField(
        label="指標名", required=False, max_length=200, help_text="名称の一部でも探せます。"
    )
    fiscal_year = OneOf(label="値の年度", coerce=int, empty_value=None)
    kind = OneOf(label="変更の種類", choices=[("", "すべて"), *HistoryKind.choices])
    door = OneOf(label="入力経路", choices=[("", "すべて"), *Door.choices])
    since = DayField(
        label="変更日（から）", required=False, help_text="例：2026-04-01、令和8年4月1日"
    )
    until = DayField(label="変更日（まで）", required=False, help_text="この日を含みます。")
    after_confirmation = forms.BooleanField(label="確認後に変更された値だけ", required=False)

    def __init__(self, asked: QueryDict) -> None:
        super().__init__(asked, use_required_attribute=False)
        choices = {"person": _people(), "section": _sections(), "fiscal_year": _years()}
        for name, offered in choices.items():
            cast(forms.ChoiceField, self.fields[name]).choices = offered

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        if since and until and since > until:
            self.add_error(
                "since",
                f"変更日（から）「{self.data['since'].strip()}」が、変更日（まで）"
                f"「{self.data['until'].strip()}」より後です。どちらかを直してください。",
            )
        return data

    @property
    def is_used(self) -> bool:
        """Whether anything was asked for."""
        return any(self.data.get(name, "").strip() for name in self.fields)

    def conditions(self) -> Conditions:
        """Return what a valid form asks for."""
        data = dict(self.cleaned_data)
        name = data.pop("indicator")
        return Conditions(indicators=indicators_called(name) if name else None, **data)

    def in_words(self) -> str:
        """Return what a valid form asks for, for the log and for the file."""
        parts = []
        for name, field in self.fields.items():
            value = self.cleaned_data.get(name)
            if value in (None, "", False):
                continue
            if value is True:
                parts.append(str(field.label))
            else:
                text = dict(getattr(field, "choices", ())).get(value, value)
                parts.append(f"{field.label}：{text}")
        return "、".join(parts) or "条件なし（すべて）"

    def query(self) -> str:
        """Return the conditions as they stand in an address, without the page."""
        kept = QueryDict(mutable=True)
        for name in self.fields:
            if text := self.data.get(name, "").strip():
                kept[name] = text
        return kept.urlencode()


class MoveSearch(ChangeSearch):
    """What the values that moved much are searched by."""

    def __init__(self, asked: QueryDict) -> None:
        super().__init__(asked)
        for name in set(self.fields) - {"section", "fiscal_year"}:
            del self.fields[name]
        self.fields["section"].help_text = "入力する課でも探せます。"


def indicators_called(name: str) -> frozenset[int]:
    """Return the ids of the indicators that are or were called so, or listed so in a plan.

    Every word of `name` has to be in the name; the width of letters and digits does not matter.
    """
    words = _plain(name).split()
    names = [
        (row[0], row[1])
        for model, key in (
            (Indicator, "id"),
            (NumericTarget, "indicator_id"),
            (KPI, "indicator_id"),
        )
        for row in model.history.order_by().values_list(key, "name").distinct()
    ]
    return frozenset(key for key, text in names if all(word in _plain(text) for word in words))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _people() -> list[tuple[Any, str]]:
    users = User.objects.order_by("username").values_list(
        "pk", "username", "full_name", "is_active"
    )
    named = [
        (pk, f"{name}（{number}）{'' if is_active else '　無効'}")
        for pk, number, name, is_active in users
    ]
    return [("", "すべて"), *named, (NOBODY, "記録なし（コマンドなど）")]


def _sections() -> list[tuple[Any, str]]:
    rows = Section.objects.values_list("pk", "name", "is_active")
    named = [(pk, f"{name}{'' if is_active else '（廃止）'}") for pk, name, is_active in rows]
    return [("", "すべて"), *named]


def _years() -> list[tuple[Any, str]]:
    years = FiscalYear.objects.values_list("year", flat=True)
    return [("", "すべて"), *((year, full_label(year)) for year in years)]
