"""The part of a plan that an address selects: ?year=, ?as_of=, ?goal= and ?section=."""

from collections.abc import Mapping
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from japanese.numerals import half_width, shown
from plans.narrowing import NotInPlan, narrow, section_named
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
    section = request.GET.get("section", "").strip()
    try:
        return narrow(tree, goal=_goal(request, tree), section=section_named(tree, section))
    except NotInPlan as error:
        choose = reverse("report_choice", args=[code]) + kept_query(tree)
        raise UnknownChoice(str(error), [Link("報告書を選び直す", choose)]) from None


def scope_query(request: HttpRequest, tree: StrategyTree) -> str:
    """Return the query string that selects the same part of the plan at another address."""
    asked = {name: request.GET.get(name, "").strip() for name in ("goal", "section")}
    more = urlencode({name: text for name, text in asked.items() if text})
    return kept_query(tree) + (f"&{more}" if more else "")


def _goal(request: HttpRequest, tree: StrategyTree) -> int | None:
    text = request.GET.get("goal", "").strip()
    if not text:
        return None
    try:
        return int(half_width(text))
    except ValueError:
        raise NotInPlan(
            f"{tree.words.goal}「{shown(text)}」は番号として読めません。「1」のように指定してください。"
        ) from None
