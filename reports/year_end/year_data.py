"""What is confirmed of a year, as the data that an edition would have if it were fixed now.

`year_data` is for papers that stay inside, `public_year_data` for those that leave the office.
"""

from typing import Any

from goals.models import Strategy
from indicators.models import FiscalYear
from plans.nodes import StrategyTree
from plans.pages import Link, RefusedNow
from reviews.editions.confirmed import confirmed_only
from reviews.editions.freezing import contents, reviews_of_year
from reviews.editions.public_data import public_contents
from reviews.editions.telling_texts import telling_texts
from reviews.editions.withholding import public_tree


def year_data(tree: StrategyTree) -> dict[str, Any]:
    """Return the data of the tree's year, or of its part; a constant number of queries."""
    return contents(*_confirmed_year(tree))


def public_year_data(tree: StrategyTree) -> dict[str, Any]:
    """Return the same as the public may see it: no values marked 秘匿 nor what reveals them."""
    confirmed, reviewed = _confirmed_year(tree)
    return _public(public_tree(confirmed), reviewed)


def told_texts(tree: StrategyTree) -> list[str]:
    """Return where a text in papers for readers outside reveals a 秘匿 value or a person's name.

    Papers have the texts as they were typed. Of an earlier day there are none.
    """
    if tree.as_of is not None:
        return []
    confirmed, reviewed = _confirmed_year(tree)
    return telling_texts(confirmed, public_tree(confirmed), reviewed)


def public_year(tree: StrategyTree) -> tuple[dict[str, Any], list[str]]:
    """Return `public_year_data` and `told_texts` of the current tree, reading everything once."""
    confirmed, reviewed = _confirmed_year(tree)
    public = public_tree(confirmed)
    return _public(public, reviewed), telling_texts(confirmed, public, reviewed)


def _public(public: StrategyTree, reviewed: dict[str, Any]) -> dict[str, Any]:
    return public_contents(public, contents(public, reviewed), ())


def _confirmed_year(tree: StrategyTree) -> tuple[StrategyTree, dict[str, Any]]:
    """Return the tree with confirmed values, and what was written of its year."""
    confirmed = confirmed_only(tree)
    strategy = Strategy.objects.get(code=confirmed.code)
    year = FiscalYear(pk=confirmed.fiscal_year)
    return confirmed, reviews_of_year(confirmed, strategy, year)


def of_now(tree: StrategyTree, paper: str, here: str) -> StrategyTree:
    """Return the tree if it is the current one: for an earlier day, nobody knows what was written.

    Raises RefusedNow.
    """
    if tree.as_of is not None:
        raise RefusedNow(
            f"{paper}は、過去の時点では作れません。現在の内容で作ってください。",
            [Link("現在の内容を表示する", f"{here}?year={tree.fiscal_year}")],
        )
    return tree
