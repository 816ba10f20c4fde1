"""How first passwords are spelled, and the variants that people type when reading from paper."""

import re

from japanese.numerals import half_width

CHARACTERS = "bcdfghjkmnpqrstvwxz23456789"
"""No vowels, so it spells no words, and no 0, 1 and l, which are easily confused."""

GROUPS, GROUP_LENGTH = 3, 4
BETWEEN = re.compile(r"[-‐‑‒–—―−ー\s]+")
_PLAIN = re.compile(f"[{CHARACTERS}]{{{GROUPS * GROUP_LENGTH}}}")


def as_printed(typed: str) -> str:
    """Return the first password that somebody typed, as it is printed on the slip.

    Accepts capitals, full width, and other signs or none between the groups. Anything else is
    returned unchanged. This costs no security: the signs are always in the same places.
    """
    plain = BETWEEN.sub("", half_width(typed)).lower()
    if not _PLAIN.fullmatch(plain):
        return typed
    return "-".join(re.findall(f".{{{GROUP_LENGTH}}}", plain))
