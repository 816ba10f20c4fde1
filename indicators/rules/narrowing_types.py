"""Narrows the type of a value that the rules guarantee."""

from typing import TypeVar

T = TypeVar("T")


def given(found: T | None) -> T:
    """Return ``found``, which is never ``None`` here, such as the value of a judged listing.

    Narrows the type for the type checker. Raises ``RuntimeError`` for ``None``, which is a bug.
    """
    if found is None:
        raise RuntimeError("Unexpected None: the rules guarantee a value here.")
    return found
