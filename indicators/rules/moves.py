"""The changes of a series from year to year, and which of them are large. No Django."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from statistics import median

LARGE_SHARE = Decimal("0.5")
"""A move is large if it is at least this part of the value before.

Exceptions: the series usually moves as far (from 1 to 2 if most moves are 1 or 2), the value is a
累計, which only grows, or the value before is 0.
"""

LARGE_MULTIPLE = 3
"""A move is also large if it is at least this many times the usual move."""

FEWEST_OTHER_MOVES = 3
"""With fewer other moves in the series, there is no usual move."""


@dataclass(frozen=True)
class Move:
    """The move from one value to the next, which may be several years later.

    `share` is the difference as a part of the value before; None if that is 0. `usual` is the
    median length of the other moves of the series; None if there are too few.
    """

    before_year: int
    before: Decimal
    year: int
    value: Decimal
    share: Decimal | None
    usual: Decimal | None

    @property
    def difference(self) -> Decimal:
        """The signed difference; negative if the value fell."""
        return self.value - self.before


def moves(series: Mapping[int, Decimal]) -> list[Move]:
    """Return the moves of a series (values by year), oldest first."""
    years = sorted(series)
    pairs = list(pairwise(years))
    lengths = [abs(series[year] - series[before]) for before, year in pairs]
    found = []
    for index, (before_year, year) in enumerate(pairs):
        before, others = series[before_year], lengths[:index] + lengths[index + 1 :]
        found.append(
            Move(
                before_year=before_year,
                before=before,
                year=year,
                value=series[year],
                share=(series[year] - before) / abs(before) if before else None,
                usual=median(others) if len(others) >= FEWEST_OTHER_MOVES else None,
            )
        )
    return found


def is_large(move: Move, *, running_total: bool = False) -> bool:
    """Return whether a move is large by LARGE_SHARE or LARGE_MULTIPLE."""
    length, usual = abs(move.difference), move.usual
    if not length or (usual is not None and length <= usual):
        return False
    if not running_total and move.share is not None and abs(move.share) >= LARGE_SHARE:
        return True
    return usual is not None and length >= LARGE_MULTIPLE * usual
