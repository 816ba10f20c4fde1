"""The state of a plan: counts with links to their lists."""

from itertools import pairwise
from urllib.parse import parse_qsl, urlsplit

import pytest

from plans.counting import BandCount, Count
from plans.selection import read_selection
from plans.standing import segments_of, standing_of
from tests.nodes import indicator_node, listing_node, tree_of

INDICATOR = indicator_node({2016: 30, 2017: 120})
LISTINGS = (
    listing_node(indicator=INDICATOR),
    listing_node(indicator=INDICATOR, first_listing=False),
    listing_node({2016: 110, 2017: 30}),
    listing_node({2016: 110, 2017: 100}),
    listing_node({2017: 60}),
    listing_node({}),
)
TREE = tree_of(*LISTINGS)
STANDING = standing_of(TREE, TREE.listings)


def band_count(band, number):
    return BandCount(band, "", "", Count(number, number), ())


def listed(url):
    asked = dict(parse_qsl(urlsplit(url).query))
    selection = read_selection(TREE, asked)
    return sum(selection.matches(listing) for listing in TREE.listings)


def test_every_count_leads_to_just_as_many_listings():
    counts = [
        *((band.url, band.counted.count) for band in STANDING.bands),
        *((one.url, one.count) for band in STANDING.bands for one in band.statuses),
        (STANDING.better.url, STANDING.better.count),
        (STANDING.worse.url, STANDING.worse.count),
    ]
    assert len(counts) > 9
    for url, count in counts:
        assert url.startswith("/strategies/plan/listings/?year=2017&")
        assert listed(url) == count.total, url


def test_counts_tell_what_is_listed_again():
    assert STANDING.count.note == "（実5、再掲1）"
    assert STANDING.better.count.note == "（実1、再掲1）"
    assert STANDING.good.counted.count.note == "（実2、再掲1）"


def test_the_statuses_of_a_band_add_up_to_it():
    for band in STANDING.bands:
        assert sum(one.count.total for one in band.statuses) == band.counted.count.total


def test_a_status_that_is_all_of_its_band_under_the_same_name_is_not_repeated():
    bands = {band.counted.band: band for band in STANDING.bands}
    assert bands["caution"].told_apart == ()
    assert [one.name for one in bands["bad"].told_apart] == ["遅れ"]


def test_the_good_ones_are_compared_with_those_of_the_year_before():
    assert (STANDING.good.counted.count.total, STANDING.good_before) == (3, 2)
    assert STANDING.difference == "1件増"


@pytest.mark.parametrize(
    ("before", "difference"), [(100, "増減なし"), (10, "1件増"), (None, "1件増")]
)
def test_more_and_fewer_are_said_in_words(before, difference):
    values = {2017: 100} if before is None else {2016: before, 2017: 100}
    tree = tree_of(listing_node(values))
    assert standing_of(tree, tree.listings).difference == difference


def test_in_the_first_year_nothing_is_compared():
    tree = tree_of(listing_node({2015: 100}, year=2015))
    standing = standing_of(tree, tree.listings)
    assert (standing.good_before, standing.difference) == (None, "")


@pytest.mark.parametrize(("good", "bad", "label"), [(10, 1, "×1"), (14, 1, "1"), (30, 1, "")])
def test_a_narrow_part_has_its_number_as_long_as_there_is_room(good, bad, label):
    listings = [listing_node({2017: value}) for value in [100] * good + [10] * bad]
    assert standing_of(tree_of(*listings), listings).bar[-1].label == label


def test_the_parts_of_the_bar_cover_it():
    bar = STANDING.bar
    assert bar[0].x == 0
    assert round(sum(part.width for part in bar)) == 100
    assert [part.label for part in bar] == ["◎3", "△1", "×1", "－1"]
    assert bar[0].middle == round(bar[0].width / 2, 1)


def test_the_bar_is_divided_in_proportion_and_a_zero_has_no_part():
    parts = segments_of([band_count("good", 3), band_count("fair", 0), band_count("bad", 1)])
    assert [(part.band, part.x, part.width) for part in parts] == [
        ("good", 0.0, 75.0),
        ("bad", 75.0, 25.0),
    ]


def test_the_parts_of_the_bar_leave_no_gap():
    numbers = {"good": 1, "fair": 1, "caution": 1, "bad": 4}
    parts = segments_of([band_count(band, number) for band, number in numbers.items()])
    for before, after in pairwise(parts):
        assert before.x + before.width == pytest.approx(after.x)
    assert parts[-1].x + parts[-1].width == pytest.approx(100)


def test_without_listings_there_is_no_bar():
    assert standing_of(tree_of(), ()).bar == ()
    assert segments_of([band_count("good", 0)]) == ()


def test_conditions_of_the_caller_stay_in_every_address():
    standing = standing_of(TREE, TREE.listings, goal=1)
    assert "&goal=1&judgement=good" in standing.good.url
    assert "&goal=1&change=better" in standing.better.url
