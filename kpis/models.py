"""重要業績評価指標（KPI）: indicators listed under a 具体的施策."""

from django.db import models

from goals.carried import Carried
from goals.models import Strategy
from indicators.listings import Listing, PlanningOutlook, YearlyTarget
from indicators.versions import EarlierVersion, once_per_year
from measures.models import Measure
from trail.history import tracked


class KPI(Listing, Carried):
    """重要業績評価指標: an indicator listed under a 具体的施策."""

    measure = models.ForeignKey(
        Measure, verbose_name="具体的施策", on_delete=models.CASCADE, related_name="kpis"
    )
    history = tracked()

    plan_path = "measure__group__goal__strategy"
    place_paths = {
        "goal": "measure__group__goal__position",
        "group": "measure__group__position",
        "symbol": "measure__group__symbol",
        "measure": "measure__position",
    }

    class Meta(Listing.Meta):
        verbose_name = "重要業績評価指標（KPI）"
        verbose_name_plural = "重要業績評価指標（KPI）"
        ordering = ["measure", "position", "part"]
        constraints = [
            *Listing.Meta.constraints,
            models.UniqueConstraint(
                fields=["measure", "position", "part"], name="kpi_number_once_per_measure"
            ),
        ]

    @property
    def strategy(self) -> Strategy:
        return self.measure.strategy

    def clean(self) -> None:
        super().clean()
        self.clean_carried()

    @property
    def place_label(self) -> str:
        """The place in the plan, such as KPI1-ア-1-2."""
        return f"{self.strategy.wording.kpi_short}{self.measure.code}-{self.number}"


class KPIYear(YearlyTarget):
    """年度別目標値 of a KPI."""

    listing = models.ForeignKey(KPI, on_delete=models.CASCADE, related_name="yearly_targets")
    history = tracked()

    class Meta(YearlyTarget.Meta):
        constraints = [
            models.UniqueConstraint(fields=["listing", "fiscal_year"], name="kpi_year_once")
        ]


class KPIVersion(EarlierVersion):
    """What the plan said about a KPI until a revision."""

    listing = models.ForeignKey(KPI, on_delete=models.CASCADE, related_name="earlier_versions")
    history = tracked()

    plan_path = "listing__measure__group__goal__strategy"

    class Meta(EarlierVersion.Meta):
        constraints = [*EarlierVersion.Meta.constraints, *once_per_year("kpi")]


class KPIOutlook(PlanningOutlook):
    """企画の見込み of a KPI."""

    listing = models.ForeignKey(KPI, on_delete=models.CASCADE, related_name="planning_outlooks")
    history = tracked()

    class Meta(PlanningOutlook.Meta):
        constraints = [
            models.UniqueConstraint(fields=["listing", "fiscal_year"], name="kpi_outlook_once")
        ]
