"""Writes 計画様式.xlsx: empty with an example in grey, or filled with a plan.

The sheets are protected without a password, except for the cells to fill in. reading.py reads the
workbook back.
"""

from collections.abc import Iterator, Sequence
from typing import IO, Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from japanese.characters import clean
from japanese.fiscal_years import short_label
from plans.workbook.columns import (
    CONTENT,
    EXAMPLE_MARK,
    EXPLANATION,
    ITEM,
    ITEM_PARTS,
    PLAN_TITLE,
    SECTION_SHEET,
    Item,
    PlanColumn,
    SheetPlan,
    sheets_in,
)
from plans.workbook.examples import EXAMPLES, YEARS_OF_EXAMPLE
from plans.workbook.rows import PlanRows, Row
from tables.cells import Cell
from tables.print_setup import A3, A4, Paper, Printed, set_up
from tables.sheet_cells import (
    FONT,
    FONT_SIZE,
    HEADER_FILL,
    HELP_SHEET,
    INPUT_YEAR_FILL,
    LOCKED_FILL,
    CellWriter,
    column_width,
    printed_workbook,
    row_height,
    width_in_points,
)

DETAIL_FILL = "#EAF1DD"
EXAMPLE_COLOUR = "#7F7F7F"

HEADER_ROW = 2
"""Counted from 0; title and guide are above."""

FREE_ROWS = {"goals": 10, "groups": 15, "sections": 30, "grants": 15}
MOST_FREE_ROWS = 120
LEAST_FREE_ROWS = 25
"""So many empty rows are ready to be filled in below those that are filled."""

ITEM_WIDTHS = (18.0, 34.0, 28.0)
WIDEST_ON_A4 = 80
"""So many full-width characters fit across A4."""

_MARK_WIDTH = 2.5
_YEAR_WIDTH = 6.5

_GUIDE = f"「{EXAMPLE_MARK}」の行は読みません。"

_HELP = (
    "このブックは、総合戦略を一つにまとめて登録するための様式です。分かるところから書き、画面の「計画を登録する」"
    "で取り込みます。取り込む前に、読み取った内容と直すところを画面で確かめられます。",
    "シート「計画」に、計画の名称、市町村名、団体コード、最初と最後の年度を書きます。"
    "判定の決め方は、空欄なら標準のものです。",
    "基本目標、施策の区分、具体的施策は、番号か名称で呼びます。例：「基本目標1」「1-ア-①」。"
    "番号を書かなければ、上から順に付けます。",
    "（ア）（イ）のような区分のない計画では、シート「施策の区分」を空のままにし、施策を「1-①」のように呼びます。",
    "指標には、計画に書かれている目標の文言（例：５年で延べ２００件）を書くか、基準値、基準年度、目標値、目標年度、"
    "単位の欄を埋めます。両方書いてもかまいませんが、内容が食い違うと取り込めません。",
    "種類と方向は、空欄なら文言や数から読み取り、「読み方未確認」として登録します。"
    "確認するまで、判定はしません。",
    "緑の見出しの列は、分かるときだけ書きます。空欄でも取り込めます。",
    "年度は「R7」「令和7年度」「2025」のどれでも書けます。",
    "数は「1,234」「12.3」「▲5」のように書きます。全角の数字も読めます。",
    "上の行と同じ基本目標や施策は、空欄にするか、セルを結合してもかまいません。",
    "再掲の事業は、事業名の後に「（再掲）」と書きます。",
    "指標コードは、二つの場所に同じ指標を掲げるときに、同じ文字（半角英数字）を書きます。"
    "ほかは空欄のままで、こちらで付けます。",
    "取り込んだ計画は「作成中」になり、企画担当だけに見えます。直した様式をもう一度取り込むと、作成中の計画が"
    "書き換わります。",
    "パスワードなしで保護しています。行の並べ替えなどは、Excelの「校閲」の「シート保護の解除」の後にできます。",
)


