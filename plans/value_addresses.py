"""Where the values of an indicator have their pages: below the listings of the newest plan."""

from collections.abc import Collection

from django.urls import reverse

from goals.models import NumericTarget
from kpis.models import KPI


def listing_addresses(indicator_ids: Collection[int]) -> dict[int, str]:
    """Return, by the indicator's id, the page of its first listing in the newest plan.

    An indicator that no plan lists is left out. Needs two queries.
    """
    targets = NumericTarget.objects.filter(indicator_id__in=indicator_ids)
    kpis = KPI.objects.filter(indicator_id__in=indicator_ids)
    plan, place = "goal__strategy__", ("goal__position", "position")
    of_targets = targets.values_list(
        "indicator_id", f"{plan}first_fiscal_year", f"{plan}code", *place
    )
    plan = "measure__group__goal__strategy__"
    place = ("measure__group__goal__position", "measure__group__symbol", "measure__position")
    of_kpis = kpis.values_list(
        "indicator_id", f"{plan}first_fiscal_year", f"{plan}code", *place, "position"
    )
    rows = [
        *(("target", *row) for row in of_targets.order_by("goal__position", "position")),
        *(("kpi", *row) for row in of_kpis.order_by(*place, "position")),
    ]
    addresses: dict[int, str] = {}
    for name, indicator_id, _, code, *numbers in sorted(rows, key=lambda row: -row[2]):
        addresses.setdefault(indicator_id, reverse(name, args=[code, "-".join(map(str, numbers))]))
    return addresses


def value_address(listing_address: str, fiscal_year: int) -> str:
    """Return the page of the value of one year, below the page of the listing."""
    return f"{listing_address}values/{fiscal_year}/"
