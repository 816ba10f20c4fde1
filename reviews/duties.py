"""Which sections answer for a measure or project in a year, and may write about it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from goals.models import Strategy
from indicators.places import place_of
from measures.models import Measure
from plans.nodes import MeasureNode, ProjectNode, StrategyTree


@dataclass(frozen=True)
class Responsible:
    """The sections of the measures or projects of a plan, by their id; the first one leads.

    `names` says what they are called in messages, `proposals` which grade the KPIs of a measure
    suggest now.
    """

    strategy_id: int
    by_id: Mapping[int, tuple[int, ...]]
    names: Mapping[int, str]
    proposals: Mapping[int, str] = field(default_factory=dict)

    def sections(self, pk: int) -> tuple[int, ...]:
        """Return the ids of the sections that answer for it; none for what the plan lacks."""
        return self.by_id.get(pk, ())

    def name(self, pk: int) -> str:
        """Return what it is called."""
        return self.names.get(pk, "この行")


def measure_ids(code: str) -> dict[str, int]:
    """Return the ids of the measures of a plan by their place, such as 1-ア-1; one query."""
    rows = Measure.objects.filter(group__goal__strategy__code=code).values_list(
        "pk", "group__goal__position", "group__symbol", "position"
    )
    return {place_of(goal, symbol, position): pk for pk, goal, symbol, position in rows}


def duties_of_measures(tree: StrategyTree, ids: Mapping[str, int] | None = None) -> Responsible:
    """Return who answers for each measure in the tree's year; two queries, one with `ids`.

    Those are the sections of its KPIs and of its projects. The section of the first KPI leads.
    `ids` are those of measure_ids().
    """
    ids = measure_ids(tree.code) if ids is None else ids
    measures = {ids[measure.place]: measure for measure in tree.measures}
    return Responsible(
        strategy_id_of(tree),
        {pk: _once(_sections_of(measure)) for pk, measure in measures.items()},
        {pk: f"{one.label_in_plan}{one.title}" for pk, one in measures.items()},
    )


def duties_of_projects(tree: StrategyTree) -> Responsible:
    """Return who answers for each project in the tree's year; one query.

    That is its own section; where it names none, the sections of its measure.
    """
    by_id, names = {}, {}
    for measure in tree.parts:
        of_measure = _once(_sections_of(measure))
        for project in measure.projects:
            own = (project.section_id,) if project.section_id else of_measure
            by_id[project.pk], names[project.pk] = own, project.name
    return Responsible(strategy_id_of(tree), by_id, names)


def strategy_id_of(tree: StrategyTree) -> int:
    """Return the id of the plan of a tree; one query."""
    return Strategy.objects.values_list("pk", flat=True).get(code=tree.code)


def _sections_of(measure: MeasureNode) -> Iterable[int]:
    for kpi in measure.kpis:
        yield kpi.indicator.section_id
        yield kpi.indicator.entering_id
    yield from _of_projects(measure.projects)


def _of_projects(projects: Iterable[ProjectNode]) -> Iterable[int]:
    return (project.section_id for project in projects if project.section_id)


def _once(sections: Iterable[int]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(sections))
