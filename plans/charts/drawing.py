"""The chart of one listing: path, target and values over the years of the plan.

It is drawn in two sizes, because a drawing for a wide screen is unreadable on a phone. The style
sheet shows one of them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from plans.charts.axis import Axis, axis_for
from plans.charts.chart_data import ChartData
from plans.charts.labels import ASCENT, DESCENT, TEXT_SIZE, Board, Box, Label, Place, drawn_width
from plans.charts.surroundings import ABOVE, OtherLine, Surroundings, surroundings_of, words_around
from plans.charts.value_lines import Point, lines_through, polyline
from plans.charts.year_columns import Columns, absence_labels, columns_for

TOP, RIGHT, BOTTOM = 28, 10, 34
BETWEEN = 8
"""Gap between the tick labels and the drawing."""

RADIUS = 5
HATCH, HATCH_STEP = 10, 8
BREAK = 9
"""Half the width of the break mark across a cut value."""


@dataclass(frozen=True)
class Size:
    """The size of a drawing; `axis_share` is the largest share of its width the axis may take."""

    name: str
    width: int
    height: int
    axis_share: float


WIDE = Size("wide", 640, 300, 0.3)
NARROW = Size("narrow", 320, 280, 0.16)


@dataclass(frozen=True)
class Bar:
    """The bar of a year's value, from zero to the value; `hollow` if the value is provisional."""

    x: float
    y: float
    width: float
    height: float
    hollow: bool


@dataclass(frozen=True)
class CarriedValue:
    """A value used for a later year: a link from its own position to that of the later year."""

    x: float
    y: float
    from_x: float


@dataclass(frozen=True)
class Chart:
    """All coordinates of one drawing.

    Fields ending in `_d` are the `d` attribute of an SVG path; `path`, `lines` and `ahead`
    are for polylines, `earlier_paths` those until a revision. `typed` are the positions of path
    values that were entered by hand. `hatch_d` and `earlier_hatch_d` hatch the side of the target
    where no value should be. `due` is where the line of the target has its mark for the target
    year. `around` has what is drawn beside the plan as it is now.
    """

    size: Size
    left: float
    right: float
    ground: float
    grid: tuple[float, ...]
    bars: tuple[Bar, ...]
    hatch_d: str
    earlier_hatch_d: str
    target_y: float | None
    upper_y: float | None
    due: Place | None
    earlier_paths: tuple[str, ...]
    path: str
    typed: tuple[Place, ...]
    lines: tuple[str, ...]
    ahead: str
    links: tuple[CarriedValue, ...]
    points: tuple[Point, ...]
    start: Place | None
    breaks_d: str
    labels: tuple[Label, ...]
    around: Surroundings

    @property
    def has_hollow(self) -> bool:
        """Whether a provisional value is drawn."""
        points = (*self.points, *self.points_around)
        return any(point.hollow for point in points) or any(bar.hollow for bar in self.bars)

    @property
    def points_around(self) -> tuple[Point, ...]:
        """The values of years before and after the plan."""
        return tuple(self.around.points.values())

    @property
    def lines_around(self) -> tuple[str, ...]:
        """The lines to and between those values."""
        return tuple(map(polyline, self.around.lines))


def draw(data: ChartData, size: Size = WIDE) -> Chart | None:
    """Return the chart of the data; None where there is no number to draw."""
    if not data.marks and not data.measured:
        return None
    return _Drawing(data, size).chart()


