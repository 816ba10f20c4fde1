"""The small chart (sparkline) of a list: the course of the values, the target, the last value.

It has no texts; the table row around it has the numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from plans.charts.axis import far_from
from plans.charts.chart_data import ChartData
from plans.charts.labels import Place

WIDTH, HEIGHT, MARGIN = 120, 36, 6


@dataclass(frozen=True)
class SmallChart:
    """Positions of the values in runs without a gap, and of the last one; whether it may change."""

    lines: tuple[str, ...]
    dots: tuple[Place, ...]
    last: Place | None
    last_is_hollow: bool
    target_y: float | None
    steps: tuple[tuple[float, bool], ...] = ()
    upper_y: float | None = None


def draw_small(data: ChartData) -> SmallChart | None:
    """Return the small chart of the data; None where there is no value to draw."""
    if not data.values:
        return None
    limit = far_from(data.marks, list(data.values.values()))
    target = [end for end in (data.target, data.upper) if end is not None]
    low, high = _range([*target, *data.values.values()], limit, from_zero=data.from_zero)

    def y(number: Decimal) -> float:
        share = float((min(max(number, low), high) - low) / (high - low))
        return round(HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN), 1)

    x = _columns(data)
    places = {year: (x[year], y(data.values[year])) for year in x if year in data.values}
    last = max(places)
    return SmallChart(
        lines=tuple(_runs(x, places)),
        dots=tuple(place for year, place in places.items() if year != last),
        last=places[last],
        last_is_hollow=last in data.provisional,
        target_y=None if data.target is None else y(data.target),
        upper_y=None if data.upper is None else y(data.upper),
    )


def small_steps(data: ChartData, done: Mapping[int, bool]) -> SmallChart | None:
    """Return a small chart of marks, done or not; None if `done` has no year."""
    if not done:
        return None
    x = _columns(data)
    steps = tuple((x[year], done[year]) for year in x if year in done)
    return SmallChart((), (), None, False, None, steps)


def _columns(data: ChartData) -> dict[int, float]:
    years = [year for year, _ in data.years]
    step = (WIDTH - 2 * MARGIN) / max(1, len(years) - 1)
    return {year: round(MARGIN + step * i, 1) for i, year in enumerate(years)}


def _range(
    numbers: list[Decimal], limit: Decimal | None, *, from_zero: bool
) -> tuple[Decimal, Decimal]:
    """Return the lowest and highest number to show; outliers are drawn on the edge."""
    near = [n if limit is None else min(max(n, -limit), limit) for n in numbers]
    low, high = min(near), max(near)
    if from_zero:
        low, high = min(low, Decimal(0)), max(high, Decimal(0))
    return (low - 1, high + 1) if low == high else (low, high)


def _runs(x: Mapping[int, float], places: Mapping[int, Place]) -> list[str]:
    runs: list[list[Place]] = [[]]
    for year in x:
        if year in places:
            runs[-1].append(places[year])
        elif runs[-1]:
            runs.append([])
    return [" ".join(f"{a},{b}" for a, b in run) for run in runs if len(run) > 1]
