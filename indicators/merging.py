"""Merges what two windows changed in one value, field by field.

Both began with the same stored value. What only one of them changed is taken as it is; where both
changed the same to something different, a person has to decide.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from indicators.entries import tidy_remarks

Texts = Mapping[str, str]
Parts = Mapping[str, tuple[str, ...]]

PARTS: Parts = {
    "value": ("numerator", "denominator", "value", "availability", "expected_month"),
    "provisional": ("provisional",),
    "remarks": ("remarks",),
}
"""The parts of a value that are decided as a whole, with their fields."""


@dataclass(frozen=True)
class Merge:
    """The merged texts by field, the parts that both changed, and those that only others did."""

    texts: dict[str, str]
    clashes: tuple[str, ...]
    left_alone: tuple[str, ...]


def merge(
    base: Texts,
    theirs: Texts,
    mine: Texts,
    prefer_mine: Collection[str] = (),
    parts: Parts = PARTS,
) -> Merge:
    """Merge two changes of the same texts. Parts in `prefer_mine` are taken from `mine`.

    Until a clash is decided, `texts` has the stored content of that part. `parts` are those of a
    value unless the texts are of something else.
    """
    texts: dict[str, str] = {}
    clashes, left_alone = [], []
    for part, fields in parts.items():
        before, stored, typed = (_of(source, fields) for source in (base, theirs, mine))
        if part in prefer_mine or stored == before:
            texts |= typed
        else:
            texts |= stored
            if typed == before:
                left_alone.append(part)
            elif typed != stored:
                clashes.append(part)
    return Merge(texts, tuple(clashes), tuple(left_alone))


def _of(texts: Texts, fields: Collection[str]) -> dict[str, str]:
    return {field: tidy_remarks(texts.get(field, "")) for field in fields}
