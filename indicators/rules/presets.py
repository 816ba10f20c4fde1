"""Ready-made rules that a plan can start from, and examples that show what rules do.

Standard library only. The scales are those of docs/progress.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from indicators.rules.judgement import Assessment, assess
from indicators.rules.targets import Period, Plan, TargetSpec
from indicators.rules.terms import (
    STANDARD_SCALE,
    Direction,
    Kind,
    LevelFigure,
    RestraintRule,
    Scale,
    Status,
)


@dataclass(frozen=True)
class Preset:
    """Rules with a Japanese name and a sentence that says what they do."""

    key: str
    name: str
    note: str
    scale: Scale


_GRADES = {
    Status.AT_TARGET: "A",
    Status.ON_TRACK: "A",
    Status.MOSTLY_ON_TRACK: "B",
    Status.SLIGHTLY_BEHIND: "C",
    Status.BEHIND: "D",
    Status.ACHIEVED: "A",
    Status.MOSTLY_ACHIEVED: "B",
    Status.PARTLY_ACHIEVED: "C",
    Status.NOT_ACHIEVED: "D",
}


_A_TO_D = Scale(
    slightly_behind=Decimal(60),
    partly_achieved=Decimal(60),
    worsened_first=False,
    attainment_on_track=True,
    restraint=RestraintRule.ATTAINMENT,
    labels={str(status): word for status, word in _GRADES.items()},
)
"""A to D from 100, 80 and 60 %, the same in the last year as before it."""

PRESETS = (
    Preset(
        "standard",
        "標準",
        "計画比と目標値で判定し、最終年度は達成かどうかを見ます。",
        STANDARD_SCALE,
    ),
    Preset(
        "share",
        "実績÷目標",
        "実績値がその年度の目安値の何％かで判定し、基準値より悪くても率で決めます。",
        Scale(
            level_figure=LevelFigure.SHARE,
            worsened_first=False,
            attainment_on_track=True,
            restraint=RestraintRule.ATTAINMENT,
        ),
    ),
    Preset(
        "met",
        "達成・未達成だけ",
        "100％以上を達成、100％に届かないものを未達成とし、ほかの段階を設けません。",
        Scale(
            mostly_on_track=Decimal(100),
            slightly_behind=Decimal(100),
            worsened_first=False,
            attainment_on_track=True,
            restraint=RestraintRule.ATTAINMENT,
            labels={
                "at_target": "達成",
                "on_track": "達成",
                "behind": "未達成",
            },
        ),
    ),
    Preset("grades", "A～D（100・80・60％）", "最終年度も同じ四つの段階で判定します。", _A_TO_D),
    Preset(
        "share_grades",
        "実績÷目標のA～D（100・80・60％）",
        "実績値÷目安値を、四つの段階で判定します。",
        replace(_A_TO_D, level_figure=LevelFigure.SHARE),
    ),
    Preset(
        "top_grade",
        "S～D（120・100・80・60％）",
        "A～Dに加えて、120％以上をSとします。",
        replace(
            _A_TO_D,
            far_above=Decimal(120),
            labels={**_A_TO_D.labels, Status.FAR_ABOVE.value: "S"},
        ),
    ),
)
"""In the order in which the form offers them; the first is the standard."""


@dataclass(frozen=True)
class Example:
    """A listing with made-up values, judged in a year under some rules and the standard ones."""

    name: str
    when: str
    judged: Assessment
    standard: Assessment

    @property
    def differs(self) -> bool:
        return self.judged.label != self.standard.label


_PERIOD = Period(2015, 2019)
_LISTINGS = (
    (
        "基準値100、目標値200（期末水準）",
        TargetSpec(Kind.LEVEL, Direction.UP, Decimal(200), baseline=Decimal(100), unit="人"),
        {2016: 150, 2017: 145, 2018: 90, 2019: 170},
    ),
    (
        "基準値なし、目標値100（期末水準）",
        TargetSpec(Kind.LEVEL, Direction.UP, Decimal(100), unit="人"),
        {2017: 65, 2019: 70},
    ),
    (
        "5年で500（期間累計）",
        TargetSpec(Kind.TOTAL, Direction.UP, Decimal(500), unit="件"),
        {2015: 90, 2016: 90, 2017: 90, 2018: 50, 2019: 40},
    ),
    (
        "毎年度100（毎年度）",
        TargetSpec(Kind.EVERY_YEAR, Direction.UP, Decimal(100), unit="件"),
        {2016: 130, 2017: 85, 2019: 62},
    ),
    (
        "減少を抑え1,000を保つ（抑制）",
        TargetSpec(Kind.RESTRAINT, Direction.UP, Decimal(1000), baseline=Decimal(1100), unit="人"),
        {2017: 1020, 2018: 991, 2019: 991},
    ),
)


def examples(scale: Scale) -> list[Example]:
    """Judge the made-up listings under rules, each in some years up to the last one.

    Raises ``ValueError`` for a scale that ``check_scale`` refuses only where a rule needs it.
    """
    judged = []
    for name, spec, numbers in _LISTINGS:
        actuals = {year: Decimal(number) for year, number in numbers.items()}
        for year in actuals:
            plans = Plan(_PERIOD, scale), Plan(_PERIOD)
            mine, standard = (assess(spec, actuals, plan, year) for plan in plans)
            when = "最終年度" if year == _PERIOD.last else f"{year - _PERIOD.first + 1}年目"
            judged.append(Example(name, when, mine, standard))
    return judged
