"""担当課と利用者様式: sections and users in one workbook, written empty and imported again.

It never has a password: those are given on paper (`accounts/first_passwords.py`).
"""

from collections.abc import Iterator, Sequence
from typing import IO

from xlsxwriter.worksheet import Worksheet

from accounts.models import Section
from accounts.resources import SectionResource, UserResource, sections_by_name
from accounts.roles import Role
from tables.columns import Column, Part, names_in_cell
from tables.importing import Comparison, Fault, RowNote
from tables.resource import TableResource
from tables.several_sheets import SheetsImporter
from tables.sheet_cells import HELP_SHEET, column_width
from tables.table_files import table_workbook, write_sheet

TITLE = "担当課と利用者"
SECTIONS, USERS = SectionResource().subject, UserResource().subject

SECTION_HEADERS = ("名称", "部")
SECTION_OF_USER = "担当課"
USER_HEADERS = ("職員番号", "氏名", "メールアドレス", "役割", SECTION_OF_USER)
LAST_ROW = 1_000
"""Down to this row the drop-downs of the sheets go."""

HELP = (
    ("使い方", "シート「担当課」に課を、シート「利用者」に人を、1行に一つずつ入力します。"),
    (
        "",
        "入力したら保存し、画面の「担当課と利用者」で取り込みます。誤りがあれば、何も登録しません。",
    ),
    ("", "見出しの文字とシートの名前は変えないでください。列の順序は変えてもかまいません。"),
    ("", "パスワードは入力しません。登録した後に、画面で一人ずつの紙に印刷します。"),
    ("役割", f"{Role.CLERK}：担当課の実績値を入力します。"),
    ("", f"{Role.HEAD}：担当課の実績値を確かめ、回答します。"),
    ("", f"{Role.PLANNING}：計画、年度、利用者を管理し、回答を確認します。"),
    ("", f"{Role.READER}：進捗を見るだけです。"),
    ("", f"{Role.AUDITOR}：すべての値と記録を見るだけです。"),
    ("例（担当課）", "名称「企画課」、部「総務部」"),
    (
        "例（利用者）",
        "職員番号「00123」、氏名「見本 花子」、役割「担当者」、担当課「企画課」",
    ),
    ("", "二つの課を兼ねる人は、担当課を「企画課、財政課」のように「、」で区切ります。"),
)


def write_staff_workbook(file: IO[bytes]) -> None:
    """Write the workbook: the sections that exist already, no user."""
    sections = Section.objects.active().values_list("name", "department")
    with table_workbook(file, TITLE, small=True) as workbook:
        write_sheet(workbook, SECTIONS, SECTION_HEADERS, sections, widths=(20, 20))
        write_sheet(workbook, USERS, USER_HEADERS, [], widths=(10, 14, 24, 14, 24))
        write_sheet(workbook, HELP_SHEET, ("項目", "説明"), HELP, widths=(10, 60))
        sheets = {sheet.get_name(): sheet for sheet in workbook.worksheets()}
        _explain(sheets[SECTIONS], SectionResource(), SECTION_HEADERS)
        _explain(sheets[USERS], UserResource(), USER_HEADERS)
        users = sheets[USERS]
        # As text, or Excel would drop the zeros in front of a staff number.
        users.set_column(0, 0, column_width(10), workbook.add_format({"num_format": "@"}))
        for header, source in (
            ("役割", [role.value for role in Role]),
            (SECTION_OF_USER, f"='{SECTIONS}'!$A$2:$A${LAST_ROW}"),
        ):
            place = USER_HEADERS.index(header)
            # Several, separated by 、, are allowed: Excel does not refuse what is not in the list.
            choice = {"validate": "list", "source": source, "show_error": False}
            users.data_validation(1, place, LAST_ROW, place, choice)


def _explain(sheet: Worksheet, resource: TableResource, headers: tuple[str, ...]) -> None:
    """Put the note on each column to its header, as a comment."""
    columns: dict[str, Column] = {column.header: column for column in resource.columns}
    for place, header in enumerate(headers):
        column = columns[header]
        needed = "必ず入力します。" if column.part == Part.KEY else ""
        if text := needed + column.note:
            sheet.write_comment(0, place, text, {"x_scale": 1.6, "y_scale": 0.9})


class StaffImporter(SheetsImporter):
    """Takes in the workbook: sections first, then users, who may belong to new sections."""

    subject = TITLE
    table = "accounts.staff"
    resources = (SectionResource, UserResource)
    others = frozenset({HELP_SHEET})

    def set_up(self, resource: TableResource) -> None:
        super().set_up(resource)
        resource.offered_headers = SECTION_HEADERS if resource.subject == SECTIONS else USER_HEADERS

    def follows(self, fault: Fault, earlier: Sequence[Comparison]) -> bool:
        """Return whether a section of a user is unknown only because its own row was refused."""
        if fault.header != SECTION_OF_USER or not earlier:
            return False
        [sections] = earlier
        if any(one.row is None for one in sections.faults):
            return True
        refused = {one.row for one in sections.faults}
        rows = getattr(sections.document, "rows", ())
        named = {row.cells.get("名称", "") for row in rows if row.number in refused}
        unknown = set(names_in_cell(fault.cell)) - set(sections_by_name())
        return bool(unknown) and unknown <= named

    def notes_on(self, part: Comparison) -> list[RowNote]:
        return list(_doubts(part)) if part.document.sheet.strip() == USERS else []


def _doubts(part: Comparison) -> Iterator[RowNote]:
    """Yield new users who could do nothing after their log-in."""
    for change in part.added:
        told = {cell.name: cell.after for cell in change.fields}
        roles = set(told.get("役割", "").split("、"))
        if not roles & set(Role):
            text = "役割がありません。ログインしても、何も見られません。"
        elif roles & {Role.CLERK, Role.HEAD} and SECTION_OF_USER not in told:
            text = "担当課がありません。担当者と課長は、担当課の値だけを入力し、回答できます。"
        else:
            continue
        yield RowNote(change.row, change.label, text)
