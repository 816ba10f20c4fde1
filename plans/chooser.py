"""The chooser of plans in the head of every page, where there is more than one plan to see."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from goals.models import Strategy, period_label
from indicators.plan_states import PlanState
from indicators.rules.targets import Period
from plans.nodes import OtherPlan, StrategyTree

SAME_PAGE = frozenset({"overview", "listings", "plan_list", "projects", "search", "report_choice"})
"""Names of addresses that every plan has: the chooser stays on the same kind of page."""


@dataclass(frozen=True)
class PlanChoice:
    """A plan to choose: its code, title, period and state in words, and where it leads."""

    code: str
    title: str
    about: str
    url: str
    is_shown: bool = False


def choices_beside(request: HttpRequest, tree: StrategyTree) -> list[PlanChoice]:
    """Return the plans to choose from on a page of a plan; none where it is the only one.

    A year that both plans have, the day and the words of a search are kept.
    """
    if not tree.others:
        return []
    name = request.resolver_match.url_name if request.resolver_match else None
    page = name if name in SAME_PAGE else "overview"
    kept = {key: request.GET[key] for key in ("as_of", "q") if request.GET.get(key)}
    choices = []
    own = OtherPlan(tree.code, tree.title, tree.whole_period, tree.state)
    for plan in sorted((own, *tree.others), key=lambda plan: (-plan.period.first, plan.code)):
        year = {"year": tree.fiscal_year} if tree.fiscal_year in plan.period else {}
        query = urlencode({**year, **kept})
        address = reverse(str(page), args=[plan.code]) + (f"?{query}" if query else "")
        about = about_plan(plan.period, plan.state)
        choices.append(PlanChoice(plan.code, plan.title, about, address, plan.code == tree.code))
    return choices


def choices_elsewhere(plans: Iterable[Strategy], shown: Iterable[Strategy]) -> list[PlanChoice]:
    """Return the plans to choose from on a page that is of no plan; none where there is only one.

    `shown` are the plans that the page is about.
    """
    codes = {plan.code for plan in shown}
    newest_first = sorted(plans, key=lambda plan: (-plan.first_fiscal_year, plan.code))
    if len(newest_first) < 2:
        return []
    return [
        PlanChoice(
            plan.code,
            plan.title,
            about_plan(plan.period, plan.state),
            reverse("overview", args=[plan.code]),
            plan.code in codes,
        )
        for plan in newest_first
    ]


def about_plan(period: Period, state: str) -> str:
    """Return period and state in words: 平成27年度～令和元年度、終了."""
    return f"{period_label(period.first, period.last)}、{PlanState(state).label}"
