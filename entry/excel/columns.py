"""The columns of the Excel form (実績入力様式) and the hidden key of its rows.

entry/excel/form.py writes them, entry/excel/reading.py finds them again, wherever they have
gone. A key says which plan, year, indicator and version of the value a row is about; it is signed,
so that rows of another installation, or keys that somebody wrote, are not taken.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from django.core import signing

from indicators.entries import WITHDRAWN_LABEL
from indicators.models import Actual
from japanese.numerals import half_width
from tables.cells import NO, YES

SHEET = "実績入力"
HELP_SHEET = "記入のしかた"

AVAILABILITY_CHOICES = (*Actual.Availability.labels, WITHDRAWN_LABEL)
PROVISIONAL_CHOICES = (YES, NO)


class Header(StrEnum):
    """What stands over the columns. Years, which come between, are named as years."""

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
"""field of recording.Entry -> the column that people fill in for it."""


def normal(header: str) -> str:
    """Return a header as it is compared: without blanks and line breaks, in half width."""
    return re.sub(r"\s", "", half_width(header))


@dataclass(frozen=True)
class RowKey:
    """What a row is about; `version` is that of the value in the form, None where it had none."""

    plan: str
    fiscal_year: int
    indicator: str
    version: int | None

    def signed(self) -> str:
        """Return the text of the hidden cell."""
        version = "" if self.version is None else self.version
        return _signer().sign(f"{self.plan}/{self.fiscal_year}/{self.indicator}/{version}")


def read_key(text: str) -> RowKey | None:
    """Return the key that a hidden cell holds; None where it is not one that was written here."""
    try:
        plan, year, indicator, version = _signer().unsign(text).split("/")
    except (signing.BadSignature, ValueError):
        return None
    return RowKey(plan, int(year), indicator, int(version) if version else None)


def _signer() -> signing.Signer:
    return signing.Signer(salt="entry.excel.columns")
