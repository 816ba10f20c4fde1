"""Months as people write them: 2026年9月, 令和8年9月, R8.9, 2026-09. Standard library only."""

import re

from japanese.fiscal_years import read_fiscal_year
from japanese.numerals import half_width, shown

_ENGLISH = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_JAPANESE = re.compile(r"(?P<year>[^年]+)年(?P<month>[0-9]{1,2})月")
_WITH_SIGNS = re.compile(r"(?P<year>[^-/.]+)(?P<sign>[-/.])(?P<month>[0-9]{1,2})")
_SIX_DIGITS = re.compile(r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})")
# Excel converts a month to its first day, with or without a time.
_AS_DATE = re.compile(
    r"(?P<year>[0-9]{4})(?P<sign>[-/])(?P<month>[0-9]{1,2})(?P=sign)0?1(?: 0?0:00(?::00)?)?"
)
_EXCEL = re.compile(r"(?P<name>[A-Z][a-z]{2})-(?P<year>[0-9]{2})")


def read_month(text: str) -> str:
    """Return the month written in `text` as 2026-09.

    Accepts western and era years (令和8年9月, R8.9), also in full-width characters, and the forms
    to which Excel converts a month (Sep-26, 2026/9/1). Raises ValueError with a message for the
    user for anything else, such as a month without its year, 9月頃 or 秋.
    """
    plain = re.sub(r"\s+", " ", half_width(text)).strip()
    if (found := _EXCEL.fullmatch(plain)) and found["name"] in _ENGLISH:
        return f"20{found['year']}-{_ENGLISH.index(found['name']) + 1:02}"
    plain = plain if _AS_DATE.fullmatch(plain) else plain.replace(" ", "")
    for form in (_JAPANESE, _WITH_SIGNS, _SIX_DIGITS, _AS_DATE):
        if found := form.fullmatch(plain):
            year, month = _calendar_year(found["year"]), int(found["month"])
            if year is not None and 1 <= month <= 12:
                return f"{year}-{month:02}"
    raise ValueError(
        f"「{shown(text)}」は年月として読めません。"
        "「2026年9月」「令和8年9月」「R8.9」のように入力してください。"
    )


def _calendar_year(text: str) -> int | None:
    """Return the western year, or None. Eras number calendar years as they number fiscal years."""
    if text.endswith(("年", "年度")):
        return None
    try:
        return read_fiscal_year(text)
    except ValueError:
        return None
