"""The reading of a target: what must be reached, in which years; and the checks of a reading.

Standard library only. docs/progress.md has the rules that they protect.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

from indicators.rules.chosen_grades import ChosenGrade
from indicators.rules.terms import (
    KINDS_WITHOUT_NUMBER,
    PREVIOUS_YEAR,
    STANDARD_SCALE,
    WITH_REFERENCE,
    Direction,
    Kind,
    Relation,
    RestraintRule,
    Scale,
)
from japanese.fiscal_years import era_label, full_label
from japanese.numerals import needed_decimals, round_to, telling_decimals

KINDS_WITH_RANGE = (Kind.LEVEL, Kind.EVERY_YEAR)

# Kinds that may have 年度別目標値.
KINDS_WITH_YEARLY_TARGETS = (Kind.LEVEL, Kind.TOTAL, Kind.RESTRAINT)

A_SUM = "その年度末までの累計"
"""What the 年度別目標値 of a total is."""


@dataclass(frozen=True)
class Reference:
    """The indicator whose value of a year is the target of that year.

    ``is_own``: it is the indicator of the target itself, which ``check_target`` refuses.
    """

    name: str
    unit: str
    running_total: bool = False
    is_own: bool = False


@dataclass(frozen=True)
class TargetSpec:
    """The reading of the target of a listing.

    ``target``, ``baseline`` and ``tolerance`` are in the indicator's ``unit``. ``baseline`` must be
    measured: a projection does not start a path. ``tolerance`` is how much worse than the baseline
    a value may be without being 後退. ``decimals``, ``unit``, ``carry_years`` (for how many years a
    value may replace a missing one) and ``running_total`` (the actuals of a total are sums already)
    come from the indicator, as do ``shown_unit``, in which sentences write amounts, and
    ``shown_factor``, how many units it is. ``yearly_targets`` has the 年度別目標値 by year;
    years outside the plan are ignored. ``target_year`` is the year by which the target is to be
    reached, ``None`` if that is the last of the plan; it may be later than that. A 参考指標 and a
    記述目標 have no number: their ``target`` is 0 and means nothing. A range has both ``lower`` and
    ``upper``; ``target`` is its lower end until ``facing`` puts in the end that matters for a
    value.
    ``targets`` has, of an every-year target, the number of each year that is not ``target``; of
    one with a ``relation`` it has all of them. ``reference`` is the other indicator that some
    relations compare with. ``grades`` has, of a 記述目標, the grade of each year for which a person
    chose one.
    """

    kind: str
    direction: str
    target: Decimal
    baseline: Decimal | None = None
    tolerance: Decimal = Decimal(0)
    decimals: int = 0
    unit: str = ""
    carry_years: int = 0
    running_total: bool = False
    yearly_targets: Mapping[int, Decimal] = field(default_factory=dict, hash=False)
    target_year: int | None = None
    shown_unit: str = ""
    shown_factor: int = 1
    lower: Decimal | None = None
    upper: Decimal | None = None
    targets: Mapping[int, Decimal] = field(default_factory=dict, hash=False)
    relation: str = ""
    grades: Mapping[int, ChosenGrade] = field(default_factory=dict, hash=False)
    reference: Reference | None = None

    @property
    def compared_name(self) -> str:
        """What each year of a relative target is compared with: 前年度, 出生率（全国平均）."""
        return self.reference.name if self.reference else PREVIOUS_YEAR

    @property
    def is_relative(self) -> bool:
        """Whether each year is compared with another value, which ``targets`` has."""
        return bool(self.relation)

    @property
    def is_strict(self) -> bool:
        """Whether a value that equals the target does not meet it."""
        return self.is_relative and Relation(self.relation).is_strict

    def of_year(self, year: int) -> TargetSpec | None:
        """Return the target with its number for a year; None if a relative one has none."""
        if year in self.targets:
            return replace(self, target=self.targets[year])
        return None if self.is_relative else self

    @property
    def is_range(self) -> bool:
        """Whether the value should lie between two numbers."""
        return self.upper is not None

    def facing(self, value: Fraction | Decimal) -> TargetSpec:
        """Return the target as it concerns a value: of a range, the number in it that is nearest.

        A value inside is its own target: it meets it exactly, however far from the ends it is.
        """
        if self.lower is None or self.upper is None:
            return self
        nearest = min(max(Fraction(value), Fraction(self.lower)), Fraction(self.upper))
        side = Direction.DOWN if value > self.upper else Direction.UP
        return replace(self, target=with_decimals(nearest, self.decimals), direction=side)

    def is_met_by(self, value: Fraction | Decimal) -> bool:
        """Whether a value meets the target."""
        faced = self.facing(value)
        lead = faced.lead(value, faced.target)
        return lead > 0 if self.is_strict else lead >= 0

    def due(self, period: Period) -> int:
        """Return the year by which the target is to be reached (目標年度).

        The path ends there, and from it on the rules of the last year hold. A year before the plan
        is refused by ``check_target`` and counts as none.
        """
        if self.target_year is None or self.target_year < period.first:
            return period.last
        return self.target_year

    def counted_year(self, period: Period, year: int) -> int:
        """Return the year by whose value a year is judged if all values are known.

        A total ends in its target year: what came later no longer counts.
        """
        return min(year, self.due(period)) if self.kind == Kind.TOTAL else year

    @property
    def is_judged(self) -> bool:
        """Whether the kind has a rule: all but a 参考指標 and a 記述目標, which has no number."""
        return self.kind not in KINDS_WITHOUT_NUMBER

    @property
    def rule(self) -> str:
        """The kind whose rule applies.

        A level whose target equals its baseline is judged as every-year: each year must keep it. So
        is a level with a range, but what its earlier years missed does not matter.
        """
        if self.kind == Kind.LEVEL and self.is_range:
            return Kind.EVERY_YEAR
        if self.kind == Kind.LEVEL and self.baseline == self.target:
            return Kind.EVERY_YEAR
        return self.kind

    @property
    def start(self) -> Decimal | None:
        """The start of progress: the baseline of a level, 0 for a total, otherwise None."""
        if self.rule == Kind.TOTAL:
            return Decimal(0)
        return self.baseline if self.rule == Kind.LEVEL else None

    def path(self, period: Period, year: int) -> Decimal | Fraction | None:
        """Return the 目安値 of a year before rounding; ``None`` if there is none.

        A ``Decimal`` if it is given, a ``Fraction`` if it is computed.
        """
        if self.is_range:
            return None
        if self.rule == Kind.EVERY_YEAR:
            own = self.of_year(year)
            return None if own is None else own.target
        due = self.due(period)
        if year >= due:
            return self.target
        if year in self.yearly_targets:
            return self.yearly_targets[year]
        start = Decimal(0) if self.kind == Kind.TOTAL else self.baseline
        if self.kind == Kind.MILESTONE or start is None:
            return None
        elapsed = Fraction(period.ordinal(year), period.ordinal(due))
        return Fraction(start) + (Fraction(self.target) - Fraction(start)) * elapsed

    def lead(self, number: Fraction | Decimal, other: Fraction | Decimal) -> Fraction:
        """Return by how much a number is better than another; negative if it is worse."""
        difference = Fraction(number) - Fraction(other)
        return difference if self.direction == Direction.UP else -difference


@dataclass(frozen=True)
class Period:
    """The fiscal years of a plan, both ends included.

    Raises ``ValueError`` if the first is after the last.
    """

    first: int
    last: int

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise ValueError(
                f"計画の最初の年度（{self.first}）が、最後の年度（{self.last}）より後です。"
                "最初の年度は、最後の年度以前にしてください。"
            )

    def __contains__(self, fiscal_year: int) -> bool:
        return self.first <= fiscal_year <= self.last

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.first, self.last + 1))

    def ordinal(self, fiscal_year: int) -> int:
        """Return the number of a year, counted from 1 in the first year of the plan."""
        return fiscal_year - self.first + 1


@dataclass(frozen=True)
class Plan:
    """What the judgement needs of a strategy: its years, thresholds and words."""

    period: Period
    scale: Scale = STANDARD_SCALE

    def taken(self, target: TargetSpec) -> TargetSpec:
        """Return a target as the plan takes it: a restraint may count as 毎年度.

        Its baseline and 年度別目標値 then mean nothing.
        """
        if target.kind != Kind.RESTRAINT or self.scale.restraint != RestraintRule.EVERY_YEAR:
            return target
        return replace(target, kind=Kind.EVERY_YEAR, baseline=None, yearly_targets={})


def within(period: Period, by_year: Mapping[int, Decimal] | None) -> dict[int, Decimal]:
    """Return the values for years of the plan; an empty dict for None."""
    return {year: value for year, value in (by_year or {}).items() if year in period}


def with_decimals(number: Fraction | Decimal, decimals: int) -> Decimal:
    """Return a number with ``decimals`` decimals, or more if it needs them to be exact.

    The number must have a finite decimal expansion, as all typed numbers have; otherwise this does
    not terminate.
    """
    number = Fraction(number)
    places = decimals
    while (number * 10**places).denominator != 1:
        places += 1
    return Decimal(f"{int(number * 10**places)}E-{places}")


def target_amount(target: TargetSpec, number: Fraction | Decimal) -> str:
    """Return a number with the indicator's decimals, separators and unit (1,234人).

    Whole yen are written as people read them out: 12億9,000万円.
    """
    exact = with_decimals(number, target.decimals)
    if target.unit == "円" and exact == exact.to_integral_value():
        return f"{_in_ten_thousands(int(exact))}円"
    return f"{exact:,f}{target.unit}"


def shown_amount(target: TargetSpec, number: Fraction | Decimal) -> str:
    """Return a number as sentences write it: in the display unit if there is one (1.234千人).

    It has all its decimals, so that it is the number that tables show beside the sentence.
    """
    if target.shown_factor == 1:
        return target_amount(target, number)
    shown = with_decimals(Fraction(number) / target.shown_factor, 0)
    return f"{shown:,f}{target.shown_unit}"


def guide_decimals(target: TargetSpec, number: Decimal, value: Decimal | None) -> int:
    """Return the number of decimals with which a computed number is shown in the display unit.

    Without a display unit it has one decimal more than the values (1.442), unless that is a zero:
    120人, not 120.0人. In a display unit it has one decimal (2,142.9百万円), or as many as it takes
    to stand on its own side of the value, the target and the baseline, and not to become zero.
    """
    factor = target.shown_factor
    shown = number / factor
    if factor == 1:
        return max(target.decimals, needed_decimals(shown))
    others = (value, target.target, target.baseline)
    return telling_decimals(shown, [n / factor for n in others if n is not None])


def guide_amount(target: TargetSpec, number: Decimal, value: Decimal | None) -> str:
    """Return a computed number, such as 目安値, as sentences write it beside the ``value``."""
    if target.shown_factor == 1:
        return target_amount(target, number)
    places = guide_decimals(target, number, value)
    return f"{round_to(number / target.shown_factor, places):,f}{target.shown_unit}"


def target_in_words(target: TargetSpec) -> str:
    """Return the target with its unit; of a range both ends: 20件～30件."""
    ends = [target.target]
    if target.lower is not None and target.upper is not None:
        ends = [target.lower, target.upper]
    return "～".join(shown_amount(target, end) for end in ends)


def _in_ten_thousands(number: int) -> str:
    """Return an integer with 万, 億 and 兆: 12億9,000万."""
    sign, rest = ("-", -number) if number < 0 else ("", number)
    parts: list[str] = []
    for name in ("", "万", "億", "兆"):
        rest, part = divmod(rest, 10_000) if name != "兆" else (0, rest)
        if part:
            parts.insert(0, f"{part:,}{name}")
    return sign + ("".join(parts) or "0")


def check_target(target: TargetSpec, period: Period) -> list[tuple[str, str]]:
    """Return why a target cannot be judged, as pairs of field and Japanese message.

    Fields are ``kind``, ``direction``, ``target``, ``upper``, ``reference``, ``target_year`` and
    ``yearly_targets``.
    ``assess`` accepts the target if the list is empty.
    """
    faults = _unknown_terms(target)
    if faults or not target.is_judged:
        return faults
    faults = [
        *_faults_of_relation(target),
        *_faults_of_reference(target),
        *_faults_of_range(target),
        *_faults_of_total(target),
        *_faults_of_baseline(target),
        *_faults_of_target_year(target, period),
    ]
    yearly_targets = within(period, target.yearly_targets)
    if yearly_targets:
        faults += _faults_of_yearly_targets(target, period, yearly_targets)
    return faults


def _unknown_terms(target: TargetSpec) -> list[tuple[str, str]]:
    faults = []
    for name, label, value, terms in (
        ("kind", "種類", target.kind, Kind),
        ("direction", "改善の方向", target.direction, Direction),
    ):
        if value not in set(terms):
            known = "、".join(f"「{term.label}」" for term in terms)
            faults.append((name, f"{label}「{value}」はありません。{known}から選んでください。"))
    return faults


def _faults_of_relation(target: TargetSpec) -> Iterator[tuple[str, str]]:
    compared = "別の指標" if target.relation in WITH_REFERENCE else "前年度"
    if target.is_relative and target.kind != Kind.EVERY_YEAR:
        yield (
            "kind",
            f"{compared}の値と比べる目標の種類は、「{Kind.EVERY_YEAR.label}」です"
            f"（入力値：{Kind(target.kind).label}）。種類を選び直すか、「比べる値」を空欄にしてください。",
        )
    if target.is_relative and target.is_range:
        yield (
            "upper",
            f"{compared}の値と比べる目標は、範囲にできません。"
            "上限か「比べる値」を空欄にしてください。",
        )


def _faults_of_reference(target: TargetSpec) -> Iterator[tuple[str, str]]:
    reference = target.reference
    if reference is None:
        if target.relation in WITH_REFERENCE:
            yield (
                "reference",
                "比べる指標を選んでください。一覧になければ、先に「指標」で登録してください"
                "（全国平均、県平均なども、一つの指標として登録します）。",
            )
        return
    if target.relation not in WITH_REFERENCE:
        names = "、".join(f"「{one.label}」" for one in WITH_REFERENCE)
        yield (
            "reference",
            f"比べる指標（{reference.name}）は、「比べる値」が{names}の目標だけで選びます。"
            "「比べる値」を選び直すか、比べる指標を空欄にしてください。",
        )
    elif reference.is_own:
        yield (
            "reference",
            f"比べる指標に、この指標自身（{reference.name}）が選ばれています。"
            "全国平均など、別の指標を選んでください。",
        )
    elif reference.unit != target.unit:
        yield (
            "reference",
            f"比べる指標「{reference.name}」の単位（{reference.unit or 'なし'}）が、"
            f"この指標の単位（{target.unit or 'なし'}）と違うため、比べられません。"
            "単位の同じ指標を選んでください。",
        )
    elif reference.running_total:
        yield (
            "reference",
            f"比べる指標「{reference.name}」は累計で入力する指標のため、1年度ごとには比べられません。"
            "その年度だけの値を入力する指標を選んでください。",
        )


def _faults_of_range(target: TargetSpec) -> Iterator[tuple[str, str]]:
    if target.lower is None or target.upper is None:
        return
    if target.kind not in KINDS_WITH_RANGE:
        names = "、".join(f"「{kind.label}」" for kind in KINDS_WITH_RANGE)
        yield (
            "upper",
            f"種類が「{Kind(target.kind).label}」の目標は、範囲にできません。上限を空欄にするか、"
            f"種類で{names}のどちらかを選んでください。",
        )
    if target.upper <= target.lower:
        lower, upper = (target_amount(target, end) for end in (target.lower, target.upper))
        yield (
            "upper",
            f"目標値の上限（{upper}）が、目標値（下限、{lower}）より大きくありません。"
            "目標値に範囲の小さい方、上限に大きい方を入力してください。",
        )


def _faults_of_total(target: TargetSpec) -> Iterator[tuple[str, str]]:
    if target.kind != Kind.TOTAL:
        return
    up, down = Direction.UP.label, Direction.DOWN.label
    if target.direction != Direction.UP:
        yield (
            "direction",
            f"種類が「期間累計」の目標は、改善の方向を「{up}」にしてください（入力値：{down}）。"
            "減らす目標は、種類で「期末水準」を選んでください。",
        )
    if target.target <= 0:
        yield (
            "target",
            "種類が「期間累計」の目標値は、0より大きい値を入力してください"
            f"（入力値：{target_amount(target, target.target)}）。",
        )


def _faults_of_baseline(target: TargetSpec) -> Iterator[tuple[str, str]]:
    if target.baseline is None:
        return
    lead = target.lead(target.target, target.baseline)
    numbers = (
        f"目標値（{target_amount(target, target.target)}）が"
        f"基準値（{target_amount(target, target.baseline)}）より"
    )
    otherwise = "そうでなければ、目標値、基準値、改善の方向を確かめてください。"
    if target.kind == Kind.LEVEL and lead < 0:
        yield (
            "kind",
            f"種類「期末水準」では、{numbers}悪い値になっています。"
            f"悪化を抑える目標であれば、種類で「抑制」を選んでください。{otherwise}",
        )
    if target.kind == Kind.RESTRAINT and lead > 0:
        yield (
            "kind",
            f"種類「抑制」では、{numbers}良い値になっています。"
            f"改善する目標であれば、種類で「期末水準」を選んでください。{otherwise}",
        )


def _faults_of_target_year(target: TargetSpec, period: Period) -> Iterator[tuple[str, str]]:
    year = target.target_year
    if year is not None and year < period.first:
        yield (
            "target_year",
            f"目標年度は、計画の最初の年度（{full_label(period.first)}）以後の年度にするか、"
            f"空欄にしてください（入力値：{year}年度）。"
            "空欄にすると、計画の最後の年度が目標年度になります。",
        )


def _faults_of_yearly_targets(
    target: TargetSpec, period: Period, yearly_targets: Mapping[int, Decimal]
) -> Iterator[tuple[str, str]]:
    """Yield the faults of the yearly targets of years in the plan."""

    def fault(year: int, remedy: str) -> tuple[str, str]:
        typed = target_amount(target, yearly_targets[year])
        return (
            "yearly_targets",
            f"{era_label(year)}の年度別目標値は、{remedy}（入力値：{typed}）。",
        )

    if target.rule not in KINDS_WITH_YEARLY_TARGETS:
        yield fault(min(yearly_targets), f"{_why_no_yearly_targets(target)}。空欄にしてください")
        return
    highest = Decimal(0)
    for year, value in sorted(yearly_targets.items()):
        if remedy := _remedy_of_yearly_target(target, period, year, value, highest):
            yield fault(year, remedy)
        if value <= target.target:
            highest = max(highest, value)


def _why_no_yearly_targets(target: TargetSpec) -> str:
    if target.is_range:
        return "範囲の目標では使いません"
    if target.kind == target.rule:
        return f"種類が「{Kind(target.kind).label}」の目標では使いません"
    return "目標値が基準値と同じで、毎年度の値を目標値と比べるため使いません"


def _remedy_of_yearly_target(
    target: TargetSpec, period: Period, year: int, value: Decimal, highest: Decimal
) -> str:
    """Return what to do about a faulty yearly target; "" for a sound one.

    `highest` is the highest of the sound ones before it, 0 before the first.
    """
    due = target.due(period)
    if year > due:
        return f"目標年度（{era_label(due)}）より後のため使いません。空欄にしてください"
    if year == due and value != target.target:
        due_name = "最終年度" if due == period.last else "目標年度"
        goal = target_amount(target, target.target)
        return f"{due_name}のため、目標値と同じ{goal}にするか、空欄にしてください"
    if target.kind == Kind.TOTAL:
        return _remedy_of_sum(target, value, highest)
    if target.kind == Kind.RESTRAINT and target.lead(value, target.target) < 0:
        side = "以上" if target.direction == Direction.UP else "以下"
        return f"目標値{target_amount(target, target.target)}{side}の値を入力してください"
    return ""


def _remedy_of_sum(target: TargetSpec, value: Decimal, highest: Decimal) -> str:
    if value < 0:
        return f"{A_SUM}として、0以上の値を入力してください"
    if value < highest:
        most = f"それより前の年度（{target_amount(target, highest)}）以上の値"
        return f"その年度だけの数ではなく、{A_SUM}として、{most}を入力してください"
    if value > target.target:
        goal = target_amount(target, target.target)
        return f"{A_SUM}として、目標値{goal}以下の値を入力してください"
    return ""


def years_that_add_nothing(target: TargetSpec, period: Period) -> list[int]:
    """Return the years whose 年度別目標値 of a total is the sum of the year before it.

    They may be meant so, but they may also be numbers of single years: ask. A sum of 0 and one that
    has reached the target say nothing.
    """
    if target.kind != Kind.TOTAL:
        return []
    sums = within(period, target.yearly_targets)
    return [
        year
        for year, value in sorted(sums.items())
        if 0 < value < target.target and sums.get(year - 1) == value
    ]
