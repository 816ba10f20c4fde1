"""The chart and the table of a listing whose target a revision of its plan changed."""

from datetime import date
from decimal import Decimal

import pytest

from accounts.roles import Role
from indicators.versions import keep_version
from plans.charting import chart_of, small_chart_of
from plans.revised_targets import changes_of_target
from plans.tree import read_tree
from plans.years_around import years_outside
from tests.factories import (
    make_actual,
    make_goal,
    make_kpi,
    make_measure,
    make_strategy,
    make_user,
)
from tests.pages import read_page
from tests.plans.charts.test_drawing import check_labels, check_places

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.stories]

URL = "/strategies/plan/kpis/1-ア-1-1/"
RAISED = "第1回改訂（平成29年度から）：目標値を200人から260人に改めました。"


@pytest.fixture
def kpi():
    """A level of the plan from 2015 to 2019 that goes from 150 to 200, with values to 2018."""
    measured = {"kind": "level", "baseline": Decimal(150), "baseline_kind": "measured"}
    kpi = make_kpi(make_measure(make_goal(make_strategy(code="plan"))), **measured)
    for year in range(2015, 2019):
        make_actual(kpi.indicator, year, 160 + 15 * (year - 2015))
    return kpi


def revise(kpi, year=2017, number=1, plan=None, **fields):
    """Let a revision of the plan apply from a year, with other fields of the KPI and the plan."""
    strategy = kpi.strategy
    strategy.revisions.create(
        number=number, decided_on=date(year, 3, 24), decided_by="mayor", from_fiscal_year=year,
        reason="実績が目標を上回ったため。",
        previous_last_fiscal_year=strategy.last_fiscal_year if plan else None,
    )  # fmt: skip
    for name, value in (plan or {}).items():
        setattr(strategy, name, value)
    strategy.save()
    if fields:
        keep_version(kpi, dict(kpi.yearly_targets.values_list("fiscal_year", "value")))
        for name, value in (fields | {"from_fiscal_year": year}).items():
            setattr(kpi, name, value)
        kpi.save()


def listing_of(year=2018):
    return read_tree("plan", year).listings[0]


def chart(year=2018):
    listing = listing_of(year)
    return chart_of(listing, years_outside(listing))


def texts(drawn, kind):
    return [label.text for label in drawn.labels if label.kind == kind]


def page(client, query="", url=URL):
    client.force_login(make_user(Role.READER))
    return read_page(client.get(url + query))


def test_each_target_has_its_line_and_its_path_over_its_own_years(kpi):
    revise(kpi, target=Decimal(260))
    found = chart()
    for drawn in found.charts:
        check_labels(drawn)
        check_places(drawn)
        [earlier] = drawn.around.earlier
        [(x, word)] = drawn.around.revisions
        assert word == "第1回改訂"
        assert earlier.y > drawn.target_y
        assert earlier.left == drawn.left
        assert (earlier.right, drawn.around.left) == pytest.approx((x, x), abs=0.2)
        [old] = drawn.earlier_paths
        assert old.startswith(f"{drawn.start[0]},{drawn.start[1]} ")
        assert (old.count(","), drawn.path.count(",")) == (3, 3)
        assert texts(drawn, "revision") == ["第1回改訂"]
        assert sorted(texts(drawn, "target")) == ["目標値 200", "目標値 260"]
    legend = [item.text for item in found.legend]
    assert "目標値 260人" in legend
    assert "改訂前の目標値 200人（平成28年度まで）" in legend
    assert "計画の改訂で、目標や目安値が変わった年度" in legend
    assert RAISED in found.description
    assert "平成28年度は175人（目安値170人）" in found.description


def test_the_table_says_what_the_revision_changed_above_its_first_year(client, kpi):
    revise(kpi, target=Decimal(260))
    main = page(client, "?year=2018").main
    before, _, after = main.rpartition(RAISED)
    assert "平成28年度（2016）" in before
    assert "平成29年度（2017）" in after[:200]


def test_a_year_before_the_revision_shows_the_plan_of_that_year(client, kpi):
    revise(kpi, target=Decimal(260))
    drawn = chart(2016).charts[0]
    assert (drawn.around.earlier, drawn.around.revisions, drawn.earlier_paths) == ((), (), ())
    assert texts(drawn, "target") == ["目標値 200"]
    assert "第1回改訂" not in page(client, "?year=2016").main


def test_a_longer_plan_changes_the_path_but_not_the_line_of_the_target(kpi):
    revise(kpi, year=2018, plan={"last_fiscal_year": 2021})
    drawn = chart().charts[0]
    assert drawn.around.earlier == ()
    assert len(drawn.earlier_paths) == 1
    assert texts(drawn, "year")[-1] == "R3"
    assert texts(drawn, "target") == ["目標値 200"]
    assert changes_of_target(listing_of()) == {
        2018: "第1回改訂（平成30年度から）：目標年度を令和元年度から令和3年度に改めました。"
    }


