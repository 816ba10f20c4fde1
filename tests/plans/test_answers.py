"""States of the values of a year."""

import pytest

from indicators.rules.terms import Scale
from plans.answers import ANSWER_STATES, answer_names, answer_state, by_entering_section
from tests.nodes import actual_node, indicator_node, listing_node


@pytest.mark.parametrize("state", ANSWER_STATES[1:])
def test_a_saved_value_is_in_its_own_state(state):
    assert answer_state(listing_node({2017: actual_node(2017, 10, state=state)})) == state


def test_only_what_was_never_saved_is_missing():
    assert answer_state(listing_node({2016: 10})) == "missing"
    assert answer_state(listing_node({2017: "unpublished"})) == "confirmed"


def test_every_state_has_a_name_missing_that_of_the_audience():
    names = answer_names(Scale(labels={"not_reported": "実績未把握"}))
    assert list(names) == list(ANSWER_STATES)
    assert (names["missing"], names["submitted"]) == ("実績未把握", "課長確認待ち")
    assert answer_names(Scale())["missing"] == "未入力"


def test_listings_are_grouped_by_who_enters_them_most_first():
    farmers = {"section": "総合政策室", "section_id": 9, "entered_by": "農林課", "entered_by_id": 2}
    one = listing_node()
    two, three = (listing_node(indicator=indicator_node(**farmers)) for _ in range(2))
    groups = by_entering_section([one, two, three])
    assert [(group.section, group.section_id) for group in groups] == [("農林課", 2), ("水産課", 1)]
    assert groups[0].listings == (two, three)
