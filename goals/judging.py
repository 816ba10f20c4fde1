"""The page on which planning chooses how a plan judges, with examples beside the form."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from django import forms
from django.http import HttpRequest

from goals.models import Revision, Strategy
from indicators.revising_form import AS_REVISION, RevisionField
from indicators.rules.presets import PRESETS, Example, Preset, examples
from indicators.rules.scales import CHOICES, THRESHOLDS, read_scale, scale_data
from indicators.rules.terms import BANDS, STATUSES, Band, Scale, Status, status_word
from trail.tracked_admin import ReasonForm

WORD, MARK = "word_", "mark_"
STANDARD_WORDS = {Status.AT_TARGET: "目標値以上（目標値以下、実現）"}


class JudgingForm(ReasonForm):
    """The thresholds, choices, words and marks of a plan; what is blank is as in the standard.

    They are changed for all years (登録の訂正), or from a year on by a revision of the plan, which
    keeps the rules until then.
    """

    about_the_change = ReasonForm.about_the_change | {AS_REVISION}

    as_revision = RevisionField(
        label="計画の改訂",
        queryset=Revision.objects.none(),
        required=False,
        empty_label="（改訂ではない。登録の訂正）",
        help_text="改訂を選ぶと、適用する年度から後を、ここの決め方で判定します。"
        "それより前の年度の判定は変わりません。",
    )

    class Meta:
        model = Strategy
        fields = (*THRESHOLDS, *CHOICES)

    def __init__(
        self,
        *args: Any,
        proposed: Mapping[str, Any] | None = None,
        opened_with: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        """`proposed` is shown instead of what is stored, on a page `opened_with` hidden fields."""
        super().__init__(*args, **kwargs)
        self._opened_with = opened_with or {}
        stored: Strategy = self.instance
        self.stored_rules = scale_data(stored.scale)
        revisions = stored.revisions.all()
        if revisions:
            cast(forms.ModelChoiceField, self.fields[AS_REVISION]).queryset = revisions
        else:
            del self.fields[AS_REVISION]
        for prefix, kind, keys, words, longest in (
            (WORD, "呼び方", STATUSES, stored.labels, 20),
            (MARK, "印", (*BANDS, *STATUSES), stored.marks, 2),
        ):
            for key in keys:
                self.fields[f"{prefix}{key}"] = forms.CharField(
                    label=f"{_name(key)}の{kind}",
                    required=False,
                    max_length=longest,
                    widget=forms.TextInput(attrs={"size": longest}),
                )
                self.initial[f"{prefix}{key}"] = words.get(key, "")
        self.stored_initial = dict(self.initial)
        self.initial.update(proposed or {})

    def seen_text(self, name: str) -> str:
        """Return what the page was opened with, also after a preset has filled the form."""
        return self._opened_with.get(self[name].html_initial_name, super().seen_text(name))

    def clean(self) -> dict[str, Any]:
        """Put words and marks on the plan, whose own check then sees the whole."""
        data = super().clean()
        for prefix, name in ((WORD, "labels"), (MARK, "marks")):
            typed = {
                field.removeprefix(prefix): data.get(field)
                for field in self.fields
                if field.startswith(prefix)
            }
            setattr(self.instance, name, {key: word for key, word in typed.items() if word})
        if (revision := data.get(AS_REVISION)) and self.changes_something:
            self._check_order(revision)
        return data

    def _check_order(self, revision: Revision) -> None:
        """Refuse a revision before one that has changed the rules already."""
        later = newest_of_rules(self.instance)
        if later is not None and later.from_fiscal_year > revision.from_fiscal_year:
            self.add_error(
                AS_REVISION,
                f"判定の決め方は、{later.label}で変えています。それより前の改訂では変えられません。"
                f"{later.label}か、その後の改訂を選んでください。",
            )

    @property
    def revision(self) -> Revision | None:
        """The revision that was chosen."""
        found: Revision | None = self.cleaned_data.get(AS_REVISION)
        return found

    def save(self, commit: bool = True) -> Strategy:
        """Save the rules; a revision keeps those until then, and forgets them once undone."""
        plan: Strategy = super().save(commit)
        revision, newest = self.revision, newest_of_rules(plan)
        if revision is not None and revision.previous_rules is None:
            revision.previous_rules = self.stored_rules
            revision.save()
        elif revision is None and newest is not None and _is_undone(plan, newest):
            newest.previous_rules = None
            newest.save()
        return plan

    def add_error(self, field: str | None, error: Any) -> None:
        """Show errors about all words or marks at the top: they have many fields."""
        by_field = getattr(error, "error_dict", None)
        if field is not None or by_field is None:
            super().add_error(field, error)
            return
        for name, errors in by_field.items():
            super().add_error(name if name in self.fields else None, errors)

    @property
    def number_fields(self) -> list[forms.BoundField]:
        """The fields of thresholds and choices."""
        return [self[name] for name in (*THRESHOLDS, *CHOICES)]

    @property
    def word_rows(self) -> Iterator[tuple[str, forms.BoundField | None, forms.BoundField]]:
        """Name, field of the word (bands have none) and field of the mark, row by row."""
        for key in (*BANDS, *STATUSES):
            word = self[f"{WORD}{key}"] if key in STATUSES else None
            yield _name(key), word, self[f"{MARK}{key}"]


def newest_of_rules(plan: Strategy) -> Revision | None:
    """Return the newest revision that changed the rules of a plan."""
    changing = plan.revisions.filter(previous_rules__isnull=False)
    return changing.order_by("-from_fiscal_year").first()


def _is_undone(plan: Strategy, revision: Revision) -> bool:
    return read_scale(revision.previous_rules or {}) == plan.scale


def presets_of(plan: Strategy) -> tuple[Preset, ...]:
    """Return what the form can be filled with: the rules before the newest revision, too."""
    revision = newest_of_rules(plan)
    if revision is None:
        return PRESETS
    note = f"{revision.label}の前の決め方。改訂を選ばずに保存すると、改訂を取り消します。"
    scale = read_scale(revision.previous_rules or {})
    return (*PRESETS, Preset("before", "改訂前の決め方", note, scale))


def _name(key: str) -> str:
    if key in BANDS:
        return f"{Band(key).label}（この印の判定すべて）"
    return STANDARD_WORDS.get(Status(key)) or status_word(key)


def from_preset(scale: Scale) -> dict[str, Any]:
    """Return what rules put into the form, by field."""
    return {
        **{name: getattr(scale, name) for name in (*THRESHOLDS, *CHOICES)},
        **{f"{WORD}{status}": scale.labels.get(status, "") for status in STATUSES},
        **{f"{MARK}{name}": scale.marks.get(name, "") for name in (*BANDS, *STATUSES)},
    }


def judging_context(request: HttpRequest, strategy: Strategy) -> dict[str, Any]:
    """Return form and examples for a request.

    A chosen preset fills the form; otherwise the form holds what was typed or is stored. There are
    no examples beside a form with faults, and ``valid`` says whether it may be saved.
    """
    chosen = request.POST.get("preset", "") if "take" in request.POST else ""
    shown: list[Example] = []
    valid = False
    presets = presets_of(strategy)
    if preset := next((one for one in presets if one.key == chosen), None):
        form = JudgingForm(
            instance=strategy, proposed=from_preset(preset.scale), opened_with=request.POST
        )
        shown = examples(preset.scale)
    else:
        form = JudgingForm(request.POST or None, instance=strategy)
        valid = form.is_bound and form.is_valid()
        if valid or not form.is_bound:
            shown = examples(strategy.scale)
    return {
        "form": form,
        "examples": shown,
        "valid": valid,
        "presets": presets,
        "chosen": chosen,
        "changed_by": (newest := newest_of_rules(strategy)) and newest.label,
    }
