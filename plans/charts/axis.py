"""The vertical axis: which numbers stand on it, and how high in the drawing a number lies."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from statistics import median

from japanese.numerals import needed_decimals

TICKS = 4

FAR = 5
"""A value so many times larger than all it is held against is cut: it would flatten the rest."""

FAR_AMONG_VALUES = 20
"""The same where there is nothing to hold values against but each other."""

CUT_ROOM = 30
"""How far beyond the last number of the axis the end of a cut value lies."""


@dataclass(frozen=True)
class Axis:
    """Numbers in order, from the place of the lowest to that of the highest.

    What is cut ends at `edge_bottom` or `edge_top`, beyond them.
    """

    ticks: tuple[Decimal, ...]
    bottom: float
    top: float
    edge_bottom: float
    edge_top: float

    def y(self, number: Decimal) -> float:
        """Return how far down a number lies; of one beyond the axis, the edge."""
        if number > self.ticks[-1]:
            return self.edge_top
        if number < self.ticks[0]:
            return self.edge_bottom
        share = float((number - self.ticks[0]) / (self.ticks[-1] - self.ticks[0]))
        return round(self.bottom - share * (self.bottom - self.top), 1)

    def cuts(self, number: Decimal) -> bool:
        """Whether a number lies beyond the axis."""
        return not self.ticks[0] <= number <= self.ticks[-1]

    @property
    def decimals(self) -> int:
        """How many decimals its numbers need."""
        step = self.ticks[1] - self.ticks[0]
        return needed_decimals(step)


def axis_for(
    marks: Collection[Decimal],
    values: Collection[Decimal],
    *,
    top: float,
    bottom: float,
    from_zero: bool = False,
    smallest_step: Decimal | None = None,
) -> Axis:
    """Return the axis on which all marks lie, and all values but those that are far off.

    There must be a number.
    """
    limit = far_from(marks, values)
    near = [value for value in values if limit is None or abs(value) <= limit]
    low, high = min([*marks, *near]), max([*marks, *near])
    ticks = round_numbers(low, high, from_zero=from_zero, smallest_step=smallest_step)
    far_above = any(value > ticks[-1] for value in values)
    far_below = any(value < ticks[0] for value in values)
    return Axis(
        ticks=tuple(ticks),
        bottom=bottom - CUT_ROOM * far_below,
        top=top + CUT_ROOM * far_above,
        edge_bottom=bottom,
        edge_top=top,
    )


def far_from(marks: Collection[Decimal], values: Collection[Decimal]) -> Decimal | None:
    """Return the size beyond which a value is cut; None where none is."""
    if any(marks):
        return FAR * max(map(abs, marks))
    sizes = [abs(value) for value in values if value]
    return FAR_AMONG_VALUES * median(sizes) if sizes else None


def round_numbers(
    low: Decimal,
    high: Decimal,
    *,
    from_zero: bool = False,
    smallest_step: Decimal | None = None,
) -> list[Decimal]:
    """Return about five round numbers that enclose low and high, at least two, in order.

    With `from_zero` zero is among them; they are `smallest_step` apart or more. Where low and high
    are the same, they enclose some room.
    """
    low, high = Decimal(low), Decimal(high)
    if from_zero:
        low, high = min(low, Decimal(0)), max(high, Decimal(0))
    if low == high:
        room = abs(low) / 10 or Decimal(1)
        low, high = (low - room if low else low), high + room
    step = max(_round_step((high - low) / TICKS), smallest_step or Decimal(0))
    first = (low / step).to_integral_value(ROUND_FLOOR)
    last = (high / step).to_integral_value(ROUND_CEILING)
    return [step * n for n in range(int(first), int(last) + 1)]


def _round_step(step: Decimal) -> Decimal:
    unit = Decimal(1).scaleb(step.adjusted())
    return next(unit * n for n in (1, 2, 5, 10) if unit * n >= step)
