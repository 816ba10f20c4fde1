"""The form of 計画の改訂, and what it refuses."""

from typing import Any

from goals.models import Strategy
from indicators.day_field import DayField
from indicators.meanwhile import NoticesSaves
from indicators.models import FiscalYear
from indicators.year_field import YearField
from japanese.fiscal_years import full_label


class RevisionForm(NoticesSaves):
    """A revision; it changes no year that is published."""

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
            first, last = full_label(plan.first_fiscal_year + 1), full_label(ends)
            self.add_error(
                "from_fiscal_year",
                f"適用する最初の年度「{full_label(year)}」は、改訂できる年度ではありません。{first}から"
                f"{last}まで（計画を延ばす改訂は、その次の年度まで）の年度を入力してください。"
                "計画の初めからの誤りは、登録の訂正で直します。",
            )
            return data
        self._check_published(year)
        self._check_order(plan, data.get("number"), year)
        return data

    def _check_published(self, year: int) -> None:
        before = self.initial.get("from_fiscal_year")
        if before is not None and year >= before:
            return
        published = FiscalYear.objects.filter(year__gte=year, published_on__isnull=False)
        if newest := published.order_by("-year").first():
            self.add_error(
                "from_fiscal_year",
                f"{full_label(newest.pk)}の結果は公表済みです。公表した年度の判定は変えられないため、"
                f"{full_label(newest.pk + 1)}以後から適用してください。",
            )

    def _check_order(self, plan: Strategy, number: int | None, year: int) -> None:
        """Refuse a number that stands against the order of the years."""
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
