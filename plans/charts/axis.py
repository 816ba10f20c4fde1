"""The vertical axis: its tick values, and the y coordinate of a number."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from statistics import median

from japanese.numerals import needed_decimals

TICKS = 4

FAR = 5
"""A value this many times larger than all marks is cut off: it would flatten everything else."""

FAR_AMONG_VALUES = 20
"""The same factor where there are no marks and values are compared only with each other."""

CUT_ROOM = 30
"""Distance from the last tick of the axis to the end of a cut value, in units of the drawing."""


@dataclass(frozen=True)
class Axis:
    """Tick values in ascending order, with the y coordinates of the lowest and the highest.

    Values that are cut end at `edge_bottom` or `edge_top`, beyond the ticks.
    """

    ticks: tuple[Decimal, ...]
    bottom: float
    top: float
    edge_bottom: float
    edge_top: float

    def y(self, number: Decimal) -> float:
        """Return the y coordinate of a number; the edge if the number is beyond the axis."""
        if number > self.ticks[-1]:
            return self.edge_top
        if number < self.ticks[0]:
            return self.edge_bottom
        share = float((number - self.ticks[0]) / (self.ticks[-1] - self.ticks[0]))
        return round(self.bottom - share * (self.bottom - self.top), 1)

    def cuts(self, number: Decimal) -> bool:
        """Whether a number is beyond the axis."""
        return not self.ticks[0] <= number <= self.ticks[-1]

    @property
    def decimals(self) -> int:
        """How many decimals the ticks need."""
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
    """Return an axis that covers all marks and all values except outliers.

    There must be at least one number.
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
    """Return the absolute value beyond which a value is cut; None if no value is cut."""
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
    """Return about five round numbers (at least two), ascending, that enclose low and high.

    With `from_zero`, zero is one of them. They are at least `smallest_step` apart. If low equals
    high, the range is widened so that the numbers still enclose some room.
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
