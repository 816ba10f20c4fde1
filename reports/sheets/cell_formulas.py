"""The rules of progress as worksheet formulas: strings with placeholders for cell addresses.

They implement the same rules as indicators/rules/judgement.py, one column per step, from the inputs
to the label. docs/decisions/0008-formulas-beside-the-rules.md says why.

Numbers are scaled to integers first, in units of the last decimal of 目安値. So sums, differences
and comparisons are exact although worksheets compute in binary floating point. A percentage is a
quotient of two integers, rounded once. A quotient exactly between two steps is exact, too, and
ROUND rounds it away from zero, as the rule requires.

Only functions of Excel 2016 and LibreOffice 7.4 are used.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import takewhile
from string import Formatter
from typing import NamedTuple

from indicators.rules.outlook import LEAST_VALUES, OutlookState
from indicators.rules.terms import (
    CONTRADICTORY,
    EARLIER_MISS,
    MONITORED,
    NO_BASELINE,
    NO_REFERENCE,
    READING_NOT_CONFIRMED,
    BaselineKind,
    Direction,
    JudgedBy,
    Kind,
    LateValues,
    LevelFigure,
    Missing,
    Relation,
    RestraintRule,
    Status,
)

YEAR, FIRST_YEAR, LAST_YEAR = "対象年度", "初年度", "最終年度"
ON_TRACK, MOSTLY_ON_TRACK, SLIGHTLY_BEHIND = "順調の境", "おおむね順調の境", "やや遅れの境"
FAR_ABOVE = "大きく上回る境"
ACHIEVED, MOSTLY_ACHIEVED, PARTLY_ACHIEVED = "達成の境", "おおむね達成の境", "一部達成の境"
LEVEL_FIGURE, WORSENED_FIRST = "期末水準の率", "後退を先に判定"
ATTAINMENT_ON_TRACK, RESTRAINT, LATE_VALUES = "達成率でも順調", "抑制の判定", "遅れた値の判定"
CONDITION_NAMES = (
    YEAR, FIRST_YEAR, LAST_YEAR, ON_TRACK, MOSTLY_ON_TRACK, SLIGHTLY_BEHIND, FAR_ABOVE, ACHIEVED,
    MOSTLY_ACHIEVED, PARTLY_ACHIEVED, LEVEL_FIGURE, WORSENED_FIRST, ATTAINMENT_ON_TRACK, RESTRAINT,
    LATE_VALUES,
)  # fmt: skip
"""Names of cells that all formulas share: the year, the plan's period and how it judges."""

LEVEL_FIGURES = {
    LevelFigure.PACE: JudgedBy.PACE.label,
    LevelFigure.COMPLETION: JudgedBy.COMPLETION.label,
    LevelFigure.SHARE: "実績÷目安値",
}
RESTRAINTS = {
    RestraintRule.PATH: "目標値と目安値",
    RestraintRule.ATTAINMENT: JudgedBy.ATTAINMENT.label,
    RestraintRule.EVERY_YEAR: Kind.EVERY_YEAR.label,
}
LATE_YEARS = {LateValues.OWN_YEAR: "値の年度", LateValues.ASKED_YEAR: YEAR}
"""The words of the choices in the cells of 条件."""

WITHOUT = "なし"
"""Stands for a threshold that the plan does not have."""

OUTSIDE = "計画期間の外"
YES, NO = "はい", "いいえ"
CONFIRMED, NOT_CONFIRMED = "確認済み", "未確認"


class ComputedColumn(NamedTuple):
    """A column of the calculation: its key, header, meaning and formula.

    A formula refers to other columns of its row, including inputs, by their keys in braces. With
    `per_year`, there is one column for each year of the plan.
    """

    key: str
    header: str
    meaning: str
    formula: str
    per_year: bool = False


def percentage(number: str, whole: str) -> str:
    """Return the formula for number ÷ whole in percent to 0.1.

    Values below 100 are never rounded up to 100.0. The added 0 avoids −0.
    """
    tenths = f"ROUND(1000*{number}/{whole},0)"
    return f"(IF(AND({number}<{whole},{tenths}=1000),999,{tenths})+0)/10"


_SINCE = "{since}"
_IN_PLAN = f"ISNUMBER({{typed}})*({{typed_years}}>={_SINCE})*({{typed_years}}<={LAST_YEAR})"
_HIGHER_BEFORE = (
    f'COUNTIFS({{typed_years}},">="&{_SINCE},{{typed_years}},"<"&{{typed_years}},'
    '{typed},">"&{typed})'
)
"""For each year, how many earlier years of the plan have a higher 年度別目標値."""
_NOT_JUDGED = '{bar}<>"",{value}=""'
_GRADE = (
    f'IF({{0}}>={MOSTLY_ON_TRACK},"{Status.MOSTLY_ON_TRACK}",'
    f'IF({{0}}>={SLIGHTLY_BEHIND},"{Status.SLIGHTLY_BEHIND}","{Status.BEHIND}"))'
)


