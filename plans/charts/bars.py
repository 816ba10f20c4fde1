"""Bars that are made of parts: how many of a whole are of which sort."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """One part of a stacked bar."""

    name: str
    x: float
    width: float


def stacked_bar(numbers: Sequence[tuple[str, int]], width: int) -> tuple[Part, ...]:
    """Return the parts of a bar of `width` in proportion to their numbers; zeros are left out.

    No part where there is nothing to count.
    """
    total = sum(number for _, number in numbers)
    parts, before = [], 0
    for name, number in numbers:
        if number:
            x = round(width * before / total, 1)
            before += number
            parts.append(Part(name, x, round(width * before / total - x, 1)))
    return tuple(parts)
