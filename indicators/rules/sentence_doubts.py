"""The doubts about a reading: what its sentence leaves open, for the person who confirms it."""

import re
from collections.abc import Iterable
from decimal import Decimal

from indicators.rules.name_directions import (
    counts_a_decrease,
    is_difference,
    may_count_a_remedy,
    names_something_adverse,
    should_fall,
)
from indicators.rules.narrowing_types import given
from indicators.rules.sentence_facts import SentenceFacts, years_of
from indicators.rules.sentence_forms import (
    SpecialTarget,
    needs_other_indicator,
    two_references_in,
)
from indicators.rules.sentence_quantities import (
    ABOUT,
    AMOUNTS,
    AT_LEAST,
    AT_MOST,
    EVENTS,
    FALLS,
    IMPROVES,
    PEOPLE,
    RISES,
    STRICT,
    VAGUE_BEFORE,
    Quantity,
)
from indicators.rules.terms import Direction, Kind
from japanese.fiscal_years import full_label
from japanese.numerals import decimals_of, format_exact, shown

_LEVEL_NAME = re.compile(r"(?:率|割合|比率|指数|平均.*|水準|人口|残高|面積|密度|寿命)(?:\(.*\))?$")
_PEOPLE_WHO_DID = re.compile(r"[しっんい][ただ].*(?:人数|者数|員数?|人)$")
_FEW = 10


def is_level_name(subject: str) -> bool:
    """Return whether the values of an indicator do not add up by its name: 満足度の割合, 人口."""
    return _LEVEL_NAME.search(subject) is not None


def doubts_about(
    facts: SentenceFacts,
    kind: str | None,
    direction: str | None,
    baseline: Decimal | None,
    special: SpecialTarget | None,
) -> Iterable[str]:
    """Yield what a person should check in a reading, as Japanese sentences."""
    yield from _doubts_about_form(facts, special)
    yield from _doubts_about_numbers(facts, special)
    yield from _doubts_about_years(facts)
    if facts.main is None:
        return
    yield from _doubts_about_limits(facts)
    yield from _doubts_about_direction(facts, direction)
    yield from _doubts_about_change(facts, kind, baseline)
    if kind == Kind.RESTRAINT:
        yield from _doubts_about_restraint(facts, direction)
    elif facts.parts.target and (facts.parts.change or facts.parts.baseline):
        yield from _doubts_about_step(facts, kind)
    elif facts.mean is None:
        yield from _doubts_about_period(facts, kind)


def _quoted(quantity: Quantity) -> str:
    return f"{shown(quantity.written)}{quantity.unit}"


# --- Forms that no kind can hold --------------------------------------------------------------


def _doubts_about_form(facts: SentenceFacts, special: SpecialTarget | None) -> Iterable[str]:
    parts = facts.parts
    if facts.compared_with:
        yield from _doubts_about_comparison(facts, facts.compared_with)
    if parts.yearly_step:
        yield from _doubts_about_yearly_step(facts)
    if special and facts.is_multiple:
        yield from _doubts_about_multiple(facts, special.reference)
    if facts.mean is not None:
        yield f"{_mean_in_words(facts)}で見る目標である。各年度の値でも、合計でもない。"
    if facts.is_rank:
        yield "順位の目標である。数が小さいほど良いと読んだ。"
    if parts.ends_of_range:
        lower, upper = parts.ends_of_range
        yield (
            f"「{_quoted(lower)}」から「{_quoted(upper)}」までの範囲に収める目標か、"
            "目標値に幅があるのか、文言から決まらない。"
        )
    if facts.lacks_number and special:
        words = facts.words_of_target
        yield f"目標が「{shown(words)}」とだけあり、目標値となる数を文言から読み取れない。"
    if facts.several:
        yield f"「{facts.several}」とあり、複数の数がそれぞれ満たす目標である。"


def _doubts_about_comparison(facts: SentenceFacts, compared_with: str) -> Iterable[str]:
    number = "" if facts.parts.target else "目標値となる数は文言に書かれていない。"
    needs_other = needs_other_indicator(compared_with, facts.frame.text)
    if number and not facts.parts.compared and needs_other:
        number += "その値を入力する指標を、比べる指標として選ぶ必要がある。"
    yield f"「{compared_with}」と比べる目標である。{number}"
    if both := two_references_in(facts.frame.text):
        yield f"「{both}」とあり、比べる値が二つある。二つの目標に分けて登録する必要がある。"


