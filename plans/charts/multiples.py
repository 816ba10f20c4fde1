"""The small drawings that stand side by side: degrees in percent, on one scale for all of them.

They have no texts: the panel around each has name, value and judgement, and the year below it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from plans.charts.labels import Place
from plans.charts.value_lines import Point, lines_through, polyline

WIDTH, HEIGHT = 180, 72

LOWEST, HIGHEST = Decimal(-20), Decimal(120)
"""The scale in percent. What is beyond it is drawn at its edge, as an arrow."""

ARROW = 6
MOST_NAMES = 6
"""How many years are named below a drawing; of more years every second (third …) one."""


@dataclass(frozen=True)
class SmallMultiple:
    """All coordinates of one drawing. `arrows_d` points to degrees beyond the scale."""

    lines: tuple[str, ...]
    points: tuple[Point, ...]
    arrows_d: str
    path: str
    target_y: float
    start_y: float | None


def y_of(degree: Decimal) -> float:
    """Return the y coordinate of a degree, the same in every drawing."""
    inside = min(max(degree, LOWEST), HIGHEST)
    return round(HEIGHT * float((HIGHEST - inside) / (HIGHEST - LOWEST)), 1)


def draw_multiple(
    years: Sequence[int],
    degrees: Mapping[int, Decimal],
    expected: Mapping[int, Decimal],
    *,
    hollow: Collection[int] = (),
    has_start: bool,
) -> SmallMultiple | None:
    """Return the drawing of degrees by year; None without any, which is not a degree of 0.

    `expected` is the path, which begins at 0 % with `has_start`. `hollow` are years whose value may
    change or is that of an earlier year.
    """
    x = {year: round(WIDTH / len(years) * (i + 0.5), 1) for i, year in enumerate(years)}
    points = {
        year: Point(x[year], y_of(degree), year in hollow, not LOWEST <= degree <= HIGHEST)
        for year in years
        if (degree := degrees.get(year)) is not None
    }
    if not points:
        return None
    path: list[Place] = [(0.0, y_of(Decimal(0)))] if has_start else []
    path += [(x[year], y_of(expected[year])) for year in years if year in expected]
    return SmallMultiple(
        lines=tuple(map(polyline, lines_through(points, years))),
        points=tuple(point for point in points.values() if not point.is_cut),
        arrows_d=" ".join(_arrow(point) for point in points.values() if point.is_cut),
        path=polyline(path) if len(path) > 1 else "",
        target_y=y_of(Decimal(100)),
        start_y=y_of(Decimal(0)) if has_start else None,
    )


def _arrow(point: Point) -> str:
    """Return a triangle that ends at the edge of the drawing and points beyond it."""
    down = ARROW * 1.5 if point.y == 0 else -ARROW * 1.5
    left = round(point.x - ARROW, 1)
    return f"M{left} {round(point.y + down, 1)}h{2 * ARROW}L{point.x} {point.y}z"


def named_years(years: Sequence[int]) -> frozenset[int]:
    """Return the years whose names are shown below a drawing, always with the last."""
    every = -(-len(years) // MOST_NAMES)
    return frozenset(years[::-1][::every])
