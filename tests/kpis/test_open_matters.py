"""What is still open about a listing."""

import pytest

from kpis.open_matters import Matter, by_entering_section, is_open
from tests.nodes import actual_node, indicator_node, listing_node


def matters(listing):
    return {matter for matter in Matter if is_open(listing, matter)}


def with_actual(value=10, **fields):
    return listing_node({2017: actual_node(2017, value, **fields)})


@pytest.mark.parametrize(
    ("listing", "expected"),
    [
        (listing_node({2017: 10}), set()),
        (listing_node({2016: 10}), {Matter.MISSING}),
        (with_actual("unpublished"), set()),
        (with_actual(state="draft"), {Matter.UNCONFIRMED}),
        (with_actual(state="answered", provisional=True), {Matter.UNCONFIRMED, Matter.PROVISIONAL}),
        (with_actual(provisional=True), {Matter.PROVISIONAL}),
        (listing_node({2017: 10}, confirmed_at=None), {Matter.READING}),
        (listing_node({2017: 10}, kind="level"), {Matter.BASELINE}),
        (listing_node({2017: 10}, kind="restraint"), {Matter.BASELINE}),
        (listing_node({2017: 10}, kind="total"), set()),
        (listing_node({2017: 10}, kind="level", baseline=5, baseline_kind="measured"), set()),
        (listing_node({2017: 10}, kind="level", baseline=5, baseline_kind="projection"), set()),
    ],
)
def test_each_matter_is_seen_by_itself(listing, expected):
    assert matters(listing) == expected


def test_listings_are_grouped_by_who_enters_them_most_first():
    farmers = {"section": "総合政策室", "section_id": 9, "entered_by": "農林課", "entered_by_id": 2}
    one = listing_node()
    two, three = (listing_node(indicator=indicator_node(**farmers)) for _ in range(2))
    groups = by_entering_section([one, two, three])
    assert [(group.section, group.section_id) for group in groups] == [("農林課", 2), ("水産課", 1)]
    assert groups[0].listings == (two, three)
