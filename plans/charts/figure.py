"""A chart as a figure of its own: the positions of title, drawing, legend and source."""

from collections.abc import Sequence
from dataclasses import dataclass

from plans.charts.labels import TEXT_SIZE, Place, drawn_width

MARGIN, WIDTH = 16, 640
"""The width is that of the wide drawing; the margin is around everything."""

WIDTH_IN_MM = 150
"""The width in a text on A4, so that it need not be scaled there."""

LINE = 20
TITLE_SIZE, TITLE_LINE = 18, 26
SIGN, BETWEEN = 44, 20
"""The room of a sign of the legend, and the gap between two of its items."""

SIGN_ABOVE = 12
"""How far a sign reaches above the line of its text."""

NOT_AT_THE_START = "、。，．」』）】〉》・ー％：／ゃゅょっァィゥェォッャュョ,.)%:/"


@dataclass(frozen=True)
class TextLine:
    """A line of text; `y` is its baseline."""

    text: str
    y: float


@dataclass(frozen=True)
class PlacedItem:
    """An item of the legend: its sign, "" without one, and the lines of its text from x, y."""

    sign: str
    at: Place
    x: float
    lines: tuple[TextLine, ...]


@dataclass(frozen=True)
class FigureLayout:
    """The places of everything, and the size of the whole: in units of the drawing, and in mm."""

    width: int
    height: int
    mm: tuple[int, float]
    title: tuple[TextLine, ...]
    sentence: tuple[TextLine, ...]
    drawing_y: float
    legend: tuple[PlacedItem, ...]
    source: tuple[TextLine, ...]


def figure_of(
    title: str,
    sentence: str,
    drawing_height: int,
    legend: Sequence[tuple[str, str]],
    source: Sequence[str],
) -> FigureLayout:
    """Return the figure of a drawing. `legend` are signs with their texts; an empty `sentence` and
    empty lines of the `source` take no room.
    """
    y = float(MARGIN)
    title_lines, y = _lines(title, y, TITLE_LINE, TITLE_SIZE)
    sentence_lines, y = _lines(sentence, y, LINE)
    drawing_y = y + 8
    items, y = _legend(legend, drawing_y + drawing_height + 8)
    source_lines: list[TextLine] = []
    y += 6
    for text in source:
        lines, y = _lines(text, y, LINE)
        source_lines += lines
    width, height = WIDTH + 2 * MARGIN, round(y + MARGIN)
    return FigureLayout(
        width=width,
        height=height,
        mm=(WIDTH_IN_MM, round(WIDTH_IN_MM * height / width, 1)),
        title=tuple(title_lines),
        sentence=tuple(sentence_lines),
        drawing_y=drawing_y,
        legend=tuple(items),
        source=tuple(source_lines),
    )


def _lines(text: str, y: float, line: int, size: int = TEXT_SIZE) -> tuple[list[TextLine], float]:
    """Return a text in lines from y downward, and where the next one goes."""
    parts = broken(text, WIDTH * TEXT_SIZE / size) if text else []
    return [TextLine(part, y + line * (i + 0.75)) for i, part in enumerate(parts)], y + line * len(
        parts
    )


def _legend(items: Sequence[tuple[str, str]], y: float) -> tuple[list[PlacedItem], float]:
    """Return the items side by side as far as they fit, and where the next line goes."""
    placed: list[PlacedItem] = []
    x, top, rows = 0.0, y, 1
    for sign, text in items:
        room = SIGN if sign else 0
        parts = broken(text, WIDTH - room)
        width = room + max(map(drawn_width, parts))
        if x and x + width > WIDTH:
            x, top, rows = 0.0, top + LINE * rows, 1
        rows = max(rows, len(parts))
        baseline = top + LINE * 0.75
        lines = tuple(TextLine(part, baseline + LINE * i) for i, part in enumerate(parts))
        at = (round(MARGIN + x, 1), round(baseline - SIGN_ABOVE, 1))
        placed.append(PlacedItem(sign, at, round(MARGIN + x + room, 1), lines))
        x += width + BETWEEN
    return placed, top + LINE * rows if items else y


def broken(text: str, width: float) -> list[str]:
    """Return a text in lines of at most that width, at least one sign each.

    No line begins with a sign that closes something; such a sign takes the one before it along.
    """
    lines, line = [], ""
    for sign in text:
        if line and drawn_width(line + sign) > width:
            kept = ""
            while len(line) > 1 and (kept or sign)[0] in NOT_AT_THE_START:
                line, kept = line[:-1], line[-1] + kept
            lines.append(line)
            line = kept
        line += sign
    return [*lines, line]
