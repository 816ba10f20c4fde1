"""Writes the Excel form (実績入力様式) of a year: a line per indicator, with the stored values.

The sheet is protected without a password, except for the cells to fill in. These have the General
format: Excel shows a typed 12.3% as a percentage. Help is beside the cells and in the input
messages that Excel shows for a selected cell. entry/excel/reading.py reads the form back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any

from xlsxwriter import Workbook

from entry.excel.columns import (
    AVAILABILITY_CHOICES,
    PROVISIONAL_CHOICES,
    SHEET,
    Header,
    RowKey,
)
from entry.excel.form_sheet import EntryFormSheet, FormColumn, FormTexts, write_help
from indicators.entries import WITHDRAWN_LABEL
from japanese.characters import clean, one_line
from tables.cells import Cell
from tables.sheet_cells import FONT, FONT_SIZE, printed_workbook

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


_BEFORE = (
    FormColumn(Header.PLACE, 6.5),
    FormColumn(Header.NAME, 12.5),
    FormColumn(Header.UNIT, 3.5, "center"),
    FormColumn(Header.MOMENT, 4.5, "center"),
    FormColumn(Header.TARGET, 5.5, "right"),
)
_AFTER = (
    FormColumn(Header.SUM, 5.5, "right"),
    FormColumn(Header.VALUE, 7.5, "right"),
    FormColumn(Header.NUMERATOR, 5.5, "right"),
    FormColumn(Header.DENOMINATOR, 5.5, "right"),
    FormColumn(Header.AVAILABILITY, 6, "center"),
    FormColumn(Header.EXPECTED_MONTH, 5.5, "center"),
    FormColumn(Header.PROVISIONAL, 4, "center"),
    FormColumn(Header.REMARKS, 15.5),
    FormColumn(Header.MEMO, 7),
    FormColumn(Header.SECTION, 5.5),
    FormColumn(Header.STATE, 5, "center"),
    FormColumn(Header.KEY, 5),
)

_OPEN = {
    Header.VALUE, Header.AVAILABILITY, Header.EXPECTED_MONTH, Header.PROVISIONAL, Header.REMARKS,
    Header.MEMO,
}  # fmt: skip
_OF_RATIOS = {Header.NUMERATOR, Header.DENOMINATOR}

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
        _Sheet(workbook, form).write_lines(form.lines)
        others = (_HELP_WITH_WORDS,) if any(line.words for line in form.lines) else ()
        write_help(workbook, form.title, (*_HELP, *others))


class _Sheet(EntryFormSheet):
    """The sheet 実績入力."""

    frozen = Header.NAME
    first = Header.VALUE
    as_text = frozenset({Header.EXPECTED_MONTH, Header.REMARKS, Header.MEMO})

    def __init__(self, workbook: Workbook, form: EntryForm) -> None:
        self.form = form
        years = [FormColumn(f"{year}\n実績", 6.5, "right") for year in form.years]
        texts = FormTexts(
            title=form.title, lines=(form.subtitle, _GUIDE), is_invented=form.is_invented
        )
        super().__init__(workbook, SHEET, texts, (*_BEFORE, *years, *_AFTER))

    def write_line(self, row: int, line: FormLine) -> None:
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
        self.write_row(row, texts, {header: line.filled.get(header) for header in open_cells})
        self._help(row, line)

    def _help(self, row: int, line: FormLine) -> None:
        """Add an input message to the value's cell with unit, earlier years and memo."""
        message: dict[str, Any] = {
            "validate": "any",
            "input_title": one_line(line.name)[:LONGEST_TITLE],
            "input_message": _cut(clean(line.help), LONGEST_MESSAGE),
        }
        if line.words:
            # Other words, such as 未公表, may still be typed: the import says what is wrong.
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

    def set_choices(self, top: int, bottom: int) -> None:
        for header, choices in (
            (Header.AVAILABILITY, AVAILABILITY_CHOICES),
            (Header.PROVISIONAL, PROVISIONAL_CHOICES),
        ):
            self.validate(
                top, bottom, header,
                {
                    "validate": "list",
                    "source": list(choices),
                    "error_title": "一覧から選んでください",
                    "error_message": f"{header}は、{'、'.join(choices)}のどれかです。",
                },
            )  # fmt: skip
        self.validate(
            top, bottom, Header.EXPECTED_MONTH,
            {
                "validate": "any",
                "input_title": "公表予定月",
                "input_message": "未公表のとき。「2026-09」のように入力します。",
            },
        )  # fmt: skip


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
