"""The forms of 有識者会議: a meeting with its members, verdicts on goals, single opinions."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet, inlineformset_factory
from django.utils import timezone

from accounts.models import Section
from indicators.rules.narrowing_types import given
from indicators.typed_fields import NOTHING_CHOSEN, DayField
from indicators.year_dates import problems_of_dates
from japanese.calendar_days import era_day
from japanese.numerals import shown
from reviews.council.meetings import OpinionSubject, last_meeting, subject_key
from reviews.measures.form import longest_texts
from reviews.models import OPINION_SUBJECTS, Council, CouncilMember, GoalReview, Opinion
from trail.tracked_admin import KeepsUntouched

EMPTY_ROWS = 5
"""How many empty rows for members the form of a meeting has."""

DAY_HELP = "例：2026-10-20、令和8年10月20日"


class CouncilForm(KeepsUntouched):
    """A meeting of the council."""

    class Meta:
        model = Council
        fields = ("number", "name", "held_on", "place", "minutes")
        field_classes = {"held_on": DayField}
        widgets = {"held_on": forms.TextInput, "minutes": forms.Textarea(attrs={"rows": 6})}
        help_texts = {"held_on": DAY_HELP, "number": "この年度の何回目の会議か。例：1"}

    def clean_held_on(self) -> Any:
        day = self.cleaned_data["held_on"]
        year = self.instance.fiscal_year_id
        if day > timezone.localdate():
            raise ValidationError(
                f"開催日「{era_day(day)}」は、まだ来ていない日です。"
                "会議を開いてから登録するか、日付を直してください。"
            )
        for _, message in problems_of_dates(year, {"council_met_on": day}, timezone.localdate()):
            raise ValidationError(message.replace("有識者会議を開いた日", "開催日"))
        due = Opinion.objects.filter(council=self.instance.pk, due_on__lt=day).order_by("due_on")
        if opinion := due.first():
            raise ValidationError(
                f"開催日「{era_day(day)}」が、意見{opinion.number}の期限"
                f"「{era_day(given(opinion.due_on))}」より後です。どちらかを確かめて直してください。"
            )
        return day

    def _get_validation_exclusions(self) -> set[str]:
        """Check also what the address gives: plan and year belong to the number's constraint."""
        return super()._get_validation_exclusions() - {"strategy", "fiscal_year"}  # type: ignore[misc]


class MemberForm(forms.ModelForm):
    """A member of a meeting."""

    class Meta:
        model = CouncilMember
        fields = ("name", "post", "field", "attended")

    def has_changed(self) -> bool:
        """Whether the row says anything: an empty one with another tick is still empty."""
        is_new = self.instance.pk is None
        return bool(set(self.changed_data) - ({"attended"} if is_new else set()))


class MemberRows(BaseInlineFormSet):
    """The members of a meeting; new ones come after those that are there."""

    def save_new(self, form: Any, commit: bool = True) -> Any:
        numbers = self.instance.members.values_list("position", flat=True)
        form.instance.position = max(numbers, default=0) + 1
        return super().save_new(form, commit=commit)


MEMBERS = inlineformset_factory(
    Council, CouncilMember, form=MemberForm, formset=MemberRows, extra=EMPTY_ROWS, max_num=60
)


def rows_of_members(data: Any, meeting: Council) -> tuple[Any, Council | None]:
    """Return the rows of a meeting's members, and the meeting that those of a new one come from.

    A new meeting has the members of the one before it, all present: most of them stay for years.
    """
    before = last_meeting(meeting) if data is None and meeting.pk is None else None
    members = before.members.all() if before else CouncilMember.objects.none()
    carried = [{"name": one.name, "post": one.post, "field": one.field} for one in members]
    rows = MEMBERS(data, instance=meeting, prefix="member", initial=carried)
    rows.extra = EMPTY_ROWS + len(carried)
    return rows, before if carried else None


