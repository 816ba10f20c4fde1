"""What lags, the worst first."""

from decimal import Decimal

from indicators.rules.terms import Scale
from plans.lagging import NOTHING_JUDGED, NOTHING_LAGS, is_lagging, lagging, nothing_lags, worst
from tests.nodes import indicator_node, listing_node


def level(value, year=2017, **fields):
    """A level from 50 to 100, on the way to which 80 are expected in 2017."""
    known = {"kind": "level", "baseline": 50, "baseline_kind": "measured"}
    return listing_node({year: value}, year=year, **(known | fields))


def test_only_what_is_behind_lags():
    assert [is_lagging(level(value)) for value in (40, 55, 68, 76, 85)] == [
        True,
        True,
        True,
        False,
        False,
    ]
    assert not is_lagging(listing_node({}))
    assert not is_lagging(level(55, confirmed_at=None))


def test_that_nothing_lags_is_only_said_where_something_is_judged():
    assert nothing_lags([level(100), listing_node({})]) == NOTHING_LAGS
    assert nothing_lags([listing_node({}), level(55, confirmed_at=None)]) == NOTHING_JUDGED


def test_the_worst_comes_first_by_status_and_then_by_the_figure_that_decided():
    slightly, behind, further, worsened = level(68), level(60), level(55), level(40)
    found = lagging([slightly, behind, further, worsened, level(100)])
    assert found == [worsened, further, behind, slightly]
    assert [str(one.assessment.status) for one in found] == [
        "worsened", "behind", "behind", "slightly_behind",
    ]  # fmt: skip


def test_in_the_last_year_what_is_not_achieved_lags():
    missed, nearly = level(60, year=2019), level(95, year=2019)
    assert lagging([nearly, missed]) == [missed]
    assert missed.assessment.status == "not_achieved"


def test_what_is_partly_achieved_lags_less_than_what_is_not_achieved():
    scale = Scale(partly_achieved=Decimal(60))
    partly, missed = (level(value, year=2019, scale=scale) for value in (85, 60))
    assert partly.assessment.status == "partly_achieved"
    assert lagging([partly, missed]) == [missed, partly]


def test_what_was_only_compared_comes_after_those_with_a_figure():
    compared = listing_node({2017: 2}, direction="down", target=0)
    with_figure = listing_node({2017: 40})
    assert compared.assessment.judged_by == "comparison"
    assert lagging([compared, with_figure]) == [with_figure, compared]


def test_an_indicator_that_is_listed_twice_is_named_once():
    indicator = indicator_node({2017: 30})
    first = listing_node(indicator=indicator)
    again = listing_node(indicator=indicator, first_listing=False)
    other = listing_node({2017: 20})
    assert lagging([first, again, other]) == [other, first, again]
    assert worst([first, again, other], 10) == [other, first]
    assert worst([first, again, other], 1) == [other]
