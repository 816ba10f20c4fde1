"""Narrows the type of what the rules make sure is there."""

from typing import TypeVar

T = TypeVar("T")


def given(found: T | None) -> T:
    """Return ``found``, which is never ``None`` here, such as the value of a judged listing.

    Narrows the type for the type checker. Raises ``RuntimeError`` for ``None``, which is a bug.
    """
    if found is None:
        raise RuntimeError("Something is missing that the rules make sure is there.")
    return found