class GoalReviewForm(KeepsUntouched):
    """The council's verdict on one goal; `name` is the goal in words."""

    class Meta:
        model = GoalReview
        fields = ("verdict", "summary")
        widgets = {"summary": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, name: str, labels: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.name = name
        # Whether the page was made while nothing was stored, and somebody has stored it since.
        self.came_meanwhile = bool(
            self.is_bound and self.instance.pk and not self.data.get(self.seen_name)
        )
        stored = self.instance.verdict
        shown = labels if not stored or stored in labels else (*labels, stored)
        self.fields["verdict"] = forms.ChoiceField(
            label="評価",
            required=False,
            choices=[("", NOTHING_CHOSEN), *((one, one) for one in shown)],
        )

    @property
    def seen_name(self) -> str:
        """The hidden field that says whether anything was stored when the page was made."""
        return f"{self.prefix}-seen"

    @property
    def is_left_alone(self) -> bool:
        """Whether somebody else stored this goal meanwhile, and nothing was typed here."""
        typed = (self.data.get(f"{self.prefix}-{name}", "") for name in self.Meta.fields)
        return self.came_meanwhile and not any(text.strip() for text in typed)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        stored = {name: getattr(self.instance, name) for name in self.Meta.fields}
        if self.came_meanwhile and not self.is_left_alone and data != stored:
            for name, text in stored.items():
                if data.get(name) != text:
                    self.add_error(
                        name,
                        f"{self.fields[name].label}は、この画面を開いた後に「{text or '空欄'}」に"
                        "変更されました。残す方を入力して、もう一度保存してください。",
                    )
        return data


class WithAnswer(KeepsUntouched):
    """A form with the city's answer to an opinion, which needs 対応."""

    def clean_due_on(self) -> Any:
        day, held = self.cleaned_data["due_on"], self.instance.council.held_on
        if day and day < held:
            raise forms.ValidationError(
                f"期限「{era_day(day)}」が、会議の開催日「{era_day(held)}」より前です。"
                "対応を終える日を入力してください。"
            )
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("answer") and not data.get("response"):
            self.add_error(
                "response",
                f"市の考え方「{shown(data['answer'])}」に、対応が選ばれていません。選んでください。",
            )
        return data


class OpinionForm(WithAnswer):
    """A single opinion. `about` is one field for whatever it is about."""

    about = forms.ChoiceField(
        label="意見の対象",
        error_messages={
            "required": "意見の対象が選ばれていません。"
            "何についての意見かを、一覧から選んでください。",
            "invalid_choice": "意見の対象「%(value)s」は計画にありません。選び直してください。",
        },
    )
    field_order = ("field", "about", "text", "answer", "response", "section", "due_on", "outcome")

    class Meta:
        model = Opinion
        fields = ("field", "text", "answer", "response", "section", "due_on", "outcome")
        field_classes = {"due_on": DayField}
        widgets = {
            "due_on": forms.TextInput,
            **{name: forms.Textarea(attrs={"rows": 4}) for name in ("text", "answer", "outcome")},
        }
        help_texts = {
            "due_on": f"対応を終える日。{DAY_HELP}",
            "outcome": "翌年度の会議で報告する、その後の状況です。",
        }

    def __init__(self, *args: Any, subjects: Iterable[OpinionSubject], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        grouped = groupby(subjects, key=lambda subject: subject.heading)
        about: Any = self.fields["about"]
        about.choices = [
            ("", NOTHING_CHOSEN),
            *((heading, [(one.key, one.name) for one in found]) for heading, found in grouped),
        ]
        about.initial = subject_key(self.instance)
        longest_texts(self)
        section: Any = self.fields["section"]
        section.queryset = Section.objects.filter(is_active=True)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if key := data.get("about", ""):
            name, _, pk = key.rpartition("-")
            for other in OPINION_SUBJECTS:
                setattr(self.instance, f"{other}_id", int(pk) if other == name else None)
        return data


class AnswerForm(WithAnswer):
    """What the section that an opinion was assigned to writes."""

    class Meta:
        model = Opinion
        fields = ("answer", "response", "due_on", "outcome")
        field_classes = {"due_on": DayField}
        widgets = OpinionForm.Meta.widgets
        help_texts = OpinionForm.Meta.help_texts


class OutcomeForm(KeepsUntouched):
    """What became of an opinion after its year was fixed; nothing else in it can change."""

    class Meta:
        model = Opinion
        fields = ("outcome",)
        widgets = {"outcome": OpinionForm.Meta.widgets["outcome"]}
        help_texts = {"outcome": OpinionForm.Meta.help_texts["outcome"]}
