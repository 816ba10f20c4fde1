"""Lists that apps above put on the first page of auditors."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class WatchRow:
    """An entry of a list: a name, the address of its page ("" without one) and its details."""

    name: str
    url: str
    told: str


@dataclass(frozen=True)
class WatchList:
    """A list with its heading; `nothing` is the text for an empty list.

    `more` and `more_url` are a link to the page with all of it.
    """

    heading: str
    nothing: str
    rows: tuple[WatchRow, ...]
    more: str
    more_url: str


WATCH_LISTS: list[Callable[[str], WatchList]] = []
"""Functions of the apps above, which get the code of the page's plan, in the order of the page."""
