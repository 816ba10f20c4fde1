"""Months as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from japanese.months import read_month


@pytest.mark.parametrize(
    "text",
    [
        "2026-09", "2026-9", "2026/09", "2026/9", "2026.9", "202609", "2026年9月", "2026年09月",
        "２０２６年９月", " 2026 年 9 月 ", "令和8年9月", "令和８年９月", "R8.9", "R8/9", "r8-09",
        "Ｒ８．９", "令和8.9", "平成38年9月", "2026/9/1", "2026-09-01",
        "2026-09-01 00:00:00", "Sep-26",
    ],
)  # fmt: skip
def test_september_2026_is_read_however_it_is_written(text):
    assert read_month(text) == "2026-09"


def test_the_first_year_of_an_era_is_read_by_its_name():
    assert read_month("令和元年12月") == "2019-12"
    assert read_month("平成元年1月") == "1989-01"


@pytest.mark.parametrize(
    "text",
    [
        "", "9月", "2026", "2026年", "令和8年", "2026-13", "2026-00", "R8", "令和8年度9月",
        "2026年9月頃", "2026年秋", "9/2026", "26/9", "2026/9/15", "2026-9-1-1", "R0.9", "Sept-26",
        "2026年9月1日",
    ],
)  # fmt: skip
def test_an_invalid_month_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="「令和8年9月」"):
        read_month(text)


@given(st.integers(1926, 2200), st.integers(1, 12), st.sampled_from("-/."))
def test_every_month_is_read_as_itself(year, month, sign):
    expected = f"{year}-{month:02}"
    assert read_month(f"{year}年{month}月") == expected
    assert read_month(f"{year}{sign}{month}") == expected


@given(st.text(alphabet="0123456789年月-/.RSH令和平成元 頃"))
def test_whatever_is_typed_gives_a_month_or_is_refused(text):
    try:
        month = read_month(text)
    except ValueError:
        return
    assert 1926 <= int(month[:4]) <= 2200
    assert 1 <= int(month[5:]) <= 12