def write_plan_workbook(file: IO[bytes], rows: PlanRows, title: str = "") -> None:
    """Write the workbook of a plan; without rows, an empty one with an example in grey."""
    with printed_workbook(file) as workbook:
        workbook.set_properties({"title": clean(f"計画様式 {title}".strip())})
        _write_plan(workbook, rows)
        sheets = sheets_in(rows.words)
        for sheet in sheets:
            _TableSheet(workbook, sheet, rows).write()
        if rows.unplaced:
            _write_unplaced(workbook, rows.unplaced)
        _write_help(workbook, sheets)


def _write_plan(workbook: Workbook, rows: PlanRows) -> None:
    """Write the sheet 計画: an item a line."""
    sheet = workbook.add_worksheet(PLAN_TITLE)
    cells = CellWriter(workbook, sheet, valign="vcenter", locked=True)
    widths = ITEM_WIDTHS
    for place, width in enumerate(widths):
        sheet.set_column(place, place, column_width(width))
    cells.text(0, 0, "計画様式", bold=True, font_size=13)
    sheet.set_row(0, 22)
    cells.text(1, 0, f"白い欄に書きます。書き方は、シート「{HELP_SHEET}」にもあります。")
    for place, text in enumerate((ITEM, CONTENT, EXPLANATION)):
        cells.text(2, place, text, bold=True, border=1, align="center", bg_color=HEADER_FILL)
    row = 3
    for heading, items in ITEM_PARTS:
        cells.text(row, 0, heading, bold=True, bg_color=LOCKED_FILL, border=1)
        for place in (1, 2):
            cells.blank(row, place, bg_color=LOCKED_FILL, border=1)
        row += 1
        for item in items:
            _write_item(cells, row, item, rows.items.get(item.key))
            row += 1
    sheet.freeze_panes(3, 1)
    _protect(sheet)
    set_up(
        sheet,
        Printed(paper=Paper(A4), widths=[width_in_points(one) for one in widths], repeated_rows=3),
    )
    sheet.set_footer("&L計画&R&P / &N")
    sheet.set_selection(4, 1, 4, 1)


def _write_item(cells: CellWriter, row: int, item: Item, content: Cell) -> None:
    look: dict[str, Any] = {"border": 1, "text_wrap": True}
    cells.text(row, 0, item.name, bg_color=LOCKED_FILL, **look)
    _write_open(cells, row, 1, content, {**look, "align": "left"}, is_text=not item.is_number)
    cells.text(row, 2, item.help, bg_color=LOCKED_FILL, **look)
    texts = (item.name, str(content or ""), item.help)
    cells.sheet.set_row(row, row_height(zip(texts, ITEM_WIDTHS, strict=True)))
    if item.choices:
        cells.sheet.data_validation(row, 1, row, 1, _choose(item.name, item.choices))


def _write_open(
    cells: CellWriter, row: int, column: int, content: Cell, look: dict[str, Any], *, is_text: bool
) -> None:
    look = {**look, "locked": False}
    if is_text:
        look["num_format"] = "@"
    if content is None or content == "":
        cells.blank(row, column, **look)
    elif isinstance(content, str) or is_text:
        cells.text(row, column, str(content), **look)
    else:
        cells.number(row, column, content, **look)


def _choose(name: str, choices: Sequence[str]) -> dict[str, Any]:
    return {
        "validate": "list",
        "source": list(choices),
        "error_type": "warning",
        "error_title": "一覧から選んでください",
        "error_message": f"{name}は、一覧から選んでください。"[:255],
    }


