"""The text of a plan's list becomes a structured plan: `read_plan_list`, the way in."""

from collections.abc import Mapping, Sequence
from typing import Any

from plans.list_text.headings import used_words
from plans.list_text.lines import Habits, lines_of
from plans.list_text.listings import read_listings
from plans.list_text.outline import GoalDraft, MeasureDraft, Outline, outline_of, title_of
from plans.list_text.projects import read_projects
from plans.list_text.relistings import ListedProject, link
from plans.list_text.result import Notes, Place, PlanList, PlanPart
from plans.list_text.words import LEVEL_NAMES, candidates, words_in_use


def read_plan_list(text: str, words: Mapping[str, Sequence[str] | str] | None = None) -> PlanList:
    """Return the plan that a list describes, as copied from a PDF or from a table of Word.

    `plan` has the keys `title` and `goals` and, below each goal, the shape of
    docs/strategy-json.md, as far as a list can say it:

    - goal: `position`, `title`, `numeric_targets`, `measure_groups`
    - group: `symbol`, `title`, `measures`; a goal without groups has one of symbol "", title ""
    - measure: `position`, `title`, `kpis`, `projects`
    - listing (numeric target or KPI): `position`, `name`, `sentence`
    - project: `position`, `category` ("" for 継続), `name` (without （再掲）), `content` and
      `implementer` (may be None), `relisted_from` (None, or `goal`, `group`, `measure`, `position`
      of its home)

    Titles, names and sentences are as written; only the pieces of a broken line are put together.
    `words` may say by which words the plan calls its levels, with the keys of `words.LEVELS`:
    {"goal": "政策", "measure": ["施策"], "projects": "事務事業"}. What it leaves out is worked out.

    A text never makes it raise: what has no place is in `unplaced`, what was decided by something
    weaker than a mark in `doubts`; a text without any goal has an empty plan. Raises ValueError,
    in Japanese, for an unknown key or an empty word of `words`.
    """
    notes = Notes()
    lines, habits = lines_of(text, notes)
    known = words_in_use(used_words(lines, candidates(words)), words)
    outline = outline_of(lines, known, habits, notes)
    for level, word in known.worked_out.items():
        line = next((one.number for one in lines if word in one.text), 1)
        notes.doubt(Place(), line, f"「{word}」を{LEVEL_NAMES[level]}として読みました。")
    title = title_of(outline.front, notes)
    return PlanList(
        plan={"title": title, "goals": _goals(outline, habits, notes)},
        unplaced=tuple(sorted(notes.unplaced, key=lambda one: one.line)),
        doubts=tuple(sorted(notes.doubts, key=lambda one: one.line)),
        extras=tuple(sorted(notes.extras, key=lambda one: one.line)),
        left_out=tuple(sorted(notes.left_out, key=lambda one: one.line)),
        words=outline.words,
    )


def _goals(outline: Outline, habits: Habits, notes: Notes) -> list[dict[str, Any]]:
    projects: list[ListedProject] = []
    goals = [_goal(goal, projects, habits, notes) for goal in outline.goals]
    link(projects, notes)
    return goals


def _goal(
    goal: GoalDraft, projects: list[ListedProject], habits: Habits, notes: Notes
) -> dict[str, Any]:
    def place_of(position: int) -> Place:
        return goal.place.below(PlanPart.NUMERIC_TARGET, position)

    return {
        "position": goal.position,
        "title": goal.title,
        "numeric_targets": read_listings(goal.targets, place_of, habits, notes),
        "measure_groups": [
            {
                "symbol": group.symbol,
                "title": group.title,
                "measures": [
                    _measure(measure, projects, habits, notes) for measure in group.measures
                ],
            }
            for group in goal.groups
        ],
    }


def _measure(
    measure: MeasureDraft, projects: list[ListedProject], habits: Habits, notes: Notes
) -> dict[str, Any]:
    def kpi_at(position: int) -> Place:
        return measure.place.below(PlanPart.KPI, position)

    def project_at(position: int) -> Place:
        return measure.place.below(PlanPart.PROJECT, position)

    rows = read_projects(measure.projects, project_at, habits, notes)
    projects += [
        ListedProject(project_at(row.project["position"]), row.project, row.line, row.is_relisted)
        for row in rows
    ]
    return {
        "position": measure.position,
        "title": measure.title,
        "kpis": read_listings(measure.kpis, kpi_at, habits, notes),
        "projects": [row.project for row in rows],
    }
