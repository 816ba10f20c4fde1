"""A number stored before its target became a 記述目標: its untouched row is not an error."""

from decimal import Decimal

import pytest

from accounts.roles import Role
from indicators.models import Actual
from kpis.models import KPI
from tests.entry.test_grid_page import sent
from tests.factories import (
    make_actual,
    make_fiscal_year,
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_section,
    make_strategy,
    make_user,
)
from tests.html import form_data
from tests.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.stories]

OF_A_SHARE = {"numerator": Decimal(5), "denominator": Decimal(10)}


@pytest.fixture(params=[False, True], ids=["number", "share"])
def numbers(request, client):
    """An indicator with a provisional number and another without a value; a clerk is logged in."""
    make_fiscal_year(2017)
    section = make_section()
    measure = make_measure(make_goal(make_strategy()))
    indicator = make_indicator(section, name="空き家条例", unit="", ratio=request.param, decimals=1)
    listing = make_kpi(measure, indicator, kind="level", target=5)
    other = make_kpi(measure, make_indicator(section, name="来館者数"), position=2).indicator
    clerk = make_user(Role.CLERK, section)
    value, parts = (None, OF_A_SHARE) if request.param else (5, {})
    make_actual(indicator, 2017, value, by=clerk, provisional=True, **parts)
    described = {"kind": "described", "target": None, "sentence": "空き家条例を定める"}
    KPI.objects.filter(pk=listing.pk).update(**described)
    client.force_login(clerk)
    return indicator, other


@pytest.mark.parametrize("button", ["save", "step"])
def test_the_untouched_row_does_not_block_saving(client, numbers, button):
    indicator, other = numbers
    page = sent(client, {(other, "value"): "46"}, button=button)
    assert page.status_code == 302, text_of(page)
    assert Actual.objects.get(indicator=other).value == 46
    found = Actual.objects.get(indicator=indicator)
    assert (found.grade, found.provisional, found.value is None) == ("", True, False)


def test_a_grade_takes_its_place_once_the_rest_is_cleared(client, numbers):
    indicator, _ = numbers
    fields = form_data(client.get("/entry/2017/").content.decode())
    row = {name: "" for name in fields if name.startswith(f"r{indicator.pk}-")}
    typed = {(indicator, name.partition("-")[2]): "" for name in row if not name.endswith("seen")}
    typed |= {(indicator, "value"): "順調", (indicator, "remarks"): "議会に提出した。"}
    sent(client, typed)
    found = Actual.objects.get(indicator=indicator)
    assert (found.value, found.grade, found.provisional) == (None, "on_track", False)
