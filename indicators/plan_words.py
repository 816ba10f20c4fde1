"""The words of a plan: what it calls its levels and the 区分 of its projects.

A plan stores only what differs from the standard words, as `Strategy.words`. Whatever speaks of a
given plan (pages, papers, headers of its files) takes the words from here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

from japanese.characters import alike

LONGEST_WORD = 30
LONGEST_CATEGORY = 20
MOST_CATEGORIES = 20
NOT_OF_THE_CITY = "not_of_city"


@dataclass(frozen=True)
class Category:
    """A 区分 of projects. Projects that are not the city's (民間等) have no money of the city."""

    name: str
    not_of_city: bool = False


STANDARD_CATEGORIES = (Category("新規"), Category("拡充"), Category("民間等", not_of_city=True))


@dataclass(frozen=True)
class Words:
    """What a plan calls its levels.

    `measure_short`, `kpi_short` and `project_short` are used where the long word is too long; a
    plan with a long word of its own has that word there, too, unless it has a short one.
    `uncategorised` is what an empty 区分 means; "" if it means nothing.
    """

    goal: str = "基本目標"
    cross_goal: str = "横断的目標"
    numeric_target: str = "数値目標"
    group: str = "施策の区分"
    measure: str = "具体的施策"
    measure_short: str = "施策"
    kpi: str = "重要業績評価指標（KPI）"
    kpi_short: str = "KPI"
    project: str = "具体的事業"
    project_short: str = "事業"
    category: str = "区分"
    categories: tuple[Category, ...] = STANDARD_CATEGORIES
    uncategorised: str = "継続"

    def is_of_city(self, category: str) -> bool:
        """Whether the projects of a 区分 are the city's; those without one are."""
        return not any(one.not_of_city for one in self.categories if one.name == category)

    @property
    def category_names(self) -> tuple[str, ...]:
        """The 区分 in the plan's order, without the empty one."""
        return tuple(one.name for one in self.categories)

    @property
    def note_on_categories(self) -> str:
        """区分の空欄は、継続の事業です。 "" where an empty one means nothing."""
        if not self.uncategorised:
            return ""
        return f"{self.category}の空欄は、{self.uncategorised}の{self.project_short}です。"

    @property
    def kpi_in_print(self) -> str:
        """The word for KPIs as the list of a plan prints it: the standard one in wide letters."""
        return "重要業績評価指標（ＫＰＩ）" if self.kpi == STANDARD_WORDS.kpi else self.kpi

    def of_standard(self, word: str) -> str:
        """Return the plan's word for a standard one; any other word as it is."""
        for name in (*LEVELS, "category"):
            if word == getattr(STANDARD_WORDS, name):
                return str(getattr(self, name))
        return word

    def goal_label(self, position: int, cross_cutting: "CrossCutting" = None) -> str:
        """Return the label of a goal: 基本目標1; 横断的目標, with a number if there are several."""
        if cross_cutting is None:
            return f"{self.goal}{position}"
        return f"{self.cross_goal}{cross_cutting or ''}"

    def listing_word(self, model: str) -> str:
        """Return 数値目標 or 重要業績評価指標（KPI）, by the name of the model."""
        return self.kpi if model == "kpi" else self.numeric_target

    def short_listing_word(self, model: str) -> str:
        """Return 数値目標 or KPI, by the name of the model."""
        return self.kpi_short if model == "kpi" else self.numeric_target


CrossCutting = int | None
"""The number of a goal among those across all others; 0 for the only one; None for others."""

STANDARD_WORDS = Words()


def goal_labels(words: Words, across: Mapping[int, bool]) -> dict[int, str]:
    """Return the labels of a plan's goals by position; `across` says which are 横断的目標.

    These have numbers of their own; a single one has none.
    """
    crossing = [position for position, is_across in across.items() if is_across]
    numbers: dict[int, CrossCutting] = dict.fromkeys(crossing, 0)
    if len(crossing) > 1:
        numbers = {position: number for number, position in enumerate(crossing, 1)}
    return {position: words.goal_label(position, numbers.get(position)) for position in across}


WORD_NAMES = {
    "goal": "基本目標の呼び方",
    "cross_goal": "横断的目標の呼び方",
    "numeric_target": "数値目標の呼び方",
    "group": "施策の区分の呼び方",
    "measure": "具体的施策の呼び方",
    "measure_short": "具体的施策の短い呼び方",
    "kpi": "KPIの呼び方",
    "kpi_short": "KPIの短い呼び方",
    "project": "具体的事業の呼び方",
    "project_short": "具体的事業の短い呼び方",
    "category": "区分の呼び方",
    "categories": "区分の一覧",
    "uncategorised": "区分の空欄の意味",
}
"""What the words are called in forms and messages, by their keys in JSON."""

LEVELS = (
    "goal", "cross_goal", "numeric_target", "group", "measure", "kpi", "project",
)  # fmt: skip
"""The words that must differ from each other."""

_LONG_OF = {"measure_short": "measure", "kpi_short": "kpi", "project_short": "project"}


def in_two_lines(word: str) -> str:
    """Return a word for the header of a narrow column, broken in the middle: 基本 and 目標."""
    if len(word) < _LONG_HEADER:
        return word
    half = (len(word) + 1) // 2
    return f"{word[:half]}\n{word[half:]}"


