"""What the papers of the year's end are made of, the same for the page and for Excel.

A paper has parts, each of which begins a page; a part has facts, tables and notes. Amounts are yen
and are shown in thousands; a figure that is a sum says of what, so that Excel adds it up itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from japanese.numerals import format_number

NONE = "－"

ROUNDED = (
    "金額は千円単位で、千円未満を四捨五入して示します。合計は円の額を足したもので、"
    "示した額の合計とは一致しないことがあります。"
)


@dataclass(frozen=True)
class Figure:
    """A number of a table: yen, or a count. `of` are the keys of the figures that it sums up."""

    value: int
    key: str = ""
    of: tuple[str, ...] = ()
    is_yen: bool = True

    @property
    def shown(self) -> Decimal:
        """The number in the unit that is shown: thousands of yen, not rounded, or the count."""
        return Decimal(self.value) / 1000 if self.is_yen else Decimal(self.value)

    @property
    def text(self) -> str:
        """1,235"""
        return format_number(self.shown, 0)


Cell = str | Figure


_WIDE = 4


@dataclass(frozen=True)
class Column:
    """A column: its header and how wide it is, compared with the others of its table."""

    header: str
    width: int
    align: str = "left"

    @property
    def is_wide(self) -> bool:
        """Whether it holds texts, and not a number or a word."""
        return self.width >= _WIDE


@dataclass(frozen=True)
class Row:
    """A row of a table. `below` has what is said of it over the whole width, as names and texts."""

    cells: tuple[Cell, ...]
    is_total: bool = False
    below: tuple[tuple[str, str], ...] = ()

    @property
    def shown(self) -> list[tuple[str, bool]]:
        """The cells as (text, is a number)."""
        return [
            (cell.text, True) if isinstance(cell, Figure) else (cell, False) for cell in self.cells
        ]


@dataclass(frozen=True)
class Table:
    """A table; `nothing` is said in its place where it has no rows."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    nothing: str = ""
    kind: str = field(default="table", init=False)


@dataclass(frozen=True)
class Facts:
    """Names with their texts, one below the other."""

    rows: tuple[tuple[str, str], ...]
    kind: str = field(default="facts", init=False)


@dataclass(frozen=True)
class Note:
    """A text over the whole width."""

    text: str
    kind: str = field(default="note", init=False)


@dataclass(frozen=True)
class Heading:
    """A heading within a part; one of `level` 4 stands below one of 3."""

    text: str
    level: int = 3
    kind: str = field(default="heading", init=False)


@dataclass(frozen=True)
class Contents:
    """目次: the titles of the other parts of the paper."""

    kind: str = field(default="contents", init=False)


Block = Table | Facts | Note | Heading | Contents


@dataclass(frozen=True)
class Part:
    """A part of a paper. `name` is short, for its sheet; `anchor` is its id on the page."""

    name: str
    title: str
    anchor: str
    blocks: tuple[Block, ...]


def said(*pairs: tuple[str, str | None]) -> tuple[tuple[str, str], ...]:
    """Return names with their texts, without those that say nothing."""
    return tuple((name, text) for name, text in pairs if text)


def facts_of(*pairs: tuple[str, str | None]) -> list[Block]:
    """Return the facts that say something, as a block; no block without any."""
    rows = said(*pairs)
    return [Facts(rows)] if rows else []


def total(cells: Iterable[Cell], key: str = "") -> Cell:
    """Return the sum of the figures among some cells; NONE without any."""
    figures = [cell for cell in cells if isinstance(cell, Figure)]
    if not figures:
        return NONE
    value = sum(figure.value for figure in figures)
    return Figure(value, key, tuple(one.key for one in figures), figures[0].is_yen)


def totals(rows: Sequence[Row], first: int, key: str = "") -> tuple[Cell, ...]:
    """Return the sums of the columns of some rows from the column `first` on.

    The key of each sum is `key` with the number of its column.
    """
    columns = zip(*(row.cells[first:] for row in rows), strict=True)
    return tuple(
        total(column, f"{key}/{index}" if key else "") for index, column in enumerate(columns)
    )
