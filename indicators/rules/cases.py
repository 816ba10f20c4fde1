"""A value of a year compared with its target: the figures on which the judgement is based.

Standard library only. Everything is exact (``Fraction``); a figure (達成率, 進捗率, 計画比) is
rounded once, half away from zero, to 0.1, but never up to 100.0 and never to −0.0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from indicators.rules.narrowing_types import given
from indicators.rules.targets import Period, TargetSpec
from indicators.rules.terms import Direction, JudgedBy, Kind, Status


class Verdict(NamedTuple):
    """A status, the figure that decided it, and the note in brackets of its label."""

    status: Status
    judged_by: JudgedBy | None
    note: str = ""


@dataclass(frozen=True)
class Case:
    """A value of a year and what it is compared with: the input of rules and explanations.

    ``value`` (for a total the sum so far) and ``expected`` are in the indicator's unit; the latter
    is rounded. ``uncounted`` has the years missing in a total, with the Japanese reason; ``misses``
    has the earlier years that missed an every-year target. ``year`` is the year as of which the
    value is judged; ``older_year`` is the year of the value if that is an earlier one.
    ``by_share``: 計画比 is v / x, and not the part of the way from the baseline.
    """

    target: TargetSpec
    period: Period
    year: int
    value: Fraction
    expected: Decimal | None
    uncounted: Mapping[int, str] = field(default_factory=dict)
    misses: tuple[int, ...] = ()
    older_year: int | None = None
    by_share: bool = False

    @property
    def value_year(self) -> int:
        return self.year if self.older_year is None else self.older_year

    @property
    def is_due(self) -> bool:
        """Whether the rules of the last year hold: in the target year and after it."""
        return self.year >= self.due

    @property
    def due(self) -> int:
        """目標年度: the plan's last year or the listing's own."""
        return self.target.due(self.period)

    @property
    def expected_is_typed(self) -> bool:
        return self.year in self.target.yearly_targets

    @property
    def meets_target(self) -> bool:
        return self.target.is_met_by(self.value)

    @property
    def only_equals(self) -> bool:
        """Whether a value is equal where a better one is asked for."""
        return self.target.is_strict and self.value == self.target.target

    @property
    def meets_expected(self) -> bool:
        return self.expected is not None and self.target.lead(self.value, self.expected) >= 0

    @property
    def has_worsened(self) -> bool:
        """Whether a level is worse than its baseline by more than the tolerance."""
        if self.target.rule != Kind.LEVEL or self.target.start is None:
            return False
        return self.target.lead(self.value, self.target.start) < -Fraction(self.target.tolerance)

    @cached_property
    def attainment(self) -> Decimal | None:
        """達成率 in percent: v / T, or T / v for down; ``None`` if negative or divided by zero."""
        return self._share_of(self.target.target)

    def _share_of(self, goal: Decimal) -> Decimal | None:
        value, whole = self.value, Fraction(goal)
        if value < 0 or whole < 0:
            return None
        if self.target.direction == Direction.UP:
            return percentage(value / whole) if whole else None
        if value == whole == 0:
            return percentage(Fraction(1))
        return percentage(whole / value) if value and whole else None

    @cached_property
    def completion(self) -> Decimal | None:
        """進捗率 in percent: the part of the way from the start to the target that is done."""
        return self._part_of_the_way_to(self.target.target)

    @cached_property
    def pace(self) -> Decimal | None:
        """計画比 in percent: the part done of what was expected up to this year (目安値)."""
        if self.target.rule == Kind.EVERY_YEAR:
            return self.attainment
        if self.takes_share:
            return self._share_of(given(self.expected))
        return self._part_of_the_way_to(self.expected)

    @property
    def takes_share(self) -> bool:
        """Whether 計画比 is v / x here: a level with a 目安値, in a plan that judges so."""
        return self.by_share and self.target.rule == Kind.LEVEL and self.expected is not None

    def _part_of_the_way_to(self, goal: Decimal | None) -> Decimal | None:
        start = self.target.start
        if start is None or goal is None:
            return None
        way = self.target.lead(goal, start)
        # Without a goal on the better side of the start there is no distance to measure.
        return percentage(self.target.lead(self.value, start) / way) if way > 0 else None


def percentage(ratio: Fraction) -> Decimal:
    """Return a ratio in percent with one decimal. A ratio below 1 never gives 100.0."""
    figure = rounded(ratio * 100, 1)
    return Decimal("99.9") if ratio < 1 and figure == 100 else figure


def rounded(number: Fraction, places: int) -> Decimal:
    """Return a number with ``places`` decimals, rounded half away from zero, never −0."""
    units = math.floor(abs(number) * 10**places + Fraction(1, 2))
    return Decimal(f"{-units if number < 0 else units}E-{places}")
