"""評価シート for print: a sheet per 具体的施策, to fill in by hand or in Excel.

What is written on it is not imported; reviews/measures/sheets/ has the sheets that come back.

The 数値目標 of each goal have a sheet, too, before those of the goal's measures. A sheet shows what
is known. People write into the fields with thick borders: the section its evaluation, the council
its opinion, the city its decision on the measure or its view of the goal.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_rowcol_to_cell

from indicators.plan_words import Words, in_two_lines
from indicators.rules.terms import Kind, mark_of, mark_of_status
from plans.counting import count_by_band, count_listings, count_projects, project_sentence
from plans.nodes import GoalNode, ListingNode, MeasureNode, StrategyTree
from plans.pages import review_label
from reports.form_sheet import FORM_PAPER, HEADER, FormSheet, page_setup, widest
from reports.paper_workbook import conditions, paper_workbook
from reports.sheets.names import sheet_names
from reports.sheets.page import DEFAULT_HEIGHT, NONE, PlainCell, Shown
from reports.sheets.value_cells import (
    PROVISIONAL_SIGN,
    UNCONFIRMED_SIGN,
    actual_cell,
    amount_cell,
    expected_cell,
    notes_on_withheld,
    target_cell,
    told_once,
    year_header,
)
from reports.shown_years import years_around, years_note
from reviews.models import ReviewChoices
from tables.print_setup import Printed
from tables.sheet_cells import (
    HEADER_FILL,
    LINK_COLOUR,
    YEAR_FILL,
    CellWriter,
    column_width,
    row_height,
    width_in_points,
)

INDEX = "一覧"

LONGEST_LIST = 255
"""The longest list of choices that Excel keeps in a cell's rule, in characters."""

WIDTHS = (2.2, 9.0, 3.5, 4.5, 5.0)
YEAR_WIDTH, TARGET_WIDTH = 5.0, 5.0
"""The smallest widths of columns, in full-width characters; numbers may need more."""

MOST_YEARS = 7

MARK, NAME, UNIT, BASELINE, LABEL, FIRST_YEAR = range(6)

_OPINIONS = (("担当課による\n自己評価", 84), ("有識者会議の\n意見", 66))
_FIELDS = (*_OPINIONS, ("次年度の方針", 54))
_GOAL_FIELDS = (*_OPINIONS, ("次年度に向けた\n考え方", 54))
"""The fields to fill in, with their minimum heights in points."""

_FIELD_LABEL: dict[str, Any] = {"bold": True, "bg_color": HEADER_FILL}

_INDEX_CELL: dict[str, Any] = {"border": 1, "text_wrap": True}

_MOST, _NOTE = 160, 40
"""In points: how much taller than its minimum a field may get, and the height of the note."""


def measure_sheets(tree: StrategyTree) -> bytes:
    """Return the workbook for a judged tree: 一覧, then each goal's 数値目標 and its measures."""
    return paper_workbook(tree, "評価シート", _write)


@dataclass(frozen=True)
class _Entry:
    """What a sheet is about; `measure` is None for the 数値目標 of the goal."""

    words: Words
    goal: GoalNode
    measure: MeasureNode | None

    @property
    def wanted_name(self) -> str:
        if self.measure is None:
            return f"{self.goal.position}-{self.words.numeric_target}"
        if self.measure.is_direct:
            return f"{self.goal.position}-{self.words.kpi_short}"
        return self.measure.place

    @property
    def listings(self) -> Sequence[ListingNode]:
        return self.measure.kpis if self.measure else self.goal.numeric_targets

    @property
    def title(self) -> str:
        if self.measure is None:
            return self.words.numeric_target
        if self.measure.is_direct:
            return self.words.kpi
        return f"{self.measure.label} {self.measure.title}"


def _entries(tree: StrategyTree) -> list[_Entry]:
    """Return what has a sheet, in the plan's order."""
    return [
        _Entry(tree.words, goal, measure)
        for goal in tree.goals
        for measure in (*([None] if goal.numeric_targets else []), *goal.parts)
        if measure is None or not measure.is_direct or measure.kpis
    ]


