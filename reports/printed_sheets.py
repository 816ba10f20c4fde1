"""The sheets for people: 指標 (A3 landscape) and 具体的事業 (A4 landscape).

They look like the paper: one page wide, title and header on every page, thin lines, grey at most.
Values stand in the unit in which they are shown, as numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from xlsxwriter import Workbook

from goals.models import period_label
from indicators.calendar_days import day_label
from indicators.fiscal_years import era_label
from indicators.models import Actual, needed_decimals
from indicators.progress import JudgedBy, Status, band_of, mark_of
from indicators.terms import FIGURE_NAMES, status_word
from kpis.counting import count_by_band, count_listings, count_projects, project_sentence
from kpis.nodes import (
    ActualNode,
    GoalNode,
    IndicatorNode,
    ListingNode,
    MeasureNode,
    ProjectNode,
    StrategyTree,
    circled,
)
from kpis.pages import review_label
from reports.data_description import INVENTED_NOTE
from reports.observations import JUDGED_BY_NAMES
from reports.sheet_cells import CellWriter, column_width, number_format, row_height, text_width

A3, A4 = 8, 9
HEADER_FILL = "#D9D9D9"
HEADING_FILL = "#EDEDED"
YEAR_FILL = "#F2F2F2"

NONE = "－"
PROVISIONAL_SIGN = "速"
UNCONFIRMED_SIGN = "*"


@dataclass(frozen=True)
class Shown:
    """A number as people see it: in the display unit, with so many decimals."""

    number: Decimal
    decimals: int
    suffix: str = ""

    @property
    def width(self) -> float:
        """How wide it stands in a cell, in full-width characters."""
        return text_width(f"{self.number:,.{self.decimals}f}{self.suffix}")


@dataclass(frozen=True)
class PrintedColumn:
    """A column of a printed sheet; `width` is in full-width characters."""

    header: str
    width: float
    align: str = "left"
    fill: str = ""


Cell = str | Shown
Line = list[Cell]


@dataclass(frozen=True)
class Heading:
    """A line of its own over the rows of a goal. Rows repeat its number, so filters keep both."""

    number: int
    title: str


def write_listings(workbook: Workbook, tree: StrategyTree) -> None:
    """Add the sheet 指標: every 数値目標 and KPI in the plan's order, judged for the year."""
    lines: list[Line | Heading] = []
    for goal in tree.goals:
        lines.append(Heading(goal.position, goal.title))
        lines += [_listing_line(tree, goal, None, target) for target in goal.numeric_targets]
        lines += [
            _listing_line(tree, goal, measure, kpi)
            for measure in goal.measures
            for kpi in measure.kpis
        ]
    columns = _with_fitting_numbers(_listing_columns(tree), lines)
    count = count_listings(tree.listings)
    bands = "　".join(
        f"{band.mark} {band.count.total}" for band in count_by_band(tree.listings, tree.scale)
    )
    page = _Page(workbook, tree, "指標", A3)
    page.write(
        columns,
        lines,
        subtitle=f"数値目標・重要業績評価指標（KPI）　{count.total}指標{count.note}　判定：{bands}",
        notes=_notes(tree),
        frozen=3,
    )


def write_projects(workbook: Workbook, tree: StrategyTree) -> None:
    """Add the sheet 具体的事業: every project in the plan's order, re-listings with their home."""
    titles = {measure.place: measure.title for measure in tree.measures}
    columns = (
        PrintedColumn("基本\n目標", 2.5, "center"),
        PrintedColumn("施策", 22),
        PrintedColumn("番号", 2.5, "right"),
        PrintedColumn("区分", 3.5, "center"),
        PrintedColumn("事業名", 21),
        PrintedColumn("再掲元", 12),
        PrintedColumn("内容", 22),
        PrintedColumn("実施主体", 12),
    )
    lines: list[Line | Heading] = []
    for goal in tree.goals:
        lines.append(Heading(goal.position, goal.title))
        lines += [
            _project_line(goal, measure, project, titles)
            for measure in goal.measures
            for project in measure.projects
        ]
    page = _Page(workbook, tree, "具体的事業", A4)
    page.write(
        columns,
        lines,
        subtitle=f"具体的事業　{project_sentence(count_projects(tree.projects))}",
        notes=("区分の空欄は、継続の事業です。",),
        frozen=2,
    )