class _Drawing:
    """The shapes of one chart on its axis and columns."""

    def __init__(self, data: ChartData, size: Size) -> None:
        self.data, self.size = data, size
        self.ground, self.right = size.height - BOTTOM, size.width - RIGHT
        self.axis = axis = axis_for(
            [*data.marks, *_room_for_hatching(data)],
            data.measured,
            top=TOP,
            bottom=self.ground,
            from_zero=data.from_zero or bool(data.yearly),
            smallest_step=data.smallest_step,
        )
        self.left, self.ticks = _tick_labels(data, axis, size)
        self.columns = columns = columns_for(
            data.years,
            data.baseline_word if data.baseline is not None else "",
            left=self.left,
            right=self.right,
            y=size.height - 10,
            before=len(data.before),
        )
        self.points = {
            year: _point(data, axis, columns, year) for year in columns.x if year in data.values
        }
        self.bars = tuple(_bars(data, axis, columns))
        self.start = None
        if data.baseline is not None and columns.start_x is not None:
            self.start = (columns.start_x, axis.y(data.baseline))
        *self.earlier_paths, self.path = _paths(data, axis, columns, self.start)
        self.typed = self._places({year: data.expected[year] for year in data.typed})
        self.ahead = self._places(data.ahead)
        self.target_y = None if data.target is None else axis.y(data.target)
        self.upper_y = None if data.upper is None else axis.y(data.upper)
        self.due = None
        if self.target_y is not None and data.target_year in columns.x:
            self.due = (columns.x[data.target_year], self.target_y)
        self.lines = list(lines_through(self.points, list(columns.x)))
        self.links = {
            year: CarriedValue(columns.x[year], self.points[basis].y, self.points[basis].x)
            for year, basis in data.carried.items()
            if basis in self.points and year in columns.x
        }
        edges = (self.left, self.right)
        self.around = surroundings_of(data, axis, columns, self.points, edges)
        self.every_point = [*self.points.values(), *self.around.points.values()]

    def _places(self, values: Mapping[int, Decimal]) -> list[Place]:
        """Return where values lie in the columns of their years."""
        years = [year for year in self.columns.x if year in values]
        return [(self.columns.x[year], self.axis.y(values[year])) for year in years]

    def chart(self) -> Chart:
        around, target_y = self.around, self.target_y
        return Chart(
            size=self.size,
            left=self.left,
            right=self.right,
            ground=self.ground,
            grid=tuple(self.axis.y(tick) for tick in self.axis.ticks),
            bars=self.bars,
            hatch_d=_hatching(self.data.forbidden, target_y, around.left, around.right),
            earlier_hatch_d=" ".join(
                _hatching(one.forbidden, one.y, one.left, one.right)
                for one in around.earlier
                if one.forbidden
            ),
            target_y=target_y,
            upper_y=self.upper_y,
            due=self.due,
            earlier_paths=tuple(polyline(one) for one in self.earlier_paths if len(one) > 1),
            path=polyline(self.path) if len(self.path) > 1 else "",
            typed=tuple(self.typed),
            lines=tuple(map(polyline, self.lines)),
            ahead=polyline(self.ahead) if len(self.ahead) > 1 else "",
            links=tuple(self.links.values()),
            points=tuple(self.points.values()),
            start=self.start,
            breaks_d=self._breaks(),
            labels=(*self.ticks, *self.columns.labels, *self._written().labels),
            around=around,
        )

    def _breaks(self) -> str:
        """Return the break marks of the bars and points that do not fit."""
        top = self.axis.top
        cut = [(bar.x + bar.width / 2, bar.y) for bar in self.bars if bar.y < top]
        cut += [(point.x, point.y) for point in self.every_point if point.is_cut]
        return " ".join(_break(place, self.axis) for place in dict.fromkeys(cut))

    def _board(self) -> Board:
        """Return the place for texts, with the shapes that they must not cover."""
        dues = [self.due, *(other.due for other in self.around.others)]
        marks = (*_marks(self.every_point, self.links, self.start), *self.typed)
        levels = [
            [(self.left, y), (self.right, y)]
            for y in (self.target_y, self.upper_y)
            if y is not None
        ]
        return Board(
            Box(self.left, 2, self.size.width - 2, self.ground - 1),
            [_around(place) for place in (*marks, *filter(None, dues))],
            [
                *(*self.earlier_paths, self.path, *self.lines, self.ahead, *levels),
                *_straight(self.target_y, self.around, self.ground),
                *self.around.lines,
            ],
        )

    def _written(self) -> Board:
        """Return the board with all texts, the most important first."""
        data, axis, columns, around = self.data, self.axis, self.columns, self.around
        board = self._board()
        for candidates in words_around(data, columns, TOP, axis.edge_bottom):
            board.put(candidates)
        for x, word in around.revisions:
            board.put(_at_line(word, x, axis.edge_bottom))
        _write_values(board, data, axis, columns, self.points, self.start)
        _write_targets(board, data, axis, around)
        _write_figures(board, data, axis, columns)
        for year, point in sorted(around.points.items(), reverse=True):
            text = data.write(data.values_around[year], None)
            # A weak number that stands apart from its point would not be taken for its own.
            board.put(_beside(text, "outside", (point.x, point.y))[:-_FAR_PLACES])
        return board


def _paths(data: ChartData, axis: Axis, columns: Columns, start: Place | None) -> list[list[Place]]:
    """Return the path of each version of the target, oldest first; one without revisions."""
    paths: list[list[Place]] = [[start] if start and data.starts_path else []]
    for year, x in columns.x.items():
        if year in data.revisions:
            paths.append([])
        if year in data.expected:
            paths[-1].append((x, axis.y(data.expected[year])))
    if not data.revisions:
        return paths
    return [
        _stroke(path[0], columns) if len(path) == 1 and path != [start] else path for path in paths
    ]


def _stroke(place: Place, columns: Columns) -> list[Place]:
    """Return a short line for a path of one year, which would be invisible."""
    x, y = place
    quarter = columns.width / 4
    return [(round(x - quarter, 1), y), (round(x + quarter, 1), y)]