def _write(workbook: Workbook, tree: StrategyTree) -> None:
    entries = _entries(tree)
    names = sheet_names([entry.wanted_name for entry in entries], [INDEX])
    index = workbook.add_worksheet(INDEX)
    own = ReviewChoices.objects.filter(strategy__code=tree.code).first()
    labels = (own or ReviewChoices()).policy_labels
    policies: list[tuple[int, int] | None] = []
    for name, entry in zip(names, entries, strict=True):
        if entry.measure:
            sheet = _MeasureSheet(workbook, tree, name)
            policies.append(sheet.write(entry.goal, entry.measure, labels))
        else:
            _GoalSheet(workbook, tree, name).write(entry.goal)
            policies.append(None)
    rows = list(zip(entries, names, policies, strict=True))
    _Index(CellWriter(workbook, index, valign="vcenter"), tree).write(rows)


class _EvaluationSheet(FormSheet[StrategyTree]):
    """What the sheets of a goal and of a measure share."""

    def __init__(self, workbook: Workbook, tree: StrategyTree, name: str) -> None:
        self.years: list[int] = []
        self.words = tree.words
        super().__init__(workbook, tree, name, ())

    def _choose_widths(self, listings: Sequence[ListingNode]) -> None:
        """Choose as many years as have room beside columns that show each number in full."""
        every_year = [
            read(listing, year)
            for listing in listings
            for year in self.tree.years
            for read in (self._expected, self._actual, self._sum)
        ]
        mark, name, unit, baseline, label = WIDTHS
        baseline = widest([amount_cell(x.indicator, x.baseline) for x in listings], baseline)
        target = widest([target_cell(x) for x in listings], TARGET_WIDTH)
        year_width = widest(every_year, YEAR_WIDTH)
        for most in range(min(MOST_YEARS, len(self.tree.years)), 0, -1):
            self.years = list(years_around(self.tree, most))
            years = [year_width for _ in self.years]
            widths = [mark, name, unit, baseline, label, *years, target]
            left = FORM_PAPER.characters(len(widths)) - sum(widths)
            if left >= 0:
                break
        widths[NAME] += max(0, left)
        self.set_columns(widths)

    def _facts(self, facts: Iterable[tuple[str, str]], main: str) -> None:
        """Write names with their texts; that of `main` is bold."""
        for name, text in facts:
            self.merged(MARK, NAME, name, bold=True, bg_color=HEADER_FILL)
            self.merged(UNIT, self.last, text, bold=name == main)
            self.end_row([(text, self.width(UNIT, self.last))])

    def _listing_header(self) -> None:
        self.merged(MARK, NAME, "指標と目標", **HEADER)
        for column, text in ((UNIT, "単位"), (BASELINE, "基準値"), (LABEL, "項目")):
            self.cell(column, text, **HEADER)
        for column, year in enumerate(self.years, FIRST_YEAR):
            self.cell(column, _header(year), **HEADER)
        self.cell(self.last, "目標値", **HEADER)
        self.end_row([(_header(self.tree.fiscal_year), YEAR_WIDTH)])

    def _listing(self, listing: ListingNode) -> None:
        adds_up = listing.kind == Kind.TOTAL and not listing.indicator.running_total
        lines = [
            ("目安値" + ("\n（累計）" if listing.kind == Kind.TOTAL else ""), self._expected),
            ("実績", self._actual),
            *([("実績\n（累計）", self._sum)] if adds_up else []),
            ("判定", self._judgement),
        ]
        kind = "、".join(filter(None, [listing.kind_label, listing.due_note]))
        name = f"{listing.mark} {listing.name}\n{told_once(listing)}\n【{kind}】"
        first, last = self.row, self.row + len(lines)
        self.block(first, last, MARK, NAME, name)
        self.block(first, last, UNIT, UNIT, listing.indicator.shown_unit or NONE, align="center")
        baseline = amount_cell(listing.indicator, listing.baseline)
        self.block(first, last, BASELINE, BASELINE, baseline, align="right")
        target = target_cell(listing)
        self.block(first, last - 1, self.last, self.last, target, align="right")
        needed = row_height([(name, self.width(MARK, NAME))])
        explanation = listing.assessment.explanation
        if listing.actual and listing.actual.parts:
            explanation += f"\n分子÷分母：{listing.actual.parts}"
        below = row_height([(explanation, self.width(FIRST_YEAR, self.last))])
        least = max(0.0, needed - below) / len(lines)
        for label, read in lines:
            self.cell(LABEL, label, align="center")
            texts = [(label, self.widths[LABEL])]
            for column, year in enumerate(self.years, FIRST_YEAR):
                cell = read(listing, year)
                fill = {"bg_color": YEAR_FILL} if year == self.tree.fiscal_year else {}
                align = "right" if isinstance(cell, Shown) else "center"
                self.cell(column, cell, align=align, **fill)
                if isinstance(cell, str):
                    texts.append((cell, self.widths[column]))
            self.end_row(texts, least)
        self.cell(LABEL, "説明", align="center")
        self.merged(FIRST_YEAR, self.last, explanation)
        self.end_row([(explanation, self.width(FIRST_YEAR, self.last))])

    def _boxes(self, boxes: Iterable[tuple[str, float]], more: float) -> None:
        """Write the fields for free text, each `more` points higher than its minimum."""
        for text, height in boxes:
            self.merged(MARK, NAME, text, **_FIELD_LABEL)
            self.merged(UNIT, self.last, "", border=2, valign="top")
            self.end_row([], height + more)

    def _more(self, fields: Sequence[tuple[str, float]]) -> float:
        """Return how many points higher each field may be, so that they fill the page."""
        left = self.room(sum(height for _, height in fields) + _NOTE)
        return min(_MOST, left / len(fields))

    def _legend(self) -> None:
        self.note(
            f"実績の「{PROVISIONAL_SIGN}」は速報値、「{UNCONFIRMED_SIGN}」は企画担当がまだ確認して"
            "いない値です。目安値は、その年度に見込まれる値です。"
            + "".join(notes_on_withheld(self.tree))
            + years_note(self.tree, self.years)
        )

    # Cells of a listing and a year

    def _expected(self, listing: ListingNode, year: int) -> PlainCell:
        if year not in listing.period:
            return NONE
        return expected_cell(listing, listing.assess(year))

    def _actual(self, listing: ListingNode, year: int) -> PlainCell:
        return actual_cell(self.tree, listing.indicator, year)

    def _sum(self, listing: ListingNode, year: int) -> PlainCell:
        if year not in listing.period:
            return NONE
        return amount_cell(listing.indicator, listing.assess(year).value)

    def _judgement(self, listing: ListingNode, year: int) -> PlainCell:
        if year > self.tree.fiscal_year or year not in listing.period:
            return NONE
        judged = listing.assess(year)
        return f"{mark_of_status(judged.status, listing.in_year(year).scale)} {judged.label}"