def _listing_columns(tree: StrategyTree) -> tuple[PrintedColumn, ...]:
    years = (
        PrintedColumn(
            f"{era_label(year)}\n（{year}）\n実績",
            5.8,
            "right",
            YEAR_FILL if year == tree.fiscal_year else "",
        )
        for year in tree.years
    )
    return (
        PrintedColumn("基本\n目標", 2.5, "center"),
        PrintedColumn("施策", 10.5),
        PrintedColumn("名称", 10.5),
        PrintedColumn("目標の文言", 9.5),
        PrintedColumn("種類", 4.2, "center"),
        PrintedColumn("単位", 3.5, "center"),
        PrintedColumn("基準値", 4, "right"),
        PrintedColumn("基準値の\n種類", 4.8),
        PrintedColumn("目標値", 4, "right"),
        *years,
        PrintedColumn("目安値", 4, "right"),
        PrintedColumn("判定に\n用いた値", 4.5, "right"),
        PrintedColumn("判定の\n根拠", 3.8, "center"),
        PrintedColumn("率\n（％）", 3.5, "right"),
        PrintedColumn("判定", 7),
        PrintedColumn("速報値・\n未確認", 4, "center"),
        PrintedColumn("備考", 8.5),
        PrintedColumn("担当課", 5),
        PrintedColumn("説明", 23),
    )


def _listing_line(
    tree: StrategyTree, goal: GoalNode, measure: MeasureNode | None, listing: ListingNode
) -> Line:
    indicator, assessment = listing.indicator, listing.assessment
    figure = getattr(assessment, assessment.judged_by or "", None)
    mark = mark_of(band_of(assessment.status), tree.scale)
    return [
        Shown(Decimal(goal.position), 0, ""),
        "数値目標" if measure is None else _measure_name(measure),
        f"{listing.mark} {listing.name}",
        listing.sentence,
        listing.kind_label,
        indicator.shown_unit or NONE,
        _amount(indicator, listing.baseline),
        _baseline_kind(listing),
        _amount(indicator, listing.target),
        *(_actual(tree, indicator, year) for year in tree.years),
        _amount(indicator, assessment.expected, finer=1),
        _amount(indicator, assessment.value),
        JUDGED_BY_NAMES.get(assessment.judged_by, NONE),
        NONE if figure is None else Shown(figure, 1),
        f"{mark} {assessment.label}",
        _doubtful(listing.actual),
        _remarks(listing.actual),
        indicator.section,
        assessment.explanation,
    ]


def _measure_name(measure: MeasureNode) -> str:
    return f"（{measure.group_symbol}）{measure.mark} {measure.title}"


def _amount(
    indicator: IndicatorNode, value: Decimal | None, *, finer: int = 0, suffix: str = ""
) -> Cell:
    """Return a value in the display unit; in one of its own, with the decimals it needs."""
    if value is None:
        return NONE
    factor = indicator.display_factor
    shown = value / factor
    decimals = indicator.decimals + finer if factor == 1 else needed_decimals(shown)
    return Shown(shown, decimals, suffix)


def _baseline_kind(listing: ListingNode) -> str:
    if listing.baseline is None:
        return NONE
    if listing.baseline_year is None:
        return listing.baseline_kind_label
    return f"{listing.baseline_kind_label}（{era_label(listing.baseline_year)}）"


