"""Texts in a drawing: how much room they need, and positions where they do not overlap.

The width of a letter depends on the reader's font. The widths here are those of wide fonts, so
that no text needs more room than it is given.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from unicodedata import east_asian_width

TEXT_SIZE = 14
"""The font size of all texts, in units of the drawing. static/charts.css has the same number."""

DIGIT, POINT = 0.62, 0.34
"""Widths of a digit and of a point or comma, as fractions of the font size."""

ASCENT, DESCENT = 0.86, 0.18
"""How far a text reaches above and below its baseline, as fractions of the font size."""

Place = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """An upright rectangle; y grows downward."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: "Box") -> bool:
        """Whether the two boxes overlap; touching is not overlapping."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def contains(self, other: "Box") -> bool:
        """Whether the other box lies inside this one."""
        return (
            self.left <= other.left
            and other.right <= self.right
            and self.top <= other.top
            and other.bottom <= self.bottom
        )


@dataclass(frozen=True)
class Label:
    """A positioned text. `y` is its baseline; a `vertical` text begins there.

    `kind` is one of value, outside, yearly, ahead, target, other, baseline, absence, around,
    revision, tick and year.
    """

    text: str
    kind: str
    x: float
    y: float
    anchor: str = "middle"
    vertical: bool = False

    @property
    def box(self) -> Box:
        """The box that the text fills."""
        if self.vertical:
            half = TEXT_SIZE / 2
            return Box(self.x - half, self.y, self.x + half, self.y + TEXT_SIZE * len(self.text))
        width = drawn_width(self.text)
        left = self.x - {"start": 0, "middle": width / 2, "end": width}[self.anchor]
        return Box(left, self.y - TEXT_SIZE * ASCENT, left + width, self.y + TEXT_SIZE * DESCENT)


def drawn_width(text: str) -> float:
    """Return the largest width that a text may need, in units of the drawing."""
    return TEXT_SIZE * sum(map(_character_width, text))


def _character_width(character: str) -> float:
    if east_asian_width(character) in "WFA":
        return 1.0
    return POINT if character in ",." else DIGIT


class Board:
    """A drawing in which texts are placed one after another; the first has the best choice."""

    def __init__(self, frame: Box, taken: Iterable[Box], lines: Iterable[Sequence[Place]]) -> None:
        self.frame = frame
        self.taken = list(taken)
        self.labels: list[Label] = []
        self._dots = sorted(dot for line in lines for dot in _dots_along(line))

    def put(self, candidates: Iterable[Label]) -> bool:
        """Place a label where it covers nothing and crosses the fewest lines.

        Of equally good candidates the first is taken. Return False if none fits: the text is left
        out, because the table beside a chart has all numbers.
        """
        possible = [label for label in candidates if self._is_free(label.box)]
        if not possible:
            return False
        best = min(possible, key=lambda label: self._crossed(label.box))
        self.labels.append(best)
        self.taken.append(best.box)
        return True

    def _is_free(self, box: Box) -> bool:
        return self.frame.contains(box) and not any(box.overlaps(other) for other in self.taken)

    def _crossed(self, box: Box) -> int:
        first = bisect_right(self._dots, (box.left, math.inf))
        last = bisect_left(self._dots, (box.right, -math.inf))
        return sum(box.top < y < box.bottom for _, y in self._dots[first:last])


def _dots_along(line: Sequence[Place]) -> Iterator[Place]:
    """Yield points on a line, a few units apart."""
    for (x1, y1), (x2, y2) in pairwise(line):
        steps = max(1, int(max(abs(x2 - x1), abs(y2 - y1)) // 4))
        for step in range(steps + 1):
            share = step / steps
            yield x1 + (x2 - x1) * share, y1 + (y2 - y1) * share
