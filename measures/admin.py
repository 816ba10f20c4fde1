"""Admin pages of groups, measures and projects."""

from typing import Any, ClassVar

from django.contrib import admin
from django.forms import Field

from accounts.bulk_admin import PlanningBulkAdmin
from goals.admin import BasicGoalAdmin
from goals.carried_form import CarriedForm
from indicators.plan_admin import PlanPartAdmin
from indicators.plan_filters import PartFilter, PlanFilter
from indicators.revising_admin import RevisingAdmin
from indicators.titled_form import TitledPartForm
from measures.models import Measure, MeasureGroup, Project
from measures.resources import ProjectResource
from trail.tracked_admin import LinksInline, RowsInline


class MeasureGroupLinks(LinksInline):
    model = MeasureGroup
    fields = ["symbol", "title"]


BasicGoalAdmin.inlines = [*BasicGoalAdmin.inlines, MeasureGroupLinks]


class MeasureInline(RowsInline):
    model = Measure
    fields = ["position", "title"]
    can_delete = False  # its own page says what is deleted with it, and what prevents that


class MeasureLinks(LinksInline):
    model = Measure
    fields = ["position", "title"]


class GroupForm(TitledPartForm):
    parent = "goal"


@admin.register(MeasureGroup)
class MeasureGroupAdmin(RevisingAdmin, PlanPartAdmin):
    form = GroupForm
    list_display = ["__str__", "goal", "plan", "years_shown"]
    list_filter = [PlanFilter]
    list_select_related = ["goal__strategy"]
    search_fields = ["title"]
    inlines = [MeasureInline]

    def get_inlines(self, request: Any, obj: Any) -> list[Any]:
        """Leave measures to their own page once the plan is revised: it asks from when on."""
        is_revised = obj is not None and obj.goal.strategy.revisions.exists()
        return [MeasureLinks] if is_revised else [MeasureInline]


class ProjectLinks(LinksInline):
    model = Project
    fields = ["position", "category", "name", "content", "implementer"]


class GoalOfMeasureFilter(PartFilter):
    title = "基本目標"
    parameter_name = "goal"
    path = "group__goal"


class GroupFilter(PartFilter):
    title = "施策の区分"
    parameter_name = "group"
    path = "measure__group"


class MeasureForm(CarriedForm, TitledPartForm):
    parent = "group"


@admin.register(Measure)
class MeasureAdmin(RevisingAdmin, PlanPartAdmin):
    form = MeasureForm
    list_display = ["__str__", "group", "plan", "years_shown"]
    list_filter = [PlanFilter, GoalOfMeasureFilter]
    list_select_related = ["group__goal__strategy"]
    search_fields = ["title"]
    # kpis/admin.py inserts the KPIs first: measures must not import kpis
    inlines: ClassVar[list[type[LinksInline]]] = [ProjectLinks]


class ProjectForm(CarriedForm):
    parent = "measure"


@admin.register(Project)
class ProjectAdmin(PlanningBulkAdmin, RevisingAdmin, PlanPartAdmin):
    form = ProjectForm
    resource_classes = [ProjectResource]
    list_display = [
        "__str__",
        "plan",
        "category",
        "content",
        "implementer",
        "section",
        "is_relisted",
        "years_shown",
    ]
    list_filter = [
        PlanFilter,
        GroupFilter,
        "category",
        ("section", admin.RelatedOnlyFieldListFilter),
        ("relisted_from", admin.EmptyFieldListFilter),
    ]
    list_select_related = ["measure__group__goal__strategy", "section"]
    search_fields = ["name", "content", "implementer", "budget_item", "general_plan_code"]

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Field:
        if db_field.name == "relisted_from":
            kwargs["queryset"] = Project.objects.filter(relisted_from=None)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description="再掲", boolean=True)
    def is_relisted(self, project: Project) -> bool:
        return project.relisted_from_id is not None
