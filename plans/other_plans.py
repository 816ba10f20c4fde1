"""The listings of the same indicator in other plans, as links on the page of a listing."""

from dataclasses import dataclass

from indicators.listing_rows import listing_rows
from plans.chooser import about_plan
from plans.nodes import ListingNode, StrategyTree
from plans.value_addresses import listing_address


@dataclass(frozen=True)
class ListingElsewhere:
    """A listing in another plan; `about` has the period and state of that plan in words."""

    plan: str
    about: str
    name: str
    sentence: str
    url: str


def listings_elsewhere(tree: StrategyTree, listing: ListingNode) -> list[ListingElsewhere]:
    """Return the listings of the indicator in the other plans of the tree, newest plan first.

    One query, none where the plan is the only one. Views of a past day have none, because today's
    rows do not say what was listed then.
    """
    if not tree.others or tree.as_of is not None:
        return []
    # The tree names a draft only to those who may see it.
    plans = {plan.code: plan for plan in tree.others}
    pk = listing.indicator.pk
    found = []
    for row in listing_rows(indicator_ids=[pk], drafts=True).get(pk, []):
        if plan := plans.get(row.plan_code):
            url = listing_address(row)
            if tree.fiscal_year in plan.period:
                url += f"?year={tree.fiscal_year}"
            about = about_plan(plan.period, plan.state)
            found.append(ListingElsewhere(plan.title, about, row.name, row.sentence, url))
    return found