class _GoalSheet(_EvaluationSheet):
    """The sheet of a goal's 数値目標, written from top to bottom."""

    def write(self, goal: GoalNode) -> None:
        self._choose_widths(goal.numeric_targets)
        self.title("評価シート")
        facts = (
            (self.words.goal, f"{goal.label} {goal.title}"),
            ("担当課", "、".join(answering_sections(goal.numeric_targets)) or NONE),
        )
        self._facts(facts, self.words.goal)
        self.heading(self.words.numeric_target)
        self._listing_header()
        for number, target in enumerate(goal.numeric_targets):
            if number:
                self.may_begin_a_page()
            self._listing(target)
        self.heading(f"{self.words.measure}　{len(goal.measures)}{self.words.measure_short}")
        self._measures(goal)
        self.heading("評価（太い枠に記入します）")
        self._boxes(_GOAL_FIELDS, self._more(_GOAL_FIELDS))
        self._legend()
        self.finish()

    def _measures(self, goal: GoalNode) -> None:
        """Write how many KPIs of each measure are in each band of judgement."""
        if not goal.measures:
            self.note(f"{self.words.measure}は登録されていません。")
            return
        spans = ((MARK, LABEL), (FIRST_YEAR, self.last))
        widths = [self.width(*span) for span in spans]
        kpi = self.words.kpi_short
        lines = [(self.words.measure, f"{kpi}の判定ごとの数")]
        for measure in goal.measures:
            bands = count_by_band(measure.kpis, self.tree.scale)
            counts = "　".join(f"{b.mark} {b.count.total}" for b in bands if b.count.total)
            lines.append((f"{measure.label} {measure.title}", counts or f"{kpi}なし"))
        for number, line in enumerate(lines):
            for span, text in zip(spans, line, strict=True):
                self.merged(*span, text, **({} if number else HEADER))
            self.end_row(list(zip(line, widths, strict=True)))


