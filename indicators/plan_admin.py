"""What the admin pages of a plan and its parts share: nothing with values can be deleted."""

from collections.abc import Iterable
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.utils import NestedObjects, unquote
from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, QueryDict

from accounts import access
from indicators.drafts import is_of_draft, without_drafts
from indicators.known_years import asked_reason, known_years, years_that_show
from indicators.listings import Listing, period_of
from indicators.models import Actual
from indicators.plan_filters import part_field, plan_of
from indicators.typed_fields import YearField
from japanese.fiscal_years import era_label
from trail.history import changing, history_of
from trail.tracked_admin import TrackedAdmin

PLAN_IS_KEPT = (
    "計画期間に実績値がある指標を載せているため、計画を削除できません。"
    "計画が終わったときは、総合戦略の状態を「終了」にしてください。"
    "誤って登録した計画は、状態を「作成中」にすると、企画担当のほかには見えなくなります。"
)
PART_IS_KEPT = (
    "確認済みの実績値がある指標を載せているため、削除できません。誤って登録した"
    "数値目標かKPIだけは、その読み方の確認を外すと、一つずつ削除できます。"
    "計画が終わったときは、総合戦略の状態を「終了」にしてください。"
)


ONE_BY_ONE = (
    "受付を始めた年度、実績のある年度、公表した年度の画面に出ているものは、まとめて削除できません。"
    "一つずつ、変更の理由を入力して削除してください。"
)


class PlanPartAdmin(TrackedAdmin):
    """An admin page of a plan or a part: neither a plan with values nor a judged part is deleted.

    What years show that people know is deleted one by one, with a reason.

    The model says by `plan_path` how it leads to its plan. Plans that are 作成中, their parts and
    the history of both are there for planning only.
    """

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return without_drafts(super().get_queryset(request), request.user)

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Let selects of parts of plans name the plan; only planning sees those of drafts."""
        related = db_field.related_model
        if hasattr(related, "plan_path"):
            offered = kwargs.get("queryset", related._default_manager.all())
            kwargs |= part_field(without_drafts(offered, request.user))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Take a target year as people write years."""
        if db_field.name == "target_year":
            return YearField(
                label=db_field.verbose_name, help_text=db_field.help_text, required=False
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

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

    delete_confirmation_template = "admin/delete_with_reason.html"

    def delete_view(self, request: Any, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Ask for a reason where years that people know show what is deleted."""
        part = self.get_object(request, unquote(object_id))
        reason = request.POST.get("change_reason", "").strip()
        years = years_that_show(part, known_years()) if part else []
        request.is_deleted_alone = True
        asked = asked_reason(years) if years else ""
        context = {"asked": asked, "is_missing": bool(request.POST and asked and not reason)}
        if context["is_missing"]:
            request.POST = QueryDict()  # shows the page again, and deletes nothing
        with changing(reason=reason):
            return super().delete_view(request, object_id, {**(extra_context or {}), **context})

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        """Add the listings that keep the objects from being deleted, and say why."""
        deleted, counts, missing_rights, protected = super().get_deleted_objects(objs, request)
        chosen = list(objs)
        kept = listings_that_keep(chosen)
        if kept:
            is_plan = any(map(_is_plan, chosen))
            self.message_user(request, PLAN_IS_KEPT if is_plan else PART_IS_KEPT, messages.ERROR)
        elif not getattr(request, "is_deleted_alone", False):
            years = known_years()
            kept = [str(one) for one in chosen if years_that_show(one, years)]
            if kept:
                self.message_user(request, ONE_BY_ONE, messages.ERROR)
        return deleted, counts, missing_rights, [*protected, *kept]


def listings_that_keep(objects: Iterable[models.Model]) -> list[str]:
    """Return the listings, with years, whose values forbid that objects are deleted.

    They are the listings among the objects and below them. A whole plan is kept by any value of
    its years, a part of one by confirmed values only. A single listing whose reading is not
    confirmed is not judged and forbids nothing.
    """
    chosen = list(objects)
    plans = [thing for thing in chosen if _is_plan(thing)]
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
    recorded: dict[int, list[int]] = {}
    for pk, year, state in Actual.objects.filter(
        Q(state=Actual.State.CONFIRMED) | Q(value__isnull=False),
        indicator__in={listing.indicator_id for listing in listings},
    ).values_list("indicator_id", "fiscal_year_id", "state"):
        recorded.setdefault(pk, []).append(year)
        if state == Actual.State.CONFIRMED:
            confirmed.setdefault(pk, []).append(year)
    kept = []
    for listing in listings:
        of_plan = plan_of(listing) in plans
        word, found_years = ("実績値", recorded) if of_plan else ("確認済みの実績値", confirmed)
        period = period_of(listing)
        years = sorted(y for y in found_years.get(listing.indicator_id, ()) if y in period)
        if years:
            named = "、".join(era_label(year) for year in years)
            kept.append(f"{listing}（{word}：{named}）")
    return kept


def _is_plan(thing: models.Model) -> bool:
    """Return whether an object is a plan itself; its way to its plan is then empty."""
    return getattr(thing, "plan_path", None) == ""
