"""The form of one project's year: what was done, its money, what comes next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from django import forms

from goals.models import Grant
from indicators.typed_fields import ListedWordField, YearField
from japanese.row_numbers import row_number
from reviews.measures.evaluations import choices_of_plan
from reviews.measures.form import SEEN, longest_texts, plan_choice, show_problems
from reviews.models import FUNDS, ProjectYear, ReviewChoices
from reviews.projects.years import ProjectYearRow
from reviews.recording import ReviewEntry, ReviewError
from reviews.yen_field import ThousandYenField

LONG_TEXTS = ("done", "output", "outcome", "issues")
PROJECT_AMOUNTS = ("budget", "settlement", *FUNDS)
PROJECT_FIELDS = (*LONG_TEXTS, *PROJECT_AMOUNTS, "grant", "policy", "ends_in")
"""The fields of a project's year, in the order of the Excel form."""

OF_MONEY = (*PROJECT_AMOUNTS, "grant")
"""What a project without money here does not have."""

PROJECT_PARTS: Mapping[str, tuple[str, ...]] = {
    **{name: (name,) for name in LONG_TEXTS},
    "money": PROJECT_AMOUNTS,
    **{name: (name,) for name in ("grant", "policy", "ends_in")},
}
"""The parts of a row that are decided as a whole: 財源 belongs to its 決算額."""

MONEY_LABEL = "予算額、決算額、財源（千円）"
"""What the part of all amounts is called."""

EMPTY_MONEY = "empty_money"
"""The field that empties what was stored before the project lost its money."""


@dataclass(frozen=True)
class ProjectChoices:
    """What the projects of a plan choose from."""

    of_plan: ReviewChoices
    grants: Sequence[Grant]

    @cached_property
    def by_label(self) -> dict[str, Grant]:
        """The 交付金 by name; several of one name have their numbers before it."""
        names = [grant.name for grant in self.grants]
        return {
            one.name if names.count(one.name) == 1 else f"{one.number} {one.name}": one
            for one in self.grants
        }

    def label_of_grant(self, pk: int | None) -> str:
        """Return what a 交付金 is called; "" for none."""
        return next((label for label, one in self.by_label.items() if one.pk == pk), "")


def choices_of_projects(strategy_id: int) -> ProjectChoices:
    """Return what the projects of a plan choose from; two queries."""
    grants = Grant.objects.filter(strategy=strategy_id).order_by("number")
    return ProjectChoices(choices_of_plan(strategy_id), tuple(grants))


class GrantField(ListedWordField):
    """A 交付金 of the plan by its name."""

    def __init__(self, offered: ProjectChoices) -> None:
        self.offered = offered
        super().__init__(
            label="交付金の名称",
            required=False,
            choices=[("", "（なし）"), *((label, label) for label in offered.by_label)],
            error_messages={
                "invalid_choice": "交付金の名称「%(value)s」は、この計画にありません。"
                "選び直してください。"
            },
        )

    def prepare_value(self, value: Any) -> Any:
        pk = value.pk if isinstance(value, Grant) else value
        return self.offered.label_of_grant(pk) or value

    def clean(self, value: Any) -> Grant | None:
        return self.offered.by_label.get(super().clean(value))


def _money(name: str) -> ThousandYenField:
    label = str(ProjectYear._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    return ThousandYenField(label=label.replace("（円）", "（千円）"))


class ProjectYearForm(forms.ModelForm):
    """What a section writes of its project; reviews/recording.py checks and stores it."""

    budget = _money("budget")
    settlement = _money("settlement")
    national = _money("national")
    prefectural = _money("prefectural")
    bonds = _money("bonds")
    other_funds = _money("other_funds")
    general = _money("general")
    ends_in = YearField(
        label="終了年度", required=False, help_text="終える事業だけ。例：令和7年度、R7、2025"
    )

    class Meta:
        model = ProjectYear
        fields = PROJECT_FIELDS

    parts = PROJECT_PARTS
    part_labels: ClassVar[Mapping[str, str]] = {"money": MONEY_LABEL}

    def __init__(self, data: Any, *, row: ProjectYearRow, choices: ProjectChoices) -> None:
        super().__init__(data, instance=row.stored or ProjectYear(project=row.project))
        self.row = row
        if row.no_money:
            for name in OF_MONEY:
                del self.fields[name]
            if row.kept_money:
                self.fields[EMPTY_MONEY] = forms.BooleanField(
                    label="登録されている金額を空欄にする", required=False,
                    help_text=f"今の内容：{row.kept_money}",
                )  # fmt: skip
        else:
            self.fields["grant"] = GrantField(choices)
        self.fields["policy"] = plan_choice(self.instance, "policy", choices.of_plan.policy_labels)
        longest_texts(self)

    def entry(self) -> ReviewEntry:
        """Return what was typed into a valid form; money without a field stays unless emptied."""
        seen = row_number(str(self.data.get(SEEN, ""))) or 0
        content = dict(self.cleaned_data)
        if content.pop(EMPTY_MONEY, False):
            content |= dict.fromkeys(OF_MONEY)
        return ReviewEntry(about=self.row.node.pk, fields=content, seen=seen)

    def refuse(self, error: ReviewError) -> None:
        """Show why nothing was stored, and at each field what somebody else stored meanwhile."""
        show_problems(self, error)

    def _post_clean(self) -> None:
        """Leave the checks of the model to recording.py, which knows the whole row."""
