"""Counts with 実 and 再掲, and their sentences."""

import pytest

from indicators.rules.terms import Scale
from plans import counting
from plans.counting import Count
from plans.tree import read_tree
from tests.factories import (
    load_city,
    make_actual,
    make_kpi,
    make_measure,
    make_numeric_target,
    make_project,
)

pytestmark = pytest.mark.one_database


def bands_of(tree):
    return counting.count_by_band(tree.listings, tree.scale)


def test_a_note_is_given_only_where_something_is_listed_again():
    assert Count(49, 48).note == "（実48、再掲1）"
    assert Count(15, 15).note == ""


def test_bands_are_named_in_the_words_of_the_plan():
    names = [counting.band_name(band, Scale()) for band in counting.BAND_STATUSES]
    assert names == [
        "達成・順調",
        "おおむね順調・達成",
        "やや遅れ",
        "遅れ・未達成",
        "判定なし・未入力",
    ]
    own = Scale(labels={"on_track": "計画どおり", "mostly_on_track": "もう少し"})
    assert counting.band_name("good", own) == "達成・計画どおり"
    assert counting.band_name("fair", own) == "もう少し・おおむね達成"


@pytest.mark.django_db
def test_the_real_list_is_counted_as_the_city_counts_it():
    strategy = load_city()
    tree = read_tree(strategy.code, 2017)
    assert counting.count_listings(tree.listings) == Count(49, 48)
    projects = counting.count_projects(tree.projects)
    assert counting.project_sentence(projects) == "延べ96事業（実88、再掲8）"


@pytest.mark.django_db
def test_counts_of_goals_and_bands_add_up_to_those_of_the_plan():
    tree = read_tree(load_city().code, 2017)
    whole = counting.count_listings(tree.listings)
    for parts in (
        [counting.count_listings(goal.listings) for goal in tree.goals],
        [band.count for band in bands_of(tree)],
    ):
        assert sum(part.total for part in parts) == whole.total
        assert sum(part.distinct for part in parts) == whole.distinct
    for band in bands_of(tree):
        assert sum(number for _, number in band.labels) == band.count.total


@pytest.mark.django_db
def test_an_indicator_listed_twice_is_one_real_indicator():
    measure = make_measure()
    kpi = make_kpi(measure)
    make_kpi(measure, kpi.indicator)
    make_actual(kpi.indicator, 2015, 200)
    tree = read_tree(measure.strategy.code, 2015)
    good = bands_of(tree)[0]
    assert good.count == Count(2, 1)
    assert good.labels == (("達成", 2),)


@pytest.mark.django_db
def test_the_sentence_names_the_good_news_first_and_what_is_open_last():
    measure = make_measure()
    for value in (40, 40, 10, None):
        kpi = make_kpi(measure)
        if value is not None:
            make_actual(kpi.indicator, 2015, value)
    make_numeric_target(measure.group.goal, make_kpi(measure).indicator)
    tree = read_tree(measure.strategy.code, 2015)
    sentence = counting.progress_sentence(counting.count_listings(tree.listings), bands_of(tree))
    assert sentence == (
        "6指標（実5、再掲1）のうち、達成・順調は2件、遅れ・未達成は1件です。"
        "判定していないものが3件あります。"
    )


@pytest.mark.django_db
def test_before_the_first_value_the_sentence_says_so():
    kpi = make_kpi()
    tree = read_tree(kpi.strategy.code, 2015)
    sentence = counting.progress_sentence(counting.count_listings(tree.listings), bands_of(tree))
    assert sentence == "1指標のうち、判定できるものはまだありません。"
    assert counting.progress_sentence(Count(0, 0), ()) == "指標はまだ登録されていません。"


@pytest.mark.django_db
def test_relisted_projects_are_not_counted_as_real():
    home = make_project()
    make_project(home.measure, relisted_from=home)
    tree = read_tree(home.measure.strategy.code, 2015)
    assert counting.count_projects(tree.projects) == Count(2, 1)
