"""Bulk import and export of 重要業績評価指標（KPI）."""

from typing import Any

from django.db.models import QuerySet

from indicators.resources import ListingResource
from kpis.models import KPI
from measures.models import Measure
from measures.resources import MEASURE_COLUMNS, measures_by_place


class KPIResource(ListingResource):
    """重要業績評価指標（KPI）."""

    strategy = MEASURE_COLUMNS["strategy"]
    goal = MEASURE_COLUMNS["goal"]
    group = MEASURE_COLUMNS["group"]
    measure = MEASURE_COLUMNS["measure"]

    parent = "measure"

    class Meta:
        model = KPI

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
