"""Reading a complete strategy, judged for a year, in a constant number of queries."""

from dataclasses import FrozenInstanceError
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from accounts.sections import rename
from indicators.models import Indicator
from indicators.recording import move
from kpis.models import KPI
from measures.models import Measure, MeasureGroup
from plans.tree import StrategyNotFound, YearOutsidePlan, read_plain_tree, read_tree
from tests.factories import (
    load_city,
    make_actual,
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_numeric_target,
    make_project,
    make_section,
    make_strategy,
    make_user,
    make_values,
)
from trail.history import Change, Door

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

CITIES = ("nemuro_2015", "shiraho_2020")


def queries_of(code, year):
    """Return the number of queries for reading a tree and judging everything in it."""
    with CaptureQueriesContext(connection) as context:
        tree = read_tree(code, year)
        for listing in tree.listings:
            assert listing.assessment
            for each_year in tree.years:
                listing.assess(each_year)
        assert all(project.home is not None for project in tree.projects)
    return len(context)


def only_listing(strategy, year="newest", **options):
    [listing] = read_tree(strategy.code, year, **options).listings
    return listing


@pytest.fixture
def kpi():
    """A total of 200 people from 2015 to 2019, alone in its plan."""
    return make_kpi()


# Queries


def test_three_times_as_much_needs_no_query_more():
    strategy = load_city()
    make_actual(Indicator.objects.get(code="settlers"), 2019, 4)
    before = read_tree(strategy.code, 2015)
    count = queries_of(strategy.code, 2015)
    assert count <= 12

    for measure in Measure.objects.all():
        for _ in range(2 * measure.kpis.count()):
            make_kpi(measure)
        home = measure.projects.first()
        for _ in range(2 * measure.projects.count()):
            make_project(measure, relisted_from=home if home.relisted_from is None else None)
    for goal in strategy.goals.all():
        for _ in range(2 * goal.numeric_targets.count()):
            make_numeric_target(goal)
    make_values(strategy)
    load_city("shiraho_2020")

    after = read_tree(strategy.code, 2015)
    assert len(after.listings) == 3 * len(before.listings)
    assert len(after.projects) == 3 * len(before.projects)
    assert sum(len(item.indicator.actuals) for item in after.listings) > 3
    assert queries_of(strategy.code, 2015) == count
    assert queries_of(strategy.code, 2018) == count


# The year


def test_without_values_the_first_year_of_the_plan_is_judged(kpi):
    assert read_tree(kpi.strategy.code).fiscal_year == 2015


def test_the_newest_year_with_a_value_is_judged(kpi):
    for year in (2016, 2017):
        make_actual(kpi.indicator, year)
    assert read_tree(kpi.strategy.code).fiscal_year == 2017


def test_a_reason_instead_of_a_value_makes_no_newest_year(kpi):
    make_actual(kpi.indicator, 2016)
    make_actual(kpi.indicator, 2018, None, availability="unpublished", expected_month="2019-09")
    assert read_tree(kpi.strategy.code).fiscal_year == 2016


def test_values_of_other_years_and_of_other_plans_make_no_newest_year(kpi):
    make_actual(kpi.indicator, 2016)
    make_actual(kpi.indicator, 2021)
    make_actual(make_kpi().indicator, 2018)
    assert read_tree(kpi.strategy.code).fiscal_year == 2016


@pytest.mark.parametrize("year", [2014, 2020])
def test_a_year_outside_the_plan_is_refused(kpi, year):
    with pytest.raises(YearOutsidePlan):
        read_tree(kpi.strategy.code, year)


def test_a_strategy_that_is_not_there_is_named():
    with pytest.raises(StrategyNotFound, match="shiraho-2030"):
        read_tree("shiraho-2030")


def test_without_a_year_nothing_is_judged(kpi):
    make_actual(kpi.indicator, 2016, 40)
    tree = read_plain_tree(kpi.strategy.code)
    [listing] = tree.listings
    for node, words in ((tree, ("fiscal_year", "year_label")), (listing, ("assessment", "actual"))):
        assert not [word for word in words if hasattr(node, word)]
    assert listing.assess(2016).value == 40


