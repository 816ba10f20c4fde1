"""計画の改訂 in time: how a revision is called, and which period and rules held in a year."""

from typing import Any

from indicators.rules.scales import read_scale
from indicators.rules.targets import Period
from indicators.rules.terms import Scale
from japanese.fiscal_years import era_label


def revision_label(number: int, from_fiscal_year: int) -> str:
    """Return the name of a revision beside its plan: 第1回改訂（平成29年度から）."""
    return f"第{number}回改訂（{era_label(from_fiscal_year)}から）"


def period_in(period: Period, revisions: Any, fiscal_year: int) -> Period:
    """Return the period of a plan that held in a year.

    `period` is the newest one; `revisions` are those of the plan, or their rows, in any order. A
    year is judged with the period that held in it, even if the plan was extended afterwards.
    """
    last = period.last
    for revision in sorted(revisions, key=lambda one: -one.from_fiscal_year):
        if revision.from_fiscal_year <= fiscal_year:
            break
        if revision.previous_last_fiscal_year is not None:
            last = revision.previous_last_fiscal_year
    return Period(period.first, last)


def scales_in_time(newest: Scale, revisions: Any) -> list[tuple[int | None, Scale]]:
    """Return the rules of judging of a plan, oldest first, each with its first year.

    None is the start of the plan. `revisions` are those of the plan, or their rows, in any order.
    """
    changing = [one for one in revisions if one.previous_rules is not None]
    changing.sort(key=lambda one: one.from_fiscal_year)
    starts = [None, *(one.from_fiscal_year for one in changing)]
    scales = [*(read_scale(one.previous_rules) for one in changing), newest]
    return list(zip(starts, scales, strict=True))
