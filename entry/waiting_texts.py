"""What upper apps add to the first pages of sections: texts that wait for the user."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from goals.models import Strategy


@dataclass(frozen=True)
class WaitingTexts:
    """How many texts of a kind wait in a state, and the page where they are."""

    name: str
    state_label: str
    count: int
    url: str


Waiting = Callable[[Any, int, Sequence[Strategy], Collection[str]], list[WaitingTexts]]
"""Returns what waits for a user in a fiscal year of some plans, in some states of a value."""

WAITING: list[Waiting] = []
"""Functions of the apps above; each costs the same number of queries for any number of texts."""


def waiting_texts(
    user: Any, fiscal_year: int, strategies: Sequence[Strategy], states: Collection[str]
) -> list[WaitingTexts]:
    """Return what waits for a user in the plans that cover a year."""
    covering = [plan for plan in strategies if fiscal_year in plan.period]
    return [text for find in WAITING for text in find(user, fiscal_year, covering, states)]
