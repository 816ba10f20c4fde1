"""The plan that is measured."""

from goals.models import Strategy
from indicators.models import Actual
from plans.tree import read_plain_tree
from tests.factories import load_city, make_values


def plan_with_values() -> Strategy:
    """Return 根室市's plan with values of all kinds; it is created once per database."""
    strategy = load_city()
    own = {listing.indicator.pk for listing in read_plain_tree(strategy.code).listings}
    if not Actual.objects.filter(indicator__in=own).exists():
        make_values(strategy)
    return strategy
