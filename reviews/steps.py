"""The steps of a plan's year after its values: what was recorded of each, never dates alone."""

from collections.abc import Callable
from dataclasses import dataclass

from indicators.models import FiscalYear
from plans.nodes import StrategyTree


@dataclass(frozen=True)
class ReviewStep:
    """A step: its name and address, what is recorded of it in one sentence, whether it is done."""

    name: str
    url: str
    sentence: str
    is_done: bool


STEPS: tuple[Callable[[StrategyTree, FiscalYear], ReviewStep], ...] = ()
"""One function for each step, in the order of the year."""


def steps_of(tree: StrategyTree, year: FiscalYear) -> list[ReviewStep]:
    """Return the steps of a plan's year."""
    return [step(tree, year) for step in STEPS]
