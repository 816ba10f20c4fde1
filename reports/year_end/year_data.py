"""What is confirmed of a year, as the data that an edition would have if it were fixed now."""

from typing import Any

from goals.models import Strategy
from indicators.models import FiscalYear
from plans.nodes import StrategyTree
from plans.pages import Link, PageNotFound
from reviews.confirmed import confirmed_only
from reviews.freezing import contents, reviews_of_year


def year_data(tree: StrategyTree) -> dict[str, Any]:
    """Return the data of the tree's year, or of its part; a constant number of queries."""
    strategy = Strategy.objects.get(code=tree.code)
    confirmed = confirmed_only(tree)
    return contents(
        confirmed, reviews_of_year(confirmed, strategy, FiscalYear(pk=tree.fiscal_year))
    )


def of_now(tree: StrategyTree, paper: str, here: str) -> StrategyTree:
    """Return the tree if it is that of now: of an earlier day, nobody knows what was written.

    Raises PageNotFound.
    """
    if tree.as_of is not None:
        raise PageNotFound(
            f"{paper}は、過去の時点では作れません。現在の内容で作ってください。",
            [Link("現在の内容を表示する", f"{here}?year={tree.fiscal_year}")],
        )
    return tree
