"""Merges what two windows changed in one value, field by field.

Both began with the same stored value. What only one of them changed is taken as it is; where both
changed the same to something different, a person has to decide.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from indicators.entries import PARTS, tidy_remarks

Texts = Mapping[str, str]

MINE, THEIRS = "mine", "theirs"
"""The choice between two contents, followed by the version of the stored one: mine:3."""

NOTHING_STORED = "未入力"


@dataclass(frozen=True)
class TwoContents:
    """Two contents of one part of a value: the stored one and the one that the user typed.

    `before` is what the user had seen; "" if that is not shown.
    """

    id: str
    label: str
    theirs: str
    mine: str
    version: str
    before: str = ""


@dataclass(frozen=True)
class Merge:
    """The merged texts by field, and the parts that still have to be decided."""

    texts: dict[str, str]
    clashes: tuple[str, ...]


def merge(base: Texts, theirs: Texts, mine: Texts, prefer_mine: Collection[str]) -> Merge:
    """Merge two changes of the same texts. Parts in `prefer_mine` are taken from `mine`.

    Until a clash is decided, `texts` has the stored content of that part.
    """
    texts: dict[str, str] = {}
    clashes = []
    for part, fields in PARTS.items():
        before, stored, typed = (_of(source, fields) for source in (base, theirs, mine))
        if part in prefer_mine or stored == before:
            texts |= typed
        else:
            texts |= stored
            if typed not in (before, stored):
                clashes.append(part)
    return Merge(texts, tuple(clashes))


def _of(texts: Texts, fields: Collection[str]) -> dict[str, str]:
    return {field: tidy_remarks(texts.get(field, "")) for field in fields}