def _actual(tree: StrategyTree, indicator: IndicatorNode, year: int) -> Cell:
    actual = indicator.actuals.get(year)
    if actual is None:
        if year > tree.fiscal_year:
            return NONE
        return status_word(Status.NOT_REPORTED, scale=tree.scale)
    if actual.value is None:
        return Actual.Availability(actual.availability).label
    signs = PROVISIONAL_SIGN * actual.provisional + UNCONFIRMED_SIGN * (not actual.is_confirmed)
    return _amount(indicator, actual.value, suffix=signs)


def _doubtful(actual: ActualNode | None) -> str:
    if actual is None:
        return NONE
    words = ["速報値"] * actual.provisional + ["未確認"] * (not actual.is_confirmed)
    return "・".join(words) or NONE


def _remarks(actual: ActualNode | None) -> str:
    if actual is None:
        return ""
    lines = [actual.availability_label] if actual.expected_month else []
    return "\n".join([*lines, actual.remarks]).strip()


def _notes(tree: StrategyTree) -> tuple[str, ...]:
    scale = tree.scale
    marks = "、".join(
        f"{mark_of(band.band, scale)} {band.name}" for band in count_by_band((), scale)
    )
    passed = f"{era_label(tree.fiscal_year)}より後で、まだ値のない年度は「{NONE}」としています。"
    notes = (
        f"判定の印：{marks}など。{FIGURE_NAMES[JudgedBy.PACE]}などの率が"
        f"{scale.on_track:f}％以上、{scale.mostly_on_track:f}％以上、"
        f"{scale.slightly_behind:f}％以上を境とします。",
        "判定に用いた値は、種類が「期間累計」の指標では計画の初年度からの累計です。"
        "目安値は、その年度に見込まれる値（期間累計では、その年度末までの累計）です。",
        f"実績の「{PROVISIONAL_SIGN}」は速報値、「{UNCONFIRMED_SIGN}」は企画担当がまだ確認していない値です。"
        f"{passed}",
    )
    return (*notes, f"注記：{tree.note}") if tree.note else notes


def _project_line(
    goal: GoalNode, measure: MeasureNode, project: ProjectNode, titles: dict[str, str]
) -> Line:
    name, home = project.name, ""
    if project.relisted_from:
        number, symbol, position, _ = project.relisted_from
        name += "（再掲）"
        # A home outside of what the tree was narrowed to is named by its place alone.
        title = titles.get(project.home, "")
        home = f"基本目標{number}（{symbol}）{circled(position)} {title}".rstrip()
    return [
        Shown(Decimal(goal.position), 0, ""),
        _measure_name(measure),
        Shown(Decimal(project.position), 0),
        project.category,
        name,
        home,
        project.content,
        project.implementer,
    ]


def _with_fitting_numbers(
    columns: Sequence[PrintedColumn], lines: Sequence[Line | Heading]
) -> list[PrintedColumn]:
    """Return the columns, wide enough for their numbers: Excel shows ### where one is not."""
    fitting = []
    for index, column in enumerate(columns):
        cells = (line[index] for line in lines if not isinstance(line, Heading))
        widest = max((cell.width for cell in cells if isinstance(cell, Shown)), default=0)
        width = max(column.width, widest + 0.5)
        fitting.append(PrintedColumn(column.header, width, column.align, column.fill))
    return fitting


