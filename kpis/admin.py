"""Admin page of KPIs."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.bulk_admin import PlanningBulkAdmin
from goals.carried_form import CARRIED_FIELDSET, CarriedForm
from indicators.listing_admin import (
    ListingAdmin,
    ListingForm,
    PlanningOutlookInline,
    YearlyTargetInline,
)
from indicators.plan_filters import PlanFilter
from indicators.version_admin import VersionAdmin
from kpis.models import KPI, KPIOutlook, KPIVersion, KPIYear
from kpis.resources import KPIResource
from measures.admin import GroupFilter, MeasureAdmin
from trail.tracked_admin import LinksInline


class KPILinks(LinksInline):
    model = KPI
    fields = ["position", "part", "name", "sentence"]


MeasureAdmin.inlines = [KPILinks, *MeasureAdmin.inlines]


class KPIForm(CarriedForm, ListingForm):
    """A KPI, with its further attributes."""


class KPIYearInline(YearlyTargetInline):
    model = KPIYear


class KPIOutlookInline(PlanningOutlookInline):
    model = KPIOutlook


@admin.register(KPI)
class KPIAdmin(PlanningBulkAdmin, ListingAdmin):
    form = KPIForm
    resource_classes = [KPIResource]
    parent = "measure"
    inlines = [KPIYearInline, KPIOutlookInline]
    list_filter = [PlanFilter, GroupFilter, *ListingAdmin.list_filter]
    list_select_related: Any = [
        "measure__group__goal__strategy",
        "indicator",
        "reference",
        "confirmed_by",
    ]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list:
        """Show the further attributes of the KPI after its reading."""
        place, reading, *others = super().get_fieldsets(request, obj)
        return [place, reading, CARRIED_FIELDSET, *others]


@admin.register(KPIVersion)
class KPIVersionAdmin(VersionAdmin):
    """What the plan said about a KPI before a revision."""
