"""Admin page of KPIs."""

from django.contrib import admin

from indicators.listing_admin import ListingAdmin, YearlyTargetInline
from kpis.models import KPI, KPIYear


class KPIYearInline(YearlyTargetInline):
    model = KPIYear


@admin.register(KPI)
class KPIAdmin(ListingAdmin):
    parent = "measure"
    inlines = [KPIYearInline]
    list_filter = ["measure__group", *ListingAdmin.list_filter]
    list_select_related = ["measure__group__goal", "indicator", "confirmed_by"]
