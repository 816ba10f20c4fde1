"""What a grid shows of kept input: what was typed, and why a row can no longer take it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from entry.models import KeptInput
from trail.installation import planning_office

EMPTY = "（空欄）"
"""Stands for the text of an empty field."""


@dataclass(frozen=True)
class KeptTexts:
    """What was typed into a row, as labels with texts.

    `reason` says why the row cannot take it, "" if it can. `page` names the page that keeps it.
    """

    pk: int
    name: str
    texts: Sequence[tuple[str, str]]
    reason: str = ""
    page: str = ""


@dataclass(frozen=True)
class KeptOffer:
    """The kept input of a grid, row by row."""

    kept_at: datetime
    rows: Sequence[KeptTexts]

    @property
    def usable(self) -> list[KeptTexts]:
        """The rows that can be filled with it."""
        return [row for row in self.rows if not row.reason]

    @property
    def lost(self) -> list[KeptTexts]:
        """The rows that cannot; what was typed can be copied until it is dropped."""
        return [row for row in self.rows if row.reason]


def worth_copying(texts: Mapping[str, str]) -> Mapping[str, str]:
    """Return the texts that are not empty; all of them if everything was emptied.

    An empty field may be one that somebody else has filled in since.
    """
    return {name: text for name, text in texts.items() if text} or texts


def kept_offer(
    kept: KeptInput | None,
    read: Callable[[Mapping[str, str]], Sequence[KeptTexts]],
    *,
    is_used: bool,
) -> KeptOffer | None:
    """Return what to offer; None if there is nothing. `is_used`: the rows have what they can.

    `read` returns what fields of the form keep, row by row.
    """
    if kept is None:
        return None
    rows = [*read(kept.typed), *_beside(kept, read)]
    shown = [row for row in rows if row.reason] if is_used else rows
    return KeptOffer(kept.kept_at, shown) if shown else None


def _beside(
    kept: KeptInput, read: Callable[[Mapping[str, str]], Sequence[KeptTexts]]
) -> Iterator[KeptTexts]:
    """Yield what was typed into a row before another page was typed into."""
    for fields in kept.earlier:
        for row in read(fields):
            yield row if row.reason else replace(row, reason=_OVERTAKEN)


_OVERTAKEN = "この入力より後に、別の画面で、同じ行に入力しています。"


def reason_of_closed_row(*, is_confirmed: bool) -> str:
    """Return why a row that the user enters can no longer be typed into."""
    if not is_confirmed:
        return "この年度には、もう入力できません。"
    return (
        "企画担当が確認したため、もう入力できません。"
        f"変更が必要な場合は、{planning_office()}に連絡してください。"
    )
