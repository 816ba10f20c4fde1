"""Names of the sheets of workbooks: what Excel allows."""

import re
from collections.abc import Sequence

from japanese.characters import one_line

LONGEST_NAME = 31
"""Excel's limit for the name of a sheet, in characters."""

_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\]")


def sheet_names(texts: Sequence[str], taken: Sequence[str] = ()) -> list[str]:
    """Return valid names of Excel sheets: no special characters, short and unique."""
    used = {name.casefold() for name in (*taken, "History")}
    names = []
    for text in texts:
        plain = _NOT_IN_A_NAME.sub("", one_line(text)).strip(" '") or "施策"
        name, number = plain[:LONGEST_NAME], 1
        while name.casefold() in used:
            number += 1
            end = f" ({number})"
            name = plain[: LONGEST_NAME - len(end)] + end
        used.add(name.casefold())
        names.append(name)
    return names
