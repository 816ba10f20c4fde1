"""The rows of a year: whose they are, their order, and their content."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from entry.year_rows import year_rows
from indicators.listing_rows import listing_rows
from indicators.models import Evidence
from tests.factories import (
    load_city,
    make_actual,
    make_fiscal_year,
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_numeric_target,
    make_section,
    make_strategy,
    make_user,
    make_values,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def section():
    return make_section("水産課")


@pytest.fixture
def goal():
    return make_goal(make_strategy(code="plan", title="見本市総合戦略"))


@pytest.fixture
def planning():
    return make_user(Role.PLANNING)


def names(*args, **options):
    return [row.name for row in year_rows(2017, *args, **options)]


def test_rows_are_in_the_order_of_the_plan(goal, planning):
    second = make_goal(goal.strategy)
    for number, (place, make) in enumerate(
        [(make_measure(second), make_kpi), (make_measure(goal), make_kpi),
         (second, make_numeric_target), (goal, make_numeric_target)]
    ):  # fmt: skip
        make(place, make_indicator(name=f"指標{number}"))
    assert names(planning) == ["指標3", "指標1", "指標2", "指標0"]


def test_an_indicator_that_is_listed_twice_is_one_row(goal, planning):
    indicator = make_indicator()
    make_numeric_target(goal, indicator, name="人口")
    make_numeric_target(make_goal(goal.strategy), indicator, name="人口（再掲）")
    [row] = year_rows(2017, planning)
    assert [(one.place, one.name) for one in row.listings] == [
        ("1-1", "人口"),
        ("2-1", "人口（再掲）"),
    ]


def test_only_plans_of_the_year_count(goal, planning):
    make_kpi(make_measure(goal))
    newer = make_strategy(first_fiscal_year=2020, last_fiscal_year=2024)
    make_kpi(make_measure(make_goal(newer)), make_indicator(name="新しい指標"))
    assert names(planning) != []
    assert "新しい指標" not in names(planning)
    assert year_rows(2014, planning) == []
    assert [row.name for row in year_rows(2020, planning)] == ["新しい指標"]


def test_sections_see_what_they_enter_and_planning_everything(goal, section, planning):
    measure, other = make_measure(goal), make_section("農林課")
    make_kpi(measure, make_indicator(section, name="漁業"))
    make_kpi(measure, make_indicator(other, name="農業"))
    make_kpi(measure, make_indicator(other, name="漁協の農園", entered_by=section))
    assert names(make_user(Role.CLERK, section)) == ["漁業", "漁協の農園"]
    assert names(make_user(Role.HEAD, other)) == ["農業"]
    assert len(names(make_user(Role.CLERK, section, other))) == 3
    assert len(names(planning)) == 3
    assert names(planning, section_ids=[other.pk]) == ["農業"]
    assert names(make_user(Role.CLERK, section), section_ids=[other.pk]) == []


def test_a_section_reads_no_listings_of_others(goal, section, monkeypatch):
    measure, read = make_measure(goal), []
    make_kpi(measure, make_indicator(section))
    make_kpi(measure, make_indicator(make_section("農林課")))

    def noted(**how):
        read.append(listing_rows(**how))
        return read[-1]

    monkeypatch.setattr("entry.year_rows.listing_rows", noted)
    rows = year_rows(2020, make_user(Role.CLERK, section))
    assert [list(one) for one in read] == [[row.indicator.pk for row in rows]]


@pytest.mark.parametrize("role", [Role.READER, Role.AUDITOR, None])
def test_users_who_enter_nothing_have_no_rows(goal, section, role):
    make_kpi(make_measure(goal), make_indicator(section))
    assert names(make_user(role, section)) == []


def test_a_row_has_what_a_clerk_needs_to_know(goal, section, planning):
    indicator = make_indicator(section, unit="円", display_unit="千円", handover_memo="財政課")
    make_kpi(make_measure(goal), indicator, target=Decimal(1_200_000), sentence="総額120万円")
    for year, value in ((2014, 5_000), (2015, 300_000), (2016, 254_500)):
        make_actual(indicator, year, value)
    make_actual(indicator, 2017, 310_000, by=planning, remarks="速い", provisional=True)
    Evidence.objects.create(
        indicator=indicator, fiscal_year_id=2017, name="集計.xlsx", stored_as="a", size=1,
        sha256="0" * 64,
    )  # fmt: skip
    [row] = year_rows(2017, planning)
    assert (row.handover_memo, row.indicator.section) == ("財政課", "水産課")
    [listing] = row.listings
    assert (listing.plan_code, listing.place) == ("plan", "1-ア-1-1")
    assert (listing.kind_label, row.target) == ("期間累計", "1,200千円")
    assert [(one.label, one.text) for one in row.earlier] == [
        ("H28", "254.5"), ("H27", "300"), ("H26", "5"), ("H25", ""), ("H24", ""),
    ]  # fmt: skip
    assert (row.series.sum_from, row.series.sum_before(2017), row.sum_text) == (
        2015,
        554_500,
        "554.5千円",
    )
    stored = row.stored
    assert (stored.version, stored.entered_by, stored.provisional) == (1, str(planning), True)
    assert (row.value_of(stored), row.typed(stored.value)) == ("310千円", "310")
    assert (row.evidence_count, row.evidence_count_before) == (1, 0)


def test_absence_is_shown_in_words_and_running_totals_have_no_sum(goal, planning):
    indicator = make_indicator(running_total=True)
    make_kpi(make_measure(goal), indicator)
    make_actual(indicator, 2016, None, availability="unpublished", expected_month="2017-09")
    make_actual(indicator, 2017, None, availability="not_surveyed")
    [row] = year_rows(2017, planning)
    assert row.last_year.text == "未公表（平成29年9月に公表予定）"
    assert row.value_of(row.stored) == "調査未実施"
    assert (row.series.sum_from, row.sum_text) == (None, "")


def test_sections_bear_the_names_of_the_year(goal, section, planning):
    section.former_names.create(name="漁政課", last_fiscal_year=2017)
    make_kpi(make_measure(goal), make_indicator(section))
    assert year_rows(2017, planning)[0].indicator.entered_by == "漁政課"
    assert year_rows(2018, planning)[0].indicator.entered_by == "水産課"


def test_the_number_of_queries_does_not_grow_with_the_rows(goal, planning):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            found = year_rows(2017, planning)
        return len(found), len(captured)

    make_kpi(make_measure(goal))
    queries()
    assert queries() == (1, 6)
    make_values(load_city())
    make_fiscal_year(2017)
    assert queries() == (49, 6)