def _grade(figure: str) -> str:
    return _GRADE.replace("{0}", figure)


def _share(goal: str) -> str:
    """Return the formula for value ÷ goal in percent (less is better: goal ÷ value)."""
    return (
        f'IF(OR(N({{value}})<0,N({goal})<0),"",IF({{side}}=1,'
        f'IF({goal}=0,"",{percentage("{value}", goal)}),'
        f"IF(AND({{value}}=0,{goal}=0),100,"
        f'IF(OR({{value}}=0,{goal}=0),"",{percentage(goal, "{value}")}))))'
    )


def _grade_from(threshold: str, grade: Status, below: str) -> str:
    """Return the formula for a grade of the last year that the plan may not have."""
    return f'IF(ISNUMBER({threshold}),IF({{last_figure}}>={threshold},"{grade}",{below}),{below})'


_BY_COMPLETION = f'{LEVEL_FIGURE}="{LEVEL_FIGURES[LevelFigure.COMPLETION]}"'
_GRADED_RESTRAINT = (
    f'AND({{rule}}={{restraint}},{RESTRAINT}="{RESTRAINTS[RestraintRule.ATTAINMENT]}")'
)
_WORSENED = f'AND({{worsened}}=1,{WORSENED_FIRST}="{YES}")'
_ON_PATH = 'OR({start}<>"",{by_share}=1)'
_BY_TRACK = f"IF(AND({{rule}}={{level}},{_BY_COMPLETION}),{{by_completion}},{{by_pace_word}})"
_COMPLETION_COUNTS = 'AND({start}<>"",{by_share}<>1)'
_NEWEST = "INDEX({wholes},MATCH({ahead_newest},{years},0))"
_FIRST = "INDEX({wholes},MATCH({ahead_first},{years},0))"
_LEAST, _MOST = "ROUND(N({minimum})*{unit},0)", "ROUND(N({maximum})*{unit},0)"
_DUE = "{due}"
_IS_DUE = f"{{path_year}}>={_DUE}"

