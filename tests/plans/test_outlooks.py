"""見込み on the pages: of one listing, in a list, and counted."""

from decimal import Decimal

import pytest

from accounts.roles import Role
from plans.charting import chart_of
from plans.outlooks import count_outlooks, shown_outlook
from plans.selection import read_selection
from plans.tree import read_tree
from tests.factories import make_actual, make_indicator, make_kpi, make_user
from tests.nodes import listing_node, tree_of
from tests.pages import read_page

MET = listing_node({2015: 60, 2016: 60}, year=2016, kind="total", target=Decimal(200))
MISSED = listing_node({2015: 10, 2016: 20}, year=2016, kind="total", target=Decimal(200))
SINGLE = listing_node({2016: 10}, year=2016, kind="total", target=Decimal(200))
UNREAD = listing_node({2015: 60, 2016: 60}, year=2016, kind="total", confirmed_at=None)


def test_the_states_are_counted_and_each_can_be_asked_for():
    tree = tree_of(MET, MISSED, SINGLE, UNREAD, fiscal_year=2016)
    counts = {one.state: one.counted for one in count_outlooks(tree, tree.listings, goal=1)}
    assert {state: one.count.total for state, one in counts.items()} == {
        "met": 1,
        "missed": 1,
        "unknown": 2,
    }
    assert counts["met"].url.endswith("&goal=1&outlook=met")
    for state, expected in (("met", [MET]), ("missed", [MISSED]), ("unknown", [SINGLE, UNREAD])):
        selection = read_selection(tree, {"outlook": state})
        assert [one for one in tree.listings if selection.matches(one)] == expected


def test_in_the_last_year_nothing_is_counted():
    last = listing_node({2015: 60, 2016: 60}, year=2019, kind="total")
    assert count_outlooks(tree_of(last, fiscal_year=2019), [last]) == ()
    assert shown_outlook(last) is None


def test_a_reading_that_nobody_confirmed_has_no_outlook():
    shown = shown_outlook(UNREAD)
    assert shown.explanation == "目標の文言の読み方が未確認のため、見込みは出せません。"
    assert (shown.notes, shown.rule) == ((), "")


def make_level(**values):
    kpi = make_kpi(
        indicator=make_indicator(decimals=2, unit="", minimum=None, maximum=None),
        kind="level",
        target=Decimal("1.49"),
        baseline=Decimal("1.37"),
        baseline_kind="measured",
    )
    for year, value in values.items():
        make_actual(kpi.indicator, int(year[1:]), value, provisional=year == "y2017")
    return kpi


@pytest.mark.django_db
@pytest.mark.one_database
class TestPages:
    """What the reader sees."""

    def test_the_page_of_a_listing_says_what_the_target_year_will_bring(self, client):
        kpi = make_level(y2015="1.40", y2017="1.43")
        client.force_login(make_user(Role.READER))
        (listing,) = read_tree(kpi.strategy.code, 2017).listings
        page = read_page(client.get(f"{listing.url}?year=2017"))
        assert "令和元年度（2019）の見込み" in page.main
        assert "届かない見込み この調子が続くと、令和元年度は1.46で、" in page.main
        assert "速報値を含む" in page.main
        assert "判定には用いません" in page.main
        assert "の見込み" not in read_page(client.get(f"{listing.url}?year=2019")).main

    def test_overview_and_goal_count_it_and_the_list_names_it(self, client):
        kpi = make_level(y2015="1.40", y2017="1.43")
        client.force_login(make_user(Role.READER))
        overview = f"/strategies/{kpi.strategy.code}/"
        listings = f"{overview}listings/?year=2017"
        for address, said in (
            (overview, "届かない見込みは1件です。"),
            (f"{overview}goals/1/", "届かない見込み 1件"),
        ):
            page = read_page(client.get(f"{address}?year=2017"))
            assert said in page.main, address
            assert f"{listings}&goal=1&outlook=missed" in page.links or address == overview
        page = read_page(client.get(f"{listings}&outlook=missed"))
        assert "条件に合う指標は1件" in page.main
        assert "条件に合う指標はありません" in read_page(client.get(f"{listings}&outlook=met")).main

    def test_the_chart_continues_from_the_newest_value_to_the_target_year(self):
        kpi = make_level(y2015="1.40", y2017="1.43")
        (listing,) = read_tree(kpi.strategy.code, 2017).listings
        found = chart_of(listing)
        assert "見込み（この調子が続いた場合）" in [item.text for item in found.legend]
        assert found.description.endswith("目標値1.49に届かない見込みです。")
        for drawn in found.charts:
            start, end = drawn.ahead.split()
            assert start == f"{drawn.points[1].x},{drawn.points[1].y}"
            assert float(end.split(",")[0]) > drawn.points[1].x
        (later,) = read_tree(kpi.strategy.code, 2019).listings
        assert not chart_of(later).charts[0].ahead
