"""Parse the primary keys that URLs and forms send."""

_MOST_DIGITS = 18
"""Any number with this many digits fits a 64-bit primary key."""


def row_number(text: str) -> int | None:
    """Return a primary key written in ASCII digits; None for any other text."""
    if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS:
        return int(text)
    return None
