"""The result of reading a list: the plan, what has no place in it, and doubtful decisions."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class PlanPart(StrEnum):
    """What a place is a place of; the value is the word in its label."""

    WHOLE = "計画"
    GOAL = "基本目標"
    NUMERIC_TARGET = "数値目標"
    GROUP = "施策の区分"
    MEASURE = "具体的施策"
    KPI = "KPI"
    PROJECT = "具体的事業"


@dataclass(frozen=True)
class Place:
    """A part of the plan. Its label is 具体的施策1-ア-1; without a group, 具体的施策1-1."""

    part: PlanPart = PlanPart.WHOLE
    goal: int | None = None
    group: str = ""
    measure: int | None = None
    position: int | None = None

    def __str__(self) -> str:
        numbers = (self.goal, self.group, self.measure, self.position)
        return self.part + "-".join(str(number) for number in numbers if number not in (None, ""))

    def below(self, part: PlanPart, position: int) -> "Place":
        """Return the place of a listing or a project in this goal or measure."""
        return Place(part, self.goal, self.group, self.measure, position)


@dataclass(frozen=True)
class Unplaced:
    """A line that belongs to no part of the plan; `reason` says why, in Japanese."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True)
class ListDoubt:
    """A decision based on less than an explicit mark, at the line where it begins."""

    place: Place
    text: str
    line: int


@dataclass(frozen=True)
class Extra:
    """A cell that the plan's shape has no key for, such as 担当課, with its column as written."""

    place: Place
    column: str
    text: str
    line: int


@dataclass(frozen=True)
class PlanList:
    """A list as it was read.

    `plan` has the shape of docs/strategy-json.md as far as a list can say it (see
    `reading.read_plan_list`). `unplaced`, `doubts`, `extras` and `left_out` are in the order of
    their lines. `left_out` has page numbers and repeated page heads. `words` has the words by which
    the levels are called, by the names in `words.LEVELS`, of the levels that have a heading.
    """

    plan: dict[str, Any]
    unplaced: tuple[Unplaced, ...]
    doubts: tuple[ListDoubt, ...]
    extras: tuple[Extra, ...] = ()
    left_out: tuple[Unplaced, ...] = ()
    words: dict[str, str] = field(default_factory=dict)


@dataclass
class Notes:
    """Collects what is said about lines while they are read."""

    unplaced: list[Unplaced] = field(default_factory=list)
    doubts: list[ListDoubt] = field(default_factory=list)
    extras: list[Extra] = field(default_factory=list)
    left_out: list[Unplaced] = field(default_factory=list)

    def unplace(self, line: int, text: str, reason: str) -> None:
        self.unplaced.append(Unplaced(line, text, reason))

    def doubt(self, place: Place, line: int, text: str) -> None:
        self.doubts.append(ListDoubt(place, text, line))
