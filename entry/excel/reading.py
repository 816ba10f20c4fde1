"""Reads a returned form: finds its header and its rows even if they were moved.

It reports everything that is wrong with the file as a form. entry/excel/comparing.py reports what
is wrong with the values.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, TypeVar

from openpyxl.utils import get_column_letter

from entry.excel.columns import VALUES_FORM, FormKey, FormKind, normal
from japanese.fiscal_years import full_label
from tables.importing import SHOWN_FAULTS, Document, Fault, rows_named
from tables.sheets import NO_CELL, Sheet, ShownCell, Span, read_sheets
from tables.uploads import Upload

SEARCHED_ROWS = 100
"""The header must be within the first rows of the sheet."""

MOST_OF_ONE = 10
"""How many rows of the same indicator are checked: the work must not grow with copied rows."""

AS_DOWNLOADED = "「Excel様式を受け取る」で受け取った様式に入力し、もう一度選んでください。"

K = TypeVar("K", bound=FormKey)


@dataclass(frozen=True)
class FormRow(Generic[K]):
    """One row of a form: its number in the sheet, its key, its cells.

    `unit` is the display unit in which its value was written and is typed; "" in other forms.
    """

    number: int
    key: K
    name: str
    unit: str
    cells: Mapping[str, ShownCell]
    """Field -> cell; includes empty cells."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is filled in."""
        return not any(cell.text or cell.fault for cell in self.cells.values())


@dataclass
class FilledForm(Document, Generic[K]):
    """A returned form; its rows are in the order of the sheet."""

    rows: list[FormRow[K]] = field(default_factory=list)
    kind: FormKind = VALUES_FORM

    def subject_of(self, fault: Fault) -> str:
        """Return the name of what a fault is about; "" if there is none."""
        return self._names.get(fault.row, "")

    @cached_property
    def _names(self) -> dict[int | None, str]:
        return {row.number: row.name for row in self.rows}


def read_form(upload: Upload, fiscal_year: int, kind: FormKind = VALUES_FORM) -> FilledForm[Any]:
    """Return the form of a year from a file. Raises UploadError if the file cannot be read.

    Anything wrong with the form, such as another year, is in `faults`; then rows may be missing.
    """
    form: FilledForm[Any] = FilledForm(upload.name, kind=kind)
    sheets = read_sheets(upload)
    found = [(sheet, row) for sheet in sheets if (row := _header_row(sheet, kind)) is not None]
    if chosen := _chosen(found, form):
        sheet, header_row = chosen
        form.sheet = sheet.title
        _find_columns(form, sheet, header_row)
        if not form.faults:
            _read_rows(form, sheet, header_row, fiscal_year)
    return form


def _header_row(sheet: Sheet, kind: FormKind) -> int | None:
    """Return the index of the header row; None if the sheet is not a form."""
    for row in sorted(sheet.rows)[:SEARCHED_ROWS]:
        texts = {normal(sheet.cell(row, column).text) for column in sheet.rows[row]}
        if normal(kind.first) not in texts and normal(kind.title) not in texts:
            continue
        if normal(kind.key) in texts or {normal(kind.title), normal(kind.first)} <= texts:
            return row
    return None


def _chosen(found: Sequence[tuple[Sheet, int]], form: FilledForm) -> tuple[Sheet, int] | None:
    """Choose among the sheets that look like a form: by name, or the only one."""
    kind = form.kind
    named = [one for one in found if one[0].title == kind.sheet]
    if len(named or found) == 1:
        chosen = (named or found)[0]
        if others := [sheet.title for sheet, _ in found if sheet is not chosen[0]]:
            form.notes.append(
                f"取り込むのは、シート「{kind.sheet}」だけです。シート{_named(others)}は取り込みません。"
            )
        return chosen
    if found:
        titles = _named([sheet.title for sheet, _ in found])
        message = (
            f"様式のシートが{len(found)}枚あります（{titles}）。取り込むシートの名前を"
            f"「{kind.sheet}」にしてください。"
        )
    else:
        message = (
            f"{kind.name}ではありません（見出し「{kind.title}」「{kind.first}」の行が"
            f"ありません）。{AS_DOWNLOADED}"
        )
    form.faults.append(Fault(message))
    return None


SHEETS_NAMED = 5
"""How many sheets a message names."""


def _named(titles: Sequence[str]) -> str:
    """Name sheets: 「a」「b」, of many the first ones and how many more."""
    named = "".join(f"「{title}」" for title in titles[:SHEETS_NAMED])
    more = len(titles) - SHEETS_NAMED
    return f"{named}ほか{more}枚" if more > 0 else named


def _find_columns(form: FilledForm, sheet: Sheet, header_row: int) -> None:
    """Locate the columns; report missing and duplicate ones."""
    known = {normal(header): header for header in form.kind.headers}
    for column in sorted(sheet.rows[header_row]):
        header = known.get(normal(sheet.cell(header_row, column).text))
        if header is None:
            continue  # an earlier year, or a column that somebody added
        if header in form.columns and header in form.kind.needed and header != form.kind.also:
            letters = "と".join(map(get_column_letter, (form.columns[header], column)))
            message = (
                f"見出し「{header}」の列が二つあります（{letters}列）。一つを削除するか、"
                "見出しを変えてください。"
            )
            form.faults.append(Fault(message, header_row))
        else:
            form.columns.setdefault(header, column)
    for header in form.kind.needed:
        if header not in form.columns:
            message = f"見出し「{header}」の列がありません。見出しを元に戻すか、{AS_DOWNLOADED}"
            form.faults.append(Fault(message, header_row))


