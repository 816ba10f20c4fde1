"""The values of a year for those who answer or confirm them: the unusual ones first."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from accounts import access
from entry.answer_status import MISSING_STATE, STATES
from entry.year_rows import YearRow, rows_of_sections
from indicators import recording
from indicators.models import Actual
from indicators.rules.narrowing_types import given
from indicators.rules.plausibility import REMEDY
from plans.value_addresses import listing_address, value_address

State = Actual.State

NO_EVIDENCE = "根拠資料がありません。"
ONLY_REMARKS = "備考だけがあります。"
CHANGED_SINCE = "回答の後に変更されました。"

_BEFORE_ANSWER = (State.DRAFT, State.SUBMITTED)


@dataclass(frozen=True)
class AnswerRow:
    """A value with everything to check before it is answered or confirmed.

    `doubts` are implausibilities compared with the series, `notes` anything else unusual.
    `is_own`: this user entered the value, so somebody else must confirm it. `reason` is why it is
    to be returned, as typed into its field; `reason_problem` what is wrong with that.
    """

    row: YearRow
    doubts: tuple[str, ...]
    notes: tuple[str, ...]
    is_own: bool = False
    reason: str = ""
    reason_problem: str = ""

    @property
    def state(self) -> str:
        """The state of the value; MISSING_STATE if there is none."""
        return self.row.stored.state if self.row.stored else MISSING_STATE

    @property
    def state_label(self) -> str:
        """未回答, 入力中 …"""
        return STATES[self.state]

    @property
    def url(self) -> str:
        """The page of the value."""
        return address_of(self.row)

    @property
    def is_unusual(self) -> bool:
        """Whether the row belongs to the unusual ones at the top."""
        return bool(self.doubts or self.notes)

    @property
    def value(self) -> str:
        """The value with its unit, or why there is none; "" if nothing is entered."""
        return self.row.value_of(self.row.stored) if self.row.stored else ""

    @property
    def last_year(self) -> str:
        """The value of the year before with its unit, or why there is none; "" without any."""
        before = self.row.last_year
        return before.text if before.value is None else self.row.shown(before.value)

    @property
    def key(self) -> str:
        """What the form sends for a ticked value: its id and the version on the page."""
        return f"{self.row.stored.pk}:{self.row.stored.version}" if self.row.stored else ""


def address_of(row: YearRow) -> str:
    """Return the page of a row's value, below its first listing.

    An indicator that no plan lists has the page of the target that is compared with it.
    """
    address = listing_address(row.listings[0])
    year = row.fiscal_year
    return value_address(address, year) if row.is_listed else f"{address}?year={year}"


def answer_rows(
    fiscal_year: int, user: Any, *, section_ids: Collection[int] | None = None
) -> list[AnswerRow]:
    """Return the values of a year that a user follows, unusual ones first, then in plan order.

    `section_ids` limits them to some of the entering sections. The number of queries does not
    depend on the number of rows.
    """
    shown = sections_followed(user)
    if shown is not None:
        section_ids = shown if section_ids is None else shown & frozenset(section_ids)
    rows = rows_of_sections(fiscal_year, section_ids)
    answered = recording.answered_before(
        [row.stored.pk for row in rows if row.stored and row.stored.state in _BEFORE_ANSWER]
    )
    return unusual_first(
        [
            looked_at(row, user, was_answered=bool(row.stored and row.stored.pk in answered))
            for row in rows
        ]
    )


def sections_followed(user: Any) -> frozenset[int] | None:
    """Return the ids of the sections whose values a user follows; None for all."""
    return None if access.may_see_all_values(user) else access.sections_of(user)


def looked_at(row: YearRow, user: Any = None, *, was_answered: bool = False) -> AnswerRow:
    """Return the row with its doubts and notes; `was_answered`: it has changed since an answer."""
    stored = row.stored
    if stored is None:
        return AnswerRow(row, (), (ONLY_REMARKS,) if row.early_remarks else ())
    return AnswerRow(
        row,
        doubts=tuple(_doubts(row)),
        notes=(*((CHANGED_SINCE,) if was_answered else ()), *_notes(row)),
        is_own=user is not None and stored.entered_by_id == user.pk,
    )


def unusual_first(rows: Iterable[AnswerRow]) -> list[AnswerRow]:
    """Sort rows: doubts first, then reasons and remarks, then missing evidence, then the rest."""
    return sorted(rows, key=_order)


def _order(row: AnswerRow) -> int:
    if row.doubts:
        return 0
    if row.notes and row.notes != (NO_EVIDENCE,):
        return 1
    return 2 if row.notes else 3


def _doubts(row: YearRow) -> Iterable[str]:
    value = given(row.stored).value
    if value is None:
        return
    for doubt in row.series.doubts(value, row):
        yield doubt.message.removesuffix(REMEDY)


def _notes(row: YearRow) -> Iterable[str]:
    stored = given(row.stored)
    if stored.grade:
        yield "人の判断です。理由を確かめてください。"
    elif stored.value is None:
        yield "値がありません。理由を確かめてください。"
    if stored.provisional:
        yield "速報値です。"
    if stored.remarks.strip():
        yield "備考があります。"
    if stored.value is not None and not row.evidence_count:
        yield NO_EVIDENCE
