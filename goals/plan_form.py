"""The form of a plan in the admin, and what planning reads about a change of its state."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages

from goals.models import Revision, Strategy
from goals.words_form import WordsForm
from indicators.example_texts import CODE_HELP
from indicators.listing_rows import awaiting_target, indicators_of_plan
from indicators.models import Actual, FiscalYear
from indicators.plan_states import PlanState
from indicators.revising_form import AS_REVISION, RevisionField
from japanese.fiscal_years import era_label, full_label
from trail.tracked_admin import ReasonForm

_NAMED = 20
"""How many listings without a target a message names."""


class PlanForm(WordsForm, ReasonForm):
    """A plan. Returning to an earlier state needs a reason; a revision may change its end."""

    class Meta:
        help_texts = {"code": CODE_HELP}

    about_the_change = ReasonForm.about_the_change | {AS_REVISION}

    as_revision = RevisionField(
        label="計画の改訂",
        queryset=Revision.objects.none(),
        required=False,
        empty_label="（改訂ではない。登録の訂正）",
        help_text="計画を延ばす、または縮める改訂を選ぶと、適用する年度より前の年度の判定は変わりません。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields.get(AS_REVISION)
        if field is None:
            return
        if self.instance._state.adding or not self.instance.revisions.exists():
            del self.fields[AS_REVISION]
        else:
            field.queryset = self.instance.revisions.all()

    def _check_revision(self, data: dict[str, Any], revision: Revision) -> None:
        """Refuse a revision that changes nothing of the period, its start, or years before it."""
        changed = set(self.changed_data)
        later = self.instance.revisions.filter(
            from_fiscal_year__gt=revision.from_fiscal_year, previous_last_fiscal_year__isnull=False
        ).first()
        if later is not None:
            self.add_error(
                AS_REVISION,
                f"計画期間は、{later.label}で変えています。それより前の改訂では変えられません。"
                f"{later.label}か、その後の改訂を選んでください。",
            )
        last = data.get("last_fiscal_year")
        if "first_fiscal_year" in changed:
            self.add_error("first_fiscal_year", "最初の年度は、改訂では変えられません。")
        elif "last_fiscal_year" not in changed:
            self.add_error(
                AS_REVISION, "改訂で変えるのは最後の年度です。変えないときは、改訂を選びません。"
            )
        elif last is not None and last < revision.from_fiscal_year - 1:
            self.add_error(
                "last_fiscal_year",
                f"最後の年度「{full_label(last)}」は、{revision.label}より前です。"
                f"{full_label(revision.from_fiscal_year - 1)}以後にしてください。",
            )

    def _check_targets(self, after: PlanState) -> None:
        """Refuse to start a plan that has listings without a target, and name them."""
        if self.instance._state.adding or self.initial.get("state") != PlanState.DRAFT:
            return
        awaiting = awaiting_target(self.instance)
        if not awaiting:
            return
        more = f"、ほか{len(awaiting) - _NAMED}件" if len(awaiting) > _NAMED else ""
        names = "、".join(f"「{one}」" for one in awaiting[:_NAMED])
        self.add_error(
            "state",
            f"目標の文言と目標値が未入力の指標が{len(awaiting)}件あるため、状態を「{after.label}」に"
            f"できません：{names}{more}。それぞれの画面で目標の文言と目標値を入力してください。"
            "目標を定めない指標は、種類を「参考指標」にしてください。",
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if revision := data.get(AS_REVISION):
            self._check_revision(data, revision)
        before, after = self.initial.get("state"), data.get("state")
        if after in (PlanState.RUNNING, PlanState.ENDED):
            self._check_targets(PlanState(after))
        is_new = self.instance._state.adding
        if is_new or before == after or data.get("change_reason", "").strip():
            return data
        if after == PlanState.DRAFT:
            count = _values(self.instance).count()
            values = f"この計画の指標には、計画期間の実績値が{count}件あります。" if count else ""
            self.add_error(
                "change_reason",
                f"{values}状態を「作成中」に戻すと、企画担当のほかには、計画が見えなくなります。"
                "戻す場合は、変更の理由を入力してください。",
            )
        elif before == PlanState.ENDED:
            self.add_error(
                "change_reason",
                "終了した計画の状態を「実施中」に戻す場合は、変更の理由を入力してください。",
            )
        return data


def said_of_state(plan: Strategy) -> Iterator[tuple[int, str]]:
    """Yield messages, each with its level, about the new state of a plan."""
    if plan.state == PlanState.DRAFT:
        yield (
            messages.WARNING,
            f"「{plan}」は作成中です。企画担当のほかには見えず、実績値の入力も求めません。",
        )
        return
    if plan.state == PlanState.RUNNING:
        yield (
            messages.INFO,
            f"「{plan}」は実施中です。閲覧する権限のある全員に見え、計画期間の年度の入力を求めます。",
        )
        return
    yield (
        messages.INFO,
        f"「{plan}」を終了しました。画面と報告書は、これまでどおり見られます。",
    )
    period = (plan.first_fiscal_year, plan.last_fiscal_year)
    opened = FiscalYear.objects.filter(entry_is_open=True, year__range=period).order_by("year")
    if years := [era_label(year.pk) for year in opened]:
        yield (
            messages.WARNING,
            f"入力を受付中の年度があります：{'、'.join(years)}。この計画の指標も、引き続き入力を求めます。",
        )
    waiting = _values(plan).exclude(state=Actual.State.CONFIRMED).count()
    if waiting:
        yield (
            messages.WARNING,
            f"確認済みでない実績値が{waiting}件あります。確認するか、そのままにするか決めてください。",
        )


def _values(plan: Strategy) -> Any:
    """Return the values in the plan's years of the indicators that it lists."""
    return Actual.objects.filter(
        indicator__in=indicators_of_plan(plan),
        fiscal_year__in=list(plan.period),
    )
