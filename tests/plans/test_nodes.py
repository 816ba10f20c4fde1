"""Properties of the nodes of a plan."""

import pickle
from dataclasses import replace

from plans.nodes import circled
from tests.nodes import listing_node, project_node, tree_of


def test_the_same_figures_are_judged_once():
    """Each request reads new nodes."""
    values = {2015: 31, 2016: 47}
    first, second = listing_node(values), listing_node(values)
    assert first is not second
    assert first.assess(2016) is second.assess(2016)
    assert first.assess(2016) is not first.assess(2015)


def test_other_figures_give_another_judgement():
    first = listing_node({2016: 47})
    assert first.assess(2016) != listing_node({2016: 48}).assess(2016)
    assert first.assess(2016) != replace(first, target=first.target + 100).assess(2016)


def test_a_tree_that_was_judged_can_be_given_to_the_process_that_makes_a_file():
    """It is kept for later requests: a page may have judged it before a file is asked for."""
    tree = tree_of(listing_node({2016: 47}))
    (judged,) = tree.listings
    answer = judged.assess(2016), judged.look_ahead(2016)
    (given,) = pickle.loads(pickle.dumps(tree)).listings
    assert (given.assess(2016), given.look_ahead(2016)) == answer


def test_signs_are_circled_as_far_as_there_are_any():
    assert (circled(1), circled(20), circled(21)) == ("①", "⑳", "(21)")


def test_a_measure_is_named_within_its_goal_and_within_the_plan():
    [measure] = tree_of(listing_node({})).measures
    assert (measure.label, measure.label_in_plan) == ("（ア）①", "基本目標1（ア）①")


def test_a_project_names_the_measure_where_it_was_listed_first():
    project = project_node(relisted_from=(2, "イ", 3, 4), home_goal="基本目標2")
    assert (project.home, project.home_label) == ("2-イ-3", "基本目標2（イ）③")
    assert (project_node().home, project_node().home_label) == ("", "")


def test_a_listing_knows_the_parts_above_it():
    kpi, target = listing_node({}, place="2-イ-3-4"), listing_node({}, place="2-1")
    assert (kpi.place_above, kpi.goal_position) == ("2-イ-3", 2)
    assert (target.place_above, target.goal_position) == ("2", 2)