class _MeasureSheet(_EvaluationSheet):
    """The sheet of one measure, written from top to bottom."""

    def write(
        self, goal: GoalNode, measure: MeasureNode, policies: Sequence[str]
    ) -> tuple[int, int]:
        """Write the sheet; return row and column of the field for next year's policy.

        `policies` are the plan's choices for it.
        """
        self._choose_widths(measure.kpis)
        self.title("評価シート")
        words, carried = self.words, measure.carried
        facts = (
            (words.goal, f"{goal.label} {goal.title}"),
            (words.group, measure.group_label),
            (words.measure, f"{measure.mark} {measure.title}".strip()),
            ("担当課", "、".join(answering_sections(measure.kpis)) or NONE),
            *carried.facts,
        )
        self._facts((fact for fact in facts if fact[1]), words.measure)
        self.heading(words.kpi)
        if measure.kpis:
            self._listing_header()
            for number, kpi in enumerate(measure.kpis):
                if number:
                    self.may_begin_a_page()
                self._listing(kpi)
        else:
            self.note(f"{words.kpi}は登録されていません。")
        if measure.projects or not measure.is_direct:
            projects = project_sentence(count_projects(measure.projects), words)
            self.heading(f"{words.project}　{projects}")
            self._projects(measure)
        self.heading("評価と次年度の方針（太い枠に記入します）")
        field = self._fields(policies)
        self._legend()
        self.finish()
        return field

    def _projects(self, measure: MeasureNode) -> None:
        if not measure.projects:
            self.note(f"{self.words.project}は登録されていません。")
            return
        # Content and implementer share the columns of years and target in the table above.
        middle = FIRST_YEAR + max(0, (len(self.years) - 1) // 2)
        spans = (
            *((MARK, MARK), (NAME, BASELINE), (LABEL, LABEL), (FIRST_YEAR, middle)),
            (middle + 1, self.last),
        )
        for span, text in zip(spans, self._project_headers(), strict=True):
            self.merged(*span, text, **HEADER)
        self.end_row([("番号", self.widths[MARK])])
        for number, project in enumerate(measure.projects):
            if number:
                self.may_begin_a_page()
            name = project.name
            if project.relisted_from:
                name += f"（再掲：{project.home_label}）"
            texts = ("", name, project.category, project.content, project.implementer)
            self.cell(MARK, Shown(project.position, 0), align="center")
            for span, text in zip(spans[1:], texts[1:], strict=True):
                self.merged(*span, text, align="center" if span[0] == LABEL else "left")
            widths = [self.width(*span) for span in spans]
            self.end_row(list(zip(texts, widths, strict=True)))

    def _project_headers(self) -> tuple[str, ...]:
        words = self.words
        return ("番号", f"{words.project_short}名", words.category, "内容", "実施主体")

    def _fields(self, policies: Sequence[str]) -> tuple[int, int]:
        more = self._more(_FIELDS)
        *boxes, policy = _FIELDS
        self._boxes(boxes, more)
        field = (self.row, UNIT)
        self.merged(MARK, NAME, policy[0], **_FIELD_LABEL)
        self.merged(UNIT, BASELINE, "", border=2, align="center", bold=True)
        self.cell(LABEL, "理由・\n内容", align="center", **_FIELD_LABEL)
        self.merged(FIRST_YEAR, self.last, "", border=2, valign="top")
        if _fits_into_a_rule(policies):
            self.sheet.data_validation(
                *field,
                *field,
                {
                    "validate": "list",
                    "source": list(policies),
                    "input_title": "次年度の方針",
                    "input_message": "一覧から選びます。",
                    "error_title": "次年度の方針",
                    "error_message": "一覧にあるものから選んでください。",
                },
            )
        self.end_row([], policy[1] + more)
        return field


def _fits_into_a_rule(labels: Sequence[str]) -> bool:
    """Whether Excel can offer the labels: a comma would part one."""
    return len(",".join(labels)) <= LONGEST_LIST and not any("," in one for one in labels)


def _header(year: int) -> str:
    return year_header(year).removesuffix("\n実績")


def answering_sections(listings: Iterable[ListingNode]) -> list[str]:
    """Return the names of the sections responsible for the listings, in their order."""
    return list(dict.fromkeys(listing.indicator.section for listing in listings))


class _Index:
    """The list of sheets; a formula shows the policy that is chosen on a measure's sheet."""

    def __init__(self, cells: CellWriter, tree: StrategyTree) -> None:
        self.cells, self.sheet = cells, cells.sheet
        self.tree, self.words = tree, tree.words
        self.columns = (
            ("シート", 5.5),
            (in_two_lines(self.words.goal), 3.0),
            (f"{self.words.numeric_target}、{self.words.measure}", 16.0),
            ("担当課", 8.0),
            ("指標", 3.0),
            *((mark_of(band.band, tree.scale), 2.5) for band in count_by_band((), tree.scale)),
            (in_two_lines(self.words.project), 4.0),
            ("次年度の\n方針", 6.0),
        )
        self.last = len(self.columns) - 1
        self.line = sum(width for _, width in self.columns)
        self.heights: list[float] = []

    def write(self, rows: Sequence[tuple[_Entry, str, tuple[int, int] | None]]) -> None:
        """Write the sheet.

        A row has what its sheet is about, the sheet's name and the cell with the policy, if it has
        one.
        """
        self._head()
        for row, (entry, name, policy) in enumerate(rows, 3):
            self._row(row, entry, name, policy)
        self._note(len(rows) + 4)
        self.sheet.freeze_panes(3, 0)
        widths = [width_in_points(width) for _, width in self.columns]
        printed = Printed(paper=FORM_PAPER, widths=widths, heights=self.heights, repeated_rows=3)
        page_setup(self.sheet, self.tree, printed)

    def _head(self) -> None:
        cells, sheet, tree = self.cells, self.sheet, self.tree
        for index, (_, width) in enumerate(self.columns):
            sheet.set_column(index, index, column_width(width), cells.format())
        heading = f"評価シート　一覧　{review_label(tree.fiscal_year)}"
        cells.text(0, 0, heading, bold=True, font_size=14)
        sheet.set_row(0, 24)
        above = "　".join([*conditions(tree), tree.title, self._about()])
        sheet.merge_range(1, 0, 1, self.last, "", cells.format(text_wrap=True))
        cells.text(1, 0, above, bold=tree.invented, font_size=10, text_wrap=True)
        for index, (header, _) in enumerate(self.columns):
            cells.text(2, index, header, **_INDEX_CELL, **HEADER)
        self.heights = [24, row_height([(above, self.line)]), row_height(self.columns)]
        for row in (1, 2):
            sheet.set_row(row, self.heights[row])

    def _about(self) -> str:
        """Return how many indicators, measures and projects the plan has."""
        tree, words = self.tree, self.words
        targets = count_listings(target for goal in tree.goals for target in goal.numeric_targets)
        kpis = count_listings(kpi for part in tree.parts for kpi in part.kpis)
        projects = project_sentence(count_projects(tree.projects), words)
        return (
            f"{words.numeric_target} {targets.total}指標{targets.note}{targets.apart}、"
            f"{len(tree.measures)}{words.measure_short}、"
            f"{words.kpi_short} {kpis.total}指標{kpis.note}{kpis.apart}、{projects}"
        )

    def _row(self, row: int, entry: _Entry, name: str, policy: tuple[int, int] | None) -> None:
        cells, look = self.cells, _INDEX_CELL
        quoted = "'" + name.replace("'", "''") + "'"
        sections = "、".join(answering_sections(entry.listings))
        link = cells.format(**look, font_color=LINK_COLOUR, underline=1)
        self.sheet.write_url(row, 0, f"internal:{quoted}!A1", link, name)
        cells.number(row, 1, entry.goal.position, align="center", **look)
        cells.text(row, 2, entry.title, **look)
        cells.text(row, 3, sections, **look)
        bands = [band.count.total for band in count_by_band(entry.listings, self.tree.scale)]
        for column, number in enumerate([len(entry.listings), *bands], 4):
            cells.number(row, column, number, align="center", **look)
        if entry.measure and policy:
            count = len(entry.measure.projects)
            cells.number(row, self.last - 1, count, align="center", **look)
            field = f"{quoted}!{xl_rowcol_to_cell(*policy)}"
            formula = f'=IF({field}="","",{field})'
            shown = cells.format(align="center", **look)
            self.sheet.write_formula(row, self.last, formula, shown, "")
        else:
            for column in (self.last - 1, self.last):
                cells.text(row, column, NONE, align="center", **look)
        texts = [(entry.title, self.columns[2][1]), (sections, self.columns[3][1])]
        self.heights.append(row_height(texts))
        self.sheet.set_row(row, self.heights[-1])

    def _note(self, row: int) -> None:
        bands = count_by_band((), self.tree.scale)
        marks = "、".join(f"{band.mark} {band.name}" for band in bands)
        text = (
            f"判定の印と件数：{marks}など。方針は、{self.words.measure_short}のシートで選びます。"
            "このブックに書いた内容は、取り込めません。取り込める評価シートは、画面の「評価」の"
            "「内部評価」で受け取れます。"
        )
        height = row_height([(text, self.line)])
        self.sheet.merge_range(row, 0, row, self.last, "", self.cells.format(text_wrap=True))
        self.cells.text(row, 0, text, text_wrap=True)
        self.sheet.set_row(row, height)
        self.heights += [DEFAULT_HEIGHT, height]
