"""Fiscal years (年度): parse what people type and format years in the Japanese calendar.

A fiscal year is an integer, the western year in which it begins: 2019 is April 2019 to
March 2020. Standard library only.
"""

import re
from datetime import date

from japanese.eras import (
    ERA_LETTERS,
    ERA_NAMES,
    ERA_SIGNS,
    ERAS,
    LATEST_YEAR,
    Era,
    era_number,
    western_year,
)
from japanese.numerals import half_width, shown

FIRST_MONTH = 4
"""Fiscal years begin in April."""

_EARLIEST_YEAR = ERAS[-1].first_year

_SUFFIX = r"(?:年度?)?"
_ERA = rf"(?P<era>{ERA_NAMES}|[{ERA_LETTERS}{ERA_SIGNS}])(?P<number>元|[0-9]{{1,2}})"
_WESTERN = r"(?P<western>[0-9]{4})"
_WESTERN_YEAR = re.compile(rf"{_WESTERN}{_SUFFIX}")
_ERA_YEAR = re.compile(rf"{_ERA}{_SUFFIX}(?:\({_WESTERN}{_SUFFIX}\))?")


def fiscal_year_of(day: date) -> int:
    """Return the fiscal year that contains a day."""
    return day.year - (day.month < FIRST_MONTH)


def era_label(year: int) -> str:
    """Return the Japanese name of the fiscal year, such as 令和元年度 for 2019.

    Raises ValueError for a year before 1926 (昭和元年度).
    """
    era, number = _era_year(year)
    return f"{era.name}{era_number(number)}年度"


def full_label(year: int) -> str:
    """Return both names of the fiscal year, such as 令和元年度（2019）.

    Raises ValueError for a year before 1926 (昭和元年度).
    """
    return f"{era_label(year)}（{year}）"


def short_label(year: int) -> str:
    """Return the short name for narrow columns, such as R1 for 2019 and H30 for 2018.

    Raises ValueError for a year before 1926 (昭和元年度).
    """
    era, number = _era_year(year)
    return f"{era.letter}{number}"


def read_fiscal_year(text: str) -> int:
    """Return the fiscal year written in `text`, as the western year in which it begins.

    Accepts H31, 平成31, 平成32年度 (2020: plans drawn up before a change of era use years after
    its end), R1, 令和元年度, 2019, 2019年度 and 令和元年度（2019）, also in full-width characters.
    Raises ValueError with a message for the user for anything else, including a year whose two
    names disagree.
    """
    plain = half_width(text).strip().upper()
    if western := _WESTERN_YEAR.fullmatch(plain):
        year = int(western["western"])
    elif found := _ERA_YEAR.fullmatch(plain):
        try:
            year = western_year(found["era"], found["number"])
        except ValueError:
            raise ValueError(_refusal(text)) from None
        if found["western"] and int(found["western"]) != year:
            raise ValueError(
                f"「{shown(text)}」は和暦と西暦が合いません。"
                f"「{full_label(year)}」か「{found['western']}年度」か確かめて入力してください。"
            )
    else:
        raise ValueError(_refusal(text))
    if not _EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise ValueError(_refusal(text))
    return year


def _era_year(year: int) -> tuple[Era, int]:
    """Return the era of a fiscal year and the year number within that era.

    A fiscal year keeps its name until it ends, so 1988 is 昭和63年度 although 平成 began in January
    1989. The whole of 2019 is 令和元年度, by the government's decision of 1 April 2019.
    """
    for era in ERAS:
        if year >= era.first_year:
            return era, year - era.first_year + 1
    raise ValueError(
        f"{year}年度は和暦で表せません。{_EARLIEST_YEAR}年度（昭和元年度）以後の年度を指定してください。"
    )


def _refusal(text: str) -> str:
    return (
        f"「{shown(text)}」は年度として読めません。"
        "「令和元年度」「R1」「2019」のように入力してください。"
    )
