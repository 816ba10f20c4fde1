"""The two years that an address asks to compare: `from`, the earlier one, and `to`."""

from collections.abc import Mapping
from dataclasses import dataclass

from indicators.rules.targets import Period
from japanese.fiscal_years import era_label, full_label, read_fiscal_year

FROM, TO = "from", "to"
YEAR_NAMES = {FROM: "前の年度", TO: "後の年度"}

ONLY_ONE_YEAR = "この計画の期間は1年度だけのため、比べる年度がありません。"


@dataclass(frozen=True)
class YearFault:
    """What is wrong with a year; `field` is the one to change."""

    field: str
    message: str


@dataclass(frozen=True)
class AskedYears:
    """Two years to compare, or why they are not. `first` and `last` are what the form shows.

    `note` says why nothing is compared although nothing is wrong. `is_reversed`: the same two years
    can be compared the other way round.
    """

    first: int
    last: int
    faults: tuple[YearFault, ...] = ()
    note: str = ""
    is_reversed: bool = False

    @property
    def are_compared(self) -> bool:
        """Whether there are two years to compare."""
        return not self.faults and not self.note


def later_year(asked: Mapping[str, str]) -> int | None:
    """Return the later year of an address; None where there is none that can be read."""
    try:
        return read_fiscal_year(asked.get(TO, ""))
    except ValueError:
        return None


def read_years(asked: Mapping[str, str], shown: int, period: Period) -> AskedYears:
    """Return the two years that the parameters of an address ask for.

    Without `to` it is the year shown, without `from` the year before `to`. `period` is that of the
    plan.
    """
    years: dict[str, int] = {}
    faults = []
    for field in (FROM, TO):
        text = asked.get(field, "").strip()
        if text:
            try:
                years[field] = _year_in(period, field, text)
            except ValueError as error:
                faults.append(YearFault(field, str(error)))
    last = years.get(TO, shown)
    first = years.get(FROM, last - 1)
    if period.first == period.last:
        return AskedYears(first, last, tuple(faults), ONLY_ONE_YEAR)
    if faults:
        return AskedYears(first, last, tuple(faults))
    if first not in period:
        return AskedYears(
            last,
            last + 1,
            note=f"{full_label(last)}は計画の最初の年度のため、その前の年度とは比べられません。"
            f"{YEAR_NAMES[FROM]}と{YEAR_NAMES[TO]}を選んでください。",
        )
    return AskedYears(first, last, _faults_of_order(first, last), is_reversed=first > last)


def _year_in(period: Period, field: str, text: str) -> int:
    """Return the year in a field. Raises ValueError, with a message for users."""
    try:
        year = read_fiscal_year(text)
    except ValueError as error:
        raise ValueError(f"{YEAR_NAMES[field]}：{error}") from None
    if year not in period:
        raise ValueError(
            f"{YEAR_NAMES[field]}の{full_label(year)}は、この計画の期間（{era_label(period.first)}から"
            f"{era_label(period.last)}まで）に含まれません。期間の中の年度を選んでください。"
        )
    return year


def _faults_of_order(first: int, last: int) -> tuple[YearFault, ...]:
    if first == last:
        message = (
            f"{YEAR_NAMES[FROM]}と{YEAR_NAMES[TO]}が、どちらも{full_label(first)}です。"
            "別の2つの年度を選んでください。"
        )
    elif first > last:
        message = (
            f"{YEAR_NAMES[FROM]}の{full_label(first)}が、{YEAR_NAMES[TO]}の{full_label(last)}より後です。"
            "前後を入れ替えて選んでください。"
        )
    else:
        return ()
    return (YearFault(FROM, message),)
