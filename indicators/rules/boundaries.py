"""The conditions of the statuses, with a plan's thresholds and words: 判定の境.

Standard library only. The rows are those of the design, section 5, Progress, for one listing and
year; as there, the first matching row decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from indicators.rules.given import given
from indicators.rules.judgement import Assessment
from indicators.rules.targets import Plan, TargetSpec
from indicators.rules.terms import (
    Direction,
    JudgedBy,
    Kind,
    Status,
    band_of,
    mark_of,
    or_better,
    status_word,
)
from indicators.rules.written_formulas import Write


@dataclass(frozen=True)
class Boundary:
    """A condition and its status; ``is_current`` if it decided the assessment."""

    condition: str
    status: str
    band: str
    mark: str
    word: str
    is_current: bool


def boundaries(
    target: TargetSpec, plan: Plan, assessment: Assessment, write: Write
) -> list[Boundary]:
    """Return the conditions for the year of an assessment; the first match decides.

    ``write`` formats a number of the indicator with its unit. The assessment must come from
    ``assess``: a target that was not judged has no boundaries.
    """
    rows = _Rows(target, plan, assessment, write)
    return [
        Boundary(
            condition=condition,
            status=status,
            band=(band := band_of(status)).value,
            mark=mark_of(band, plan.scale),
            word=status_word(
                status, kind=target.kind, direction=target.direction, scale=plan.scale
            ),
            is_current=status == assessment.status,
        )
        for status, condition in rows.all()
    ]


Row = tuple[Status, str]


class _Rows:
    def __init__(
        self, target: TargetSpec, plan: Plan, assessment: Assessment, write: Write
    ) -> None:
        self.target = target
        self.scale = plan.scale
        self.write = write
        self.found = assessment
        year = assessment.basis_year or assessment.fiscal_year
        self.is_last_year = year == plan.period.last
        self.value = "累計" if target.kind == Kind.TOTAL else "実績値"
        self.better = or_better(target.direction)
        self.worse = "未満" if target.direction == Direction.UP else "超過"

    def all(self) -> Iterator[Row]:
        if self.is_last_year:
            return self._last_year()
        by_kind: dict[str, Callable[[], Iterator[Row]]] = {
            Kind.LEVEL: self._level,
            Kind.TOTAL: self._total,
            Kind.EVERY_YEAR: self._every_year,
            Kind.MILESTONE: self._milestone,
            Kind.RESTRAINT: self._restraint,
        }
        return by_kind[self.target.rule]()

    def _last_year(self) -> Iterator[Row]:
        yield Status.ACHIEVED, self._meets("目標値", self.target.target)
        if self._has_path_from_baseline:
            yield Status.WORSENED, self._worse_than_baseline()
        figure = None
        if self.target.rule == Kind.TOTAL or self._has_path_from_baseline:
            figure = JudgedBy.COMPLETION
        elif self.target.rule in (Kind.EVERY_YEAR, Kind.LEVEL) and self._has_attainment:
            figure = JudgedBy.ATTAINMENT
        if figure:
            yield Status.MOSTLY_ACHIEVED, self._at_least(figure, self.scale.mostly_on_track)
        yield Status.NOT_ACHIEVED, "以上のいずれにも当たらない"

    def _level(self) -> Iterator[Row]:
        yield Status.AT_TARGET, self._meets("目標値", self.target.target)
        if self._has_path_from_baseline:
            yield Status.WORSENED, f"{self._worse_than_baseline()}で、目安値にも届かない"
            yield from self._by_path()
            return
        if self.found.expected is not None:
            yield Status.ON_TRACK, self._meets("目安値", self.found.expected)
        if self._has_attainment:
            yield from self._grades(JudgedBy.ATTAINMENT)
        else:
            yield Status.NO_JUDGEMENT, "基準値が登録されていないため、判定できない"

    def _total(self) -> Iterator[Row]:
        yield Status.ACHIEVED, self._meets("目標値", self.target.target)
        yield from self._by_path()

    def _every_year(self) -> Iterator[Row]:
        yield Status.ON_TRACK, self._meets("目標値", self.target.target)
        if self._has_attainment:
            yield from self._grades(JudgedBy.ATTAINMENT)
        else:
            yield Status.BEHIND, self._misses("目標値", self.target.target)

    def _milestone(self) -> Iterator[Row]:
        yield Status.AT_TARGET, self._meets("目標値", self.target.target)
        yield Status.NOT_REALISED, self._misses("目標値", self.target.target)

    def _restraint(self) -> Iterator[Row]:
        yield Status.BEHIND, self._misses("目標値", self.target.target)
        if self.found.expected is None:
            yield Status.AT_TARGET, self._meets("目標値", self.target.target)
            return
        yield Status.SLIGHTLY_BEHIND, self._misses("目安値", self.found.expected)
        yield Status.ON_TRACK, self._meets("目安値", self.found.expected)

    def _by_path(self) -> Iterator[Row]:
        expected = given(self.found.expected)
        if self.target.lead(expected, given(self.target.start)) > 0:
            yield Status.ON_TRACK, self._at_least(JudgedBy.PACE, self.scale.on_track)
            yield from self._grades(JudgedBy.PACE)
        else:
            yield Status.ON_TRACK, self._meets("目安値", expected)
            yield Status.BEHIND, self._misses("目安値", expected)

    def _grades(self, figure: JudgedBy) -> Iterator[Row]:
        yield Status.MOSTLY_ON_TRACK, self._at_least(figure, self.scale.mostly_on_track)
        yield Status.SLIGHTLY_BEHIND, self._at_least(figure, self.scale.slightly_behind)
        yield Status.BEHIND, f"{figure.label}が{_percent(self.scale.slightly_behind)}未満"

    @property
    def _has_path_from_baseline(self) -> bool:
        return self.target.rule == Kind.LEVEL and self.target.start is not None

    @property
    def _has_attainment(self) -> bool:
        """Whether there is a 達成率; without a value, whether there could be one."""
        if self.found.value is not None:
            return self.found.attainment is not None
        return self.target.target > 0

    def _meets(self, name: str, number: Decimal) -> str:
        return f"{self.value}が{name}{self._written(name, number)}{self.better}"

    def _misses(self, name: str, number: Decimal) -> str:
        return f"{self.value}が{name}{self._written(name, number)}{self.worse}"

    def _worse_than_baseline(self) -> str:
        beyond = ""
        if self.target.tolerance:
            beyond = f"許容幅{self._written('許容幅', self.target.tolerance)}を超えて"
        baseline = self._written("基準値", given(self.target.baseline))
        return f"{self.value}が基準値{baseline}より{beyond}悪い値"

    def _written(self, name: str, number: Decimal) -> str:
        return self.write(number, self.target.decimals + (name == "目安値"))

    def _at_least(self, figure: JudgedBy, threshold: Decimal | int) -> str:
        return f"{figure.label}が{_percent(threshold)}以上"


def _percent(number: Decimal | int) -> str:
    return f"{Decimal(number).normalize():f}％"
