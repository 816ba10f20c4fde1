"""Reads the 数値目標 of a goal and the KPI of a measure: name and official sentence."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from japanese.numerals import half_width
from plans.list_text import columns as column_roles
from plans.list_text.columns import ListColumn, ListColumns
from plans.list_text.lines import Habits, Line, is_remark, is_unfinished, joined, style_of
from plans.list_text.listing_texts import (
    begins_as_sentence,
    goes_on_in,
    is_whole,
    split_listing,
    without_arrow,
)
from plans.list_text.markers import Marker, read_marker
from plans.list_text.outline import ListSection, ListTable, jump_text
from plans.list_text.result import Extra, Notes, Place
from plans.list_text.tabbed_rows import TabbedRow, tabbed_rows

NOTE = re.compile(r"[※＊]|\*|[（(]?注[）)：:\d０-９]")
"""How a remark below a table begins."""

# Lines of one listing: 指標：就農者数, 基準値（R1）：5人, 目標値 10人.
_VALUE = re.compile(
    r"[・○●-]?\s*(?P<word>基準|現状|現況|目標)値\s*(?P<year>\([^()]*\))?\s*(?::|\s)\s*(?=\S)"
)
_NAME = re.compile(r"[・○●-]?\s*(?:指標名?|KPI|項目)\s*:\s*(?=\S)")

PlaceOf = Callable[[int], Place]


@dataclass
class ListingDraft:
    """A listing that is being put together from its lines."""

    line: int
    number: int | None
    parts: list[str]
    values: dict[str, str] = field(default_factory=dict)
    """基準値 and 目標値 on lines of their own, by the role of such a column."""
    name_parts: list[str] = field(default_factory=list)
    """What came before a line that begins with the sentence."""
    doubts: list[str] = field(default_factory=list)

    @property
    def whole(self) -> str:
        return joined(self.name_parts + self.parts)

    def name_and_sentence(self) -> tuple[str, str, bool] | None:
        """Return name, sentence and whether a sign parts them; None while one is missing."""
        if self.name_parts:
            return joined(self.name_parts), without_arrow(joined(self.parts)), True
        found = split_listing(joined(self.parts))
        return (found.name, found.sentence, found.is_marked) if found else None


def read_listings(
    section: ListSection, place_of: PlaceOf, habits: Habits, notes: Notes
) -> list[dict[str, Any]]:
    """Return the listings of a section as position, name and sentence.

    `place_of` gives the place of a position. What has no sentence is unplaced.
    """
    reader = _Reader(place_of, habits, notes)
    for table in section.tables:
        reader.read(table)
    return reader.listings


class _Reader:
    def __init__(self, place_of: PlaceOf, habits: Habits, notes: Notes) -> None:
        self.place_of = place_of
        self.habits = habits
        self.notes = notes
        self.listings: list[dict[str, Any]] = []

    def read(self, table: ListTable) -> None:
        if any(line.has_tabs for line in table.lines):
            lines = self._without_notes(table.lines)
            width = len(table.columns.columns) if table.columns else None
            for row in tabbed_rows(lines, width, _Signs(table.columns)):
                self._finish_row(row, table.columns)
            return
        if table.columns and _has_values(table.columns):
            self._read_spaced_table(self._without_notes(table.lines), table.columns)
            return
        for draft in self._drafts(table.lines):
            self._finish(draft)

    def _without_notes(self, lines: list[Line]) -> list[Line]:
        kept = []
        for line in lines:
            if NOTE.match(line.text):
                self.notes.unplace(line.number, line.text, "注記です。")
            else:
                kept.append(line)
        return kept

    # --- Lines of text ----------------------------------------------------------------------

    def _drafts(self, lines: list[Line]) -> list[ListingDraft]:
        drafts: list[ListingDraft] = []
        before: Line | None = None
        style = style_of(lines)
        for line in self._without_notes(lines):
            marker = read_marker(line.text) if style else None
            if label := _VALUE.match(half_width(line.text)):
                self._take_value(drafts, line, label)
                continue
            if label := _NAME.match(half_width(line.text)):
                drafts.append(ListingDraft(line.number, None, [line.text[label.end() :].strip()]))
            elif marker and marker.style == style:
                drafts.append(_begun(line, marker))
            elif drafts and before and self._goes_on(drafts[-1], before, line, bool(style)):
                _append(drafts[-1], line)
            elif is_remark(line.text):
                self.notes.unplace(line.number, line.text, "注記です。")
                continue
            elif style and (drafts or not split_listing(line.text)):
                reason = "前の項目の続きとも、次の項目とも分かりません。"
                self.notes.unplace(line.number, line.text, reason)
                continue
            else:
                drafts.append(_begun(line, None))
            before = line
        return drafts

    def _take_value(self, drafts: list[ListingDraft], line: Line, label: re.Match[str]) -> None:
        """Take a line such as 目標値（R6） 10人 for the listing above it."""
        role = column_roles.TARGET if label["word"] == "目標" else column_roles.BASELINE
        if not drafts or role in drafts[-1].values or drafts[-1].name_and_sentence():
            self.notes.unplace(line.number, line.text, "どの指標の値か分かりません。")
            return
        drafts[-1].values[role] = line.text[label.end() :].strip() + (label["year"] or "")

    def _goes_on(self, draft: ListingDraft, before: Line, line: Line, is_marked: bool) -> bool:
        """Return whether a line is the rest of the listing above it."""
        said = draft.name_and_sentence()
        if self.habits.breaks_inside(before) or is_unfinished(before.text):
            return True
        if said:
            if not is_marked and split_listing(line.text):
                return False
            return goes_on_in(said[1], line.text)
        if before.text.endswith("。"):
            return False
        # A closed cell that has no sentence is not part of the next line's name.
        is_own_cell = self.habits.closes and before.is_closed
        return not (is_own_cell and split_listing(line.text) is not None)

    def _finish(self, draft: ListingDraft) -> None:
        said = draft.name_and_sentence()
        target = draft.values.get(column_roles.TARGET)
        if target and not said:
            baseline = draft.values.get(column_roles.BASELINE)
            sentence = f"{baseline}→{target}" if baseline else target
            draft.doubts.append(f"値の行から、目標の文を「{sentence}」としました。")
            said = draft.whole, sentence, True
        if not said:
            reason = "目標の文が見つからないため、指標として読めません。"
            whole = " ".join([draft.whole, *draft.values.values()])
            self.notes.unplace(draft.line, whole, reason)
            return
        name, sentence, is_marked = said
        doubts = list(draft.doubts)
        if not is_marked:
            doubts.append(f"指標名は「{name}」まで、目標の文は「{sentence}」からと読みました。")
        self._add(draft.line, draft.number, (name, sentence), doubts)

    def _add(
        self, line: int, number: int | None, said: tuple[str, str], doubts: list[str]
    ) -> Place:
        used = [listing["position"] for listing in self.listings]
        following = max(used, default=0) + 1
        position = number if number and number not in used else following
        place = self.place_of(position)
        if number and number != position:
            doubts.append(f"番号{number}は前にもあるため、続きの{position}としました。")
        elif number and number != following:
            doubts.append(jump_text(following - 1, number))
        for text in doubts:
            self.notes.doubt(place, line, text)
        name, sentence = said
        self.listings.append({"position": position, "name": name, "sentence": sentence})
        return place

    # --- Tables -----------------------------------------------------------------------------

    def _read_spaced_table(self, lines: list[Line], columns: ListColumns) -> None:
        """Read a table with values whose cells have only blanks between them."""
        above: Line | None = None
        for line in lines:
            words = line.text.split()
            if above:
                # A word alone was the first line of a long name.
                doubt = joined_text(above.text, words[0])
                self._read_spaced(above, [above.text + words[0], *words[1:]], columns, [doubt])
                above = None
            elif len(words) == 1:
                above = line
            else:
                self._read_spaced(line, words, columns, [])
        if above:
            self._read_spaced(above, [above.text], columns, [])

    def _read_spaced(
        self, line: Line, words: list[str], columns: ListColumns, doubts: list[str]
    ) -> None:
        missing = len(columns.columns) - len(words)
        if missing:
            names = [c.role for c in columns.columns].index(column_roles.NAME)
            is_long_name = missing < 0
            if not is_long_name:
                reason = "表の列の数に足りないため、どの列の値か分かりません。"
                self.notes.unplace(line.number, " ".join(words), reason)
                return
            words[names : names + 1 - missing] = [" ".join(words[names : names + 1 - missing])]
        row = TabbedRow(line.number, words, [])
        if missing:
            doubts.append(f"空白の多い行です。指標名を「{words[names]}」と読みました。")
        self._finish_row(row, columns, doubts)

    def _finish_row(
        self, row: TabbedRow, columns: ListColumns | None, doubts: list[str] | None = None
    ) -> None:
        doubts = [*(doubts or []), *(joined_text(*pair) for pair in row.joins)]
        named = columns.columns if columns else _unnamed(row.cells)
        if len(row.cells) > len(named):
            whole = " ".join(cell for cell in row.cells if cell)
            reason = "表の列より多くのセルがあり、どの列の値か分かりません。"
            self.notes.unplace(row.line, whole, reason)
            return
        cells = {c.role: cell for c, cell in zip(named, row.cells, strict=False) if cell}
        number, name = _numbered(cells)
        sentence, is_made = _sentence(named, cells)
        if not name or not sentence:
            whole = " ".join(cell for cell in row.cells if cell)
            split = None if columns else split_listing(whole)
            if not split:
                reason = "目標の文が見つからないため、指標として読めません。"
                self.notes.unplace(row.line, whole, reason)
                return
            name, sentence = split.name, split.sentence
        if is_made:
            doubts.append(f"表の列から、目標の文を「{sentence}」としました。")
        place = self._add(row.line, number, (name, without_arrow(sentence)), doubts)
        for column, cell in zip(named, row.cells, strict=False):
            if column.role == column_roles.OTHER and cell:
                self.notes.extras.append(Extra(place, column.header, cell, row.line))


@dataclass(frozen=True)
class _Signs:
    """Where rows of listings begin: at a number, or below a sentence that is whole."""

    columns: ListColumns | None

    def begins(self, row: list[str], cells: list[str]) -> bool:
        return read_marker(cells[0]) is not None

    def is_next(self, row: list[str]) -> bool:
        last = self.columns.columns[-1].role if self.columns else column_roles.TARGET
        return last != column_roles.TARGET or is_whole(row[-1])

    def is_full(self, cell: str) -> bool:
        return False


def _has_values(columns: ListColumns) -> bool:
    return columns.has(column_roles.TARGET)


def _begun(line: Line, marker: Marker | None) -> ListingDraft:
    if marker:
        return ListingDraft(line.number, marker.number, [marker.rest])
    return ListingDraft(line.number, None, [line.text])


def _append(draft: ListingDraft, line: Line) -> None:
    draft.doubts.append(joined_text(draft.parts[-1], line.text))
    if draft.name_and_sentence() is None and begins_as_sentence(line.text):
        draft.name_parts, draft.parts = draft.parts, [line.text]
    else:
        draft.parts.append(line.text)


def joined_text(first: str, second: str) -> str:
    """Return the doubt about two pieces that were put together."""
    return f"行が分かれていた「{first[-12:]}」と「{second[:12]}」をつなぎました。"


def _unnamed(cells: list[str]) -> tuple[ListColumn, ...]:
    """Return the columns of a table without headers: a number, the name, the sentence."""
    roles = [column_roles.NAME, column_roles.TARGET]
    if len(cells) == 3:
        marker = read_marker(f"{cells[0]} x")
        first = column_roles.NUMBER if marker and marker.rest == "x" else None
        if first or not cells[0]:
            roles.insert(0, column_roles.NUMBER)
    return tuple(ListColumn(role, "") for role in roles)


def _numbered(cells: dict[str, str]) -> tuple[int | None, str]:
    """Return the position and the name of a row; the name's cell may begin with the number."""
    name = cells.get(column_roles.NAME, "")
    sign = read_marker(f"{cells.get(column_roles.NUMBER, '')} x")
    if sign and sign.number is not None:
        return sign.number, name
    marker = read_marker(name)
    if marker and marker.style not in ("kana", "kanji"):
        return marker.number, marker.rest
    return None, name


def _sentence(named: tuple[ListColumn, ...], cells: dict[str, str]) -> tuple[str, bool]:
    """Return the sentence that a row states, and whether it was made from several cells."""
    unit = cells.get(column_roles.UNIT, "")
    years = {column.role: column.year for column in named}
    values = {}
    for role in (column_roles.BASELINE, column_roles.TARGET):
        value = cells.get(role, "")
        if value and unit and not value.endswith(unit):
            value += unit
        if value and years.get(role):
            value += f"（{years[role]}）"
        values[role] = value
    baseline, target = values[column_roles.BASELINE], values[column_roles.TARGET]
    if not target:
        return "", False
    sentence = f"{baseline}→{target}" if baseline else target
    return sentence, sentence != cells.get(column_roles.TARGET)
