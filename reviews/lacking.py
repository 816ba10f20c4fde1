"""What must be filled in before a section's text can be sent to its head."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Lacking:
    """A field that is empty: its name, what it is called in a list, and what to do."""

    field: str
    label: str
    remedy: str


def labels_of(found: Iterable[Lacking]) -> str:
    """Return what is empty, as 「実施内容、今後の方針」; "" for nothing."""
    return "、".join(one.label for one in found)


def obstacle_of(found: Iterable[Lacking]) -> str:
    """Return why a text cannot be sent on yet, and what to do; "" if it can."""
    found = list(found)
    if not found:
        return ""
    remedies = "".join(one.remedy for one in found)
    return f"{labels_of(found)}が空欄のため、まだ次に進められません。{remedies}"
