"""Matters that wait for the planning office."""

import pytest

from plans.open_matters import Matter, is_open
from tests.nodes import actual_node, listing_node


def matters(listing):
    return {matter for matter in Matter if is_open(listing, matter)}


def with_actual(value=10, **fields):
    return listing_node({2017: actual_node(2017, value, **fields)})


@pytest.mark.parametrize(
    ("listing", "expected"),
    [
        (listing_node({2017: 10}), set()),
        (listing_node({2016: 10}), set()),
        (with_actual("unpublished"), set()),
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