def _straight(target_y: float | None, around: Surroundings, ground: float) -> list[list[Place]]:
    """Return the lines of targets and the borders of the plan."""
    own = [] if target_y is None else [(around.left, target_y), (around.right, target_y)]
    others = [[(line.left, line.y), (line.right, line.y)] for line in around.others]
    others += [[(line.left, line.y), (line.right, line.y)] for line in around.earlier]
    xs = [*around.borders, *(x for x, _ in around.revisions)]
    borders = [[(x, float(TOP - ABOVE)), (x, float(ground))] for x in xs]
    return [own, *others, *borders]


def _room_for_hatching(data: ChartData) -> list[Decimal]:
    """Return a number slightly beyond the target, so that its forbidden side is visible."""
    if not data.forbidden or data.target is None:
        return []
    numbers = [*data.marks, *data.measured]
    room = (max(numbers) - min(numbers)) / 5 or abs(data.target) / 20 or Decimal(1)
    room = min(room, abs(data.target) / 5 or room)
    return [data.target + (room if data.forbidden == "above" else -room)]


def _tick_labels(data: ChartData, axis: Axis, size: Size) -> tuple[float, list[Label]]:
    """Return the left edge of the drawing and the tick labels beside it.

    The labels are left out where they would take too much width: values have labels of their own.
    """
    texts = [data.write(tick, axis.decimals) for tick in axis.ticks]
    wide = max(map(drawn_width, texts))
    if wide > size.width * size.axis_share:
        return BETWEEN, []
    left = round(wide + 2 * BETWEEN, 1)
    labels = [
        Label(text, "tick", left - BETWEEN, round(axis.y(tick) + TEXT_SIZE * 0.35, 1), "end")
        for tick, text in zip(axis.ticks, texts, strict=True)
    ]
    distance = (axis.bottom - axis.top) / (len(axis.ticks) - 1)
    return left, labels[:: 1 if distance > TEXT_SIZE * (ASCENT + DESCENT) else 2]


def _point(data: ChartData, axis: Axis, columns: Columns, year: int) -> Point:
    value = data.values[year]
    return Point(columns.x[year], axis.y(value), year in data.provisional, axis.cuts(value))


def _bars(data: ChartData, axis: Axis, columns: Columns) -> Iterator[Bar]:
    width, zero = round(columns.width / 2, 1), axis.y(Decimal(0))
    for year, x in columns.x.items():
        if year in data.yearly:
            y = axis.y(data.yearly[year])
            yield Bar(
                x=round(x - width / 2, 1),
                y=min(y, zero),
                width=width,
                height=round(abs(zero - y), 1),
                hollow=year in data.provisional,
            )


def _marks(
    points: Iterable[Point], links: Mapping[int, CarriedValue], start: Place | None
) -> Iterator[Place]:
    for point in points:
        yield point.x, point.y
    for link in links.values():
        yield link.x, link.y
    if start:
        yield start


def _around(place: Place) -> Box:
    x, y = place
    return Box(x - RADIUS - 1, y - RADIUS - 1, x + RADIUS + 1, y + RADIUS + 1)


