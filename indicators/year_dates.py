"""The dates of a year, from 照会 to 公表: their order, the time left, and the current stage.

Pure rules: no database.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from indicators.rules.narrowing_types import given
from japanese.calendar_days import era_day
from japanese.fiscal_years import full_label

DATE_NAMES = {
    "inquiry_date": "照会日",
    "due_date": "回答期限",
    "check_due_date": "確認期限",
    "internal_review_date": "内部評価の予定日",
    "council_date": "有識者会議の予定日",
    "publication_date": "公表の予定日",
}
"""Fields of indicators.FiscalYear in chronological order."""

RECORDED = {
    "internally_reviewed_on": "内部評価を行った日",
    "council_met_on": "有識者会議を開いた日",
    "published_on": "公表した日",
}
"""Fields of indicators.FiscalYear with the days on which a planned step was taken."""

LATEST_YEARS_AFTER = 4
"""Dates later than 31 March of the fiscal year plus this many years are typing errors."""


def problems_of_dates(
    year: int, dates: Mapping[str, date | None], today: date
) -> list[tuple[str, str]]:
    """Return the problems of the dates of a fiscal year as pairs of field and message, in order.

    Dates may be missing. The planned ones must be in order and not before 1 April of the year; a
    recorded one is neither before that day nor after today.
    """
    return [*_problems_of_plan(year, dates), *_problems_of_records(year, dates, today)]


def _problems_of_records(
    year: int, dates: Mapping[str, date | None], today: date
) -> Iterator[tuple[str, str]]:
    first = date(year, 4, 1)
    for name, label in RECORDED.items():
        day = dates.get(name)
        if day is None:
            continue
        if day > today:
            yield (
                name,
                f"{label}「{era_day(day)}」は、まだ来ていない日です。"
                "予定は予定日の欄に入力し、行ってからこの欄に入力してください。",
            )
        elif day < first:
            yield (
                name,
                f"{label}「{era_day(day)}」は、{full_label(year)}が始まる前です。"
                "年を確かめて直してください。",
            )


def _problems_of_plan(year: int, dates: Mapping[str, date | None]) -> list[tuple[str, str]]:
    first, last = date(year, 4, 1), date(year + LATEST_YEARS_AFTER, 3, 31)
    problems: list[tuple[str, str]] = []
    before = ""
    for name, label in DATE_NAMES.items():
        day = dates.get(name)
        if day is None:
            continue
        if not first <= day <= last:
            problems.append(
                (
                    name,
                    f"{label}「{era_day(day)}」は、{full_label(year)}の値を集める時期"
                    f"（{era_day(first)}から{era_day(last)}まで）の外です。"
                    "年を確かめて直してください。",
                )
            )
        elif before and day < given(dates[before]):
            problems.append(
                (
                    name,
                    f"{label}「{era_day(day)}」が、{DATE_NAMES[before]}"
                    f"「{era_day(given(dates[before]))}」より前です。どちらかを直してください。",
                )
            )
        else:
            before = name
    return problems


class EntryState(StrEnum):
    """Whether a year takes values from the sections, and if not, why."""

    AHEAD = "ahead"
    OPEN = "open"
    ENDED = "ended"
    PASSED = "passed"
    """Entry was never open and its time is over, as for years before the product was installed."""

    @property
    def label(self) -> str:
        """The state as pages name it."""
        return {
            EntryState.AHEAD: "開始前",
            EntryState.OPEN: "受付中",
            EntryState.ENDED: "終了",
            EntryState.PASSED: "受付なし（過年度）",
        }[self]


def is_past(year: int, due: date | None, today: date) -> bool:
    """Return whether the time for entering a fiscal year is over.

    The values of a year are collected in the following fiscal year. So its time is over once that
    one has ended too, or before, once the due date has passed.
    """
    return today >= date(year + 2, 4, 1) or (due is not None and due < today)


def time_left(due: date | None, today: date) -> str:
    """Return あと12日, 本日まで or 3日超過; "" without a due date."""
    if due is None:
        return ""
    days = (due - today).days
    if days > 0:
        return f"あと{days}日"
    return f"{-days:,}日超過" if days else "本日まで"


def day_from(day: date, today: date) -> str:
    """Return 6月30日, or 令和8年6月30日 if `today` is in another calendar year."""
    return f"{day.month}月{day.day}日" if day.year == today.year else era_day(day)


@dataclass(frozen=True)
class Progress:
    """The numbers of values of a year: all, answered (including confirmed ones), confirmed."""

    total: int
    answered: int
    confirmed: int

    @property
    def all_answered(self) -> bool:
        """Whether there are values and none is open."""
        return 0 < self.total <= self.answered

    @property
    def all_confirmed(self) -> bool:
        """Whether there are values and each is confirmed."""
        return 0 < self.total <= self.confirmed


@dataclass(frozen=True)
class Stage:
    """A stage of the year. `state` is done, current or ahead; `when` is its planned date.

    `taken_on` is the day on which it was taken, if that is recorded. `is_late`: its planned date is
    over and it is not done.
    """

    name: str
    when: date | None
    state: str
    taken_on: date | None = None
    is_late: bool = False

    @property
    def state_label(self) -> str:
        """済み, 現在 or これから; 予定日を過ぎています where it is late."""
        if self.is_late:
            return "予定日を過ぎています"
        return {"done": "済み", "current": "現在", "ahead": "これから"}[self.state]

    @property
    def when_label(self) -> str:
        """The day on which it was taken, while it is not done for which it is planned.

        Else 未定; 日付の記録なし for what is done on a day that nobody recorded.
        """
        if self.state == "done":
            return era_day(self.taken_on) if self.taken_on else "日付の記録なし"
        return era_day(self.when) if self.when else "未定"


_STAGES = {
    "照会": ("inquiry_date", "opened_on"),
    "回答": ("due_date", "answered_on"),
    "確認": ("check_due_date", "confirmed_on"),
    "内部評価": ("internal_review_date", "internally_reviewed_on"),
    "有識者会議": ("council_date", "council_met_on"),
    "公表": ("publication_date", "published_on"),
}
"""Stages, each with the name of its planned date and that of the day on which it was taken."""


def stages_of(
    dates: Mapping[str, date | None],
    *,
    has_opened: bool,
    has_ended: bool,
    progress: Progress,
    today: date,
) -> tuple[Stage, ...]:
    """Return the stages 照会→回答→確認→内部評価→有識者会議→公表 with their states.

    照会 is done once entry was opened, 回答 once all values are answered or entry has ended, 確認
    once all values are confirmed. These three are done only if all earlier ones are. The others are
    done once their day is recorded: that a planned date passes says nothing. `dates` has the
    planned days and the recorded ones (entry/recorded_stages.py).
    """
    known = {
        "照会": has_opened,
        "回答": progress.all_answered or has_ended,
        "確認": progress.all_confirmed,
    }
    stages, so_far = [], True
    for name, (planned, record) in _STAGES.items():
        when, taken_on = dates.get(planned), dates.get(record)
        is_done = so_far and known[name] if name in known else taken_on is not None
        taken_on = taken_on if is_done else None
        state = "done" if is_done else ("current" if so_far else "ahead")
        so_far = so_far and is_done
        is_late = not is_done and when is not None and when < today
        stages.append(Stage(name, when, state, taken_on, is_late))
    return tuple(stages)
