"""Which year is being entered, and what is said of it."""

from dataclasses import dataclass
from datetime import date

from indicators.calendar_days import day_label
from indicators.fiscal_years import era_label
from indicators.models import FiscalYear


@dataclass(frozen=True)
class EntryYear:
    """The year that is entered, or the last one that has ended; `is_open` tells which."""

    year: int
    is_open: bool
    due: date | None
    was_opened: bool

    def sentence(self, today: date) -> str:
        """One sentence: until when answers are due, or why nothing is entered."""
        name = era_label(self.year)
        if self.is_open:
            return f"{name}実績の入力を受け付けています{self._due(today)}。"
        if self.was_opened:
            return f"{name}の入力の受付は、終了しています。"
        return f"{name}の入力は、まだ始まっていません。受付の開始は総合政策室がお知らせします。"

    def _due(self, today: date) -> str:
        if self.due is None:
            return ""
        days = (self.due - today).days
        if days < 0:
            return f"（回答期限は{day_label(self.due)}でした）"
        left = f"あと{days}日" if days else "今日まで"
        return f"（回答期限{self.due.month}月{self.due.day}日、{left}）"


def entry_year(today: date) -> EntryYear:
    """Return the newest year that is open; without one the year that ended last. One query."""
    rows = list(FiscalYear.objects.order_by("-year"))
    for row in rows:
        if row.entry_is_open:
            return EntryYear(row.year, True, row.due_date, True)
    ended = today.year - (1 if today.month >= 4 else 2)
    return EntryYear(ended, False, None, ended in {row.year for row in rows})
