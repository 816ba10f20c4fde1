"""What the admin pages of a plan and of its parts share: what is judged cannot be deleted."""

from collections.abc import Iterable
from typing import Any, cast

from django.contrib import messages
from django.contrib.admin.utils import NestedObjects
from django.db import DEFAULT_DB_ALIAS, models
from django.http import HttpRequest

from indicators.listings import Listing, period_of
from indicators.models import Actual
from japanese.fiscal_years import era_label
from trail.tracked_admin import TrackedAdmin


class PlanPartAdmin(TrackedAdmin):
    """An admin page of a plan or a part of one: nothing goes whose confirmed values are judged."""

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        """Add the listings that keep the objects from being deleted, and say why."""
        deleted, counts, missing_rights, protected = super().get_deleted_objects(objs, request)
        kept = listings_that_keep(objs)
        if kept:
            self.message_user(
                request,
                "確認済みの実績値がある指標を載せているため、削除できません。誤って登録した"
                "数値目標かKPIだけは、その読み方の確認を外すと、一つずつ削除できます。",
                messages.ERROR,
            )
        return deleted, counts, missing_rights, [*protected, *kept]


def listings_that_keep(objects: Iterable[models.Model]) -> list[str]:
    """Return the listings, with years, whose confirmed values forbid that objects are deleted.

    They are the listings among the objects and below them. A single listing whose reading is not
    confirmed is not judged and forbids nothing.
    """
    chosen = list(objects)
    collector = NestedObjects(using=DEFAULT_DB_ALIAS)
    collector.collect(chosen)
    listings: list[Any] = [
        listing
        for model, found in collector.data.items()
        if issubclass(model, Listing)
        for listing in cast(Iterable[Any], found)
        if listing.is_confirmed or listing not in chosen
    ]
    confirmed: dict[int, list[int]] = {}
    for pk, year in Actual.objects.filter(
        state=Actual.State.CONFIRMED, indicator__in={listing.indicator_id for listing in listings}
    ).values_list("indicator_id", "fiscal_year_id"):
        confirmed.setdefault(pk, []).append(year)
    kept = []
    for listing in listings:
        period = period_of(listing)
        years = sorted(year for year in confirmed.get(listing.indicator_id, ()) if year in period)
        if years:
            named = "、".join(era_label(year) for year in years)
            kept.append(f"{listing}（確認済みの実績値：{named}）")
    return kept
