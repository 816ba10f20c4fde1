"""The amounts that reveal a withheld value, and how people write them in a text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from functools import cached_property

from indicators.rules.narrowing_types import given
from indicators.rules.terms import Kind
from japanese.numerals import (
    FoundNumber,
    decimals_of,
    find_numbers,
    find_ratios,
    half_width,
    needed_decimals,
    round_to,
)
from plans.nodes import ActualNode, ListingNode, StrategyTree

PERCENT = "%"
_SAME_UNITS = {"人": ("人", "名"), "名": ("名", "人"), PERCENT: (PERCENT, "パーセント")}

TELLING_DIGITS = 3
"""A value with this many digits is recognisable by its number alone, without the unit."""

_NO_COUNT = re.compile("当たり|あたり|暮らし|乗り|部屋|体制|[1一][台組]")
"""What follows a unit in words that count nobody: 1人当たり, 2人部屋, 1人1台."""

_CLAUSE = "[^。、,]"
_DIFFERENCE_BEFORE = re.compile(
    rf"(?:目標|目安|計画|基準|当初|前[年回々]|昨年|翌年|あと|残り|差){_CLAUSE}{{0,15}}$"
)
_DIFFERENCE_AFTER = re.compile(
    rf"(?:ポイント)?{_CLAUSE}{{0,6}}(?:増|減|多|少な|不足|足り|届か|上回|下回|超|未達|差|残)"
)


@dataclass(frozen=True)
class HiddenAmount:
    """An amount as pages show it, such as 38.5％.

    `tells` is the withheld value that it reveals as a difference: 14人, if this is the distance to
    the target. "" for a value itself.
    """

    text: str
    tells: str = ""

    @property
    def what(self) -> str:
        """What people read about it."""
        if self.tells:
            return f"秘匿の値「{self.tells}」が分かる差「{self.text}」"
        return f"秘匿の値「{self.text}」"

    @cached_property
    def _number_and_units(self) -> tuple[Decimal | None, tuple[str, ...]]:
        said = plain_text(self.text)
        number = find_numbers(said)[0]
        unit = said[number.end :]
        return number.value, _SAME_UNITS.get(unit, (unit,))

    def is_in(self, text: "NumbersOfText") -> bool:
        """Return whether a text has it with its unit; of a difference, as one."""
        wanted, units = self._number_and_units
        if wanted is None:
            return False
        found = text.numbers_with(units)
        if not self.tells:
            return any(_is_it(given(one.value), wanted, units) for one in found) or (
                len(wanted.normalize().as_tuple().digits) >= TELLING_DIGITS
                and text.has_number(wanted)
            )
        return any(
            _is_it(abs(given(one.value)), wanted, units) and text.is_difference(one, units)
            for one in found
        )


def _is_it(said: Decimal, wanted: Decimal, units: tuple[str, ...]) -> bool:
    """Return whether a number is the one wanted; a percentage may be rounded or cut off."""
    if said == wanted:
        return True
    places = decimals_of(said)
    if units[0] != PERCENT or places >= needed_decimals(wanted):
        return False
    cut_off = wanted.quantize(Decimal((0, (1,), -places)), rounding=ROUND_DOWN)
    return said in (round_to(wanted, places), cut_off)


@dataclass(frozen=True)
class NumbersOfText:
    """The numbers in a text that `plain_text` made."""

    said: str

    @cached_property
    def _numbers(self) -> list[FoundNumber]:
        return find_numbers(self.said)

    @cached_property
    def _ratios(self) -> list[FoundNumber]:
        return find_ratios(self.said)

    def has_number(self, wanted: Decimal) -> bool:
        """Return whether a number is there, whatever follows it, unless that is a year."""
        return any(
            one.value == wanted and not self.said.startswith("年", one.end) for one in self._numbers
        )

    def numbers_with(self, units: tuple[str, ...]) -> list[FoundNumber]:
        """Return the numbers that one of these units follows; of percentages also 三割八分."""
        found = [
            one for one in self._numbers if one.value is not None and self._counts_in(one, units)
        ]
        return [*found, *self._ratios] if units[0] == PERCENT else found

    def _counts_in(self, number: FoundNumber, units: tuple[str, ...]) -> bool:
        return self.said.startswith(units, number.end) and not _NO_COUNT.match(
            self._after(number, units)
        )

    def _after(self, number: FoundNumber, units: tuple[str, ...]) -> str:
        """Return what follows a number and its unit."""
        rest = self.said[number.end :]
        unit = next((one for one in units if rest.startswith(one)), "")
        return rest.removeprefix(unit)

    def is_difference(self, number: FoundNumber, units: tuple[str, ...]) -> bool:
        """Return whether the words around a number make it a difference: 目標まで36人."""
        before = _DIFFERENCE_BEFORE.search(self.said[: number.start])
        return bool(before or _DIFFERENCE_AFTER.match(self._after(number, units)))


def plain_text(text: str) -> str:
    """Return a text in which spaces, commas and the width of digits make no difference."""
    return "".join(half_width(text).replace(",", "").split())


def hidden_amounts(tree: StrategyTree, public: StrategyTree) -> list[HiddenAmount]:
    """Return the values of a tree that its `public` one lacks, and differences that reveal them."""
    found: dict[str, HiddenAmount] = {}
    differences: dict[str, HiddenAmount] = {}
    for listing, seen in zip(tree.listings, public.listings, strict=True):
        for year, value in _hidden(listing, seen):
            hidden = _shown(listing, value)
            found[hidden] = HiddenAmount(hidden)
            others = {*_said_by_plan(listing.in_year(year), year), *_beside(listing, year)}
            for other in sorted(others - {value}):
                text = _shown(listing, abs(value - other))
                differences.setdefault(text, HiddenAmount(text, hidden))
    return list((differences | found).values())


def _shown(listing: ListingNode, value: Decimal) -> str:
    return f"{listing.indicator.format(value)}{listing.indicator.shown_unit}"


def _hidden(listing: ListingNode, public: ListingNode) -> Iterator[tuple[int, Decimal]]:
    """Yield the years with their values, and with their sums, that the public may not see."""
    for year, one in listing.indicator.actuals.items():
        if one.value is not None and _is_hidden(public, one, year):
            yield year, one.value
    for year in sorted(public.withheld.judgements):
        if year <= listing.fiscal_year and listing.in_year(year).kind == Kind.TOTAL:
            total = listing.assess(year).value
            if total is not None:
                yield year, total


def _is_hidden(public: ListingNode, actual: ActualNode, year: int) -> bool:
    """Return whether the value of a year is withheld, or reveals one that is."""
    seen = public.indicator.actuals.get(year)
    return actual.withheld or (seen is not None and seen.withheld)


def _said_by_plan(then: ListingNode, year: int) -> Iterator[Decimal]:
    """Yield the targets and the baseline of a listing."""
    yearly = then.yearly_targets.get(year)
    yield from (one for one in (then.target, then.upper, then.baseline, yearly) if one is not None)


def _beside(listing: ListingNode, year: int) -> Iterator[Decimal]:
    """Yield the values of the years before and after."""
    values = listing.indicator.values
    yield from (values[one] for one in (year - 1, year + 1) if one in values)
