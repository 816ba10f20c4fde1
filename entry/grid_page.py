"""What the page of the entry grid shows around its rows: filters, buttons and messages."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

from django.http import QueryDict

from accounts import access
from entry.excel.columns import FILLED
from entry.grid import FIELDS, GridRow
from entry.grid_fields import GridField
from entry.saving import Refused, Saved
from indicators.entries import WITHDREW
from indicators.models import Actual, FiscalYear
from indicators.typed_values import LABELS
from indicators.year_dates import EntryState
from japanese.fiscal_years import era_label, short_label
from japanese.row_numbers import row_number
from plans.search import fold
from trail.installation import planning_office

State = Actual.State


class FilteredRow(Protocol):
    """A row of a grid, whatever it is about; `section` is the id and the name of who enters it."""

    @property
    def pk(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def section(self) -> tuple[int, str]: ...
    @property
    def is_missing(self) -> bool: ...
    @property
    def is_filled(self) -> bool: ...
    @property
    def fields(self) -> Mapping[str, GridField]: ...


class ClosableRow(Protocol):
    """A row that takes no more input once its value is confirmed."""

    @property
    def is_editable(self) -> bool: ...


R = TypeVar("R", bound=FilteredRow)


@dataclass(frozen=True)
class GridFilter:
    """The filter of the page: an entering section (None: all), only missing ones, a name."""

    section: int | None = None
    only_missing: bool = False
    name: str = ""
    year: int | None = None
    """The year where the address has it behind its question mark."""

    @property
    def hidden(self) -> dict[str, Any]:
        """The parameters other than the name, which has a field of its own on the page."""
        only = "missing" if self.only_missing else ""
        wanted = {"year": self.year, "section": self.section, "only": only}
        return {name: value for name, value in wanted.items() if value}

    @property
    def query(self) -> str:
        """The query string; "" without a filter."""
        wanted = self.hidden | ({"name": self.name} if self.name else {})
        return f"?{urlencode(wanted)}" if wanted else ""

    @property
    def cleared(self) -> str:
        """The query string without a filter."""
        return GridFilter(year=self.year).query or "?"

    @property
    def with_kept(self) -> str:
        """The query string that shows what was kept, without a filter."""
        return f"?{urlencode({**GridFilter(year=self.year).hidden, 'kept': 1})}"

    def rows(self, rows: Sequence[R]) -> list[R]:
        """Return the rows that the page shows."""
        return [
            row
            for row in rows
            if self.section in (None, row.section[0])
            and (row.is_missing or not self.only_missing)
            and fold(self.name) in fold(row.name)
        ]


def filter_in(query: QueryDict, year: int | None = None) -> GridFilter:
    """Return the filter in an address; invalid parameters are ignored."""
    return GridFilter(
        row_number(query.get("section", "")),
        query.get("only") == "missing",
        query.get("name", "").strip(),
        year,
    )


@dataclass(frozen=True, kw_only=True)
class GridAddresses:
    """The addresses of a grid: itself, what keeps and drops its input, and its Excel form."""

    grid: str
    kept: str
    discard: str
    form: str
    importing: str

    @property
    def with_kept(self) -> str:
        """The grid with what was kept."""
        return f"{self.grid}{'&' if '?' in self.grid else '?'}kept=1"


@dataclass(frozen=True)
class FilterLink:
    """A link to a filter, with the number of its rows."""

    text: str
    count: int
    query: str
    is_current: bool


def filter_links(
    rows: Sequence[FilteredRow], current: GridFilter, thing: str = "指標"
) -> list[list[FilterLink]]:
    """Return groups of links: by section if there are several, and all or only missing."""
    names = dict(row.section for row in rows)
    sections: list[tuple[int | None, str]] = []
    if len(names) > 1:
        sections = [(None, "すべての課"), *names.items()]

    def link(text: str, wanted: GridFilter) -> FilterLink:
        is_current = wanted == replace(current, name="")
        return FilterLink(text, len(wanted.rows(rows)), wanted.query or "?", is_current)

    return [
        group
        for group in (
            [link(name, replace(current, section=section, name="")) for section, name in sections],
            [
                link(f"すべての{thing}", replace(current, only_missing=False, name="")),
                link("未入力・差戻しだけ", replace(current, only_missing=True, name="")),
            ],
        )
        if group
    ]


def pasted_headers(fiscal_year: int) -> str:
    """Return as JSON the words above a pasted column that name each field, for the year entered.

    A year with 実績, as summaries write it, is the value of that year and of no other.
    """
    of_fields = {name: [LABELS[name], FILLED[name]] for name in FIELDS}
    of_fields["availability"].append("値がないとき")
    short, era = short_label(fiscal_year), era_label(fiscal_year)
    years = (short, f"{short}年度", era, era.removesuffix("度"), f"{fiscal_year}年度", fiscal_year)
    of_fields["value"] += [
        "実績",
        "値",
        *(f"{year}{word}" for year in years for word in _OF_A_YEAR),
    ]
    return json.dumps(of_fields, ensure_ascii=False)


_OF_A_YEAR = ("実績", "実績値", "の実績", "の実績値")


def progress_of(rows: Iterable[FilteredRow], shown: Sequence[FilteredRow]) -> dict[str, int]:
    """Return how many rows are filled, and how many of these are filtered out.

    `rows` are all as stored, `shown` those of the page with what was typed into them. The page
    counts on while somebody types, as the server answers.
    """
    on_page = {row.pk for row in shown}
    elsewhere = sum(row.is_filled for row in rows if row.pk not in on_page)
    return {
        "filled_count": elsewhere + sum(row.is_filled for row in shown),
        "filled_elsewhere": elsewhere,
    }


def confirmed_context(rows: Sequence[ClosableRow], closed: str) -> dict[str, Any]:
    """Return the context about the confirmed rows; empty if the whole year is `closed`."""
    count = 0 if closed else sum(not row.is_editable for row in rows)
    return {"confirmed_count": count, "planning_office": planning_office() if count else ""}


@dataclass(frozen=True)
class SecondButton:
    """The second button: its text, the state that it moves values to, and the words for that."""

    text: str
    name: str
    to: str
    done: str


def step_of(user: Any) -> SecondButton | None:
    """Return the second button for a user; None for planning, whose values need no answer."""
    if access.enters_as_answered(user):
        return None
    if access.may_answer(user):
        return SecondButton("回答する", "回答", State.ANSWERED, "を回答しました")
    return SecondButton(
        "課長に確認を依頼する",
        "依頼",
        State.SUBMITTED,
        "の確認を課長に依頼しました",
    )


def save_button(user: Any) -> str:
    """Return the text of the first button; values saved by planning are not drafts."""
    return "保存する" if access.enters_as_answered(user) else "一時保存する"


def cannot_save(user: Any) -> str:
    """Return the message for a database that cannot be written to."""
    return (
        "現在、保存できません。入力した内容は画面に残っています。"
        f"数分後にもう一度「{save_button(user)}」を押してください。"
    )


def closed_message(fiscal_year: int, year: FiscalYear | None, *, may_change: bool = False) -> str:
    """Return why a section cannot enter a year now, and whom to ask; "" if it can.

    `may_change`: the reader can anyway.
    """
    state = (year or FiscalYear(year=fiscal_year)).entry_state
    if state == EntryState.OPEN:
        return ""
    office, name = planning_office(), era_label(fiscal_year)
    if state == EntryState.AHEAD:
        return f"{name}の入力は、まだ始まっていません。受付の開始は{office}がお知らせします。"
    happened = (
        f"{name}の入力の受付は終わりました。"
        if state == EntryState.ENDED
        else f"{name}の入力は、受付を開始しないまま時期を過ぎました。"
    )
    if may_change:
        return f"{happened}値の入力や変更は、入力の画面で、理由を付けて行えます。"
    return f"{happened}値の入力や変更が必要な場合は、{office}に連絡してください。"


@dataclass(frozen=True)
class HiddenRows:
    """Rows that the page did not show because of its filter, and so did not send.

    `missing` have no value; `waiting` have one that has not been sent to the head.
    """

    missing: int = 0
    waiting: int = 0


def hidden_rows(
    stored: Iterable[GridRow], posted: Iterable[GridRow], step: SecondButton | None = None
) -> HiddenRows:
    """Return what the page did not show of the rows that the user enters, and `step` left out."""
    waits_for = {State.DRAFT, State.RETURNED}
    if step is not None and step.to == State.ANSWERED:
        waits_for.add(State.SUBMITTED)
    shown = {row.pk for row in posted}
    hidden = [row.row.stored for row in stored if row.pk not in shown]
    waiting = [one for one in hidden if one and one.state in waits_for]
    return HiddenRows(missing=sum(one is None for one in hidden), waiting=len(waiting))


def saved_message(
    saved: Saved, step: SecondButton | None, hidden: HiddenRows = HiddenRows()
) -> str:
    """Return a message with the counts of what saving did, and of what is still to be done."""
    return "".join((*_what_was_done(saved, step), *_what_is_left(saved, step, hidden)))


def _what_was_done(saved: Saved, step: SecondButton | None) -> Iterator[str]:
    if saved.entered:
        yield f"{saved.entered}件の値を保存しました。"
    if saved.taken_back:
        yield f"{saved.taken_back}件を{WITHDREW}。"
    if saved.remarks_only:
        yield f"{saved.remarks_only}件は、備考だけを保存しました（未入力のままです）。"
    if saved.did_nothing:
        yield "変更した値はありません。"
    if step is not None and saved.moved:
        yield f"{saved.moved}件{step.done}。"


def _what_is_left(saved: Saved, step: SecondButton | None, hidden: HiddenRows) -> Iterator[str]:
    if saved.fallen_back:
        yield (
            f"回答済みか課長確認待ちだった{saved.fallen_back}件は、「入力中」に戻りました。"
            "もう一度、課長に確認を依頼してください。"
        )
    if saved.untouched_returns:
        yield (
            f"差戻しの{saved.untouched_returns}件は、直していないので依頼していません。"
            "値か備考を直してから依頼してください。"
        )
    if step is not None and hidden.waiting:
        yield f"絞り込みのため表示していない{hidden.waiting}件は、{step.name}していません。"
    missing = saved.missing + hidden.missing
    if missing:
        yield f"未入力は、あと{missing}件です。"
    elif not saved.did_nothing:
        yield "未入力はありません。"


def heading_of_questions(refused: Refused) -> str:
    """Return the heading of the page that asks what only the user can decide."""
    if not refused.conflicts:
        return "回答済みの値を変更します"
    if all(conflict.is_own for conflict in refused.conflicts):
        return "別の画面での変更と重なりました"
    return "ほかの人の変更と重なりました"


@dataclass(frozen=True)
class PartlySaved:
    """What the page says when only some of the rows were saved."""

    heading: str
    text: str


@dataclass(frozen=True)
class FaultLink:
    """A line of the error summary: the message and the id of its field."""

    message: str
    target: str


def faults_of(rows: Iterable[FilteredRow], of_page: Mapping[str, str]) -> list[FaultLink]:
    """Return all errors in the order of the page."""
    faults = [FaultLink(message, name or "grid") for name, message in of_page.items()]
    for row in rows:
        for field in row.fields.values():
            faults += [FaultLink(f"{row.name}：{text}", field.id) for text in field.messages]
    return faults
