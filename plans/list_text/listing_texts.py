"""Where the name of a target ends and its sentence begins: 合計特殊出生率 ５年で１．４９とし….

The reader of sentences (indicators/rules/sentences.py) decides what a sentence is.
"""

import re
from dataclasses import dataclass

from indicators.rules.sentences import read_sentence
from japanese.numerals import half_width
from plans.list_text.lines import blank_parts

_ARROW = re.compile(r"\s*(?:[⇒➡⇨➔▶]|=>|->)\s*")
_PLAIN_ARROW = re.compile(r"\s*→\s*")
_COLON = re.compile(r"\s*[:：]\s*")
_BEGINNING = (
    r"(?:[0-9〇一二三四五六七八九十]+[かカヵヶケ箇]?年(?:間|後)?で|毎年度?|年間|計画期間|期間中|累計|延べ"
    r"|(?:令和|平成|[RH])(?:[0-9]{1,2}|元)年?度?|20[0-9]{2}年度?|現状|基準値|目標値"
    r"|[+−▲△-]?[0-9]|ゼロ|[一二三四五六七八九十百千]+(?:人|件|社|団体|世帯|%|パーセント))"
)
_BEGINS = re.compile(_BEGINNING)
# 移住者数５年で100人: no name ends like this.
_BEGINS_INSIDE = re.compile(r"(?:[0-9五三十]+[かカヵヶケ箇]?年(?:間)?で)(?=.)")
_ENDS = re.compile(
    r"(?:増加?|減少?|増やす|減らす|向上|改善|維持|確保|達成|以上|以下|未満|超|削減|低下|上昇|解消|実現"
    r"|抑制|ゼロ|倍増|半減|拡大|する|こと|[。)）])$"
    r"|[0-9,.]+\s*[^0-9\sぁ-ん、,]{0,6}$|[0-9][かカヵヶケ箇]所$"
)


@dataclass(frozen=True)
class ListingText:
    """Name and sentence; `is_marked`: a sign, not their words, parts them."""

    name: str
    sentence: str
    is_marked: bool


def split_listing(text: str) -> ListingText | None:
    """Return the name and the sentence in a text; None if it does not have both."""
    for sign in (_ARROW, _COLON):
        parts = sign.split(text, maxsplit=1)
        if len(parts) == 2 and all(parts) and (sign is _ARROW or begins_sentence(parts[1])):
            return ListingText(parts[0].strip(), parts[1].strip(), True)
    parts = _PLAIN_ARROW.split(text, maxsplit=1)
    if len(parts) == 2 and parts[0] and not re.search(r"[0-9]", half_width(parts[0][-8:])):
        return ListingText(parts[0].strip(), parts[1].strip(), True)
    return _at_a_blank(text) or _without_a_sign(text)


def _at_a_blank(text: str) -> ListingText | None:
    words = blank_parts(text)
    rests = {i: " ".join(words[i:]) for i in range(1, len(words))}
    begins = [i for i, rest in rests.items() if begins_as_sentence(rest)]
    # LevelWords that only the reader of sentences knows: ゼロ名維持.
    begins = begins or [i for i, rest in reversed(rests.items()) if is_sentence(rest)]
    if not begins:
        return None
    first = begins[0]
    # The blanks around an arrow separate nothing.
    is_only_one = len(blank_parts(_PLAIN_ARROW.sub("→", text))) == 2
    return ListingText(" ".join(words[:first]), " ".join(words[first:]), is_only_one)


def _without_a_sign(text: str) -> ListingText | None:
    match = _BEGINS_INSIDE.search(half_width(text))
    if not match or not match.start():
        return None
    name, sentence = text[: match.start()].strip(), text[match.start() :].strip()
    name = re.sub(r"[はをが、]$", "", name)
    return ListingText(name, sentence, False) if is_sentence(sentence) else None


def has_sentence(text: str) -> bool:
    """Return whether a text has a name and the sentence of a target."""
    return split_listing(text) is not None


def begins_sentence(text: str) -> bool:
    """Return whether a text begins as sentences of targets do, or can be read as one."""
    return _BEGINS.match(half_width(text)) is not None or is_sentence(text)


def is_sentence(text: str) -> bool:
    """Return whether the reader of sentences finds a target, or a form without a number."""
    reading = read_sentence(text)
    return reading.target is not None or reading.change is not None or reading.special is not None


def begins_as_sentence(text: str) -> bool:
    """Return whether a text begins as only sentences do: with a period or an arrow."""
    return bool(re.match(r"[⇒→➡⇨]", text) or _BEGINS.match(half_width(text)))


def without_arrow(text: str) -> str:
    return re.sub(r"^\s*(?:[⇒→➡⇨➔]|=>|->|[:：])\s*", "", text)


def is_whole(sentence: str) -> bool:
    """Return whether a sentence can end here."""
    return _ENDS.search(half_width(sentence)) is not None


def goes_on_in(sentence: str, line: str) -> bool:
    """Return whether a line has what is missing in a sentence above it."""
    if not is_whole(sentence):
        return True
    return is_sentence(sentence + line) and not is_sentence(sentence)
