"""Progress of a listing: the rules by which one value of one fiscal year is judged.

Standard library only, frozen dataclasses in and out. Inside everything is exact (``Fraction``).
Two kinds of number are rounded, once and half away from zero, and compared only after that, so
that what is shown is what was judged:

- a figure (達成率, 進捗率, 計画比), in percent, to 0.1, but never up to 100.0 and never to −0.0;
- the expected value (目安値), to one place more than the indicator has.

The rules are those of the design, section 5, Progress. Its tables are read from the top, the
first row that fits decides; a row is one ``if`` of a ``_judge_…`` function, in the same order.
The words for what is decided are in ``indicators.explanations``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from indicators.explanations import (
    DIRECTION_NAMES,
    EARLIER_MISS,
    KIND_NAMES,
    MISSING_NAMES,
    NO_BASELINE,
    NOT_REPORTED,
    READING_NOT_CONFIRMED,
    Band,
    Direction,
    JudgedBy,
    Kind,
    Missing,
    Status,
    amount,
    band_of,
    explain,
    explain_absence,
    explain_unjudged,
    mark_of,
    shown,
    status_label,
)
from indicators.fiscal_years import era_label

__all__ = [
    "BANDS",
    "READING_NOT_CONFIRMED",
    "STATUSES",
    "Assessment",
    "Band",
    "Direction",
    "JudgedBy",
    "Kind",
    "Missing",
    "Period",
    "Scale",
    "Status",
    "TargetSpec",
    "assess",
    "band_of",
    "check_target",
    "expected_values",
    "mark_of",
    "not_judged",
    "status_label",
]

STATUSES = tuple(status.value for status in Status)
BANDS = tuple(band.value for band in Band)

# Kinds whose path to the target may be typed in year by year.
KINDS_WITH_YEARLY_TARGETS = (Kind.LEVEL, Kind.TOTAL, Kind.RESTRAINT)


@dataclass(frozen=True)
class TargetSpec:
    """How the target of a listing is read.

    ``target``, ``baseline`` and ``tolerance`` are in the indicator's ``unit``. ``baseline`` is
    given only where it was measured: a projection starts no path. ``tolerance`` is how much worse
    than the baseline a value may be without being called 後退. ``decimals``, ``unit``,
    ``carry_years`` (for how many years a value may stand in for a missing one) and
    ``running_total`` (the actuals of a total are sums already) are those of the indicator.
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

    @property
    def rule(self) -> str:
        """The kind by whose rule values are judged.

        A level that is to stay at its baseline has no way to go: each year has to keep it.
        """
        if self.kind == Kind.LEVEL and self.baseline == self.target:
            return Kind.EVERY_YEAR
        return self.kind

    def lead(self, number: Fraction | Decimal, other: Fraction | Decimal) -> Fraction:
        """Return by how much a number is better than another; negative where it is worse."""
        difference = Fraction(number) - Fraction(other)
        return difference if self.direction == Direction.UP else -difference


