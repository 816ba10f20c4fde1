"""An endless stream of observations, for tests that memory does not grow with their number."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import count

from plans.nodes import StrategyTree
from reports.observations import Observation, ValueKind, observations


def endless_observations(tree: StrategyTree) -> Iterator[Observation]:
    """Yield actuals with distinct years and values, as from an endless tree."""
    pattern = next(row for row in observations(tree) if row.value_kind == ValueKind.ACTUAL)
    for number in count():
        yield replace(pattern, fiscal_year=2000 + number % 100, value=Decimal(number))