class _TableSheet:
    """A sheet with a row for each object."""

    def __init__(self, workbook: Workbook, plan: SheetPlan, rows: PlanRows) -> None:
        self.plan = plan
        self.measures = next(one for one in sheets_in(rows.words) if one.key == "measures")
        self.lines = rows.sheets.get(plan.key, [])
        self.is_empty = not rows.sheets.get("goals")
        self.sheet: Worksheet = workbook.add_worksheet(plan.title)
        self.cells = CellWriter(workbook, self.sheet, valign="vcenter", locked=True)
        years = rows.years.get(plan.key) or YEARS_OF_EXAMPLE
        self.columns = (*plan.columns, *_year_columns(plan, years))

    def write(self) -> None:
        self._write_head()
        first = HEADER_ROW + 1
        if self.is_empty:
            for example in EXAMPLES.get(self.plan.key, ()):
                self._write_row(first, example, is_example=True)
                first += 1
        for row, line in enumerate(self.lines, first):
            self._write_row(row, line)
        bottom = first + len(self.lines) + self._free_rows() - 1
        for row in range(first + len(self.lines), bottom + 1):
            self._write_row(row, {})
        self._set_choices(first, bottom)
        self._set_up(first, bottom)

    def _free_rows(self) -> int:
        if self.is_empty:
            return FREE_ROWS.get(self.plan.key, MOST_FREE_ROWS)
        return LEAST_FREE_ROWS

    def _write_head(self) -> None:
        self.cells.text(0, 1, self.plan.title, bold=True, font_size=13)
        self.sheet.set_row(0, 22)
        self.cells.text(1, 1, self.plan.help + _GUIDE)
        look: dict[str, Any] = {
            "bold": True, "border": 1, "align": "center", "text_wrap": True,
            "bg_color": HEADER_FILL,
        }  # fmt: skip
        self.cells.text(HEADER_ROW, 0, EXAMPLE_MARK, **look)
        self.sheet.set_column(0, 0, column_width(_MARK_WIDTH))
        for place, column in enumerate(self.columns, 1):
            fill = DETAIL_FILL if column.is_detail else HEADER_FILL
            self.cells.text(HEADER_ROW, place, column.header, **(look | {"bg_color": fill}))
            self.sheet.set_column(place, place, column_width(column.width))
            if column.help:
                self.sheet.write_comment(
                    HEADER_ROW,
                    place,
                    column.help,
                    {"x_scale": 1.6, "font_size": FONT_SIZE, "font_name": FONT},
                )
        self.sheet.set_row(HEADER_ROW, 40)

    def _write_row(self, row: int, line: Row, *, is_example: bool = False) -> None:
        look: dict[str, Any] = {"border": 1, "text_wrap": True}
        if is_example:
            look |= {"font_color": EXAMPLE_COLOUR, "italic": True}
        mark = EXAMPLE_MARK if is_example else ""
        _write_open(self.cells, row, 0, mark, {**look, "align": "center"}, is_text=True)
        for place, column in enumerate(self.columns, 1):
            align = "right" if column.is_number else "left"
            _write_open(
                self.cells, row, place, line.get(column.key), {**look, "align": align},
                is_text=column.is_text and not column.is_number,
            )  # fmt: skip
        texts = [(str(line.get(one.key) or ""), one.width) for one in self.columns]
        self.sheet.set_row(row, max(18, row_height(texts)))

    def _set_choices(self, top: int, bottom: int) -> None:
        for place, column in enumerate(self.columns, 1):
            if column.choices:
                rule = _choose(column.header, column.choices)
            elif column.key in ("section", "entered_by"):
                rule = _choose(column.header, ()) | {"source": _names_on(SECTION_SHEET, "name")}
            elif column.key == "measure":
                # Numbers such as 1-ア-① may be typed as well: the list only offers the names.
                rule = _choose(column.header, ()) | {
                    "source": _names_on(self.measures, "title"),
                    "show_error": False,
                }
            else:
                continue
            if column.key in ("section", "entered_by"):
                rule["show_error"] = False
            self.sheet.data_validation(top, place, bottom, place, rule)

    def _set_up(self, top: int, bottom: int) -> None:
        """Freeze, protect and print: a wide sheet goes on A3, with the names on each page."""
        sheet = self.sheet
        names = [column.key for column in self.columns]
        key = "name" if "name" in names else "title"
        is_wide = sum(column.width for column in self.columns) > WIDEST_ON_A4
        named = names.index(key) + 2 if is_wide and key in names else 0
        sheet.freeze_panes(HEADER_ROW + 1, named)
        _protect(sheet)
        widths = [width_in_points(_MARK_WIDTH)]
        widths += [width_in_points(column.width) for column in self.columns]
        filled = top + max(len(self.lines), 1) + 4
        sheet.print_area(0, 0, max(min(bottom, filled), top), len(self.columns))
        set_up(
            sheet,
            Printed(
                paper=Paper(A3 if is_wide else A4),
                widths=widths,
                repeated_rows=HEADER_ROW + 1,
                repeated_columns=named,
            ),
        )
        sheet.set_footer(f"&L{self.plan.title}&R&P / &N")
        sheet.set_selection(top, 1, top, 1)