STEPS = (
    ComputedColumn(
        "unit",
        "整数にする倍率",
        "表示の倍率×10の（桁数＋1）乗。紙面の数値にこれを掛けると、目安値の最小の桁を1とする整数になる。",
        "={factor}*10^(MAX({decimals},{recorded})+1)",
    ),
    ComputedColumn(
        "grain",
        "目安値の刻み",
        "目安値を丸める幅（整数）。ふつうは1。",
        "=10^(MAX({decimals},{recorded})-{decimals})",
    ),
    ComputedColumn("kind", "種類", "紙面の種類。", "={listed_kind}"),
    ComputedColumn(
        "sign", "向き", "大きいほどよければ1、小さいほどよければ－1。", "=IF({direction}={up},1,-1)"
    ),
    ComputedColumn(
        "goal",
        "目標値（整数）",
        "目標値×倍率。",
        '=IF(ISNUMBER({target}),ROUND({target}*{unit},0),"")',
    ),
    ComputedColumn(
        "base",
        "基準値（整数）",
        "基準値×倍率。現状値だけを起点とし、推計値などは起点としない。",
        '=IF(AND({baseline_kind}={measured},ISNUMBER({baseline}){and_no_range}),ROUND({baseline}*{unit},0),"")',
    ),
    ComputedColumn(
        "rule",
        "判定の規則",
        "種類。期末水準で目標値が基準値と同じなら、毎年度の規則による。"
        "条件で決めていれば、抑制も毎年度の規則による。",
        "={rule_of_range}IF(AND({kind}={level},ISNUMBER({base})),"
        "IF({base}={goal},{every_year},{kind}),"
        f'IF(AND({{kind}}={{restraint}},{RESTRAINT}="{RESTRAINTS[RestraintRule.EVERY_YEAR]}"),'
        "{every_year},{kind})){close}",
    ),
    ComputedColumn(
        "since",
        "数え始める年度",
        "計画の最初の年度。途中で載せた指標は、その年度。",
        f"=IF(ISNUMBER({{listed_from}}),MAX({{listed_from}},{FIRST_YEAR}),{FIRST_YEAR})",
    ),
    ComputedColumn(
        "due",
        "目標年度",
        "登録された目標年度。なければ計画の最終年度。この年度から、最終年度の規則で判定する。",
        f"=IF(ISNUMBER({{target_year}}),IF({{target_year}}>={_SINCE},{{target_year}},{LAST_YEAR}),"
        f"{LAST_YEAR})",
    ),
    ComputedColumn(
        "asked",
        "値を見る年度",
        "対象年度。期間累計は、目標年度より後の値を数えない。",
        f"=IF(AND({{kind}}={{total}},{YEAR}>{{due}}),{{due}},{YEAR})",
    ),
    ComputedColumn(
        "whole",
        "実績（整数）",
        "その年度の実績×倍率。計画期間の外の年度は数えない。",
        f"=IF(AND(ISNUMBER({{actual}}),{{year}}>={_SINCE},{{year}}<={LAST_YEAR}),"
        'ROUND({actual}*{unit},0),"")',
        per_year=True,
    ),
    ComputedColumn(
        "fault",
        "登録の矛盾",
        "目標、基準値、年度別目標値が種類の規則に反していれば、"
        "また目標年度が計画より前か、それより後に年度別目標値があれば1。",
        '={fault_of_relation}IF(OR({goal}="",AND({kind}<>{level},{kind}<>{total},{kind}<>{every_year},'
        "{kind}<>{milestone},{kind}<>{restraint})),1,IF(OR("
        "AND({kind}={total},OR({sign}<0,{goal}<=0)),"
        "AND({kind}={level},ISNUMBER({base}),{sign}*({goal}-N({base}))<0),"
        "AND({kind}={restraint},ISNUMBER({base}),{sign}*({goal}-N({base}))>0),"
        f"AND({{kind}}<>{{restraint}},OR({{rule}}={{every_year}},{{rule}}={{milestone}}),"
        f"SUMPRODUCT({_IN_PLAN})>0),"
        f"N({{target_year}})*({{target_year}}<{_SINCE})<>0,"
        f"SUMPRODUCT({_IN_PLAN}*({{typed_years}}>{{due}}))>0,"
        f"SUMPRODUCT({_IN_PLAN}*({{typed_years}}={{due}})*({{typed}}<>{{target}}))>0,"
        f"AND({{kind}}={{total}},SUMPRODUCT({_IN_PLAN}*(({{typed}}<0)+({{typed}}>{{target}})))>0),"
        f"AND({{kind}}={{total}},SUMPRODUCT({_IN_PLAN}*{_HIGHER_BEFORE})>0),"
        "AND({kind}={restraint},IF({sign}=1,"
        f"SUMPRODUCT({_IN_PLAN}*({{typed}}<{{target}})),"
        f"SUMPRODUCT({_IN_PLAN}*({{typed}}>{{target}})))>0){{or_faulty_range}}),1,0)){{close}}",
    ),
    ComputedColumn(
        "bar",
        "判定しない理由",
        "空欄なら判定する。",
        f'=IF(OR({YEAR}<{_SINCE},{YEAR}>{LAST_YEAR}),"{OUTSIDE}",'
        f'IF({{confirmed}}<>"{CONFIRMED}","{READING_NOT_CONFIRMED}",'
        "{bar_of_kind}))",
    ),
    ComputedColumn(
        "entry",
        "対象年度の欄",
        "紙面の、値を見る年度の実績の欄。",
        '=IFERROR(IF(INDEX({actuals},MATCH({asked},{years},0))="","",'
        'INDEX({actuals},MATCH({asked},{years},0))),"")',
    ),
    ComputedColumn(
        "reason",
        "値がない理由",
        "対象年度の欄に理由があるときだけ。",
        '=IF(OR({entry}={unpublished},{entry}={not_surveyed},{entry}={not_computable}),{entry},"")',
    ),
    ComputedColumn(
        "earlier",
        "代わりの年度",
        "代えてよい年数のうちで、実績がある最も新しい年度。なければ0。",
        f"=SUMPRODUCT(MAX(ISNUMBER({{wholes}})*({{years}}>={YEAR}-{{carry}})"
        f"*({{years}}<{YEAR})*{{years}}))",
    ),
    ComputedColumn(
        "basis",
        "用いた年度",
        "判定に用いる値の年度。理由があって値のない年度は、代わりの年度（期間累計を除く）。",
        f'=IF({{bar}}="{OUTSIDE}","",IF(ISNUMBER({{entry}}),{{asked}},'
        'IF(OR({bar}<>"",{kind}={total},{reason}="",{earlier}=0{or_relative}),"",{earlier})))',
    ),
    ComputedColumn(
        "value",
        "用いた値（整数）",
        "用いた年度の実績。期間累計は、計画の初年度からの合計（累計で入力する指標はその値）。",
        f'=IF({{basis}}="","",IF(AND({{kind}}={{total}},{{running}}<>"{YES}"),'
        'SUMIF({years},"<="&{basis},{wholes}),INDEX({wholes},MATCH({basis},{years},0))))',
    ),
    ComputedColumn(
        "path_year",
        "目安値の年度",
        "用いた年度。値がなければ、また条件で決めていれば、対象年度。",
        f'=IF({{basis}}="",{YEAR},'
        f'IF({LATE_VALUES}="{LATE_YEARS[LateValues.ASKED_YEAR]}",{{asked}},{{basis}}))',
    ),
    ComputedColumn(
        "exact",
        "目安値（丸める前）",
        "目標年度からと毎年度の規則では目標値。年度別目標値があればそれ。"
        "期間累計は目標値×経過年数÷目標年度までの年数。"
        "期末水準と抑制は、基準値から目標値へ均等に進むとした値。",
        '=IF({bar}<>"","",' + "{path_formula}" + ")",
    ),
    ComputedColumn(
        "expected",
        "目安値（整数）",
        "刻みで四捨五入した値。",
        '=IF({exact}="","",ROUND({exact}/{grain},0)*{grain})',
    ),
    ComputedColumn(
        "start",
        "起点（整数）",
        "期末水準は基準値、期間累計は0。ほかは起点なし。",
        '=IF({bar}<>"","",IF({rule}={total},0,IF(AND({rule}={level},ISNUMBER({base})),{base},"")))',
    ),
    ComputedColumn(
        "meets_goal",
        "目標値を満たす",
        "満たせば1。",
        f'=IF(OR({_NOT_JUDGED}),"",IF({{meets_aim}},1,0))',
    ),
    ComputedColumn(
        "meets_expected",
        "目安値を満たす",
        "満たせば1。",
        f'=IF(OR({_NOT_JUDGED},{{expected}}=""),"",IF({{sign}}*({{value}}-{{expected}})>=0,1,0))',
    ),
    ComputedColumn(
        "worsened",
        "基準値より後退",
        "期末水準で、許容幅を超えて基準値より悪ければ1。",
        f'=IF(OR({_NOT_JUDGED},{{rule}}<>{{level}},{{start}}=""),"",'
        "IF({sign}*({value}-{start})<-ROUND({tolerance}*{unit},0),1,0))",
    ),
    ComputedColumn(
        "done",
        "起点からの変化",
        "よい向きを正とする。",
        '=IF(OR({value}="",{start}=""),"",{sign}*({value}-{start}))',
    ),
    ComputedColumn(
        "way",
        "目標値までの変化",
        "起点から目標値まで。",
        '=IF({start}="","",{sign}*({goal}-{start}))',
    ),
    ComputedColumn(
        "way_by_now",
        "目安値までの変化",
        "起点から目安値まで。",
        '=IF(OR({start}="",{expected}=""),"",{sign}*({expected}-{start}))',
    ),
    ComputedColumn(
        "attainment",
        "達成率（％）",
        "用いた値÷目標値（小さいほどよければ目標値÷用いた値）。",
        f'=IF(OR({_NOT_JUDGED}),"",{_share("{aim}")})',
    ),
    ComputedColumn(
        "completion",
        "進捗率（％）",
        "起点からの変化÷目標値までの変化。",
        f'=IF(OR({{done}}="",{{way}}=""),"",{percentage("{done}", "{way}")})',
    ),
    ComputedColumn(
        "by_share",
        "実績÷目安値による",
        "条件で決めていて、期末水準に目安値があれば1。",
        f'=IF(OR({_NOT_JUDGED}),"",IF(AND({{rule}}={{level}},{{expected}}<>"",'
        f'{LEVEL_FIGURE}="{LEVEL_FIGURES[LevelFigure.SHARE]}"),1,0))',
    ),
    ComputedColumn(
        "pace",
        "計画比（％）",
        "起点からの変化÷目安値までの変化。目安値が起点より良い側にないときはなし。"
        "毎年度の規則では達成率。条件で決めていれば、期末水準は用いた値÷目安値"
        "（小さいほどよければ目安値÷用いた値）。",
        f"=IF({{rule}}={{every_year}},{{attainment}},IF({{by_share}}=1,{_share('{expected}')},"
        'IF(OR({done}="",{way_by_now}=""),"",'
        f'IF({{way_by_now}}>0,{percentage("{done}", "{way_by_now}")},""))))',
    ),
    ComputedColumn(
        "track",
        "途中年度の率（％）",
        "計画比。条件で決めていれば、期末水準は進捗率。",
        f'=IF(OR({_NOT_JUDGED}),"",IF(AND({{rule}}={{level}},{_BY_COMPLETION}),'
        "{completion},{pace}))",
    ),
    ComputedColumn(
        "by_pace",
        "計画比による段階",
        "途中年度の率と境の割合を比べる。率がなければ、目安値を満たすかどうか。",
        f'=IF(AND({{done}}="",{{by_share}}<>1),"",IF({{track}}="",'
        f'IF({{meets_expected}}=1,"{Status.ON_TRACK}","{Status.BEHIND}"),'
        f'IF({{track}}>={ON_TRACK},"{Status.ON_TRACK}",{_grade("{track}")})))',
    ),
    ComputedColumn(
        "by_attainment",
        "達成率による段階",
        "達成率と境の割合を比べる。",
        f'=IF({{attainment}}="","",IF(AND({ATTAINMENT_ON_TRACK}="{YES}",'
        f'{{attainment}}>={ON_TRACK}),"{Status.ON_TRACK}",{_grade("{attainment}")}))',
    ),
    ComputedColumn(
        "last_figure",
        "最終年度の率（％）",
        "起点があれば進捗率。毎年度と、基準値のない期末水準は達成率。"
        "条件で決めていれば、ほかの期末水準と抑制も達成率。",
        f"=IF({_COMPLETION_COUNTS},{{completion}},"
        f"IF(OR({{rule}}={{every_year}},{{rule}}={{level}},{_GRADED_RESTRAINT}),"
        '{attainment},""))',
    ),
    ComputedColumn(
        "far_figure",
        "大きく上回るかを見る率（％）",
        "判定に用いる率。実現と抑制にはない。",
        f'=IF(OR({_NOT_JUDGED},{{rule}}={{milestone}},{{rule}}={{restraint}}),"",'
        f"IF({_IS_DUE},{{last_figure}},"
        f"IF(OR({{rule}}={{total}},{_ON_PATH}),{{track}},{{attainment}})))",
    ),
    ComputedColumn(
        "is_far",
        "大きく上回る",
        "その率が境以上なら1。境がなければ0。",
        f'=IF(OR({_NOT_JUDGED}),"",IF(ISNUMBER({FAR_ABOVE}),'
        f"IF(N({{far_figure}})>={FAR_ABOVE},1,0),0))",
    ),
    ComputedColumn(
        "misses",
        "途中の未達成",
        "毎年度の規則で、用いた年度より前に目標値を満たさなかった年度の数。",
        f'=IF(OR({_NOT_JUDGED},{{rule}}<>{{every_year}}),"",{{misses_of_range}}IF({{sign}}=1,'
        "SUMPRODUCT(ISNUMBER({wholes})*({years}<{basis})*({wholes}<{goal})),"
        "SUMPRODUCT(ISNUMBER({wholes})*({years}<{basis})*({wholes}>{goal}))){close_misses})",
    ),
    ComputedColumn(
        "status",
        "判定コード",
        "目標年度（なければ最終年度）からと、それより前とで規則が違う。名称は「条件」のシート。",
        f'=IF({{bar}}="{OUTSIDE}","",IF({{bar}}<>"","{Status.NO_JUDGEMENT}",IF({{value}}="",'
        f'IF({{reason}}="","{Status.NOT_REPORTED}","{Status.NO_JUDGEMENT}"),'
        f'IF({{is_far}}=1,"{Status.FAR_ABOVE}",IF({_IS_DUE},'
        f'IF({{meets_goal}}=1,"{Status.ACHIEVED}",IF({_WORSENED},"{Status.WORSENED}",'
        f'IF({{last_figure}}="","{Status.NOT_ACHIEVED}",'
        f'IF({{reaches}},"{Status.ACHIEVED}",'
        f'IF({{last_figure}}>={MOSTLY_ACHIEVED},"{Status.MOSTLY_ACHIEVED}",'
        + _grade_from(PARTLY_ACHIEVED, Status.PARTLY_ACHIEVED, f'"{Status.NOT_ACHIEVED}"')
        + "))))),"
        f'IF({{rule}}={{total}},IF({{meets_goal}}=1,"{Status.ACHIEVED}",{{by_pace}}),'
        f'IF({{rule}}={{level}},IF({{meets_goal}}=1,"{Status.AT_TARGET}",'
        f'IF(AND({_WORSENED},{{meets_expected}}<>1),"{Status.WORSENED}",'
        f"IF({_ON_PATH},{{by_pace}},"
        f'IF({{meets_expected}}=1,"{Status.ON_TRACK}",'
        f'IF({{by_attainment}}="","{Status.NO_JUDGEMENT}",{{by_attainment}}))))),'
        f'IF({{rule}}={{every_year}},IF({{meets_goal}}=1,"{Status.ON_TRACK}",'
        f'IF({{by_attainment}}="","{Status.BEHIND}",{{by_attainment}})),'
        "IF({rule}={milestone},"
        f'IF({{meets_goal}}=1,"{Status.AT_TARGET}","{Status.NOT_REALISED}"),'
        f'IF({_GRADED_RESTRAINT},IF({{meets_goal}}=1,"{Status.AT_TARGET}",'
        f'IF({{by_attainment}}="","{Status.BEHIND}",{{by_attainment}})),'
        f'IF({{meets_goal}}<>1,"{Status.BEHIND}",IF({{expected}}="","{Status.AT_TARGET}",'
        f'IF({{meets_expected}}=1,"{Status.ON_TRACK}","{Status.SLIGHTLY_BEHIND}")))))))))))))',
    ),
    ComputedColumn(
        "judged_by",
        "判定の根拠",
        "判定を決めた率。率によらないときは値の比較。",
        f'=IF(OR({_NOT_JUDGED},{{status}}="{Status.NO_JUDGEMENT}"),"",'
        f"IF({{is_far}}=1,IF({_IS_DUE},"
        f"IF({_COMPLETION_COUNTS},{{by_completion}},{{by_attainment_word}}),"
        f"IF(OR({{rule}}={{total}},{_ON_PATH}),{_BY_TRACK},{{by_attainment_word}})),"
        f"IF({_IS_DUE},"
        "IF({meets_goal}=1,IF({rule}={total},{by_completion},{by_comparison}),"
        f"IF({_WORSENED},{{by_comparison}},IF({_COMPLETION_COUNTS},{{by_completion}},"
        'IF({last_figure}="",{by_comparison},{by_attainment_word})))),'
        "IF({rule}={total},IF({meets_goal}=1,{by_completion},"
        'IF({pace}="",{by_comparison},{by_pace_word})),'
        "IF({rule}={level},"
        f"IF(OR({{meets_goal}}=1,AND({_WORSENED},{{meets_expected}}<>1)),{{by_comparison}},"
        f'IF({_ON_PATH},IF({{track}}="",{{by_comparison}},{_BY_TRACK}),'
        "IF({meets_expected}=1,{by_comparison},{by_attainment_word}))),"
        "IF({rule}={every_year},"
        'IF(OR({meets_goal}=1,{attainment}=""),{by_comparison},{by_attainment_word}),'
        f'IF(AND({_GRADED_RESTRAINT},{{meets_goal}}<>1,{{attainment}}<>""),'
        "{by_attainment_word},{by_comparison})))))))",
    ),
    ComputedColumn(
        "note",
        "判定の添え書き",
        "判定のかっこ内。",
        f'=IF({{bar}}<>"",{{bar}},IF({{value}}="",{{reason}},'
        f'IF({{status}}="{Status.NO_JUDGEMENT}","{NO_BASELINE}",'
        f'IF(AND({_IS_DUE},OR({{status}}="{Status.ACHIEVED}",{{status}}="{Status.FAR_ABOVE}"),'
        f'N({{misses}})>0),"{EARLIER_MISS}",""))))',
    ),
    ComputedColumn(
        "label",
        "判定",
        "判定の名称と添え書き。",
        '=IF({status}="",{note},IF({own_word}<>"",{own_word},'
        'IF({kind}={milestone},"実現",IF({sign}=1,"目標値以上","目標値以下")))'
        '&IF({note}="","","（"&{note}&"）"))',
    ),
    ComputedColumn(
        "band",
        "段階コード",
        "判定を五つにまとめたもの。",
        '=IF({status}="","",INDEX({bands},MATCH({status},{statuses},0)))',
    ),
    ComputedColumn(
        "mark",
        "印",
        "段階の印。",
        '=IF({status}="","",INDEX({marks},MATCH({status},{statuses},0)))',
    ),
    ComputedColumn(
        "ahead_count",
        "見込みに用いる値の数",
        "計画期間の、対象年度までの実績の数。",
        f"=SUMPRODUCT(ISNUMBER({{wholes}})*({{years}}<={YEAR}))",
    ),
    ComputedColumn(
        "ahead_first",
        "最初の値の年度",
        "そのうち最も古い年度。なければ0。",
        f"=IF({{ahead_count}}=0,0,9999-SUMPRODUCT(MAX(ISNUMBER({{wholes}})*({{years}}<={YEAR})"
        "*(9999-{years}))))",
    ),
    ComputedColumn(
        "ahead_newest",
        "最も新しい値の年度",
        "そのうち最も新しい年度。なければ0。",
        f"=SUMPRODUCT(MAX(ISNUMBER({{wholes}})*({{years}}<={YEAR})*{{years}}))",
    ),
    ComputedColumn(
        "ahead_free",
        "調子が続いた値（整数）",
        "期末水準は、最も新しい値＋最初の値からの1年度あたりの平均の変化×残りの年数。"
        "期間累計は、累計＋1年度あたりの平均×残りの年数。目安値の刻みで四捨五入した値。",
        f'=IF(OR({{bar}}<>"",{YEAR}>={_DUE},{{ahead_count}}<{LEAST_VALUES}),"",'
        f"IF({{rule}}={{level}},ROUND(({_NEWEST}*({{ahead_newest}}-{{ahead_first}})"
        f"+({_NEWEST}-{_FIRST})*({_DUE}-{{ahead_newest}}))"
        "/(({ahead_newest}-{ahead_first})*{grain}),0)*{grain},"
        f'IF({{rule}}={{total}},IF({{running}}="{YES}",'
        f"ROUND({_NEWEST}*({_DUE}-{_SINCE}+1)"
        f"/(({{ahead_newest}}-{_SINCE}+1)*{{grain}}),0)*{{grain}},"
        f'ROUND(SUMIF({{years}},"<="&{{ahead_newest}},{{wholes}})'
        f"*({{ahead_count}}+{_DUE}-{{ahead_newest}})/({{ahead_count}}*{{grain}}),0)*{{grain}}"
        '),"")))',
    ),
    ComputedColumn(
        "ahead",
        "見込みの値（整数）",
        "期末水準は、入力できる最小値から最大値までとする。",
        '=IF(OR({ahead_free}="",{rule}={total}),{ahead_free},'
        f"IF(AND(ISNUMBER({{minimum}}),{{ahead_free}}<{_LEAST}),{_LEAST},"
        f"IF(AND(ISNUMBER({{maximum}}),{{ahead_free}}>{_MOST}),{_MOST},{{ahead_free}})))",
    ),
    ComputedColumn(
        "outlook",
        "見込み",
        "見込みの値が目標値を満たすか。判定には用いない。",
        f'=IF(OR({{bar}}="{OUTSIDE}",{YEAR}>={_DUE}{{or_monitored}}),"",'
        f'IF({{ahead}}="","{OutlookState.UNKNOWN.label}",'
        f'IF({{sign}}*({{ahead}}-{{goal}})>=0,"{OutlookState.MET.label}",'
        f'"{OutlookState.MISSED.label}")))',
    ),
)

