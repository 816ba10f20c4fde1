"""Reads the sheets of a filled-in 計画様式.xlsx into rows of texts, wherever their columns stand.

It knows nothing about plans: describing.py makes a plan of the rows.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from openpyxl.utils import get_column_letter

from indicators.plan_words import STANDARD_WORDS, Words, check_words, words_from
from japanese.fiscal_years import read_fiscal_year
from plans.workbook.columns import (
    CONTENT,
    EXAMPLE_MARK,
    GOALS,
    ITEM,
    ITEM_PARTS,
    NOT_OF_THE_CITY_MARK,
    PLAN_TITLE,
    Item,
    SheetPlan,
    same,
    sheets_in,
)
from plans.workbook.examples import EXAMPLES
from tables.importing import Document, Fault
from tables.sheet_cells import HELP_SHEET
from tables.sheets import NO_CELL, Sheet, ShownCell, read_sheets
from tables.uploads import Upload

SEARCHED_ROWS = 30
"""The headers must be within the first rows of a sheet."""


@dataclass(frozen=True)
class CellFault(Fault):
    """An error in one cell of one sheet of a workbook; `sheet` is "" for the whole file."""

    sheet: str = ""
    column: int | None = None
    subject: str = ""


@dataclass(frozen=True)
class BookRow:
    """A row: its sheet's key and title, its number, and the cells by column."""

    sheet: str
    title: str
    number: int
    cells: Mapping[str, ShownCell]
    columns: Mapping[str, int]
    example: bool = False

    def text(self, key: str) -> str:
        return self.cells.get(key, NO_CELL).text

    def fault(self, key: str, message: str) -> CellFault:
        """Return an error at a cell of this row; at its first cell if the column is missing."""
        column = self.columns.get(key) or min(self.columns.values(), default=1)
        subject = self.text("name") or self.text("title")
        return CellFault(message, row=self.number, sheet=self.title, column=column, subject=subject)


@dataclass
class PlanBook(Document):
    """A workbook that was read: the items of its sheet 計画 and the rows of the others."""

    items: dict[str, BookRow] = field(default_factory=dict)
    """Key of an item -> its line; the content is the cell "content"."""

    rows: dict[str, list[BookRow]] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    """Key of a sheet -> its title in this workbook."""
    doubts: list[CellFault] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)
    """Keys of the sheets whose headers are not right; their rows are not read."""

    def cell_of(self, fault: Fault) -> str:
        if not isinstance(fault, CellFault) or fault.row is None or fault.column is None:
            return ""
        return f"{get_column_letter(fault.column)}{fault.row}"

    def place_of(self, fault: Fault) -> str:
        if not isinstance(fault, CellFault) or not fault.sheet:
            return "ファイル全体"
        cell = self.cell_of(fault)
        return f"シート「{fault.sheet}」の{cell}" if cell else f"シート「{fault.sheet}」"

    def subject_of(self, fault: Fault) -> str:
        return fault.subject if isinstance(fault, CellFault) else ""

    def of(self, sheet: str) -> list[BookRow]:
        return self.rows.get(sheet, [])


def read_plan_book(upload: Upload) -> PlanBook:
    """Return the workbook of a plan. Raises UploadError if the file cannot be read.

    What is wrong with it as a form is in `faults`; then rows may be missing.
    """
    book = PlanBook(upload.name)
    sheets = read_sheets(upload)
    left = list(sheets)
    if plan := _take(left, PLAN_TITLE, ("計画の概要", "計画概要", "基本情報")):
        book.sheet = plan.title
        _read_items(book, plan)
    for of in sheets_in(words_of_book(book.items)):
        if sheet := _take(left, of.title, of.also):
            book.titles[of.key] = sheet.title
            _read_table(book, of, sheet)
    if plan is None and GOALS.key not in book.titles:
        book.faults = [
            CellFault(
                f"計画様式ではありません（シート「{PLAN_TITLE}」も「{GOALS.title}」もありません）。"
                "「計画様式を受け取る」で受け取ったブックに書いて、もう一度選んでください。"
            )
        ]
        return book
    for title, why in ((PLAN_TITLE, plan is None), (GOALS.title, GOALS.key not in book.titles)):
        if why:
            book.faults.append(
                CellFault(
                    f"シート「{title}」がありません。計画様式のシートを元に戻し、"
                    "もう一度選んでください。"
                )
            )
    others = [one.title for one in left if one.rows and same(one.title) != same(HELP_SHEET)]
    if others:
        named = "".join(f"「{title}」" for title in others[:5])
        book.notes.append(f"シート{named}は、計画様式のシートではないため、読みません。")
    return book


