"""The part of a plan that an address selects: ?year=, ?as_of=, ?goal= and ?section=."""

from collections.abc import Mapping
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from plans.narrowing import NotInPlan, goal_numbered, narrow, section_named
from plans.nodes import StrategyTree
from plans.pages import Link, PageNotFound, UnknownChoice, kept_query, tree_for


def tree_in_scope(
    request: HttpRequest,
    code: str,
    fiscal_year: int | None = None,
    *,
    words: Mapping[str, str] | None = None,
) -> StrategyTree:
    """Return the part of the strategy that the address selects.

    Pass `fiscal_year` if the year is part of the path, and `words` if they do not depend on who
    asks. Raises PageNotFound for what the plan does not have.
    """
    try:
        tree = tree_for(request, code, fiscal_year=fiscal_year, words=words)
    except PageNotFound as error:
        if fiscal_year is None:
            raise
        # The year is part of the path, so links that change ?year= would not help.
        raise PageNotFound(error.message, [Link("報告書を選ぶ", reverse("reports"))]) from None
    goal, section = _asked(request)
    try:
        return narrow(tree, goal=goal_numbered(tree, goal), section=section_named(tree, section))
    except NotInPlan as error:
        choose = reverse("report_choice", args=[code]) + kept_query(tree)
        raise UnknownChoice(str(error), [Link("報告書を選び直す", choose)]) from None


def scope_query(request: HttpRequest, tree: StrategyTree) -> str:
    """Return the query string that selects the same part of the plan at another address."""
    asked = zip(_PARTS, _asked(request), strict=True)
    more = urlencode({name: text for name, text in asked if text})
    return kept_query(tree) + (f"&{more}" if more else "")


_PARTS = ("goal", "section")


def _asked(request: HttpRequest) -> list[str]:
    return [request.GET.get(name, "").strip() for name in _PARTS]
