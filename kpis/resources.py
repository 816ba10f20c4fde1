"""Bulk import and export of 重要業績評価指標（KPI）."""

from typing import Any

from django.db.models import QuerySet

from indicators.resources import ListingResource
from kpis.models import KPI
from measures.models import Measure
from measures.resources import CARRIED_COLUMNS, MEASURE_COLUMNS, measures_by_place


class KPIResource(ListingResource):
    """重要業績評価指標（KPI）."""

    strategy = MEASURE_COLUMNS["strategy"]
    goal = MEASURE_COLUMNS["goal"]
    group = MEASURE_COLUMNS["group"]
    measure = MEASURE_COLUMNS["measure"]

    sdgs = CARRIED_COLUMNS["sdgs"]
    grants = CARRIED_COLUMNS["grants"]
    general_plan_code = CARRIED_COLUMNS["general_plan_code"]

    parent = "measure"

    class Meta:
        model = KPI

    def __init__(self, **kwargs: Any) -> None:
        """Put the columns that are only shown last, behind those of a KPI alone."""
        super().__init__(**kwargs)
        for name in ("first_year", "last_year"):
            self.fields[name] = self.fields.pop(name)

    def get_queryset(self) -> QuerySet[KPI]:
        return (
            KPI.objects.select_related("measure__group__goal__strategy", "indicator", "reference")
            .prefetch_related("yearly_targets")
            .order_by(
                "measure__group__goal__strategy__code",
                "measure__group__goal__position",
                "measure__group__position",
                "measure__position",
                "position",
                "part",
            )
        )

    def parents(self) -> dict[tuple[Any, ...], Measure]:
        return measures_by_place()
