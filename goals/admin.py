"""Admin pages from the strategy down to the numeric targets."""

from django.contrib import admin

from accounts.tracked_admin import TrackedAdmin
from goals.models import BasicGoal, NumericTarget, NumericTargetYear, Strategy
from goals.resources import NumericTargetResource
from indicators.listing_admin import ListingAdmin, YearlyTargetInline
from nemuro_strategy.bulk.admin import BulkAdmin


class BasicGoalInline(admin.TabularInline):
    model = BasicGoal
    extra = 0
    show_change_link = True


@admin.register(Strategy)
class StrategyAdmin(TrackedAdmin):
    list_display = ["title", "city", "first_fiscal_year", "last_fiscal_year", "invented"]
    inlines = [BasicGoalInline]


class NumericTargetInline(admin.TabularInline):
    """The numeric targets of a goal: a list with links to their own pages."""

    model = NumericTarget
    fields = readonly_fields = ["position", "name", "sentence"]
    extra = 0
    show_change_link = True
    can_delete = False

    def has_add_permission(self, request, obj=None) -> bool:
        return False


@admin.register(BasicGoal)
class BasicGoalAdmin(TrackedAdmin):
    list_display = ["__str__", "strategy"]
    list_filter = ["strategy"]
    list_select_related = ["strategy"]
    search_fields = ["title"]
    inlines = [NumericTargetInline]


class NumericTargetYearInline(YearlyTargetInline):
    model = NumericTargetYear


@admin.register(NumericTarget)
class NumericTargetAdmin(BulkAdmin, ListingAdmin):
    resource_classes = [NumericTargetResource]
    parent = "goal"
    inlines = [NumericTargetYearInline]
    list_filter = ["goal", *ListingAdmin.list_filter]
    list_select_related = ["goal", "indicator", "confirmed_by"]