class _Page:
    """A printed sheet: title lines, a table with a header row, notes."""

    HEADER_ROW = 2

    def __init__(self, workbook: Workbook, tree: StrategyTree, name: str, paper: int) -> None:
        self.tree = tree
        self.sheet = workbook.add_worksheet(name)
        self.sheet.set_paper(paper)
        self.cells = CellWriter(workbook, self.sheet, valign="top")

    def write(
        self,
        columns: Sequence[PrintedColumn],
        lines: Sequence[Line | Heading],
        *,
        subtitle: str,
        notes: Sequence[str],
        frozen: int,
    ) -> None:
        """Write everything; the first `frozen` columns stay in view."""
        for index, column in enumerate(columns):
            self.sheet.set_column(index, index, column_width(column.width), self.cells.format())
        self._title(subtitle)
        self._header(columns)
        for row, line in enumerate(lines, self.HEADER_ROW + 1):
            if isinstance(line, Heading):
                self._heading(row, len(columns), line)
            else:
                self._line(row, columns, line)
        last = self.HEADER_ROW + len(lines)
        self._notes(last + 2, columns, notes)
        self.sheet.autofilter(self.HEADER_ROW, 0, max(last, self.HEADER_ROW + 1), len(columns) - 1)
        self.sheet.freeze_panes(self.HEADER_ROW + 1, frozen)
        self._page_setup()

    def _title(self, subtitle: str) -> None:
        tree = self.tree
        heading = f"{tree.title}　{review_label(tree.fiscal_year)}"
        self.cells.text(0, 0, heading, bold=True, font_size=14)
        self.sheet.set_row(0, 24)
        line = f"{subtitle}　計画期間：{period_label(tree.period.first, tree.period.last)}"
        if tree.part:
            line = f"（{tree.part}）　{line}"
        if tree.as_of:
            line = f"{day_label(tree.as_of)}終了時点のデータ　{line}"
        if tree.invented:
            line = f"【{INVENTED_NOTE}】　{line}"
        self.cells.text(1, 0, line, bold=tree.invented, font_size=10)
        self.sheet.set_row(1, 18)

    def _header(self, columns: Sequence[PrintedColumn]) -> None:
        for index, column in enumerate(columns):
            self.cells.text(
                self.HEADER_ROW,
                index,
                column.header,
                bold=True,
                border=1,
                bg_color=HEADER_FILL,
                align="center",
                valign="vcenter",
                text_wrap=True,
            )
        texts = [(column.header, column.width) for column in columns]
        self.sheet.set_row(self.HEADER_ROW, row_height(texts))

    def _heading(self, row: int, columns: int, heading: Heading) -> None:
        look = {"bold": True, "font_size": 10, "bg_color": HEADING_FILL, "top": 1, "bottom": 1}
        self.cells.number(row, 0, heading.number, num_format="0", align="center", left=1, **look)
        self.cells.text(row, 1, heading.title, **look)
        for column in range(2, columns):
            self.cells.blank(row, column, right=int(column == columns - 1), **look)
        self.sheet.set_row(row, 18)

    def _line(self, row: int, columns: Sequence[PrintedColumn], line: Line) -> None:
        for index, (column, cell) in enumerate(zip(columns, line, strict=True)):
            align = "center" if cell == NONE else column.align
            look = {"border": 1, "text_wrap": True, "align": align}
            if column.fill:
                look["bg_color"] = column.fill
            if isinstance(cell, Shown):
                shown = number_format(cell.decimals, suffix=cell.suffix)
                self.cells.number(row, index, cell.number, num_format=shown, **look)
            elif cell:
                self.cells.text(row, index, cell, **look)
            else:
                self.cells.blank(row, index, **look)
        texts = [
            (cell, column.width)
            for column, cell in zip(columns, line, strict=True)
            if isinstance(cell, str)
        ]
        self.sheet.set_row(row, row_height(texts))

    def _notes(self, row: int, columns: Sequence[PrintedColumn], notes: Sequence[str]) -> None:
        """Write each note over the whole width: no row of the table is touched by it."""
        width = sum(column.width for column in columns)
        for offset, note in enumerate(notes):
            look = self.cells.format(text_wrap=True)
            self.sheet.merge_range(row + offset, 0, row + offset, len(columns) - 1, "", look)
            self.cells.text(row + offset, 0, note, text_wrap=True)
            self.sheet.set_row(row + offset, row_height([(note, width)]))

    def _page_setup(self) -> None:
        sheet, title = self.sheet, self.tree.title.replace("&", "&&")
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0, self.HEADER_ROW)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.center_horizontally()
        sheet.hide_gridlines(2)
        sheet.set_footer(f"&L{title}　&A&C&P / &N ページ&R印刷日 &D")