def test_the_years_are_those_of_the_plan():
    strategy = make_strategy(first_fiscal_year=2020, last_fiscal_year=2026)
    tree = read_tree(strategy.code)
    assert list(tree.years) == list(range(2020, 2027))
    assert (tree.fiscal_year, tree.year_label) == (2020, "令和2年度（2020）")


# Values and judgement


def test_a_listing_is_judged_by_the_values_of_its_indicator(kpi):
    for year, value in {2015: 30, 2016: 45, 2017: 50}.items():
        make_actual(kpi.indicator, year, value)
    listing = only_listing(kpi.strategy)
    assert listing.actual.value == 50
    assert (listing.assessment.value, listing.assessment.pace) == (125, Decimal("104.2"))
    assert listing.assessment.status == "on_track"
    assert listing.assess(2015).status == "slightly_behind"


def test_values_of_years_outside_the_plan_are_shown_but_never_counted(kpi):
    for year, value in {2014: 500, 2015: 30, 2020: 500}.items():
        make_actual(kpi.indicator, year, value)
    listing = only_listing(kpi.strategy)
    assert list(listing.indicator.values) == [2014, 2015, 2020]
    assert listing.assessment.value == 30


def test_an_unconfirmed_reading_shows_its_value_and_judges_nothing():
    kpi = make_kpi(confirmed_at=None)
    make_actual(kpi.indicator, 2016, 400)
    listing = only_listing(kpi.strategy)
    assert not listing.is_confirmed
    assert listing.assessment.status == "no_judgement"
    assert "読み方未確認" in listing.assessment.label
    assert listing.assessment.value == 400
    assert listing.assess(2015).status == "no_judgement"


def test_an_unconfirmed_reading_that_no_rule_fits_is_still_shown():
    """A level target equal to its baseline is a form error; one stored earlier must not fail."""
    kpi = make_kpi(
        kind="level", direction="up", target=5, baseline=9, baseline_kind="measured",
        confirmed_at=None,
    )  # fmt: skip
    make_actual(kpi.indicator, 2016, 7)
    assert only_listing(kpi.strategy).assessment.status == "no_judgement"


def test_only_a_measured_baseline_starts_a_path():
    for kind, expected in (("measured", Decimal("1.394")), ("previous_period", None)):
        kpi = make_kpi(
            indicator=make_indicator(decimals=2),
            kind="level", target=Decimal("1.49"), baseline=Decimal("1.37"), baseline_kind=kind,
        )  # fmt: skip
        make_actual(kpi.indicator, 2015, "1.36")
        listing = only_listing(kpi.strategy)
        assert listing.assessment.expected == expected
        assert listing.baseline_kind_label


def test_yearly_targets_replace_the_even_path(kpi):
    kpi.yearly_targets.create(fiscal_year=2015, value=10)
    make_actual(kpi.indicator, 2015, 12)
    listing = only_listing(kpi.strategy)
    assert listing.yearly_targets == {2015: 10}
    assert (listing.assessment.expected, listing.assessment.status) == (10, "on_track")


def test_reasons_and_carried_values_reach_the_judgement():
    indicator = make_indicator(carry_years=1)
    kpi = make_kpi(indicator=indicator, kind="every_year", target=10)
    make_actual(indicator, 2016, 12)
    make_actual(indicator, 2017, None, availability="not_surveyed")
    listing = only_listing(kpi.strategy, 2017)
    assert listing.indicator.missing == {2017: "not_surveyed"}
    assert (listing.assessment.basis_year, listing.assessment.status) == (2016, "on_track")
    assert listing.actual.availability_label == "調査未実施"


def test_running_totals_are_not_added_up():
    kpi = make_kpi(indicator=make_indicator(running_total=True))
    for year, value in {2015: 30, 2016: 70}.items():
        make_actual(kpi.indicator, year, value)
    assert only_listing(kpi.strategy).assessment.value == 70