def _read_rows(form: FilledForm, sheet: Sheet, header_row: int, fiscal_year: int) -> None:
    kind = form.kind
    merged = list(_merged_faults(form, sheet, header_row))
    rows, unknown = [], []
    for number in sorted(row for row in sheet.rows if row > header_row):
        cells = {
            name: sheet.cell(number, form.columns[header]) for name, header in kind.filled.items()
        }
        text = sheet.cell(number, form.columns[kind.key]).text
        is_filled = any(cell.text or cell.fault for cell in cells.values())
        if not text and not is_filled:
            continue  # blank, or a note below the table
        key = kind.read_key(text) if text else None
        if key is None:
            unknown.append((number, text))
        else:
            name = sheet.cell(number, form.columns.get(kind.title, 0)).text
            unit = sheet.cell(number, form.columns[kind.also]).text if kind.also else ""
            rows.append(FormRow(number, key, name, unit, cells))
    foreign = _foreign(rows, unknown, fiscal_year, kind)
    if foreign:
        form.faults.append(Fault(foreign))
        return
    groups = _by_subject(rows)
    form.rows = sorted(
        (row for same in groups for row in same[:MOST_OF_ONE]), key=lambda row: row.number
    )
    form.faults += merged
    form.faults += [Fault(_no_key(text, kind), number) for number, text in unknown[:SHOWN_FAULTS]]
    if len(unknown) > SHOWN_FAULTS:
        form.faults.append(Fault(_no_key_either(len(unknown) - SHOWN_FAULTS, kind)))
    form.faults += _twice(groups, kind)
    form.faults.sort(key=lambda fault: fault.row or 0)


def _foreign(
    rows: Sequence[FormRow], unknown: Sequence[tuple[int, str]], fiscal_year: int, kind: FormKind
) -> str:
    """Return why no row of the file can be ours; "" if some are."""
    years = {row.key.fiscal_year for row in rows}
    if not rows and not unknown:
        return f"{kind.thing}の行がありません。{AS_DOWNLOADED}"
    if not rows:
        return (
            f"このシステムで作った様式ではないか、照合用の列が書き換えられています。{AS_DOWNLOADED}"
        )
    if fiscal_year not in years:
        of = "、".join(map(full_label, sorted(years)))
        return (
            f"この様式は、{of}のものです。{full_label(fiscal_year)}には取り込めません。"
            f"{of}の画面で取り込むか、{full_label(fiscal_year)}の様式に入力してください。"
        )
    return ""


def _no_key(text: str, kind: FormKind) -> str:
    if text:
        return (
            f"照合用の列が書き換えられているため、どの{kind.thing}のことか分かりません。"
            f"この行の内容を控え、{AS_DOWNLOADED}"
        )
    return (
        "様式にない行に入力されています。行を追加しても取り込めません。"
        f"様式にある{kind.thing}の行に入力し、この行は消してください。"
    )


def _no_key_either(count: int, kind: FormKind) -> str:
    return (
        f"様式にない行への入力が、ほかに{count:,}行あります。"
        f"様式にある{kind.thing}の行に入力し、それらの行は消してください。"
    )


def _by_subject(rows: Sequence[FormRow]) -> list[list[FormRow]]:
    """Return the rows in groups of the same year about the same."""
    groups: dict[tuple[int, Hashable], list[FormRow]] = {}
    for row in rows:
        groups.setdefault((row.key.fiscal_year, row.key.subject), []).append(row)
    return list(groups.values())


def _twice(groups: Sequence[Sequence[FormRow]], kind: FormKind) -> Iterator[Fault]:
    for same in groups:
        numbers = [row.number for row in same]
        for row in same[:MOST_OF_ONE] if len(same) > 1 else ():
            others = rows_named(numbers, row.number)
            message = (
                f"同じ{kind.thing}の行が、ほかにもあります（{others}）。一つだけ残してください。"
            )
            yield Fault(message, row.number, kind.title, row.name)


def _merged_faults(form: FilledForm, sheet: Sheet, header_row: int) -> Iterator[Fault]:
    """Report merged cells, because it is unclear which row their value belongs to."""
    headers = {column: header for header, column in form.columns.items()}
    filled = {form.columns[header] for header in form.kind.filled.values()}
    for span in sheet.merged:
        columns = filled & set(range(span.first_column, span.last_column + 1))
        if span.first_row <= header_row or not columns:
            continue
        over_rows = span.last_row > span.first_row
        holder = sheet.cell(span.first_row, span.first_column)
        if holder == NO_CELL or not (over_rows or span.first_column not in filled):
            continue
        message = (
            f"{_area(span)}が一つに結合されているため、どの欄の値か決められません。"
            "結合を解除し、欄ごとに入力してください。"
        )
        header = headers[min(columns)]
        yield Fault(message, span.first_row, header, holder.text)


def _area(span: Span) -> str:
    first = f"{get_column_letter(span.first_column)}{span.first_row}"
    return f"{first}:{get_column_letter(span.last_column)}{span.last_row}"
