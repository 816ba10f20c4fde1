"""Writes the Excel form (実績入力様式) of a year: a line per indicator, with the stored values.

The sheet is protected without a password, except for the cells to fill in. These have the General
format: Excel shows a typed 12.3% as a percentage. Help is beside the cells and in the input
messages that Excel shows for a selected cell. entry/excel/reading.py reads the form back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import IO, Any

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_range
from xlsxwriter.worksheet import Worksheet

from entry.excel.columns import (
    AVAILABILITY_CHOICES,
    PROVISIONAL_CHOICES,
    SHEET,
    Header,
    RowKey,
)
from indicators.entries import WITHDRAWN_LABEL
from japanese.characters import clean, one_line
from tables.cells import Cell
from tables.print_setup import A3, A4, Paper, Printed, set_up
from tables.sheet_cells import (
    FONT,
    FONT_SIZE,
    HEADER_FILL,
    HELP_SHEET,
    CellWriter,
    column_width,
    printed_workbook,
    row_height,
    width_in_points,
)

LOCKED_FILL = "#F2F2F2"
FILL_IN_FILL = "#FFFFFF"

LONGEST_TITLE, LONGEST_MESSAGE = 32, 255
"""Excel's limits for an input message, in characters."""


@dataclass(frozen=True, kw_only=True)
class FormLine:
    """A line of the form; numbers are in the unit that people type.

    `earlier` has a text for each of the form's earlier years. `filled` has the contents of the
    cells to fill in, by header. `is_ratio` unlocks 分子 and 分母. `words` are those that the
    value of a 記述目標 may be.
    """

    key: RowKey
    name: str
    place: str = ""
    unit: str = ""
    moment: str = ""
    target: str = ""
    earlier: Sequence[str] = ()
    sum_so_far: str = ""
    section: str = ""
    state: str = ""
    is_ratio: bool = False
    words: Sequence[str] = ()
    filled: dict[str, Cell]
    help: str = ""
    memo: str = ""


@dataclass(frozen=True, kw_only=True)
class EntryForm:
    """A form: its head and its lines. `years` are the names of the earlier years."""

    title: str
    subtitle: str
    years: Sequence[str] = ()
    lines: Sequence[FormLine]
    is_invented: bool = False


@dataclass(frozen=True)
class _FormColumn:
    header: str
    width: float
    align: str = "left"


_BEFORE = (
    _FormColumn(Header.PLACE, 6.5),
    _FormColumn(Header.NAME, 12.5),
    _FormColumn(Header.UNIT, 3.5, "center"),
    _FormColumn(Header.MOMENT, 4.5, "center"),
    _FormColumn(Header.TARGET, 5.5, "right"),
)
_AFTER = (
    _FormColumn(Header.SUM, 5.5, "right"),
    _FormColumn(Header.VALUE, 7.5, "right"),
    _FormColumn(Header.NUMERATOR, 5.5, "right"),
    _FormColumn(Header.DENOMINATOR, 5.5, "right"),
    _FormColumn(Header.AVAILABILITY, 6, "center"),
    _FormColumn(Header.EXPECTED_MONTH, 5.5, "center"),
    _FormColumn(Header.PROVISIONAL, 4, "center"),
    _FormColumn(Header.REMARKS, 15.5),
    _FormColumn(Header.MEMO, 7),
    _FormColumn(Header.SECTION, 5.5),
    _FormColumn(Header.STATE, 5, "center"),
    _FormColumn(Header.KEY, 5),
)

_OPEN = {
    Header.VALUE, Header.AVAILABILITY, Header.EXPECTED_MONTH, Header.PROVISIONAL, Header.REMARKS,
    Header.MEMO,
}  # fmt: skip
_OF_RATIOS = {Header.NUMERATOR, Header.DENOMINATOR}
_AS_TEXT = {Header.EXPECTED_MONTH, Header.REMARKS, Header.MEMO}

_INVENTED = "試用環境です。実績値は架空のものです。"
_GUIDE = (
    "白い欄に入力し、画面の「Excel様式を取り込む」で取り込みます。"
    "空欄は「変更しない」という意味です。"
)

