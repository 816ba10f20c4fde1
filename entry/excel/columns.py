"""The columns of the Excel form (実績入力様式) and the hidden key of its rows.

entry/excel/form.py writes them. entry/excel/reading.py finds them again, even if they were moved.
The key has the plan, year, indicator and version of the value of its row, and what the words of its
grades mean. It is signed, so that
rows of other installations and hand-written keys are refused.
"""

import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from django.core import signing

from indicators.entries import WITHDRAWN_LABEL
from indicators.models import Actual
from japanese.numerals import half_width
from tables.cells import NO, YES

SHEET = "実績入力"

AVAILABILITY_CHOICES = (*Actual.Availability.labels, WITHDRAWN_LABEL)
PROVISIONAL_CHOICES = (YES, NO)


class Header(StrEnum):
    """The headers of the columns, except those of earlier years, which are the years' names."""

    PLACE = "計画での番号"
    NAME = "指標"
    UNIT = "単位"
    MOMENT = "値の時点"
    TARGET = "目標値"
    SUM = "前年度までの累計"
    VALUE = "実績値"
    NUMERATOR = "分子"
    DENOMINATOR = "分母"
    AVAILABILITY = "有無"
    EXPECTED_MONTH = "公表予定月"
    PROVISIONAL = "速報値"
    REMARKS = "備考"
    MEMO = "メモ（取り込みません）"
    SECTION = "入力する課"
    STATE = "状態"
    KEY = "照合用（書き換えないでください）"


FILLED = {
    "value": Header.VALUE,
    "numerator": Header.NUMERATOR,
    "denominator": Header.DENOMINATOR,
    "availability": Header.AVAILABILITY,
    "expected_month": Header.EXPECTED_MONTH,
    "provisional": Header.PROVISIONAL,
    "remarks": Header.REMARKS,
}
"""Field of Entry -> the column that people fill in."""


def normal(header: str) -> str:
    """Return a header in the form used for comparison: no whitespace, half width."""
    return re.sub(r"\s", "", half_width(header))


class FormKey(Protocol):
    """The key of a row of any form; `subject` is what the row is about, in its year."""

    @property
    def fiscal_year(self) -> int: ...
    @property
    def subject(self) -> Hashable: ...


@dataclass(frozen=True, kw_only=True)
class FormKind:
    """A kind of Excel form: where its rows are, what is filled in, and what it is about.

    `name` is what the form is called, `thing` what a row is about; `title` is the header above it,
    `first` that of a cell which only this form has, `also` that of a column that must be there.
    """

    name: str
    sheet: str
    thing: str
    headers: tuple[str, ...]
    filled: Mapping[str, str]
    title: str
    first: str
    key: str
    also: str = ""
    read_key: Callable[[str], FormKey | None]

    @property
    def needed(self) -> tuple[str, ...]:
        """The headers of the columns without which nothing can be taken in."""
        return tuple(filter(None, (self.key, self.also, *self.filled.values())))


@dataclass(frozen=True)
class RowKey:
    """The identity of a row; `version` is that of the value in the form, None without a value.

    `words` is what the words of the grades meant when the form was written (entry/seen.py).
    """

    plan: str
    fiscal_year: int
    indicator: str
    version: int | None
    words: str = ""

    @property
    def subject(self) -> str:
        """The code of the indicator, by which a file is matched to the rows of the year."""
        return self.indicator

    def signed(self) -> str:
        """Return the signed text for the hidden cell."""
        version = "" if self.version is None else self.version
        words = f"/{self.words}" if self.words else ""
        return _signer().sign(f"{self.plan}/{self.fiscal_year}/{self.indicator}/{version}{words}")


def read_key(text: str) -> RowKey | None:
    """Return the key in a hidden cell; None if this installation did not write it."""
    try:
        plan, year, indicator, version, *words = _signer().unsign(text).split("/")
    except (signing.BadSignature, ValueError):
        return None
    return RowKey(plan, int(year), indicator, int(version) if version else None, "".join(words))


VALUES_FORM = FormKind(
    name="実績入力様式",
    sheet=SHEET,
    thing="指標",
    headers=tuple(Header),
    filled=FILLED,
    title=Header.NAME,
    first=Header.VALUE,
    key=Header.KEY,
    also=Header.UNIT,
    read_key=read_key,
)
"""The form of the values of a year."""


def _signer() -> signing.Signer:
    return signing.Signer(salt="entry.excel.columns")
