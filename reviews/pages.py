"""What the pages of the year's end share: the plan for the year, and the links around it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from indicators.models import FiscalYear
from japanese.fiscal_years import full_label
from plans.nodes import StrategyTree
from plans.pages import Link, RefusedNow, kept_query, page_context, tree_for
from plans.tree import NEWEST

PLACES: tuple[tuple[str, str], ...] = (
    ("評価の進み具合", "reviews"),
    ("事業の実績", "review_projects"),
    ("内部評価", "review_measures"),
    ("交付金の検証", "review_grants"),
    ("有識者会議", "review_council"),
    ("検証調書", "review_editions"),
)
"""The pages of a plan's year: text and name of the address."""


def tree_of_review(
    request: HttpRequest, code: str, *, words: Mapping[str, str] | None = None
) -> StrategyTree:
    """Return the plan for the year in the address, or for the newest year with values.

    Evaluations are written about what is stored now, so ?as_of= is refused. Pass `words` if they do
    not depend on who asks. Raises PageNotFound.
    """
    tree = tree_for(request, code, NEWEST, words=words)
    if tree.as_of is not None:
        raise RefusedNow(
            "評価の画面は、過去の時点では表示できません。現在の内容を表示してください。",
            [Link("現在の内容を表示する", f"{request.path}?year={tree.fiscal_year}")],
        )
    return tree


def year_of(tree: StrategyTree) -> FiscalYear:
    """Return the row of the tree's year. Raises RefusedNow if planning has not created it."""
    year = FiscalYear.objects.filter(pk=tree.fiscal_year).first()
    if year is None:
        raise RefusedNow(
            f"{full_label(tree.fiscal_year)}は、まだ作られていません。"
            "企画担当が「実績の入力」で年度を作ると、評価を入力できます。",
            [Link("概要へ", tree.base_url + kept_query(tree))],
        )
    return year


def review_context(
    request: HttpRequest,
    tree: StrategyTree,
    heading: str,
    *,
    crumbs: Sequence[Link] = (),
    **more: Any,
) -> dict[str, Any]:
    """Return the context of a page of the year's end, including `more`."""
    query = kept_query(tree)
    first = Link("評価", reverse("reviews", args=[tree.code]) + query)
    trail = [first, *crumbs, Link(heading)] if crumbs or heading != first.text else [first]
    return page_context(
        request,
        tree,
        heading=heading,
        crumbs=trail,
        places=places_of_review(request, tree),
        **more,
    )


def places_of_review(request: HttpRequest, tree: StrategyTree) -> list[Link]:
    """Return the links to the pages of the year's end."""
    links = []
    for text, name in PLACES:
        path = reverse(name, args=[tree.code])
        links.append(Link(text, path + kept_query(tree), request.path == path))
    return links
