"""Geometry of the charts: pure functions from numbers to places in a drawing.

Markup is in templates/components/; a template only writes down what is computed here. Places are
floats rounded to 0.1: they are for the eye, no figure is read from them.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import pairwise

WIDTH = 480
HEIGHT = 264
TOP, RIGHT, BOTTOM = 16, 12, 30
CHARACTER = 8  # about how wide a digit is at the size of the labels
TICKS = 4
LABEL_ABOVE, LABEL_BELOW = 10, 20


@dataclass(frozen=True)
class Point:
    """A place with what is written beside it; `hollow` marks a provisional value."""

    x: float
    y: float
    label: str
    label_y: float = 0.0
    hollow: bool = False


@dataclass(frozen=True)
class Bar:
    """A bar of a sum, between zero and the value; `hollow` marks a provisional value."""

    x: float
    y: float
    width: float
    height: float
    hollow: bool


@dataclass(frozen=True)
class Chart:
    """All places of one chart. `path` and `lines` are ready for a polyline's points."""

    width: int
    height: int
    left: float
    right: float
    bottom: float
    label_x: float
    year_y: float
    ticks: tuple[Point, ...]
    years: tuple[Point, ...]
    bars: tuple[Bar, ...]
    points: tuple[Point, ...]
    lines: tuple[str, ...]
    path: str
    start: Point | None
    target_y: float | None

    @property
    def has_hollow(self) -> bool:
        """Whether a provisional value is drawn."""
        return any(point.hollow for point in self.points)


@dataclass(frozen=True)
class Part:
    """One part of a stacked bar."""

    name: str
    x: float
    width: float


def draw(
    *,
    years: Sequence[tuple[int, str]],
    values: Mapping[int, Decimal],
    expected: Mapping[int, Decimal | None],
    target: Decimal | None,
    baseline: Decimal | None = None,
    sums: bool = False,
    provisional: Collection[int] = (),
    write: Callable[[Decimal, int | None], str] = lambda number, decimals: str(number),
) -> Chart | None:
    """Return the chart of values against their path; None where there is no number to draw.

    `years` are the fiscal years with their labels, in order. A `baseline` takes a place of its own
    before the first year, and the path begins there. With `sums` the values are bars from zero. A
    year without a value interrupts the line. `write` turns a number into its label, with so many
    decimals; None: as many as its unit has.
    """
    path_values = {year: value for year, value in expected.items() if value is not None}
    numbers = [*values.values(), *path_values.values()]
    numbers += [number for number in (target, baseline) if number is not None]
    if not numbers:
        return None
    ticks = axis(min(numbers), max(numbers), from_zero=sums)
    places = max(0, -(ticks[1] - ticks[0]).normalize().as_tuple().exponent)
    tick_labels = [write(tick, places) for tick in ticks]
    left = 14 + CHARACTER * max(map(len, tick_labels))

    slots = len(years) + (baseline is not None)
    slot = (WIDTH - RIGHT - left) / slots
    first = left + slot * (1.5 if baseline is not None else 0.5)
    x = {year: round(first + slot * i, 1) for i, (year, _) in enumerate(years)}

    def y(number: Decimal) -> float:
        share = (number - ticks[0]) / (ticks[-1] - ticks[0])
        return round(HEIGHT - BOTTOM - float(share) * (HEIGHT - BOTTOM - TOP), 1)

    start = None
    if baseline is not None:
        start_y = y(baseline)
        label_y = _label_y(start_y, [], above=True)
        start = Point(round(left + slot / 2, 1), start_y, write(baseline, None), label_y)
    heights = [y(values[year]) if year in values else None for year, _ in years]
    points = {
        year: Point(
            x=x[year],
            y=heights[i],
            label=write(values[year], None),
            label_y=_label_y(heights[i], heights[max(i - 1, 0) : i + 2], sums),
            hollow=year in provisional,
        )
        for i, (year, _) in enumerate(years)
        if year in values
    }
    path = [(x[year], y(path_values[year])) for year, _ in years if year in path_values]
    if start and path:
        path.insert(0, (start.x, start.y))
    return Chart(
        width=WIDTH,
        height=HEIGHT,
        left=left,
        right=WIDTH - RIGHT,
        bottom=HEIGHT - BOTTOM,
        label_x=left - 6,
        year_y=HEIGHT - 10,
        ticks=tuple(
            Point(left, y(tick), label, y(tick) + 5)
            for tick, label in zip(ticks, tick_labels, strict=True)
        ),
        years=tuple(Point(x[year], HEIGHT - BOTTOM, label) for year, label in years),
        bars=_bars(points, slot, y(Decimal(0))) if sums else (),
        points=tuple(points.values()),
        lines=() if sums else _lines(points, [year for year, _ in years]),
        path=_polyline(path) if len(path) > 1 else "",
        start=start,
        target_y=None if target is None else y(target),
    )