def _mean_in_words(facts: SentenceFacts) -> str:
    years = facts.frame.mean_years
    named = f"{years[0]}～{years[1]}年度の" if years else facts.mean and f"{facts.mean}の"
    return facts.recent_mean or f"{named}平均"


def _doubts_about_yearly_step(facts: SentenceFacts) -> Iterable[str]:
    step = given(facts.parts.yearly_step)
    amount = f"{_quoted(step)}{step.limit}"
    if facts.parts.target:
        yield (
            f"「{amount}」は1年ごとの増減であり、目標値までの増減の全体ではない。"
            f"{'' if facts.parts.baseline else '基準値は文言から決まらない。'}"
        )
    else:
        yield (
            f"「{amount}」は1年ごとの増減である。最終年度の目標値は、"
            "もとの値と計画の年数から求める必要がある。"
        )
        may_occur = step.unit in (*EVENTS, *PEOPLE) and not re.match("ずつ|/年", step.after)
        if may_occur:
            yield "毎年その数だけ増やすのか、毎年その数が生じるのか、文言から決まらない。"
    if step.unit == "％":
        yield f"「{amount}」が、もとの値に対する割合か、ポイントの差か、文言から決まらない。"


def _doubts_about_multiple(facts: SentenceFacts, reference: str) -> Iterable[str]:
    parts = facts.parts
    times = _quoted(parts.factor) if parts.factor else given(facts.multiple).written
    of = f"「{reference}」の" if reference else ""
    if parts.target:
        yield (
            f"「{_quoted(parts.target)}」は{of}「{times}」とある。"
            f"もとの値は文言に書かれていない{_base_computed(facts)}。"
        )
    elif parts.base:
        yield (
            f"「{_quoted(parts.base)}」の「{times}」とある。"
            f"目標値は数で書かれていない{_target_computed(facts)}。"
        )
    elif reference or not parts.factor:
        yield f"{of}「{times}」とあり、もとの値が書かれていない。"
    else:
        yield f"何の{times}か、もとの値が書かれていない。"


def _base_computed(facts: SentenceFacts) -> str:
    target, factor = given(facts.parts.target), facts.factor
    if target.value is None or not factor:
        return ""
    base = target.value / factor
    return f"（割り戻すと{format_exact(base)}{target.unit}）" if decimals_of(base) <= 4 else ""


def _target_computed(facts: SentenceFacts) -> str:
    base, factor = given(facts.parts.base), facts.factor
    if base.value is None or factor is None:
        return ""
    target = base.value * factor
    return f"（計算では{format_exact(target)}{base.unit}）" if decimals_of(target) <= 4 else ""


# --- Numbers and years ------------------------------------------------------------------------


def _doubts_about_numbers(facts: SentenceFacts, special: SpecialTarget | None) -> Iterable[str]:
    parts = facts.parts
    for part in (
        *(parts.target, parts.change, parts.baseline, parts.yearly_step, parts.factor),
        *(parts.compared, parts.base, *parts.unread),
    ):
        if part and part.value is None:
            yield f"「{shown(part.written)}」を一つの数として読めない。"
    if parts.unread and set(parts.unread) - set(parts.ends_of_range or ()):
        numbers = "".join(f"「{shown(part.written + part.unit)}」" for part in parts.unread)
        yield f"{numbers}が何を表す数か、文言から決まらない。"
    elif facts.main is None and special is None:
        yield "目標値となる数を文言から読み取れない。"
    if parts.target and parts.target.value == 0 and not facts.unit:
        yield "ゼロの単位が書かれていない。"


def _doubts_about_years(facts: SentenceFacts) -> Iterable[str]:
    named = [at.written for at in facts.frame.named_years]
    if any(written.years is None for written in named):
        yield "文言にある年度を一つに決められない。和暦と西暦を確かめる。"
    guessed = [year for written in named if written.lacks_era for year in written.years or ()]
    if guessed:
        labels = "、".join(full_label(year) for year in dict.fromkeys(guessed))
        yield f"元号のない年度を、{labels}と読んだ。"
    parts = facts.parts
    if parts.baseline and parts.baseline_in_brackets:
        yield f"括弧の中の「{_quoted(parts.baseline)}」を基準値と読んだ。"
    if facts.has_other_length and parts.target and parts.baseline:
        yield (
            f"「{_quoted(parts.baseline)}」と「{_quoted(parts.target)}」は年数が違い、"
            f"そのままでは比べられない（{_lengths(facts)}）。基準値を同じ年数に直す必要がある。"
        )


