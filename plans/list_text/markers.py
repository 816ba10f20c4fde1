"""Signs that number or begin a line: ①, (1), 1., （ア）, Ａ., 一、 and ・."""

import re
import unicodedata
from dataclasses import dataclass

from japanese.numerals import half_width, read_number

CIRCLED = "[①-⑳㉑-㉟㊱-㊿❶-❿➀-➉]"
BULLETS = "・○●◎◆◇■□▪▫▶►➢➤★☆*•‣◦"
_KANJI = "[一二三四五六七八九十]{1,3}"
_KANA = "[アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨ]"
_LETTER = "[A-Za-z]"

_FORMS = (
    ("circled", rf"(?P<n>{CIRCLED})[.:、]?"),
    ("bracketed", r"\((?P<n>[0-9]{1,2})\)|(?P<o>[⑴-⒇])"),
    ("half bracketed", r"(?P<n>[0-9]{1,2})\)"),
    ("dotted", r"(?P<n>[0-9]{1,2})[.:、](?![0-9])|(?P<o>[⒈-⒛])"),
    ("spaced", r"(?P<n>[0-9]{1,2})\s+(?=[0-9]{0,2}[^0-9\s])"),
    ("kanji bracketed", rf"\((?P<n>{_KANJI})\)"),
    ("kanji", rf"第?(?P<n>{_KANJI})(?:[.:、]|\s+)"),
    ("roman", r"\(?(?P<n>[Ⅰ-Ⅻⅰ-ⅻ])(?:[.:、)]|\s+)"),
    (
        "kana",
        rf"[(〔\[【](?P<s>{_KANA}|{_LETTER})[)〕\]】]|(?P<t>{_KANA}|{_LETTER})(?:[.:、)]|\s+)",
    ),
    ("bullet", rf"(?P<b>[{BULLETS}])"),
)
_MARKERS = tuple((style, re.compile(rf"\s*(?:{form})\s*")) for style, form in _FORMS)

IROHA = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨ"
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Marker:
    """A sign at the head of a text and what follows it.

    `number` is None for kana, letters and bullets; `symbol` is a kana or a capital letter in its
    usual width, else "".
    """

    style: str
    number: int | None
    symbol: str
    rest: str


def read_marker(text: str) -> Marker | None:
    """Return the sign at the head of a text; None if there is none."""
    plain = with_usual_kana(half_width(text))
    for style, form in _MARKERS:
        if not (match := form.match(plain)):
            continue
        said = {key: value for key, value in match.groupdict().items() if value}
        rest = text[match.end() :].strip()
        if style == "kana":
            return Marker(style, None, (said.get("s") or said["t"]).upper(), rest)
        if style == "bullet":
            return Marker(style + said["b"], None, "", rest)
        return Marker(style, number_of(said.get("n") or said["o"]), "", rest)
    return None


def with_usual_kana(text: str) -> str:
    """Return the text with half-width kana in full width where that keeps its length."""
    return re.sub("[ｱ-ﾝ]", lambda match: unicodedata.normalize("NFKC", match[0]), text)


def number_of(sign: str) -> int:
    """Return the number of 1, ①, ⑴, Ⅳ or 四."""
    if sign.isdecimal():
        return int(sign)
    if len(sign) == 1 and not "一" <= sign <= "龠":
        return int(unicodedata.numeric(sign))
    return int(read_number(sign))


def follows(symbol: str, before: str) -> bool:
    """Return whether a symbol is the next one after another, the first one after ""."""
    for row in (IROHA, ALPHABET):
        if symbol in row:
            return row.index(symbol) == (row.find(before) + 1 if before else 0)
    return False
