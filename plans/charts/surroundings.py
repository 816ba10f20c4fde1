"""What a chart shows beside its plan: values of the years around it, targets of other plans."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import groupby

from plans.charts.axis import Axis
from plans.charts.chart_data import AFTER, BEFORE, ChartData, OtherTarget
from plans.charts.labels import TEXT_SIZE, Label, Place, drawn_width
from plans.charts.value_lines import Point, lines_through
from plans.charts.year_columns import Columns, absence_labels

ABOVE = 20
"""How far the borders of the plan reach above the axis; the words for the years are there."""

BESIDE = 4
"""Least gap between such a word and the borders of its years."""


@dataclass(frozen=True)
class OtherLine:
    """The line of another plan's target; `due` is its mark for the target year, if drawn."""

    target: Decimal
    y: float
    left: float
    right: float
    due: Place | None


@dataclass(frozen=True)
class EarlierLine:
    """The line of the plan's own target until a revision; `forbidden` is as in ChartData."""

    target: Decimal
    y: float
    left: float
    right: float
    forbidden: str


@dataclass(frozen=True)
class Surroundings:
    """All coordinates of what is drawn beside the plan as it is now.

    `borders` are where the plan begins and ends, `left` and `right` how far its own target reaches.
    `revisions` are where a revision changed the target, each with its word.
    """

    left: float
    right: float
    borders: tuple[float, ...]
    points: Mapping[int, Point]
    lines: tuple[list[Place], ...]
    others: tuple[OtherLine, ...]
    earlier: tuple[EarlierLine, ...]
    revisions: tuple[tuple[float, str], ...]


def surroundings_of(
    data: ChartData,
    axis: Axis,
    columns: Columns,
    own_points: Mapping[int, Point],
    edges: tuple[float, float],
) -> Surroundings:
    """Return what is drawn beside the plan; `edges` are the left and right end of the drawing."""
    half, own = columns.width / 2, data.own
    left, right = edges
    borders = []
    if data.before:
        left = round(columns.x[data.before[-1]] + half, 1)
        borders.append(left)
    if data.after:
        last = columns.x[own[-1]]
        borders.append(round(last + half, 1))
        # A target year after the plan: the target continues to it, across the border.
        reached = max([own[-1], *(year for year in data.expected if year in columns.x)])
        right = round(columns.x[reached] + half, 1)
    earlier = tuple(_earlier_lines(data, axis, columns, left))
    if data.target_from in columns.x:
        left = round(columns.x[data.target_from] - half, 1)
    points = {
        year: Point(x, axis.y(value), year in data.provisional, axis.cuts(value))
        for year, x in columns.x.items()
        if (value := data.values_around.get(year)) is not None
    }
    every = {**own_points, **points}
    runs = ([*data.before, *own[:1]], [*own[-1:], *data.after])
    return Surroundings(
        left=left,
        right=right,
        borders=tuple(borders),
        points=points,
        lines=tuple(line for run in runs for line in lines_through(every, run)),
        others=tuple(_other_line(other, axis, columns) for other in _drawn(data, columns)),
        earlier=earlier,
        revisions=tuple(
            (round(columns.x[year] - half, 1), word)
            for year, word in data.revisions.items()
            if year in columns.x
        ),
    )


def _earlier_lines(
    data: ChartData, axis: Axis, columns: Columns, left: float
) -> Iterator[EarlierLine]:
    """Yield the lines of earlier targets, the first from the left end of the plan."""
    half = columns.width / 2
    for one in data.earlier:
        begin = left if one.first <= data.own[0] else round(columns.x[one.first] - half, 1)
        end = round(columns.x[one.last] + half, 1)
        yield EarlierLine(one.target, axis.y(one.target), begin, end, one.forbidden)


def _drawn(data: ChartData, columns: Columns) -> list[OtherTarget]:
    """Return the targets of other plans that have years in the drawing."""
    return [
        other for other in data.others if any(other.first <= y <= other.last for y in columns.x)
    ]


def _other_line(other: OtherTarget, axis: Axis, columns: Columns) -> OtherLine:
    last = max(other.last, other.due)
    x = [x for year, x in columns.x.items() if other.first <= year <= last]
    y, half = axis.y(other.target), columns.width / 2
    due = (columns.x[other.due], y) if other.due in columns.x else None
    return OtherLine(other.target, y, round(x[0] - half, 1), round(x[-1] + half, 1), due)


def words_around(
    data: ChartData, columns: Columns, top: float, bottom: float
) -> Iterator[list[Label]]:
    """Yield candidate positions for the words of the years around the plan, best first.

    Where one of them is too long for its years, 計画期間前 or 計画期間後 stands for all on that
    side of the plan, upright where there is no room for that either.
    """
    y = round(top - ABOVE + TEXT_SIZE, 1)
    for years, general in ((data.before, BEFORE), (data.after, AFTER)):
        if not years:
            continue
        words = [
            _centred(word, list(run), columns, y)
            for word, run in groupby(years, key=data.around.__getitem__)
        ]
        together = _centred(general, years, columns, y)
        if all(words):
            yield from ([word] for word in words if word)
        elif together:
            yield [together]
        else:
            x = round((columns.x[years[0]] + columns.x[years[-1]]) / 2, 1)
            upright = absence_labels(general, x, columns.width, top, bottom)
            yield [replace(label, kind="around") for label in reversed(upright)]


def _centred(word: str, years: Sequence[int], columns: Columns, y: float) -> Label | None:
    """Return the word above its years; None if it is wider than they are."""
    first, last = columns.x[years[0]], columns.x[years[-1]]
    if drawn_width(word) + 2 * BESIDE > last - first + columns.width:
        return None
    return Label(word, "around", round((first + last) / 2, 1), y)
