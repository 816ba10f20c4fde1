"""Entering what a target is compared with: 全国平均 has a row although no plan lists it."""

from decimal import Decimal
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from entry.answer_rows import answer_rows
from entry.year_rows import year_rows
from indicators.listing_rows import indicators_of_year
from tests.factories import (
    make_actual,
    make_fiscal_year,
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_revision,
    make_section,
    make_strategy,
    make_user,
)
from tests.html import form_data
from tests.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases, pytest.mark.files]

ABOVE = {
    "kind": "every_year",
    "target": None,
    "relation": "beyond_reference",
    "sentence": "全国平均を上回る",
}
AVERAGE = "来館者数（全国平均）"


@pytest.fixture
def measure():
    return make_measure(make_goal(make_strategy(code="plan")))


@pytest.fixture
def average():
    """An indicator of 統計課 that no plan lists, with a value."""
    indicator = make_indicator(make_section("統計課"), name=AVERAGE)
    make_actual(indicator, 2016, 12)
    return indicator


@pytest.fixture
def listing(measure, average):
    own = make_indicator(make_section("文化課"), name="来館者数")
    return make_kpi(measure, own, reference=average, **ABOVE)


@pytest.fixture
def planning(client):
    user = make_user(Role.PLANNING)
    client.force_login(user)
    return user


def test_the_grid_shows_the_number_and_asks_for_that_of_the_other_indicator(
    client, planning, listing
):
    make_fiscal_year(2016)
    rows = year_rows(2016, planning)
    assert [(row.name, row.target) for row in rows] == [
        ("来館者数", "12人を上回る"),
        (AVERAGE, "－"),
    ]
    page = text_of(client.get("/entry/2016/"))
    assert "12人を上回る" in page
    assert f"全国平均を上回る（{AVERAGE}の値を上回る）" in page
    assert "KPI1-ア-1-1と比べる指標" in page
    assert client.get("/entry/2016/answer/").status_code == 200
    assert client.get("/entry/2016/report/").status_code == 200
    assert client.get("/entry/2016/form.xlsx").status_code == 200


def test_more_such_targets_take_no_more_queries(planning, listing, measure):
    year_rows(2016, planning)
    with CaptureQueriesContext(connection) as few:
        year_rows(2016, planning)
    for number in range(3):
        make_kpi(measure, reference=make_indicator(name=f"県平均{number}"), **ABOVE)
    with CaptureQueriesContext(connection) as more:
        rows = year_rows(2016, planning)
    assert (len(more), len(rows)) == (len(few), 8)


def test_an_indicator_that_a_plan_lists_itself_is_one_row(planning, listing, measure, average):
    make_kpi(measure, average, kind="monitor", target=None, sentence="")
    rows = year_rows(2016, planning)
    assert [row.name for row in rows] == ["来館者数", AVERAGE]
    assert [one.shown_place for one in rows[1].listings] == ["KPI1-ア-1-2"]


def test_its_section_enters_it_and_no_other(listing, average):
    make_fiscal_year(2016)
    clerk = make_user(Role.CLERK, average.section)
    assert [row.name for row in year_rows(2016, clerk)] == [AVERAGE]
    assert set(indicators_of_year(2016)) == {average, listing.indicator}
    [row] = answer_rows(2016, clerk)
    assert unquote(row.url).endswith("/kpis/1-ア-1-1/?year=2016")


def test_a_value_is_typed_into_its_row(client, listing, average):
    make_fiscal_year(2017)
    client.force_login(make_user(Role.CLERK, average.section))
    page = client.get("/entry/2017/").content.decode()
    name = f"r{average.pk}"
    seen = form_data(page)[f"{name}-seen"]
    sent = form_data(page) | {f"{name}-value": "13", f"{name}-seen": seen}
    assert client.post("/entry/2017/", sent, follow=True).status_code == 200
    assert average.actuals.get(fiscal_year=2017).value == Decimal(13)


def test_the_row_is_that_of_the_year_before_and_after_a_revision(planning, listing, average):
    revision = make_revision(2017, listing)
    county = make_indicator(name="県平均")
    listing.reference = county
    listing.save()
    assert revision.from_fiscal_year == 2017
    assert [row.name for row in year_rows(2016, planning)] == ["来館者数", AVERAGE]
    assert [row.name for row in year_rows(2017, planning)] == ["来館者数", "県平均"]


def test_a_target_relative_to_the_year_before_names_its_number(planning, measure):
    own = make_indicator(name="件数")
    make_actual(own, 2016, 12)
    fields = ABOVE | {"relation": "previous_year", "sentence": "前年度以上"}
    make_kpi(measure, own, **fields)
    assert [row.target for row in year_rows(2017, planning)] == ["12人以上"]
    assert [row.target for row in year_rows(2016, planning)] == ["前年度の値以上"]
