"""Tell whether a target sentence has a form that no kind can hold, and what numbers it gives."""

import re
from decimal import Decimal

from indicators.rules.sentence_facts import SentenceFacts
from indicators.rules.sentence_forms import SentenceForm, SpecialTarget
from indicators.rules.sentence_quantities import FALLS, Quantity
from indicators.rules.terms import Kind


def special_target(facts: SentenceFacts, kind: str | None) -> SpecialTarget | None:
    """Return the form of the sentence with its numbers; None if a kind can hold it."""
    parts = facts.parts
    if facts.compared_with:
        amount = parts.compared or parts.change
        return SpecialTarget(
            SentenceForm.RELATIVE,
            amount=_signed(amount),
            unit=amount.unit if amount else "",
            reference=facts.compared_with,
        )
    if parts.yearly_step:
        amount = parts.yearly_step
        return SpecialTarget(SentenceForm.YEARLY_STEP, amount=_signed(amount), unit=amount.unit)
    if facts.is_multiple:
        return SpecialTarget(
            SentenceForm.MULTIPLE, amount=facts.factor, reference=_multiple_of(facts)
        )
    if facts.mean is not None:
        return SpecialTarget(SentenceForm.MEAN, years=facts.frame.mean_years)
    if parts.ends_of_range:
        return _range(*parts.ends_of_range)
    if facts.is_rank:
        return SpecialTarget(SentenceForm.RANK, unit="位")
    return _open_target(facts, kind)


def _open_target(facts: SentenceFacts, kind: str | None) -> SpecialTarget | None:
    """Return the form of a sentence whose target is a change or words, or stands for several."""
    parts = facts.parts
    if parts.change and not parts.target and not parts.baseline and kind == Kind.LEVEL:
        amount = _signed(parts.change)
        return SpecialTarget(SentenceForm.CHANGE, amount=amount, unit=parts.change.unit)
    if facts.lacks_number:
        reference = facts.comparison.reference if facts.comparison else ""
        return SpecialTarget(SentenceForm.NO_NUMBER, reference=reference)
    return SpecialTarget(SentenceForm.SEVERAL) if facts.several else None


def _range(lower: Quantity, upper: Quantity) -> SpecialTarget:
    return SpecialTarget(
        SentenceForm.RANGE,
        unit=upper.unit or lower.unit,
        lower=lower.end_of_range if lower.value is None else lower.value,
        upper=upper.end_of_range if upper.value is None else upper.value,
    )


def _signed(amount: Quantity | None) -> Decimal | None:
    """Return the number with its sign: negative for 毎年10戸ずつ減らす."""
    if amount is None or amount.value is None:
        return None
    falls = bool(re.fullmatch(FALLS, amount.verb)) and amount.value > 0
    return amount.value.copy_negate() if falls else amount.value


def _multiple_of(facts: SentenceFacts) -> str:
    """Return what a multiple is of, as written: 現状値, 販売金額; "" if it is not said."""
    if facts.parts.base:
        return facts.parts.base.written + facts.parts.base.unit
    before = facts.parts.factor.before if facts.parts.factor else ""
    said = re.search(r"(?P<of>[^、。→()]+?)の$", before)
    return said["of"] if said else ""
