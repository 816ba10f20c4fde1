"""Names of fiscal years, the one of a day, and reading what people type for one."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from japanese.fiscal_years import (
    era_label,
    fiscal_year_of,
    full_label,
    read_fiscal_year,
    short_label,
)

YEARS = st.integers(min_value=1926, max_value=2117)


@pytest.mark.parametrize(
    ("year", "label"),
    [
        (1926, "昭和元年度"),
        (1988, "昭和63年度"),
        (1989, "平成元年度"),
        (2015, "平成27年度"),
        (2018, "平成30年度"),
        (2019, "令和元年度"),
        (2020, "令和2年度"),
    ],
)
def test_a_fiscal_year_bears_one_era_name_to_its_end(year, label):
    assert era_label(year) == label


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date(2019, 3, 31), 2018),
        (date(2019, 4, 1), 2019),
        (date(2019, 12, 31), 2019),
        (date(2020, 1, 1), 2019),
    ],
)
def test_a_fiscal_year_begins_in_april(day, year):
    assert fiscal_year_of(day) == year


def test_the_full_label_names_both_calendars():
    assert full_label(2019) == "令和元年度（2019）"


@pytest.mark.parametrize(("year", "label"), [(2019, "R1"), (2018, "H30"), (1988, "S63")])
def test_the_short_label_is_a_letter_and_a_number(year, label):
    assert short_label(year) == label


@pytest.mark.parametrize("label", [era_label, full_label, short_label])
def test_a_year_before_showa_has_no_label(label):
    with pytest.raises(ValueError, match="1925年度は和暦で表せません"):
        label(1925)


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("H31", 2019),
        ("h31", 2019),
        ("Ｈ３１", 2019),
        ("平成31", 2019),
        ("平成３１年度", 2019),
        ("平成32年度", 2020),
        ("平成元年", 1989),
        ("R1", 2019),
        ("R01", 2019),
        ("Ｒ元", 2019),
        ("令和元", 2019),
        ("令和元年度", 2019),
        ("㋿2年度", 2020),
        ("S63", 1988),
        ("昭和63年度", 1988),
        ("昭和64年度", 1989),
        ("2019", 2019),
        ("２０１９", 2019),
        ("2019年度", 2019),
        ("　2019年度 ", 2019),
        ("令和元年度（2019）", 2019),
        ("平成31年度(2019年度)", 2019),
    ],
)
def test_a_fiscal_year_is_read_in_every_way_people_write_it(text, year):
    assert read_fiscal_year(text) == year


@given(YEARS)
def test_every_label_is_read_back(year):
    for label in (era_label, full_label, short_label, str):
        assert read_fiscal_year(label(year)) == year


@pytest.mark.parametrize(
    "text",
    ["", "31", "令和", "令和0", "令和100", "M45", "1925", "2201", "20190", "2019年3月", "201²"],
)
def test_anything_else_is_refused_with_the_value_and_a_remedy(text):
    with pytest.raises(ValueError, match="年度として読めません") as refusal:
        read_fiscal_year(text)
    assert f"「{text}」" in str(refusal.value)
    assert "「令和元年度」「R1」「2019」のように入力してください。" in str(refusal.value)


def test_two_names_that_disagree_are_refused():
    with pytest.raises(ValueError, match="和暦と西暦が合いません") as refusal:
        read_fiscal_year("令和2年度（2019）")
    assert "「令和2年度（2020）」か「2019年度」" in str(refusal.value)


@given(st.text())
def test_any_text_is_a_year_or_a_value_error(text):
    try:
        year = read_fiscal_year(text)
    except ValueError:
        return
    assert 1926 <= year <= 2200