def _take(left: list[Sheet], title: str, also: tuple[str, ...]) -> Sheet | None:
    """Take the sheet of this name out of those that are left; None if there is none."""
    for name in (title, *also):
        for sheet in left:
            if same(sheet.title) == same(name):
                left.remove(sheet)
                return sheet
    return None


# --- The sheet 計画 --------------------------------------------------------------------------


def _item_names() -> dict[str, Item]:
    names: dict[str, Item] = {}
    for _, items in ITEM_PARTS:
        for item in items:
            for name in (item.name, *item.also):
                names.setdefault(same(name), item)
    return names


def _read_items(book: PlanBook, sheet: Sheet) -> None:
    """Read the lines of 計画: the cell right of an item's name, or below the header 内容."""
    names = _item_names()
    beside = _content_column(sheet)
    for number in sorted(sheet.rows):
        for column in sorted(sheet.rows[number]):
            item = names.get(same(sheet.cell(number, column).text))
            if item is None or item.key in book.items:
                continue
            place = beside if beside and beside > column else column + 1
            cell = sheet.cell(number, place)
            book.items[item.key] = BookRow(
                "plan",
                sheet.title,
                number,
                {"content": cell, "name": ShownCell(item.name)},
                {"content": place},
            )
            break


def words_as_typed(items: Mapping[str, BookRow]) -> dict[str, Any]:
    """Return the words of the plan on the sheet 計画, as JSON; not yet checked."""
    typed: dict[str, Any] = {}
    for key, row in items.items():
        level, word = key.removeprefix("words."), row.text("content").strip()
        if level == key or not word:
            continue
        typed[level] = (
            [_category(one) for one in word.split("、")] if level == "categories" else word
        )
    return typed


def _category(typed: str) -> dict[str, Any]:
    name = typed.strip()
    if name.endswith(NOT_OF_THE_CITY_MARK):
        return {"name": name.removesuffix(NOT_OF_THE_CITY_MARK), "not_of_city": True}
    return {"name": name}


def words_of_book(items: Mapping[str, BookRow]) -> Words:
    """Return the words of the plan; the standard ones where those that are typed are wrong."""
    typed = words_as_typed(items)
    return STANDARD_WORDS if check_words(typed) else words_from(typed)


def _content_column(sheet: Sheet) -> int | None:
    for number in sorted(sheet.rows)[:SEARCHED_ROWS]:
        texts = {same(sheet.cell(number, one).text): one for one in sheet.rows[number]}
        if same(ITEM) in texts and same(CONTENT) in texts:
            return texts[same(CONTENT)]
    return None


# --- The sheets with a row for each object ------------------------------------------------------


def _headers(of: SheetPlan) -> dict[str, str]:
    """Return the key of a column by each of its headers; a header counts for its own column."""
    names: dict[str, str] = {}
    for column in of.columns:
        names.setdefault(same(column.header), column.key)
    for column in of.columns:
        for name in column.also:
            names.setdefault(same(name), column.key)
    return names


def _year_of(text: str) -> int | None:
    if not text:
        return None
    try:
        return read_fiscal_year(text)
    except ValueError:
        pass
    short = re.match(r"(.+?)[(（]([0-9]{4})年?度?[)）]", text)
    try:
        return read_fiscal_year(short[1]) if short else None
    except ValueError:
        return None