def test_a_revision_that_changes_no_target_leaves_the_chart_as_it_was(kpi):
    before = chart()
    revise(kpi, sentence="改めた文言")
    revise(kpi, year=2018, number=2)
    assert chart() == before
    assert changes_of_target(listing_of()) == {}


def test_extending_the_plan_is_not_a_change_of_targets_with_their_own_year_or_none(client, kpi):
    kpi.target_year = 2019
    kpi.save()
    make_kpi(kpi.measure, kind="monitor", target=None)
    revise(kpi, year=2018, plan={"last_fiscal_year": 2021})
    for listing in read_tree("plan", 2018).listings:
        assert changes_of_target(listing) == {}
    for url in (URL, "/strategies/plan/kpis/1-ア-1-2/"):
        main = page(client, "?year=2018", url).main
        assert "第1回改訂" not in main
        assert "改めました" not in main


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"tolerance": 5}, "許容幅を「なし」から5人に"),
        ({"direction": "down", "target": 100}, "改善の方向を"),
        ({"kind": "every_year", "baseline": None, "baseline_kind": "", "upper": 260}, "200～260人"),
        ({"baseline_kind": "previous_period"}, "基準値の種類を「現状値」から「前期間の実績」に"),
    ],
)
def test_what_differs_is_named(kpi, changed, told):
    revise(kpi, **changed)
    assert told in changes_of_target(listing_of())[2017]


def test_two_revisions_make_two_steps(kpi):
    revise(kpi, target=Decimal(260))
    revise(kpi, year=2018, number=2, target=Decimal(240), baseline=Decimal(160))
    found = chart()
    for drawn in found.charts:
        check_labels(drawn)
        check_places(drawn)
        assert len(drawn.around.earlier) == 2
        assert [word for _, word in drawn.around.revisions] == ["第1回改訂", "第2回改訂"]
        assert len(drawn.earlier_paths) == 2, "also the path of a single year is seen"
    assert "目標値を260人から240人に、基準値を150人から160人に改めました。" in found.description
    assert "基準値 150人（現状値）" in [item.text for item in found.legend]


def test_a_line_not_to_be_crossed_is_hatched_over_its_own_years(kpi):
    kpi.kind, kpi.baseline, kpi.baseline_kind = "every_year", None, ""
    kpi.save()
    revise(kpi, target=Decimal(150))
    drawn = chart().charts[0]
    [earlier] = drawn.around.earlier
    assert earlier.forbidden == "below"
    starts = [float(stroke.split()[0]) for stroke in drawn.earlier_hatch_d.split("M")[1:]]
    assert max(starts) <= earlier.right
    assert min(float(s.split()[0]) for s in drawn.hatch_d.split("M")[1:]) >= drawn.around.left


def test_a_level_that_becomes_a_sum_shares_no_axis_with_it(kpi):
    revise(kpi, kind="total", baseline=None, baseline_kind="", target=Decimal(900))
    drawn = chart().charts[0]
    assert drawn.around.earlier == ()
    assert len(drawn.around.revisions) == 1


def test_steps_are_drawn_beside_years_before_the_plan(kpi):
    make_actual(kpi.indicator, 2014, 140)
    revise(kpi, target=Decimal(260))
    for drawn in chart().charts:
        check_labels(drawn)
        assert drawn.around.earlier[0].left == drawn.around.borders[0]


def test_the_small_chart_has_the_newest_target_only(kpi):
    revise(kpi, target=Decimal(260))
    assert small_chart_of(listing_of()).target_y == 6.0


def test_a_milestone_is_reached_by_the_target_of_its_year(kpi):
    kpi.kind, kpi.baseline, kpi.baseline_kind = "milestone", None, ""
    kpi.target = Decimal(170)
    kpi.save()
    revise(kpi, target=Decimal(200))
    steps = chart().steps[0].steps
    assert [step.state for step in steps[:4]] == ["open", "done", "open", "done"]


def test_a_target_set_by_a_revision_is_drawn_from_its_year_on(kpi):
    given = {name: getattr(kpi, name) for name in ("kind", "target", "baseline", "baseline_kind")}
    kpi.kind, kpi.target, kpi.baseline, kpi.baseline_kind = "monitor", None, None, ""
    kpi.save()
    revise(kpi, **given)
    drawn = chart().charts[0]
    [(x, _)] = drawn.around.revisions
    assert (drawn.around.earlier, drawn.around.left) == ((), x)
    assert "目標値を「なし」から200人に" in chart().description
