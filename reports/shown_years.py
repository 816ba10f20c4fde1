"""The years that a paper has room for, and the note about the others."""

from collections.abc import Sequence

from japanese.fiscal_years import era_label
from plans.nodes import StrategyTree


def years_around(tree: StrategyTree, most: int) -> tuple[int, ...]:
    """Return up to `most` years of the plan: the judged one, the next and those before."""
    years = list(tree.years)
    last = min(tree.fiscal_year + (most > 1), years[-1])
    end = max(last - years[0] + 1, most)
    return tuple(years[max(0, end - most) : end])


def years_note(tree: StrategyTree, shown: Sequence[int]) -> str:
    """Return the note about the years that are not `shown`; "" if all are."""
    if not shown or len(shown) == len(tree.years):
        return ""
    first, last = era_label(shown[0]), era_label(shown[-1])
    return (
        f"読みやすい大きさで印刷するため、{first}から{last}までを載せています。"
        "計画期間のほかの年度は、検証報告書にあります。"
    )
