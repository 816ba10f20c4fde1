"""The Excel form of 事業の実績: its columns, the hidden keys, and how it is written.

A line per project of a section, with what is stored. entry/excel/reading.py reads it back,
reviews/projects/importing.py compares it with what is stored.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import IO

from django.core import signing
from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name

from entry.excel.columns import FormKind
from entry.excel.form_sheet import EntryFormSheet, FormColumn, FormTexts, write_help
from japanese.characters import one_line
from reviews.projects.form import OF_MONEY, PROJECT_AMOUNTS, PROJECT_FIELDS
from reviews.projects.grid import PROJECT_LABELS
from tables.cells import Cell
from tables.sheet_cells import printed_workbook

PROJECTS_SHEET = "事業の実績"
CHOICES_SHEET = "選択肢"

NO_MONEY = {False: "市の事業ではない", True: "再掲"}
"""The text in the first cell for money where a project has none: whether it is re-listed."""


class ProjectHeader(StrEnum):
    """The headers of the columns that nobody fills in; the others are those of the grid."""

    PLACE = "計画での番号"
    NAME = "事業"
    SECTION = "担当課"
    MEMO = "メモ（取り込みません）"
    STATE = "状態"
    KEY = "照合用（書き換えないでください）"


@dataclass(frozen=True)
class ProjectKey:
    """The identity of a row; `version` is that of what the form has of it, 0 for nothing."""

    plan: str
    fiscal_year: int
    project: int
    version: int

    @property
    def subject(self) -> int:
        """The id of the project, by which a file is matched to the rows of the year."""
        return self.project

    def signed(self) -> str:
        """Return the signed text for the hidden cell."""
        return _signer().sign(f"{self.plan}/{self.fiscal_year}/{self.project}/{self.version}")


def read_project_key(text: str) -> ProjectKey | None:
    """Return the key in a hidden cell; None if this installation did not write it."""
    try:
        plan, year, project, version = _signer().unsign(text).split("/")
    except (signing.BadSignature, ValueError):
        return None
    return ProjectKey(plan, int(year), int(project), int(version))


def _signer() -> signing.Signer:
    return signing.Signer(salt="reviews.project_sheet")


PROJECTS_FORM = FormKind(
    name="事業の実績様式",
    sheet=PROJECTS_SHEET,
    thing="事業",
    headers=(*ProjectHeader, *PROJECT_LABELS.values()),
    filled={name: PROJECT_LABELS[name] for name in PROJECT_FIELDS},
    title=ProjectHeader.NAME,
    first=PROJECT_LABELS["done"],
    key=ProjectHeader.KEY,
    read_key=read_project_key,
)
"""The form of the results of projects."""


@dataclass(frozen=True, kw_only=True)
class ProjectLine:
    """A line of the form; `filled` has its open cells by field, `no_money` replaces money.

    A project without money has no open cells for it.
    """

    key: ProjectKey
    name: str
    place: str = ""
    section: str = ""
    state: str = ""
    no_money: str = ""
    filled: dict[str, Cell]


@dataclass(frozen=True, kw_only=True)
class ProjectResultsForm:
    """A form: the texts above its lines, the lines, and the lists to choose from."""

    texts: FormTexts
    lines: Sequence[ProjectLine]
    policies: Sequence[str] = ()
    grants: Sequence[str] = ()


PROJECTS_GUIDE = (
    "白い欄に入力し、画面の「Excel様式を取り込む」で取り込みます。"
    "空欄は「変更しない」という意味です。"
)

_COLUMNS = (
    FormColumn(ProjectHeader.PLACE, 5),
    FormColumn(ProjectHeader.NAME, 10),
    FormColumn(ProjectHeader.SECTION, 5.5),
    *(FormColumn(PROJECT_LABELS[name], 16) for name in PROJECT_FIELDS[:4]),
    *(FormColumn(PROJECT_LABELS[name], 6, "right") for name in PROJECT_AMOUNTS),
    FormColumn(PROJECT_LABELS["grant"], 8),
    FormColumn(PROJECT_LABELS["policy"], 6, "center"),
    FormColumn(PROJECT_LABELS["ends_in"], 5.5, "center"),
    FormColumn(ProjectHeader.MEMO, 7),
    FormColumn(ProjectHeader.STATE, 5, "center"),
    FormColumn(ProjectHeader.KEY, 5),
)

_HELP = (
    "白い欄だけに入力します。灰色の欄は、見るためのものです。",
    "金額は千円の単位で入力します。1円単位まであるときは「1234.567」のように入力します。",
    "財源を入力するときは、五つの合計を決算額と同じにします。なくした財源には「0」と入力します。",
    "市の事業でないもの（民間等）と再掲には、金額の欄がありません。再掲の金額は、最初に掲げた事業の"
    "行に入力します。",
    "交付金の名称と今後の方針は、一覧から選びます。終了年度は、終える事業だけ「令和7年度」のように"
    "入力します。",
    "空欄は「変更しない」という意味です。登録した文章を消すときは、画面で消します。",
    "文章の中の改行は、Altキーを押しながらEnterキーを押します。",
    "「メモ」の列は取り込みません。自由に使えます。",
    "列を動かしたり、加えたりしてもかまいません。見出しの文字は変えないでください。",
    "パスワードなしで保護しています。行の並べ替えなどは、Excelの「校閲」の「シート保護の解除」の"
    "後にできます。",
)


def write_project_form(file: IO[bytes], form: ProjectResultsForm) -> None:
    """Write the form as an Excel file."""
    with printed_workbook(file) as workbook:
        workbook.set_properties({"title": one_line(form.texts.title)})
        _Sheet(workbook, form).write_lines(form.lines)
        write_help(workbook, form.texts.title, _HELP)
        _write_choices(workbook, form)


class _Sheet(EntryFormSheet):
    """The sheet 事業の実績."""

    frozen = ProjectHeader.NAME
    first = PROJECT_LABELS["done"]
    as_text = frozenset(
        {
            ProjectHeader.MEMO,
            *(header for name, header in PROJECT_LABELS.items() if name not in PROJECT_AMOUNTS),
        }
    )

    def __init__(self, workbook: Workbook, form: ProjectResultsForm) -> None:
        self.form = form
        super().__init__(workbook, PROJECTS_SHEET, form.texts, _COLUMNS)

    def write_line(self, row: int, line: ProjectLine) -> None:
        shown: dict[str, str] = {
            ProjectHeader.PLACE: line.place,
            ProjectHeader.NAME: line.name,
            ProjectHeader.SECTION: line.section,
            ProjectHeader.STATE: line.state,
            ProjectHeader.KEY: line.key.signed(),
            PROJECT_LABELS["budget"]: line.no_money,
        }
        without = OF_MONEY if line.no_money else ()
        filled = {
            PROJECT_LABELS[name]: line.filled.get(name)
            for name in PROJECT_FIELDS
            if name not in without
        }
        self.write_row(row, shown, {**filled, ProjectHeader.MEMO: None})

    def set_choices(self, top: int, bottom: int) -> None:
        for place, (name, labels) in enumerate(_lists(self.form)):
            if labels:
                column = xl_col_to_name(place, col_abs=True)
                rule = {
                    "validate": "list",
                    "source": f"='{CHOICES_SHEET}'!{column}$2:{column}${len(labels) + 1}",
                    "error_title": "一覧から選んでください",
                    "error_message": f"{PROJECT_LABELS[name]}は、一覧にあるもののどれかです。",
                }
                self.validate(top, bottom, PROJECT_LABELS[name], rule)
        for name in PROJECT_AMOUNTS:
            rule = {
                "validate": "any",
                "input_title": PROJECT_LABELS[name],
                "input_message": "千円の単位で入力します。",
            }
            self.validate(top, bottom, PROJECT_LABELS[name], rule)


def _lists(form: ProjectResultsForm) -> tuple[tuple[str, Sequence[str]], ...]:
    return (("policy", form.policies), ("grant", form.grants))


def _write_choices(workbook: Workbook, form: ProjectResultsForm) -> None:
    """Write the lists into a hidden sheet: in a rule, Excel takes 255 characters only."""
    sheet = workbook.add_worksheet(CHOICES_SHEET)
    for column, (name, labels) in enumerate(_lists(form)):
        sheet.write_string(0, column, PROJECT_LABELS[name])
        for row, label in enumerate(labels, 1):
            sheet.write_string(row, column, one_line(label))
    sheet.protect("")
    sheet.hide()


def in_thousands(yen: int | None) -> Decimal | None:
    """Return an amount as the form shows it."""
    return None if yen is None else Decimal(yen) / 1000
