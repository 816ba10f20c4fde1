"""The sentence that explains a judgement, for officials to read out in the council.

Standard library only. `judgement` decides; this module only describes the result.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction

from indicators.rules.cases import Case, Verdict
from indicators.rules.chosen_grades import PERSONAL, ChosenGrade, grade_word
from indicators.rules.narrowing_types import given
from indicators.rules.targets import (
    Period,
    Plan,
    TargetSpec,
    guide_amount,
    shown_amount,
    target_in_words,
    with_decimals,
)
from indicators.rules.terms import (
    EARLIER_MISS,
    FIGURES,
    MONITORED,
    NO_REFERENCE,
    NOT_REPORTED,
    Direction,
    Kind,
    Scale,
    Status,
    or_better,
    side_in_words,
    status_word,
)
from japanese.fiscal_years import era_label

# How a sentence continues after a standard word. A strategy's own word gets 「です」, because its
# grammar is unknown.
ENDINGS = {
    "達成": "しました",
    "おおむね達成": "しました",
    "一部達成": "しました",
    "大きく上回る": "水準です",
    "実現": "しています",
    "やや遅れ": "ています",
    "遅れ": "ています",
    "基準値より後退": "しています",
    "判定なし": "としています",
}

_NEVER_JUDGED = "目標値のない参考指標のため、判定しません。"

# From these percentages on, a value is so far beyond its target that the target means little:
# better by a fifth, or twice the planned change.
FAR_ABOVE_ATTAINMENT = Decimal(120)
FAR_ABOVE_COMPLETION = Decimal(200)


def explain(case: Case, verdict: Verdict, scale: Scale, fiscal_year: int, absence: str) -> str:
    """Return the sentence for a value, and at most one more short sentence.

    After the target year one more says so.

    ``fiscal_year`` is the year of the assessment. If the case is that of an earlier year,
    ``absence`` is the Japanese reason why the year itself has no value.
    """
    names_expected = _names_expected(case, verdict)
    predicate = _predicate(case.target, verdict.status, scale)
    if verdict.status == Status.NO_JUDGEMENT:
        conclusion = f"ですが、{_because(verdict.note)}、{predicate}"
    else:
        conclusion = f"{_figure(case, verdict)}で、{predicate}"
    remark = _remark(case, verdict, scale, fiscal_year, absence)
    return (
        f"{_aim(case, names_expected)}、{_measured(case, names_expected)}{conclusion}。"
        f"{_past_due(case.target, case.period, fiscal_year)}{remark}{'。' if remark else ''}"
    )


def explain_absence(target: TargetSpec, plan: Plan, fiscal_year: int, verdict: Verdict) -> str:
    """Return the sentence for a year without a value: 未入力, or 判定なし with the reason."""
    if target.is_relative:
        aim = f"{target.compared_name}の値{_side(target)}目標に対し"
        return _absence(target, plan, fiscal_year, verdict, aim)
    name = "目標の範囲" if target.is_range else "目標値"
    aim = f"{name}{_minus_in_words(target_in_words(target))}に対し"
    return _absence(target, plan, fiscal_year, verdict, aim)


def _side(target: TargetSpec) -> str:
    """Return how a relative target continues: 120人を上回る, 120人以下の."""
    return side_in_words(target.relation, target.direction) + ("" if target.is_strict else "の")


def _absence(target: TargetSpec, plan: Plan, fiscal_year: int, verdict: Verdict, aim: str) -> str:
    year = era_label(target.counted_year(plan.period, fiscal_year))
    predicate = _predicate(target, verdict.status, plan.scale)
    late = _past_due(target, plan.period, fiscal_year)
    if verdict.note:
        return f"{aim}、{year}の実績値は{_because(verdict.note)}、{predicate}。{late}"
    return f"{aim}、{year}は{predicate}。{late}"


def explain_unjudged_absence(
    target: TargetSpec, fiscal_year: int, absence: str, reason: str, scale: Scale
) -> str:
    """Return the sentence for a year without a value in a listing that is not judged.

    ``absence`` is the Japanese reason why there is no value, ``reason`` why it is not judged.
    """
    if reason == MONITORED:
        missing = _in_words_of(scale, absence)
        return f"{era_label(fiscal_year)}の実績値はありません（{missing}）。{_NEVER_JUDGED}"
    predicate = _predicate(target, Status.NO_JUDGEMENT, scale)
    absence = _in_words_of(scale, absence)
    return f"{era_label(fiscal_year)}の実績値はなく（{absence}）、{_because(reason)}、{predicate}。"


def explain_unjudged(
    target: TargetSpec,
    fiscal_year: int,
    value: Decimal,
    uncounted: Mapping[int, str],
    reason: str,
    scale: Scale,
) -> str:
    """Return the sentence for a value that is not judged because of ``reason``.

    ``uncounted`` has the years missing in a total.
    """
    year = era_label(fiscal_year)
    predicate = _predicate(target, Status.NO_JUDGEMENT, scale)
    measured = f"{year}{_link(target)}{_subject(target, uncounted)}{_spoken(target, value)}"
    if reason == MONITORED:
        return f"{measured}です。{_NEVER_JUDGED}"
    remark = f"{_reference_only(uncounted, scale)}。" if uncounted else ""
    if reason == NO_REFERENCE and target.reference is not None:
        reason = f"{year}の{target.reference.name}の値がない"
    return f"{measured}ですが、{_because(reason)}、{predicate}。{remark}"


def explain_grade(fiscal_year: int, grade: ChosenGrade, scale: Scale, note: str = PERSONAL) -> str:
    """Return the sentence for a grade that a person chose, with note and reason in one line."""
    reason = " ".join(grade.reason.split()).rstrip("。")
    why = f"理由：{reason}。" if reason else ""
    word = grade_word(grade.status, scale)
    return f"{era_label(fiscal_year)}は「{word}」と判断しました（{note}）。{why}"


def explain_ungraded(fiscal_year: int, absence: str, scale: Scale) -> str:
    """Return the sentence for a year of a 記述目標 without a grade."""
    reason = _in_words_of(scale, absence)
    return f"{era_label(fiscal_year)}の判断はまだありません（{reason}）。人が判断する記述目標です。"


def _past_due(target: TargetSpec, period: Period, fiscal_year: int) -> str:
    """Return the sentence for a year after the target year; "" for other years."""
    due = target.due(period)
    return f"目標年度（{era_label(due)}）を過ぎています。" if fiscal_year > due else ""


def explain_outlook(
    target: TargetSpec, due_year: int, value: Decimal, *, computed: Decimal, gaps: Iterable[int]
) -> str:
    """Return the sentence for an outlook, and at most one more short sentence.

    ``computed`` is the value before it was kept within what the indicator allows; ``gaps`` are the
    years without a value in the sum of a total.
    """
    years = _years(gaps)
    subject = f"までの累計{f'（{years}を除く）' if years else ''}は" if _is_total(target) else "は"
    meets = target.lead(value, target.target) >= 0
    sentence = (
        f"この調子が続くと、{era_label(due_year)}{subject}{_guide(target, value)}で、"
        f"目標値{_spoken(target, target.target)}に{'届く' if meets else '届かない'}見込みです。"
    )
    if computed != value:
        limit = "最小" if computed < value else "最大"
        number = _guide(target, computed, value)
        sentence += f"計算では{number}になるため、入力できる{limit}値としています。"
    return sentence + ("値のない年度があるため参考値です。" if years else "")


def explain_no_outlook(reason: str) -> str:
    """Return the sentence that says why there is no outlook; ``reason`` precedes ため."""
    return f"{reason}ため、見込みは出せません。"


def _is_total(target: TargetSpec) -> bool:
    return target.kind == Kind.TOTAL


def _aim(case: Case, names_expected: bool) -> str:
    """Return the first clause: the aim of the target, with the particle before the value."""
    target = case.target
    if target.is_range:
        each = "毎年度の" if target.kind == Kind.EVERY_YEAR else ""
        return f"{each}目標の範囲{_minus_in_words(target_in_words(target))}に対し"
    if target.is_relative:
        return f"{target.compared_name}の{_spoken(target, target.target)}{_side(target)}目標に対し"
    goal = f"目標値{_spoken(target, target.target)}"
    if target.kind == Kind.MILESTONE:
        return f"{goal}の実現に向け"
    if target.rule == Kind.LEVEL and target.baseline is not None:
        return f"基準値{_spoken(target, target.baseline)}から{goal}に向け"
    if target.rule != target.kind:
        goal = f"基準値と同じ{goal}"
    elif target.kind == Kind.EVERY_YEAR:
        goal = f"毎年度の{goal}"
    elif target.kind == Kind.RESTRAINT:
        goal = _restraint(target, goal)
    return goal + ("に向け" if names_expected else "に対し")


def _restraint(target: TargetSpec, goal: str) -> str:
    loss = "減少" if target.direction == Direction.UP else "増加"
    if target.baseline is not None:
        loss = f"基準値{_spoken(target, target.baseline)}からの{loss}"
    return f"{loss}を抑えて{goal}{or_better(target.direction)}を保つ目標"


def _measured(case: Case, names_expected: bool) -> str:
    """Return the clause with year and value, with the 目安値 if ``names_expected``."""
    target, year = case.target, era_label(case.year)
    measured = f"{_subject(target, case.uncounted)}{_spoken(target, case.value)}"
    if names_expected:
        name = "年度別目標値" if case.expected_is_typed else "目安値"
        value = with_decimals(case.value, 0)
        expected = _guide(target, given(case.expected), value)
        ordinal = case.period.ordinal(case.year)
        return f"{era_label(case.due)}までの{ordinal}年目の{name}{expected}に対し{measured}"
    if case.older_year is not None:
        return f"{era_label(case.older_year)}の{measured}"
    return f"{_which_year(case)}{year}{_link(target)}{measured}"


def _which_year(case: Case) -> str:
    if case.year != case.due:
        return ""
    return "最終年度の" if case.due == case.period.last else "目標年度の"


def _names_expected(case: Case, verdict: Verdict) -> bool:
    """Return whether to name the 目安値: it differs from the target and was compared with."""
    return (
        case.expected is not None
        and not case.is_due
        and case.target.rule != Kind.EVERY_YEAR
        and verdict.status not in (Status.ACHIEVED, Status.AT_TARGET)
    )


def _link(target: TargetSpec) -> str:
    return "までの" if target.kind == Kind.TOTAL else "の"


def _subject(target: TargetSpec, uncounted: Mapping[int, str]) -> str:
    """Return the subject of the clause; a total names its missing years."""
    if target.kind != Kind.TOTAL:
        return "実績は"
    gaps = f"（{_years(uncounted)}を除く）" if uncounted else ""
    return f"累計{gaps}は"


def _figure(case: Case, verdict: Verdict) -> str:
    if verdict.judged_by not in FIGURES:
        return ""
    figure = getattr(case, verdict.judged_by)
    return f"、{verdict.judged_by.label}{_minus_in_words(f'{figure:,f}')}％"


def _predicate(target: TargetSpec, status: str, scale: Scale) -> str:
    word = status_word(status, kind=target.kind, direction=target.direction, scale=scale)
    if status in scale.labels and status != Status.NOT_REPORTED:
        # A strategy may use any words, not only those that can end a sentence.
        return f"判定は「{word}」です"
    return word + ENDINGS.get(word, "です")


def _remark(case: Case, verdict: Verdict, scale: Scale, fiscal_year: int, absence: str) -> str:
    """Return the most important remark that the sentence leaves out; "" without any."""
    advice = _advice(case)
    if case.uncounted:
        # The real sum is at least as large, so the advice still holds.
        return "が、".join(filter(None, (_reference_only(case.uncounted, scale), advice)))
    if case.value_year != case.target.counted_year(case.period, fiscal_year):
        asked, basis = era_label(fiscal_year), era_label(case.value_year)
        return f"{asked}の実績値は{_because(absence)}、{basis}の値で判定しています"
    if verdict.note == EARLIER_MISS and case.target.is_range:
        return f"ただし、{_years(case.misses)}は目標の範囲に入っていません"
    if verdict.note == EARLIER_MISS and case.target.is_relative:
        compared = case.target.compared_name
        return f"ただし、{_years(case.misses)}は{compared}の値と比べた目標を満たしていません"
    if verdict.note == EARLIER_MISS:
        return f"ただし、{_years(case.misses)}は目標値を満たしていません"
    return advice


def _reference_only(uncounted: Mapping[int, str], scale: Scale) -> str:
    reasons = (_in_words_of(scale, reason) for reason in dict.fromkeys(uncounted.values()))
    years = "や".join(f"{_attributive(reason)}年度" for reason in reasons)
    return f"{years}があるため参考値です"


def _advice(case: Case) -> str:
    rule = case.target.rule
    if case.target.is_relative:
        return ""
    # Exceeding a milestone does not mean that its target was too low, and a restraint starts far
    # above its target because the value may get worse until the last year.
    if rule == Kind.MILESTONE or (rule == Kind.RESTRAINT and not case.is_due):
        return ""
    attainment, completion = case.attainment or 0, case.completion or 0
    if attainment < FAR_ABOVE_ATTAINMENT and completion < FAR_ABOVE_COMPLETION:
        return ""
    ahead = "次の計画に向け、" if case.year == case.period.last else ""
    return f"{ahead}目標値の見直しを検討してください"


def _spoken(target: TargetSpec, number: Fraction | Decimal) -> str:
    return _minus_in_words(shown_amount(target, number))


def _guide(target: TargetSpec, number: Decimal, value: Decimal | None = None) -> str:
    return _minus_in_words(guide_amount(target, number, value))


def _minus_in_words(text: str) -> str:
    """Return 「マイナス35.7」 for 「-35.7」: a hyphen in a sentence is easy to miss."""
    return f"マイナス{text[1:]}" if text.startswith("-") else text


def _because(reason: str) -> str:
    return f"{_attributive(reason)}ため"


def _in_words_of(scale: Scale, reason: str) -> str:
    """Return the reason for a missing value; a scale may have a word of its own for 未入力."""
    return status_word(Status.NOT_REPORTED, scale=scale) if reason == NOT_REPORTED else reason


def _attributive(reason: str) -> str:
    """Return a reason in the form before a noun: 未公表の, but 把握できない."""
    return reason if reason.endswith("い") else f"{reason}の"


def _years(years: Iterable[int]) -> str:
    return "、".join(era_label(year) for year in years)
