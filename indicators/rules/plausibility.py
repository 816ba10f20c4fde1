"""Doubts about a typed value: it is valid but does not fit the series.

A doubt is not an error: the value is accepted if the remarks explain it. No Django.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from indicators.rules.moves import is_large, moves
from japanese.fiscal_years import era_label
from japanese.numerals import format_number

SLIP = 8
"""From this ratio on, a value is reported as a multiple or a fraction of the one before.

A wrong digit or unit makes it 10 or 1,000 times as large; below 10, because the value may have
moved a little as well.
"""

REMEDY = "正しければ、備考に理由を記入して保存してください。"


class Why(StrEnum):
    LOOKS_LIKE_SUM = "looks_like_sum"
    FALLING_TOTAL = "falling_total"
    MANY_TIMES = "many_times"
    SMALL_PART = "small_part"
    JUMP = "jump"


@dataclass(frozen=True)
class Doubt:
    """A doubt; `message` is for the user and says what to do."""

    why: Why
    message: str


def doubts_about_value(
    value: Decimal,
    others: Mapping[int, Decimal],
    fiscal_year: int,
    *,
    running_total: bool,
    sum_from: int | None,
    write: Callable[[Decimal], str],
) -> list[Doubt]:
    """Return the doubts about a value of `fiscal_year`; usually [].

    `others` has the values of other years, including later ones. `sum_from` is the year from which
    a plan sums the yearly values; None if no plan does. `write` formats a value with its unit.
    """
    others = {year: other for year, other in others.items() if year != fiscal_year}
    doubts = []
    if sum_from is not None and not running_total:
        counted = [other for year, other in others.items() if sum_from <= year < fiscal_year]
        if _looks_like_sum(value, counted):
            message = (
                "この指標は、その年度だけの値を入力します。"
                f"前年度までの累計（{write(sum(counted, Decimal(0)))}）を含めていませんか。{REMEDY}"
            )
            doubts.append(Doubt(Why.LOOKS_LIKE_SUM, message))
    against_before = _against_the_value_before(value, others, fiscal_year, running_total, write)
    return doubts or ([against_before] if against_before else [])


def may_look_like_sum(value: Decimal, others: Mapping[int, Decimal], fiscal_year: int) -> bool:
    """Return whether a value looks like a sum if a plan sums the values from some year on.

    If it does not, the doubts about it are the same for every `sum_from`.
    """
    earlier = [others[year] for year in sorted(others) if year < fiscal_year]
    return any(_looks_like_sum(value, earlier[start:]) for start in range(len(earlier)))


def _looks_like_sum(value: Decimal, counted: list[Decimal]) -> bool:
    """Return whether the value is about as large as the sum including one more year."""
    if not counted or min(counted) < 0:
        return False
    total, largest = sum(counted), max(counted)
    lowest = max(total, largest * 2) if len(counted) == 1 else max(total, largest * Decimal("1.5"))
    return bool(total) and lowest <= value <= total + 2 * largest


def _against_the_value_before(
    value: Decimal,
    others: Mapping[int, Decimal],
    fiscal_year: int,
    running_total: bool,
    write: Callable[[Decimal], str],
) -> Doubt | None:
    found = [move for move in moves({**others, fiscal_year: value}) if move.year == fiscal_year]
    if not found:
        return None
    [move] = found
    before = f"{_name_of(move.before_year, fiscal_year)}（{write(move.before)}）"
    if running_total and value < move.before:
        message = f"累計で入力する指標ですが、{before}より減っています。{REMEDY}"
        return Doubt(Why.FALLING_TOTAL, message)
    if move.before and abs(value) >= SLIP * abs(move.before):
        message = f"{before}の約{_about(value / move.before)}倍です。{REMEDY}"
        return Doubt(Why.MANY_TIMES, message)
    if value and abs(value) * SLIP <= abs(move.before):
        message = f"{before}の約{_about(move.before / value)}分の1です。{REMEDY}"
        return Doubt(Why.SMALL_PART, message)
    if is_large(move, running_total=running_total):
        message = f"{before}から{write(value)}へ、大きく動いています。{REMEDY}"
        return Doubt(Why.JUMP, message)
    return None


def _name_of(year: int, fiscal_year: int) -> str:
    return "前年度" if year == fiscal_year - 1 else era_label(year)


def _about(ratio: Decimal) -> str:
    """Return a ratio rounded to two significant digits, or to an integer: 8, 12, 1,000."""
    ratio = abs(ratio)
    places = min(0, 1 - ratio.adjusted())
    return format_number(ratio.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP), 0)