_BAR_OF_FAULT = f'IF({{fault}}=1,"{CONTRADICTORY}","")'
_IS_RELATIVE = '{relation}<>""'
_IS_STRICT = "OR({relation}={beyond},{relation}={beyond_reference})"
_HAS_REFERENCE = "OR({relation}={reference},{relation}={beyond_reference})"


def _against(year: str) -> str:
    """Return the expression for what a relative target compares a year with."""
    return f"INDEX({{againsts}},MATCH({year},{{years}},0))"


def _earlier(sign: str) -> str:
    """Return the number of years before the judged one whose value stands so to what it met."""
    return (
        "SUMPRODUCT(ISNUMBER({wholes})*ISNUMBER({againsts})*({years}<{basis})"
        f"*({{wholes}}{sign}{{againsts}}))"
    )


_IS_RANGE = "ISNUMBER({top})"
USUAL = {
    "bar_of_kind": _BAR_OF_FAULT,
    "or_monitored": "",
    "and_no_range": "",
    "rule_of_range": "",
    "or_faulty_range": "",
    "misses_of_range": "",
    "fault_of_relation": "",
    "no_goal": '{bar}<>""',
    "or_relative": "",
    "meets_aim": "{side}*({value}-{aim})>=0",
    "reaches": f"{{last_figure}}>={ACHIEVED}",
    "close_misses": "",
    "close": "",
    "aim": "{goal}",
    "side": "{sign}",
}
"""Parts of formulas in a plan without the kinds below; then no formula mentions them."""

