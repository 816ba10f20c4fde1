"""A part of a plan: one goal, one section, or both."""

from dataclasses import replace

import pytest

from plans.narrowing import NotInPlan, narrow, section_named, sections_in
from plans.tree import read_tree
from tests.factories import (
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_numeric_target,
    make_project,
    make_section,
    make_strategy,
)

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def tree():
    """Two goals with two measures each; 水産課 has one target, one KPI and enters another."""
    fishery, sports = make_section("水産課"), make_section("スポーツ課")
    strategy = make_strategy(code="plan", title="見本市総合戦略")
    first, second = make_goal(strategy), make_goal(strategy)
    make_numeric_target(first, make_indicator(fishery), name="漁獲量")
    make_numeric_target(second, make_indicator(sports), name="入場者数")
    for goal, section in ((first, fishery), (first, sports), (second, sports)):
        measure = make_measure(goal)
        make_kpi(measure, make_indicator(section), name=f"{section}の指標")
        make_project(measure)
    make_kpi(measure, make_indicator(sports, entered_by=fishery), name="水産課が入力する指標")
    return read_tree(strategy.code, 2017)


def names(tree) -> list[str]:
    return [listing.name for listing in tree.listings]


def test_without_anything_asked_for_it_is_the_whole_plan(tree):
    assert narrow(tree) is tree
    assert narrow(tree).part == ""


def test_of_a_goal_everything_stays(tree):
    part = narrow(tree, goal=1)
    assert part.goals == tree.goals[:1]
    assert names(part) == ["漁獲量", "水産課の指標", "スポーツ課の指標"]
    assert len(part.projects) == 2
    assert part.part == "基本目標1"
    assert (part.title, part.fiscal_year) == (tree.title, 2017)


def test_of_a_section_there_stays_what_it_answers_for_and_what_it_enters(tree):
    part = narrow(tree, section="水産課")
    assert names(part) == ["漁獲量", "水産課の指標", "水産課が入力する指標"]
    assert part.part == "担当課：水産課"


def test_measures_without_a_kpi_of_the_section_go_and_the_others_keep_their_projects(tree):
    part = narrow(tree, section="水産課")
    assert [measure.place for measure in part.measures] == ["1-ア-1", "2-ア-1"]
    assert [project.place for project in part.projects] == ["1-ア-1-1", "2-ア-1-1"]


def test_goal_and_section_are_both_kept(tree):
    part = narrow(tree, goal=2, section="水産課")
    assert names(part) == ["水産課が入力する指標"]
    assert part.part == "基本目標2、担当課：水産課"


def test_goals_and_groups_that_have_nothing_of_the_section_go(tree):
    alone = replace(tree, goals=(tree.goals[0], replace(tree.goals[1], groups=())))
    part = narrow(alone, section="水産課")
    assert [goal.position for goal in part.goals] == [1]
    assert all(group.measures for goal in part.goals for group in goal.groups)


def test_the_whole_tree_is_not_touched(tree):
    before = names(tree)
    narrow(tree, goal=1, section="水産課")
    assert names(tree) == before
    assert tree.part == ""


def test_missing_goals_and_sections_are_named(tree):
    with pytest.raises(NotInPlan, match="見本市総合戦略に、基本目標9はありません。"):
        narrow(tree, goal=9)
    with pytest.raises(NotInPlan, match="見本市総合戦略に、「夢想課」が担当する指標はありません。"):
        narrow(tree, section="夢想課")
    with pytest.raises(NotInPlan, match="見本市総合戦略の基本目標1に、「夢想課」が"):
        narrow(tree, goal=1, section="夢想課")


def test_sections_come_in_the_order_of_the_plan(tree):
    assert list(sections_in(tree).values()) == ["水産課", "スポーツ課"]
    assert list(sections_in(narrow(tree, goal=2)).values()) == ["スポーツ課", "水産課"]


def test_an_address_names_a_section_by_its_id_or_name(tree):
    for pk, name in sections_in(tree).items():
        assert section_named(tree, pk) == section_named(tree, name) == name
    assert section_named(tree, "夢想課") == "夢想課"
    assert section_named(tree, "") is None


def test_narrowing_asks_the_database_for_nothing(tree, django_assert_num_queries):
    with django_assert_num_queries(0):
        for goal in (1, 2):
            assert narrow(tree, goal=goal, section="水産課").listings
