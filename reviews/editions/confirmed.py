"""A plan's tree with confirmed values only: what an edition may say."""

from dataclasses import replace

from plans.nodes import IndicatorNode, ListingNode, StrategyTree


def confirmed_only(tree: StrategyTree) -> StrategyTree:
    """Return the tree without the values that planning has not confirmed."""
    return tree.with_listings(lambda listing: listing.with_indicators(_indicator))


def unconfirmed(tree: StrategyTree) -> list[ListingNode]:
    """Return the listings whose value of the tree's year is missing or not confirmed.

    参考指標 count, too; a quantity that is listed twice is returned once.
    """
    return [
        listing
        for listing in tree.listings
        if listing.first_listing and (listing.actual is None or not listing.actual.is_confirmed)
    ]


def _indicator(node: IndicatorNode) -> IndicatorNode:
    kept = {year: actual for year, actual in node.actuals.items() if actual.is_confirmed}
    return replace(node, actuals=kept)
