"""The numbers by which addresses and forms name rows."""

_MOST_DIGITS = 18
"""More than that the keys of the database do not have."""


def row_number(text: str) -> int | None:
    """Return the number that a text is, written as we write it; None for all else."""
    if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS:
        return int(text)
    return None
