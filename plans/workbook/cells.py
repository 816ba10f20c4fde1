"""Reads cells of 計画様式.xlsx as texts, years, numbers and choices; notes what is wrong."""

import re
from collections.abc import Mapping

from indicators.plan_words import Words
from japanese.fiscal_years import read_fiscal_year
from plans.workbook.columns import same
from plans.workbook.described import Described
from plans.workbook.reading import BookRow, CellFault, PlanBook, words_of_book
from plans.workbook.texts import (
    closed_up,
    is_spaced_out,
    number_in,
    numbered,
    place_key,
    without_breaks,
)
from tables.cells import NO, YES
from tables.sheets import ShownCell


class Unreadable(Exception):
    """A cell cannot be read; its error is noted."""


class CellReader:
    """Reads cells of one workbook. Errors and doubts go to `found`."""

    def __init__(self, book: PlanBook) -> None:
        self.book = book
        self.words: Words = words_of_book(book.items)
        self.found = Described()
        self.spaced_out = 0
        """How many cells had a space between each two letters."""

    def fault(self, row: BookRow, key: str, message: str) -> None:
        self.found.faults.append(row.fault(key, message))

    def doubt(self, row: BookRow, key: str, message: str) -> None:
        self.found.doubts.append(row.fault(key, message))

    def text(self, row: BookRow, key: str) -> str:
        """Return the text of a cell in one line. Raises Unreadable."""
        cell = row.cells.get(key, ShownCell())
        if cell.fault:
            self.fault(row, key, cell.fault)
            raise Unreadable
        text = without_breaks(cell.text) if "\n" in cell.text else cell.text.strip()
        if (" " in text or "\u3000" in text) and is_spaced_out(text):
            self.spaced_out += 1
            text = closed_up(text)
        return text

    def required(self, row: BookRow, key: str, what: str) -> str:
        text = self.text(row, key)
        if not text:
            self.fault(row, key, f"{what}が空欄です。{what}を書くか、行を空にしてください。")
            raise Unreadable
        return text

    def chosen(self, row: BookRow, key: str, choices: Mapping[str, str], what: str) -> str:
        """Return the code of a chosen word; "" for an empty cell."""
        text = self.text(row, key)
        if not text:
            return ""
        for label, code in choices.items():
            if same(text) in (same(label), same(code)):
                return code
        named = "、".join(f"「{label}」" for label in choices)
        self.fault(row, key, f"{what}「{text}」はありません。{named}から選んでください。")
        raise Unreadable

    def year(self, row: BookRow, key: str, what: str) -> int | None:
        cell = row.cells.get(key, ShownCell())
        text = self.text(row, key)
        if not text:
            return None
        if cell.day is not None:
            self.fault(
                row,
                key,
                f"{what}が日付（{text}）になっています。「R7」「令和7年度」「2025」のように書いてください。",
            )
            raise Unreadable
        try:
            return read_fiscal_year(re.sub(r"^西暦", "", text))
        except ValueError as error:
            self.fault(row, key, f"{what}{error}")
            raise Unreadable from None

    def whole(self, row: BookRow, key: str, what: str, most: int) -> int | None:
        text = self.text(row, key)
        if not text:
            return None
        number = number_in(text)
        if re.fullmatch("0|０", text):
            number = 0
        if number is None or number > most:
            self.fault(row, key, f"{what}「{text}」は、0から{most}までの整数で書いてください。")
            raise Unreadable
        return number

    def flag(self, row: BookRow, key: str, what: str) -> bool | None:
        text = self.text(row, key)
        if not text:
            return None
        folded = same(text)
        if folded in map(same, (YES, "○", "〇", "◯", "レ", "✓", "✔", "有", "1", "true")):
            return True
        if folded in map(same, (NO, "×", "無", "0", "false", "-", "－")):
            return False
        self.fault(row, key, f"{what}「{text}」は、「{YES}」か「{NO}」で書いてください。")
        raise Unreadable

    def flag_or_none(self, row: BookRow, key: str, what: str) -> bool | None:
        try:
            return self.flag(row, key, what)
        except Unreadable:
            return None

    def several(self, row: BookRow, key: str) -> list[str]:
        """Return the parts of a cell, separated by 、 or commas."""
        try:
            text = self.text(row, key)
        except Unreadable:
            return []
        parts = re.split(r"[、,，・;；\s　]+" if key == "sdgs" else r"[、,，;；]", text)
        return [part.strip() for part in parts if part.strip()]

    def key(self, text: str) -> str:
        """Return a place for comparison, without the words of the plan."""
        words = self.words
        return place_key(
            text,
            (words.goal, words.numeric_target, words.group, words.measure, words.kpi,
             words.kpi_short, words.measure_short, words.cross_goal),
        )  # fmt: skip

    def numbered(self, row: BookRow, title: str, *levels: str) -> tuple[int | None, str]:
        """Return number and title of a row; the number may be in front of the title."""
        level = "|".join(map(re.escape, levels))
        typed = self.text(row, "position")
        number = number_in(typed) if typed else None
        if typed and number is None:
            split = re.fullmatch(rf"(?:{level})?(.+)", typed)
            number = number_in(split[1]) if split else None
        if typed and not number:
            self.fault(
                row,
                "position",
                f"番号「{typed}」は、「①」「1」のような1以上の番号で書いてください。",
            )
            raise Unreadable
        if found := re.fullmatch(rf"(?:{level})\s*([0-9０-９①-⑳]+)[\s　:：]*(\S.*)", title):
            ahead, rest = number_in(found[1]), found[2]
        else:
            ahead, rest = numbered(title)
        if ahead is not None and number in (None, ahead):
            return ahead, rest
        return number, title

    def item(self, key: str) -> str:
        row = self.book.items.get(key)
        if row is None:
            return ""
        try:
            return self.text(row, "content")
        except Unreadable:
            return ""

    def item_fault(self, key: str, message: str) -> None:
        if row := self.book.items.get(key):
            self.fault(row, "content", message)
        else:
            self.found.faults.append(CellFault(message, sheet=self.book.sheet or "計画"))
