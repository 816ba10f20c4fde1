"""What the forms of parts of a plan ask about a revision: which one, and whether a part ends."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from indicators.closed_years import published_years
from indicators.in_force import hold_with
from indicators.listings import Listing
from indicators.plan_filters import model_at, plan_of
from indicators.revising import below
from indicators.titles import Retitled, retitled_in
from japanese.fiscal_years import era_label, full_label
from trail.tracked_admin import ReasonForm

AS_REVISION = "as_revision"
REVISING_FIELDS = (AS_REVISION, "ends", "end_reason", "replacement", "take_back")


def fields_about_revision(model: Any, part: Any) -> list[str]:
    """Return the fields that fit what a part is now: new (None), in force, revised or ended."""
    if not _revisions_of(model, part).exists():
        return []
    if part is None:
        return [AS_REVISION]
    if part.last_fiscal_year is not None:
        return ["take_back"]
    fields = [AS_REVISION, "ends", "end_reason"]
    if isinstance(part, Listing):
        fields.append("replacement")
    return fields + ["take_back"] * bool(changed_from(part))


def _revisions_of(model: Any, part: Any) -> QuerySet:
    """Return the revisions of the plan of a part; for a new one those of all plans."""
    revision = model_at(model, f"{model.plan_path}__revisions")
    revisions = revision._default_manager.select_related("strategy")
    return revisions if part is None else revisions.filter(strategy=plan_of(part))


def _start_of(part: Any) -> int:
    """Return the year from which a part holds as it is now; 0 from the start of its plan."""
    return max(part.first_fiscal_year or 0, changed_from(part))


def changed_from(part: Any) -> int:
    """Return the year from which the newest revision changed a part; 0 if none did."""
    return max(retitled_in(part) | {getattr(part, "from_fiscal_year", None) or 0})


class RevisionField(forms.ModelChoiceField):
    """A select of the revisions of one plan, or of all plans for a part that is new."""

    names_plan = False

    def label_from_instance(self, revision: Any) -> str:
        return str(revision) if self.names_plan else revision.label


class RevisedPartForm(ReasonForm):
    """A part of a plan, changed as registered (登録の訂正) or by a revision of the plan.

    The fields are there only where the plan has a revision. A part is added or ended by one; it
    can change a listing and the title of a part that has one, too.
    """

    about_the_change = ReasonForm.about_the_change | {AS_REVISION}
    parent = ""
    """The field with the part of the plan above."""

    as_revision = RevisionField(
        label="計画の改訂",
        queryset=None,
        required=False,
        empty_label="（改訂ではない。登録の訂正）",
        help_text="改訂を選ぶと、適用する年度から変わり、それより前の年度はそのままです。"
        "登録の誤りを直すときは、選びません。",
    )
    ends = forms.BooleanField(
        label="この改訂で終了する",
        required=False,
        help_text="適用する年度の前の年度までで終わります。その下にあるものも終わります。",
    )
    end_reason = forms.CharField(
        label="終了の理由",
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"size": 60}),
        help_text="新旧対照表に載ります。",
    )
    replacement: Any = forms.ModelChoiceField(
        label="代わりの指標",
        queryset=None,
        required=False,
        help_text="この指標に代えて追加した指標があれば、選びます。",
    )
    take_back = forms.BooleanField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        part = None if self.is_new else self.instance
        fitting = fields_about_revision(type(self.instance), part)
        for name in REVISING_FIELDS:
            if name not in fitting:
                self.fields.pop(name, None)
        for name in fitting:
            if name in self.fields:
                self._fill(name)

    @property
    def is_new(self) -> bool:
        """Whether the form adds a part."""
        return self.instance._state.adding

    def _fill(self, name: str) -> None:
        """Give a field the choices and words that fit the part."""
        part: Any = self.instance
        field: Any = self.fields[name]
        if name == AS_REVISION:
            field.queryset = _revisions_of(type(part), None if self.is_new else part)
            field.names_plan = self.is_new
            if self.is_new:
                field.help_text = (
                    "改訂で追加するときだけ選びます。適用する年度から、計画に載ります。"
                )
        elif name == "replacement":
            others = type(part).objects.filter(**{part.plan_path: plan_of(part)})
            field.queryset = others.exclude(pk=part.pk).select_related(part.plan_path)
        elif name == "take_back":
            field.label = (
                f"終了（{era_label(part.last_fiscal_year)}まで）を取り消す"
                if part.last_fiscal_year
                else f"{era_label(changed_from(part))}からの改訂を取り消し、改訂前の内容に戻す"
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        revision = data.get(AS_REVISION)
        if self.is_new:
            self._place(data, revision)
        elif data.get("take_back"):
            self._check_taking_back()
        elif data.get("ends"):
            self._check_end(data, revision)
            self._check_published(revision, "終了")
        elif revision is not None and self.changes_something:
            self._check_change(revision)
        return data

    def _place(self, data: dict[str, Any], revision: Any) -> None:
        """Let a new part begin with a revision, or with the part above it."""
        above = data.get(self.parent)
        if above is None:
            return
        hold_with(self.instance, above)
        first = self.instance.first_fiscal_year
        if revision is not None:
            plan = plan_of(above)
            if revision.strategy_id != plan.pk:
                self.add_error(
                    AS_REVISION,
                    f"「{revision}」は、「{plan}」の改訂ではありません。選び直してください。",
                )
            first = max(first or 0, revision.from_fiscal_year)
            self._check_published(revision, "追加")
        last = self.instance.last_fiscal_year
        if last is not None and (first or 0) > last:
            self.add_error(
                self.parent,
                f"「{above}」は、{full_label(last)}で終了しています。{full_label(first or 0)}からは"
                "追加できません。続いている施策を選んでください。",
            )
        self.instance.first_fiscal_year = first

    def _check_published(self, revision: Any, act: str) -> None:
        """Refuse what would change years whose results are public."""
        if revision is None:
            return
        if published := published_years(revision.from_fiscal_year):
            self.add_error(
                AS_REVISION,
                f"{full_label(published[-1])}の結果は公表済みのため、{revision.label}では{act}できません。"
                f"{full_label(published[-1] + 1)}以後から適用する改訂を選んでください。",
            )

    def _check_taking_back(self) -> None:
        others = set(self.changed_data) - self.about_the_change - {"take_back"}
        if others:
            self.add_error(
                "take_back",
                "取り消すときは、ほかの欄を変えないでください。",
            )

    def _check_end(self, data: dict[str, Any], revision: Any) -> None:
        if revision is None:
            self.add_error(AS_REVISION, "終了は計画の改訂で行います。どの改訂か選んでください。")
        elif (self.instance.first_fiscal_year or 0) >= revision.from_fiscal_year:
            self.add_error(
                AS_REVISION,
                f"{full_label(self.instance.first_fiscal_year)}に追加したものは、"
                f"{full_label(revision.from_fiscal_year)}から適用する改訂では終了できません。"
                "追加が誤りであれば、削除してください。",
            )
        elif changed_from(self.instance) >= revision.from_fiscal_year:
            self.add_error(
                AS_REVISION,
                f"{full_label(changed_from(self.instance))}から内容を改訂しているため、"
                f"{full_label(revision.from_fiscal_year)}から適用する改訂では終了できません。"
                "先に内容の改訂を取り消すか、後の改訂を選んでください。",
            )
        if revision is not None and (later := self._later_below(revision.from_fiscal_year)):
            self.add_error(
                "ends",
                f"この下に、{full_label(revision.from_fiscal_year)}以後に追加または改訂したものがあります"
                f"（{'、'.join(later)}）。先に、それらの追加や改訂を取り消してください。",
            )
        if not data.get("end_reason", "").strip():
            self.add_error("end_reason", "終了の理由を入力してください。新旧対照表に載ります。")
        kept = {"ends", "end_reason", "replacement", *self.about_the_change}
        if set(self.changed_data) - kept:
            self.add_error(
                "ends", "終了するときは、ほかの欄を変えないでください。訂正は先に保存してください。"
            )

    def _later_below(self, year: int) -> list[str]:
        """Return the parts below this one that begin, or were changed, from a year on."""
        return [str(part) for part in below(self.instance) if _start_of(part) >= year]

    def _check_change(self, revision: Any) -> None:
        part: Any = self.instance
        for name in {"position", "part", "indicator", "symbol", "former_titles", self.parent} & set(
            self.changed_data
        ):
            self.add_error(
                name,
                f"{self.fields[name].label}は、改訂では変えられません。終了して、新しく追加して"
                "ください。登録の誤りを直すときは、改訂を選びません。",
            )
        if not isinstance(part, Listing | Retitled):
            self.add_error(
                AS_REVISION,
                f"{part._meta.verbose_name}の内容は、改訂では変えられません。終了して、新しく追加して"
                "ください。登録の誤りを直すときは、改訂を選びません。",
            )
            return
        if isinstance(part, Retitled):
            self._check_published(revision, "変更")
        start = _start_of(part)
        if start > revision.from_fiscal_year:
            what = "この指標" if isinstance(part, Listing) else "ここ"
            self.add_error(
                AS_REVISION,
                f"{what}には、{full_label(start)}からの内容があります。"
                f"それより前の{full_label(revision.from_fiscal_year)}から適用する改訂では"
                "変えられません。後の改訂を選んでください。",
            )
