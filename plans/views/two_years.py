"""The page of two years side by side (年度の比較)."""

from contextlib import suppress
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import access
from accounts.decorators import allowed
from japanese.fiscal_years import era_label, full_label
from plans.asked_years import FROM, TO, YEAR_NAMES, AskedYears, later_year, read_years
from plans.kept_pages import kept_page
from plans.nodes import StrategyTree
from plans.pages import Link, PageNotFound, page_context, tree_for
from plans.two_years import COMPARISON_RULE, compare_years

HEADING = "年度の比較"


@require_safe
@allowed(access.may_read)
@kept_page
def two_years(request: HttpRequest, code: str) -> HttpResponse:
    """Show what became of each listing between two years of the plan."""
    tree = _later_tree(request, code)
    asked = read_years(request.GET, tree.fiscal_year, tree.whole_period)
    compared = None
    if asked.are_compared:
        before = tree_for(request, code, fiscal_year=asked.first)
        compared = compare_years(before, tree)
    context = page_context(
        request,
        tree,
        heading=HEADING,
        crumbs=[Link(HEADING)],
        years_asked=asked,
        compared=compared,
        selects=_selects(tree, asked),
        kept=_kept(tree),
        swap_url=_address(tree, asked.last, asked.first) if asked.is_reversed else "",
        before_label=era_label(asked.first),
        now_label=era_label(asked.last),
        before_query=_query(tree, asked.first),
        change_rule=COMPARISON_RULE,
    )
    return render(request, "plans/two_years.html", context)


def _later_tree(request: HttpRequest, code: str) -> StrategyTree:
    """Return the plan for the later year, or for the year shown if the plan has no such year."""
    last = later_year(request.GET)
    if last is not None:
        with suppress(PageNotFound):
            return tree_for(request, code, fiscal_year=last)
    return tree_for(request, code)


def _selects(tree: StrategyTree, asked: AskedYears) -> list[tuple[str, str, int, list]]:
    """Return name, label, chosen year and choices of both select boxes."""
    choices = [(year, full_label(year)) for year in tree.whole_period]
    chosen = {FROM: asked.first, TO: asked.last}
    return [(name, label, chosen[name], choices) for name, label in YEAR_NAMES.items()]


def _kept(tree: StrategyTree) -> dict[str, str]:
    return {} if tree.as_of is None else {"as_of": str(tree.as_of)}


def _query(tree: StrategyTree, fiscal_year: int) -> str:
    """Return the query of links to the earlier year."""
    return f"?{urlencode({'year': fiscal_year, **_kept(tree)})}"


def _address(tree: StrategyTree, first: int, last: int) -> str:
    return f"{tree.base_url}compare/?{urlencode({FROM: first, TO: last, **_kept(tree)})}"
