"""Attributes of parts of a plan as conditions: SDGs, 交付金, 総合計画, sections of projects.

What a measure carries holds for its KPIs and projects, too. A condition is offered only where the
plan has something for it, so that the pages of most plans have none.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from plans.conditions import Choices, Condition
from plans.nodes import CarriedNode, GoalNode, GroupNode, MeasureNode, StrategyTree

SDG, GRANT, GENERAL_PLAN, SECTION = "sdg", "grant", "general_plan", "section"


def carried_conditions(tree: StrategyTree) -> Iterator[tuple[str, str, Choices]]:
    """Yield name, label and choices of the conditions on what the parts of a plan carry."""
    every = [*_carried_in(tree)]
    sdgs = sorted({number for carried in every for number in carried.sdgs})
    codes = sorted({c.general_plan_code for c in every if c.general_plan_code})
    grants = {grant.number: grant.name for carried in every for grant in carried.grants}
    if sdgs:
        yield SDG, "SDGs", tuple((str(number), str(number)) for number in sdgs)
    if grants:
        yield GRANT, "交付金", tuple((str(number), grants[number]) for number in sorted(grants))
    if codes:
        yield GENERAL_PLAN, "総合計画コード", tuple((code, code) for code in codes)


def project_conditions(tree: StrategyTree) -> Iterator[tuple[str, str, Choices]]:
    """Yield the same for projects, which may have a section, too."""
    sections = {str(p.section_id): p.section for p in tree.projects if p.section}
    if sections:
        yield SECTION, "担当課", tuple(sections.items())
    yield from carried_conditions(tree)


def carries(carried: CarriedNode, name: str, value: str) -> bool:
    """Whether a part carries what a condition asks for."""
    if name == SDG:
        return value in map(str, carried.sdgs)
    if name == GRANT:
        return value in (str(grant.number) for grant in carried.grants)
    return carried.general_plan_code == value


def parts_that_carry(tree: StrategyTree, conditions: Iterable[Condition]) -> StrategyTree:
    """Return the tree with the parts that meet all conditions; the same without conditions.

    A measure that meets them keeps its KPIs and projects; of others those stay that meet them.
    """
    used = [one for one in conditions if one.value]
    if not used:
        return tree
    goals = (_goal(goal, used) for goal in tree.goals)
    return replace(tree, goals=tuple(goal for goal in goals if goal.groups))


def _goal(goal: GoalNode, used: list[Condition]) -> GoalNode:
    groups = (_group(group, used) for group in goal.groups)
    kept = tuple(group for group in groups if group.measures)
    return replace(goal, numeric_targets=(), groups=kept)


def _group(group: GroupNode, used: list[Condition]) -> GroupNode:
    measures = (_measure(measure, used) for measure in group.measures)
    return replace(group, measures=tuple(one for one in measures if one.kpis or one.projects))


def _measure(measure: MeasureNode, used: list[Condition]) -> MeasureNode:
    of_sections = [one.value for one in used if one.name == SECTION]
    others = [one for one in used if one.name != SECTION]

    def meets(carried: CarriedNode) -> bool:
        both = (measure.carried, carried)
        return all(any(carries(c, one.name, one.value) for c in both) for one in others)

    projects = tuple(
        project
        for project in measure.projects
        if meets(project.carried) and all(str(project.section_id) == one for one in of_sections)
    )
    kpis = () if of_sections else tuple(kpi for kpi in measure.kpis if meets(kpi.carried))
    return replace(measure, kpis=kpis, projects=projects)


def _carried_in(tree: StrategyTree) -> Iterator[CarriedNode]:
    for measure in tree.parts:
        yield measure.carried
        yield from (kpi.carried for kpi in measure.kpis)
        yield from (project.carried for project in measure.projects)
