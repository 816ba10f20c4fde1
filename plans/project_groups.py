"""The 具体的事業 of a plan grouped by measure, 区分 or 実施主体, with or without re-listings.

A re-listing is recognised by its link to a home, never by its name: rows with the same name and
no link are separate projects.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from indicators.places import place_of
from indicators.plan_words import STANDARD_WORDS, Words
from plans.counting import Count, count_projects
from plans.nodes import GoalNode, MeasureNode, ProjectNode, StrategyTree

CITY = "市"
NOBODY_NAMED = "（実施主体の記載なし）"
"""What follows a 区分 that is not the city's, such as 民間等, where nobody is named."""


class By(StrEnum):
    """The criterion for grouping."""

    MEASURE = "measure"
    CATEGORY = "category"
    IMPLEMENTER = "implementer"


class Relisted(StrEnum):
    """How often to show a project that several measures list."""

    EVERYWHERE = "everywhere"
    ONCE = "once"


def names_of(words: Words) -> dict[By, str]:
    """Return what the criteria are called in a plan."""
    return {
        By.MEASURE: words.measure_short,
        By.CATEGORY: words.category,
        By.IMPLEMENTER: "実施主体",
    }


def relisted_names(words: Words) -> dict[Relisted, str]:
    """Return how the choices are called in a plan."""
    return {
        Relisted.EVERYWHERE: f"掲げたすべての{words.measure_short}に表示",
        Relisted.ONCE: f"最初に掲げた{words.measure_short}だけに表示",
    }


@dataclass(frozen=True)
class ProjectRow:
    """A project in its measure.

    `home` is the first listing of a re-listed project, else None. `again` are the places that list
    this project again.
    """

    project: ProjectNode
    measure: MeasureNode
    home: "ProjectPlace | None"
    again: tuple["ProjectPlace", ...]

    @property
    def label(self) -> str:
        """The measure of the row: 基本目標2（ア）②"""
        return self.measure.label_in_plan


@dataclass(frozen=True)
class ProjectPlace:
    """Another row of the same project, to link to."""

    measure: MeasureNode
    project: ProjectNode

    @property
    def anchor(self) -> str:
        """The fragment of the address of the row on the page of its measure."""
        return f"#project-{self.project.place}"

    @property
    def label(self) -> str:
        """基本目標2（ア）②"""
        return self.measure.label_in_plan


@dataclass(frozen=True)
class ProjectGroup:
    """Rows of projects under one heading. `measure` is None unless grouped by measure."""

    name: str
    anchor: str
    count: Count
    rows: tuple[ProjectRow, ...]
    measure: MeasureNode | None = None


def group_projects(tree: StrategyTree, by: By, relisted: Relisted) -> list[ProjectGroup]:
    """Return the projects of a plan in groups, rows in the plan's order.

    Grouped by measure: all measures in the plan's order. By category: all of the plan. By
    implementer: the city first, then by number of projects, and unnamed private ones last; a
    project with several implementers is in each of their groups. With ONCE, re-listings are left
    out.
    """
    rows = project_rows(tree.parts)
    if relisted == Relisted.ONCE:
        rows = [row for row in rows if row.project.relisted_from is None]
    makers: dict[By, Callable[[list[ProjectRow]], Iterable[ProjectGroup]]] = {
        By.MEASURE: partial(_by_measure, tree.parts),
        By.CATEGORY: partial(_by_category, tree.words),
        By.IMPLEMENTER: partial(_by_implementer, tree.words),
    }
    return list(makers[by](rows))


def groups_by_goal(
    tree: StrategyTree, by: By, relisted: Relisted
) -> list[tuple[GoalNode | None, list[ProjectGroup]]]:
    """Return the groups by goal; the goal is None unless grouped by measure."""
    groups = group_projects(tree, by, relisted)
    if by != By.MEASURE:
        return [(None, groups)]
    under: dict[int, list[ProjectGroup]] = {goal.position: [] for goal in tree.goals}
    for group in groups:
        if group.measure:
            under[group.measure.goal_position].append(group)
    return [(goal, under[goal.position]) for goal in tree.goals]


