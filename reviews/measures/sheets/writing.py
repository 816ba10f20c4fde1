"""Writes 評価シート（入力用）: a sheet per measure, with its figures and the cells to fill in.

The sheets are protected without a password, except for the cells to fill in. Hidden columns have
the keys of these cells, by which reading.py takes them back, and the lists to choose from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_range_abs

from accounts import access
from entry.excel.form_sheet import INVENTED, write_help
from japanese.characters import one_line
from japanese.fiscal_years import era_label
from plans.nodes import StrategyTree
from plans.pages import review_label
from plans.presentation import JudgedRow, rows_of
from reviews.measures.evaluations import MeasureRow, YearOfMeasures
from reviews.measures.sheets.contents import OUTLOOK_LABELS, field_names, own_rows, stored_texts
from reviews.measures.sheets.keys import (
    COMMENT,
    COMMENTS,
    FIELD,
    KEYS,
    LABEL,
    LISTS,
    OUTLOOK,
    OUTLOOKS,
    TEXTS,
    CellKey,
    column_of,
    kpi_field,
    sign_of_text,
)
from reviews.models import ProjectYear, State, yen_label
from tables.cells import read_back
from tables.print_setup import A4, Margins, Paper, Printed, set_up
from tables.sheet_cells import (
    FILL_IN_FILL,
    HEADER_FILL,
    LOCKED_FILL,
    CellWriter,
    column_width,
    printed_workbook,
    row_height,
    width_in_points,
)
from trail.downloads import file_name

TITLE = "評価シート（入力用）"


_GUIDE = (
    "白い欄に入力し、画面の「評価シートを取り込む」で取り込みます。"
    "消した欄は、空欄として取り込みます。"
)
_CLOSED_GUIDE = "確認済みのため、入力できません。変更が必要な場合は、企画担当に連絡してください。"

_HELP = (
    "白い欄だけに入力します。灰色の欄は、見るためのものです。",
    "受け取ったときに保存されていた内容が入っています。変えた欄だけを取り込みます。",
    "欄の文を消すと、保存されている文も消えます。取り込む前に、何が変わるかを画面に示します。",
    "評価、次年度の方針、見込みは、一覧から選びます。",
    "案と違う評価を選んだときは、「案と違う評価にした理由」に理由を書きます。",
    "要らないシートは、削除してかまいません。残っているシートだけを取り込みます。",
    "シートを写して2枚にしたり、行や列を動かしたりすると、取り込めません。",
    "受け取った後に、ほかの人が同じ欄を変えたときは、取り込む前に、残す方を選びます。",
    "パスワードなしで保護しています。",
)

_WIDTHS = (13.0, 6.0, 6.5, 6.0, 7.5, 15.5, 6.0)
_HEADERS = ("指標", "目安値", "実績値", "目標値", "判定", "コメント", "見込み")
_PAPER = Paper(A4, upright=True, margins=Margins(left=0.4, right=0.3))
_HEIGHTS = {"grade": 20.0, "policy": 20.0, "grade_reason": 34.0, "policy_reason": 34.0}
_LEAST_HEIGHT = 64.0
_CHOSEN = {"grade": LISTS[0], "policy": LISTS[1], OUTLOOK: LISTS[2]}
"""Fields with a list -> the hidden column of the list."""

_SHEET_NAME = str.maketrans(dict.fromkeys("[]:*?/\\'", "・"))
_LONGEST_NAME = 31


@dataclass(frozen=True)
class SheetsOf:
    """What a workbook is made of: the judged plan, its measures, their projects' results."""

    tree: StrategyTree
    found: YearOfMeasures
    rows: Sequence[MeasureRow]
    projects: dict[int, ProjectYear]
    changes_confirmed: bool


def measure_sheets_of(
    user: Any, tree: StrategyTree, found: YearOfMeasures, asked: Sequence[MeasureRow] | None = None
) -> SheetsOf:
    """Return the contents of the workbook with these measures, or all that the user answers for.

    One query.
    """
    rows = own_rows(found.rows if asked is None else asked)
    ids = [project.pk for row in rows for project in row.node.projects]
    stored = ProjectYear.objects.filter(project__in=ids, fiscal_year=tree.fiscal_year)
    return SheetsOf(
        tree,
        found,
        rows,
        {one.project_id: one for one in stored},
        access.may_change_confirmed(user),
    )


def sheets_name(tree: StrategyTree, rows: Sequence[MeasureRow], section: str = "") -> str:
    """Return the name of the file, e.g. 評価シート_平成29年度_水産課.xlsx."""
    of = section or (f"{rows[0].node.place}" if len(rows) == 1 else f"{len(rows)}件")
    return file_name(f"評価シート_{era_label(tree.fiscal_year)}_{of}") + ".xlsx"


