"""The chart of a milestone: one mark per year, and a word for it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from plans.charts.drawing import Size
from plans.charts.labels import TEXT_SIZE, Label, drawn_width
from plans.charts.year_columns import columns_for

MARK_Y, WORD_TOP = 26, 52
BELOW = 34
"""Distance from the end of the words to the lower edge; the names of the years go there."""
MARGIN = 8


@dataclass(frozen=True)
class YearMark:
    """The mark of a year: "done", "open" (not yet), "none" (no value) or "ahead" (in the future).

    `hollow` if the value may still change, `is_carried` if it is that of an earlier year.
    """

    x: float
    y: float
    state: str
    hollow: bool
    is_carried: bool


@dataclass(frozen=True)
class Steps:
    """All coordinates of one drawing."""

    size: Size
    steps: tuple[YearMark, ...]
    labels: tuple[Label, ...]


def draw_steps(
    years: Sequence[tuple[int, str]],
    done: Mapping[int, bool],
    words: Mapping[int, str],
    size: Size,
    *,
    provisional: Collection[int] = (),
    carried: Collection[int] = (),
) -> Steps:
    """Return the marks of the years: done or open, "none" for years missing in `done`.

    `words` are written below the marks, vertically if a column is too narrow. A year without a
    word is "ahead".
    """
    width = (size.width - 2 * MARGIN) / len(years)
    vertical = any(drawn_width(word) > width - 4 for word in words.values())
    longest = max(map(len, words.values()), default=1)
    height = WORD_TOP + TEXT_SIZE * (longest if vertical else 1) + BELOW
    columns = columns_for(years, "", left=MARGIN, right=size.width - MARGIN, y=height - 10)
    steps = tuple(
        YearMark(
            x=x,
            y=MARK_Y,
            state=_state(done.get(year), words.get(year, "")),
            hollow=year in provisional,
            is_carried=year in carried,
        )
        for year, x in columns.x.items()
    )
    labels = [
        Label(words[year], "absence", x, WORD_TOP, "start", vertical=True)
        if vertical
        else Label(words[year], "absence", x, WORD_TOP + TEXT_SIZE)
        for year, x in columns.x.items()
        if words.get(year)
    ]
    return Steps(replace(size, height=height), steps, (*columns.labels, *labels))


def _state(done: bool | None, word: str) -> str:
    if done is None:
        return "none" if word else "ahead"
    return "done" if done else "open"