_LONG_HEADER = 4


def words_from(stored: Mapping[str, Any]) -> Words:
    """Return the words of a plan from what it stores, which check_words has accepted."""
    categories = stored.get("categories")
    key = None if categories is None else tuple(_category(one) for one in categories)
    own = tuple(sorted((name, word) for name, word in stored.items() if name != "categories"))
    return _words(own, key)


@lru_cache(maxsize=100)
def _words(own: tuple[tuple[str, str], ...], categories: tuple[Category, ...] | None) -> Words:
    known = {field.name for field in fields(Words)}
    given: dict[str, Any] = {name: word for name, word in own if name in known}
    for short, long in _LONG_OF.items():
        if long in given and given[long] != getattr(STANDARD_WORDS, long):
            given.setdefault(short, given[long])
    if categories is not None:
        given["categories"] = categories
    return Words(**given)


def _category(stored: Mapping[str, Any]) -> Category:
    return Category(stored["name"], bool(stored.get(NOT_OF_THE_CITY)))


def words_as_json(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return accepted words in a fixed order and without what is standard."""
    return own_words(words_from(stored))


def own_words(words: Words) -> dict[str, Any]:
    """Return the words that differ from the standard ones as JSON, in a fixed order.

    A short word is left out where it follows from the long one.
    """
    written: dict[str, Any] = {}
    for field in fields(Words):
        value = getattr(words, field.name)
        if field.name == "categories":
            if value != STANDARD_CATEGORIES:
                written["categories"] = [
                    {"name": one.name, **({NOT_OF_THE_CITY: True} if one.not_of_city else {})}
                    for one in value
                ]
        elif value != written.get(_LONG_OF.get(field.name, ""), field.default):
            written[field.name] = value
    return written


def check_words(stored: Any) -> list[str]:
    """Return what is wrong with the words of a plan, as messages."""
    if not isinstance(stored, dict):
        return ['{"goal": "政策"} の形で入力してください。']
    problems = []
    for name in sorted(stored.keys() - WORD_NAMES.keys()):
        problems.append(
            f"「{name}」という項目はありません。使えるのは{'、'.join(WORD_NAMES)}です。"
        )
    for name, word in stored.items():
        if name in WORD_NAMES and name != "categories":
            problems += _check_word(name, word)
    problems += _check_categories(stored.get("categories", [{"name": "新規"}]))
    return problems or _check_differences(words_from(stored))


_NOT_ALLOWED = re.compile(r"""["'*?~<>=\[\]:/\\\n]""")
"""What would break the name of a sheet or a criterion in a formula of 検証報告書."""


def _check_word(name: str, word: Any) -> list[str]:
    if not isinstance(word, str):
        return [f"{WORD_NAMES[name]}は、文字で入力してください。"]
    if not word.strip() and name != "uncategorised":
        return [
            f"{WORD_NAMES[name]}が空です。文字を入力するか、その項目を消して標準のものにしてください。"
        ]
    if found := _NOT_ALLOWED.search(word):
        return [
            f"{WORD_NAMES[name]}「{word}」の「{found[0]}」は使えません。シートの名前と計算式に入るためです。"
            "別の文字にしてください。"
        ]
    if len(word) > LONGEST_WORD:
        return [
            f"{WORD_NAMES[name]}「{word}」は{len(word)}文字です。{LONGEST_WORD}文字以内にしてください。"
        ]
    return []


def _check_categories(categories: Any) -> list[str]:
    name = WORD_NAMES["categories"]
    if not isinstance(categories, list) or not all(
        isinstance(one, dict)
        and isinstance(one.get("name"), str)
        and isinstance(one.get(NOT_OF_THE_CITY, False), bool)
        and one.keys() <= {"name", NOT_OF_THE_CITY}
        for one in categories
    ):
        return [f'{name}は、[{{"name": "民間等", "{NOT_OF_THE_CITY}": true}}] の形にしてください。']
    problems = []
    if not 1 <= len(categories) <= MOST_CATEGORIES:
        problems.append(f"{name}は、1個から{MOST_CATEGORIES}個までにしてください。")
    seen: dict[str, str] = {}
    for word in (one["name"] for one in categories):
        if not word.strip():
            problems.append(f"{name}に、名前のない区分があります。名前を入力してください。")
        elif len(word) > LONGEST_CATEGORY:
            problems.append(
                f"{name}の「{word}」は{len(word)}文字です。{LONGEST_CATEGORY}文字以内にしてください。"
            )
        elif (first := seen.setdefault(alike(word), word)) is not word:
            problems.append(
                f"{name}の「{word}」は、「{first}」と同じか、全角と半角の違いだけです。"
                "別の名前にするか、一つにしてください。"
            )
    return problems


def _check_differences(words: Words) -> list[str]:
    problems = []
    seen: dict[str, str] = {}
    for name in LEVELS:
        word = getattr(words, name)
        first = seen.setdefault(alike(word), name)
        if first != name:
            problems.append(
                f"「{word}」が、{WORD_NAMES[first]}と{WORD_NAMES[name]}の両方になっています。"
                "見分けられるように、違う文字にしてください。"
            )
    return problems