def _lengths(facts: SentenceFacts) -> str:
    lengths = []
    for quantity in (facts.parts.baseline, facts.parts.target):
        years = years_of(facts, quantity) if quantity else None
        lengths.append(f"{years[1] - years[0] + 1 if years else 1}年分")
    return "と".join(lengths)


def _doubts_about_limits(facts: SentenceFacts) -> Iterable[str]:
    main = given(facts.main)
    vague = VAGUE_BEFORE.search(main.before)
    if vague or main.limit in ABOUT:
        yield f"「{vague[0] if vague else main.limit}」がどこまでを含むか、文言から決まらない。"
    if main.limit in STRICT:
        yield "文言は目標値ちょうどを含まない。ちょうどの値を達成とするか。"


# --- Direction --------------------------------------------------------------------------------


def _doubts_about_direction(facts: SentenceFacts, direction: str | None) -> Iterable[str]:
    verb, step = facts.verb, facts.step
    if direction is None:
        yield "値が大きいほど良いのか、小さいほど良いのか、文言から決まらない。"
        return
    if facts.frame.restrained is not None:
        return
    if step and (step > 0) != (direction == Direction.UP):
        yield "基準値と目標値の差が、目指す向きと合わない。"
    if step == 0:
        yield "基準値と目標値が同じである。維持する目標か。"
    if facts.is_rank:
        return
    says_up = re.fullmatch(RISES, verb) is not None
    says_down = re.fullmatch(FALLS, verb) is not None
    if (says_down and facts.limit in AT_LEAST) or (says_up and facts.limit in AT_MOST):
        yield f"「{facts.limit}」と「{verb}」の向きが合わない。"
    is_adverse = should_fall(facts.subject)
    says_better = re.fullmatch(IMPROVES, verb) is not None
    if step and step < 0 and says_better and not is_adverse:
        yield f"値が下がるのに「{verb}」とある。小さいほど良い指標か。"
    is_nearing = is_difference(facts.subject) and facts.parts.baseline is not None
    if (says_up or (step and step > 0)) and is_adverse and not is_nearing:
        yield "指標名からは小さいほど良いと思われるが、増やす目標になっている。"
    yield from _doubts_about_name(facts, direction)


def _doubts_about_name(facts: SentenceFacts, direction: str) -> Iterable[str]:
    """Yield doubts where only the name, or not even that, indicates the direction."""
    main = given(facts.main)
    if facts.verb or facts.limit or facts.step:
        return
    if direction == Direction.UP:
        is_unusual = main.value is not None and main.value <= 0
        if is_unusual or names_something_adverse(facts.name):
            yield "大きいほど良いと読んだが、小さいほど良い指標ではないか。"
    elif may_count_a_remedy(facts.name) or counts_a_decrease(facts.name):
        yield "小さいほど良いと読んだが、大きいほど良い指標ではないか。"
    elif is_difference(facts.name) and main.value:
        yield "差を縮める目標か、広げる目標か、文言から決まらない。"


# --- Changes and restraint --------------------------------------------------------------------


def _doubts_about_change(
    facts: SentenceFacts, kind: str | None, baseline: Decimal | None
) -> Iterable[str]:
    target, change = facts.parts.target, facts.parts.change
    if change is None or facts.frame.restrained is not None:
        return
    if change.unit in ("％", "割", "倍", "‰"):
        yield (
            f"「{shown(change.written)}{change.unit}{change.verb}」が、"
            "もとの値に対する割合か、ポイントの差か、文言から決まらない。"
        )
    is_against_its_sign = change.verb and not re.fullmatch(FALLS, change.verb)
    if change.value is not None and change.value < 0 and is_against_its_sign:
        yield f"「{shown(change.written)}」の符号と「{change.verb}」の向きが合わない。"
    of_level = target or facts.parts.baseline
    if of_level is None and kind == Kind.LEVEL:
        yield "増減の幅だけで、目標値も現状値も書かれていない。"
    if of_level and not facts.can_be_subtracted:
        yield (
            f"値の単位「{of_level.unit}」と増減の単位「{change.unit}」が違い、差し引きできない。"
        )
    if facts.parts.baseline and target:
        step = facts.step
        size = change.value
        if step is not None and size is not None and step.copy_abs() != size.copy_abs():
            yield "基準値と増減を合わせても、目標値にならない。"
    elif target and baseline is not None and baseline < 0 <= given(target.value):
        yield "目標値から増減を差し引くと、基準値が負の数になる。"


