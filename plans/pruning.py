"""Deletes from a draft what a newer description of it no longer has.

Only drafts: what a plan that people see had in a year stays true of that year.
"""

from collections.abc import Collection, Iterator
from typing import Any

from django.db.models import Exists, ForeignObjectRel, Model, OuterRef

from goals.models import (
    BasicGoal,
    Grant,
    NumericTarget,
    NumericTargetOutlook,
    NumericTargetVersion,
    NumericTargetYear,
    Strategy,
)
from indicators.models import Indicator
from kpis.models import KPI, KPIOutlook, KPIVersion, KPIYear
from measures.models import Measure, MeasureGroup, Project
from plans.loading import LoadResult
from trail.history import delete_with_history

_LISTING_PARTS: dict[type[Model], tuple[Any, ...]] = {
    KPI: (KPIYear, KPIVersion, KPIOutlook),
    NumericTarget: (NumericTargetYear, NumericTargetVersion, NumericTargetOutlook),
}

_PARTS: tuple[Any, ...] = (Project, KPI, NumericTarget, Measure, MeasureGroup, BasicGoal, Grant)
"""Each model comes before those it refers to."""


def prune(strategy: Strategy, result: LoadResult) -> list[Model]:
    """Delete the parts of a draft that its description does not have, and return them.

    The caller has said who changes, and why. Queries do not grow with the number of parts.
    Raises ValueError for a plan that is not a draft.
    """
    if not strategy.is_draft:
        raise ValueError("Only a draft loses what its description does not have.")
    gone: list[Model] = []
    for model in _PARTS:
        described = {one.pk for _, one in result.objects.get(model, [])}
        stored = model.objects.filter(**{model.plan_path: strategy})
        if model is Project:
            stored = stored.select_related("measure__group__goal").order_by("pk")
        else:
            stored = stored.select_related(*_above(model))
        stale = [one for one in stored if one.pk not in described]
        for part in _LISTING_PARTS.get(model, ()):
            delete_with_history(part, list(part.objects.filter(listing__in=stale)) if stale else [])
        if model is Project:
            # Rows that list a project again refer to it.
            again = [one for one in stale if one.relisted_from_id]
            delete_with_history(model, again)
            delete_with_history(model, [one for one in stale if not one.relisted_from_id])
        else:
            delete_with_history(model, stale)
        gone += stale
    return gone


def _above(model: Any) -> Iterator[str]:
    steps = model.plan_path.split("__")
    yield "__".join(steps[:-1] or steps)


def delete_orphans(codes: Collection[str]) -> list[Indicator]:
    """Delete those of some indicators that no plan lists and nobody has entered anything for."""
    if not codes:
        return []
    unused = Indicator.objects.filter(code__in=codes)
    for relation in Indicator._meta.get_fields(include_hidden=True):
        if not (isinstance(relation, ForeignObjectRel) and relation.one_to_many):
            continue
        model: Any = relation.related_model
        if "history_type" not in {field.name for field in model._meta.fields}:
            used = model._base_manager.filter(**{relation.field.name: OuterRef("pk")})
            unused = unused.exclude(Exists(used))
    orphans = list(unused)
    delete_with_history(Indicator, orphans)
    return orphans
