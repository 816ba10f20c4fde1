"""Reads returned 評価シート: finds the cells by their keys, in whatever order the sheets are.

It reports everything that is wrong with the file. comparing.py reports what is wrong with the
texts.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from openpyxl.utils import get_column_letter

from reviews.measures.sheets.keys import (
    FIELD,
    KEYS,
    KPI_LABELS,
    LABEL,
    OUTLOOKS,
    TEXTS,
    CellKey,
    column_of,
    named_of_kpi,
    read_cell_key,
    sign_of_text,
)
from tables.importing import Document, Fault
from tables.sheet_cells import HELP_SHEET
from tables.sheets import Sheet, ShownCell, read_sheets
from tables.uploads import Format, Upload, UploadError

AS_HANDED_OUT = "「評価シートを受け取る」で受け取ったシートに入力し、もう一度選んでください。"
NAMED_SHEETS = 5


@dataclass(frozen=True)
class MeasureSheetFault(Fault):
    """An error on a sheet; at one cell of it if `row` and `column` are there."""

    sheet: str = ""
    column: int | None = None

    @property
    def place(self) -> str:
        """The cell: C12; "" for the sheet as a whole."""
        if self.row is None or self.column is None:
            return ""
        return f"{get_column_letter(self.column)}{self.row}"


@dataclass(frozen=True)
class FilledCell:
    """A cell that was there to be filled in, with its key. `label` is what its row is called."""

    row: int
    key: CellKey
    shown: ShownCell
    label: str

    @property
    def name(self) -> str:
        """What the field is called: the row of a KPI has two."""
        part = self.key.field.partition("-")[0]
        return named_of_kpi(self.label, part) if part in KPI_LABELS else self.label

    @property
    def text(self) -> str:
        return self.shown.text

    @property
    def is_touched(self) -> bool:
        """Whether somebody changed the cell since the sheet was written."""
        return bool(self.shown.fault) or sign_of_text(self.text) != self.key.written


@dataclass
class MeasureSheet:
    """The sheet of one measure; `cells` by field."""

    title: str
    cells: dict[str, FilledCell] = field(default_factory=dict)
    faults: list[MeasureSheetFault] = field(default_factory=list)

    @property
    def key(self) -> CellKey:
        """The key of any cell: plan, year, measure and version are those of the whole sheet."""
        return next(iter(self.cells.values())).key

    @property
    def is_touched(self) -> bool:
        """Whether somebody wrote on the sheet."""
        return any(cell.is_touched for cell in self.cells.values())

    def fault(self, message: str, name: str = "") -> MeasureSheetFault:
        """Return an error at the cell of a field, or of the whole sheet."""
        cell = self.cells.get(name)
        if cell is None:
            return MeasureSheetFault(message, sheet=self.title)
        return MeasureSheetFault(
            message, cell.row, cell.name, cell.text, sheet=self.title, column=column_of(name)
        )


@dataclass
class ReturnedSheets(Document):
    """A returned workbook, with its sheets in the order of the file."""

    sheets: list[MeasureSheet] = field(default_factory=list)

    def place_of(self, fault: Fault) -> str:
        if not isinstance(fault, MeasureSheetFault) or not fault.sheet:
            return super().place_of(fault)
        place = f"シート「{fault.sheet}」"
        return f"{place}の{fault.place}" if fault.place else place


def read_returned(upload: Upload) -> ReturnedSheets:
    """Return the sheets of a workbook. Raises UploadError if the file cannot be read."""
    if upload.kind != Format.XLSX:
        raise UploadError(
            f"ファイル「{upload.name}」は、Excelブック（.xlsx）ではありません。{AS_HANDED_OUT}"
        )
    document = ReturnedSheets(upload.name)
    unread = []
    for sheet in read_sheets(upload):
        if sheet.title == HELP_SHEET:
            continue
        if (found := _measure_sheet(sheet)) is None:
            unread.append(sheet.title)
        else:
            document.sheets.append(found)
            document.faults += found.faults
    if not document.sheets:
        document.faults.append(
            Fault(
                "この画面で受け取った評価シート（入力用）ではありません。"
                f"「報告書」から受け取る評価シートや、ほかの様式は取り込めません。{AS_HANDED_OUT}"
            )
        )
    elif unread:
        named = "」「".join(unread[:NAMED_SHEETS])
        more = f"ほか{len(unread) - NAMED_SHEETS}枚" if len(unread) > NAMED_SHEETS else ""
        document.notes.append(f"シート「{named}」{more}は取り込みません。")
    return document


def _measure_sheet(sheet: Sheet) -> MeasureSheet | None:
    """Return a sheet with its cells and faults; None if it has no key."""
    found = MeasureSheet(sheet.title)
    is_ours = False
    for row in sorted(sheet.rows):
        for column in KEYS:
            if not (text := sheet.cell(row, column).text):
                continue
            if key := read_cell_key(text):
                is_ours = True
                found.faults += _add(found, sheet, row, key, column)
            else:
                found.faults.append(_changed_key(sheet, row))
    if not found.cells:
        # Texts in these columns of somebody's own sheet are not changed keys.
        return None if not is_ours else found
    found.faults += _of_the_whole(found)
    return found


def _changed_key(sheet: Sheet, row: int) -> MeasureSheetFault:
    return MeasureSheetFault(
        "照合用の列が書き換えられているため、どの欄のことか分かりません。"
        f"この行の内容を控え、{AS_HANDED_OUT}",
        row,
        sheet.cell(row, LABEL).text,
        sheet.cell(row, FIELD).text,
        sheet=sheet.title,
        column=FIELD,
    )


def _add(
    found: MeasureSheet, sheet: Sheet, row: int, key: CellKey, column: int
) -> Iterator[MeasureSheetFault]:
    """Add a cell to the sheet; yield what is wrong with its place."""
    cell = FilledCell(row, key, sheet.cell(row, column_of(key.field)), sheet.cell(row, LABEL).text)
    if found.cells and key.about != found.key.about:
        yield MeasureSheetFault(
            "ほかのシートから写した行です。この行を消し、"
            "元のシートに入力してください。",
            row, cell.name, cell.text, sheet=sheet.title, column=column_of(key.field),
        )  # fmt: skip
    elif key.field in found.cells:
        yield MeasureSheetFault(
            f"「{cell.label}」の行が、{found.cells[key.field].row}行目にもあります。"
            "一つだけ残してください。",
            row, cell.name, cell.text, sheet=sheet.title, column=column_of(key.field),
        )  # fmt: skip
    else:
        found.cells[key.field] = cell
        yield from _beside(sheet, cell)


def _beside(sheet: Sheet, cell: FilledCell) -> Iterator[MeasureSheetFault]:
    """Yield texts to the right of a text's cell, where nobody would look for them."""
    if cell.key.field not in TEXTS:
        return
    for column in range(FIELD + 1, OUTLOOKS + 1):
        if text := sheet.cell(cell.row, column).text:
            yield MeasureSheetFault(
                f"「{cell.label}」の欄（{get_column_letter(FIELD)}{cell.row}）の外に"
                "入力されています。欄の中に移してください。",
                cell.row, cell.label, text, sheet=sheet.title, column=column,
            )  # fmt: skip


def _of_the_whole(found: MeasureSheet) -> Iterator[MeasureSheetFault]:
    """Yield the texts that no longer have a row."""
    if missing := [name for name in TEXTS if name not in found.cells]:
        yield MeasureSheetFault(
            f"欄が{len(missing)}つ足りません。行を消したり、列を動かしたりすると取り込めません。"
            + AS_HANDED_OUT,
            sheet=found.title,
        )