@dataclass(frozen=True)
class Period:
    """The fiscal years of a plan, both ends included.

    Raise ``ValueError`` where the first comes after the last.
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
        """Return which year of the plan this is; the first is 1."""
        return fiscal_year - self.first + 1

    def elapsed(self, fiscal_year: int) -> Fraction:
        """Return the part of the plan that is over at the end of the year: t of N years."""
        return Fraction(self.ordinal(fiscal_year), self.ordinal(self.last))


@dataclass(frozen=True)
class Scale:
    """The thresholds of a strategy in percent, and its own words and marks.

    ``labels`` has words by status, ``marks`` signs by band; both only where they differ from the
    standard.
    """

    on_track: Decimal | int = 100
    mostly_on_track: Decimal | int = 80
    slightly_behind: Decimal | int = 50
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)
    marks: Mapping[str, str] = field(default_factory=dict, hash=False)


STANDARD_SCALE = Scale()


@dataclass(frozen=True)
class Assessment:
    """What is known and said of one listing in one fiscal year.

    ``basis_year`` is the year whose value was judged (an earlier one where a value is carried),
    ``None`` without a value. ``value`` (of a total the sum so far) and ``expected`` (目安値, one
    place more) are in the indicator's unit; ``attainment``, ``completion`` and ``pace`` are
    percentages with one place. ``judged_by`` names the figure that decided, if any. ``status``
    is one of ``STATUSES``; ``label`` is the status as it is shown, ``explanation`` a Japanese
    sentence to be read out.
    """

    fiscal_year: int
    basis_year: int | None
    value: Decimal | None
    expected: Decimal | None
    attainment: Decimal | None
    completion: Decimal | None
    pace: Decimal | None
    judged_by: str | None
    status: str
    explanation: str
    label: str = ""


class Verdict(NamedTuple):
    """A status, the figure that decided it, and what the label adds in brackets."""

    status: Status
    judged_by: JudgedBy | None
    note: str = ""


@dataclass(frozen=True)
class Case:
    """One value of one year beside what it is held against: all that rules and sentences see.

    ``value`` (of a total the sum so far) and ``expected`` are in the indicator's unit, the latter
    rounded. ``uncounted`` has the years that a total lacks, with the word for the reason;
    ``misses`` the earlier years in which an every-year target was missed.
    """

    target: TargetSpec
    period: Period
    year: int
    value: Fraction
    expected: Fraction | None
    expected_is_typed: bool = False
    uncounted: Mapping[int, str] = field(default_factory=dict)
    misses: tuple[int, ...] = ()

    @property
    def is_last_year(self) -> bool:
        return self.year == self.period.last

    @cached_property
    def start(self) -> Fraction | None:
        """From where progress is counted: a level's baseline, 0 for a total, else nowhere."""
        if self.target.rule == Kind.TOTAL:
            return Fraction(0)
        if self.target.rule == Kind.LEVEL and self.target.baseline is not None:
            return Fraction(self.target.baseline)
        return None

    @property
    def meets_target(self) -> bool:
        return self.target.lead(self.value, self.target.target) >= 0

    @property
    def meets_expected(self) -> bool:
        return self.expected is not None and self.target.lead(self.value, self.expected) >= 0

    @property
    def has_worsened(self) -> bool:
        """Whether a level is worse than its baseline by more than the tolerance."""
        if self.target.rule != Kind.LEVEL or self.start is None:
            return False
        return self.target.lead(self.value, self.start) < -Fraction(self.target.tolerance)

    @cached_property
    def attainment(self) -> Decimal | None:
        """達成率 in percent: v / T, for down T / v; ``None`` where that says nothing."""
        value, target = self.value, Fraction(self.target.target)
        if value < 0 or target < 0:
            return None
        if self.target.direction == Direction.UP:
            return _percentage(value / target) if target else None
        if value == target == 0:
            return _percentage(Fraction(1))
        return _percentage(target / value) if value and target else None

    @cached_property
    def completion(self) -> Decimal | None:
        """進捗率 in percent: how much of the way from the start to the target is done."""
        return self._part_of_the_way_to(Fraction(self.target.target))

    @cached_property
    def pace(self) -> Decimal | None:
        """計画比 in percent: how much of what should be done by now is done."""
        if self.target.rule == Kind.EVERY_YEAR:
            return self.attainment
        return self._part_of_the_way_to(self.expected)

    def _part_of_the_way_to(self, goal: Fraction | None) -> Decimal | None:
        if self.start is None or goal is None:
            return None
        way = self.target.lead(goal, self.start)
        # A goal that is not on the better side of the start is no way to go.
        return _percentage(self.target.lead(self.value, self.start) / way) if way > 0 else None


