"""The page of a listing shows the years around its plan, and the targets of other plans."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.roles import Role
from plans.charting import chart_of, small_chart_of
from plans.other_plans import listings_elsewhere
from plans.tree import read_tree
from plans.years_around import years_outside
from tests.factories import (
    make_actual,
    make_goal,
    make_kpi,
    make_measure,
    make_numeric_target,
    make_strategy,
    make_user,
)
from tests.pages import read_page
from tests.plans.charts.test_drawing import check_labels, check_places

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.stories]

URL = "/strategies/plan/kpis/1-ア-1-1/"
LEVEL = {"kind": "level", "baseline": Decimal(150), "baseline_kind": "measured"}


@pytest.fixture
def kpi():
    """A level of the plan from 2015 to 2019, with values from 2013 to 2017."""
    kpi = make_kpi(make_measure(make_goal(make_strategy(code="plan"))), **LEVEL)
    for year in range(2013, 2018):
        make_actual(kpi.indicator, year, 140 + 5 * (year - 2013))
    return kpi


def list_in(kpi, title, first, last, *, state="running", **fields):
    plan = make_strategy(
        code=f"from-{first}", title=title, state=state,
        first_fiscal_year=first, last_fiscal_year=last,
    )  # fmt: skip
    return make_numeric_target(make_goal(plan), kpi.indicator, **(LEVEL | fields))


def page(client, role=Role.READER, query=""):
    client.force_login(make_user(role))
    return read_page(client.get(URL + query))


def chart(*, drafts=False, year=2017):
    tree = read_tree("plan", year, drafts=drafts)
    [listing] = tree.listings
    return chart_of(listing, years_outside(listing, listings_elsewhere(tree, listing)))


def texts(drawn, kind):
    return [label.text for label in drawn.labels if label.kind == kind]


def legend(found):
    return [item.text for item in found.legend]


def test_values_before_the_plan_are_drawn_apart_from_its_own(kpi):
    found = chart()
    for drawn in found.charts:
        check_labels(drawn)
        check_places(drawn)
        assert [point.x < drawn.around.borders[0] for point in drawn.points_around] == [True, True]
        assert all(point.x > drawn.around.borders[0] for point in drawn.points)
        assert drawn.around.left == drawn.around.borders[0], "the target begins with the plan"
        assert drawn.start[0] > drawn.around.borders[0]
    wide = found.charts[0]
    assert texts(wide, "around") == ["計画期間前"]
    assert texts(wide, "outside") == ["145", "140"]
    [line] = wide.lines_around
    assert line.endswith(f"{wide.points[0].x},{wide.points[0].y}"), "it leads to the plan's values"
    assert "計画期間の前後の実績値" in legend(found)
    assert "平成25年度は140人（計画期間前）" in found.description


def test_the_target_of_the_next_plan_is_drawn_over_its_years(kpi):
    list_in(kpi, "次の総合戦略", 2020, 2024, target=Decimal(260))
    found = chart()
    for drawn in found.charts:
        check_labels(drawn)
        [other] = drawn.around.others
        assert other.y < drawn.target_y
        assert other.left == pytest.approx(drawn.around.borders[1], abs=0.2)
        assert drawn.around.right == drawn.around.borders[1], "the target ends with the plan"
        assert other.due[0] == max(label.x for label in drawn.labels if label.kind == "year")
        assert texts(drawn, "other") == ["目標値 260"]
    assert texts(found.charts[0], "around") == ["計画期間前", "次の総合戦略"]
    assert "次の総合戦略の目標値 260人（令和6年度）" in legend(found)
    assert "次の総合戦略の目標値は260人（令和6年度）。" in found.description


def test_the_page_has_the_same_years_in_its_table_and_leads_to_the_other_plan(client, kpi):
    list_in(kpi, "次の総合戦略", 2020, 2024, target=Decimal(260))
    make_actual(kpi.indicator, 2020, 180, provisional=True, remarks="調査中")
    found = page(client, query="?year=2017")
    assert found.main.count("計画期間前") > 2
    for year in ("平成25年度（2013）", "令和6年度（2024）"):
        assert year in found.main
    assert f"{URL}values/2013/?year=2017" in found.links
    assert f"{URL}values/2024/?year=2017" not in found.links, "there is no value to show"
    assert "調査中" in found.main
    assert "/strategies/from-2020/targets/1-1/?year=2024" in found.links
    assert "目標値 260人（令和6年度）" in found.main
    assert "計画期間の外の値" not in found.main


def test_a_draft_gives_planning_alone_its_years_and_target(client, kpi):
    list_in(kpi, "次の総合戦略", 2020, 2024, state="draft")
    assert "令和6年度（2024）" in page(client, Role.PLANNING).main
    assert "次の総合戦略" not in page(client).html
    assert "令和6年度（2024）" not in page(client).main


@pytest.mark.parametrize("kind", ["total", "milestone"])
def test_a_sum_or_milestone_of_another_plan_is_a_link_only(client, kpi, kind):
    list_in(kpi, "次の総合戦略", 2020, 2024, kind=kind, baseline=None, baseline_kind="")
    drawn = chart().charts[0]
    assert drawn.around.others == ()
    assert texts(drawn, "year")[-1] == "R1"
    found = page(client)
    assert "/strategies/from-2020/targets/1-1/?year=2024" in found.links
    assert "目標値 200人（令和6年度）" not in found.main


@pytest.mark.parametrize("kind", ["total", "milestone"])
def test_a_sum_or_milestone_shows_its_own_years_only(client, kpi, kind):
    list_in(kpi, "次の総合戦略", 2020, 2024)
    kpi.kind, kpi.baseline, kpi.baseline_kind = kind, None, ""
    kpi.save()
    found = chart()
    assert texts((*found.charts, *found.steps)[0], "year") == ["H27", "H28", "H29", "H30", "R1"]
    main = page(client).main
    assert "計画期間の外の値：平成25年度（2013） 140人、平成26年度（2014） 145人" in main
    assert "令和6年度（2024）" not in main


def test_an_unconfirmed_target_of_another_plan_is_not_drawn(kpi):
    list_in(kpi, "次の総合戦略", 2020, 2024, confirmed_at=None)
    assert chart().charts[0].around.others == ()


def test_a_plan_of_the_same_years_adds_its_target_only(kpi):
    kpi.indicator.actuals.filter(fiscal_year_id__lt=2015).delete()
    list_in(kpi, "総合計画", 2015, 2019, target=Decimal(240))
    drawn = chart().charts[0]
    assert (len(drawn.around.others), drawn.around.borders) == (1, ())
    assert texts(drawn, "year")[0] == "現状値"


def test_a_value_of_another_plan_before_this_one_takes_its_title(client, kpi):
    list_in(kpi, "前の戦略", 2010, 2014, target=Decimal(145), target_year=2013)
    drawn = chart().charts[0]
    assert texts(drawn, "around") == ["前の戦略"]
    [other] = drawn.around.others
    assert other.due[0] == drawn.points_around[0].x
    assert "前の戦略" in page(client).main


def test_at_most_ten_years_are_shown_on_a_side_and_five_in_a_narrow_drawing(client, kpi):
    for year in range(2000, 2013):
        make_actual(kpi.indicator, year, 100 + year % 7)
    wide, narrow = chart().charts
    assert (len(wide.points_around), len(narrow.points_around)) == (10, 5)
    for drawn in (wide, narrow):
        check_labels(drawn)
    assert "計画期間の外の値：平成12年度（2000）" in page(client).main
    assert "平成16年度（2004） 102人</p>" in page(client).html, "the years that the table lacks"


def test_the_small_chart_stays_within_the_plan(kpi):
    before = small_chart_of(read_tree("plan", 2017).listings[0])
    list_in(kpi, "次の総合戦略", 2020, 2024, target=Decimal(900))
    assert small_chart_of(read_tree("plan", 2017).listings[0]) == before


def test_the_past_has_values_around_the_plan_but_no_other_plan(client, kpi):
    list_in(kpi, "次の総合戦略", 2020, 2024)
    main = page(client, query=f"?as_of={timezone.localdate()}").main
    assert "計画期間前" in main
    assert "この指標は、ほかの計画" not in main
    assert "令和6年度（2024）" not in main


def test_more_plans_and_years_take_no_more_queries(client, kpi, django_assert_num_queries):
    list_in(kpi, "次の総合戦略", 2020, 2024)
    client.force_login(make_user(Role.READER))
    client.get(URL)
    with CaptureQueriesContext(connection) as few:
        client.get(URL)
    list_in(kpi, "前の戦略", 2010, 2014)
    for year in range(2003, 2013):
        make_actual(kpi.indicator, year, 120)
    with django_assert_num_queries(len(few)):
        client.get(URL)


def test_the_target_of_another_plan_begins_with_the_revision_that_set_it(kpi):
    other = list_in(kpi, "次の総合戦略", 2020, 2024)
    other.from_fiscal_year = 2022
    other.save()
    drawn = chart().charts[0]
    [line] = drawn.around.others
    assert line.left > drawn.around.borders[1] + 10
    other.last_fiscal_year = 2021
    other.save()
    assert chart().charts[0].around.others == (), "it held in no year"
