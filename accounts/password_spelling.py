"""How first passwords are spelled, and what people type of one that they read from paper."""

import re

from japanese.numerals import half_width

CHARACTERS = "bcdfghjkmnpqrstvwxz23456789"
"""No vowels, so it spells no words, and no 0, 1 and l, which are easily confused."""

GROUPS, GROUP_LENGTH = 3, 4
BETWEEN = re.compile(r"[-‐‑‒–—―−ー\s]+")
_PLAIN = re.compile(f"[{CHARACTERS}]{{{GROUPS * GROUP_LENGTH}}}")


def as_printed(typed: str) -> str:
    """Return the first password that somebody typed, as it is printed on the slip.

    Capitals, full width, and other signs or none between the groups are taken. Anything else is
    returned as it is. The password loses nothing by it: its signs are always at the same places.
    """
    plain = BETWEEN.sub("", half_width(typed)).lower()
    if not _PLAIN.fullmatch(plain):
        return typed
    return "-".join(re.findall(f".{{{GROUP_LENGTH}}}", plain))
