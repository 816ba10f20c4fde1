"""Calendar days: parse what people type and format dates in the Japanese calendar.

People type 2026-04-01, 2026/4/1, 令和8年4月1日 or R8.4.1, also in full-width characters. Standard
library only.
"""

import re
from datetime import date

from japanese.eras import ERA_LETTERS, ERA_NAMES, ERAS, LATEST_YEAR, era_number, western_year
from japanese.numerals import half_width, shown

_SEPARATED = r"(?P<month>[0-9]{1,2})[-/.月](?P<day>[0-9]{1,2})日?"
_WESTERN = re.compile(rf"(?P<year>[0-9]{{4}})[-/.年]{_SEPARATED}")
_EIGHT_DIGITS = re.compile(r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})")
_OF_ERA = re.compile(
    rf"(?P<era>{ERA_NAMES}|[{ERA_LETTERS}])(?P<number>元|[0-9]{{1,2}})[-/.年]{_SEPARATED}"
)


def read_day(text: str) -> date:
    """Return the date written in `text`.

    Raises ValueError with a message for the user if the text is not a date, if the day does not
    exist, or if the year is before 1926 or after 2200.
    """
    plain = half_width(text).strip().upper().replace(" ", "")
    of_era = None
    found = _WESTERN.fullmatch(plain) or _EIGHT_DIGITS.fullmatch(plain)
    if found is None:
        found = of_era = _OF_ERA.fullmatch(plain)
    if found is None:
        raise ValueError(_refusal(text, "は日付として読めません。"))
    try:
        year = western_year(found["era"], found["number"]) if of_era else int(found["year"])
        day = date(year, int(found["month"]), int(found["day"]))
    except ValueError:
        raise ValueError(_refusal(text, "という日はありません。")) from None
    if not ERAS[-1].first_year <= year <= LATEST_YEAR:
        raise ValueError(_refusal(text, "は日付として読めません。"))
    return day


def not_after(day: date, today: date) -> date:
    """Return `day`. Raises ValueError with a message for the user if it is after `today`."""
    if day > today:
        raise ValueError(
            f"{day_label(day)}は、まだ来ていません。"
            f"今日（{day_label(today)}）までの日を指定してください。"
        )
    return day


def era_day(day: date) -> str:
    """Return a date in the Japanese calendar, as in official letters: 平成30年6月30日.

    Dates before 昭和 use the western calendar.
    """
    for era in ERAS:
        if day >= era.first_day:
            year = era_number(day.year - era.first_year + 1)
            return f"{era.name}{year}年{day.month}月{day.day}日"
    return _western(day)


def era_month(month: str) -> str:
    """Return a month (2026-09) in the Japanese calendar: 令和8年9月."""
    return era_day(date.fromisoformat(f"{month}-01")).removesuffix("1日")


def day_label(day: date) -> str:
    """Return a date in both calendars, such as 平成30年6月30日（2018年6月30日）.

    Dates before 昭和 use the western calendar only.
    """
    named, western = era_day(day), _western(day)
    return western if named == western else f"{named}（{western}）"


def _western(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _refusal(text: str, why: str) -> str:
    return f"「{shown(text)}」{why}「2026-04-01」か「令和8年4月1日」のように入力してください。"
