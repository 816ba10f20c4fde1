"""Years in running text: 令和元(2019)年度, 2030（令和12）年度, R6, 元年度, 2021～27年度.

`fiscal_years.read_fiscal_year` parses a typed year; this module finds years that a sentence names.
Standard library only.
"""

import re
from dataclasses import dataclass

from japanese.eras import ERA_LETTERS, ERA_NAMES, ERAS, western_year
from japanese.numerals import read_number

_NUMBER = r"元|[0-9]{1,3}|[〇一二三四五六七八九十]{1,3}"
_SUFFIX = r"年度?"
_MONTH = (
    r"(?:(?P<month{n}>[0-9]{{1,2}})月(?:[0-9]{{1,2}}日)?"
    r"|[./](?P<point{n}>[0-9]{{1,2}})(?:[./][0-9]{{1,2}})?(?=末|\)|現在|時点))?"
)
_DAY_AHEAD = r"(?=[./][0-9]{1,2}(?:[./][0-9]{1,2})?(?:末|\)|現在|時点))"
_RANGE_SIGN = r"[~−–―-]"
# A year number without an era that is not 5年度当たり.
_NOT_COUNTED = r"(?!当たり|あたり|につき|ごと|毎|分|間)"


def _era(n: int, place: str) -> str:
    return (
        rf"(?:(?P<name{n}{place}>{ERA_NAMES})(?P<number{n}{place}>{_NUMBER})"
        rf"|(?<![A-Za-z])(?P<letter{n}{place}>[{ERA_LETTERS}])(?P<count{n}{place}>元|[0-9]{{1,2}})"
        r"(?![0-9A-Za-z]))"
    )


def _western(n: int, place: str) -> str:
    return rf"(?<![0-9,.])(?P<western{n}{place}>(?:19|20)[0-9]{{2}})(?![0-9])"


def _point(n: int) -> str:
    """Return the pattern of one year; its groups end with `n` and a letter."""
    maybe, month = f"(?:{_SUFFIX})?", _MONTH.format(n=n)
    return (
        rf"(?:{_era(n, 'a')}{maybe}\([^0-9)]*{_western(n, 'a')}{maybe}\){maybe}"
        rf"|{_western(n, 'b')}{maybe}\({_era(n, 'b')}{maybe}\){maybe}"
        rf"|(?:{_era(n, 'c')}(?P<suffix{n}c>{_SUFFIX})?"
        rf"|{_western(n, 'd')}(?:(?P<suffix{n}d>{_SUFFIX})|{_DAY_AHEAD})){month}"
        rf"|(?<=\(){_western(n, 'e')}(?=\))"
        rf"|(?<![0-9.,かカヵヶケ箇])(?P<bare{n}>元|[0-9]{{1,2}})年度{_NOT_COUNTED})"
    )


_SHORT_END = rf"(?P<short>元|[0-9]{{1,2}}(?![0-9])|[〇一二三四五六七八九十]{{1,3}}){_SUFFIX}"
_CLOSE = r"(?P<close>(?:19|20)[0-9]{2})(?=年|の|平均|累計|合計|計|で|に|間|\))(?:年度?)?"
_POINT = re.compile(_point(1))
_RANGE = re.compile(
    rf"(?:{_point(1)}|(?<![0-9,.])(?P<open>(?:19|20)[0-9]{{2}})){_RANGE_SIGN}"
    rf"(?:{_SHORT_END}|{_point(2)}|{_CLOSE})"
)
# 2022年度から2026年度までの累計; without such a word から is where a change starts.
_FROM_TO = re.compile(
    rf"{_point(1)}から{_point(2)}(?=までの?(?:累計|合計|平均|総|延べ|[0-9]+[かカヵヶケ箇]?年))"
)
# 3～5年度: one 年度 for both.
_BARE_RANGE = re.compile(
    rf"(?<![0-9.,])(?P<bare1>元|[0-9]{{1,2}}){_RANGE_SIGN}(?P<short>[0-9]{{1,2}})年度"
)
_LATER_HEISEI = 20
"""平成20年度 and later are still named without their era; 令和 has not come so far."""


