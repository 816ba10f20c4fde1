"""The orders of listings."""

import pytest

from accounts.sections import SectionNames
from indicators.duties import SectionsInTime
from indicators.rules.terms import Status
from plans.comparison import compare
from plans.lagging import ORDER
from plans.sorting import Order, in_order, read_order
from tests.nodes import indicator_node, listing_node


def listing(before, now, **fields):
    """A listing of each year's 100 with its values of 2016 and 2017; None was never entered."""
    values = {year: v for year, v in ((2016, before), (2017, now)) if v is not None}
    return listing_node(values, year=2017, **({"kind": "every_year", "target": 100} | fields))


def ordered(listings, order):
    return [one.listing for one in in_order([compare(one) for one in listings], order)]


def test_the_order_of_the_plan_is_as_it_is():
    listings = [listing(100, 20), listing(10, 100), listing(None, None)]
    assert ordered(listings, Order.PLAN) == listings


def test_by_judgement_the_worst_comes_first_and_within_a_status_the_lowest_figure():
    good, fair, caution = listing(None, 100), listing(None, 85), listing(None, 60)
    bad, worse = listing(None, 40), listing(None, 10)
    assert ordered([good, bad, fair, worse, caution], Order.JUDGEMENT) == [
        worse, bad, caution, fair, good,
    ]  # fmt: skip


def test_by_judgement_what_is_not_judged_comes_last_and_monitors_after_everything():
    monitor = listing(None, 5, kind="monitor", target=None)
    missing, unread = listing(None, None), listing(None, 5, confirmed_at=None)
    good, bad = listing(None, 100), listing(None, 10)
    assert ordered([monitor, unread, missing, good, bad], Order.JUDGEMENT) == [
        bad, good, missing, unread, monitor,
    ]  # fmt: skip


def test_every_status_has_its_place_in_the_order_of_judgements():
    assert sorted(ORDER) == sorted(Status)


def test_by_change_what_fell_furthest_comes_first_then_the_same_then_what_rose():
    fell_one, fell_three = listing(100, 85), listing(100, 10)
    same, rose = listing(10, 12), listing(10, 100)
    assert ordered([rose, same, fell_one, fell_three], Order.CHANGE) == [
        fell_three, fell_one, same, rose,
    ]  # fmt: skip


def test_by_change_what_cannot_be_compared_comes_last_in_the_order_of_the_plan():
    monitor = listing(5, 50, kind="monitor", target=None)
    missing, unread = listing(100, None), listing(100, 5, confirmed_at=None)
    without_year_before = listing(None, 100)
    rose = listing(10, 100)
    apart = [monitor, missing, unread, without_year_before]
    assert ordered([*apart, rose], Order.CHANGE) == [rose, *apart]


def test_in_the_first_year_of_the_plan_nothing_is_compared():
    first = [listing_node({2015: value}, year=2015) for value in (10, 100)]
    assert ordered(first, Order.CHANGE) == first


def test_sections_come_in_the_order_of_their_list_and_keep_that_of_the_plan():
    names = SectionNames({3: "総務課", 1: "水産課", 2: "農林課"}, {})

    def of(section):
        in_time = SectionsInTime((), section, section, names)
        return listing_node(indicator=indicator_node(section_id=section, in_time=in_time))

    of_2, of_1, again_2, of_3 = of(2), of(1), of(2), of(3)
    assert ordered([of_2, of_1, again_2, of_3], Order.SECTION) == [of_3, of_1, of_2, again_2]
    assert ordered([], Order.SECTION) == []


@pytest.mark.parametrize(
    ("asked", "order"), [({}, "plan"), ({"sort": ""}, "plan"), ({"sort": " change "}, "change")]
)
def test_the_order_is_read_from_the_address(asked, order):
    assert read_order(asked) == order


def test_an_unknown_order_is_refused():
    with pytest.raises(ValueError, match="並べ方「best」はありません。並べ方を選び直してください"):
        read_order({"sort": "best"})
