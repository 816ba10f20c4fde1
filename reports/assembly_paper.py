"""議会資料: one page per 基本目標 with counts, targets, what lags and why, and good news."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from xlsxwriter import Workbook

from indicators.rules.terms import Band, band_of
from japanese.characters import one_line
from plans.counting import (
    BandCount,
    Count,
    band_name,
    count_by_band,
    count_listings,
    progress_sentence,
)
from plans.lagging import nothing_lags, worst
from plans.nodes import GoalNode, ListingNode, StrategyTree
from plans.presentation import JudgedRow, row_of
from reports.form_sheet import HEADER, FormSheet
from reports.paper_workbook import paper_workbook
from reports.sheets.names import sheet_names
from reports.sheets.page import NONE
from reports.year_end.council_matters import Matters
from tables.sheet_cells import HEADING_FILL, letter_size, row_height

MOST_LAGGING, MOST_GOOD = 8, 10
"""The most rows shown in full on a page; of the rest only the names are listed."""


@dataclass(frozen=True)
class Shortlist:
    """The first rows, and the names of the others."""

    rows: tuple[JudgedRow, ...]
    others: tuple[str, ...]

    @property
    def count(self) -> int:
        """The number of all rows."""
        return len(self.rows) + len(self.others)

    @property
    def rest(self) -> str:
        """The text about the rows that are not shown; "" if all are."""
        names = "、".join(self.others)
        return f"ほかに{len(self.others)}件：{names}" if self.others else ""


@dataclass(frozen=True)
class AssemblyPage:
    """The page of one 基本目標.

    `fair` are (name, figure) of the listings between those that lag and the good ones; `open` are
    (name, label) of those that are not judged. So every indicator is somewhere.
    """

    goal: GoalNode
    count: Count
    bands: tuple[BandCount, ...]
    sentence: str
    targets: tuple[JudgedRow, ...]
    lagging: Shortlist
    nothing_lags: str
    good: Shortlist
    fair_name: str
    fair: tuple[tuple[str, str], ...]
    open: tuple[tuple[str, str], ...]


def assembly_pages(tree: StrategyTree) -> list[AssemblyPage]:
    """Return the pages of a judged tree in the plan's order."""
    return [_page(tree, goal) for goal in tree.goals]


def assembly_workbook(tree: StrategyTree, matters: Sequence[Matters] = ()) -> bytes:
    """Return the paper as a workbook: opinions and evaluations, then one sheet per goal."""

    def write(workbook: Workbook, tree: StrategyTree) -> None:
        for one in matters:
            _MattersSheet(workbook, tree, one.name, _MATTER_WIDTHS).write(one)
        _write(workbook, tree)

    return paper_workbook(tree, "議会資料", write)


def _page(tree: StrategyTree, goal: GoalNode) -> AssemblyPage:
    count = count_listings(goal.listings)
    bands = count_by_band(goal.listings, tree.scale)
    return AssemblyPage(
        goal=goal,
        count=count,
        bands=bands,
        sentence=progress_sentence(count, bands),
        targets=tuple(row_of(target) for target in goal.numeric_targets),
        lagging=_shortlist(worst(goal.listings, len(goal.listings)), MOST_LAGGING),
        nothing_lags=nothing_lags(goal.listings),
        good=_shortlist(_in(goal.listings, Band.GOOD), MOST_GOOD),
        fair_name=band_name(Band.FAIR, tree.scale),
        fair=tuple(
            (row.listing.name_alone, row.judged_by)
            for row in map(row_of, _in(goal.listings, Band.FAIR))
        ),
        open=tuple(
            (listing.name_alone, listing.assessment.label)
            for listing in _in(goal.listings, Band.OPEN)
        ),
    )


def _in(listings: Iterable[ListingNode], band: Band) -> list[ListingNode]:
    """Return the listings in a band, each indicator once."""
    found: dict[int, ListingNode] = {}
    for listing in listings:
        if band_of(listing.assessment.status) == band:
            found.setdefault(listing.indicator.pk, listing)
    return list(found.values())


def _shortlist(listings: Sequence[ListingNode], most: int) -> Shortlist:
    return Shortlist(
        tuple(row_of(listing) for listing in listings[:most]),
        tuple(listing.name_alone for listing in listings[most:]),
    )


WIDTHS = (21.0, 7.5, 7.5, 7.5, 8.5, 8.5)
COLUMNS = ("指標", "実績値", "目安値", "目標値", "判定の根拠", "判定")
TITLE: dict[str, Any] = {"bold": True, "font_size": 12, "bg_color": HEADING_FILL}
CHART_PIXELS = 100

FILLS: dict[str, str] = {
    Band.GOOD: "#197A4B",
    Band.FAIR: "#4979F5",
    Band.CAUTION: "#D2A400",
    Band.BAD: "#CE0000",
    Band.OPEN: "#B3B3B3",
}
LETTERS: dict[str, str] = dict.fromkeys(FILLS, "#FFFFFF") | {
    Band.CAUTION: "#000000",
    Band.OPEN: "#000000",
}


def _write(workbook: Workbook, tree: StrategyTree) -> None:
    names = sheet_names([goal.label for goal in tree.goals], list(workbook.sheetnames))
    for page, name in zip(assembly_pages(tree), names, strict=True):
        _AssemblySheet(workbook, tree, name, WIDTHS).write(workbook, page)


_MATTER_WIDTHS = (14.0, 46.5)


