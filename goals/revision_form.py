"""The form of 計画の改訂, and what it refuses."""

from typing import Any

from goals.models import Strategy
from indicators.closed_years import published_years
from indicators.example_texts import NUMBER_HELP
from indicators.rules.targets import Period
from indicators.typed_fields import DayField, YearField
from japanese.fiscal_years import full_label
from trail.tracked_admin import ReasonForm


class RevisionForm(ReasonForm):
    """A revision; it changes no year that is published."""

    class Meta:
        help_texts = {"document_number": NUMBER_HELP}

    decided_on = DayField(label="決定した日", help_text="例：2017-03-24、平成29年3月24日")
    from_fiscal_year = YearField(
        label="適用する最初の年度",
        help_text="この年度から後の実績を、改訂した内容で判定します。例：令和10年度、R10、2028",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        plan, year = data.get("strategy"), data.get("from_fiscal_year")
        if plan is None and not self.instance._state.adding:
            plan = self.instance.strategy
        if plan is None or year is None:
            return data
        ends = self.instance.previous_last_fiscal_year or plan.last_fiscal_year
        if not plan.first_fiscal_year < year <= ends + 1:
            self.add_error(
                "from_fiscal_year", _not_a_year_of(Period(plan.first_fiscal_year, ends), year)
            )
            return data
        self._check_published(year)
        self._check_order(plan, data.get("number"), year)
        return data

    def _check_published(self, year: int) -> None:
        before = self.initial.get("from_fiscal_year")
        if before is not None and year >= before:
            return
        if published := published_years(year):
            self.add_error(
                "from_fiscal_year",
                f"{full_label(published[-1])}の結果は公表済みです。公表した年度の判定は変えられない"
                f"ため、{full_label(published[-1] + 1)}以後から適用してください。",
            )

    def _check_order(self, plan: Strategy, number: int | None, year: int) -> None:
        """Refuse a number that contradicts the order of the years."""
        if number is None:
            return
        for other in plan.revisions.exclude(pk=self.instance.pk):
            # The plan of a stored revision is not in the form, so the constraints are not checked.
            if not self.instance._state.adding and other.number == number:
                self.add_error("number", f"改訂の回数「{number}」は、{other.label}と同じです。")
            if not self.instance._state.adding and other.from_fiscal_year == year:
                self.add_error(
                    "from_fiscal_year", f"{full_label(year)}からの改訂は、もう登録してあります。"
                )
            stands_alone = other.number != number and other.from_fiscal_year != year
            if stands_alone and (other.number < number) != (other.from_fiscal_year < year):
                self.add_error(
                    "number",
                    f"改訂の回数「{number}」は、{other.label}と順が合いません。"
                    "適用する年度の順に数えてください。",
                )
                return


def _not_a_year_of(period: Period, year: int) -> str:
    """Return the message that no revision of a plan of this period can apply from a year."""
    first, last = period.first + 1, period.last
    extending = "計画を延ばす改訂は、その次の年度"
    if first > last:
        years = f"1年度だけの計画のため、計画を延ばす改訂だけができます。{full_label(first)}"
    elif first == last:
        years = f"{full_label(first)}（{extending}も可）"
    else:
        years = f"{full_label(first)}から{full_label(last)}まで（{extending}まで）の年度"
    return (
        f"適用する最初の年度「{full_label(year)}」は、改訂できる年度ではありません。"
        f"{years}を入力してください。計画の初めからの誤りは、登録の訂正で直します。"
    )
