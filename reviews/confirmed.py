"""A plan's tree with confirmed values only: what an edition may say."""

from dataclasses import replace

from plans.nodes import (
    GoalNode,
    GroupNode,
    IndicatorNode,
    ListingNode,
    MeasureNode,
    StrategyTree,
    Version,
)


def confirmed_only(tree: StrategyTree) -> StrategyTree:
    """Return the tree as if values that planning has not confirmed were not there."""
    return replace(tree, goals=tuple(_goal(goal) for goal in tree.goals))


def unconfirmed(tree: StrategyTree) -> list[ListingNode]:
    """Return the listings whose value of the tree's year is missing or not confirmed.

    参考指標 count, too; a quantity that is listed twice is returned once.
    """
    return [
        listing
        for listing in tree.listings
        if listing.first_listing and (listing.actual is None or not listing.actual.is_confirmed)
    ]


def _goal(goal: GoalNode) -> GoalNode:
    return replace(
        goal,
        numeric_targets=tuple(_listing(one) for one in goal.numeric_targets),
        groups=tuple(_group(group) for group in goal.groups),
    )


def _group(group: GroupNode) -> GroupNode:
    return replace(group, measures=tuple(_measure(one) for one in group.measures))


def _measure(measure: MeasureNode) -> MeasureNode:
    return replace(measure, kpis=tuple(_listing(one) for one in measure.kpis))


def _listing(listing: ListingNode) -> ListingNode:
    return replace(
        listing,
        indicator=_indicator(listing.indicator),
        reference=_reference(listing),
        versions=tuple(
            replace(version, reference=_reference(version)) for version in listing.versions
        ),
    )


def _reference(said: Version) -> IndicatorNode | None:
    return None if said.reference is None else _indicator(said.reference)


def _indicator(node: IndicatorNode) -> IndicatorNode:
    kept = {year: actual for year, actual in node.actuals.items() if actual.is_confirmed}
    return replace(node, actuals=kept)
