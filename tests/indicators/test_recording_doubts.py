"""Implausible values are questioned where somebody can answer."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from indicators.entries import Entry
from indicators.models import Actual
from indicators.recording import RecordingError, check, record
from tests.factories import (
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
)
from trail.history import Change, Door

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def section():
    return make_section("水産課")


@pytest.fixture
def clerk(section):
    return make_user(Role.CLERK, section)


@pytest.fixture
def indicator(section):
    """Whole 人, 12 in 2016, in a year that takes values."""
    make_fiscal_year(2017)
    indicator = make_indicator(section)
    make_actual(indicator, 2016, 12)
    return indicator


def entry(indicator, value, **fields):
    fields["value"] = Decimal(str(value))
    return Entry(**{"indicator_id": indicator.pk, "fiscal_year": 2017} | fields)


@pytest.mark.parametrize("door", [Door.GRID, Door.FORM, Door.ADMIN])
def test_where_somebody_types_a_doubtful_value_needs_remarks(indicator, clerk, door):
    with pytest.raises(RecordingError) as error:
        record([entry(indicator, 120)], Change(by=clerk, door=door))
    [problem] = error.value.problems
    assert (problem.field, problem.is_doubt) == ("remarks", True)
    assert problem.message == (
        "前年度（12人）の約10倍です。正しければ、備考に理由を記入して保存してください。"
    )
    assert not Actual.objects.filter(fiscal_year=2017).exists()
    [stored] = record([entry(indicator, 120, remarks="合併のため。")], Change(by=clerk, door=door))
    assert stored.value == 120


@pytest.mark.parametrize("remarks", ["。", "－", "123", " \n"])
def test_remarks_without_a_letter_explain_nothing(indicator, clerk, remarks):
    [problem] = check([entry(indicator, 120, remarks=remarks)], Change(by=clerk, door=Door.GRID))
    assert problem.is_doubt


def test_remarks_on_another_value_do_not_explain_a_new_one(indicator, clerk):
    change = Change(by=clerk, door=Door.GRID)
    record([entry(indicator, 13, remarks="改修の\n影響")], change)
    again = {"version": 1, "remarks": "改修の\r\n影響 "}
    [problem] = check([entry(indicator, 130, **again)], change)
    assert problem.message == (
        "前年度（12人）の約11倍です。"
        "備考は、前に保存したときのままです。正しければ、この値の理由を備考に書いてください。"
    )
    assert check([entry(indicator, 14, **again)], change) == []
    assert check([entry(indicator, 13, provisional=True, **again)], change) == []
    assert check([entry(indicator, 130, version=1, remarks="合併の影響")], change) == []


@pytest.mark.parametrize("door", [Door.IMPORT, Door.COMMAND])
def test_nobody_is_asked_where_nobody_can_answer(indicator, clerk, door):
    assert record([entry(indicator, 120)], Change(by=clerk, door=door))[0].value == 120


def test_the_unit_is_the_one_in_which_people_type(section, clerk):
    yen = make_indicator(section, unit="円", display_unit="千円")
    make_actual(yen, 2016, 1_290_000)
    make_fiscal_year(2017)
    [problem] = check([entry(yen, 1_290)], Change(by=clerk, door=Door.GRID))
    assert "前年度（1,290千円）の約1,000分の1です。" in problem.message


@pytest.mark.parametrize("make_listing", [make_kpi, make_numeric_target])
def test_a_total_is_compared_with_the_sum_within_the_plan(section, clerk, make_listing):
    indicator = make_indicator(section)
    strategy = make_strategy(first_fiscal_year=2015, last_fiscal_year=2019)
    goal = make_goal(strategy)
    make_listing(goal if make_listing is make_numeric_target else make_measure(goal), indicator)
    for year, value in ((2014, 900), (2015, 15), (2016, 17)):
        make_actual(indicator, year, value)
    make_fiscal_year(2017)
    [problem] = check([entry(indicator, 45)], Change(by=clerk, door=Door.GRID))
    assert "前年度までの累計（32人）を含めていませんか。" in problem.message


def test_another_plans_years_and_other_kinds_do_not_add_up(section, clerk):
    indicator = make_indicator(section)
    old = make_strategy(first_fiscal_year=2010, last_fiscal_year=2014)
    make_kpi(make_measure(make_goal(old)), indicator)
    make_kpi(make_measure(make_goal(make_strategy())), indicator, kind="level")
    for year, value in ((2015, 15), (2016, 17)):
        make_actual(indicator, year, value)
    make_fiscal_year(2017)
    problems = check([entry(indicator, 45)], Change(by=clerk, door=Door.GRID))
    assert all("累計" not in problem.message for problem in problems)


def test_errors_come_first_and_a_doubt_does_not_follow_them(indicator, clerk):
    [problem] = check([entry(indicator, -120)], Change(by=clerk, door=Door.GRID))
    assert not problem.is_doubt


def test_changing_another_part_of_an_accepted_value_asks_no_second_time(indicator, clerk):
    [stored] = record([entry(indicator, 120)], Change(by=clerk, door=Door.COMMAND))
    again = entry(indicator, 120, version=stored.version, provisional=True)
    assert record([again], Change(by=clerk, door=Door.GRID))[0].provisional


def test_the_explanation_cannot_be_removed(indicator, clerk):
    [stored] = record([entry(indicator, 120, remarks="合併")], Change(by=clerk, door=Door.GRID))
    [problem] = check(
        [entry(indicator, 120, version=stored.version)], Change(by=clerk, door=Door.GRID)
    )
    assert problem.is_doubt


def test_asking_takes_a_query_and_one_more_for_sums_whatever_the_number_of_rows(section, clerk):
    def queries(rows, value, door=Door.GRID):
        entries = []
        for _ in range(rows):
            indicator = make_indicator(section)
            make_actual(indicator, 2016, 12)
            entries.append(entry(indicator, value))
        make_fiscal_year(2017)
        with CaptureQueriesContext(connection) as captured:
            check(entries, Change(by=clerk, door=door))
        return len(captured)

    make_kpi()
    queries(1, 13)
    assert queries(3, 13) == queries(30, 13) == queries(3, 13, Door.COMMAND) + 1
    sum_of_two_years = 25
    assert queries(3, sum_of_two_years) == queries(30, sum_of_two_years) == queries(3, 13) + 1


def test_the_plan_is_not_read_for_a_running_total(section, clerk):
    indicator = make_indicator(section, running_total=True)
    make_kpi(make_measure(make_goal(make_strategy())), indicator)
    make_actual(indicator, 2016, 12)
    make_fiscal_year(2017)
    with CaptureQueriesContext(connection) as captured:
        check([entry(indicator, 25)], Change(by=clerk, door=Door.GRID))
    assert not any("goals_strategy" in one["sql"] for one in captured)
