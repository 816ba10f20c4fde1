"""What the page of the entry grid shows around its rows: filters, buttons and messages."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import QueryDict

from accounts import access
from entry.grid import GridRow
from entry.saving import Saved
from indicators.models import Actual, FiscalYear
from japanese.fiscal_years import era_label
from japanese.row_numbers import row_number

State = Actual.State


@dataclass(frozen=True)
class GridFilter:
    """The filter of the page: id of an entering section (None: all); only missing values."""

    section: int | None = None
    only_missing: bool = False

    @property
    def query(self) -> str:
        """The query string; "" without a filter."""
        wanted = {"section": self.section or "", "only": "missing" if self.only_missing else ""}
        found = urlencode({name: value for name, value in wanted.items() if value})
        return f"?{found}" if found else ""

    def rows(self, rows: Sequence[GridRow]) -> list[GridRow]:
        """Return the rows that the page shows."""
        return [
            row
            for row in rows
            if self.section in (None, row.row.indicator.entered_by_id)
            and (row.is_missing or not self.only_missing)
        ]


def filter_in(query: QueryDict) -> GridFilter:
    """Return the filter in an address; invalid parameters are ignored."""
    return GridFilter(row_number(query.get("section", "")), query.get("only") == "missing")


@dataclass(frozen=True)
class FilterLink:
    """A link to a filter, with the number of its rows."""

    text: str
    count: int
    query: str
    is_current: bool


def filter_links(rows: Sequence[GridRow], current: GridFilter) -> list[list[FilterLink]]:
    """Return groups of links: by section if there are several, and all or only missing."""
    names = {row.row.indicator.entered_by_id: row.row.indicator.entered_by for row in rows}
    sections: list[tuple[int | None, str]] = []
    if len(names) > 1:
        sections = [(None, "すべての課"), *names.items()]

    def link(text: str, wanted: GridFilter) -> FilterLink:
        return FilterLink(text, len(wanted.rows(rows)), wanted.query or "?", wanted == current)

    return [
        group
        for group in (
            [link(name, GridFilter(section, current.only_missing)) for section, name in sections],
            [
                link("すべての指標", GridFilter(current.section)),
                link("未入力・差戻しだけ", GridFilter(current.section, True)),
            ],
        )
        if group
    ]


@dataclass(frozen=True)
class SecondButton:
    """The second button: its text, the state that it moves values to, and the word for that."""

    text: str
    to: str
    done: str


def step_of(user: Any) -> SecondButton | None:
    """Return the second button for a user; None for planning, whose values need no answer."""
    if access.enters_as_answered(user):
        return None
    if access.may_answer(user):
        return SecondButton("回答する", State.ANSWERED, "を回答しました")
    return SecondButton("課長に確認を依頼する", State.SUBMITTED, "の確認を課長に依頼しました")


def save_button(user: Any) -> str:
    """Return the text of the first button; values saved by planning are not drafts."""
    return "保存する" if access.enters_as_answered(user) else "一時保存する"


def cannot_save(user: Any) -> str:
    """Return the message for when the database cannot be written to."""
    return (
        "現在、保存できません。入力した内容は画面に残っています。"
        f"数分後にもう一度「{save_button(user)}」を押してください。"
    )


def closed_message(fiscal_year: int, year: FiscalYear | None) -> str:
    """Return why a section cannot enter a year now, and whom to ask; "" if it can."""
    if year is not None and year.entry_is_open:
        return ""
    office = settings.PLANNING_OFFICE
    if year is not None and year.has_ended:
        return (
            f"{era_label(fiscal_year)}の入力の受付は終わりました。"
            f"変更が必要な場合は、{office}に連絡してください。"
        )
    return (
        f"{era_label(fiscal_year)}の入力は、まだ始まっていません。"
        f"受付の開始は{office}がお知らせします。"
    )


def saved_message(saved: Saved, step: SecondButton | None) -> str:
    """Return a message with the counts of what saving did."""
    if saved.did_nothing:
        return "変更した値はありません。"
    parts = []
    if saved.entered:
        parts.append(f"{saved.entered}件の値を保存しました。")
    if saved.taken_back:
        parts.append(f"{saved.taken_back}件を未入力に戻しました。")
    if step is not None and saved.moved:
        parts.append(f"{saved.moved}件{step.done}。")
    if saved.missing:
        parts.append(f"未入力は、あと{saved.missing}件です。")
    else:
        parts.append("未入力はありません。")
    return "".join(parts)


@dataclass(frozen=True)
class FaultLink:
    """A line of the error summary: the message and the id of its field."""

    message: str
    target: str


def faults_of(rows: Iterable[GridRow], of_page: Mapping[str, str]) -> list[FaultLink]:
    """Return all errors in the order of the page."""
    faults = [FaultLink(message, name or "grid") for name, message in of_page.items()]
    for row in rows:
        for field in row.fields.values():
            faults += [FaultLink(f"{row.row.name}：{text}", field.id) for text in field.messages]
    return faults
