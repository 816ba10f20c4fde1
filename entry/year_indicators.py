"""Which indicators are asked for in a year: those that a plan of that year lists."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from goals.models import NumericTarget, Strategy
from indicators.models import Indicator
from kpis.models import KPI


def strategies_of_year(fiscal_year: int) -> QuerySet[Strategy]:
    """Return the plans that have this year among theirs, newest first."""
    return Strategy.objects.filter(
        first_fiscal_year__lte=fiscal_year, last_fiscal_year__gte=fiscal_year
    )


def indicators_of_year(fiscal_year: int) -> QuerySet[Indicator]:
    """Return the indicators whose values are asked for."""
    plans = strategies_of_year(fiscal_year).order_by().values("pk")
    targets = NumericTarget.objects.filter(
        indicator=OuterRef("pk"), goal__strategy__in=plans
    ).order_by()
    kpis = KPI.objects.filter(
        indicator=OuterRef("pk"), measure__group__goal__strategy__in=plans
    ).order_by()
    return Indicator.objects.filter(Q(Exists(targets)) | Q(Exists(kpis)))
