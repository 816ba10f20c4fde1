"""Years that a text names, in every notation of Japanese plans."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from japanese.written_years import find_years


def years_in(text: str) -> list[tuple[str, tuple[int, int] | None]]:
    return [(text[found.start : found.end], found.years) for found in find_years(text)]


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("令和元年度", (2019, 2019)),
        ("令和元(2019)年度", (2019, 2019)),
        ("令和元年度(2019)", (2019, 2019)),
        ("令和6年度(2024年度)", (2024, 2024)),
        ("2030(令和12)年度", (2030, 2030)),
        ("2030年(R12年)", (2030, 2030)),
        ("令和六年度", (2024, 2024)),
        ("平成32年度", (2020, 2020)),
        ("R元", (2019, 2019)),
        ("H26", (2014, 2014)),
        ("2019年度", (2019, 2019)),
        ("令和4年3月", (2021, 2021)),
        ("令和4年4月", (2022, 2022)),
        ("2024年3月31日", (2023, 2023)),
        ("2021~27年度", (2021, 2027)),
        ("2022~2026年度", (2022, 2026)),
        ("R8-R12", (2026, 2030)),
        ("平成27~31年度", (2015, 2019)),
        ("平成27年度~平成31年度", (2015, 2019)),
        ("平成30~4年度", (2018, 2022)),
        ("平成30年度~令和4年度", (2018, 2022)),
    ],
)
def test_a_year_or_range_is_found_as_a_whole(text, years):
    assert years_in(f"目標{text}に") == [(text, years)]


def test_a_year_without_era_has_the_era_named_before_and_is_otherwise_a_guess():
    assert years_in("110(26年度)→125(36年度)") == [("26年度", (2014,) * 2), ("36年度", (2024,) * 2)]
    assert years_in("40(元年度)→50(6年度)") == [("元年度", (2019,) * 2), ("6年度", (2024,) * 2)]
    assert years_in("H28→33年度") == [("H28", (2016, 2016)), ("33年度", (2021, 2021))]
    assert years_in("H30→6年度") == [("H30", (2018, 2018)), ("6年度", (2024, 2024))]
    assert [found.lacks_era for found in find_years("26年度")] == [True]
    assert [found.lacks_era for found in find_years("H28→33年度")] == [False, False]


@pytest.mark.parametrize("text", ["令和0年度", "令和5(2024)年度", "令和6年度~令和4年度"])
def test_a_year_that_does_not_exist_is_found_without_a_number(text):
    assert years_in(text) == [(text, None)]


def test_from_a_year_to_a_year_is_a_range_only_where_something_is_summed():
    assert years_in("2022年度から2026年度までの累計") == [("2022年度から2026年度", (2022, 2026))]
    assert len(years_in("2022年度から2026年度までに半減")) == 2


@pytest.mark.parametrize("text", ["5年間", "2000~2500人", "2,019年度", "10-20", "3年生", "R60A"])
def test_other_numbers_are_not_years(text):
    assert years_in(text) == []


@given(st.text(alphabet="0123456789年度月元~-().令和平成RHS"))
def test_any_text_is_searched_without_an_error(text):
    for found in find_years(text):
        assert 0 <= found.start < found.end <= len(text)
