"""Doubts about typed values."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.rules.plausibility import Why, doubts_about_value, may_look_like_sum


def doubts(value, *before, sum_from=None, running_total=False, first=2015, year=None):
    """Doubts about a value that follows others, year by year; None is a year without one."""
    others = {
        first + index: Decimal(str(one)) for index, one in enumerate(before) if one is not None
    }
    return doubts_about_value(
        Decimal(str(value)),
        others,
        year or first + len(before),
        running_total=running_total,
        sum_from=sum_from,
        write=lambda number: f"{number}件",
    )


def reasons(*args, **options):
    return [doubt.why for doubt in doubts(*args, **options)]


def test_an_unchanged_trend_is_not_doubted():
    assert doubts(12, 11, 12, 10, 11) == []
    assert doubts(12) == []


def test_ten_times_the_value_of_last_year_is_asked_about_in_these_words():
    [doubt] = doubts(120, 12)
    assert doubt.message == (
        "前年度（12件）の約10倍です。正しければ、備考に理由を記入して保存してください。"
    )


@pytest.mark.parametrize(
    ("value", "before", "words"),
    [
        (99, 12, "約8倍"),
        (1_234_567, 1_234, "約1,000倍"),
        (1.2, 12, "約10分の1"),
        (1.234, 1_234_000, "約1,000,000分の1"),
        (-130, 10, "約13倍"),
    ],
)
def test_how_many_times_is_said_in_two_digits(value, before, words):
    assert words in doubts(value, before)[0].message


def test_a_value_of_some_years_ago_is_named_by_its_year():
    assert "平成27年度（12件）の約10倍" in doubts(120, 12, None, None)[0].message


def test_a_value_after_zero_is_not_a_multiple():
    assert doubts(5, 0) == []
    assert reasons(0, 5) == [Why.JUMP]


@pytest.mark.parametrize("value", [31, 0])
def test_a_running_total_does_not_fall(value):
    [doubt] = doubts(value, 10, 32, running_total=True)
    assert doubt.why == Why.FALLING_TOTAL
    assert "前年度（32件）より減っています" in doubt.message


def test_a_running_total_may_grow_and_stay():
    assert doubts(32, 10, 21, 32, running_total=True, sum_from=2015) == []
    assert doubts(60, 20, 40, running_total=True, sum_from=2015) == []


def test_a_yearly_value_as_large_as_the_sum_so_far_is_asked_about_in_these_words():
    [doubt] = doubts(45, 10, 12, 10, sum_from=2015)
    assert doubt.message.startswith(
        "この指標は、その年度だけの値を入力します。前年度までの累計（32件）を含めていませんか。"
    )


@pytest.mark.parametrize(
    ("value", "before", "is_doubted"),
    [
        (7, (3,), True),  # 3 and 4 more
        (5, (3,), False),
        (32, (10, 12, 10), True),  # nothing new this year
        (31, (10, 12, 10), False),
        (57, (10, 12, 10), False),  # too much for one more year
        (12, (10, 0), False),  # a year like the one before last
        (1, (0, 0), False),
        (3, (-1, 2), False),  # balances do not only grow
    ],
)
def test_what_looks_like_the_sum(value, before, is_doubted):
    assert (Why.LOOKS_LIKE_SUM in reasons(value, *before, sum_from=2015)) == is_doubted


@given(
    st.integers(-20, 200),
    st.dictionaries(st.integers(2014, 2018), st.integers(-5, 40), max_size=5),
)
def test_the_first_year_of_a_plan_decides_only_where_a_value_may_look_like_a_sum(value, others):
    value, others = Decimal(value), {year: Decimal(other) for year, other in others.items()}
    options = {"running_total": False, "write": str}
    found = (
        doubts_about_value(value, others, 2017, sum_from=first, **options)
        for first in range(2013, 2019)
    )
    is_sum = any(doubt.why == Why.LOOKS_LIKE_SUM for doubts in found for doubt in doubts)
    assert may_look_like_sum(value, others, 2017) == is_sum


def test_years_before_the_plan_do_not_add_up():
    assert Why.LOOKS_LIKE_SUM not in reasons(45, 10, 12, 10, sum_from=2018)
    assert Why.LOOKS_LIKE_SUM not in reasons(45, 10, 12, 10)


def test_a_jump_beyond_the_usual_is_reported_with_both_values():
    [doubt] = doubts(160, 100)
    assert doubt.why == Why.JUMP
    assert "前年度（100件）から160件へ、大きく動いています。" in doubt.message
    assert reasons(112, 100, 102, 104, 106) == [Why.JUMP]
    assert reasons(108, 100, 102, 104, 106) == []


def test_later_years_tell_what_is_usual_too():
    others = {2015: Decimal(1), 2017: Decimal(1), 2018: Decimal(2), 2019: Decimal(1)}
    options = {"running_total": False, "sum_from": None, "write": str}
    assert doubts_about_value(Decimal(2), others, 2016, **options) == []


def test_what_is_stored_for_the_year_itself_does_not_matter():
    assert doubts(12, 11, 500, year=2016) == []
