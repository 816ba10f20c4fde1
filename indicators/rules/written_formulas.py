"""The figures of a judgement as formulas with numbers, to be checked by hand.

Standard library only. `judgement` judges; this module writes its figures out, so that calculating
by hand gives the same result. The caller formats the numbers, with all decimals and ▲ for minus.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from indicators.rules.cases import rounded
from indicators.rules.judgement import Assessment
from indicators.rules.narrowing_types import given
from indicators.rules.targets import Period, TargetSpec, within
from indicators.rules.terms import FIGURES, Direction, JudgedBy, Kind, Status
from japanese.fiscal_years import era_label

Write = Callable[[Decimal, int], str]
"""Formats a number with at least the given decimals, and more if it needs them."""


@dataclass(frozen=True)
class WrittenFormula:
    """A formula: ``name`` = ``words`` = ``numbers`` = ``result``; ``note`` explains oddities.

    ``is_figure`` is True for percentages; amounts have a result without unit. ``decides`` marks the
    figure that decided the status. ``numbers`` is "" if there is nothing to calculate.
    """

    name: str
    words: str
    numbers: str
    result: str
    note: str = ""
    is_figure: bool = False
    decides: bool = False


def written_formulas(
    target: TargetSpec,
    actuals: Mapping[int, Decimal],
    period: Period,
    assessment: Assessment,
    write: Write,
) -> list[WrittenFormula]:
    """Return the formulas of an assessment, the deciding figure first.

    Then the sum and the expected value that it uses, then the other figures. ``target`` must be as
    the plan takes it (``Plan.taken``), ``actuals`` those of the assessment. Empty if there are no
    figures.
    """
    terms = _Terms(target, period, assessment, write)
    figures = [figure for name in FIGURES if (figure := terms.figure(name))]
    deciding = [figure for figure in figures if figure.decides]
    if assessment.judged_by == JudgedBy.COMPARISON:
        deciding = [terms.comparison()]
    parts = [*terms.sum(within(period, actuals)), *terms.expected()]
    return [*deciding, *parts, *(figure for figure in figures if not figure.decides)]


def compared_with(target: TargetSpec, assessment: Assessment) -> str:
    """Return the name of the number that the value was compared with if no figure decided."""
    if target.is_range:
        return "目標の範囲"
    if target.is_relative:
        return f"{target.compared_name}の値"
    if assessment.status == Status.WORSENED:
        return "基準値"
    on_the_way = (Status.ON_TRACK, Status.SLIGHTLY_BEHIND, Status.BEHIND)
    lost = target.kind == Kind.RESTRAINT and assessment.status == Status.BEHIND
    if (
        assessment.status in on_the_way
        and not lost
        and assessment.expected not in (None, target.target)
    ):
        return "目安値"
    return "目標値"


class _Terms:
    """Writes the numbers of an assessment into formulas."""

    def __init__(
        self, target: TargetSpec, period: Period, assessment: Assessment, write: Write
    ) -> None:
        self.target = assessment.case.target if assessment.case else target
        self.period = period
        self.found = assessment
        self.write = write
        self.year = assessment.as_of
        self.takes_share = bool(assessment.case and assessment.case.takes_share)
        self.value_name = "累計" if target.kind == Kind.TOTAL else "実績値"

    def figure(self, name: JudgedBy) -> WrittenFormula | None:
        """Return the formula of 達成率, 進捗率 or 計画比; None if there is no such figure."""
        result = getattr(self.found, name)
        if result is None or (name == JudgedBy.PACE and self.target.rule == Kind.EVERY_YEAR):
            # 計画比 of an every-year target is the same as its 達成率.
            return None
        if name == JudgedBy.ATTAINMENT:
            goal = compared_with(self.target, self.found) if self.target.is_relative else "目標値"
            words, numbers = self._share_of(goal)
        elif name == JudgedBy.PACE and self.takes_share:
            words, numbers = self._share_of("目安値")
        else:
            goal = "目安値" if name == JudgedBy.PACE else "目標値"
            words, numbers = self._part_of_the_way_to(goal)
        return WrittenFormula(
            name=name.label,
            words=words,
            numbers=numbers,
            result=f"{result:,f}".replace("-", "▲") + "％",
            note=self._cap_note(name, result),
            is_figure=True,
            decides=self.found.judged_by == name,
        )

    def _share_of(self, name: str) -> tuple[str, str]:
        value, goal = given(self.found.value), self._number(name)
        if self.target.is_range:
            if self.target.is_met_by(value):
                return f"{self.value_name}が目標の範囲の中にあるため", ""
            name = "目標の下限" if self.target.direction == Direction.UP else "目標の上限"
        if value == goal == 0:
            return f"{name}、{self.value_name}とも0", ""
        if self.target.direction == Direction.UP:
            return f"{self.value_name}÷{name}", f"{self._first(value)}÷{self._next(goal)}"
        return f"{name}÷{self.value_name}", f"{self._first(goal)}÷{self._next(value)}"

    def _part_of_the_way_to(self, name: str) -> tuple[str, str]:
        value, goal = self._first(given(self.found.value)), self._named(name)
        if self.target.rule == Kind.TOTAL:
            return f"{self.value_name}÷{name}", f"{value}÷{_behind_a_sign(goal)}"
        baseline = self._next(given(self.target.baseline))
        return (
            f"（{self.value_name}−基準値）÷（{name}−基準値）",
            f"（{value}−{baseline}）÷（{goal}−{baseline}）",
        )

    def _cap_note(self, name: JudgedBy, result: Decimal) -> str:
        """Return why a figure is 99.9 although it rounds to 100.0; "" for other figures."""
        if result != Decimal("99.9"):
            return ""
        exact = self._ratio(name)
        if rounded(exact * 100, 1) == 100:
            return "四捨五入すると100.0％になりますが、届いていないため99.9％とします。"
        return ""

    def _ratio(self, name: JudgedBy) -> Fraction:
        value, goal = Fraction(given(self.found.value)), Fraction(self.target.target)
        if name == JudgedBy.PACE:
            goal = Fraction(given(self.found.expected))
        if name == JudgedBy.ATTAINMENT or (name == JudgedBy.PACE and self.takes_share):
            return value / goal if self.target.direction == Direction.UP else goal / value
        start = Fraction(given(self.target.start))
        return (value - start) / (goal - start)

    def sum(self, actuals: Mapping[int, Decimal]) -> Iterator[WrittenFormula]:
        """Yield the formula of the sum of a total."""
        if self.target.kind != Kind.TOTAL or self.found.value is None:
            return
        if self.target.running_total:
            words = f"{era_label(self.year)}の実績値（前年度までの分を含む値で入力）"
            yield WrittenFormula("累計", words, "", self._first(self.found.value))
            return
        years = [year for year in sorted(actuals) if year <= self.year]
        first, *others = (actuals[year] for year in years)
        numbers = self._first(first) + "".join(f"＋{self._next(number)}" for number in others)
        last = f"から{era_label(years[-1])}まで" if others else ""
        yield WrittenFormula(
            "累計",
            f"{era_label(years[0])}{last}の実績値の合計",
            numbers if others else "",
            self._first(self.found.value),
        )

    def expected(self) -> Iterator[WrittenFormula]:
        """Yield the formula of 目安値, except for every-year targets, where it is the target."""
        if self.found.expected is None or self.target.rule == Kind.EVERY_YEAR:
            return
        words, numbers = self._path()
        note = ""
        if numbers and self.target.path(self.period, self.year) != self.found.expected:
            note = f"小数第{self.target.decimals + 2}位を四捨五入しています。"
            if self.target.unit == "円":
                note = "円の小数第2位を四捨五入しています。"
        yield WrittenFormula("目安値", words, numbers, self._named("目安値"), note)

    def _path(self) -> tuple[str, str]:
        due = self.target.due(self.period)
        if self.year > due:
            return "目標年度を過ぎたため、目標値", ""
        if self.year == due:
            return f"{'最終' if due == self.period.last else '目標'}年度のため、目標値", ""
        if self.year in self.target.yearly_targets:
            return f"{era_label(self.year)}の年度別目標値", ""
        share = f"×{self.period.ordinal(self.year)}÷{self.period.ordinal(due)}"
        years = "計画" if due == self.period.last else "目標年度まで"
        words = f"×経過年数÷{years}の年数"
        if self.target.kind == Kind.TOTAL:
            return f"目標値{words}", f"{self._first(self.target.target)}{share}"
        baseline, goal = given(self.target.baseline), self._first(self.target.target)
        return (
            f"基準値＋（目標値−基準値）{words}",
            f"{self._first(baseline)}＋（{goal}−{self._next(baseline)}）{share}",
        )

    def comparison(self) -> WrittenFormula:
        """Return the comparison that decided, with its result."""
        if self.target.is_range:
            return self._comparison_with_range()
        name = compared_with(self.target, self.found)
        value, number = given(self.found.value), self._number(name)
        lead = self.target.lead(value, number)
        sign = "＝" if not lead else "＞" if value > number else "＜"
        words = f"{self.value_name}と{name}を比べる"
        tolerance = self.target.tolerance if name == "基準値" else Decimal(0)
        other = _behind_a_sign(self._named(name))
        if tolerance:
            words += "（許容幅を超えて悪いか）"
            side = "−" if self.target.direction == Direction.UP else "＋"
            other += f"{side}{self._next(tolerance)}"
        return WrittenFormula(
            name="比較",
            words=words,
            numbers=f"{self._first(value)}{sign}{other}",
            result=f"{name}{'を満たす' if self.target.is_met_by(value) else 'を満たさない'}"
            if name != "基準値"
            else "基準値より悪い",
            decides=True,
        )

    def _comparison_with_range(self) -> WrittenFormula:
        value = given(self.found.value)
        lower, upper = given(self.target.lower), given(self.target.upper)
        pairs = ((lower, value), (value, upper))
        signs = ["＜" if a < b else "＝" if a == b else "＞" for a, b in pairs]
        numbers = f"{self._first(lower)}{signs[0]}{self._next(value)}{signs[1]}{self._next(upper)}"
        return WrittenFormula(
            name="比較",
            words="下限、実績値、上限を比べる",
            numbers=numbers,
            result="目標の範囲内" if self.target.is_met_by(value) else "目標の範囲外",
            decides=True,
        )

    def _number(self, name: str) -> Decimal:
        numbers = {
            "基準値": self.target.baseline,
            "目安値": self.found.expected,
            "目標値": self.target.target,
        }
        if self.target.is_relative:
            numbers[f"{self.target.compared_name}の値"] = self.target.target
        return given(numbers[name])

    def _named(self, name: str) -> str:
        return self._first(self._number(name))

    def _first(self, number: Decimal) -> str:
        return self.write(number, self.target.decimals)

    def _next(self, number: Decimal) -> str:
        return _behind_a_sign(self._first(number))


def _behind_a_sign(text: str) -> str:
    """Return a number as written after an operator: a negative one in brackets."""
    return f"（{text}）" if text.startswith("▲") else text
