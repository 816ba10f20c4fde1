"""The order of the listings on their page: the plan's, by judgement, by change or by section.

`sort` is the parameter of the page. Whatever is equal stays in the plan's order.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from japanese.numerals import shown
from plans.comparison import YearComparison
from plans.lagging import badness


class Order(StrEnum):
    """How a table of listings is sorted; the values are used in addresses."""

    PLAN = "plan"
    JUDGEMENT = "judgement"
    CHANGE = "change"
    SECTION = "section"


ORDER_NAMES = {
    Order.PLAN: "計画の順",
    Order.JUDGEMENT: "判定の悪い順",
    Order.CHANGE: "前年度から悪化した順",
    Order.SECTION: "担当課の順",
}

JUDGEMENT_RULE = (
    "判定の悪い順に、同じ判定では判定に用いた率の低い順に並べています。"
    "判定していない指標は最後です。"
)


def read_order(asked: Mapping[str, str]) -> Order:
    """Return the order that the parameters of an address ask for; the plan's without any.

    Raises ValueError, with a message for users, for an order that there is not.
    """
    value = asked.get("sort", "").strip()
    if value and value not in ORDER_NAMES:
        raise ValueError(f"並べ方「{shown(value)}」はありません。並べ方を選び直してください。")
    return Order(value or Order.PLAN)


def in_order(compared: Sequence[YearComparison], order: Order) -> list[YearComparison]:
    """Return listings in an order.

    By judgement, the worst comes first, within a status by the deciding figure (plans/lagging.py);
    what is not judged comes last, 参考指標 after everything. By change, the listing that fell most
    bands comes first and what cannot be compared last. Sections have the order of their own list.
    """
    if order == Order.JUDGEMENT:
        return sorted(compared, key=lambda one: (one.listing.is_monitor, badness(one.listing)))
    if order == Order.CHANGE:
        return sorted(compared, key=_change)
    if order == Order.SECTION:
        ranks = _ranks_of_sections(compared)
        return sorted(compared, key=lambda one: ranks[one.listing.indicator.section_id])
    return [*compared]


def _change(one: YearComparison) -> tuple[bool, int]:
    return one.change is None, one.change or 0


def _ranks_of_sections(compared: Sequence[YearComparison]) -> dict[int, int]:
    """Return the ranks of the sections. Names come in the order of the sections."""
    indicators = [one.listing.indicator for one in compared]
    known = [pk for indicator in indicators[:1] for pk in indicator.in_time.names.current]
    found = [indicator.section_id for indicator in indicators]
    return {pk: rank for rank, pk in enumerate(dict.fromkeys([*known, *found]))}