WITH_ALL_KINDS = {
    "bar_of_kind": (
        f'IF({{kind}}={{monitor}},"{MONITORED}",IF({{fault}}=1,"{CONTRADICTORY}",'
        f'IF({_IS_RELATIVE},IF(AND(ISNUMBER({{entry}}),{_against("{asked}")}=""),'
        f'"{NO_REFERENCE}",""),"")))'
    ),
    "fault_of_relation": (
        f"IF({_IS_RELATIVE},IF(OR({{kind}}<>{{every_year}},{_IS_RANGE},"
        f'AND({_HAS_REFERENCE},{{reference_fits}}<>"{YES}"),'
        f"SUMPRODUCT({_IN_PLAN})>0),1,0),"
    ),
    "no_goal": 'OR({bar}<>"",{goal}="")',
    "or_relative": f",{_IS_RELATIVE}",
    "meets_aim": f"IF({_IS_STRICT},{{side}}*({{value}}-{{aim}})>0,{{side}}*({{value}}-{{aim}})>=0)",
    "reaches": (f"AND({{last_figure}}>={ACHIEVED},NOT(AND({_IS_STRICT},{{value}}={{aim}})))"),
    "or_monitored": ",{kind}={monitor}",
    "and_no_range": f",NOT({_IS_RANGE})",
    "rule_of_range": f"IF(AND({{kind}}={{level}},{_IS_RANGE}),{{every_year}},",
    "or_faulty_range": (
        f",AND({_IS_RANGE},OR(AND({{kind}}<>{{level}},{{kind}}<>{{every_year}}),N({{top}})<={{goal}}))"
    ),
    "misses_of_range": (
        f"IF({_IS_RANGE},IF({{kind}}={{level}},0,"
        "SUMPRODUCT(ISNUMBER({wholes})*({years}<{basis})*(({wholes}<{goal})+({wholes}>{top})))),"
        f"IF({_IS_RELATIVE},IF({{sign}}=1,{_earlier('<')},{_earlier('>')})"
        f"+IF({_IS_STRICT},{_earlier('=')},0),"
    ),
    "close_misses": "))",
    "close": ")",
}
"""The same parts in a plan with 参考指標, ranges or relative targets."""

