"""内部評価, 事業の実績 and opinions that wait for somebody, for the first pages of sections."""

from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import Count, Exists, OuterRef
from django.urls import reverse

from accounts import access
from entry.waiting_texts import WaitingTexts
from goals.models import Strategy
from japanese.fiscal_years import era_label
from plans.nodes import StrategyTree
from plans.tree import read_tree
from reviews.duties import Responsible, duties_of_measures, duties_of_projects
from reviews.editions.editions_of_plan import fixed_plans, standing
from reviews.models import Edition, MeasureReview, Opinion, ProjectYear, State

Found = list[tuple[int, int, str]]
"""The plan, the measure or project, and the state of what is written of it."""


def waiting_reviews(
    user: Any, fiscal_year: int, strategies: Sequence[Strategy], states: Collection[str]
) -> list[WaitingTexts]:
    """Return the texts of the user's own sections in these states, without fixed years.

    Opinions that they have to answer come first, of every year that is not fixed.
    Three queries where nothing is in them. Else also those that say which sections answer for it,
    for each plan, but no more for more texts.
    """
    about = {"fiscal_year": fiscal_year, "state__in": states}
    projects: Found = list(
        ProjectYear.objects.filter(**about).values_list(
            "project__measure__group__goal__strategy", "project", "state"
        )
    )
    measures: Found = list(
        MeasureReview.objects.filter(**about).values_list(
            "measure__group__goal__strategy", "measure", "state"
        )
    )
    with_some = {plan for plan, *_ in (*projects, *measures)}
    lines = _opinions(user, strategies)
    if not with_some:
        return lines
    fixed, own = fixed_plans(fiscal_year), access.sections_of(user)
    for strategy in strategies:
        if strategy.pk not in with_some - fixed:
            continue
        tree = read_tree(strategy.code, fiscal_year)
        for name, address, found, duties in (
            ("事業の実績", "review_projects", projects, duties_of_projects(tree)),
            ("内部評価", "review_measures", measures, duties_of_measures(tree)),
        ):
            counts = _counts(found, duties, own)
            lines += [
                WaitingTexts(name, State(one).label, counts[one], _url(tree, address, one))
                for one in states
                if counts.get(one)
            ]
    return lines


def _opinions(user: Any, strategies: Sequence[Strategy]) -> list[WaitingTexts]:
    """Return the opinions of councils that the user's sections have not answered, by year.

    A council meets when the next year is already being entered, so these are of all years that are
    not fixed. One query.
    """
    codes = {strategy.pk: strategy.code for strategy in strategies}
    of_year = Edition.objects.filter(
        strategy=OuterRef("council__strategy"), fiscal_year=OuterRef("council__fiscal_year")
    )
    asked = Opinion.objects.filter(
        section__in=access.sections_of(user), response="", council__strategy__in=codes
    ).exclude(Exists(standing(of_year)))
    of = ("council__strategy_id", "council__fiscal_year_id")
    found = asked.order_by(*of).values_list(*of).annotate(count=Count("pk"))
    return [
        WaitingTexts(
            f"有識者会議の意見（{era_label(year)}）",
            "市の考え方が未入力",
            count,
            reverse("review_council", args=[codes[plan]], query={"year": year}),
        )
        for plan, year, count in found
    ]


def _counts(found: Found, duties: Responsible, own: Collection[int]) -> dict[str, int]:
    """Return how many of a plan's are in each state and belong to some sections."""
    counts: dict[str, int] = {}
    for plan, pk, state in found:
        if plan == duties.strategy_id and not set(own).isdisjoint(duties.sections(pk)):
            counts[state] = counts.get(state, 0) + 1
    return counts


def _url(tree: StrategyTree, address: str, state: str) -> str:
    return reverse(address, args=[tree.code], query={"year": tree.fiscal_year, "state": state})