def axis(low: Decimal, high: Decimal, *, from_zero: bool = False) -> list[Decimal]:
    """Return about five round numbers that enclose low and high, at least two, in order.

    With `from_zero` zero is among them. Where low and high are the same, they enclose some room.
    """
    low, high = Decimal(low), Decimal(high)
    if from_zero:
        low, high = min(low, Decimal(0)), max(high, Decimal(0))
    if low == high:
        room = abs(low) / 10 or Decimal(1)
        low, high = (low - room if low else low), high + room
    step = _round_step((high - low) / TICKS)
    first = (low / step).to_integral_value(ROUND_FLOOR)
    last = (high / step).to_integral_value(ROUND_CEILING)
    return [step * n for n in range(int(first), int(last) + 1)]


def stacked_bar(numbers: Sequence[tuple[str, int]], width: int) -> tuple[Part, ...]:
    """Return the parts of a bar of `width` in proportion to their numbers; zeros are left out.

    No part where there is nothing to count.
    """
    total = sum(number for _, number in numbers)
    parts, before = [], 0
    for name, number in numbers:
        if number:
            x = round(width * before / total, 1)
            before += number
            parts.append(Part(name, x, round(width * before / total - x, 1)))
    return tuple(parts)


def _round_step(step: Decimal) -> Decimal:
    unit = Decimal(1).scaleb(step.adjusted())
    return next(unit * n for n in (1, 2, 5, 10) if unit * n >= step)


def _label_y(y: float, beside: Sequence[float | None], above: bool) -> float:
    """Return where a label stands free of the line: below a point that hangs under its neighbours.

    `beside` has the heights of the point itself and its neighbours, None where there is none.
    """
    heights = [other for other in beside if other is not None]
    hangs = bool(heights) and sum(heights) / len(heights) < y - 4
    below = hangs and not above and y + LABEL_BELOW < HEIGHT - BOTTOM
    fits_above = y - LABEL_ABOVE >= TOP - 4
    return round(y + LABEL_BELOW if below or not fits_above else y - LABEL_ABOVE, 1)


def _bars(points: Mapping[int, Point], slot: float, zero: float) -> tuple[Bar, ...]:
    width = round(slot / 2, 1)
    return tuple(
        Bar(
            x=round(point.x - width / 2, 1),
            y=min(point.y, zero),
            width=width,
            height=round(abs(zero - point.y), 1),
            hollow=point.hollow,
        )
        for point in points.values()
    )


def _lines(points: Mapping[int, Point], years: Sequence[int]) -> tuple[str, ...]:
    """Return one line for each run of years that all have a value, of two or more."""
    lines: list[list[tuple[float, float]]] = []
    for before, year in pairwise(years):
        if before not in points or year not in points:
            continue
        here = (points[before].x, points[before].y)
        if not lines or lines[-1][-1] != here:
            lines.append([here])
        lines[-1].append((points[year].x, points[year].y))
    return tuple(map(_polyline, lines))


def _polyline(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in places)
