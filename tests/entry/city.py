"""A small city whose year is being entered."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.test import Client

from accounts.models import Section, User
from accounts.roles import Role
from indicators.models import Actual, FiscalYear, Indicator
from tests.factories import (
    make_actual,
    make_fiscal_year,
    make_indicator,
    make_kpi,
    make_measure,
    make_section,
    make_user,
)
from tests.html import form_data


@dataclass
class City:
    """水産課 enters three indicators, 農林課 one; the year 2017 is open."""

    section: Section
    other_section: Section
    clerk: User
    head: User
    other_clerk: User
    planning: User
    visitors: Indicator
    share: Indicator
    sales: Indicator
    fields: Indicator
    year: FiscalYear

    def store(self, indicator: Indicator, value: Any = None, **entry: Any) -> Actual:
        """Let the section enter a value; `value` in the indicator's unit."""
        by = self.clerk if indicator.entered_by == self.section else self.other_clerk
        return make_actual(indicator, 2017, value, by=by, **entry)

    def stored(self, indicator: Indicator) -> Actual | None:
        return Actual.objects.filter(indicator=indicator, fiscal_year=2017).first()


GRID = "/entry/2017/"


def opened(clerk: Client, indicator: Indicator, **typed: str) -> dict[str, str]:
    """Return the open page of the grid with texts typed into the row of an indicator."""
    data = form_data(clerk.get(GRID).content.decode())
    return data | {f"r{indicator.pk}-{name}": text for name, text in typed.items()}


def make_city() -> City:
    """Return the city, without any value."""
    section, other = make_section("水産課"), make_section("農林課")
    measure = make_measure()
    visitors = make_indicator(section, code="visitors", name="来館者数")
    share = make_indicator(
        section, code="share", name="満足度", unit="％", decimals=1, ratio=True,
        maximum=Decimal(100),
    )  # fmt: skip
    sales = make_indicator(section, code="sales", name="水揚げ額", unit="円", display_unit="千円")
    fields = make_indicator(other, code="fields", name="作付面積")
    for indicator in (visitors, share, sales, fields):
        make_kpi(measure, indicator, kind="level", direction="up")
    return City(
        section=section,
        other_section=other,
        clerk=make_user(Role.CLERK, section, full_name="水産 太郎"),
        head=make_user(Role.HEAD, section, full_name="水産 課長"),
        other_clerk=make_user(Role.CLERK, other, full_name="農林 花子"),
        planning=make_user(Role.PLANNING, make_section("総合政策室"), full_name="企画 花子"),
        visitors=visitors,
        share=share,
        sales=sales,
        fields=fields,
        year=make_fiscal_year(2017),
    )
