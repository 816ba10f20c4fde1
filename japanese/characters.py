"""Characters that no text may hold: controls, lone surrogates, unusual line breaks, unseen signs.

XML 1.0 forbids most of them, so a single one makes an Excel file unreadable. Word writes its soft
line break as a vertical tab, and PDF readers put form feeds into copied text. Standard library
only.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_LINE_BREAK = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_FORBIDDEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_UNSEEN = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\U000e0000-\U000e007f]")
"""Signs of no width. They turn the rest of a line round, or make two names that look alike.

Not those that choose the shape of the character before them, as names of people need.
"""
_SUSPECT = re.compile(f"{_LINE_BREAK.pattern}|{_FORBIDDEN.pattern}|{_UNSEEN.pattern}")


def clean(text: str) -> str:
    r"""Return a text without forbidden characters; unusual line breaks become \n.

    Tabs and usual line breaks stay as they are.
    """
    # Quickly for most texts: none of these characters counts as printable.
    if text.isprintable() or _SUSPECT.search(text) is None:
        return text
    return _UNSEEN.sub("", _FORBIDDEN.sub("", _LINE_BREAK.sub("\n", text)))


def one_line(text: str) -> str:
    """Return a clean text with a space for each line break, without surrounding whitespace."""
    if text.isprintable():
        return text.strip()
    return re.sub(r"\s*[\r\n]+\s*", " ", clean(text).strip())


def alike(text: str) -> str:
    """Return the text without what readers do not tell apart: width, case, surrounding space."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


def word_key(word: str) -> str:
    """Return a word for comparison with those of a list: also without the spaces inside it."""
    return "".join(alike(word).split())


_key_of_listed = lru_cache(maxsize=1024)(word_key)
"""The same for words of lists: each line of a form is compared with all of a list."""


def as_listed(text: str, words: Iterable[str]) -> str:
    """Return the word of a list that a text means: 拡充 for 拡　充 or half-width kana.

    Return the text itself if it means none of them, or several that differ in width and spaces only
    and is not exactly one of those.
    """
    known = list(words)
    key = word_key(text)
    if not key or text in known:
        return text
    meant = [word for word in known if _key_of_listed(word) == key]
    return meant[0] if len(meant) == 1 else text


WIDE_SPACE = "\u3000"
"""Part of many Japanese titles and names; `str.isprintable` does not count it as printable."""


def printable(text: str) -> str:
    """Return the text for a file name: without signs that show nothing, but with wide spaces."""
    return "".join(sign for sign in text if sign.isprintable() or sign == WIDE_SPACE)