STEPS_OF_OTHER_KINDS = (
    ComputedColumn(
        "against",
        "比べる値（整数）",
        "前年度や別の指標の値と比べる目標だけ。その年度の前の年度の実績、"
        "またはその年度の比べる指標の値×倍率。",
        f'=IF({_HAS_REFERENCE},IF(ISNUMBER({{referred}}),ROUND({{referred}}*{{unit}},0),""),'
        f"IF(AND({_IS_RELATIVE},ISNUMBER({{before_that}})),"
        'ROUND({before_that}*{unit},0),""))',
        per_year=True,
    ),
    ComputedColumn(
        "top",
        "目標値の上限（整数）",
        "範囲の目標だけ。上限×倍率。",
        '=IF(ISNUMBER({upper}),ROUND({upper}*{unit},0),"")',
    ),
    ComputedColumn(
        "aim",
        "比べる目標値（整数）",
        "目標値。範囲では、その中で、用いた値に最も近い数。",
        '=IF(OR({bar}<>"",{value}=""),"",'
        f"IF({_IS_RELATIVE},{_against('{path_year}')},"
        f"IF({_IS_RANGE},IF({{value}}>{{top}},{{top}},IF({{value}}>{{goal}},{{value}},{{goal}})),"
        "{goal})))",
    ),
    ComputedColumn(
        "side",
        "比べる向き",
        "向き。範囲の上限を超えた値は、小さいほどよいとして比べる。",
        f'=IF(OR({{bar}}<>"",{{value}}=""),"",IF({_IS_RANGE},IF({{value}}>{{top}},-1,1),{{sign}}))',
    ),
)
"""The steps of a plan with 参考指標 or ranges, which stand after the others."""

