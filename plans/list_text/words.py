"""The words by which a plan calls its levels, and which of them a text uses.

Most plans say 基本目標 and 具体的施策. Where a text uses other words, their usual order
says which level each of them is: 政策 above 施策 above 事務事業.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from japanese.numerals import half_width

GOAL, NUMERIC_TARGETS, GROUP, MEASURE, KPIS, PROJECTS = LEVELS = (
    "goal",
    "numeric_targets",
    "group",
    "measure",
    "kpis",
    "projects",
)

LEVEL_NAMES = {
    GOAL: "基本目標",
    NUMERIC_TARGETS: "数値目標",
    GROUP: "施策の区分",
    MEASURE: "具体的施策",
    KPIS: "KPI",
    PROJECTS: "具体的事業",
}

_HIGHEST = (
    "基本目標", "重点戦略", "重点目標", "基本戦略", "戦略目標", "政策目標", "重点プロジェクト",
    "横断的な目標", "横断的目標", "横断目標",
)  # fmt: skip
_MIDDLE = ("政策分野", "政策", "基本方針", "基本的方向", "基本施策", "施策分野", "施策の区分")
_LOW = ("具体的な施策", "具体的施策", "主要施策", "個別施策", "主な施策", "施策")

_SECTIONS = {
    NUMERIC_TARGETS: ("数値目標", "基本目標の数値目標"),
    KPIS: (
        "重要業績評価指標", "重要業績指標", "重要評価指標", "KPI", "成果指標", "評価指標",
        "目標指標", "進捗指標", "指標",
    ),
    PROJECTS: (
        "具体的な事業", "具体的事業", "具体的な取組", "具体的な取り組み", "具体的取組",
        "主な事業", "主な取組", "主な取り組み", "主要事業", "主要取組", "関連事業", "構成事業",
        "実施事業", "個別事業", "事務事業", "取組内容",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class LevelWords:
    """The words of each level, and the levels whose words were worked out, not given or usual."""

    by_level: Mapping[str, tuple[str, ...]]
    worked_out: Mapping[str, str]

    @cached_property
    def level_of(self) -> dict[str, str]:
        """The level of each word, in half width and without blanks."""
        return {
            re.sub(r"\s", "", half_width(word)): level
            for level in LEVELS
            for word in self.of(level)
        }

    def of(self, level: str) -> tuple[str, ...]:
        return self.by_level.get(level, ())


def words_in_use(
    used: Iterable[str], given: Mapping[str, Sequence[str] | str] | None
) -> LevelWords:
    """Return the words of a text in which `used` head a line with a number.

    `given` has the plan's own words by level: they replace those of goals, groups and measures and
    come before those of the other levels. Raises ValueError for an unknown level and for an empty
    word.
    """
    own = _checked(given or {})
    used = [word for word in used if not any(word in words for words in own.values())]
    found = _levels(used, own)
    by_level = {level: own.get(level, ()) + words for level, words in _SECTIONS.items()}
    for level in (GOAL, GROUP, MEASURE):
        by_level[level] = own.get(level) or tuple(found[level])
    usual = {GOAL: ("基本目標",), GROUP: (), MEASURE: ("具体的施策", "具体的な施策")}
    worked_out = {
        level: word
        for level, words in usual.items()
        for word in found[level]
        if level not in own and word not in words and word in used
    }
    return LevelWords(by_level, worked_out)


def candidates(given: Mapping[str, Sequence[str] | str] | None) -> tuple[str, ...]:
    """Return the words of goals, groups and measures to look for, longer ones first."""
    own = _checked(given or {})
    words = {word for level in (GOAL, GROUP, MEASURE) for word in own.get(level, ())}
    return by_length({*words, *_HIGHEST, *_MIDDLE, *_LOW})


def by_length(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(words, key=lambda word: (-len(word), word)))


def pattern(word: str) -> str:
    """Return the pattern of a word whose letters a PDF may have set apart."""
    return r"\s*".join(re.escape(letter) for letter in word)


def _checked(given: Mapping[str, Sequence[str] | str]) -> dict[str, tuple[str, ...]]:
    if unknown := [level for level in given if level not in LEVELS]:
        raise ValueError(
            f"「{'」「'.join(unknown)}」という階層はありません。{'、'.join(LEVELS)}から選んでください。"
        )
    own = {
        level: (words,) if isinstance(words, str) else tuple(words)
        for level, words in given.items()
    }
    for level, words in own.items():
        if not all(word.strip() for word in words):
            raise ValueError(f"「{LEVEL_NAMES[level]}」に当たる語が空です。語を書いてください。")
    return own


def _levels(used: list[str], own: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    """Return the words by level, from the highest that the text uses down."""
    highest, middle, low = ([w for w in used if w in row] for row in (_HIGHEST, _MIDDLE, _LOW))
    if not highest and GOAL not in own:
        highest, middle = middle, []
    if len(set(low)) > 1 and "施策" in low and not middle:
        # 施策1 with 具体的施策 below it.
        middle, low = ["施策"], [word for word in low if word != "施策"]
    if middle and not low and MEASURE not in own:
        middle, low = [], middle
    return {
        GOAL: highest or ["基本目標"],
        GROUP: middle,
        MEASURE: low or ["具体的施策", "具体的な施策"],
    }