_HELP = (
    "白い欄だけに入力します。灰色の欄は、見るためのものです。",
    "実績値は、「単位」の列の単位で入力します（千円なら千円で）。割合は、分子と分母を入力すると"
    "計算します。",
    "数は「1,234」「12.3」「▲5」のように入力します。「約」や「程度」は備考に書きます。",
    "値がないときは、「有無」で、未公表・調査未実施・把握できないのどれかを選びます。"
    "未公表のときは、公表予定月を「2026-09」のように入力します。",
    f"空欄は「変更しない」という意味です。登録した値を取り消すときだけ、「有無」で「{WITHDRAWN_LABEL}」"
    "を選びます。",
    "前の年度から大きく動いたときは、備考に理由を書きます。",
    "「メモ」の列は取り込みません。自由に使えます。",
    "列を動かしたり、加えたりしてもかまいません。見出しの文字は変えないでください。",
    "パスワードなしで保護しています。行の並べ替えなどは、Excelの「校閲」の「シート保護の解除」の"
    "後にできます。",
)
_HELP_WITH_WORDS = (
    "目標が言葉の記述目標では、実績値の欄で判定（順調など）を選び、その理由を備考に書きます。"
)


def write_form(file: IO[bytes], form: EntryForm) -> None:
    """Write the form as an Excel file."""
    with printed_workbook(file) as workbook:
        workbook.set_properties({"title": one_line(form.title)})
        _Sheet(workbook, form).write()
        _write_help(workbook, form)


