"""有識者会議資料: a table of all listings per 基本目標, the same on the page and in Excel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from xlsxwriter import Workbook

from japanese.numerals import format_number
from plans.counting import Count, count_by_band, count_listings, progress_sentence
from plans.nodes import GoalNode, ListingNode, StrategyTree
from plans.presentation import JudgedRow, row_of
from reports.paper_workbook import paper_workbook
from reports.sheets.names import sheet_names
from reports.sheets.page import (
    NONE,
    Heading,
    Line,
    Page,
    PlainCell,
    PrintedColumn,
    Shown,
    with_fitting_numbers,
)
from reports.sheets.value_cells import (
    LEAST_YEAR,
    PROVISIONAL_SIGN,
    UNCONFIRMED_SIGN,
    actual_cell,
    amount_cell,
    expected_cell,
    measure_name,
    notes_on_withheld,
    remarks_with_parts,
    target_cell,
    told_once,
    year_header,
)
from reports.shown_years import years_around, years_note
from reports.year_end.council_matters import Matters
from tables.print_setup import A3, Paper
from tables.sheet_cells import YEAR_FILL

MOST_YEARS = 5
"""How many years have room on A3 in letters that people can read."""

_NOTES = (
    "種類が「期間累計」の指標の目安値と判定は、計画の初年度からの累計によります。",
    f"実績の「{PROVISIONAL_SIGN}」は速報値、「{UNCONFIRMED_SIGN}」は企画担当がまだ確認していない値です。",
)


@dataclass(frozen=True)
class CouncilLine:
    """A listing: its row as on other pages, and its cells in the order of the columns."""

    row: JudgedRow
    cells: tuple[PlainCell, ...]

    @property
    def texts(self) -> list[tuple[str, bool]]:
        """The cells as (text, is a number)."""
        return [(_text(cell), isinstance(cell, Shown)) for cell in self.cells]


@dataclass(frozen=True)
class CouncilGroup:
    """The lines under one heading: the 数値目標 of a goal, or the KPIs of a measure."""

    title: str
    lines: tuple[CouncilLine, ...]


@dataclass(frozen=True)
class CouncilTable:
    """The table of one 基本目標."""

    goal: GoalNode
    count: Count
    sentence: str
    groups: tuple[CouncilGroup, ...]


@dataclass(frozen=True)
class CouncilPaper:
    """What the page and the workbook show: for each line the cells of these columns."""

    columns: tuple[PrintedColumn, ...]
    tables: tuple[CouncilTable, ...]
    notes: tuple[str, ...]

    @property
    def headers(self) -> list[str]:
        """The headers in one line."""
        return [column.header.replace("\n", "") for column in self.columns]


def council_paper(tree: StrategyTree) -> CouncilPaper:
    """Return the paper of a judged tree, in the plan's order."""
    whole = {_key(listing): _WholeLine.of(tree, listing) for listing in tree.listings}
    years = _years_with_room(tree, list(whole.values()))
    lines = {key: CouncilLine(line.row, line.cells(years)) for key, line in whole.items()}
    return CouncilPaper(
        _columns(tree, years),
        tuple(_table(tree, goal, lines) for goal in tree.goals),
        (*_NOTES, *notes_on_withheld(tree), *filter(None, [years_note(tree, years)])),
    )


_Key = tuple[str, int]


def _key(listing: ListingNode) -> _Key:
    return listing.model, listing.pk


@dataclass(frozen=True)
class _WholeLine:
    """A listing with its actuals by year, of which as many are shown as have room.

    `before` and `after` are the cells beside them.
    """

    row: JudgedRow
    before: tuple[PlainCell, ...]
    actuals: Mapping[int, PlainCell]
    after: tuple[PlainCell, ...]

    @classmethod
    def of(cls, tree: StrategyTree, listing: ListingNode) -> Self:
        row, indicator, judged = row_of(listing), listing.indicator, listing.assessment
        before = (
            f"{listing.mark} {listing.name}" + ("" if listing.first_listing else "（再掲）"),
            told_once(listing),
            "\n".join(filter(None, [listing.kind_label, listing.due_note])),
            indicator.shown_unit or NONE,
            amount_cell(indicator, listing.baseline),
        )
        after = (
            expected_cell(listing, judged),
            amount_cell(indicator, judged.value),
            target_cell(listing),
            row.judged_by or NONE,
            f"{row.mark} {row.label}",
            row.explanation,
            remarks_with_parts(listing.actual),
            indicator.section,
        )
        years = years_around(tree, MOST_YEARS)
        return cls(row, before, {one: actual_cell(tree, indicator, one) for one in years}, after)

    def cells(self, years: Sequence[int]) -> tuple[PlainCell, ...]:
        """Return the cells of a line that shows these years."""
        return (*self.before, *(self.actuals[year] for year in years), *self.after)


