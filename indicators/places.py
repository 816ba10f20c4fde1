"""Places of the parts of a plan, as used in addresses, codes and files."""

from typing import Any


def place_of(*parts: Any) -> str:
    """Return a place from its parts: 1-ア-1-2.

    What is not there is left out: a measure without a group is 1-1, and its KPI 1-1-2. Measures,
    KPIs and projects have addresses of their own, and no symbol contains a hyphen, so that the
    number of parts tells whether there is a group.
    """
    return "-".join(str(part) for part in parts if part not in (None, ""))


def in_brackets(group_symbol: str) -> str:
    """Return the symbol of a group as it is shown: （ア）; "" for no group."""
    return f"（{group_symbol}）" if group_symbol else ""