@dataclass(frozen=True)
class WrittenYears:
    """A year or a range of years in a text, `text[start:end]`.

    `years` has the first and the last fiscal year; None if there is no such year (令和0年度) or
    if the two names of a year disagree.
    """

    start: int
    end: int
    years: tuple[int, int] | None
    is_range: bool
    lacks_era: bool
    """Whether the era is a guess: 26年度."""


def find_years(text: str) -> list[WrittenYears]:
    """Return the years in a text in half width, in order.

    A date is the fiscal year that it is in: 令和4年3月 is 2021. A number without an era (26年度)
    has the era named before it; without one it is 平成 from 20 on, otherwise 令和.
    """
    found: list[WrittenYears] = []
    era = ""
    position = 0
    while match := _next(text, position):
        groups = {name: said for name, said in match.groupdict().items() if said}
        era = next((groups[name] for name in groups if name.startswith(("name", "letter"))), era)
        found.append(
            WrittenYears(
                match.start(),
                match.end(),
                _years(groups, era, found[-1].years if found else None),
                match.re is not _POINT,
                lacks_era=not era and any(name.startswith("bare") for name in groups),
            )
        )
        position = match.end()
    return found


def _next(text: str, position: int) -> re.Match[str] | None:
    """Return the first match from `position` on, of those the longest."""
    matches = [form.search(text, position) for form in (_RANGE, _BARE_RANGE, _FROM_TO, _POINT)]
    return min(
        (match for match in matches if match),
        key=lambda match: (match.start(), -match.end()),
        default=None,
    )


def _years(
    groups: dict[str, str], era: str, before: tuple[int, int] | None
) -> tuple[int, int] | None:
    try:
        first = int(groups["open"]) if "open" in groups else _year(groups, 1, era)
        if "bare1" in groups and before and first < before[0]:
            first = western_year(ERAS[0].name, groups["bare1"])
        if "close" in groups:
            last = int(groups["close"])
        elif "short" in groups:
            last = _short_end(groups, first)
        elif any(name.rstrip("abcde").endswith("2") for name in groups):
            last = _year(groups, 2, era)
        else:
            last = first
    except ValueError:
        return None
    return (first, last) if first <= last else None


def _year(groups: dict[str, str], n: int, era: str) -> int:
    """Return the fiscal year of the point `n`. Raises ValueError if there is no such year."""
    candidates = set()
    for place in "abcde":
        named = groups.get(f"name{n}{place}") or groups.get(f"letter{n}{place}")
        number = groups.get(f"number{n}{place}") or groups.get(f"count{n}{place}")
        if named and number:
            candidates.add(western_year(named, _digits(number)))
        if western := groups.get(f"western{n}{place}"):
            candidates.add(int(western))
    if bare := groups.get(f"bare{n}"):
        candidates.add(western_year(era or _likely_era(bare), bare))
    if len(candidates) != 1:
        raise ValueError(f"{len(candidates)} years")
    month = groups.get(f"month{n}") or groups.get(f"point{n}")
    is_fiscal = "年度" in (groups.get(f"suffix{n}c"), groups.get(f"suffix{n}d"))
    is_before_april = month is not None and not is_fiscal and int(month) <= 3
    return candidates.pop() - is_before_april


def _short_end(groups: dict[str, str], first: int) -> int:
    """Return the last year of 2021～27年度 and 平成27～31年度; 平成30～4年度 ends in 令和."""
    number = _digits(groups["short"])
    if "open" in groups or any(name.startswith("western1") for name in groups):
        return first // 100 * 100 + int(number)
    named = next(
        (groups[name] for name in groups if name.startswith(("name1", "letter1"))),
        "平成" if first < ERAS[0].first_year else "令和",
    )
    last = western_year(named, number)
    return last if last >= first else western_year(ERAS[0].name, number)


def _likely_era(number: str) -> str:
    return "平成" if number != "元" and int(number) >= _LATER_HEISEI else "令和"


def _digits(number: str) -> str:
    """Return the digits of 十二. Raises ValueError if it is not a number."""
    return number if number == "元" else str(int(read_number(number)))
