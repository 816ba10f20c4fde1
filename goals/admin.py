"""Admin pages from the strategy down to the numeric targets."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from accounts.bulk_admin import PlanningBulkAdmin
from goals.judging import JudgingForm, judging_context
from goals.models import (
    BasicGoal,
    NumericTarget,
    NumericTargetOutlook,
    NumericTargetYear,
    Strategy,
)
from goals.plan_form import PlanForm, said_of_state
from goals.resources import NumericTargetResource
from indicators.correcting_admin import CorrectingAdmin, save_if_meant, tell
from indicators.listing_admin import ListingAdmin, PlanningOutlookInline, YearlyTargetInline
from indicators.plan_admin import PlanPartAdmin
from indicators.plan_filters import PartFilter, PlanFilter
from indicators.plan_states import PlanState
from indicators.rules.scales import CHOICES, THRESHOLDS
from trail.history import NOTHING_CHANGED, changing
from trail.tracked_admin import LinksInline, RowsInline


class BasicGoalInline(RowsInline):
    model = BasicGoal
    can_delete = False  # its own page says what goes with it, and what keeps it


@admin.register(Strategy)
class StrategyAdmin(CorrectingAdmin, PlanPartAdmin):
    form = PlanForm
    list_display = [
        "title", "state", "city", "first_fiscal_year", "last_fiscal_year", "invented",
    ]  # fmt: skip
    inlines = [BasicGoalInline]
    exclude = (*THRESHOLDS, *CHOICES, "labels", "marks")
    readonly_fields = ["judging"]
    judges_by = frozenset({"first_fiscal_year", "last_fiscal_year"})

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the rules themselves to those who may only look at the plan."""
        return super().get_exclude(request, obj) if self._may_judge(request, obj) else None

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Leave the link to 判定の決め方 out where it leads nowhere."""
        has_link = obj and self._may_judge(request, obj)
        return [name for name in super().get_fields(request, obj) if has_link or name != "judging"]

    def _may_judge(self, request: HttpRequest, strategy: Strategy | None) -> bool:
        return bool(strategy is None or self.has_change_permission(request, strategy))

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, str | list[str]]:
        """Let a new plan begin as a draft: nothing of it is there yet."""
        return {"state": PlanState.DRAFT, **super().get_changeform_initial_data(request)}

    def save_model(self, request: Any, obj: Strategy, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        request.has_new_state = "state" in form.changed_data or not change

    def response_add(self, request: HttpRequest, obj: Any, *args: Any, **kwargs: Any) -> Any:
        self._say_state(request, obj)
        return super().response_add(request, obj, *args, **kwargs)

    def response_change(self, request: Any, obj: Any) -> HttpResponse:
        response = super().response_change(request, obj)
        if not request.judgements_changed:  # otherwise nothing was saved
            self._say_state(request, obj)
        return response

    def _say_state(self, request: HttpRequest, plan: Strategy) -> None:
        """Say what another state of the plan means."""
        if getattr(request, "has_new_state", False):
            for level, message in said_of_state(plan):
                self.message_user(request, message, level)

    @admin.display(description="判定の決め方")
    def judging(self, strategy: Strategy) -> str:
        address = reverse("admin:goals_strategy_judging", args=[strategy.pk])
        return format_html('<a href="{}">判定の決め方を見る・変える</a>', address)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.judging_view)
        return [
            path("<path:object_id>/judging/", view, name="goals_strategy_judging"),
            *super().get_urls(),
        ]

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def judging_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the rules of a plan with examples; save them if the form is sent to be saved."""
        strategy = self.get_object(request, object_id)
        if strategy is None:
            raise Http404
        if not self._may_judge(request, strategy):
            raise PermissionDenied
        context = judging_context(request, strategy)
        if context["valid"] and "save" in request.POST:
            form = context["form"]
            told = []
            if form.changes_something:
                with changing(reason=form.cleaned_data["change_reason"].strip()):
                    told = save_if_meant(request, form.save)
            if not told:
                self._say_saved(request, form)
                return redirect("admin:goals_strategy_judging", strategy.pk)
            tell(form, told)
        context |= self.admin_site.each_context(request) | {
            "title": f"判定の決め方：{strategy.title}",
            "strategy": strategy,
        }
        return TemplateResponse(request, "admin/judging.html", context)

    def _say_saved(self, request: HttpRequest, form: JudgingForm) -> None:
        if form.changes_something:
            self.message_user(request, "判定の決め方を保存しました。", messages.SUCCESS)
        else:
            self.message_user(request, NOTHING_CHANGED)


class NumericTargetLinks(LinksInline):
    model = NumericTarget
    fields = ["position", "name", "sentence"]


@admin.register(BasicGoal)
class BasicGoalAdmin(PlanPartAdmin):
    list_display = ["__str__", "strategy"]
    list_filter = [PlanFilter]
    list_select_related: Any = ["strategy"]
    search_fields = ["title"]
    # measures/admin.py adds the groups: goals must not import measures
    inlines: ClassVar[list[type[LinksInline]]] = [NumericTargetLinks]


class NumericTargetYearInline(YearlyTargetInline):
    model = NumericTargetYear


class NumericTargetOutlookInline(PlanningOutlookInline):
    model = NumericTargetOutlook


class GoalFilter(PartFilter):
    title = "基本目標"
    parameter_name = path = "goal"


@admin.register(NumericTarget)
class NumericTargetAdmin(PlanningBulkAdmin, ListingAdmin):
    resource_classes = [NumericTargetResource]
    parent = "goal"
    inlines = [NumericTargetYearInline, NumericTargetOutlookInline]
    list_filter = [PlanFilter, GoalFilter, *ListingAdmin.list_filter]
    list_select_related: Any = ["goal__strategy", "indicator", "confirmed_by"]
