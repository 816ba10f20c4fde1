"""Parse the official sentence of a target, such as ５年で１．４９とし０．１２ポイント向上.

The result is a proposal that a person confirms. `Reading.doubts` lists what a sentence leaves open;
nothing is guessed silently. The five kinds and the rules are those of the project's design
("Reading a target sentence"). Standard library only, no database.

The steps: normalise the text and remove the frame (`sentence_frames.py`: dates, ５年で, 年間, …);
find the numbers with their units and context (`sentence_quantities.py`); tell what each is
(`sentence_facts.py`) and whether the sentence has a form that no kind can hold
(`sentence_forms.py`, `special_targets.py`); decide direction and kind; list the doubts
(`sentence_doubts.py`).
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from indicators.rules.name_directions import should_fall
from indicators.rules.narrowing_types import given
from indicators.rules.sentence_doubts import doubts_about, is_level_name
from indicators.rules.sentence_facts import (
    SentenceFacts,
    baseline_year,
    difference,
    facts_of,
    target_year,
)
from indicators.rules.sentence_forms import SpecialTarget
from indicators.rules.sentence_quantities import (
    AMOUNTS,
    AT_LEAST,
    AT_MOST,
    EVENTS,
    FALLS,
    IMPROVES,
    LEVEL_UNITS,
    PEOPLE,
    RISES,
    Quantity,
)
from indicators.rules.special_targets import special_target
from indicators.rules.terms import BaselineKind, Direction, Kind
from japanese.numerals import round_to


@dataclass(frozen=True)
class Reading:
    """What a target sentence states; None for what it does not state.

    `change` is signed: negative if the value falls. `baseline` is target − change. `years` is the
    number in ５年で, None if the sentence has none. `doubts` are Japanese sentences for the person
    who confirms the reading. `special` tells a sentence that asks for something else than a number
    to be reached, such as a mean or a multiple; its doubts name that. `baseline_year` and
    `target_year` are fiscal years.
    """

    kind: str | None
    direction: str | None
    target: Decimal | None
    change: Decimal | None
    baseline: Decimal | None
    unit: str | None
    decimals: int | None
    years: int | None
    doubts: tuple[str, ...]
    baseline_kind: str | None = None
    baseline_year: int | None = None
    target_year: int | None = None
    special: SpecialTarget | None = None


def read_sentence(sentence: str, name: str = "") -> Reading:
    """Return the proposed reading of a target sentence.

    `name` is the name of the indicator: it can decide the direction (a 人口減少率 improves by
    falling) and the unit of a bare ゼロ. Never raises: what cannot be parsed is None, with a doubt.
    """
    facts = facts_of(sentence, name)
    direction = _direction(facts)
    kind = _kind(facts, direction)
    return _reading(facts, kind, direction)


# --- Direction --------------------------------------------------------------------------------

_BALANCE_NAME = re.compile(r"増減|収支|純増|超過")
# Shares that fall throughout Japan: a rise means a rise compared with the projection.
_FALLING_SHARE = re.compile(r"(?:年少|生産年齢)人口の?(?:割合|比率|構成比)(?:\(.*\))?$")


def _direction(facts: SentenceFacts) -> str | None:
    """Return the direction; None if the sentence leaves it open."""
    main = facts.main
    if facts.is_rank:
        return Direction.DOWN
    if main is None:
        return _direction_without_number(facts)
    if facts.frame.restrained is not None:
        return _direction_of_restraint(facts)
    return _direction_in_words(facts) or _direction_of_number(facts, main)


def _direction_in_words(facts: SentenceFacts) -> str | None:
    """Return the direction that a verb, a limit or a step (+5) says; None without any."""
    if re.fullmatch(RISES, facts.verb):
        return Direction.UP
    if re.fullmatch(FALLS, facts.verb):
        return Direction.DOWN
    if facts.limit in AT_LEAST:
        return Direction.UP
    if facts.limit in AT_MOST:
        return Direction.DOWN
    if facts.step:
        return Direction.UP if facts.step > 0 else Direction.DOWN
    return None


def _direction_of_number(facts: SentenceFacts, main: Quantity) -> str | None:
    """Return the direction that follows from the number itself and from what it counts."""
    if main.value is not None and main.value <= 0 and _BALANCE_NAME.search(facts.subject):
        return Direction.UP
    if main is facts.parts.change and main.written[0] in "+−▲△-":
        return Direction.UP if main.written[0] == "+" else None
    if main.value is not None and main.value < 0:
        return None
    is_adverse = should_fall(facts.subject) or should_fall(main.before)
    return Direction.DOWN if is_adverse or main.value == 0 else Direction.UP


def _direction_of_restraint(facts: SentenceFacts) -> str | None:
    if facts.holds_down_a_change:
        return None
    if facts.frame.restrained:
        return Direction.UP if facts.frame.restrained == "減少" else Direction.DOWN
    is_adverse = should_fall(facts.subject)
    return Direction.DOWN if facts.limit in AT_MOST or is_adverse else None


def _direction_without_number(facts: SentenceFacts) -> str | None:
    """Return the direction of 毎年20件ずつ増やす, 半減 and 前年度を上回る."""
    step, compared = facts.parts.yearly_step, facts.parts.compared
    if compared and compared.limit in (*AT_LEAST, *AT_MOST):
        return Direction.UP if compared.limit in AT_LEAST else Direction.DOWN
    if facts.comparison and (facts.comparison.rises or facts.comparison.falls):
        return Direction.UP if facts.comparison.rises else Direction.DOWN
    if facts.is_multiple:
        return _direction_of_multiple(facts)
    if step and step.written[0] in "+−▲△-":
        return Direction.UP if step.written[0] == "+" else Direction.DOWN
    if facts.comparison:
        way = facts.comparison.way or facts.verb
    else:
        way = facts.verb or (facts.way_of_words if facts.lacks_number else "")
    return _direction_of_verb(way, facts)


def _direction_of_verb(way: str, facts: SentenceFacts) -> str | None:
    if re.fullmatch(RISES, way):
        return Direction.UP
    if re.fullmatch(FALLS, way):
        return Direction.DOWN
    if re.fullmatch(IMPROVES, way):
        return Direction.DOWN if should_fall(facts.name) else Direction.UP
    return None


def _direction_of_multiple(facts: SentenceFacts) -> str | None:
    if facts.multiple and not facts.multiple.is_change:
        # 半数を登録する may be half of all, and more than now.
        return _direction_of_verb(facts.way_of_words, facts)
    factor = facts.factor
    if factor is None or factor == 1:
        return None
    return Direction.UP if factor > 1 else Direction.DOWN


# --- Kind -------------------------------------------------------------------------------------


def _kind(facts: SentenceFacts, direction: str | None) -> str | None:
    frame, parts = facts.frame, facts.parts
    if frame.restrained is not None:
        return Kind.RESTRAINT
    if facts.mean is not None:
        return None
    if facts.compared_with and not parts.target:
        return Kind.EVERY_YEAR if frame.each_year or frame.kept else None
    if facts.main is None:
        return _kind_without_number(facts)
    if parts.target is None:
        return _kind_of_increment(facts, direction)
    if parts.change or parts.baseline or parts.yearly_step:
        return _kind_of_step(facts, direction)
    return _kind_of_goal(facts, direction)


def _kind_without_number(facts: SentenceFacts) -> str | None:
    if facts.frame.kept:
        return Kind.EVERY_YEAR
    step = facts.parts.yearly_step
    if step:
        # 毎年10人増加 may be ten people each year.
        may_occur = step.unit in (*EVENTS, *PEOPLE) and not re.match("ずつ|/年", step.after)
        return None if may_occur else Kind.LEVEL
    is_known = facts.is_multiple or facts.lacks_number
    return Kind.LEVEL if is_known else None


def _kind_of_increment(facts: SentenceFacts, direction: str | None) -> str:
    """Return the kind of N人増加, a change without a target value."""
    change = given(facts.parts.change)
    if (
        direction == Direction.DOWN
        or facts.parts.baseline
        or facts.frame.has_reference
        or change.unit in LEVEL_UNITS
        or is_level_name(facts.subject)
        or not _can_add_up(change)
    ):
        return Kind.LEVEL
    if facts.frame.each_year:
        return Kind.EVERY_YEAR
    return Kind.LEVEL if facts.frame.yearly else Kind.TOTAL


def _kind_of_step(facts: SentenceFacts, direction: str | None) -> str:
    """Return the kind of XとしY増加 and YからXへ."""
    target, change = given(facts.parts.target), facts.parts.change
    is_sum = facts.frame.summed and not facts.frame.yearly
    is_sum_of_years = facts.has_other_length and target.unit not in LEVEL_UNITS
    if (is_sum or is_sum_of_years) and direction == Direction.UP and _can_add_up(target):
        return Kind.TOTAL
    # A step of 1 has no path between.
    is_one_step = change and change.value == 1 and re.fullmatch(RISES, change.verb)
    if is_one_step and facts.decimals == 0 and target.unit not in LEVEL_UNITS:
        return Kind.MILESTONE
    return Kind.RESTRAINT if _is_falling_share(facts) else Kind.LEVEL


def _kind_of_goal(facts: SentenceFacts, direction: str | None) -> str | None:
    """Return the kind of a target value alone: ５年で１００％, 年間延べＮ人, ５年でＮ件."""
    frame, target = facts.frame, given(facts.parts.target)
    if frame.kept or frame.each_year:
        return Kind.EVERY_YEAR
    if frame.yearly and not frame.has_end:
        # 年間500社に増加 is the value to reach.
        return Kind.LEVEL if target.verb else Kind.EVERY_YEAR
    if frame.yearly or direction != Direction.UP or not _can_add_up(target):
        return Kind.LEVEL
    if frame.summed:
        return Kind.TOTAL
    is_ratio = target.unit in ("", *LEVEL_UNITS) or facts.is_per_head or _is_per_time(target)
    is_level = is_ratio or is_level_name(facts.subject)
    if is_level or target.verb or frame.has_deadline:
        return Kind.LEVEL
    if not frame.has_period:
        return None
    is_one_thing = target.value == 1 and target.unit not in AMOUNTS
    return Kind.MILESTONE if is_one_thing else Kind.TOTAL


def _is_per_time(quantity: Quantity) -> bool:
    """Return whether it is a rate, whose yearly values do not add up: 月１０件, １０人/日."""
    return "/" in quantity.unit or re.search(r"[週月日平][間均]?$", quantity.before) is not None


def _can_add_up(quantity: Quantity) -> bool:
    """Return whether yearly values can add up to it: a target sum must be positive."""
    return quantity.value is None or quantity.value > 0


def _is_falling_share(facts: SentenceFacts) -> bool:
    return bool(
        facts.parts.change
        and re.fullmatch(IMPROVES, facts.parts.change.verb)
        and _FALLING_SHARE.search(facts.name)
    )


# --- The reading ------------------------------------------------------------------------------


def _reading(facts: SentenceFacts, kind: str | None, direction: str | None) -> Reading:
    change = _change(facts, kind, direction)
    target = _target(facts, kind, change)
    baseline = _baseline(facts, target, change)
    special = special_target(facts, kind)
    decimals = facts.decimals

    def exact(value: Decimal | None) -> Decimal | None:
        return None if value is None or decimals is None else round_to(value, decimals)

    return Reading(
        kind=kind,
        direction=direction,
        target=exact(target),
        change=exact(change),
        baseline=exact(baseline),
        unit=facts.unit,
        decimals=decimals,
        years=facts.frame.years,
        doubts=tuple(doubts_about(facts, kind, direction, baseline, special)),
        baseline_kind=None if baseline is None else _baseline_kind(facts, kind),
        baseline_year=baseline_year(facts),
        target_year=target_year(facts),
        special=special,
    )


def _change(facts: SentenceFacts, kind: str | None, direction: str | None) -> Decimal | None:
    """Return the signed change; None in a restraint, which does not state its baseline."""
    change = facts.parts.change
    if facts.frame.restrained is not None or _is_sum_of_increments(facts, kind):
        return None
    if facts.has_other_length:
        return None
    step = facts.step
    if change is None:
        return step
    if change.value is None or direction is None:
        return None
    if step is not None:
        return step if step.copy_abs() == change.value.copy_abs() else None
    size = change.value.copy_abs()
    return size if direction == Direction.UP else size.copy_negate()


def _target(facts: SentenceFacts, kind: str | None, change: Decimal | None) -> Decimal | None:
    parts = facts.parts
    if facts.holds_down_a_change:
        return None
    if parts.target:
        return parts.target.value
    if facts.compared_with:
        return None
    if parts.change and _is_sum_of_increments(facts, kind):
        return parts.change.value
    if parts.baseline and parts.baseline.value is not None and facts.can_be_subtracted:
        # ８０％から５ポイント向上.
        return difference(change, parts.baseline.value.copy_negate())
    return None


def _baseline(
    facts: SentenceFacts, target: Decimal | None, change: Decimal | None
) -> Decimal | None:
    parts = facts.parts
    if parts.baseline:
        return None if facts.has_other_length else parts.baseline.value
    if parts.target and facts.can_be_subtracted:
        return difference(target, change)
    return None


def _is_sum_of_increments(facts: SentenceFacts, kind: str | None) -> bool:
    """Return whether the increase itself is what is counted: ５年で５０人増加."""
    return facts.parts.target is None and kind in (Kind.TOTAL, Kind.EVERY_YEAR)


def _baseline_kind(facts: SentenceFacts, kind: str | None) -> str:
    if kind == Kind.TOTAL:
        return BaselineKind.PREVIOUS_PERIOD
    return BaselineKind.PROJECTION if _is_falling_share(facts) else BaselineKind.MEASURED
