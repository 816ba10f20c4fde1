"""Nodes of a tree that are reused while the data they are made of stays the same.

A write of one value changes one indicator. The others, with their cached judgements, are passed on
from one tree of a plan and a year to the next.
"""

from collections.abc import Callable, Hashable
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar

N = TypeVar("N")


class UnchangedNodes:
    """The newest node of each part of a plan, with what it was made of.

    Nodes are frozen, so that trees may share them. Threads may build trees at once: each gets nodes
    that are made of what it read.
    """

    def __init__(self) -> None:
        self._newest: dict[Hashable, tuple[tuple[Any, ...], Any]] = {}

    def get(self, part: Hashable, made_of: tuple[Any, ...], make: Callable[[], N]) -> N:
        """Return the newest node of a part if it was made of the same, or make it.

        Identical objects are compared at once, and most rows are identical (`Rows`).
        """
        before = self._newest.get(part)
        if before is not None and before[0] == made_of:
            found: N = before[1]
            return found
        made = make()
        self._newest[part] = (made_of, made)
        return made


@lru_cache(maxsize=16)
def unchanged_nodes(
    strategy_id: int, fiscal_year: int | None, as_of: date | None
) -> UnchangedNodes:
    """Return the cached nodes of a plan in a year (None: not judged), on a day."""
    return UnchangedNodes()