def _doubts_about_restraint(facts: SentenceFacts, direction: str | None) -> Iterable[str]:
    target, change = facts.parts.target, facts.parts.change
    if facts.frame.restrained is None:
        yield (
            "差し引きの値は現状値か、対策を講じない場合の推計値か、文言から決まらない。"
            "全国で下がり続けている割合のため、推計値と読んだ。"
        )
        return
    if change:
        amount = f"{shown(change.written)}{change.unit}"
        yield f"何に対する{amount}の{change.verb}か（現状値か、推計値か）が文言から決まらない。"
    if target is None or facts.holds_down_a_change:
        yield "抑制した後の値が書かれていない。"
    elif direction != Direction.UP:
        yield "値がそこまで悪くなってもよいのか、現状より良くするのか、文言から決まらない。"


# --- Is it the value of a year or a sum? ------------------------------------------------------


def _doubts_about_step(facts: SentenceFacts, kind: str | None) -> Iterable[str]:
    """Yield doubts about XとしY増加: is X the value of a year or a sum?"""
    target = given(facts.parts.target)
    if kind == Kind.TOTAL and not facts.has_other_length:
        yield "差し引きの値が前の期間の実績か、文言から決まらない。"
    # A falling value is not a total, and a ratio does not add up.
    may_be_total = kind == Kind.LEVEL and not re.fullmatch(FALLS, facts.verb)
    if not may_be_total or facts.frame.yearly or facts.is_per_head:
        return
    if target.unit in EVENTS:
        written = f"{shown(target.written)}{target.unit}"
        yield f"年間{written}か、期間の合計{written}か。"
    elif target.unit in PEOPLE and _PEOPLE_WHO_DID.search(facts.name):
        yield "年度末の人数か、累計の人数か。"


def _doubts_about_period(facts: SentenceFacts, kind: str | None) -> Iterable[str]:
    """Yield doubts about a number alone: is it the value of a year or a sum?"""
    if kind is None:
        yield "各年度の値か、期間の合計か、期末の値か、文言から決まらない。"
    elif kind == Kind.EVERY_YEAR and facts.parts.target is None:
        yield "毎年その数だけ増やすのか、毎年その数が生じるのか、文言から決まらない。"
    elif kind == Kind.LEVEL and facts.parts.target:
        yield from _doubts_about_level(facts)
    elif kind == Kind.TOTAL:
        yield from _doubts_about_total(facts)


def _doubts_about_level(facts: SentenceFacts) -> Iterable[str]:
    target = given(facts.parts.target)
    if not facts.frame.has_end and target.value != 0:
        yield "いつまでに達成する目標か、書かれていない。"
    if target.unit in ("倍", "割") and target.verb:
        yield f"何の{shown(target.written)}{target.unit}か、もとの値が書かれていない。"
    has_measure = target.unit or facts.is_rank or is_level_name(facts.subject)
    if not has_measure and target.value and not decimals_of(target.value):
        yield "単位が書かれておらず、期間の合計か、期末の値か、文言から決まらない。"


def _doubts_about_total(facts: SentenceFacts) -> Iterable[str]:
    frame, main = facts.frame, given(facts.main)
    if frame.summed:
        if not frame.has_end and not re.search(r"総|累|合計|通算", main.before):
            yield "期間の延べ数か、年間の延べ数か、文言から決まらない。"
    elif not frame.has_period or main.unit in AMOUNTS:
        yield "期間の合計か、期末の値か、文言から決まらない。"
    elif main.unit in PEOPLE:
        # A few people may all be there at year end; a large number is the total of a period.
        if main.value is not None and main.value < _FEW:
            yield "期間中の合計か、年度末の数か。"
    elif main.unit not in EVENTS:
        yield "新たな数の合計か、年度末の数か。"
