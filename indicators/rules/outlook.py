"""見込み: what the year of the target brings if the trend of a listing continues.

Standard library only. It is an extrapolation of the reported values and never a judgement:
`judgement` does not know it. A level continues with its mean yearly step since its first value in
the plan, a total with the mean of its years so far; the other kinds have none. Everything is exact
(``Fraction``); the result is rounded once, as 目安値 is, and only then compared with the target.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from indicators.rules.cases import rounded
from indicators.rules.explanations import explain_no_outlook, explain_outlook
from indicators.rules.targets import Period, Plan, TargetSpec, within
from indicators.rules.terms import Kind, Term

LEAST_VALUES = 2
"""A single value has no trend."""

TOO_FEW_VALUES = "実績値が2年度分そろっていない"


class OutlookState(Term):
    """What an outlook says.

    ``OVER`` from the year on in which the target is due, and for a 参考指標.
    """

    MET = "met", "達成見込み"
    MISSED = "missed", "届かない見込み"
    UNKNOWN = "unknown", "見込みは出せません"
    OVER = "over", "－"


LOOKING_AHEAD = (OutlookState.MET, OutlookState.MISSED, OutlookState.UNKNOWN)
"""The states before the year of the target, which are counted and can be asked for."""


class Bounds(NamedTuple):
    """The smallest and the largest value that the indicator allows; None for no limit."""

    minimum: Decimal | None = None
    maximum: Decimal | None = None


NO_BOUNDS = Bounds()


@dataclass(frozen=True)
class Outlook:
    """The outlook as of a fiscal year, from the values up to that year.

    ``value`` is in the indicator's unit with one decimal more than the indicator has (for a total
    the sum by ``due_year``), ``computed`` the same before it was kept within what can be entered,
    ``basis_year`` the year of the newest value; they are None unless the
    state is ``MET`` or ``MISSED``. ``explanation`` is a Japanese sentence or two.
    """

    state: OutlookState
    due_year: int
    explanation: str
    value: Decimal | None = None
    computed: Decimal | None = None
    basis_year: int | None = None

    @property
    def meets_target(self) -> bool:
        """Whether the target will be met."""
        return self.state == OutlookState.MET


def withheld_outlook(outlook: Outlook) -> Outlook:
    """Return what the public sees of an outlook that would reveal a 秘匿 value."""
    if outlook.state == OutlookState.OVER:
        return outlook
    explanation = "公表しない値（秘匿）を含むため、見込みも公表しません。"
    return Outlook(OutlookState.UNKNOWN, outlook.due_year, explanation)


def look_ahead(
    target: TargetSpec,
    actuals: Mapping[int, Decimal],
    plan: Plan,
    fiscal_year: int,
    bounds: Bounds = NO_BOUNDS,
) -> Outlook:
    """Return the outlook of a listing as of a fiscal year.

    ``actuals`` has the values by fiscal year; those outside the plan and after ``fiscal_year`` are
    ignored. A level does not leave ``bounds``, which are meant for the value of a year: there is no
    −20 people. The target must have passed ``check_target``.
    """
    target = plan.taken(target)
    due = target.due(plan.period)
    if not target.is_judged:
        return Outlook(OutlookState.OVER, due, "")
    if fiscal_year >= due or target.rule not in (Kind.LEVEL, Kind.TOTAL):
        reason = f"{'範囲' if target.is_range else Kind(target.rule).label}の目標の"
        return no_outlook(target, plan.period, fiscal_year, reason)
    known = {
        year: value
        for year, value in sorted(within(plan.period, actuals).items())
        if year <= fiscal_year
    }
    if len(known) < LEAST_VALUES:
        return no_outlook(target, plan.period, fiscal_year, TOO_FEW_VALUES)
    basis = max(known)
    if target.rule == Kind.TOTAL:
        result = rounded(_total(target, known, plan.period), target.decimals + 1)
        value = result
    else:
        result = rounded(_level(known, due), target.decimals + 1)
        value = _bounded(result, bounds)
    state = OutlookState.MET if target.lead(value, target.target) >= 0 else OutlookState.MISSED
    gaps = [year for year in range(plan.period.first, basis) if year not in known]
    return Outlook(
        state=state,
        due_year=due,
        value=value,
        computed=result,
        basis_year=basis,
        explanation=explain_outlook(
            target,
            due,
            value,
            computed=result,
            gaps=gaps if target.kind == Kind.TOTAL and not target.running_total else [],
        ),
    )


def no_outlook(target: TargetSpec, period: Period, fiscal_year: int, reason: str) -> Outlook:
    """Return an outlook without a value.

    Before the year of the target it says why; ``reason`` is Japanese and precedes ため. It does not
    look at the target, so it accepts one that ``check_target`` refuses.
    """
    due = target.due(period)
    if fiscal_year >= due:
        return Outlook(OutlookState.OVER, due, "")
    return Outlook(OutlookState.UNKNOWN, due, explain_no_outlook(reason))


def _level(known: Mapping[int, Decimal], due: int) -> Fraction:
    """Return the newest value plus the mean yearly step for each year that is left."""
    first, newest = min(known), max(known)
    step = (Fraction(known[newest]) - Fraction(known[first])) / (newest - first)
    return Fraction(known[newest]) + step * (due - newest)


def _total(target: TargetSpec, known: Mapping[int, Decimal], period: Period) -> Fraction:
    """Return the sum so far plus the mean of its years for each year that is left.

    A running total has gone up since the first year of the plan, whether all years have a value or
    not. Otherwise a year without a value counts neither in the sum nor in the mean.
    """
    newest = max(known)
    left = target.due(period) - newest
    if target.running_total:
        so_far, years = Fraction(known[newest]), period.ordinal(newest)
    else:
        so_far, years = sum(map(Fraction, known.values()), Fraction(0)), len(known)
    return so_far + so_far / years * left


def _bounded(value: Decimal, bounds: Bounds) -> Decimal:
    """Return the value, or the limit that it would pass, with the decimals of the value."""
    limit = value
    if bounds.minimum is not None:
        limit = max(limit, bounds.minimum)
    if bounds.maximum is not None:
        limit = min(limit, bounds.maximum)
    return value if limit == value else limit.quantize(value)
