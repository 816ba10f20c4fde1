"""Texts of cells as people mean them: pasted from a PDF or a Word table, numbered by hand."""

import re
import unicodedata
from collections.abc import Iterable

_CIRCLED = re.compile("[\u2460-\u2473\u3251-\u325f\u32b1-\u32bf\u2474-\u2487]")
_WIDE = "[\u3005-\u30ff\u3400-\u9fff\uff01-\uff9f]"
_BREAK = re.compile(r"[ \t\u3000]*\n[ \t\u3000]*")
_BETWEEN_WORDS = re.compile(r"(?<=[A-Za-z0-9,.%])\n(?=[A-Za-z0-9])")
_LETTER_BY_LETTER = re.compile(rf"{_WIDE}(?:[ \u3000]+{_WIDE}){{2,}}")
_NUMBERED = re.compile(
    r"(?P<number>[\u2460-\u2473\u3251-\u325f\u32b1-\u32bf]|[(（][0-9０-９]{1,3}[)）]"
    r"|[0-9０-９]{1,3}[.．、)）](?![0-9０-９]))[ \u3000]*(?P<rest>\S.*)",
    re.DOTALL,
)
_ROMAN = {
    "I": 1,
    "II": 2,
    "III": 3,
    "IV": 4,
    "V": 5,
    "VI": 6,
    "VII": 7,
    "VIII": 8,
    "IX": 9,
    "X": 10,
}
_KANJI = {kanji: number for number, kanji in enumerate("一二三四五六七八九十", 1)}


def without_breaks(text: str) -> str:
    """Return a text without the line breaks of a cell that was too narrow for it.

    Between Latin words a break becomes a space; Japanese has none.
    """
    text = _BREAK.sub("\n", text.strip())
    return _BETWEEN_WORDS.sub(" ", text).replace("\n", "")


def is_spaced_out(text: str) -> bool:
    """Whether a text has a space between each two letters, as 名　称 or 合 計 特 殊 出 生 率."""
    return _LETTER_BY_LETTER.fullmatch(text) is not None


def closed_up(text: str) -> str:
    """Return a text that is spaced out without its spaces; any other as it is."""
    return re.sub(r"[ \u3000]+", "", text) if is_spaced_out(text) else text


def number_in(text: str) -> int | None:
    """Return a number as people write positions: ①, (1), 1., １, 一, Ⅱ; None for anything else."""
    folded = unicodedata.normalize("NFKC", text).strip()
    if digits := re.fullmatch(r"[(]?([0-9]{1,4})[).、番]?", folded):
        return int(digits[1])
    return _KANJI.get(folded) or _ROMAN.get(folded.upper())


def numbered(text: str) -> tuple[int | None, str]:
    """Split a title that begins with its number: ①相談の支援 is (1, 相談の支援)."""
    if (found := _NUMBERED.fullmatch(text)) and (number := number_in(found["number"])):
        return number, found["rest"]
    return None, text


def place_key(text: str, words: Iterable[str] = ()) -> str:
    """Return a place as numbers and symbols with hyphens between: 施策（ア）① is ア-1.

    Words for the level and signs between its parts are left out; `words` are the plan's own.
    """
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, "-")
    text = _CIRCLED.sub(lambda sign: f"-{unicodedata.normalize('NFKC', sign[0])}-", text)
    folded = unicodedata.normalize("NFKC", text).upper()
    folded = _LEVELS.sub("", folded)
    folded = re.sub(r"[^0-9A-Z\u3005-\u30fa\u3400-\u9fff]+", "-", folded)
    folded = re.sub(r"(?<=[0-9])(?=[^0-9-])|(?<=[^0-9-])(?=[0-9])", "-", folded)
    return re.sub("-+", "-", folded).strip("-")


_LEVELS = re.compile(
    "基本目標|基本方針|数値目標|施策の区分|具体的施策|具体的な施策|重要業績評価指標|施策|目標|指標"
    r"|\(?KPI\)?"
)
