"""The form that searches the changes, and the conditions that it stands for."""

from typing import Any, cast

from django import forms
from django.db.models import Model
from django.http import QueryDict

from accounts.models import Section, User
from changes.history_rows import NOBODY, Conditions, HistoryKind
from goals.models import BasicGoal, Grant, NumericTarget
from indicators.choice_field import OneOf
from indicators.models import FiscalYear, Indicator
from indicators.typed_fields import DayField
from japanese.characters import alike
from japanese.fiscal_years import full_label
from kpis.models import KPI
from measures.models import Measure, MeasureGroup, Project
from trail.history import Door


class ChangeSearch(forms.Form):
    """The search form for changes. All fields are optional."""

    person = OneOf(label="変更した人", coerce=int, empty_value=None)
    section = OneOf(
        label="担当課",
        coerce=int,
        empty_value=None,
        help_text="以前に担当した課、入力する課でも探せます。",
    )
    indicator = forms.CharField(
        label="名称",
        required=False,
        max_length=200,
        help_text="指標、施策、事業、基本目標、交付金の名称の一部でも探せます。",
    )
    fiscal_year = OneOf(
        label="対象年度", coerce=int, empty_value=None, help_text="値や評価の年度です。"
    )
    kind = OneOf(label="履歴の種類", choices=[("", "すべて"), *HistoryKind.choices])
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
        """Whether any condition is set."""
        return any(self.data.get(name, "").strip() for name in self.fields)

    def conditions(self, *, with_drafts: bool = False) -> Conditions:
        """Return the conditions of a valid form, with drafts or without."""
        data = {**self.cleaned_data, "with_drafts": with_drafts}
        name = data.pop("indicator")
        if name:
            data |= {"indicators": indicators_called(name), "named": parts_called(name)}
        return Conditions(**data)

    def in_words(self) -> str:
        """Return the conditions of a valid form as text, for the log and the file."""
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
        """Return the conditions as a query string, without the page number."""
        kept = QueryDict(mutable=True)
        for name in self.fields:
            if text := self.data.get(name, "").strip():
                kept[name] = text
        return kept.urlencode()


class MoveSearch(ChangeSearch):
    """The search form for values that moved much."""

    def __init__(self, asked: QueryDict) -> None:
        super().__init__(asked)
        for name in set(self.fields) - {"section", "fiscal_year"}:
            del self.fields[name]
        self.fields["section"].help_text = "入力する課でも探せます。"
        self.fields["fiscal_year"].help_text = ""


def indicators_called(name: str) -> frozenset[int]:
    """Return the ids of indicators with this name, now or in the past, their own or in a plan."""
    return frozenset().union(
        *(
            _called(name, model, key, "name")
            for model, key in (
                (Indicator, "id"),
                (NumericTarget, "indicator_id"),
                (KPI, "indicator_id"),
            )
        )
    )


def parts_called(name: str) -> dict[type[Model], frozenset[int]]:
    """Return the ids of the other parts of plans with this name, now or in the past, by model."""
    return {
        model: _called(name, model, "id", column)
        for model, column in (
            (BasicGoal, "title"),
            (MeasureGroup, "title"),
            (Measure, "title"),
            (Project, "name"),
            (Grant, "name"),
        )
    }


def _called(name: str, model: Any, key: str, column: str) -> frozenset[int]:
    """Return the `key` of rows whose name contains every word; full and half width are equal."""
    words = alike(name).split()
    names = model.history.order_by().values_list(key, column).distinct()
    return frozenset(pk for pk, text in names if all(word in alike(text) for word in words))


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