def test_a_value_tells_how_far_it_came(kpi):
    actual = make_actual(kpi.indicator, 2016, 4, provisional=True, remarks="暫定")
    node = only_listing(kpi.strategy).actual
    assert (node.is_confirmed, node.state_label, node.provisional) == (False, "回答済み", True)
    checking = make_user(Role.PLANNING)
    move({actual.pk: actual.version}, "confirmed", Change(by=checking, door=Door.COMMAND))
    node = only_listing(kpi.strategy).actual
    assert (node.is_confirmed, node.state_label, node.remarks) == (True, "確認済み", "暫定")


def test_an_unpublished_value_says_when_it_comes(kpi):
    make_actual(kpi.indicator, 2016, None, availability="unpublished", expected_month="2017-09")
    node = only_listing(kpi.strategy, 2016).actual
    assert node.value is None
    assert node.availability_label == "未公表（平成29年9月に公表予定）"


def test_the_plans_own_words_come_before_those_of_the_audience():
    strategy = make_strategy(labels={"behind": "計画を下回る"})
    kpi = make_kpi(make_measure(make_goal(strategy)))
    words = {"behind": "遅い", "not_reported": "実績未把握"}
    make_actual(kpi.indicator, 2015, 1)
    listing = only_listing(strategy, 2015, words=words)
    assert listing.assessment.label == "計画を下回る"
    assert only_listing(strategy, 2016, words=words).assessment.label == "実績未把握"
    assert only_listing(strategy, 2016).assessment.label == "未入力"


# The plan


def test_a_shared_indicator_is_one_node_and_counts_where_it_is_listed_first():
    tree = read_plain_tree(load_city().code)
    by_place = {listing.place: listing for listing in tree.listings}
    first, second = by_place["2-1"], by_place["3-3"]
    assert first.indicator is second.indicator
    assert (first.first_listing, second.first_listing) == (True, False)
    assert (first.name, second.name) == ("２０～３９歳女性の人口", "２０～３９歳女性人口")
    assert len(tree.listings) == 49
    assert sum(listing.first_listing for listing in tree.listings) == 48


def test_an_indicator_shared_by_a_target_and_a_kpi_is_first_the_target():
    tree = read_plain_tree(load_city("shiraho_2020").code)
    shared = [
        item for item in tree.listings if item.indicator.code == "new-residents-running-total"
    ]
    assert [(item.model, item.first_listing) for item in shared] == [
        ("numerictarget", True),
        ("kpi", False),
    ]
    assert len({id(item.indicator) for item in shared}) == 1


@pytest.mark.parametrize(("name", "relisted"), [("nemuro_2015", 8), ("shiraho_2020", 1)])
def test_relistings_know_their_homes(name, relisted):
    tree = read_plain_tree(load_city(name).code)
    homes = {
        (measure.goal_position, measure.group_symbol, measure.position, project.position): project
        for measure in tree.measures
        for project in measure.projects
    }
    rows = [project for project in tree.projects if project.relisted_from]
    assert len(rows) == relisted
    for row in rows:
        home = homes[row.relisted_from]
        assert (home.name, home.relisted_from) == (row.name, None)
        assert row.home == home.place.rpartition("-")[0]
    assert {project.home for project in tree.projects if not project.relisted_from} == {""}


@pytest.mark.parametrize(
    ("name", "goals", "groups", "measures", "targets", "kpis", "projects"),
    [("nemuro_2015", 3, 6, 16, 10, 39, 96), ("shiraho_2020", 3, 4, 4, 5, 9, 12)],
)
def test_a_city_is_there_whole(name, goals, groups, measures, targets, kpis, projects):
    strategy = load_city(name)
    tree = read_tree(strategy.code)
    assert (tree.title, tree.city, tree.city_code) == (
        strategy.title,
        strategy.city,
        strategy.city_code,
    )
    assert (len(tree.goals), sum(len(goal.groups) for goal in tree.goals)) == (goals, groups)
    assert (len(tree.measures), len(tree.projects)) == (measures, projects)
    models = [listing.model for listing in tree.listings]
    assert (models.count("numerictarget"), models.count("kpi")) == (targets, kpis)
    assert len({listing.place for listing in tree.listings}) == targets + kpis
    assert tree.scale.labels == strategy.labels
    assert {str(item.assessment.status) for item in tree.listings} <= {
        "not_reported",
        "no_judgement",
    }


