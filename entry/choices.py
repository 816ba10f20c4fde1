"""A choice between two contents of a part of a value, where two people have changed it."""

from dataclasses import dataclass

MINE, THEIRS = "mine", "theirs"
"""The choice between two contents, followed by the version of the stored one: mine:3."""


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
class Question:
    """A row in which both the form and somebody else changed the same since it was written.

    `place` says where it is in the file; "" for the number of its row.
    """

    row: int
    name: str
    message: str
    choices: tuple[TwoContents, ...]
    place: str = ""

    @property
    def where(self) -> str:
        """The place as people read it."""
        return self.place or f"{self.row}行目"
