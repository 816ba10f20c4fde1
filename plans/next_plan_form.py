"""The form of the next plan: name, years, and what to carry over as a tree of check boxes."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django import forms

from goals.models import BasicGoal, NumericTarget, Strategy
from indicators.places import in_brackets
from indicators.plan_words import Words
from indicators.typed_fields import YearField
from japanese.fiscal_years import era_label, full_label
from japanese.numerals import half_width
from kpis.models import KPI
from measures.models import Measure, MeasureGroup, Project
from plans.next_plan import EndingPlan, has_ended, key_of
from plans.nodes import circled

_TERM = re.compile(r"第([0-9０-９]+)[期次]")
_YEAR_IN_CODE = re.compile(r"\d{4}$")


@dataclass(frozen=True)
class Branch:
    """A part of the plan as a check box, with the parts below it; `kind` is its model."""

    key: str
    kind: str
    label: str
    note: str
    is_ticked: bool
    below: "tuple[Branch, ...]"


class NextPlanForm(forms.Form):
    """Title, code and years of the next plan, and the keys of what it carries over."""

    title = forms.CharField(
        label="名称",
        max_length=120,
        help_text="後で直せます。",
        widget=forms.TextInput(attrs={"size": 50}),
    )
    code = forms.SlugField(
        label="コード",
        max_length=60,
        help_text="アドレスになります。半角の英字、数字、ハイフンで入力します。例：city-2020",
        error_messages={
            "invalid": "コードは、半角の英字、数字、ハイフン、下線だけで入力してください。"
        },
    )
    first_fiscal_year = YearField(
        label="最初の年度", help_text="「令和7年度」「R7」「2025」のように入力します。"
    )
    last_fiscal_year = YearField(label="最後の年度", help_text="この年度までの計画です。")

    def __init__(self, source: EndingPlan, data: Any = None) -> None:
        super().__init__(data, initial=proposed_fields(source.plan))
        self.source = source
        for name, field in self.fields.items():
            field.widget.attrs["aria-describedby"] = f"id_{name}_helptext"
            field.error_messages["required"] = f"{field.label}を入力してください。"

    @property
    def chosen(self) -> frozenset[str]:
        """The keys of the parts that are ticked: at first all but those that have ended."""
        if self.is_bound:
            sent: Any = self.data
            return frozenset(sent.getlist("keep"))
        return frozenset(key_of(part) for part in self.source.every_part if not has_ended(part))

    @property
    def branches(self) -> tuple[Branch, ...]:
        """The tree of the plan as check boxes."""
        return _branches(self.source, self.source.plan, self.chosen)

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if other := Strategy.objects.filter(code=code).first():
            raise forms.ValidationError(
                f"コード「{code}」は、「{other}」が使っています。別のコードにしてください。"
            )
        return code

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("first_fiscal_year"), data.get("last_fiscal_year")
        before: int = self.source.plan.first_fiscal_year
        if first is not None and last is not None and first > last:
            self.add_error(
                "last_fiscal_year",
                f"最後の年度「{full_label(last)}」が、最初の年度「{full_label(first)}」より前です。"
                "最初の年度以後にしてください。",
            )
        if first is not None and first <= before:
            self.add_error(
                "first_fiscal_year",
                f"最初の年度「{full_label(first)}」は、今の計画の最初の年度（{era_label(before)}）より"
                "後にしてください。",
            )
        chosen, known = self.chosen, {key_of(part) for part in self.source.every_part}
        if chosen - known:
            self.add_error(
                None,
                "選んだものの中に、この画面を開いた後に削除されたものがあります。"
                "今の計画を確かめて、もう一度選んでください。",
            )
        elif not any(key_of(goal) in chosen for goal in self.source.below(self.source.plan)):
            self.add_error(
                None, f"引き継ぐ{self.source.plan.wording.goal}を、一つ以上選んでください。"
            )
        return data


def proposed_fields(plan: Strategy) -> dict[str, Any]:
    """Return what the form has at first: the next years, as many as before, and a name for them."""
    first = plan.last_fiscal_year + 1
    title, count = _TERM.subn(
        lambda found: f"第{int(half_width(found[1])) + 1}{found[0][-1]}", plan.title, count=1
    )
    stem = _YEAR_IN_CODE.sub("", plan.code).rstrip("-")
    return {
        "title": title if count else f"第2期{plan.title}",
        "code": f"{stem}-{first}",
        "first_fiscal_year": first,
        "last_fiscal_year": first + plan.last_fiscal_year - plan.first_fiscal_year,
    }


def _branches(source: EndingPlan, above: Any, chosen: Collection[str]) -> tuple[Branch, ...]:
    return tuple(
        Branch(
            key=key_of(part),
            kind=str(part._meta.model_name),
            label=label_of(part, source.plan.wording),
            note=f"{era_label(part.last_fiscal_year)}で終了" if has_ended(part) else "",
            is_ticked=key_of(part) in chosen,
            below=_branches(source, part, chosen),
        )
        for part in source.below(above)
    )


def label_of(part: Any, words: Words) -> str:
    """Return the number and name of a part within the part above, in the words of its plan."""
    if isinstance(part, BasicGoal):
        across = 0 if part.is_cross_cutting else None
        return f"{words.goal_label(part.position, across)}　{part.title}"
    if isinstance(part, NumericTarget):
        return f"{words.numeric_target}{circled(part.position)}{part.part}　{part.name}"
    if isinstance(part, MeasureGroup):
        if not part.symbol:
            return f"{words.group}のない{words.measure_short}"
        return f"{in_brackets(part.symbol)}{part.title}"
    if isinstance(part, Measure):
        if not part.position:
            return f"{words.goal}の直下"
        return f"{words.measure}{circled(part.position)}　{part.title}"
    if isinstance(part, KPI):
        return f"{words.kpi_short}{circled(part.position)}{part.part}　{part.name}"
    if isinstance(part, Project):
        relisted = "（再掲）" if part.relisted_from_id else ""
        return f"{words.project_short}　{part.name}{relisted}"
    raise TypeError(part)