def assess(
    target: TargetSpec,
    actuals: Mapping[int, Decimal],
    period: Period,
    fiscal_year: int,
    scale: Scale = STANDARD_SCALE,
    yearly_targets: Mapping[int, Decimal] | None = None,
    missing: Mapping[int, str] | None = None,
) -> Assessment:
    """Return how a listing stands in a fiscal year.

    ``actuals`` has the values by fiscal year (of a total the yearly ones, unless they are running
    totals), ``yearly_targets`` the 年度別目標値 that were typed in, ``missing`` the reason
    (``Missing``) of a year without a value; a year in neither is 未入力. Years outside the plan
    never count, in any of the three.

    Raise ``ValueError`` for a year outside the plan, for an unknown reason, and for whatever
    ``check_target`` finds.
    """
    _refuse_outside(period, fiscal_year)
    _refuse_faults(target, period, yearly_targets)
    actuals = _within(period, actuals)
    yearly_targets = _within(period, yearly_targets)
    absences = _absences(period, actuals, missing)

    year = _basis_year(target, actuals, fiscal_year, missing)
    if year is None:
        expected = _expected(target, period, fiscal_year, yearly_targets)
        return _without_value(target, fiscal_year, expected, absences[fiscal_year], scale)

    case = Case(
        target=target,
        period=period,
        year=year,
        value=_value(target, actuals, year),
        expected=_expected(target, period, year, yearly_targets),
        expected_is_typed=year in yearly_targets,
        uncounted=_uncounted(target, absences, year),
        misses=_earlier_misses(target, actuals, year),
    )
    verdict = _judge(case, scale)
    return Assessment(
        fiscal_year=fiscal_year,
        basis_year=year,
        value=shown(case.value, target.decimals),
        expected=_shown_expected(target, case.expected),
        attainment=case.attainment,
        completion=case.completion,
        pace=case.pace,
        judged_by=verdict.judged_by,
        status=verdict.status,
        explanation=explain(case, verdict, scale, fiscal_year, absences.get(fiscal_year, "")),
        label=status_label(
            verdict.status,
            kind=target.kind,
            direction=target.direction,
            note=verdict.note,
            scale=scale,
        ),
    )


def not_judged(
    target: TargetSpec,
    actuals: Mapping[int, Decimal],
    period: Period,
    fiscal_year: int,
    scale: Scale = STANDARD_SCALE,
    missing: Mapping[int, str] | None = None,
    reason: str = READING_NOT_CONFIRMED,
) -> Assessment:
    """Return an assessment that shows the value (of a total the sum) and judges nothing.

    For a listing whose reading nobody has confirmed: neither target nor path is looked at, so
    that a spec which ``check_target`` refuses is accepted. The status is ``no_judgement`` with
    ``reason`` (Japanese, as it stands in the label), whether the year has a value or not.

    Raise ``ValueError`` for a year outside the plan and for an unknown reason in ``missing``.
    """
    _refuse_outside(period, fiscal_year)
    actuals = _within(period, actuals)
    absences = _absences(period, actuals, missing)
    value = None
    if fiscal_year in actuals:
        value = shown(_value(target, actuals, fiscal_year), target.decimals)
    explanation = explain_unjudged(
        target,
        fiscal_year,
        value=value,
        absence=absences.get(fiscal_year, ""),
        uncounted=_uncounted(target, absences, fiscal_year),
        reason=reason,
        scale=scale,
    )
    verdict = Verdict(Status.NO_JUDGEMENT, None, reason)
    return _open_assessment(fiscal_year, value, None, verdict, explanation, scale)


def expected_values(
    target: TargetSpec, period: Period, yearly_targets: Mapping[int, Decimal] | None = None
) -> dict[int, Decimal | None]:
    """Return 目安値 for every year of the plan, in order, ``None`` where there is none.

    The values are in the indicator's unit, with one place more than the indicator has. Raise
    ``ValueError`` for whatever ``check_target`` finds.
    """
    _refuse_faults(target, period, yearly_targets)
    yearly_targets = _within(period, yearly_targets)
    return {
        year: _shown_expected(target, _expected(target, period, year, yearly_targets))
        for year in period
    }


def check_target(
    target: TargetSpec, period: Period, yearly_targets: Mapping[int, Decimal] | None = None
) -> list[tuple[str, str]]:
    """Return what makes a target impossible to judge, as pairs of field and Japanese message.

    Fields are ``kind``, ``direction``, ``target`` and ``yearly_targets``; an empty list means
    that ``assess`` takes the target. Yearly targets outside the plan are not looked at.
    """
    faults = _unknown_terms(target)
    if faults:
        return faults
    faults = [*_faults_of_total(target), *_faults_of_baseline(target)]
    yearly_targets = _within(period, yearly_targets)
    if yearly_targets:
        faults += _faults_of_yearly_targets(target, period, yearly_targets)
    return faults


