"""Headings: 基本目標 1. …, 【数値目標】, 具体的施策 （ア）… ①…, 施策1-2 …, 成果指標."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from japanese.numerals import half_width
from plans.list_text.columns import is_header
from plans.list_text.lines import Line, blank_parts
from plans.list_text.markers import BULLETS, CIRCLED, number_of, read_marker, with_usual_kana
from plans.list_text.words import (
    GOAL,
    GROUP,
    MEASURE,
    LevelWords,
    by_length,
    candidates,
    pattern,
)

# A heading may be numbered itself: (2) 具体的な施策, ア 数値目標.
_SIGN = (
    rf"(?:\(?(?:[0-9]{{{{1,2}}}}|{CIRCLED}|[ア-ンA-Z一二三四五六七八九十](?=[\s).、]))[).、]?\s*)?"
)
_HEAD = rf"^[\s{BULLETS}#>]*{_SIGN}(?P<open>[【\[<《〈≪＜「『〔(])?\s*(?P<word>{{words}})"
_CLOSE = r"[】\]>》〉≫＞」』〕)]"
_ROMAN = "[Ⅰ-Ⅻ]"
_SYMBOL = r"[ア-ンA-Za-z]"
# A title may begin with a kanji number (一人ひとり) or a kana (アート).
_ONE_NUMBER = (
    rf"(?:[0-9]{{1,2}}|{CIRCLED}|{_ROMAN}|[一二三四五六七八九十]{{1,3}}(?=[\s.:、)】\]>》〉」-]|$))"
)
_ONE_STEP = rf"\(?(?:{_ONE_NUMBER}|{_SYMBOL}(?![A-Za-zぁ-んァ-ヶー一-龠]))\)?"
_NUMBERS = re.compile(
    rf"\s*(?P<numbers>{_ONE_STEP}(?:(?:\s*[-−–―ー‐]\s*|\.(?=[0-9])){_ONE_STEP})*)"
    rf"\s*(?P<close>{_CLOSE})?(?P<end>[\s.:、)]*)"
)
# 基本目標3つを is not a heading.
_COUNTED = re.compile(r"つ|件|本の|個|の|は|に|を|と|から|及び|～|~|・")
_IN_BRACKETS = r"\s*[(\[【〔][^()\[\]【】〔〕]*[)\]】〕]"
_SECTION_END = re.compile(
    rf"(?:{_IN_BRACKETS})*\s*{_CLOSE}?(?:{_IN_BRACKETS})*\s*(?::|の一覧|一覧)?"
)
# 基本目標、施策等一覧 names the list.
_LIST_NAME = re.compile(r"(?:一覧表?|体系図?|体系表)$")
_POSITION = re.compile(rf"(?:\s+|(?={CIRCLED}))(?={CIRCLED}|\([0-9]{{1,2}}\))")


@dataclass(frozen=True)
class ListHeading:
    """A heading. `numbers` are the signs behind the word: ("1",), ("1", "ア", "①").

    `rest` is what follows: the title, or the rest of the line.
    """

    level: str
    word: str
    numbers: tuple[str, ...]
    rest: str


PROSE = re.compile(
    r"(?:施策の|取組の|取組み?の|基本的な?|基本)?(?:方向性?|方針|考え方)|取組方針|現状(?:と|及び|・)課題"
    r"|現状|課題|背景|目的|施策の概要|概要|目指す(?:べき)?姿|講ずべき施策に関する基本的方向"
)
"""Headings of texts for which the shape of a plan has no place."""


def prose_heading(text: str) -> str:
    """Return the heading of a text that belongs to no part of the plan; "" for other lines."""
    bare = re.sub(rf"^{_SIGN.format()}", "", _plain(text).strip(f"{BULLETS}#> "))
    bare = bare.strip("【】[]<>《》〈〉「」:")
    return bare if PROSE.fullmatch(bare) else ""


def used_words(lines: Iterable[Line], looked_for: Iterable[str]) -> list[str]:
    """Return which of the words head a line as a level's heading does, in their first order."""
    head = _head(tuple(looked_for))
    found: dict[str, None] = {}
    for line in lines:
        match = head.match(_plain(line.text))
        if not match or prose_heading(line.text):
            continue
        if _after_level_word(line.text, match) is not None:
            found[re.sub(r"\s", "", match["word"])] = None
    return list(found)


def read_heading(text: str, words: LevelWords) -> ListHeading | None:
    """Return the heading that a line is or begins with; None if it is none."""
    match = _head(tuple(words.level_of)).match(_plain(text))
    if not match:
        return None
    word = re.sub(r"\s", "", match["word"])
    level = words.level_of[word]
    if level in (GOAL, GROUP, MEASURE):
        after = _after_level_word(text, match)
        if not after or (not after[0] and _LIST_NAME.search(after[1])):
            return None
        return ListHeading(level, word, *after)
    return _section(text, match, level, word)


def _plain(text: str) -> str:
    return with_usual_kana(half_width(text))


