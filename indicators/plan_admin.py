"""What the admin pages of a plan and of its parts share: what is judged cannot be deleted."""

from collections.abc import Iterable
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.utils import NestedObjects
from django.db import DEFAULT_DB_ALIAS, models
from django.http import Http404, HttpRequest, HttpResponse

from accounts import access
from indicators.drafts import is_of_draft, without_drafts
from indicators.listings import Listing, period_of
from indicators.models import Actual
from indicators.plan_filters import part_field, plan_of
from japanese.fiscal_years import era_label
from trail.history import history_of
from trail.tracked_admin import TrackedAdmin


class PlanPartAdmin(TrackedAdmin):
    """An admin page of a plan or a part of one: nothing goes whose confirmed values are judged.

    The model says by `plan_path` how it leads to its plan. Plans that are 作成中, their parts and
    the history of both are there for planning only.
    """

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return without_drafts(super().get_queryset(request), request.user)

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Let selects of parts of plans name the plan, and offer nothing of a draft to others."""
        related = db_field.related_model
        if hasattr(related, "plan_path"):
            offered = kwargs.get("queryset", related._default_manager.all())
            kwargs |= part_field(without_drafts(offered, request.user))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description="総合戦略")
    def plan(self, part: Any) -> str:
        """The plan of a part, for lists."""
        return str(plan_of(part))

    def get_history_queryset(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        rows = super().get_history_queryset(request, *args, **kwargs)
        if not access.may_see_drafts(request.user) and is_of_draft(self.model, rows.first()):
            return rows.none()
        return rows

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        rows = history_of(self.model).filter(id=object_id).order_by("-history_id")
        if not access.may_see_drafts(request.user) and is_of_draft(self.model, rows.first()):
            raise Http404
        return super().history_form_view(request, object_id, version_id, *args, **kwargs)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        """Add the listings that keep the objects from being deleted, and say why."""
        deleted, counts, missing_rights, protected = super().get_deleted_objects(objs, request)
        kept = listings_that_keep(objs)
        if kept:
            self.message_user(
                request,
                "確認済みの実績値がある指標を載せているため、削除できません。誤って登録した"
                "数値目標かKPIだけは、その読み方の確認を外すと、一つずつ削除できます。"
                "計画が終わったときは、総合戦略の状態を「終了」にしてください。",
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