WORDS = {
    **{kind.value: f'"{kind.label}"' for kind in Kind},
    "up": f'"{Direction.UP.label}"',
    "beyond": f'"{Relation.BEYOND_PREVIOUS_YEAR.label}"',
    "reference": f'"{Relation.REFERENCE.label}"',
    "beyond_reference": f'"{Relation.BEYOND_REFERENCE.label}"',
    "measured": f'"{BaselineKind.MEASURED.label}"',
    **{reason.value: f'"{reason.label}"' for reason in Missing},
    "by_comparison": f'"{JudgedBy.COMPARISON.label}"',
    "by_completion": f'"{JudgedBy.COMPLETION.label}"',
    "by_attainment_word": f'"{JudgedBy.ATTAINMENT.label}"',
    "by_pace_word": f'"{JudgedBy.PACE.label}"',
}
"""The words that formulas compare with and return, as string literals of formulas."""

_WORD_OF_STATUS = "INDEX({words},MATCH({status},{statuses},0))"


_THE_YEAR = re.compile(f'(?<!"){YEAR}(?!")')
"""The year in a formula; in quotes it is a word of 条件."""


def for_the_year_before(formula: str) -> str:
    """Return the formula that judges the year before the one that 条件 names."""
    return _THE_YEAR.sub(f"({YEAR}-1)", formula)