@lru_cache(maxsize=16)
def _head(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(_HEAD.format(words="|".join(pattern(word) for word in by_length(words))))


def _after_level_word(text: str, head: re.Match[str]) -> tuple[tuple[str, ...], str] | None:
    """Return the numbers behind the word of a level and the rest; None if it is no heading."""
    plain = _plain(text)
    behind = plain[head.end() :]
    numbers = _NUMBERS.match(behind)
    if numbers and not _is_text(numbers, behind, bool(head["open"])):
        signs = re.findall(rf"{_ONE_NUMBER}|{_SYMBOL}", numbers["numbers"])
        return tuple(signs), text[head.end() + numbers.end() :].strip()
    end = re.match(rf"\s*(?P<close>{_CLOSE})?\s*(?P<colon>[:.])?", behind)
    rest = behind[end.end() :] if end else behind
    is_apart = not behind or behind[0].isspace() or (end and (end["close"] or end["colon"]))
    if bool(head["open"]) and end and not end["close"]:
        return None
    if not is_apart and not re.match(r"[(\[【〔]", behind):
        return None
    return (), text[len(text) - len(rest) :].strip() if rest else ""


def _is_text(numbers: re.Match[str], behind: str, is_open: bool) -> bool:
    if is_open and not numbers["close"]:
        return False
    rest = behind[numbers.end() :]
    return not numbers["end"] and not numbers["close"] and bool(_COUNTED.match(rest))


def _section(text: str, head: re.Match[str], level: str, word: str) -> ListHeading | None:
    """Return the heading of a section, with the rest of its line."""
    behind = _plain(text)[head.end() :]
    numbered = re.match(rf"\s*(?P<number>{_ONE_NUMBER})(?:[\s.:、)]+|$)", behind)
    if numbered:
        # KPI1 就農者数: the heading of one listing.
        return ListHeading(level, word, (numbered["number"],), text[head.end() + numbered.end() :])
    end = _SECTION_END.match(behind)
    assert end  # it may be empty
    rest = behind[end.end() :]
    closed = end[0].strip().endswith((":", "】", "]", ">", "》"))
    is_apart = not rest or rest[0].isspace() or end[0][-1:].isspace() or closed
    is_marked = rest and read_marker(rest) and not re.match(r"[0-9]", rest)
    if not is_apart and not is_marked:
        return None
    if rest and word == "指標":
        return None
    return ListHeading(level, word, (), text[len(text) - len(rest) :].strip() if rest else "")


def is_side_by_side(cells: list[str], words: LevelWords) -> bool:
    """Return whether cells are headers of a table with several levels in each row."""
    said = [re.sub(r"\s", "", half_width(cell)) for cell in cells]
    levels = {cell for cell in said if cell in (*candidates(None), *words.of(GOAL))}
    if len(said) < 2 or not levels:
        return False
    others = [cell for cell in said if cell not in levels]
    return all(cell in words.level_of or is_header(cell) for cell in others) and bool(others)


@dataclass(frozen=True)
class MeasureHead:
    """What a heading of a measure says: group (symbol and title), position and title."""

    symbol: str = ""
    group_title: str = ""
    position: int | None = None
    title: str = ""
    goal: int | None = None


def measure_head(numbers: tuple[str, ...], rest: str) -> MeasureHead:
    """Return the parts of （ア）group ①title, 1-ア-① title, 1-2 title and ア-① title."""
    goal, symbol, position = _steps(numbers)
    if symbol and position is None and rest:
        return _group_and_measure(symbol, rest, goal)
    if position is not None or numbers:
        return MeasureHead(symbol, "", position, rest, goal)
    marker = read_marker(rest)
    if marker and marker.style == "kana":
        return _group_and_measure(marker.symbol, marker.rest, None)
    if marker and marker.number is not None:
        return MeasureHead("", "", marker.number, marker.rest)
    return MeasureHead(title=rest)


def _steps(numbers: tuple[str, ...]) -> tuple[int | None, str, int | None]:
    """Return goal, symbol and position of the signs: 1, ア and 2 of 1-ア-②."""
    symbols = [sign for sign in numbers if re.fullmatch(_SYMBOL, sign)]
    counted = [number_of(sign) for sign in numbers if sign not in symbols]
    symbol = symbols[0].upper() if symbols else ""
    if symbol:
        is_last = numbers[-1] in symbols
        position = None if is_last or not counted else counted[-1]
        goal = counted[0] if counted and numbers[0] not in symbols else None
        return goal, symbol, position
    if len(counted) == 3:
        return counted[0], str(counted[1]), counted[2]
    return (counted[0] if len(counted) == 2 else None), "", counted[-1] if counted else None


def _group_and_measure(symbol: str, rest: str, goal: int | None) -> MeasureHead:
    parts = _POSITION.split(rest, maxsplit=1)
    marker = read_marker(parts[1]) if len(parts) == 2 else None
    if marker and marker.number is not None:
        return MeasureHead(symbol, parts[0].strip(), marker.number, marker.rest, goal)
    if (whole := read_marker(rest)) and whole.number is not None:
        return MeasureHead(symbol, "", whole.number, whole.rest, goal)
    return MeasureHead(symbol, " ".join(blank_parts(rest)), None, "", goal)


def is_broken_heading(texts: list[str], words: LevelWords) -> bool:
    """Return whether lines are one broken heading of a section: 重要業績評価 and 指標（ＫＰＩ）."""
    heading = read_heading("".join(texts), words)
    return bool(heading and heading.level not in (GOAL, GROUP, MEASURE) and not heading.rest)
