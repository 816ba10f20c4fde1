"""The form of one 内部評価: texts, grade, policy, and a comment for each KPI."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar

from django import forms

from indicators.typed_fields import NOTHING_CHOSEN, ListedWordField
from japanese.row_numbers import row_number
from plans.nodes import ListingNode
from reviews.measures.evaluations import MeasureRow
from reviews.models import Answered, KPIReview, MeasureReview, ReviewChoices
from reviews.recording import ReviewEntry, ReviewError

LONGEST_WRITTEN = 4000
"""The longest text, in characters."""

SEEN = "seen"
"""The hidden field with the version that the page shows."""

_ROWS = {"results": 5, "causes": 5, "issues": 4, "budget": 4, "text": 4, "answer": 4, "outcome": 4}


class MeasureReviewForm(forms.ModelForm):
    """What a section writes of its measure; reviews/recording.py checks and stores it."""

    class Meta:
        model = MeasureReview
        fields = (
            "results", "causes", "issues", "budget", "grade", "grade_reason", "policy",
            "policy_reason",
        )  # fmt: skip

    parts: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    part_labels: ClassVar[Mapping[str, str]] = {}
    clashes: Mapping[str, str] = MappingProxyType({})
    """By field what is stored where somebody else changed the same meanwhile."""

    def __init__(self, data: Any, *, row: MeasureRow, choices: ReviewChoices) -> None:
        super().__init__(data, instance=row.stored or MeasureReview())
        self.row = row
        for name, labels in (("grade", choices.grade_labels), ("policy", choices.policy_labels)):
            self.fields[name] = plan_choice(self.instance, name, labels)
        longest_texts(self)
        if row.proposed:
            self.fields["grade"].help_text = f"指標の判定による案は「{row.proposed}」です。"
        self.kpis = [KPILine(self, kpi) for kpi in row.node.kpis]

    def entry(self) -> ReviewEntry:
        """Return what was typed into a valid form."""
        return ReviewEntry(
            about=self.row.pk,
            fields={**self.cleaned_data, "proposed_grade": self.row.proposed},
            seen=row_number(str(self.data.get(SEEN, ""))) or 0,
            kpis={line.pk: line.said for line in self.kpis},
        )

    def clean(self) -> dict[str, Any]:
        for line in self.kpis:
            if line.error:
                self.add_error(None, line.error)
        return self.cleaned_data

    def refuse(self, error: ReviewError) -> None:
        """Show why nothing was stored, and at each field what somebody else stored meanwhile."""
        show_problems(self, error)

    def _post_clean(self) -> None:
        """Leave the checks of the model to recording.py, which knows the whole row."""


def plan_choice(row: Answered, name: str, labels: tuple[str, ...]) -> ListedWordField:
    """Return the field of a plan's list; a label that the plan has given up since may stay."""
    stored = getattr(row, name)
    shown = labels if not stored or stored in labels else (*labels, stored)
    listed = "、".join(shown).replace("%", "%%")
    label = row._meta.get_field(name).verbose_name  # type: ignore[union-attr]
    return ListedWordField(
        label=str(label),
        choices=[("", NOTHING_CHOSEN), *((one, one) for one in shown)],
        required=False,
        error_messages={
            "invalid_choice": f"{label}「%(value)s」は選択肢にありません。"
            f"{listed}から選んでください。"
        },
    )


def longest_texts(form: forms.BaseForm) -> None:
    """Give the texts of a form their size on the page and their limit."""
    for name, field in form.fields.items():
        if isinstance(field.widget, forms.Textarea):
            field.widget.attrs["rows"] = _ROWS.get(name, 2)
            field.validators.append(_not_longer(str(field.label)))


def show_problems(form: forms.ModelForm, error: ReviewError) -> None:
    """Show why nothing was stored, and at each field what somebody else stored meanwhile.

    What was typed stays in the fields; the page now has the newest version, so that saving again
    decides for what was typed.
    """
    typed = dict(form.cleaned_data)
    for problem in error.problems:
        name = problem.field if problem.field in form.fields else None
        form.add_error(name, problem.message)
        if problem.current is None or name:
            continue
        for field, text in typed.items():
            stored = getattr(problem.current, field, text)
            if stored != text:
                shown = form.fields[field].prepare_value(stored)
                form.add_error(field, f"今保存されている内容：「{shown or '空欄'}」")


def _not_longer(label: str) -> Any:
    def check(text: str) -> None:
        if len(text) > LONGEST_WRITTEN:
            raise forms.ValidationError(
                f"{label}は{LONGEST_WRITTEN:,}字以内で入力してください（{len(text):,}字）。"
            )

    return check


@dataclass
class KPILine:
    """The comment and outlook of one KPI in the form."""

    form: MeasureReviewForm
    listing: ListingNode

    @property
    def pk(self) -> int:
        return self.listing.pk

    @property
    def stored(self) -> Mapping[str, str]:
        """What is stored of the KPI."""
        review = self.form.row.stored
        for one in review.kpi_reviews.all() if review else ():
            if one.kpi_id == self.pk:
                return {"comment": one.comment, "outlook": one.outlook}
        return {}

    @property
    def said(self) -> dict[str, str]:
        """The text of the form about the KPI: what was typed, else what is stored."""
        if not self.form.is_bound:
            return dict(self.stored)
        return {name: self._said(name) for name in ("comment", "outlook")}

    def _said(self, name: str) -> str:
        """Return what was typed; where that is what the page showed, what is stored now."""
        data: Any = self.form.data
        typed = data.get(f"{name}-{self.pk}", "").strip()
        was_shown = typed == data.get(f"{name}-{self.pk}-seen", "").strip()
        return self.stored.get(name, "") if was_shown else typed

    @property
    def seen(self) -> Mapping[str, str]:
        """What is stored, for the hidden copies on the page."""
        return {name: self.stored.get(name, "") for name in ("comment", "outlook")}

    @property
    def overtaken(self) -> str:
        """What somebody else stored meanwhile where this person typed, too; "" without that."""
        clashes = self.form.clashes
        return " ".join(filter(None, (clashes.get(f"{name}-{self.pk}") for name in self.seen)))

    @property
    def comment(self) -> str:
        return self.said.get("comment", "")

    @property
    def outlooks(self) -> Iterator[tuple[str, str, bool]]:
        """The choices of 見込み with whether each is chosen."""
        chosen = self.said.get("outlook", "")
        yield "", NOTHING_CHOSEN, chosen == ""
        for value, label in KPIReview.Outlook.choices:
            yield value, str(label), chosen == value

    @property
    def error(self) -> str:
        """What is wrong with the line; "" for nothing."""
        return self.error_of("comment") or self.error_of("outlook")

    def error_of(self, name: str) -> str:
        """Return what is wrong with comment or outlook; "" for nothing."""
        limit = KPIReview._meta.get_field("comment").max_length or 0
        if name == "comment" and len(self.comment) > limit:
            return (
                f"「{self.listing.name}」のコメントは{limit}字以内で入力してください"
                f"（{len(self.comment)}字）。"
            )
        outlook = self.said.get("outlook", "")
        if name == "outlook" and outlook not in ("", *KPIReview.Outlook.values):
            labels = "、".join(map(str, KPIReview.Outlook.labels))
            return (
                f"「{self.listing.name}」の見込み「{outlook}」は選択肢にありません。"
                f"{labels}から選んでください。"
            )
        return ""
