"""What belongs to plans that are 作成中 is hidden from everybody but planning."""

from typing import Any

from django.db.models import QuerySet

from accounts import access
from indicators.plan_states import PlanState
from trail.history import history_of


def without_drafts(objects: QuerySet, user: Any) -> QuerySet:
    """Leave out what belongs to plans that are 作成中, unless the user may see them."""
    if access.may_see_drafts(user):
        return objects
    path: str = getattr(objects.model, "plan_path", "")
    return objects.exclude(**{f"{path}__state" if path else "state": PlanState.DRAFT})


def is_of_draft(model: Any, row: Any) -> bool:
    """Return whether a row of history leads to a plan that is 作成中 or was so when it was deleted.

    It goes up row by row, because what a row refers to may have been deleted.
    """
    for name in filter(None, model.plan_path.split("__")):
        if row is None:
            return False
        parent = getattr(row, f"{name}_id")
        model = model._meta.get_field(name).related_model
        row = history_of(model).filter(id=parent).order_by("-history_id").first()
    return row is not None and row.state == PlanState.DRAFT
