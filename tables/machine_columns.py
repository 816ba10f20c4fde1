"""Columns of tables that machines read: name, header, type, definition, and what stands in them."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

Cell = str | int | Decimal | None
"""What a cell can hold; None: it is empty."""

TEXT, INTEGER, NUMBER = "文字列", "整数", "数値"
DAY = "日付（YYYY-MM-DD）"
TIME = "時刻（HH:MM:SS）"
MOMENT = "日時（YYYY-MM-DD HH:MM:SS）"


class Column(NamedTuple):
    """A column: physical name, header, type, definition, how a row's cell is read, and its unit."""

    name: str
    header: str
    type: str
    definition: str
    read: Callable[[Any], Cell]
    unit: str = ""


def one_line(text: str) -> str:
    """Return a text without line breaks: one record, one line."""
    return re.sub(r"\s*[\r\n]+\s*", " ", text.strip())
