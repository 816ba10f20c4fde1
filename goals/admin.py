"""Admin pages from the strategy down to the numeric targets."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db import models

from accounts.bulk_admin import PlanningBulkAdmin
from goals.models import BasicGoal, NumericTarget, NumericTargetYear, Strategy
from goals.resources import NumericTargetResource
from indicators.listing_admin import ListingAdmin, YearlyTargetInline
from indicators.plan_admin import PlanPartAdmin
from trail.clean_records import cleaned_field
from trail.tracked_admin import LinksInline, RowsInline


class CleanJSON(forms.JSONField):
    """A field with JSON that is shown again without what no page can hold.

    CleanText has cleaned what was typed, but not a character that was typed as an escape.
    """

    def bound_data(self, data: Any, initial: Any) -> Any:
        return cleaned_field(models.JSONField(), super().bound_data(data, initial))


class BasicGoalInline(RowsInline):
    model = BasicGoal
    can_delete = False  # its own page says what goes with it, and what keeps it


@admin.register(Strategy)
class StrategyAdmin(PlanPartAdmin):
    list_display = ["title", "city", "first_fiscal_year", "last_fiscal_year", "invented"]
    inlines = [BasicGoalInline]
    formfield_overrides: ClassVar[Any] = {models.JSONField: {"form_class": CleanJSON}}


class NumericTargetLinks(LinksInline):
    model = NumericTarget
    fields = ["position", "name", "sentence"]


@admin.register(BasicGoal)
class BasicGoalAdmin(PlanPartAdmin):
    list_display = ["__str__", "strategy"]
    list_filter = ["strategy"]
    list_select_related: Any = ["strategy"]
    search_fields = ["title"]
    # measures/admin.py adds the groups: goals must not import measures
    inlines: ClassVar[list[type[LinksInline]]] = [NumericTargetLinks]


class NumericTargetYearInline(YearlyTargetInline):
    model = NumericTargetYear


@admin.register(NumericTarget)
class NumericTargetAdmin(PlanningBulkAdmin, ListingAdmin):
    resource_classes = [NumericTargetResource]
    parent = "goal"
    inlines = [NumericTargetYearInline]
    list_filter = ["goal", *ListingAdmin.list_filter]
    list_select_related: Any = ["goal", "indicator", "confirmed_by"]
