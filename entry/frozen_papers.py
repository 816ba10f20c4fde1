"""Papers that apps above froze: they keep a value whatever happens to it later."""

from collections.abc import Callable
from dataclasses import dataclass

from indicators.models import Actual


@dataclass(frozen=True)
class FrozenPaper:
    """A paper that has a value; `files` are the names of its files with it.

    `remedy` says what can still be done so that the value is not read there.
    """

    name: str
    state_label: str
    files: tuple[str, ...]
    remedy: str


FROZEN: list[Callable[[Actual], list[FrozenPaper]]] = []
"""Functions of the apps above that return the papers with a value that they show openly."""


def papers_with(actual: Actual) -> list[FrozenPaper]:
    """Return all papers that keep showing a value."""
    return [paper for find in FROZEN for paper in find(actual)]
