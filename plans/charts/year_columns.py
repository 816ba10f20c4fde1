"""The horizontal axis: a column for each year, and one before them for the baseline."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from plans.charts.labels import TEXT_SIZE, Label, drawn_width

BESIDE = 6
"""Gap between two texts below the columns."""


@dataclass(frozen=True)
class Columns:
    """The centres of the columns by year, their width, and the centre of the baseline's column."""

    x: dict[int, float]
    width: float
    start_x: float | None
    labels: tuple[Label, ...]


def columns_for(
    years: Sequence[tuple[int, str]],
    start_word: str,
    *,
    left: float,
    right: float,
    y: float,
    before: int = 0,
) -> Columns:
    """Return the columns between left and right, with their names on the line `y`.

    `start_word` is written below the baseline's column; "" makes no such column. It stands before
    the first year, or after the first `before` years. If not all names fit, only every second
    (third …) year is named, and always the last.
    """
    names = max(drawn_width(name) for _, name in years) + BESIDE
    start_width = 0.0
    if start_word:
        start_width = max((right - left) / (len(years) + 1), drawn_width(start_word) + BESIDE)
    width = (right - left - start_width) / len(years)
    first = left + start_width + width / 2
    x = {
        year: round(first + width * i - (start_width if i < before else 0), 1)
        for i, (year, _) in enumerate(years)
    }
    every = ceil(names / width)
    last = len(years) - 1
    labels = [
        # The first column may be narrower than its name, which stays in the drawing.
        Label(name, "year", max(x[year], drawn_width(name) / 2), y)
        for i, (year, name) in enumerate(years)
        if (last - i) % every == 0
    ]
    start_x = None
    if start_word:
        start_x = round(left + width * before + start_width / 2, 1)
        start = Label(start_word, "year", start_x, y)
        labels = [start, *(label for label in labels if not label.box.overlaps(start.box))]
    return Columns(x, width, start_x, tuple(labels))


def absence_labels(word: str, x: float, width: float, top: float, bottom: float) -> list[Label]:
    """Return candidate positions for a word in the column of a year without a value, best first.

    The word is vertical if the column is too narrow for it.
    """
    vertical = drawn_width(word) > width - 2
    height = TEXT_SIZE * len(word) if vertical else TEXT_SIZE
    places = []
    y = bottom - 4 - height
    while y >= top:
        places.append(
            Label(word, "absence", x, round(y if vertical else y + TEXT_SIZE, 1), "middle")
        )
        y -= TEXT_SIZE / 2
    if not vertical:
        return places
    return [Label(p.text, p.kind, p.x, p.y, "start", vertical=True) for p in places]