def test_two_cities_keep_apart():
    codes = [load_city(name).code for name in CITIES]
    trees = [read_plain_tree(code) for code in codes]
    indicators = [{listing.indicator.pk for listing in tree.listings} for tree in trees]
    assert not indicators[0] & indicators[1]
    assert [tree.code for tree in trees] == codes
    assert [len(tree.listings) for tree in trees] == [49, 14]


def test_everything_is_in_the_order_of_the_plan():
    goal = make_goal(make_strategy(), position=2)
    other = make_goal(goal.strategy, position=1)
    make_measure(goal, position=2)
    measure = make_measure(goal, position=1)
    late = MeasureGroup.objects.create(goal=goal, symbol="イ", position=2, title="後")
    make_kpi(Measure.objects.create(group=late, position=1, title="最後"))
    for position in (2, 1):
        make_kpi(measure, position=position)
        make_project(measure, position=position)
        make_numeric_target(goal, position=position)
    make_numeric_target(other)

    tree = read_plain_tree(goal.strategy.code)
    assert [item.position for item in tree.goals] == [1, 2]
    assert [item.place for item in tree.measures] == ["2-ア-1", "2-ア-2", "2-イ-1"]
    assert [item.place for item in tree.projects] == ["2-ア-1-1", "2-ア-1-2"]
    assert [item.place for item in tree.listings] == [
        "1-1", "2-1", "2-2", "2-ア-1-1", "2-ア-1-2", "2-イ-1-1",
    ]  # fmt: skip


def test_addresses_follow_the_plan(kpi):
    make_numeric_target(kpi.measure.group.goal)
    tree = read_tree(kpi.strategy.code)
    base = f"/strategies/{kpi.strategy.code}/"
    [goal] = tree.goals
    assert goal.url == f"{base}goals/1/"
    assert [listing.url for listing in tree.listings] == [
        f"{base}targets/1-1/",
        f"{base}kpis/1-ア-1-1/",
    ]
    assert tree.measures[0].url == f"{base}measures/1-ア-1/"


def test_sections_bear_the_names_of_the_judged_year():
    section = make_section("水産課")
    kpi = make_kpi(indicator=make_indicator(section))
    rename(section, "水産振興課", 2017)
    names = {year: only_listing(kpi.strategy, year).indicator.section for year in (2016, 2017)}
    names[None] = read_plain_tree(kpi.strategy.code).listings[0].indicator.section
    assert names == {2016: "水産課", 2017: "水産振興課", None: "水産振興課"}
    assert only_listing(kpi.strategy, 2016).indicator.entered_by == "水産課"


def test_doubts_are_one_by_one(kpi):
    KPI.objects.update(doubts="年間か。\n\n合計か。\n")
    assert only_listing(kpi.strategy).doubts == ("年間か。", "合計か。")


def test_money_is_shown_in_its_display_unit():
    indicator = make_indicator(unit="円", display_unit="千円")
    node = only_listing(make_kpi(indicator=indicator).strategy).indicator
    assert (node.shown_unit, node.display_factor) == ("千円", 1000)
    assert node.format(Decimal(1_234_567)) == "1,234.567"
    assert node.format(None) == ""


def test_nothing_in_a_tree_can_be_changed(kpi):
    tree = read_tree(kpi.strategy.code)
    for node in (tree, tree.goals[0], tree.measures[0], tree.listings[0]):
        with pytest.raises(FrozenInstanceError):
            node.title = "別の名称"


def test_goals_without_groups_and_groups_without_measures_are_there():
    empty = make_goal()
    strategy = empty.strategy
    measure = make_measure(make_goal(strategy))
    measure.group.goal.measure_groups.create(position=2, symbol="イ", title="これから決める")
    goals = read_plain_tree(strategy.code).goals
    assert [[group.symbol for group in goal.groups] for goal in goals] == [[], ["ア", "イ"]]
    assert [len(group.measures) for group in goals[1].groups] == [1, 0]
