"""The conditions of the statuses, with a plan's thresholds and words: 判定の境.

Standard library only. The rows are those of docs/progress.md for one listing and year; as there,
the first matching row decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from indicators.rules.judgement import Assessment
from indicators.rules.narrowing_types import given
from indicators.rules.targets import Plan, TargetSpec
from indicators.rules.terms import (
    Direction,
    JudgedBy,
    Kind,
    LevelFigure,
    RestraintRule,
    Status,
    band_of,
    mark_of_status,
    or_better,
    status_word,
)
from indicators.rules.written_formulas import Write
from japanese.numerals import in_percent


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
    target = plan.taken(target)
    target = target.of_year(assessment.as_of) or target
    rows = _Rows(target, plan, assessment, write)
    found = list(rows.all())
    current = _current(found, assessment)
    return [
        Boundary(
            condition=condition,
            status=status,
            band=band_of(status).value,
            mark=mark_of_status(status, plan.scale),
            word=status_word(
                status, kind=target.kind, direction=target.direction, scale=plan.scale
            ),
            is_current=index == current,
        )
        for index, (status, condition) in enumerate(found)
    ]


Row = tuple[Status, str]


def _current(rows: list[Row], assessment: Assessment) -> int | None:
    """Return the index of the row that decided.

    Two rows may have the same status: one compares the value, the next takes a figure.
    """
    fitting = [index for index, (status, _) in enumerate(rows) if status == assessment.status]
    if not fitting:
        return None
    case = assessment.case
    is_met = case is not None and case.is_due and case.meets_target
    return fitting[0 if is_met or assessment.judged_by == JudgedBy.COMPARISON else -1]


class _Rows:
    def __init__(
        self, target: TargetSpec, plan: Plan, assessment: Assessment, write: Write
    ) -> None:
        self.target = target
        self.scale = plan.scale
        self.write = write
        self.found = assessment
        self.is_due = assessment.as_of >= target.due(plan.period)
        self.value = "累計" if target.kind == Kind.TOTAL else "実績値"
        self.better = or_better(target.direction)
        self.worse = "未満" if target.direction == Direction.UP else "超過"

    def all(self) -> Iterator[Row]:
        yield from self._far_above()
        if self.is_due:
            yield from self._when_due()
            return
        by_kind: dict[str, Callable[[], Iterator[Row]]] = {
            Kind.LEVEL: self._level,
            Kind.TOTAL: self._total,
            Kind.EVERY_YEAR: self._every_year,
            Kind.MILESTONE: self._milestone,
            Kind.RESTRAINT: self._restraint,
        }
        yield from by_kind[self.target.rule]()

    def _far_above(self) -> Iterator[Row]:
        if self.scale.far_above is None or self.target.rule in (Kind.MILESTONE, Kind.RESTRAINT):
            return
        if self.is_due:
            figure = self._last_year_figure()
        elif self.target.rule == Kind.TOTAL or self._follows_path:
            figure = self._path_figure()
        else:
            figure = JudgedBy.ATTAINMENT if self._has_attainment else None
        if figure:
            yield Status.FAR_ABOVE, self._at_least(figure, self.scale.far_above)

    def _when_due(self) -> Iterator[Row]:
        yield Status.ACHIEVED, self._meets_target()
        if self._has_path_from_baseline and self.scale.worsened_first:
            yield Status.WORSENED, self._worse_than_baseline()
        if figure := self._last_year_figure():
            if self.scale.achieved < 100:
                yield Status.ACHIEVED, self._at_least(figure, self.scale.achieved)
            yield Status.MOSTLY_ACHIEVED, self._at_least(figure, self.scale.mostly_achieved_from)
            if self.scale.partly_achieved is not None:
                yield Status.PARTLY_ACHIEVED, self._at_least(figure, self.scale.partly_achieved)
        yield Status.NOT_ACHIEVED, "以上のいずれにも当たらない"

    def _last_year_figure(self) -> JudgedBy | None:
        rule = self.target.rule
        if rule == Kind.TOTAL or (self._has_path_from_baseline and not self._takes_share):
            return JudgedBy.COMPLETION
        graded = rule in (Kind.EVERY_YEAR, Kind.LEVEL) or (
            rule == Kind.RESTRAINT and self.scale.restraint == RestraintRule.ATTAINMENT
        )
        return JudgedBy.ATTAINMENT if graded and self._has_attainment else None

    def _level(self) -> Iterator[Row]:
        yield Status.AT_TARGET, self._meets("目標値", self.target.target)
        if self._has_path_from_baseline and self.scale.worsened_first:
            yield Status.WORSENED, f"{self._worse_than_baseline()}で、目安値にも届かない"
        if self._follows_path:
            yield from self._by_path()
            return
        if self.found.expected is not None:
            yield Status.ON_TRACK, self._meets("目安値", self.found.expected)
        if self._has_attainment:
            yield from self._by_attainment()
        else:
            yield Status.NO_JUDGEMENT, "基準値が登録されていないため、判定できない"

    def _total(self) -> Iterator[Row]:
        yield Status.ACHIEVED, self._meets("目標値", self.target.target)
        yield from self._by_path()

    def _every_year(self) -> Iterator[Row]:
        yield Status.ON_TRACK, self._meets_target()
        yield from self._by_attainment_or_behind()

    def _by_attainment_or_behind(self) -> Iterator[Row]:
        if self._has_attainment:
            yield from self._by_attainment()
        else:
            yield Status.BEHIND, self._misses_target()

    def _by_attainment(self) -> Iterator[Row]:
        if self.scale.attainment_on_track and self.scale.on_track < 100:
            yield Status.ON_TRACK, self._at_least(JudgedBy.ATTAINMENT, self.scale.on_track)
        yield from self._grades(JudgedBy.ATTAINMENT)

    def _milestone(self) -> Iterator[Row]:
        yield Status.AT_TARGET, self._meets("目標値", self.target.target)
        yield Status.NOT_REALISED, self._misses("目標値", self.target.target)

    def _restraint(self) -> Iterator[Row]:
        if self.scale.restraint == RestraintRule.ATTAINMENT:
            yield Status.AT_TARGET, self._meets("目標値", self.target.target)
            yield from self._by_attainment_or_behind()
            return
        yield Status.BEHIND, self._misses("目標値", self.target.target)
        if self.found.expected is None:
            yield Status.AT_TARGET, self._meets("目標値", self.target.target)
            return
        yield Status.SLIGHTLY_BEHIND, self._misses("目安値", self.found.expected)
        yield Status.ON_TRACK, self._meets("目安値", self.found.expected)

    def _by_path(self) -> Iterator[Row]:
        expected = given(self.found.expected)
        if figure := self._path_figure():
            yield Status.ON_TRACK, self._at_least(figure, self.scale.on_track)
            yield from self._grades(figure)
        else:
            yield Status.ON_TRACK, self._meets("目安値", expected)
            yield Status.BEHIND, self._misses("目安値", expected)

    def _grades(self, figure: JudgedBy) -> Iterator[Row]:
        yield Status.MOSTLY_ON_TRACK, self._at_least(figure, self.scale.mostly_on_track)
        yield Status.SLIGHTLY_BEHIND, self._at_least(figure, self.scale.slightly_behind)
        yield Status.BEHIND, f"{figure.label}が{in_percent(self.scale.slightly_behind)}未満"

    def _path_figure(self) -> JudgedBy | None:
        """Return the figure of the path; ``None`` if the value is compared with 目安値 itself."""
        is_level = self.target.rule == Kind.LEVEL
        if is_level and self.scale.level_figure == LevelFigure.COMPLETION:
            return JudgedBy.COMPLETION
        expected = given(self.found.expected)
        if self._takes_share:
            has_figure = expected > 0 if self.found.value is None else self.found.pace is not None
        else:
            has_figure = self.target.lead(expected, given(self.target.start)) > 0
        return JudgedBy.PACE if has_figure else None

    @property
    def _takes_share(self) -> bool:
        by_share = self.scale.level_figure == LevelFigure.SHARE
        return by_share and self.target.rule == Kind.LEVEL and self.found.expected is not None

    @property
    def _follows_path(self) -> bool:
        return self._has_path_from_baseline or self._takes_share

    @property
    def _has_path_from_baseline(self) -> bool:
        return self.target.rule == Kind.LEVEL and self.target.start is not None

    @property
    def _has_attainment(self) -> bool:
        """Whether there is a 達成率; without a value, whether there could be one."""
        if self.found.value is not None:
            return self.found.attainment is not None
        return self.target.target > 0

    def _meets_target(self) -> str:
        if self.target.is_range:
            return f"{self.value}が目標の範囲{self._range()}の中"
        if self.target.is_relative:
            side = self.better
            if self.target.is_strict:
                side = f"より{'大きい' if self.target.direction == Direction.UP else '小さい'}"
            return f"{self.value}が{self._reference()}{side}"
        return self._meets("目標値", self.target.target)

    def _reference(self) -> str:
        return f"{self.target.compared_name}の値{self._written('目標値', self.target.target)}"

    def _misses_target(self) -> str:
        if self.target.is_range:
            return f"{self.value}が目標の範囲{self._range()}の外"
        if self.target.is_relative:
            return f"{self.value}が{self._reference()}と比べて、目標を満たさない"
        return self._misses("目標値", self.target.target)

    def _range(self) -> str:
        ends = (given(self.target.lower), given(self.target.upper))
        return "～".join(self._written("目標値", end) for end in ends)

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
        return f"{figure.label}が{in_percent(threshold)}以上"