# Faults


def _unknown_terms(target: TargetSpec) -> list[tuple[str, str]]:
    faults = []
    for name, label, value, names in (
        ("kind", "種類", target.kind, KIND_NAMES),
        ("direction", "改善の方向", target.direction, DIRECTION_NAMES),
    ):
        if value not in names:
            known = "、".join(f"「{name}」" for name in names.values())
            faults.append((name, f"{label}「{value}」はありません。{known}から選んでください。"))
    return faults


def _faults_of_total(target: TargetSpec) -> Iterator[tuple[str, str]]:
    if target.kind != Kind.TOTAL:
        return
    up, down = DIRECTION_NAMES[Direction.UP], DIRECTION_NAMES[Direction.DOWN]
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
            f"（入力値：{amount(target, target.target)}）。",
        )


def _faults_of_baseline(target: TargetSpec) -> Iterator[tuple[str, str]]:
    if target.baseline is None:
        return
    lead = target.lead(target.target, target.baseline)
    numbers = (
        f"目標値（{amount(target, target.target)}）が"
        f"基準値（{amount(target, target.baseline)}）より"
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


def _faults_of_yearly_targets(
    target: TargetSpec, period: Period, yearly_targets: Mapping[int, Decimal]
) -> Iterator[tuple[str, str]]:
    """Yield the faults of the yearly targets of years in the plan."""

    def fault(year: int, remedy: str) -> tuple[str, str]:
        typed = amount(target, yearly_targets[year])
        return (
            "yearly_targets",
            f"{era_label(year)}の年度別目標値は、{remedy}（入力値：{typed}）。",
        )

    if target.rule not in KINDS_WITH_YEARLY_TARGETS:
        reason = (
            f"種類が「{KIND_NAMES[target.kind]}」の目標では使いません"
            if target.kind == target.rule
            else "目標値が基準値と同じで、毎年度の値を目標値と比べるため使いません"
        )
        yield fault(min(yearly_targets), f"{reason}。空欄にしてください")
        return
    goal = amount(target, target.target)
    for year, value in sorted(yearly_targets.items()):
        if year == period.last and value != target.target:
            yield fault(year, f"最終年度のため、目標値と同じ{goal}にするか、空欄にしてください")
        elif target.kind == Kind.TOTAL and value < 0:
            yield fault(year, "その年度末までの累計として、0以上の値を入力してください")
        elif target.kind == Kind.RESTRAINT and target.lead(value, target.target) < 0:
            side = "以上" if target.direction == Direction.UP else "以下"
            yield fault(year, f"目標値{goal}{side}の値を入力してください")


def _refuse_faults(
    target: TargetSpec, period: Period, yearly_targets: Mapping[int, Decimal] | None
) -> None:
    faults = check_target(target, period, yearly_targets)
    if faults:
        raise ValueError("".join(message for _, message in faults))


def _refuse_outside(period: Period, fiscal_year: int) -> None:
    if fiscal_year not in period:
        raise ValueError(
            f"{era_label(fiscal_year)}は計画期間の外です。"
            f"{era_label(period.first)}から{era_label(period.last)}までの年度を指定してください。"
        )


# What a year has


def _within(period: Period, by_year: Mapping[int, Decimal] | None) -> dict[int, Decimal]:
    return {year: value for year, value in (by_year or {}).items() if year in period}


def _absences(
    period: Period, actuals: Mapping[int, Decimal], missing: Mapping[int, str] | None
) -> dict[int, str]:
    """Return the years of the plan without a value, in order, with the word for the reason."""
    reasons = missing or {}
    return {
        year: MISSING_NAMES[Missing(reasons[year])] if year in reasons else NOT_REPORTED
        for year in period
        if year not in actuals
    }


def _basis_year(
    target: TargetSpec,
    actuals: Mapping[int, Decimal],
    fiscal_year: int,
    missing: Mapping[int, str] | None,
) -> int | None:
    """Return the year whose value is judged: the asked one or, carried, an earlier one.

    Only a year that has a reason is filled in; 未入力 is a question to the section, and a total
    would count the carried value twice.
    """
    if fiscal_year in actuals:
        return fiscal_year
    if target.kind == Kind.TOTAL or fiscal_year not in (missing or {}):
        return None
    oldest = fiscal_year - target.carry_years
    return max((year for year in actuals if oldest <= year < fiscal_year), default=None)


def _value(target: TargetSpec, actuals: Mapping[int, Decimal], year: int) -> Fraction:
    """Return the value of a year that has one: of a total the sum up to that year."""
    if target.kind == Kind.TOTAL and not target.running_total:
        return sum((Fraction(actuals[y]) for y in actuals if y <= year), Fraction(0))
    return Fraction(actuals[year])


def _uncounted(target: TargetSpec, absences: Mapping[int, str], year: int) -> dict[int, str]:
    if target.kind != Kind.TOTAL or target.running_total:
        return {}
    return {absent: reason for absent, reason in absences.items() if absent <= year}


def _earlier_misses(
    target: TargetSpec, actuals: Mapping[int, Decimal], year: int
) -> tuple[int, ...]:
    if target.rule != Kind.EVERY_YEAR:
        return ()
    return tuple(
        earlier
        for earlier in sorted(actuals)
        if earlier < year and target.lead(actuals[earlier], target.target) < 0
    )


def _expected(
    target: TargetSpec, period: Period, year: int, yearly_targets: Mapping[int, Decimal]
) -> Fraction | None:
    """Return 目安値 of a year, rounded; ``None`` where nothing says what to expect."""
    goal, elapsed = Fraction(target.target), period.elapsed(year)
    if year == period.last or target.rule == Kind.EVERY_YEAR:
        expected = goal
    elif year in yearly_targets:
        expected = Fraction(yearly_targets[year])
    elif target.kind == Kind.TOTAL:
        expected = goal * elapsed
    elif target.kind in (Kind.LEVEL, Kind.RESTRAINT) and target.baseline is not None:
        baseline = Fraction(target.baseline)
        expected = baseline + (goal - baseline) * elapsed
    else:
        return None
    return Fraction(_rounded(expected, target.decimals + 1))


def _shown_expected(target: TargetSpec, expected: Fraction | None) -> Decimal | None:
    return None if expected is None else _rounded(expected, target.decimals + 1)


# Rounding


def _percentage(ratio: Fraction) -> Decimal:
    """Return a ratio in percent with one place; what is below 100 is never shown as 100.0."""
    figure = _rounded(ratio * 100, 1)
    return Decimal("99.9") if ratio < 1 and figure == 100 else figure


def _rounded(number: Fraction, places: int) -> Decimal:
    """Return a number with so many places, rounded half away from zero, never −0."""
    units = math.floor(abs(number) * 10**places + Fraction(1, 2))
    return Decimal(f"{-units if number < 0 else units}E-{places}")


# Rules: of each function the first row that fits


def _judge(case: Case, scale: Scale) -> Verdict:
    if case.is_last_year:
        return _judge_last_year(case, scale)
    return RULES[case.target.rule](case, scale)


def _judge_total(case: Case, scale: Scale) -> Verdict:
    if case.meets_target:  # before the last year, too: a sum can no longer be lost
        return Verdict(Status.ACHIEVED, JudgedBy.COMPLETION)
    return _judge_by_path(case, scale)


def _judge_level(case: Case, scale: Scale) -> Verdict:
    if case.meets_target:
        return Verdict(Status.AT_TARGET, JudgedBy.COMPARISON)
    if case.has_worsened and not case.meets_expected:
        return Verdict(Status.WORSENED, JudgedBy.COMPARISON)
    if case.start is not None:
        return _judge_by_path(case, scale)
    if case.meets_expected:
        return Verdict(Status.ON_TRACK, JudgedBy.COMPARISON)
    if case.attainment is None:
        return Verdict(Status.NO_JUDGEMENT, None, NO_BASELINE)
    return _judge_by_attainment(case, scale)


def _judge_every_year(case: Case, scale: Scale) -> Verdict:
    if case.meets_target:
        return Verdict(Status.ON_TRACK, JudgedBy.COMPARISON)
    if case.attainment is None:
        return Verdict(Status.BEHIND, JudgedBy.COMPARISON)
    return _judge_by_attainment(case, scale)


def _judge_milestone(case: Case, scale: Scale) -> Verdict:
    status = Status.AT_TARGET if case.meets_target else Status.NOT_REALISED
    return Verdict(status, JudgedBy.COMPARISON)


def _judge_restraint(case: Case, scale: Scale) -> Verdict:
    if not case.meets_target:
        return Verdict(Status.BEHIND, JudgedBy.COMPARISON)
    if case.expected is None:
        return Verdict(Status.AT_TARGET, JudgedBy.COMPARISON)
    status = Status.ON_TRACK if case.meets_expected else Status.SLIGHTLY_BEHIND
    return Verdict(status, JudgedBy.COMPARISON)


def _judge_by_path(case: Case, scale: Scale) -> Verdict:
    """Judge by the pace or, where the path does not lead to the better side, by 目安値 itself."""
    if case.pace is None:
        status = Status.ON_TRACK if case.meets_expected else Status.BEHIND
        return Verdict(status, JudgedBy.COMPARISON)
    if case.pace >= scale.on_track:
        return Verdict(Status.ON_TRACK, JudgedBy.PACE)
    return Verdict(_grade(case.pace, scale), JudgedBy.PACE)


def _judge_by_attainment(case: Case, scale: Scale) -> Verdict:
    return Verdict(_grade(case.attainment, scale), JudgedBy.ATTAINMENT)


def _grade(figure: Decimal, scale: Scale) -> Status:
    if figure >= scale.mostly_on_track:
        return Status.MOSTLY_ON_TRACK
    if figure >= scale.slightly_behind:
        return Status.SLIGHTLY_BEHIND
    return Status.BEHIND


def _judge_last_year(case: Case, scale: Scale) -> Verdict:
    if case.meets_target:
        judged_by = JudgedBy.COMPLETION if case.target.rule == Kind.TOTAL else JudgedBy.COMPARISON
        return Verdict(Status.ACHIEVED, judged_by, EARLIER_MISS if case.misses else "")
    if case.has_worsened:
        return Verdict(Status.WORSENED, JudgedBy.COMPARISON)
    figure, judged_by = _last_year_figure(case)
    if figure is not None and figure >= scale.mostly_on_track:
        return Verdict(Status.MOSTLY_ACHIEVED, judged_by)
    return Verdict(Status.NOT_ACHIEVED, judged_by)


def _last_year_figure(case: Case) -> tuple[Decimal | None, JudgedBy]:
    if case.start is not None:
        return case.completion, JudgedBy.COMPLETION
    if case.target.rule in (Kind.EVERY_YEAR, Kind.LEVEL) and case.attainment is not None:
        return case.attainment, JudgedBy.ATTAINMENT
    return None, JudgedBy.COMPARISON


RULES: Mapping[str, Callable[[Case, Scale], Verdict]] = {
    Kind.LEVEL: _judge_level,
    Kind.TOTAL: _judge_total,
    Kind.EVERY_YEAR: _judge_every_year,
    Kind.MILESTONE: _judge_milestone,
    Kind.RESTRAINT: _judge_restraint,
}


# Assessments without a judgement


def _without_value(
    target: TargetSpec, fiscal_year: int, expected: Fraction | None, absence: str, scale: Scale
) -> Assessment:
    if absence == NOT_REPORTED:
        verdict = Verdict(Status.NOT_REPORTED, None)
    else:
        verdict = Verdict(Status.NO_JUDGEMENT, None, absence)
    explanation = explain_absence(target, fiscal_year, verdict, scale)
    expected_shown = _shown_expected(target, expected)
    return _open_assessment(fiscal_year, None, expected_shown, verdict, explanation, scale)


def _open_assessment(
    fiscal_year: int,
    value: Decimal | None,
    expected: Decimal | None,
    verdict: Verdict,
    explanation: str,
    scale: Scale,
) -> Assessment:
    return Assessment(
        fiscal_year=fiscal_year,
        basis_year=None if value is None else fiscal_year,
        value=value,
        expected=expected,
        attainment=None,
        completion=None,
        pace=None,
        judged_by=None,
        status=verdict.status,
        explanation=explanation,
        label=status_label(verdict.status, note=verdict.note, scale=scale),
    )