def _years_with_room(tree: StrategyTree, lines: Sequence[_WholeLine]) -> tuple[int, ...]:
    """Return the years whose actuals have room beside the other columns."""
    paper = Paper(A3)
    for most in range(MOST_YEARS, 1, -1):
        years = years_around(tree, most)
        columns = with_fitting_numbers(
            _with_measure(tree, _columns(tree, years)), [["", *line.cells(years)] for line in lines]
        )
        least = sum(column.least or column.width for column in columns)
        if least <= paper.characters(len(columns)):
            return years
    return years_around(tree, 1)


def _with_measure(
    tree: StrategyTree, columns: tuple[PrintedColumn, ...]
) -> tuple[PrintedColumn, ...]:
    """Return the columns of the sheet, whose first one names the group of a line."""
    return (PrintedColumn(tree.words.measure_short, 15, least=9), *columns)


def _columns(tree: StrategyTree, years: Sequence[int]) -> tuple[PrintedColumn, ...]:
    actuals = (
        PrintedColumn(
            year_header(year),
            6,
            "right",
            YEAR_FILL if year == tree.fiscal_year else "",
            least=LEAST_YEAR,
        )
        for year in years
    )
    return (
        PrintedColumn("指標", 14, least=10),
        PrintedColumn("目標の文言", 11, least=8),
        PrintedColumn("種類", 4.5, "center", least=4),
        PrintedColumn("単位", 3.5, "center"),
        PrintedColumn("基準値", 5, "right", least=4.2),
        *actuals,
        PrintedColumn("目安値", 5.5, "right", least=4.2),
        PrintedColumn("判定に\n用いた値", 5.5, "right", least=4.8),
        PrintedColumn("目標値", 5.5, "right", least=4.2),
        PrintedColumn("判定の\n根拠", 5.5, "center", least=4.5),
        PrintedColumn("判定", 7.5, "center", least=6.5),
        PrintedColumn("説明", 30, least=20),
        PrintedColumn("備考", 10, least=8),
        PrintedColumn("担当課", 6, least=4.5),
    )


def _table(tree: StrategyTree, goal: GoalNode, lines: Mapping[_Key, CouncilLine]) -> CouncilTable:
    groups = [(tree.words.numeric_target, goal.numeric_targets)]
    groups += [(measure_name(measure, tree.words), measure.kpis) for measure in goal.parts]
    count = count_listings(goal.listings)
    return CouncilTable(
        goal,
        count,
        progress_sentence(count, count_by_band(goal.listings, tree.scale)),
        tuple(
            CouncilGroup(title, tuple(lines[_key(listing)] for listing in listings))
            for title, listings in groups
            if listings
        ),
    )


def council_workbook(tree: StrategyTree, matters: Sequence[Matters] = ()) -> bytes:
    """Return the paper as a workbook: opinions and evaluations, then one sheet per goal."""

    def write(workbook: Workbook, tree: StrategyTree) -> None:
        for one in matters:
            _write_matters(workbook, tree, one)
        _write(workbook, tree)

    return paper_workbook(tree, "有識者会議資料", write)


def _text(cell: PlainCell) -> str:
    if isinstance(cell, Shown):
        return format_number(Decimal(cell.number), cell.decimals) + cell.suffix
    return cell


_MATTER_WIDTHS = {
    "前年度の意見": (5.0, 13.0, 26.0, 26.0, 8.0, 22.0, 8.0),
    "内部評価": (20.0, 9.0, 28.0, 24.0, 18.0, 18.0),
}
"""The widths of the columns of what is said of evaluations, in full-width characters."""


def _write_matters(workbook: Workbook, tree: StrategyTree, matters: Matters) -> None:
    """Write last year's opinions, or this year's evaluations."""
    widths = _MATTER_WIDTHS[matters.name]
    columns = [
        PrintedColumn(header, width, least=min(width, 6))
        for header, width in zip(matters.headers, widths, strict=True)
    ]
    lines: list[Line | Heading] = [list(row) for row in matters.rows]
    notes = [] if lines else [matters.nothing]
    page = Page(workbook, tree, matters.name, A3)
    page.write(columns, lines, subtitle=f"有識者会議資料　{matters.heading}", notes=notes, frozen=2)


def _write(workbook: Workbook, tree: StrategyTree) -> None:
    paper = council_paper(tree)
    columns = _with_measure(tree, paper.columns)
    names = sheet_names([goal.label for goal in tree.goals], list(_MATTER_WIDTHS))
    for table, name in zip(paper.tables, names, strict=True):
        lines: list[Line | Heading] = [
            [group.title, *line.cells] for group in table.groups for line in group.lines
        ]
        page = Page(workbook, tree, name, A3)
        subtitle = f"有識者会議資料　{table.goal.label} {table.goal.title}　"
        page.write(columns, lines, subtitle=subtitle + table.sentence, notes=paper.notes, frozen=2)