def notes_on(tree: StrategyTree, by: By, relisted: Relisted) -> list[str]:
    """Return the notes that readers of the groups need."""
    notes = []
    project = tree.words.project_short
    count = count_projects(tree.projects)
    if relisted == Relisted.ONCE and count.relisted:
        notes.append(
            f"再掲の{count.relisted}{project}は、最初に掲げた{tree.words.measure_short}だけに表示しています。"
        )
    if by == By.IMPLEMENTER:
        notes.append(
            f"複数の主体による{project}は、それぞれの主体に掲げています。"
            f"実施主体が空欄の{project}は、市の{project}です{_except(tree.words)}。"
        )
    if by == By.MEASURE:
        said = tree.words.note_on_categories
        notes.append(f"{said}実施主体の空欄は、市の{project}です。")
    return notes


def _except(words: Words) -> str:
    """（区分が民間等のものを除きます）; "" where all 区分 are the city's."""
    others = [one.name for one in words.categories if one.not_of_city]
    return f"（{words.category}が{'、'.join(others)}のものを除きます）" if others else ""


def _uncategorised(words: Words) -> str:
    return (
        f"{words.uncategorised}（空欄）" if words.uncategorised else f"{words.category}の記載なし"
    )


def rows_of_measure(tree: StrategyTree, measure: MeasureNode) -> list[ProjectRow]:
    """Return the projects of one measure, with links to their other listings."""
    return [row for row in project_rows(tree.parts) if row.measure is measure]


def project_rows(measures: Iterable[MeasureNode]) -> list[ProjectRow]:
    """Return all rows of projects in the plan's order, with links both ways."""
    places = {
        project.place: ProjectPlace(measure, project)
        for measure in measures
        for project in measure.projects
    }
    again: dict[str, list[ProjectPlace]] = {}
    homes: dict[str, ProjectPlace] = {}
    for place in places.values():
        if place.project.relisted_from:
            home = place_of(*place.project.relisted_from)
            if home in places:  # it may be missing from a part of a plan
                homes[place.project.place] = places[home]
                again.setdefault(home, []).append(place)
    return [
        ProjectRow(
            project=place.project,
            measure=place.measure,
            home=homes.get(address),
            again=tuple(again.get(address, ())),
        )
        for address, place in places.items()
    ]


def implementers(project: ProjectNode, words: Words = STANDARD_WORDS) -> tuple[str, ...]:
    """Return the implementers of a project; the city (or unnamed private ones) if none is named.

    They are separated by 、 or a comma. ・ is part of a name (北海道大学産学・地域協働推進機構),
    and so is a comma in brackets.
    """
    names = [name.strip() for name in _split(project.implementer)]
    named = tuple(dict.fromkeys(name for name in names if name))
    if named:
        return named
    if words.is_of_city(project.category):
        return (CITY,)
    return (f"{project.category}{NOBODY_NAMED}",)


_SEPARATOR = re.compile(r"[、，,](?![^（(]*[）)])")


def _split(text: str) -> Sequence[str]:
    return _SEPARATOR.split(text)


def _by_measure(
    measures: Iterable[MeasureNode], rows: Sequence[ProjectRow]
) -> Iterator[ProjectGroup]:
    for measure in measures:
        name = f"{measure.label}{measure.title}"
        own = [row for row in rows if row.measure is measure]
        if measure.is_direct and not own:
            continue
        yield _group(name, f"measure-{measure.place}", own, measure)


def _by_category(words: Words, rows: Sequence[ProjectRow]) -> Iterator[ProjectGroup]:
    for number, category in enumerate(("", *words.category_names), 1):
        own = [row for row in rows if row.project.category == category]
        yield _group(category or _uncategorised(words), f"group-{number}", own)


def _by_implementer(words: Words, rows: Sequence[ProjectRow]) -> Iterator[ProjectGroup]:
    groups: dict[str, list[ProjectRow]] = {}
    for row in rows:
        for name in implementers(row.project, words):
            groups.setdefault(name, []).append(row)
    names = sorted(groups, key=lambda name: _rank(name, groups))
    for number, name in enumerate(names, 1):
        yield _group(name, f"group-{number}", groups[name])


def _rank(name: str, groups: Mapping[str, Sequence[ProjectRow]]) -> tuple[int, int]:
    first = 0 if name == CITY else 2 if name.endswith(NOBODY_NAMED) else 1
    return first, -len(groups[name])


def _group(
    name: str, anchor: str, rows: Sequence[ProjectRow], measure: MeasureNode | None = None
) -> ProjectGroup:
    count = count_projects(row.project for row in rows)
    return ProjectGroup(name, anchor, count, tuple(rows), measure)
