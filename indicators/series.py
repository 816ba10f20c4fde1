"""What is known around a value: the other years of its indicator, the plans that add them up."""

from collections import defaultdict
from collections.abc import Collection
from decimal import Decimal

from django.db.models import QuerySet

from indicators.listings import Listing
from indicators.models import Actual


def other_values(indicator_ids: Collection[int]) -> dict[int, dict[int, Decimal]]:
    """Return the reported values of all years, by indicator and year, in one query."""
    series: defaultdict[int, dict[int, Decimal]] = defaultdict(dict)
    rows = Actual.objects.reported().filter(indicator_id__in=indicator_ids).order_by()
    for pk, year, value in rows.values_list("indicator_id", "fiscal_year_id", "value"):
        series[pk][year] = value
    return dict(series)


def first_years_of_totals(indicator_ids: Collection[int], fiscal_year: int) -> dict[int, int]:
    """Return, by indicator, the first year of the plan that adds up its values in that year.

    Left out are indicators that no plan of the year lists as a total. In one query.
    """
    first, *others = (
        _totals_of(model, indicator_ids, fiscal_year) for model in Listing.__subclasses__()
    )
    totals: dict[int, int] = {}
    for pk, year in first.union(*others, all=True):
        totals[pk] = max(year, totals.get(pk, year))
    return totals


def _totals_of(model: type[Listing], indicator_ids: Collection[int], fiscal_year: int) -> QuerySet:
    plan = model.plan_path
    wanted = {
        "kind": Listing.Kind.TOTAL,
        "indicator_id__in": indicator_ids,
        f"{plan}__first_fiscal_year__lte": fiscal_year,
        f"{plan}__last_fiscal_year__gte": fiscal_year,
    }
    rows = model.objects.filter(**wanted).order_by()
    return rows.values_list("indicator_id", f"{plan}__first_fiscal_year")
