"""How a judged listing is written."""

from decimal import Decimal

import pytest

from accounts.roles import Role
from indicators.recording import move
from plans.presentation import (
    kind_meaning,
    row_of,
    target_year_in_words,
    values_outside,
)
from plans.tree import read_tree
from tests.factories import make_actual, make_indicator, make_kpi, make_user
from trail.history import Change

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def listing_of(kpi, year=2017):
    return read_tree(kpi.strategy.code, year).listings[0]


def make_level(*, baseline=50, target=100, **fields):
    known = {"baseline": baseline, "baseline_kind": "measured"} if baseline is not None else {}
    return make_kpi(kind="level", target=Decimal(target), **known, **fields)


def test_a_total_shows_its_sum_and_the_value_of_the_year():
    kpi = make_kpi()
    for year, value in ((2015, 30), (2016, 1045), (2017, 50)):
        make_actual(kpi.indicator, year, value)
    row = row_of(listing_of(kpi))
    assert (row.value, row.is_sum, row.yearly) == ("1,125人", True, "50人")
    assert (row.expected, row.target) == ("120人", "200人")


def test_the_figure_that_decided_is_named():
    kpi = make_level()
    make_actual(kpi.indicator, 2017, 75)
    row = row_of(listing_of(kpi))
    assert row.judged_by == "計画比 83.3％"
    assert [(f.name, f.text, f.decides) for f in row.figures] == [
        ("達成率", "75.0％", False),
        ("進捗率", "50.0％", False),
        ("計画比", "83.3％", True),
    ]


@pytest.mark.parametrize(
    ("fields", "value", "compared"),
    [
        ({"kind": "level", "baseline": 50, "baseline_kind": "measured"}, 300, "目標値と比較"),
        ({"kind": "level", "baseline": 50, "baseline_kind": "measured"}, 40, "基準値と比較"),
        ({"kind": "every_year"}, 200, "目標値と比較"),
        ({"kind": "every_year", "direction": "down", "target": 0}, 2, "目標値と比較"),
        ({"kind": "milestone", "target": 1}, 0, "目標値と比較"),
        ({"kind": "restraint", "baseline": 250, "baseline_kind": "measured"}, 210, "目安値と比較"),
        ({"kind": "restraint", "baseline": 250, "baseline_kind": "measured"}, 240, "目安値と比較"),
        ({"kind": "restraint", "baseline": 250, "baseline_kind": "measured"}, 190, "目標値と比較"),
        ({"kind": "restraint"}, 210, "目標値と比較"),
    ],
)
def test_where_no_figure_decided_it_is_said_what_the_value_was_compared_with(
    fields, value, compared
):
    kpi = make_kpi(**fields)
    make_actual(kpi.indicator, 2017, value)
    assert row_of(listing_of(kpi)).judged_by == compared


def test_a_year_without_a_value_says_why():
    kpi = make_kpi()
    make_actual(kpi.indicator, 2017, None, availability="unpublished", expected_month="2018-09")
    row = row_of(listing_of(kpi))
    assert (row.value, row.judged_by, row.label) == ("", "", "判定なし（未公表）")
    assert row.yearly == "未公表（平成30年9月に公表予定）"
    assert row.notes == ("未公表（平成30年9月に公表予定）",)
    assert not row.has_value


def test_an_untouched_year_shows_nothing():
    row = row_of(listing_of(make_kpi()))
    assert (row.value, row.yearly, row.state, row.label) == ("", "", "", "未入力")
    assert row.notes == ()


def test_provisional_and_unconfirmed_values_are_marked():
    kpi = make_level()
    actual = make_actual(kpi.indicator, 2017, 75, provisional=True)
    row = row_of(listing_of(kpi))
    assert row.notes == ("速報値", "未確認")
    assert row.provisional
    by = make_user(Role.PLANNING)
    move({actual.pk: actual.version}, "confirmed", Change(by=by, door="command"))
    assert row_of(listing_of(kpi)).notes == ("速報値",)


def test_a_sum_says_that_an_earlier_value_in_it_is_provisional():
    kpi = make_kpi()
    make_actual(kpi.indicator, 2016, 10, provisional=True)
    make_actual(kpi.indicator, 2017, 10)
    assert row_of(listing_of(kpi)).notes == ("速報値を含む", "未確認を含む")


def test_a_carried_value_names_its_year_and_the_reason():
    kpi = make_level(indicator=make_indicator(carry_years=1))
    make_actual(kpi.indicator, 2016, 75)
    make_actual(kpi.indicator, 2017, None, availability="not_surveyed")
    row = row_of(listing_of(kpi))
    assert row.value == "75人"
    assert row.notes == ("平成28年度の値（当年度は調査未実施）", "未確認")


def test_values_are_written_in_the_display_unit():
    yen = make_indicator(unit="円", display_unit="千円")
    kpi = make_kpi(indicator=yen, target=1_000_000_000)
    make_actual(yen, 2017, 290_000_000)
    row = row_of(listing_of(kpi))
    assert (row.value, row.target) == ("290,000千円", "1,000,000千円")


def test_values_of_other_years_are_known_but_not_in_the_plan():
    kpi = make_kpi()
    make_actual(kpi.indicator, 2014, 7)
    assert values_outside(listing_of(kpi)) == [("平成26年度（2014）", "7人")]


def test_a_listing_that_breaks_a_rule_is_shown_unjudged():
    kpi = make_kpi()
    make_actual(kpi.indicator, 2017, 50)
    kpi.yearly_targets.create(fiscal_year=2019, value=150)  # T is 200
    [listing] = read_tree(kpi.strategy.code, 2017).listings
    assert listing.assessment.label == "判定なし（目標の登録に矛盾あり）"
    assert listing.assessment.value == 50


def test_a_year_after_the_target_year_says_so():
    kpi = make_level(target_year=2016)
    make_actual(kpi.indicator, 2017, 75)
    found = listing_of(kpi)
    assert "目標年度（平成28年度）を過ぎています" in row_of(found).notes
    assert found.due_note == "平成28年度まで"
    assert not row_of(found, 2016).notes
    assert kind_meaning(found) == "平成28年度までに、値が目標値に届くことをめざします。"


def test_a_total_after_its_target_year_shows_that_sum_and_the_value_of_the_year():
    kpi = make_kpi(target_year=2016)
    make_actual(kpi.indicator, 2016, 30)
    make_actual(kpi.indicator, 2017, 50)
    row = row_of(listing_of(kpi))
    assert (row.value, row.yearly) == ("30人", "50人")
    assert row.notes == ("目標年度（平成28年度）を過ぎています", "未確認")
    assert target_year_in_words(listing_of(kpi)) == (
        "平成28年度（2016）。その年度からは、達成したかどうかで判定します。"
        "その後の値は、累計に数えません。"
    )


@pytest.mark.parametrize(
    ("target_year", "words"),
    [
        (None, "令和元年度（2019）、計画の最後の年度"),
        (2019, "令和元年度（2019）、計画の最後の年度"),
        (
            2022,
            "令和4年度（2022）。計画の最後の年度（令和元年度）より後なので、計画の期間中は、"
            "達成したかどうかではなく、途中の年度として判定します。",
        ),
    ],
)
def test_the_target_year_is_said_with_what_it_means(target_year, words):
    assert target_year_in_words(listing_of(make_level(target_year=target_year))) == words