def write_sheets(file: IO[bytes], of: SheetsOf) -> None:
    """Write a workbook (.xlsx): a sheet for each measure, and last the sheet with instructions."""
    with printed_workbook(file) as workbook:
        workbook.set_properties({"title": one_line(f"{of.tree.title} {TITLE}")})
        for row, name in zip(of.rows, sheet_names(of.rows), strict=True):
            _Sheet(workbook, of, row, name).write()
        write_help(workbook, TITLE, _HELP)


def sheet_names(rows: Sequence[MeasureRow]) -> list[str]:
    """Return the names of the sheets: the places of the measures, or numbers where that fails."""
    names: list[str] = []
    for number, row in enumerate(rows, 1):
        name = row.node.place.translate(_SHEET_NAME)
        fits = len(name) <= _LONGEST_NAME and name.casefold() not in map(str.casefold, names)
        names.append(name if fits else f"シート{number}")
    return names


class _Sheet:
    """The sheet of one measure, written from top to bottom."""

    def __init__(self, workbook: Workbook, of: SheetsOf, row: MeasureRow, name: str) -> None:
        self.of, self.measure = of, row
        self.sheet = workbook.add_worksheet(name)
        self.cells = CellWriter(workbook, self.sheet, valign="vcenter", locked=True)
        self.texts, self.names = stored_texts(row), field_names(row)
        self.is_open = row.state != State.CONFIRMED or of.changes_confirmed
        self.row = 0
        self.heights: list[float] = []
        self.starts: list[int] = []

    def write(self) -> None:
        for column, width in enumerate(_WIDTHS):
            self.sheet.set_column(column, column, column_width(width))
        self.lists = self._write_lists()
        self._head()
        self._facts()
        self._kpis()
        self._projects()
        self._heading("評価")
        for name in TEXTS:
            self._field(name)
        self._finish()

    # Parts of the sheet

    def _write_lists(self) -> dict[int, str]:
        """Write the lists into their hidden columns; return their ranges."""
        choices = self.of.found.choices
        lists = (choices.grade_labels, choices.policy_labels, tuple(OUTLOOK_LABELS.values()))
        ranges = {}
        for column, labels in zip(LISTS, lists, strict=True):
            for row, label in enumerate(labels):
                self.cells.text(row, column - 1, str(read_back(label)))
            ranges[column] = "=" + xl_range_abs(0, column - 1, len(labels) - 1, column - 1)
        return ranges

    def _head(self) -> None:
        tree = self.of.tree
        self._line(f"{TITLE}　{review_label(tree.fiscal_year)}", bold=True, font_size=14)
        if tree.invented:
            self._line(INVENTED, bold=True)
        self._line(_GUIDE if self.is_open else _CLOSED_GUIDE)

    def _facts(self) -> None:
        node, words, stored = self.measure.node, self.of.tree.words, self.measure.stored
        facts = (
            ("計画", self.of.tree.title),
            (words.measure, f"{node.label_in_plan} {node.title}"),
            ("担当課", "、".join(self.measure.sections)),
            ("状態", self.measure.state_label),
            ("差戻しの理由", stored.return_reason if stored else ""),
            ("評価の案", self.measure.proposed),
        )
        for name, text in facts:
            if text:
                self._label(name)
                self._merged(FIELD, OUTLOOKS, text, bg_color=LOCKED_FILL)
                self._end(text)

    def _kpis(self) -> None:
        kpis = rows_of(self.measure.node.kpis)
        counts = "　".join(
            f"{one.mark} {one.count.total}" for one in self.measure.bands if one.count.total
        )
        self._heading(f"{self.of.tree.words.kpi}の状況　{counts}".strip())
        if not kpis:
            self._line(f"{self.of.tree.words.kpi}は登録されていません。")
            return
        for column, header in enumerate(_HEADERS):
            self._header(column, header)
        self._end()
        for kpi in kpis:
            self._kpi(kpi)

    def _kpi(self, kpi: JudgedRow) -> None:
        value = f"累計{kpi.value}" if kpi.value and kpi.is_sum else kpi.value
        figures = (
            kpi.listing.name,
            kpi.expected,
            "\n".join((value or "－", *kpi.notes)),
            kpi.target,
            f"{kpi.mark} {kpi.label}",
        )
        for column, text in enumerate(figures):
            align = "left" if column == 0 else "center"
            self.cells.text(
                self.row, column, text or "－",
                border=1, align=align, text_wrap=True, bg_color=LOCKED_FILL,
            )  # fmt: skip
        for part, key in zip((COMMENT, OUTLOOK), KEYS, strict=True):
            self._open_cell(kpi_field(part, kpi.listing.pk), key)
        comment = self.texts[kpi_field(COMMENT, kpi.listing.pk)]
        heights = [*zip(figures, _WIDTHS, strict=False), (comment, _WIDTHS[COMMENTS - 1])]
        self._end_row(max(30.0, row_height(heights)))

    def _projects(self) -> None:
        projects = self.measure.node.projects
        if not projects:
            return
        self._heading(f"{self.of.tree.words.project}　{len(projects)}件")
        spans = ((1, 3, "名称"), (4, 5, "決算額"), (6, 7, "成果、今後の方針"))
        for first, last, header in spans:
            self._merged(first, last, header, bold=True, align="center", bg_color=HEADER_FILL)
        self._end()
        for project in projects:
            stored = self.of.projects.get(project.pk)
            spent = stored.settlement if stored else None
            said = "\n".join(filter(None, [stored.outcome, stored.policy])) if stored else ""
            money = "－" if spent is None else yen_label(spent)
            for (first, last, _), text in zip(spans, (project.name, money, said), strict=True):
                self._merged(first, last, text or "－", bg_color=LOCKED_FILL)
            self._end_row(
                max(18.0, row_height([(project.name, sum(_WIDTHS[:3])), (said, sum(_WIDTHS[5:]))]))
            )

    def _field(self, name: str) -> None:
        self._label(self.names[name])
        self._open_cell(name, KEYS[0])
        needed = row_height([(self.texts[name], sum(_WIDTHS[1:]))])
        self._end_row(max(_HEIGHTS.get(name, _LEAST_HEIGHT), needed))

    def _open_cell(self, field: str, key: int) -> None:
        """Write a cell to fill in, the list that it is chosen from, and its hidden key."""
        of, measure, column = self.of.tree, self.measure, column_of(field)
        text = self.texts[field]
        look: dict[str, Any] = {
            "locked": not self.is_open,
            "bg_color": FILL_IN_FILL if self.is_open else LOCKED_FILL,
            "num_format": "@",
            "valign": "top",
        }
        last = column if column != FIELD else OUTLOOKS
        self._merged(column, last, str(read_back(text)), **look)
        part = field.partition("-")[0]
        if part in _CHOSEN:
            self.sheet.data_validation(
                self.row, column - 1, self.row, column - 1,
                {
                    "validate": "list",
                    "source": self.lists[_CHOSEN[part]],
                    "error_title": "一覧から選んでください",
                    "error_message": "一覧にあるものだけを選べます。",
                },
            )  # fmt: skip
        version = measure.stored.version if measure.stored else 0
        signed = CellKey(
            of.code,
            of.fiscal_year,
            measure.pk,
            version,
            measure.proposed,
            field,
            sign_of_text(text),
        )
        self.cells.text(self.row, key - 1, signed.signed())

    # Rows and cells

    def _line(self, text: str, **look: Any) -> None:
        self.cells.text(self.row, 0, text, **look)
        self._end_row(look.get("font_size", 9) * 1.7)

    def _heading(self, text: str) -> None:
        self.starts.append(self.row)
        self._end_row(8)
        self._line(text, bold=True, font_size=11)

    def _label(self, text: str) -> None:
        self._header(LABEL - 1, text)

    def _header(self, column: int, text: str) -> None:
        self.cells.text(
            self.row, column, text,
            bold=True, border=1, align="center", text_wrap=True, bg_color=HEADER_FILL,
        )  # fmt: skip

    def _merged(self, first: int, last: int, text: str, **look: Any) -> None:
        """Write a text across columns, counted from 1."""
        look = {"border": 1, "text_wrap": True, **look}
        if last > first:
            self.sheet.merge_range(
                self.row, first - 1, self.row, last - 1, "", self.cells.format(**look)
            )
        if text:
            self.cells.text(self.row, first - 1, text, **look)
        else:
            self.cells.blank(self.row, first - 1, **look)

    def _end(self, text: str = "") -> None:
        self._end_row(max(18.0, row_height([(text, sum(_WIDTHS[1:]))])))

    def _end_row(self, height: float) -> None:
        self.sheet.set_row(self.row, height)
        self.heights.append(height)
        self.row += 1

    def _finish(self) -> None:
        sheet = self.sheet
        sheet.set_column(KEYS[0] - 1, LISTS[-1] - 1, None, None, {"hidden": True})
        sheet.protect("", {"format_cells": True, "format_columns": True, "format_rows": True})
        sheet.hide_gridlines(2)
        sheet.print_area(0, 0, self.row - 1, OUTLOOKS - 1)
        set_up(
            sheet,
            Printed(
                paper=_PAPER,
                widths=[width_in_points(width) for width in _WIDTHS],
                heights=self.heights,
                starts=self.starts,
            ),
        )
        sheet.set_footer(f"&L{INVENTED if self.of.tree.invented else ''}&C&A&R&P / &N")
