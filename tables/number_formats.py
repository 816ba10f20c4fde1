"""Detect number formats that make a spreadsheet show a different number from the stored one.

A format can scale a number (1,234,567 shown as 1,235), add digits to it, flip its sign, or hide it.
Then nobody can tell which number the person meant: the stored one or the one on the screen. Pure
rules: no database.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|[_*].|\[(?P<bracket>[^]]*)\]'
    r"|(?P<number>General|@|[0#?][0#?,./]*(?:E[+-][0#?]+)?)|(?P<end>;)|(?P<other>.)",
    re.DOTALL | re.IGNORECASE,
)
_NUMBER = "\0"
"""Stands for the number in `_Section.look`."""

_SIZES = re.compile("[十百千万億兆割]")
_IN_THOUSANDS = re.compile(r"[0#?],+(?![0#?,])")
_GLUED = re.compile(f"[0-9０-９.,．，]{_NUMBER}|{_NUMBER}[0-9０-９.,．，]")
_MINUS_BEFORE = re.compile(rf"[-−－▲△][\s¥]*{_NUMBER}")
_MINUS_ANYWHERE = re.compile("[-−－▲△(（]")
_CONDITION = re.compile(r"\s*[<>=]")
_RED = {"red", "赤"}


@dataclass
class _Section:
    """One section of a format: positive numbers, negative numbers or zero.

    `look` is what it shows: its literal text, with `_NUMBER` in place of the number.
    """

    number: str = ""
    look: str = ""
    is_percent: bool = False
    is_red: bool = False
    has_condition: bool = False


def is_shown_as_it_is(value: float, number_format: str) -> bool:
    """Return whether this format shows `value` as that number, apart from rounding."""
    sections = _sections(number_format or "General")
    if _SIZES.search(number_format) or any(
        _IN_THOUSANDS.search(section.number) or _GLUED.search(section.look) for section in sections
    ):
        return False
    if len({section.is_percent for section in sections if section.number}) > 1:
        return False
    if any(section.has_condition for section in sections):
        return all(section.number or section.look.strip() for section in sections) and value >= 0
    used = sections[_index(value, len(sections))]
    if not used.number:
        return value == 0 and bool(used.look.strip())  # many sheets show zero as "-"
    says_minus = bool(_MINUS_BEFORE.search(used.look))
    if value < 0 and len(sections) > 1:
        return says_minus or used.is_red or bool(_MINUS_ANYWHERE.search(used.look))
    return not says_minus


def is_percentage(number_format: str) -> bool:
    """Return whether a format shows 0.3 as 30%."""
    return any(section.is_percent for section in _sections(number_format))


def shown_decimals(value: float, number_format: str) -> int | None:
    """Return how many decimals a format shows of `value`; None if it shows as many as there are."""
    sections = _sections(number_format or "General")
    if any(section.has_condition for section in sections):
        return None
    found = _DECIMALS.fullmatch(sections[_index(value, len(sections))].number)
    return None if found is None else len(found["decimals"] or "")


_DECIMALS = re.compile(r"[0#?,]+(?:[.](?P<decimals>[0#?]*))?")


def _index(value: float, count: int) -> int:
    """Return the index of the section that shows a value."""
    if value < 0:
        return min(1, count - 1)
    return 2 if value == 0 and count > 2 else 0


@lru_cache(maxsize=256)
def _sections(number_format: str) -> tuple[_Section, ...]:
    sections = [_Section()]
    for token in _TOKEN.finditer(number_format):
        kind, text = token.lastgroup, token[token.lastgroup] if token.lastgroup else ""
        section = sections[-1]
        if kind == "end":
            sections.append(_Section())
        elif kind == "bracket":
            section.is_red = section.is_red or text.lower() in _RED
            section.has_condition = section.has_condition or bool(_CONDITION.match(text))
        elif kind == "number":
            section.number += text
            section.look += _NUMBER
        elif kind is not None:
            section.is_percent = section.is_percent or (kind == "other" and text == "%")
            section.look += text
    return tuple(sections)
