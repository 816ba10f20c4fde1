"""Points of values, and the lines between those of consecutive years."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from plans.charts.labels import Place


@dataclass(frozen=True)
class Point:
    """The position of a value; `hollow` if it is provisional, `is_cut` if it is beyond the axis."""

    x: float
    y: float
    hollow: bool = False
    is_cut: bool = False


def lines_through(points: Mapping[int, Point], years: Sequence[int]) -> Iterator[list[Place]]:
    """Yield a line for each run of two or more consecutive years with a value."""
    line: list[Place] = []
    for before, year in pairwise(years):
        if before in points and year in points:
            line = line or [(points[before].x, points[before].y)]
            line.append((points[year].x, points[year].y))
        elif line:
            yield line
            line = []
    if line:
        yield line


def polyline(places: Sequence[Place]) -> str:
    """Return places as the points of an SVG polyline."""
    return " ".join(f"{x},{y}" for x, y in places)