def _year_columns(plan: SheetPlan, years: Sequence[int]) -> Iterator[PlanColumn]:
    if plan.by_year:
        for year in years:
            yield PlanColumn(
                f"year.{year}", f"{short_label(year)}（{year}）", _YEAR_WIDTH, is_number=True
            )


def _names_on(sheet: SheetPlan, key: str) -> str:
    """Return the formula of a list: the column of a sheet from its first row on."""
    place = [column.key for column in sheet.columns].index(key) + 1
    letter = chr(ord("A") + place)
    return f"='{sheet.title}'!${letter}${HEADER_ROW + 2}:${letter}$300"


def _protect(sheet: Worksheet) -> None:
    sheet.protect(
        "",
        {
            "format_cells": True,
            "format_columns": True,
            "format_rows": True,
            "insert_columns": True,
            "insert_rows": True,
            "delete_rows": True,
        },
    )


def _write_unplaced(workbook: Workbook, lines: Sequence[Row]) -> None:
    """Write what could not be placed, of a list that was read as text."""
    sheet = workbook.add_worksheet(UNPLACED_SHEET)
    cells = CellWriter(workbook, sheet, valign="top", text_wrap=True)
    widths = (8.0, 60.0, 50.0)
    cells.text(0, 0, UNPLACED_SHEET, bold=True, font_size=13, text_wrap=False)
    sheet.set_row(0, 22)
    for place, text in enumerate(("行", "一覧の文字", "置けなかった理由、確かめること")):
        cells.text(1, place, text, bold=True, border=1, bg_color=HEADER_FILL)
        sheet.set_column(place, place, column_width(widths[place]))
    for row, line in enumerate(lines, 2):
        texts = [str(line.get(key) or "") for key in ("line", "text", "why")]
        for place, text in enumerate(texts):
            cells.text(row, place, text, border=1, bg_color=INPUT_YEAR_FILL)
        sheet.set_row(row, row_height(zip(texts, widths, strict=True)))
    set_up(
        sheet,
        Printed(paper=Paper(A4), widths=[width_in_points(one) for one in widths], repeated_rows=2),
    )


UNPLACED_SHEET = "確かめるところ"


def _write_help(workbook: Workbook, sheets: Sequence[SheetPlan]) -> None:
    sheet = workbook.add_worksheet(HELP_SHEET)
    cells = CellWriter(workbook, sheet, valign="top", text_wrap=True)
    widths = (14.0, 60.0)
    for place, width in enumerate(widths):
        sheet.set_column(place, place, column_width(width))
    cells.text(0, 0, HELP_SHEET, bold=True, font_size=13, text_wrap=False)
    sheet.set_row(0, 22)
    row = 1
    for number, text in enumerate(_HELP, 1):
        cells.text(row, 0, f"{number}", align="center")
        cells.text(row, 1, text)
        sheet.set_row(row, row_height([(text, widths[1])]))
        row += 1
    for plan in sheets:
        cells.text(row, 0, f"シート「{plan.title}」", bold=True, text_wrap=False)
        row += 1
        for column in plan.columns:
            if column.help:
                cells.text(row, 0, column.header)
                cells.text(row, 1, column.help)
                sheet.set_row(
                    row, row_height([(column.header, widths[0]), (column.help, widths[1])])
                )
                row += 1
    sheet.protect("", {"format_columns": True, "format_rows": True})
    set_up(
        sheet,
        Printed(paper=Paper(A4, upright=True), widths=[width_in_points(one) for one in widths]),
    )
    sheet.set_footer(f"&L{HELP_SHEET}&R&P / &N")
