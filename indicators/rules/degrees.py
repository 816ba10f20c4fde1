"""The degree to which a target is reached: one scale for targets of different units.

0 % is the start of progress and 100 % the target. Standard library only. Nothing is computed here
that ``indicators.rules.cases`` does not compute.
"""

from decimal import Decimal
from fractions import Fraction

from indicators.rules.cases import Case
from indicators.rules.judgement import Assessment
from indicators.rules.targets import Period, TargetSpec
from indicators.rules.terms import JudgedBy, Kind

WITHOUT_DEGREE = (Kind.MILESTONE, Kind.RESTRAINT)
"""Kinds with a rule but without a scale: 未実現 is not 0 %, and a restraint starts above 100 %."""


def degree_figure(target: TargetSpec) -> JudgedBy | None:
    """Return the figure that is the degree of a target; ``None`` where there is no such scale.

    進捗率 where there is a start, else 達成率.
    """
    if not target.is_judged or target.rule in WITHOUT_DEGREE:
        return None
    return JudgedBy.ATTAINMENT if target.start is None else JudgedBy.COMPLETION


def degree(judged: Assessment, figure: JudgedBy) -> Decimal | None:
    """Return that figure of an assessment, in percent; ``None`` if it has none."""
    return judged.completion if figure == JudgedBy.COMPLETION else judged.attainment


def expected_degree(
    target: TargetSpec, period: Period, year: int, expected: Decimal
) -> Decimal | None:
    """Return the 進捗率 of a year in which the value is its 目安値; ``None`` without a start."""
    return Case(
        target=target, period=period, year=year, value=Fraction(expected), expected=expected
    ).completion