def _read_table(book: PlanBook, of: SheetPlan, sheet: Sheet) -> None:
    found = _header_row(of, sheet)
    if found is None:
        _refuse_without_headers(book, of, sheet)
        return
    columns = _columns(book, of, sheet, found)
    if of.key in book.unread:
        return
    mark = _mark_column(sheet, found)
    _doubt_columns_without_header(book, sheet, found)
    filled = dict(_spread(book, of, sheet, columns))
    above: dict[str, ShownCell] = {}
    for number in sorted(row for row in sheet.rows if row > found):
        if _is_empty(sheet, number, columns):
            continue
        cells = {
            key: filled.get((number, column), sheet.cell(number, column))
            for key, column in columns.items()
        }
        if _is_header(of, cells):
            continue
        if mark is not None and same(sheet.cell(number, mark).text) == same(EXAMPLE_MARK):
            _check_example(book, of, sheet, number, columns)
            continue
        above = _inherit(of, cells, above)
        book.rows.setdefault(of.key, []).append(
            BookRow(of.key, sheet.title, number, cells, columns)
        )


def _refuse_without_headers(book: PlanBook, of: SheetPlan, sheet: Sheet) -> None:
    """Report that the headers are missing; an empty sheet needs none."""
    if not sheet.rows:
        return
    book.unread.add(of.key)
    names = "「" + "」「".join(of.column(key).header for key in of.required) + "」"
    book.faults.append(
        CellFault(
            f"見出し{names}の行がありません。見出しを元に戻し、もう一度選んでください。",
            sheet=sheet.title,
        )
    )


def _is_empty(sheet: Sheet, number: int, columns: Mapping[str, int]) -> bool:
    cells = (sheet.cell(number, column) for column in columns.values())
    return not any(cell.text or cell.fault for cell in cells)


def _inherit(
    of: SheetPlan, cells: dict[str, ShownCell], above: dict[str, ShownCell]
) -> dict[str, ShownCell]:
    """Fill empty cells with what stands above; return what the next row inherits."""
    for key in (column.key for column in of.columns if column.is_inherited):
        if key not in cells:
            continue
        if not cells[key].text and not cells[key].fault:
            cells[key] = above.get(key, NO_CELL)
        elif cells[key] != above.get(key):
            above = _begun(of, above, key) | {key: cells[key]}
    return above


def _check_example(
    book: PlanBook, of: SheetPlan, sheet: Sheet, number: int, columns: Mapping[str, int]
) -> None:
    """Note an example row that somebody has typed over: it would not be read."""
    # Years are left out: people change the headers of the years for their plan.
    said = {
        key: same(sheet.cell(number, column).text)
        for key, column in columns.items()
        if not key.startswith("year.")
    }
    typed = {key: text for key, text in said.items() if text}
    known = [
        {key: same(str(text)) for key, text in one.items() if text and key in said}
        for one in EXAMPLES.get(of.key, ())
    ]
    if typed and typed not in known:
        column = next(iter(columns.values()))
        book.faults.append(
            CellFault(
                f"「{EXAMPLE_MARK}」の行に書かれています。この行は読みません。計画の内容なら、左端の"
                f"「{EXAMPLE_MARK}」を消してください。要らなければ、行を空にしてください。",
                row=number,
                sheet=sheet.title,
                column=column,
                subject=typed.get("name") or typed.get("title") or "",
            )
        )


def _begun(of: SheetPlan, above: dict[str, ShownCell], key: str) -> dict[str, ShownCell]:
    """Forget what columns right of one said: another 基本目標 has other 区分."""
    keys = [column.key for column in of.columns]
    return {one: cell for one, cell in above.items() if keys.index(one) < keys.index(key)}


def _header_row(of: SheetPlan, sheet: Sheet) -> int | None:
    """Return the row that has the headers of all required columns, or most of any."""
    names = _headers(of)
    best: tuple[int, int] | None = None
    for number in sorted(sheet.rows)[:SEARCHED_ROWS]:
        keys = {
            names[text]
            for column in sheet.rows[number]
            if (text := same(sheet.cell(number, column).text)) in names
        }
        if set(of.required) <= keys and (best is None or len(keys) > best[0]):
            best = len(keys), number
    return best[1] if best else None


