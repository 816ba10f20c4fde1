"""How the values of a series move from year to year, and which moves are large. No Django."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from statistics import median

LARGE_SHARE = Decimal("0.5")
"""A value that differs from the one before by half of that one or more has moved much.

Unless the series usually moves as far: from 1 to 2 where it goes by 1 or 2 in most years. Not asked
of 累計, which only grow, and not where the one before is 0, of which there is no half.
"""

LARGE_MULTIPLE = 3
"""A value has moved much, too, where it moved this many times as far as it usually does."""

FEWEST_OTHER_MOVES = 3
"""With fewer other moves in the series there is no telling what is usual."""


@dataclass(frozen=True)
class Move:
    """How a value moved from the value before it, which need not be that of the year before.

    `share` is the difference as a part of the value before; None where that is 0. `usual` is the
    median of the other moves of the series, regardless of direction; None where there are too few.
    """

    before_year: int
    before: Decimal
    year: int
    value: Decimal
    share: Decimal | None
    usual: Decimal | None

    @property
    def difference(self) -> Decimal:
        """How far it moved; negative where it fell."""
        return self.value - self.before


def moves(series: Mapping[int, Decimal]) -> list[Move]:
    """Return the moves of a series of values by year, oldest first."""
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
    """Return whether a value moved much, by LARGE_SHARE or by LARGE_MULTIPLE."""
    length, usual = abs(move.difference), move.usual
    if not length or (usual is not None and length <= usual):
        return False
    if not running_total and move.share is not None and abs(move.share) >= LARGE_SHARE:
        return True
    return usual is not None and length >= LARGE_MULTIPLE * usual
