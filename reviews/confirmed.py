"""A plan's tree with confirmed values only: what an edition may say."""

from dataclasses import replace

from plans.nodes import GoalNode, GroupNode, ListingNode, MeasureNode, StrategyTree


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
    actuals = listing.indicator.actuals
    kept = {year: actual for year, actual in actuals.items() if actual.is_confirmed}
    return replace(listing, indicator=replace(listing.indicator, actuals=kept))
