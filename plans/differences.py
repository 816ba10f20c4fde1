"""What differs between two texts, told apart piece by piece."""

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

_LEAST_ALIKE = 0.4
"""Texts that are less alike are marked as a whole: scattered letters tell nobody anything."""


class Piece(NamedTuple):
    """A part of a text; `differs` if the other text does not have it."""

    text: str
    differs: bool


def told_apart(old: str, new: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Return both texts as pieces in order; equal texts have no piece that differs."""
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < _LEAST_ALIKE:
        return _whole(old), _whole(new)
    codes = matcher.get_opcodes()
    return (
        _joined((old[i:j], tag != "equal") for tag, i, j, _, _ in codes),
        _joined((new[i:j], tag != "equal") for tag, _, _, i, j in codes),
    )


def _whole(text: str) -> tuple[Piece, ...]:
    return (Piece(text, differs=True),) if text else ()


def _joined(pieces: Iterable[tuple[str, bool]]) -> tuple[Piece, ...]:
    return tuple(_without_empty(Piece(text, differs) for text, differs in pieces))


def _without_empty(pieces: Iterable[Piece]) -> Iterator[Piece]:
    return (piece for piece in pieces if piece.text)
