"""What the papers of the year's end are made of, the same for the page and for Excel.

A paper has parts, most of which begin a page; a part has facts, tables and notes. Amounts are yen
and are shown in thousands; a figure that is a sum says of what, so that Excel adds it up itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from japanese.numerals import format_number
from reports.sheets.page import NONE

ROUNDED = (
    "金額は千円単位で、千円未満を四捨五入して示します。合計は円の額を足したもので、"
    "示した額の合計とは一致しないことがあります。"
)


@dataclass(frozen=True)
class PaperFigure:
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


PaperCell = str | PaperFigure


_WIDE = 4


@dataclass(frozen=True)
class PaperColumn:
    """A column: its header and how wide it is, compared with the others of its table."""

    header: str
    width: int
    align: str = "left"

    @property
    def is_wide(self) -> bool:
        """Whether it holds texts, and not a number or a word."""
        return self.width >= _WIDE


@dataclass(frozen=True)
class PaperRow:
    """A row of a table. `below` has texts over the whole width, with their names."""

    cells: tuple[PaperCell, ...]
    is_total: bool = False
    below: tuple[tuple[str, str], ...] = ()

    @property
    def shown(self) -> list[tuple[str, bool]]:
        """The cells as (text, is a number)."""
        return [
            (cell.text, True) if isinstance(cell, PaperFigure) else (cell, False)
            for cell in self.cells
        ]


@dataclass(frozen=True)
class PaperTable:
    """A table; `nothing` is the text if it has no rows."""

    caption: str
    columns: tuple[PaperColumn, ...]
    rows: tuple[PaperRow, ...]
    nothing: str = ""
    kind: str = field(default="table", init=False)


@dataclass(frozen=True)
class PaperFacts:
    """Names with their texts, one below the other."""

    rows: tuple[tuple[str, str], ...]
    kind: str = field(default="facts", init=False)


@dataclass(frozen=True)
class Note:
    """A text over the whole width."""

    text: str
    kind: str = field(default="note", init=False)


@dataclass(frozen=True)
class PaperHeading:
    """A heading within a part; one of `level` 4 is below one of 3."""

    text: str
    level: int = 3
    kind: str = field(default="heading", init=False)


@dataclass(frozen=True)
class PaperContents:
    """目次: the titles of the other parts of the paper."""

    kind: str = field(default="contents", init=False)


Block = PaperTable | PaperFacts | Note | PaperHeading | PaperContents


@dataclass(frozen=True)
class PaperPart:
    """A part of a paper. `name` is short, for its sheet; `anchor` is its id on the page.

    One that `continues` does not begin a page: it is short as a rule.
    """

    name: str
    title: str
    anchor: str
    blocks: tuple[Block, ...]
    continues: bool = False


def said(*pairs: tuple[str, str | None]) -> tuple[tuple[str, str], ...]:
    """Return names with their texts, without those that say nothing."""
    return tuple((name, text) for name, text in pairs if text)


def paper_facts(*pairs: tuple[str, str | None]) -> list[Block]:
    """Return the facts that say something, as a block; no block without any."""
    rows = said(*pairs)
    return [PaperFacts(rows)] if rows else []


def total(cells: Iterable[PaperCell], key: str = "") -> PaperCell:
    """Return the sum of the figures among some cells; NONE without any."""
    figures = [cell for cell in cells if isinstance(cell, PaperFigure)]
    if not figures:
        return NONE
    value = sum(figure.value for figure in figures)
    return PaperFigure(value, key, tuple(one.key for one in figures), figures[0].is_yen)


def totals(rows: Sequence[PaperRow], first: int, key: str = "") -> tuple[PaperCell, ...]:
    """Return the sums of the columns of some rows from the column `first` on.

    The key of each sum is `key` with the number of its column.
    """
    columns = zip(*(row.cells[first:] for row in rows), strict=True)
    return tuple(
        total(column, f"{key}/{index}" if key else "") for index, column in enumerate(columns)
    )
