"""Addresses of the pages of values, which are below the listings of the newest plan."""

from collections.abc import Collection
from typing import Any

from django.urls import reverse

from indicators.listing_rows import ListingRow, listing_rows
from plans.nodes import KPI_MODEL, NUMERIC_TARGET


def listing_addresses(indicator_ids: Collection[int]) -> dict[int, str]:
    """Return, by indicator id, the page of the first listing in the newest plan.

    A 数値目標 comes before a KPI. Indicators that no plan lists are left out. Needs one query.
    """
    return {
        pk: listing_address(min(rows, key=_newest))
        for pk, rows in listing_rows(indicator_ids=indicator_ids).items()
    }


def _newest(row: ListingRow) -> tuple[Any, ...]:
    return (-row.plan_first, row.model == KPI_MODEL, row.order)


def listing_address(row: ListingRow) -> str:
    """Return the address of the page of a listing, without year and day."""
    name = "target" if row.model == NUMERIC_TARGET else "kpi"
    return reverse(name, args=[row.plan_code, row.place])


def value_address(listing_address: str, fiscal_year: int) -> str:
    """Return the address of the value of one year, below the page of its listing."""
    return f"{listing_address}values/{fiscal_year}/"