class _MattersSheet(FormSheet[StrategyTree]):
    """The sheet of last year's opinions, or of this year's evaluations."""

    def write(self, matters: Matters) -> None:
        """Write each row as a block: what it is about, then its texts by name."""
        self.title("議会資料")
        self.merged(0, self.last, matters.heading, **TITLE)
        self.end_row([], 24)
        if not matters.rows:
            self.note(matters.nothing)
        for title, texts in matters.told:
            self.heading(title)
            for number, (name, text) in enumerate(texts):
                if number > 1:
                    self.may_begin_a_page()
                self.long_text(1, text, name=name)
        self.finish()


class _AssemblySheet(FormSheet[StrategyTree]):
    """The sheet of one goal, written from top to bottom."""

    def write(self, workbook: Workbook, page: AssemblyPage) -> None:
        self.title("議会資料")
        title = f"{page.goal.label}　{page.goal.title}"
        self.merged(0, self.last, title, **TITLE)
        width = self.width(0, self.last)
        self.end_row([], max(24, row_height([(title, width)], letter_size(TITLE["font_size"]))))
        self.note(page.sentence)
        self._counts(workbook, page)
        target = self.tree.words.numeric_target
        self.heading(target)
        self._rows(page.targets, f"{target}は登録されていません。")
        self.heading(f"遅れている指標とその理由（{page.lagging.count}件）")
        self._rows(page.lagging.rows, page.nothing_lags, explained=True)
        self._rest(page.lagging)
        self.heading(f"達成した指標、順調な指標（{page.good.count}件）")
        self._rows(page.good.rows, "達成した指標、順調な指標はまだありません。")
        self._rest(page.good)
        if page.fair:
            self.heading(f"{page.fair_name}の指標（{len(page.fair)}件）")
            self.note("、".join(f"{name}（{figure}）" for name, figure in page.fair))
        if page.open:
            self.heading(f"判定していない指標（{len(page.open)}件）")
            self.note("、".join(f"{name}：{label}" for name, label in page.open))
        self.finish()

    def _counts(self, workbook: Workbook, page: AssemblyPage) -> None:
        self.cell(0, "判定", **HEADER)
        texts = []
        for column, band in enumerate(page.bands, 1):
            header = f"{band.mark} {band.name}"
            texts.append((header, self.widths[column]))
            self.cell(column, header, **HEADER)
        self.end_row(texts)
        self.cell(0, f"件数（全{page.count.total}件{page.count.note}）", align="center")
        for column, band in enumerate(page.bands, 1):
            self.cells.number(
                self.row, column, band.count.total, border=1, align="center", num_format="0"
            )
        self.end_row([("件", 1)])
        self._chart(workbook, page)

    def _chart(self, workbook: Workbook, page: AssemblyPage) -> None:
        """Draw the counts as one bar; every segment has its number, so colour is not needed."""
        if not page.count.total:
            return
        chart = workbook.add_chart({"type": "bar", "subtype": "percent_stacked"})
        sheet, counts, headers = self.sheet.get_name(), self.row - 1, self.row - 2
        for column, band in enumerate(page.bands, 1):
            if band.count.total:
                chart.add_series(
                    {
                        "name": [sheet, headers, column],
                        "values": [sheet, counts, column, counts, column],
                        "fill": {"color": FILLS[band.band]},
                        "border": {"color": "#000000"},
                        "gap": 30,
                        "data_labels": {
                            "value": True,
                            "font": {"color": LETTERS[band.band], "bold": True},
                        },
                    }
                )
        chart.set_legend({"position": "bottom", "font": {"size": 9}})
        chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})
        chart.set_y_axis({"visible": False})
        chart.set_chartarea({"border": {"none": True}})
        chart.set_size({"width": round(self.width(0, self.last) * 12), "height": CHART_PIXELS})
        options = {"description": one_line(page.sentence), "object_position": 1}
        self.sheet.insert_chart(self.row, 0, chart, options)
        self.end_row([], CHART_PIXELS * 0.75)

    def _rows(self, rows: Iterable[JudgedRow], empty: str, *, explained: bool = False) -> None:
        rows = list(rows)
        if not rows:
            self.note(empty)
            return
        for column, header in enumerate(COLUMNS):
            self.cell(column, header, **HEADER)
        self.end_row([("指標", 3)])
        for number, row in enumerate(rows):
            if number:
                self.may_begin_a_page()
            self._row(row)
            if explained:
                has_remarks = bool(row.remarks) and not row.is_chosen
                texts = [row.explanation, *([f"備考：{row.remarks}"] if has_remarks else [])]
                text = "\n".join(texts)
                self.long_text(0, text, indent=1)

    def _row(self, row: JudgedRow) -> None:
        value = "\n".join(
            [
                ("累計" if row.is_sum else "") + row.value if row.value else NONE,
                *filter(None, [row.parts]),
                *row.notes,
            ]
        )
        cells = (
            (f"{row.listing.name_alone}（{row.listing.indicator.section}）", "left"),
            (value, "right"),
            (row.expected or NONE, "right"),
            ("\n".join(filter(None, [row.target or NONE, row.listing.due_note])), "right"),
            (row.judged_by or NONE, "center"),
            (f"{row.mark} {row.label}", "center"),
        )
        for column, (text, align) in enumerate(cells):
            self.cell(column, text, align=align, bold=column in (0, self.last))
        self.end_row((text, self.widths[column]) for column, (text, _) in enumerate(cells))

    def _rest(self, shortlist: Shortlist) -> None:
        if shortlist.rest:
            self.note(shortlist.rest)