def _hatching(side: str, y: float | None, left: float, right: float) -> str:
    """Return short slanted strokes along the line `y`, on its forbidden side."""
    if not side or y is None:
        return ""
    down = HATCH if side == "below" else -HATCH
    count = int((right - left - HATCH) // HATCH_STEP) + 1
    return " ".join(
        f"M{round(left + HATCH + i * HATCH_STEP, 1)} {y}l{-HATCH} {down}" for i in range(count)
    )


def _break(place: Place, axis: Axis) -> str:
    """Return two slanted strokes across the line or bar that leads to a value beyond the axis."""
    x, y = place
    middle = y + 15 if y < axis.top else y - 15
    return "".join(
        f"M{round(x - BREAK, 1)} {round(middle + shift + 3, 1)}l{2 * BREAK} -6" for shift in (-3, 3)
    )


# Texts, the most important first: each placed text takes room from those after it


def _write_values(
    board: Board,
    data: ChartData,
    axis: Axis,
    columns: Columns,
    points: Mapping[int, Point],
    start: Place | None,
) -> None:
    for year, x in columns.x.items():
        if word := data.absences.get(year):
            board.put(absence_labels(word, x, columns.width, TOP, axis.edge_bottom))
    for year in sorted(points, reverse=True):
        text = data.write(data.values[year], None)
        board.put(_beside(text, "value", (points[year].x, points[year].y)))
    if start and data.baseline is not None:
        board.put(_beside(data.write(data.baseline, None), "baseline", start))


def _write_targets(board: Board, data: ChartData, axis: Axis, around: Surroundings) -> None:
    if data.target is not None:
        text = f"{data.target_word} {data.write(data.target, None)}"
        frame = board.frame
        if around.borders or around.revisions:
            frame = replace(frame, left=around.left, right=around.right)
        board.put(_along(text, axis.y(data.target), frame, data.forbidden))
        if data.upper is not None:
            text = f"上限 {data.write(data.upper, None)}"
            board.put(_along(text, axis.y(data.upper), frame, ""))
    for earlier in around.earlier:
        text = f"{data.target_word} {data.write(earlier.target, None)}"
        frame = replace(board.frame, left=earlier.left, right=earlier.right)
        board.put(_along(text, earlier.y, frame, earlier.forbidden))
    for line in around.others:
        text = f"目標値 {data.write(line.target, None)}"
        board.put(_along_other(text, line, board.frame))


def _write_figures(board: Board, data: ChartData, axis: Axis, columns: Columns) -> None:
    """Write the outlook and the values of the single years of a sum."""
    if data.ahead:
        year = max(data.ahead)
        text = data.write(data.ahead[year], None)
        board.put(_beside(f"見込み {text}", "ahead", (columns.x[year], axis.y(data.ahead[year]))))
    if len(data.values) and data.yearly:
        for year, x in columns.x.items():
            if year in data.yearly and data.yearly[year] != data.values.get(year):
                text = data.write(data.yearly[year], None)
                y = axis.y(data.yearly[year])
                ground = axis.y(Decimal(0))
                board.put(
                    Label(text, "yearly", x, round(place, 1))
                    for place in (y - 5, y + TEXT_SIZE + 3, (y + ground) / 2, ground - 5)
                )


_FAR = (TEXT_SIZE, 2 * TEXT_SIZE, 3 * TEXT_SIZE)
_FAR_PLACES = 2 * len(_FAR)


def _at_line(word: str, x: float, bottom: float) -> list[Label]:
    """Return candidate positions beside the upright line of a revision, from its foot upward."""
    y, places = bottom - 4, []
    while y > TOP + TEXT_SIZE:
        places.append(Label(word, "revision", round(x + 4, 1), round(y, 1), "start"))
        places.append(Label(word, "revision", round(x - 4, 1), round(y, 1), "end"))
        y -= TEXT_SIZE / 2
    return places


def _beside(text: str, kind: str, place: Place) -> list[Label]:
    """Return candidate positions around a point: above, below, beside, then farther away.

    The last `_FAR_PLACES` are farther away.
    """
    x, y = place
    near, shift = RADIUS + 6, drawn_width(text) / 2
    above, below = y - near, y + near + TEXT_SIZE * ASCENT - 2
    labels = [Label(text, kind, x, above), Label(text, kind, x, below)]
    for aside in (shift * 0.5, -shift * 0.5, shift * 0.9, -shift * 0.9):
        labels += [Label(text, kind, x + aside, above), Label(text, kind, x + aside, below)]
    labels += [
        Label(text, kind, x + near, y + 5, "start"),
        Label(text, kind, x - near, y + 5, "end"),
    ]
    for far in _FAR:
        labels += [Label(text, kind, x, above - far), Label(text, kind, x, below + far)]
    return [
        Label(label.text, label.kind, round(label.x, 1), round(label.y, 1), label.anchor)
        for label in labels
    ]


def _along(text: str, y: float, frame: Box, forbidden: str) -> list[Label]:
    """Return candidate positions along the target line, on the unhatched side if one is hatched."""
    above, below = round(y - 6, 1), round(y + TEXT_SIZE * ASCENT + 4, 1)
    if forbidden == "above":
        heights = [below, round(above - HATCH, 1)]
    elif forbidden == "below":
        heights = [above, round(below + HATCH, 1)]
    else:
        heights = [above, below]
    return _at_heights(text, "target", heights, frame)


def _along_other(text: str, line: OtherLine, frame: Box) -> list[Label]:
    """Return candidate positions along the line of another plan, then beside its ends."""
    near, below = line.y - 6, line.y + TEXT_SIZE * ASCENT + 4
    heights = [round(height, 1) for height in (near, below, near - 5, below + 5)]
    places = _at_heights(text, "other", heights, replace(frame, left=line.left, right=line.right))
    y = round(line.y + TEXT_SIZE * 0.35, 1)
    return [
        *places,
        Label(text, "other", round(line.right + 4, 1), y, "start"),
        Label(text, "other", round(line.left - 4, 1), y, "end"),
    ]


def _at_heights(text: str, kind: str, heights: Iterable[float], frame: Box) -> list[Label]:
    width = drawn_width(text)
    places = []
    for height in heights:
        places += [
            Label(text, kind, round(frame.left + 4, 1), height, "start"),
            Label(text, kind, round(frame.right - 4, 1), height, "end"),
        ]
        x = frame.left + 4
        while x + width < frame.right:
            places.append(Label(text, kind, round(x, 1), height, "start"))
            x += 20
    return places
