"""A part of a strategy: one 基本目標, the listings of one 担当課, or both combined."""

from collections.abc import Iterator
from dataclasses import replace

from japanese.numerals import half_width, shown
from plans.nodes import (
    GoalNode,
    GroupNode,
    ListingNode,
    MeasureNode,
    StrategyTree,
    telling_once,
)


class NotInPlan(LookupError):
    """The plan has no such goal, or nothing for the section. The message is shown to users."""


def narrow(
    tree: StrategyTree, *, goal: int | None = None, section: str | None = None
) -> StrategyTree:
    """Return the tree reduced to a goal, a section, or both; its `part` names them.

    A goal keeps everything. A section keeps the targets and KPIs that it is responsible for or
    whose values it enters, and the measures with such a KPI, including all their projects:
    projects name no section, and whoever reports on a measure needs them. Empty goals and groups
    are dropped. 再掲 still refers to the whole plan. Raises NotInPlan if nothing is left.
    """
    if goal is None and section is None:
        return tree  # with what it has worked out for earlier requests
    goals, parts = tree.goals, []
    if goal is not None:
        goals = tuple(node for node in goals if node.position == goal)
        if not goals:
            raise NotInPlan(f"{tree.title}に、{tree.words.goal}{goal}はありません。")
        parts.append(goals[0].label)
    if section is not None:
        goals = tuple(_goals_of(goals, section))
        if not goals:
            where = "".join(f"の{part}" for part in parts)
            raise NotInPlan(f"{tree.title}{where}に、「{section}」が担当する指標はありません。")
        parts.append(f"担当課：{section}")
    return replace(tree, goals=goals, part="、".join(parts))


def sections_in(tree: StrategyTree) -> dict[str, str]:
    """Return names by id of the responsible and the entering sections, in the plan's order.

    Ids are strings, as in addresses.
    """
    names: dict[str, str] = {}
    for indicator in (listing.indicator for listing in tree.listings):
        names.setdefault(str(indicator.section_id), indicator.section)
        names.setdefault(str(indicator.entered_by_id), indicator.entered_by)
    return names


def goal_numbered(tree: StrategyTree, text: str) -> int | None:
    """Return the number of the goal in an address; None for "". Raises NotInPlan for no number."""
    try:
        return int(half_width(text)) if text else None
    except ValueError:
        raise NotInPlan(
            f"{tree.words.goal}「{shown(text)}」は番号として読めません。「1」のように指定してください。"
        ) from None


def section_named(tree: StrategyTree, text: str) -> str | None:
    """Return the name of the section given by id or name in an address; None for ""."""
    return sections_in(tree).get(text, text) if text else None


def _goals_of(goals: tuple[GoalNode, ...], section: str) -> Iterator[GoalNode]:
    for goal in goals:
        targets = _listings_of(goal.numeric_targets, section)
        groups = tuple(_groups_of(goal.groups, section))
        if targets or groups:
            yield replace(goal, numeric_targets=targets, groups=groups)


def _groups_of(groups: tuple[GroupNode, ...], section: str) -> Iterator[GroupNode]:
    for group in groups:
        measures = tuple(_measures_of(group.measures, section))
        if measures:
            yield replace(group, measures=measures)


def _measures_of(measures: tuple[MeasureNode, ...], section: str) -> Iterator[MeasureNode]:
    for measure in measures:
        kpis = _listings_of(measure.kpis, section)
        if kpis:
            yield replace(measure, kpis=kpis)


def _listings_of(listings: tuple[ListingNode, ...], section: str) -> tuple[ListingNode, ...]:
    return telling_once(
        listing
        for listing in listings
        if section in (listing.indicator.section, listing.indicator.entered_by)
    )
