"""Finds the home of each project listed again: the row of the same name without （再掲）."""

import re
from dataclasses import dataclass
from typing import Any

from japanese.characters import alike
from plans.list_text.result import Notes, Place


@dataclass(frozen=True)
class ListedProject:
    """A project of the plan at its place; `project` is changed in place."""

    place: Place
    project: dict[str, Any]
    line: int
    is_relisted: bool

    @property
    def key(self) -> str:
        return alike(re.sub(r"\s", "", self.project["name"]))

    @property
    def home(self) -> dict[str, Any]:
        return {
            "goal": self.place.goal,
            "group": self.place.group,
            "measure": self.place.measure,
            "position": self.place.position,
        }


def link(projects: list[ListedProject], notes: Notes) -> None:
    """Write `relisted_from` of the projects that say （再掲）; uncertain links get a doubt."""
    homes: dict[str, list[ListedProject]] = {}
    for project in projects:
        if not project.is_relisted:
            homes.setdefault(project.key, []).append(project)
    for project in projects:
        if not project.is_relisted:
            continue
        found = homes.get(project.key, [])
        if found:
            project.project["relisted_from"] = found[0].home
        if len(found) != 1:
            notes.doubt(project.place, project.line, _doubt(project, found))


def _doubt(project: ListedProject, found: list[ListedProject]) -> str:
    name = project.project["name"]
    if not found:
        return f"（再掲）とありますが、「{name}」の元の事業がありません。元の事業を置いていません。"
    places = "、".join(str(one.place) for one in found)
    return f"（再掲）の元に当たる「{name}」が{places}にあります。{found[0].place}としました。"