class _Sheet:
    """The sheet 実績入力."""

    def __init__(self, workbook: Workbook, form: EntryForm) -> None:
        self.form = form
        self.sheet: Worksheet = workbook.add_worksheet(SHEET)
        self.cells = CellWriter(workbook, self.sheet, valign="vcenter", locked=True)
        years = [_FormColumn(f"{year}\n実績", 6.5, "right") for year in form.years]
        self.columns = (*_BEFORE, *years, *_AFTER)
        self.places = {column.header: place for place, column in enumerate(self.columns)}

    def write(self) -> None:
        top = self._write_head()
        for row, line in enumerate(self.form.lines, top):
            self._write_line(row, line)
        bottom = top + len(self.form.lines) - 1
        if self.form.lines:
            self._set_choices(top, bottom)
        self._set_up(top, bottom)

    def _write_head(self) -> int:
        """Write title, guide and header; return the row of the first line."""
        form = self.form
        self.cells.text(0, 0, form.title, bold=True, font_size=13)
        self.sheet.set_row(0, 22)
        texts = [form.subtitle, _GUIDE]
        if form.is_invented:
            texts.insert(0, _INVENTED)
        for row, text in enumerate(texts, 1):
            self.cells.text(row, 0, text, bold=text == _INVENTED)
        header = len(texts) + 1
        for place, column in enumerate(self.columns):
            self.cells.text(
                header, place, column.header,
                bold=True, border=1, align="center", text_wrap=True, bg_color=HEADER_FILL,
            )  # fmt: skip
            self.sheet.set_column(place, place, column_width(column.width))
        self.sheet.set_row(header, 40)
        return header + 1

    def _write_line(self, row: int, line: FormLine) -> None:
        texts: dict[str, str] = {
            Header.PLACE: line.place,
            Header.NAME: line.name,
            Header.UNIT: line.unit,
            Header.MOMENT: line.moment,
            Header.TARGET: line.target,
            Header.SUM: line.sum_so_far,
            Header.SECTION: line.section,
            Header.STATE: line.state,
            Header.KEY: line.key.signed(),
        }
        for column, text in zip(self.columns[len(_BEFORE) :], line.earlier, strict=False):
            texts[column.header] = text
        open_cells = _OPEN | _OF_RATIOS if line.is_ratio else _OPEN
        heights = []
        for place, column in enumerate(self.columns):
            look: dict[str, Any] = {"border": 1, "align": column.align, "text_wrap": True}
            if column.header in open_cells:
                self._write_open(row, place, column.header, line, look)
                typed = line.filled.get(column.header)
                heights.append((typed if isinstance(typed, str) else "", column.width))
            else:
                text = texts.get(column.header, "")
                look["bg_color"] = LOCKED_FILL
                self.cells.text(row, place, text, **look)
                if column.header != Header.KEY:
                    heights.append((text, column.width))
        self.sheet.set_row(row, max(18, row_height(heights)))
        self._help(row, line)

    def _write_open(
        self, row: int, place: int, header: str, line: FormLine, look: dict[str, Any]
    ) -> None:
        look |= {"locked": False, "bg_color": FILL_IN_FILL}
        if header in _AS_TEXT:
            look["num_format"] = "@"
        typed = line.filled.get(header)
        if typed is None or typed == "":
            self.cells.blank(row, place, **look)
        elif isinstance(typed, Decimal):
            self.cells.number(row, place, typed, **look)
        else:
            self.cells.text(row, place, str(typed), **look)

    def _help(self, row: int, line: FormLine) -> None:
        """Add an input message to the value's cell with unit, earlier years and memo."""
        message: dict[str, Any] = {
            "validate": "any",
            "input_title": one_line(line.name)[:LONGEST_TITLE],
            "input_message": _cut(clean(line.help), LONGEST_MESSAGE),
        }
        if line.words:
            # Other words may be typed all the same, such as 未公表: the import says what is wrong.
            message |= {
                "validate": "list",
                "source": list(line.words),
                "error_type": "warning",
                "error_title": "一覧から選んでください",
                "error_message": f"判定は、{'、'.join(line.words)}のどれかです。",
            }
        if line.help:
            self.sheet.data_validation(
                row, self.places[Header.VALUE], row, self.places[Header.VALUE], message
            )
        if line.memo:
            self.sheet.write_comment(
                row,
                self.places[Header.NAME],
                f"引継ぎメモ\n{clean(line.memo)}",
                {"x_scale": 2, "font_size": FONT_SIZE, "font_name": FONT},
            )

    def _set_choices(self, top: int, bottom: int) -> None:
        for header, choices in (
            (Header.AVAILABILITY, AVAILABILITY_CHOICES),
            (Header.PROVISIONAL, PROVISIONAL_CHOICES),
        ):
            self._validate(
                top, bottom, header,
                {
                    "validate": "list",
                    "source": list(choices),
                    "error_title": "一覧から選んでください",
                    "error_message": f"{header}は、{'、'.join(choices)}のどれかです。",
                },
            )  # fmt: skip
        self._validate(
            top, bottom, Header.EXPECTED_MONTH,
            {
                "validate": "any",
                "input_title": "公表予定月",
                "input_message": "未公表のとき。「2026-09」のように入力します。",
            },
        )  # fmt: skip

    def _validate(self, top: int, bottom: int, header: str, rule: dict[str, Any]) -> None:
        place = self.places[header]
        self.sheet.data_validation(top, place, bottom, place, rule)

    def _set_up(self, top: int, bottom: int) -> None:
        sheet, last = self.sheet, len(self.columns) - 1
        sheet.set_column(last, last, None, None, {"hidden": True})
        sheet.freeze_panes(top, self.places[Header.NAME] + 1)
        sheet.autofilter(top - 1, 0, max(bottom, top), last - 1)
        sheet.protect(
            "",
            {
                "format_cells": True,
                "format_columns": True,
                "format_rows": True,
                "autofilter": True,
                "insert_columns": True,
            },
        )
        # Read-only columns have texts such as 1,234; Excel would flag each of them.
        sheet.ignore_errors({"number_stored_as_text": xl_range(top, 0, max(bottom, top), last)})
        sheet.print_area(0, 0, max(bottom, top), last - 1)
        set_up(
            sheet,
            Printed(
                paper=Paper(A3),
                widths=[width_in_points(column.width) for column in self.columns[:last]],
                repeated_rows=top,
                repeated_columns=self.places[Header.NAME] + 1,
            ),
        )
        sheet.set_footer(f"&L{_INVENTED if self.form.is_invented else ''}&R&P / &N")
        if self.form.lines:
            sheet.set_selection(top, self.places[Header.VALUE], top, self.places[Header.VALUE])


def _write_help(workbook: Workbook, form: EntryForm) -> None:
    sheet = workbook.add_worksheet(HELP_SHEET)
    cells = CellWriter(workbook, sheet, valign="top", text_wrap=True)
    number_width, width = 2.5, 60
    sheet.set_column(0, 0, column_width(number_width))
    sheet.set_column(1, 1, column_width(width))
    cells.text(0, 0, f"{HELP_SHEET}　{form.title}", bold=True, font_size=13, text_wrap=False)
    sheet.set_row(0, 22)
    others = (_HELP_WITH_WORDS,) if any(line.words for line in form.lines) else ()
    for number, text in enumerate((*_HELP, *others), 1):
        cells.number(number, 0, number, align="center")
        cells.text(number, 1, text)
        sheet.set_row(number, row_height([(text, width)]))
    sheet.protect("", {"format_columns": True, "format_rows": True})
    widths = [width_in_points(number_width), width_in_points(width)]
    set_up(sheet, Printed(paper=Paper(A4, upright=True), widths=widths))


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
