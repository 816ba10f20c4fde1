"""Which plan is opened first: never a draft, and no empty plan while another has values."""

from typing import Any

from django.db.models import OuterRef, Subquery

from goals.models import Strategy, StrategyQuerySet
from indicators.listings import Listing
from indicators.models import Actual
from indicators.plan_states import PlanState
from trail.ready_queries import ReadyQuery

_NEWEST: dict[Any, str] = {
    model: f"newest_of_{model._meta.model_name}" for model in Listing.__subclasses__()
}
"""The annotation of each kind of listing: its newest fiscal year with a value."""


def in_order_of_opening(*, drafts: bool) -> list[Strategy]:
    """Return the plans in the order in which they are opened where nothing else is asked for.

    First the running plan whose newest year with a value is the newest, then ended plans with
    values, then those without values, drafts last; without `drafts`, those are left out. One query,
    whatever the number of plans, and each page asks it.
    """
    return sorted((_ALL if drafts else _WITHOUT_DRAFTS).instances(), key=_order)


def _newest_year(model: Any) -> Subquery:
    listings = f"indicator__{model._meta.model_name}s__{model.plan_path}"
    values = Actual.objects.filter(
        availability=Actual.Availability.REPORTED,
        fiscal_year_id__gte=OuterRef("first_fiscal_year"),
        fiscal_year_id__lte=OuterRef("last_fiscal_year"),
        **{listings: OuterRef("pk")},
    )
    return Subquery(values.order_by("-fiscal_year_id").values("fiscal_year_id")[:1])


_ALL = ReadyQuery(lambda: _with_newest_years(Strategy.objects.all()))
_WITHOUT_DRAFTS = ReadyQuery(lambda: _with_newest_years(Strategy.objects.without_drafts()))


def _with_newest_years(plans: StrategyQuerySet) -> StrategyQuerySet:
    return plans.annotate(**{name: _newest_year(model) for model, name in _NEWEST.items()})


def _order(plan: Strategy) -> tuple[bool, bool, bool, int, int, str]:
    newest = max(getattr(plan, name) or 0 for name in _NEWEST.values())
    return (
        plan.is_draft,
        not newest,
        plan.state != PlanState.RUNNING,
        -newest,
        -plan.first_fiscal_year,
        plan.code,
    )
