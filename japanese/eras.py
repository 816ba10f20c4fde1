"""The Japanese eras (元号). Standard library only."""

from datetime import date
from typing import NamedTuple


class Era(NamedTuple):
    """An era: name, Latin letter, the single Unicode character for it, and first day."""

    name: str
    letter: str
    sign: str
    first_day: date

    @property
    def first_year(self) -> int:
        """The western year of its first year (元年)."""
        return self.first_day.year


ERAS = (
    Era("令和", "R", "㋿", date(2019, 5, 1)),
    Era("平成", "H", "㍻", date(1989, 1, 8)),
    Era("昭和", "S", "㍼", date(1926, 12, 25)),
)
"""Newest first. Eras before 昭和 are not supported."""

ERA_NAMES = "|".join(era.name for era in ERAS)
ERA_LETTERS = "".join(era.letter for era in ERAS)
ERA_SIGNS = "".join(era.sign for era in ERAS)

LATEST_YEAR = 2200
"""A later year is a typing error, not a year of a plan."""

_FIRST_YEARS = {
    written: era.first_year for era in ERAS for written in (era.name, era.letter, era.sign)
}


def western_year(era: str, number: str) -> int:
    """Return the western year for an era and a year number, such as 令和 and 8, or H and 元.

    A year after the end of the era is valid (平成32): plans drawn up before the change use them.
    Raises ValueError for the year 0: no era has one.
    """
    year = 1 if number == "元" else int(number)
    if not year:
        raise ValueError(f"{era}{number}")
    return _FIRST_YEARS[era] + year - 1


def era_number(number: int) -> str:
    """Return a year number of an era as it is written: 元 for 1."""
    return "元" if number == 1 else str(number)
