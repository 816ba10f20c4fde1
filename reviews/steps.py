"""The steps of a plan's year after its values: what was recorded of each, never dates alone."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from indicators.models import FiscalYear
from plans.nodes import StrategyTree
from plans.pages import kept_query
from reviews.measure_reviews import sentence_of, year_of_measures
from reviews.models import State


@dataclass(frozen=True)
class ReviewStep:
    """A step: its name and address, what is recorded of it in one sentence, whether it is done."""

    name: str
    url: str
    sentence: str
    is_done: bool


def _link(tree: StrategyTree, name: str) -> str:
    return reverse(name, args=[tree.code]) + kept_query(tree)


def measures_step(tree: StrategyTree, year: FiscalYear) -> ReviewStep:
    """内部評価: done once the evaluation of every measure is confirmed."""
    found = year_of_measures(tree, AnonymousUser())
    confirmed = found.in_state(State.CONFIRMED)
    return ReviewStep(
        "内部評価",
        _link(tree, "review_measures"),
        sentence_of(found.rows),
        bool(found.rows) and len(confirmed) == len(found.rows),
    )


STEPS: tuple[Callable[[StrategyTree, FiscalYear], ReviewStep], ...] = (measures_step,)
"""One function for each step, in the order of the year."""


def steps_of(tree: StrategyTree, year: FiscalYear) -> list[ReviewStep]:
    """Return the steps of a plan's year."""
    return [step(tree, year) for step in STEPS]
