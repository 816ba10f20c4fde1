"""Admin pages of groups, measures and projects."""

from typing import Any, ClassVar

from django.contrib import admin
from django.forms import Field

from accounts.bulk_admin import PlanningBulkAdmin
from goals.admin import BasicGoalAdmin
from indicators.plan_admin import PlanPartAdmin
from measures.models import Measure, MeasureGroup, Project
from measures.resources import ProjectResource
from trail.tracked_admin import LinksInline, RowsInline


class MeasureGroupLinks(LinksInline):
    model = MeasureGroup
    fields = ["symbol", "title"]


BasicGoalAdmin.inlines = [*BasicGoalAdmin.inlines, MeasureGroupLinks]


class MeasureInline(RowsInline):
    model = Measure
    can_delete = False  # its own page says what goes with it, and what keeps it


@admin.register(MeasureGroup)
class MeasureGroupAdmin(PlanPartAdmin):
    list_display = ["__str__", "goal"]
    list_filter = ["goal__strategy"]
    list_select_related = ["goal"]
    search_fields = ["title"]
    inlines = [MeasureInline]


class ProjectLinks(LinksInline):
    model = Project
    fields = ["position", "category", "name", "content", "implementer"]


@admin.register(Measure)
class MeasureAdmin(PlanPartAdmin):
    list_display = ["__str__", "group"]
    list_filter = ["group__goal"]
    list_select_related = ["group__goal"]
    search_fields = ["title"]
    # kpis/admin.py inserts the KPIs first: measures must not import kpis
    inlines: ClassVar[list[type[LinksInline]]] = [ProjectLinks]


@admin.register(Project)
class ProjectAdmin(PlanningBulkAdmin, PlanPartAdmin):
    resource_classes = [ProjectResource]
    list_display = ["__str__", "category", "content", "implementer", "is_relisted"]
    list_filter = ["category", ("relisted_from", admin.EmptyFieldListFilter), "measure__group"]
    list_select_related = ["measure__group__goal"]
    search_fields = ["name", "content", "implementer"]

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Field:
        if db_field.name == "relisted_from":
            kwargs["queryset"] = Project.objects.filter(relisted_from=None).select_related(
                "measure__group__goal"
            )
        if db_field.name == "measure":
            kwargs["queryset"] = Measure.objects.select_related("group__goal")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description="再掲", boolean=True)
    def is_relisted(self, project: Project) -> bool:
        return project.relisted_from_id is not None
