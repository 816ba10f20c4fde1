"""What the workbooks of papers share: how they are created, and the conditions on each sheet."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Protocol

from xlsxwriter import Workbook

from japanese.calendar_days import day_label
from japanese.characters import one_line
from japanese.fiscal_years import era_label
from plans.nodes import StrategyTree
from reports.data_description import INVENTED_NOTE
from reports.observations import newest_change
from tables.sheet_cells import printed_workbook


class PaperOf(Protocol):
    """What a paper says about itself on each sheet; trees and editions both provide it."""

    @property
    def title(self) -> str:
        """The name of the plan."""

    @property
    def city(self) -> str:
        """The city whose plan it is."""

    @property
    def fiscal_year(self) -> int:
        """The year that the paper is about."""

    @property
    def invented(self) -> bool:
        """Whether its values are invented."""

    @property
    def as_of(self) -> date | None:
        """The day whose data it shows; None for current data."""

    @property
    def part(self) -> str:
        """The part of the plan that it shows; "" for the whole."""


def paper_workbook(
    tree: StrategyTree, title: str, write: Callable[[Workbook, StrategyTree], None]
) -> bytes:
    """Return a workbook that `write` fills from a tree; the same tree gives the same bytes."""
    return dated_workbook(tree, title, time_of_data(tree), lambda workbook: write(workbook, tree))


def dated_workbook(
    about: PaperOf, title: str, created: datetime, write: Callable[[Workbook], None]
) -> bytes:
    """Return a workbook that `write` fills, and that says to have been created at a time in UTC."""
    output = BytesIO()
    with printed_workbook(output) as workbook:
        workbook.set_properties(
            {
                "title": one_line(f"{about.title} {era_label(about.fiscal_year)}実績 {title}"),
                "author": one_line(about.city),
                "created": created,
            }
        )
        write(workbook)
    return output.getvalue()


def time_of_data(tree: StrategyTree) -> datetime:
    """Return when a value of the tree was last changed.

    Files have this time as their creation time, so that the same data give the same bytes.
    """
    newest = newest_change(tree) or datetime(tree.fiscal_year, 4, 1, tzinfo=UTC)
    return newest.astimezone(UTC).replace(microsecond=0, tzinfo=None)


def conditions(tree: PaperOf) -> list[str]:
    """Return the conditions for all figures on a paper: invented, as of a day, only a part."""
    return [
        words
        for words in (
            f"【{INVENTED_NOTE}】" if tree.invented else "",
            f"{day_label(tree.as_of)}終了時点のデータ" if tree.as_of else "",
            f"（{tree.part}）" if tree.part else "",
        )
        if words
    ]
