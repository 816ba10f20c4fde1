"""The most important listings of a goal or a measure."""

from decimal import Decimal

import pytest

from plans.notable import notable_among
from plans.tree import read_tree
from tests.factories import make_actual, make_goal, make_kpi, make_measure, make_strategy

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def measure():
    return make_measure(make_goal(make_strategy(code="plan")))


def make_level(measure, name, value, indicator=None, **entry):
    kpi = make_kpi(
        measure,
        indicator,
        name=name,
        kind="level",
        target=Decimal(100),
        baseline=Decimal(50),
        baseline_kind="measured",
    )
    if indicator is None:
        make_actual(kpi.indicator, 2017, value, **entry)
    return kpi


def listings():
    return read_tree("plan", 2017).listings


def test_what_lags_comes_first_the_worst_at_the_top(measure):
    make_level(measure, "やや遅れの指標", 68)
    make_level(measure, "後退した指標", 40, remarks="台風のため。")
    make_level(measure, "遅れの指標", 55)
    make_level(measure, "順調な指標", 90)
    make_kpi(measure, name="未入力の指標")
    notable = notable_among(listings())
    assert [row.listing.name for row in notable.lagging] == [
        "後退した指標", "遅れの指標", "やや遅れの指標",
    ]  # fmt: skip
    assert notable.lagging[0].remarks == "台風のため。"


def test_an_indicator_that_is_listed_twice_is_counted_as_such(measure):
    first = make_level(measure, "遅れの指標", 55)
    make_level(measure, "同じ指標", None, indicator=first.indicator)
    notable = notable_among(listings())
    assert (notable.lagging_count.total, notable.lagging_count.note) == (2, "（実1、再掲1）")


def test_nothing_is_notable_where_nothing_is_listed():
    make_strategy(code="plan")
    assert notable_among(listings()) is None
