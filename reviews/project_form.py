"""The form of one project's year: what was done, its money, what comes next."""

from typing import Any

from django import forms

from goals.models import Grant
from indicators.typed_fields import YearField
from japanese.row_numbers import row_number
from reviews.measure_form import SEEN, longest_texts, plan_choice, show_problems
from reviews.models import FUNDS, ProjectYear, ReviewChoices
from reviews.project_years import ProjectYearRow
from reviews.recording import ReviewEntry, ReviewError
from reviews.yen_field import ThousandYenField

MONEY = ("budget", "settlement", *FUNDS)


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
        fields = ("done", "output", "outcome", "issues", *MONEY, "grant", "policy", "ends_in")

    def __init__(
        self, data: Any, *, row: ProjectYearRow, strategy_id: int, choices: ReviewChoices
    ) -> None:
        super().__init__(data, instance=row.stored or ProjectYear(project_id=row.node.pk))
        self.row = row
        if row.no_money:
            for name in (*MONEY, "grant"):
                del self.fields[name]
        else:
            grants: Any = self.fields["grant"]
            grants.queryset = Grant.objects.filter(strategy=strategy_id)
        self.fields["policy"] = plan_choice(self.instance, "policy", choices.policy_labels)
        longest_texts(self)

    def entry(self) -> ReviewEntry:
        """Return what was typed into a valid form; without money, that stays as it is."""
        seen = row_number(str(self.data.get(SEEN, ""))) or 0
        return ReviewEntry(about=self.row.node.pk, fields=dict(self.cleaned_data), seen=seen)

    def refuse(self, error: ReviewError) -> None:
        """Show why nothing was stored, and at each field what somebody else stored meanwhile."""
        show_problems(self, error)

    def _post_clean(self) -> None:
        """Leave the checks of the model to recording.py, which knows the whole row."""