def _steps_of_the_year() -> tuple[ComputedColumn, ...]:
    """Return the steps up to the judgement that depend on the year, also through other steps."""
    found: dict[str, ComputedColumn] = {}
    for step in takewhile(lambda step: step.key != "ahead_count", STEPS):
        names = {name for _, name, _, _ in Formatter().parse(step.formula)}
        if not step.per_year and (_THE_YEAR.search(step.formula) or names & found.keys()):
            found[step.key] = step
    return tuple(found.values())


def path(year: str, *, all_kinds: bool = False) -> str:
    """Return the expression for the unrounded 目安値 of a year; `year` is an expression, too."""
    if all_kinds:
        return f'IF({_IS_RELATIVE},{_against(year)},IF({_IS_RANGE},"",{path(year)}))'
    years = f"({{due}}-{_SINCE}+1)"
    ordinal = f"({year}-{_SINCE}+1)"
    return (
        f"IF(OR({year}>={{due}},{{rule}}={{every_year}}),{{goal}},"
        f"IF(SUMPRODUCT(ISNUMBER({{typed}})*({{typed_years}}={year}))>0,"
        f"ROUND(SUMIF({{typed_years}},{year},{{typed}})*{{unit}},0),"
        f"IF({{kind}}={{total}},{{goal}}*{ordinal}/{years},"
        "IF(AND(OR({kind}={level},{kind}={restraint}),ISNUMBER({base})),"
        f'(N({{base}})*{years}+({{goal}}-N({{base}}))*{ordinal})/{years},""))))'
    )


def with_addresses(formula: str, addresses: Mapping[str, str], *, all_kinds: bool = False) -> str:
    """Return a formula with the names in braces replaced by cell addresses.

    `all_kinds`: the plan has other kinds of listings than the usual ones.
    """
    return _with_parts(formula, all_kinds=all_kinds).format_map({**WORDS, **addresses})


@lru_cache(maxsize=256)
def _with_parts(formula: str, *, all_kinds: bool) -> str:
    """Return a formula with the names of parts replaced by them: the same for all listings."""
    formula = formula.replace("{path_formula}", path("{path_year}", all_kinds=all_kinds))
    formula = formula.replace("{own_word}", _WORD_OF_STATUS)
    for name, part in (WITH_ALL_KINDS if all_kinds else USUAL).items():
        formula = formula.replace(f"{{{name}}}", part)
    return formula


STEPS_OF_THE_YEAR = _steps_of_the_year()