def _columns(book: PlanBook, of: SheetPlan, sheet: Sheet, header_row: int) -> dict[str, int]:
    names, unknown = _headers(of), []
    columns: dict[str, int] = {}
    own = {same(column.header): column.key for column in of.columns}
    found = [
        (column, sheet.cell(header_row, column).text) for column in sorted(sheet.rows[header_row])
    ]
    present = {own[same(text)] for _, text in found if same(text) in own}
    for column, text in found:
        name = same(text)
        key = own.get(name)
        if key is None and names.get(name) not in present:
            key = names.get(name)
        if key is None and of.by_year and (year := _year_of(text)) is not None:
            key = f"year.{year}"
        if key is None:
            if text and name != same(EXAMPLE_MARK):
                unknown.append(text)
        elif key in columns:
            book.unread.add(of.key)
            letters = f"{get_column_letter(columns[key])}と{get_column_letter(column)}"
            book.faults.append(
                CellFault(
                    f"見出し「{text}」の列が二つあります（{letters}列）。一つを削除するか、"
                    "見出しを変えてください。",
                    row=header_row,
                    sheet=sheet.title,
                    column=column,
                )
            )
        else:
            columns[key] = column
    if unknown:
        named = "".join(f"「{text}」" for text in unknown[:5])
        more = f"など{len(unknown)}列" if len(unknown) > 5 else "の列"
        book.notes.append(f"シート「{sheet.title}」の{named}{more}は、様式にないため読みません。")
    return columns


def _doubt_columns_without_header(book: PlanBook, sheet: Sheet, header_row: int) -> None:
    """Name columns that have contents below an empty header, left of the last header."""
    headers = {c for c in sheet.rows[header_row] if sheet.cell(header_row, c).text}
    filled: dict[int, int] = {}
    for row in sorted(sheet.rows):
        if row > header_row:
            for column in sheet.rows[row]:
                if sheet.cell(row, column).text:
                    filled.setdefault(column, row)
    for column in sorted(filled.keys() - headers):
        if column < max(headers):
            letter = get_column_letter(column)
            book.doubts.append(
                CellFault(
                    f"{letter}列は、見出しが空欄のため読みません。"
                    "計画の内容なら、見出しを書いてください。",
                    row=header_row,
                    sheet=sheet.title,
                    column=column,
                )
            )


def _mark_column(sheet: Sheet, header_row: int) -> int | None:
    for column in sheet.rows[header_row]:
        if same(sheet.cell(header_row, column).text) == same(EXAMPLE_MARK):
            return column
    return None


def _is_header(of: SheetPlan, cells: Mapping[str, ShownCell]) -> bool:
    """Whether a row is the headers once more, as where a long table was printed on pages."""
    headers = {column.key: same(column.header) for column in of.columns}
    said = {key: same(cell.text) for key, cell in cells.items() if cell.text}
    return len(said) > 1 and all(headers.get(key) == text for key, text in said.items())


_SPREAD = ("unit", "section", "entered_by", "category")
"""Columns of which a merged cell says the same for each of its rows, as inherited ones do."""


def _spread(
    book: PlanBook, of: SheetPlan, sheet: Sheet, columns: Mapping[str, int]
) -> Iterator[tuple[tuple[int, int], ShownCell]]:
    """Yield the content of merged cells for each of their rows, in their first column.

    A name or a number that is merged over rows belongs to one of them, and which is not said.
    """
    keys = {column: key for key, column in columns.items()}
    same_below = {column.key for column in of.columns if column.is_inherited} | {*_SPREAD}
    for span in sheet.merged:
        key = keys.get(span.first_column)
        holder = sheet.cell(span.first_row, span.first_column)
        if key is None or span.first_row == span.last_row or holder == NO_CELL:
            continue
        if key in same_below:
            for row in range(span.first_row, min(span.last_row, max(sheet.rows)) + 1):
                yield (row, span.first_column), holder
        elif (
            len(
                [
                    row
                    for row in sheet.rows
                    if span.first_row <= row <= span.last_row and _own(sheet, row, columns)
                ]
            )
            > 1
        ):
            book.faults.append(
                CellFault(
                    "セルが縦に結合されているため、どの行の内容か決められません。結合を解除し、"
                    "行ごとに入力してください。",
                    row=span.first_row,
                    sheet=sheet.title,
                    column=span.first_column,
                    subject=holder.text,
                )
            )


def _own(sheet: Sheet, row: int, columns: Mapping[str, int]) -> bool:
    """Whether a row has a content of its own in more than one of the known columns."""
    return sum(bool(sheet.cell(row, column).text) for column in columns.values()) > 0
