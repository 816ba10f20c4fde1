"""Progress of a listing: the rules that judge one value of one fiscal year.

Standard library only, frozen dataclasses in and out. Calculations are exact (``Fraction``). Two
kinds of number are rounded, once and half away from zero, before they are compared, so that the
numbers shown are the numbers judged:

- a figure (達成率, 進捗率, 計画比), in percent, to 0.1, but never up to 100.0 and never to −0.0;
- the expected value (目安値), to one place more than the indicator has.

The rules are those of docs/progress.md. In its tables the first matching row
decides; each row is one ``if`` of a ``_judge_…`` function, in the same order. ``Scale`` has what a
plan may choose otherwise.
``indicators.rules.explanations`` explains the result in words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

from indicators.rules.cases import Case, Verdict, rounded
from indicators.rules.chosen_grades import NOT_OFFERED, PERSONAL, offered_grades
from indicators.rules.explanations import (
    explain,
    explain_absence,
    explain_grade,
    explain_ungraded,
    explain_unjudged,
    explain_unjudged_absence,
)
from indicators.rules.narrowing_types import given
from indicators.rules.targets import Period, Plan, TargetSpec, check_target, with_decimals, within
from indicators.rules.terms import (
    EARLIER_MISS,
    MONITORED,
    NO_BASELINE,
    NO_GRADE,
    NO_REFERENCE,
    NOT_REPORTED,
    READING_NOT_CONFIRMED,
    WITHHELD_LABEL,
    WITHHELD_REASON,
    WITHHELD_WORD,
    Band,
    JudgedBy,
    Kind,
    LateValues,
    LevelFigure,
    Missing,
    RestraintRule,
    Scale,
    Status,
    status_label,
)
from japanese.fiscal_years import era_label


@dataclass(frozen=True)
class Assessment:
    """The judgement of a listing in a fiscal year.

    ``basis_year`` is the year whose value was judged (an earlier one if the value is carried),
    ``None`` without a value; ``as_of`` is the year as of which it was judged.
    ``value`` (for a total the sum so far) and ``expected`` (目安値, one
    more decimal) are in the indicator's unit; ``attainment``, ``completion`` and ``pace`` are
    percentages with one decimal. ``judged_by`` is the figure that decided, if any. ``status`` is
    one of ``STATUSES``; ``label`` is its text on pages, with ``note`` in brackets; ``explanation``
    is a Japanese sentence to be read out. ``case`` is ``None`` if nothing was judged.
    """

    fiscal_year: int
    basis_year: int | None
    value: Decimal | None
    expected: Decimal | None
    attainment: Decimal | None
    completion: Decimal | None
    pace: Decimal | None
    judged_by: JudgedBy | None
    status: Status
    explanation: str
    label: str = ""
    note: str = ""
    case: Case | None = field(default=None, repr=False, compare=False)

    @property
    def is_chosen(self) -> bool:
        """Whether a person chose the status."""
        return self.note in (PERSONAL, NOT_OFFERED)

    @property
    def as_of(self) -> int:
        if self.case is not None:
            return self.case.year
        return self.basis_year or self.fiscal_year


def assess(
    target: TargetSpec,
    actuals: Mapping[int, Decimal],
    plan: Plan,
    fiscal_year: int,
    missing: Mapping[int, str] | None = None,
) -> Assessment:
    """Judge a listing in a fiscal year.

    ``actuals`` has the values by fiscal year (for a total the yearly ones, unless they are running
    totals), ``missing`` the reasons (``Missing``) for years without a value; a year in neither is
    未入力. Years outside the plan are ignored.

    Raises ``ValueError`` for a ``fiscal_year`` outside the plan, for an unknown reason, and if
    ``check_target`` finds a problem.
    """
    period, scale = plan.period, plan.scale
    if target.kind == Kind.MONITOR:
        return not_judged(target, actuals, plan, fiscal_year, missing, MONITORED)
    if target.kind == Kind.DESCRIBED:
        return _as_chosen(target, actuals, plan, fiscal_year, missing)
    target = plan.taken(target)
    _refuse_outside(period, fiscal_year)
    _refuse_faults(target, period)
    actuals = within(period, actuals)
    absences = _absences(period, actuals, missing)

    counted = target.counted_year(period, fiscal_year)
    year = _basis_year(target, actuals, counted, missing)
    if year is None:
        return _without_value(target, plan, fiscal_year, absences[counted])

    case = _case(target, actuals, absences, plan, counted, year)
    if case is None:
        return not_judged(target, actuals, plan, fiscal_year, missing, NO_REFERENCE)
    return _assessed(case, scale, fiscal_year, year, absences.get(fiscal_year, ""))


def _case(
    target: TargetSpec,
    actuals: Mapping[int, Decimal],
    absences: Mapping[int, str],
    plan: Plan,
    counted: int,
    year: int,
) -> Case | None:
    """Return what is judged; None if the value that it is compared with is missing.

    ``counted`` is the year that was asked about, ``year`` the one whose value is judged.
    """
    as_of = counted if plan.scale.late_values == LateValues.ASKED_YEAR else year
    value = _value(target, actuals, year)
    own = target.of_year(as_of)
    if own is None:
        return None
    return Case(
        target=own.facing(value),
        period=plan.period,
        year=as_of,
        value=value,
        expected=_expected(target, plan.period, as_of),
        uncounted=_uncounted(target, absences, year),
        misses=_earlier_misses(target, actuals, year),
        older_year=year if year != as_of else None,
        by_share=plan.scale.level_figure == LevelFigure.SHARE,
    )


def _assessed(
    case: Case, scale: Scale, fiscal_year: int, basis_year: int, absence: str
) -> Assessment:
    """Judge a case; ``absence`` says why the fiscal year itself has no value, "" if it has one."""
    verdict, target = _judge(case, scale), case.target
    return Assessment(
        fiscal_year=fiscal_year,
        basis_year=basis_year,
        value=with_decimals(case.value, target.decimals),
        expected=case.expected,
        attainment=case.attainment,
        completion=case.completion,
        pace=case.pace,
        judged_by=verdict.judged_by,
        status=verdict.status,
        explanation=explain(case, verdict, scale, fiscal_year, absence),
        label=status_label(
            verdict.status,
            kind=target.kind,
            direction=target.direction,
            note=verdict.note,
            scale=scale,
        ),
        note=verdict.note,
        case=case,
    )


def not_judged(
    target: TargetSpec,
    actuals: Mapping[int, Decimal],
    plan: Plan,
    fiscal_year: int,
    missing: Mapping[int, str] | None = None,
    reason: str = READING_NOT_CONFIRMED,
) -> Assessment:
    """Return an assessment with the value (for a total the sum) but without a judgement.

    For a 参考指標 and for a listing whose reading is not confirmed. Ignores target and path, so it
    accepts a spec that ``check_target`` refuses. The status is ``no_judgement`` with ``reason``
    (Japanese, shown in the label), with or without a value.

    Raises ``ValueError`` for a year outside the plan and for an unknown reason in ``missing``.
    """
    _refuse_outside(plan.period, fiscal_year)
    actuals = within(plan.period, actuals)
    absences = _absences(plan.period, actuals, missing)
    verdict = Verdict(Status.NO_JUDGEMENT, None, reason)
    counted = target.counted_year(plan.period, fiscal_year)
    if counted in absences:
        why = (counted, absences[counted], reason)
        explanation = explain_unjudged_absence(target, *why, plan.scale)
        return _open_assessment(fiscal_year, None, verdict, explanation, plan.scale)
    value = with_decimals(_value(target, actuals, counted), target.decimals)
    uncounted = _uncounted(target, absences, counted)
    explanation = explain_unjudged(target, counted, value, uncounted, reason, plan.scale)
    found = _open_assessment(fiscal_year, None, verdict, explanation, plan.scale)
    return replace(found, value=value, basis_year=counted)


def withheld_judgement(fiscal_year: int, expected: Decimal | None, scale: Scale) -> Assessment:
    """Return what the public sees of a judgement that would reveal a 秘匿 value."""
    verdict = Verdict(Status.NO_JUDGEMENT, None, WITHHELD_WORD)
    found = _open_assessment(fiscal_year, expected, verdict, WITHHELD_REASON, scale)
    return replace(found, label=WITHHELD_LABEL)


def expected_values(target: TargetSpec, period: Period) -> dict[int, Decimal | None]:
    """Return the 目安値 of every year of the plan, in order; ``None`` for years without one.

    The values are in the indicator's unit, with one more decimal than the indicator has. Raises
    ``ValueError`` if ``check_target`` finds a problem.
    """
    _refuse_faults(target, period)
    if not target.is_judged:
        return dict.fromkeys(period)
    return {year: _expected(target, period, year) for year in period}


def _refuse_faults(target: TargetSpec, period: Period) -> None:
    faults = check_target(target, period)
    if faults:
        raise ValueError("".join(message for _, message in faults))


def _refuse_outside(period: Period, fiscal_year: int) -> None:
    if fiscal_year not in period:
        raise ValueError(
            f"{era_label(fiscal_year)}は計画期間の外です。"
            f"{era_label(period.first)}から{era_label(period.last)}までの年度を指定してください。"
        )


# Values and their absence


def _absences(
    period: Period, actuals: Mapping[int, Decimal], missing: Mapping[int, str] | None
) -> dict[int, str]:
    """Return the years of the plan without a value, in order, with the Japanese reason."""
    reasons = missing or {}
    return {
        year: Missing(reasons[year]).label if year in reasons else NOT_REPORTED
        for year in period
        if year not in actuals
    }


def _basis_year(
    target: TargetSpec,
    actuals: Mapping[int, Decimal],
    fiscal_year: int,
    missing: Mapping[int, str] | None,
) -> int | None:
    """Return the year whose value is judged: the given one or, if a value is carried, an earlier.

    Carries a value only if the year has a reason for its absence: for 未入力 the section still has
    to answer. Never carries in a total, which would count the value twice, nor where
    each year is compared with another value.
    """
    if fiscal_year in actuals:
        return fiscal_year
    if target.kind == Kind.TOTAL or target.is_relative or fiscal_year not in (missing or {}):
        return None
    return stand_in_year(target, actuals, fiscal_year)


def stand_in_year(target: TargetSpec, actuals: Iterable[int], fiscal_year: int) -> int | None:
    """Return the newest earlier year in ``actuals`` that ``carry_years`` allows; None if none."""
    oldest = fiscal_year - target.carry_years
    return max((year for year in actuals if oldest <= year < fiscal_year), default=None)


def _value(target: TargetSpec, actuals: Mapping[int, Decimal], year: int) -> Fraction:
    """Return the value of a year that has one; for a total the sum up to that year."""
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
    if target.rule != Kind.EVERY_YEAR or (target.is_range and target.kind == Kind.LEVEL):
        return ()
    return tuple(
        earlier
        for earlier in sorted(actuals)
        if earlier < year
        and (own := target.of_year(earlier)) is not None
        and not own.is_met_by(actuals[earlier])
    )


def _expected(target: TargetSpec, period: Period, year: int) -> Decimal | None:
    """Return the 目安値 of a year, rounded; ``None`` if there is none."""
    path = target.path(period, year)
    return None if path is None else rounded(Fraction(path), target.decimals + 1)


# Rules: in each function the first match decides


def _judge(case: Case, scale: Scale) -> Verdict:
    rule = _judge_when_due if case.is_due else RULES[case.target.rule]
    verdict = rule(case, scale)
    if verdict.status.band == Band.GOOD and scale.far_above is not None:
        figure, judged_by = far_figure(case, scale)
        if figure is not None and figure >= scale.far_above:
            return Verdict(Status.FAR_ABOVE, judged_by, verdict.note)
    return verdict


def far_figure(case: Case, scale: Scale) -> tuple[Decimal | None, JudgedBy]:
    """Return the figure, with its name, that may show a value far above: the one that judges.

    A milestone and a restraint have none: a restraint starts far above its target.
    """
    rule = case.target.rule
    if rule in (Kind.MILESTONE, Kind.RESTRAINT):
        return None, JudgedBy.COMPARISON
    if case.is_due:
        return last_year_figure(case, scale)
    if rule == Kind.TOTAL or follows_path(case):
        judged_by = path_figure(case, scale)
        return getattr(case, judged_by), judged_by
    return case.attainment, JudgedBy.ATTAINMENT


def _judge_total(case: Case, scale: Scale) -> Verdict:
    if case.meets_target:  # also before the last year: a sum cannot decrease
        return Verdict(Status.ACHIEVED, JudgedBy.COMPLETION)
    return judge_by_path(case, scale)


def _judge_level(case: Case, scale: Scale) -> Verdict:
    if case.meets_target:
        return Verdict(Status.AT_TARGET, JudgedBy.COMPARISON)
    if scale.worsened_first and case.has_worsened and not case.meets_expected:
        return Verdict(Status.WORSENED, JudgedBy.COMPARISON)
    if follows_path(case):
        return judge_by_path(case, scale)
    if case.meets_expected:
        return Verdict(Status.ON_TRACK, JudgedBy.COMPARISON)
    if case.attainment is None:
        return Verdict(Status.NO_JUDGEMENT, None, NO_BASELINE)
    return judge_by_attainment(case, scale)


def _judge_every_year(case: Case, scale: Scale) -> Verdict:
    if case.meets_target:
        return Verdict(Status.ON_TRACK, JudgedBy.COMPARISON)
    if case.attainment is None:
        return Verdict(Status.BEHIND, JudgedBy.COMPARISON)
    return judge_by_attainment(case, scale)


def _judge_milestone(case: Case, scale: Scale) -> Verdict:
    status = Status.AT_TARGET if case.meets_target else Status.NOT_REALISED
    return Verdict(status, JudgedBy.COMPARISON)


def _judge_restraint(case: Case, scale: Scale) -> Verdict:
    if scale.restraint == RestraintRule.ATTAINMENT:
        if case.meets_target:
            return Verdict(Status.AT_TARGET, JudgedBy.COMPARISON)
        if case.attainment is None:
            return Verdict(Status.BEHIND, JudgedBy.COMPARISON)
        return judge_by_attainment(case, scale)
    if not case.meets_target:
        return Verdict(Status.BEHIND, JudgedBy.COMPARISON)
    if case.expected is None:
        return Verdict(Status.AT_TARGET, JudgedBy.COMPARISON)
    status = Status.ON_TRACK if case.meets_expected else Status.SLIGHTLY_BEHIND
    return Verdict(status, JudgedBy.COMPARISON)


def judge_by_path(case: Case, scale: Scale) -> Verdict:
    """Judge by the figure of the plan or, if there is none, by 目安値 itself.

    計画比 needs a path to the better side or, as 実績値÷目安値, positive numbers.
    """
    judged_by = path_figure(case, scale)
    figure: Decimal | None = getattr(case, judged_by)
    if figure is None:
        status = Status.ON_TRACK if case.meets_expected else Status.BEHIND
        return Verdict(status, JudgedBy.COMPARISON)
    if figure >= scale.on_track:
        return Verdict(Status.ON_TRACK, judged_by)
    return Verdict(grade(figure, scale), judged_by)


def follows_path(case: Case) -> bool:
    """Whether a level is judged by its progress: from its baseline or to its 目安値."""
    return case.target.start is not None or case.takes_share


def path_figure(case: Case, scale: Scale) -> JudgedBy:
    """Return the name of the figure that judges a total or a level before the last year."""
    if case.target.rule == Kind.LEVEL and scale.level_figure == LevelFigure.COMPLETION:
        return JudgedBy.COMPLETION
    return JudgedBy.PACE


def judge_by_attainment(case: Case, scale: Scale) -> Verdict:
    """Judge a missed target by 達成率, which must exist."""
    attainment = given(case.attainment)
    if scale.attainment_on_track and attainment >= scale.on_track:
        return Verdict(Status.ON_TRACK, JudgedBy.ATTAINMENT)
    return Verdict(grade(attainment, scale), JudgedBy.ATTAINMENT)


def grade(figure: Decimal, scale: Scale) -> Status:
    """Return the status below 順調 for a figure in percent."""
    if figure >= scale.mostly_on_track:
        return Status.MOSTLY_ON_TRACK
    if figure >= scale.slightly_behind:
        return Status.SLIGHTLY_BEHIND
    return Status.BEHIND


def _judge_when_due(case: Case, scale: Scale) -> Verdict:
    if case.meets_target:
        judged_by = JudgedBy.COMPLETION if case.target.rule == Kind.TOTAL else JudgedBy.COMPARISON
        return Verdict(Status.ACHIEVED, judged_by, EARLIER_MISS if case.misses else "")
    if scale.worsened_first and case.has_worsened:
        return Verdict(Status.WORSENED, JudgedBy.COMPARISON)
    figure, judged_by = last_year_figure(case, scale)
    if figure is None:
        return Verdict(Status.NOT_ACHIEVED, judged_by)
    if figure >= scale.achieved and not case.only_equals:
        return Verdict(Status.ACHIEVED, judged_by, EARLIER_MISS if case.misses else "")
    if figure >= scale.mostly_achieved_from:
        return Verdict(Status.MOSTLY_ACHIEVED, judged_by)
    if scale.partly_achieved is not None and figure >= scale.partly_achieved:
        return Verdict(Status.PARTLY_ACHIEVED, judged_by)
    return Verdict(Status.NOT_ACHIEVED, judged_by)


def last_year_figure(case: Case, scale: Scale) -> tuple[Decimal | None, JudgedBy]:
    """Return the figure, with its name, that grades a missed target in the last year."""
    if case.target.start is not None and not case.takes_share:
        return case.completion, JudgedBy.COMPLETION
    by_attainment = case.target.rule in (Kind.EVERY_YEAR, Kind.LEVEL) or (
        case.target.rule == Kind.RESTRAINT and scale.restraint == RestraintRule.ATTAINMENT
    )
    if by_attainment and case.attainment is not None:
        return case.attainment, JudgedBy.ATTAINMENT
    return None, JudgedBy.COMPARISON


RULES: Mapping[str, Callable[[Case, Scale], Verdict]] = {
    Kind.LEVEL: _judge_level,
    Kind.TOTAL: _judge_total,
    Kind.EVERY_YEAR: _judge_every_year,
    Kind.MILESTONE: _judge_milestone,
    Kind.RESTRAINT: _judge_restraint,
}


# The grade that a person chose


def _as_chosen(
    target: TargetSpec,
    actuals: Mapping[int, Decimal],
    plan: Plan,
    fiscal_year: int,
    missing: Mapping[int, str] | None,
) -> Assessment:
    """Return the grade of a 記述目標. No grade stands in for that of another year."""
    _refuse_outside(plan.period, fiscal_year)
    grade = target.grades.get(fiscal_year)
    if grade is not None:
        is_due = fiscal_year >= target.due(plan.period)
        is_offered = grade.status in offered_grades(plan.scale, is_due=is_due)
        note = PERSONAL if is_offered else NOT_OFFERED
        verdict = Verdict(Status(grade.status), None, note)
        explanation = explain_grade(fiscal_year, grade, plan.scale, note)
        return _open_assessment(fiscal_year, None, verdict, explanation, plan.scale)
    if fiscal_year in actuals:
        found = not_judged(target, actuals, plan, fiscal_year, missing, NO_GRADE)
        return replace(found, value=None, basis_year=None)  # the number judges nothing
    absence = _absences(plan.period, actuals, missing)[fiscal_year]
    verdict = _absent(absence)
    explanation = explain_ungraded(fiscal_year, absence, plan.scale)
    return _open_assessment(fiscal_year, None, verdict, explanation, plan.scale)


# Assessments without a judgement


def _without_value(target: TargetSpec, plan: Plan, fiscal_year: int, absence: str) -> Assessment:
    verdict = _absent(absence)
    explanation = explain_absence(target, plan, fiscal_year, verdict)
    expected = _expected(target, plan.period, fiscal_year)
    return _open_assessment(fiscal_year, expected, verdict, explanation, plan.scale)


def _absent(absence: str) -> Verdict:
    """Return 未入力, or 判定なし with the Japanese reason why there is no value."""
    if absence == NOT_REPORTED:
        return Verdict(Status.NOT_REPORTED, None)
    return Verdict(Status.NO_JUDGEMENT, None, absence)


def _open_assessment(
    fiscal_year: int,
    expected: Decimal | None,
    verdict: Verdict,
    explanation: str,
    scale: Scale,
) -> Assessment:
    return Assessment(
        fiscal_year=fiscal_year,
        basis_year=None,
        value=None,
        expected=expected,
        attainment=None,
        completion=None,
        pace=None,
        judged_by=None,
        status=verdict.status,
        explanation=explanation,
        label=status_label(verdict.status, note=verdict.note, scale=scale),
        note=verdict.note,
    )
