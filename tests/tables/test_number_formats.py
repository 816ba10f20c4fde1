"""A number is accepted only if its format shows that same number."""

import pytest

from tables.number_formats import is_shown_as_it_is
from tables.sheets import shown_number


@pytest.mark.parametrize(
    "number_format",
    [
        "", "General", "0", "0.00", "#,##0", "#,##0.0_ ", "00000", "# ?/?", "0.00E+00", "@",
        "0%", "0.0 %", "0.0%;▲0.0%", '#,##0;"△"#,##0', "0;[Red]0", "0_);(0)", "0;-0;;@",
        '0"人"', 'General"人"', "[$¥-411]#,##0;-#,##0", '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ',
        '[=0]"なし";0', '0.0"％"', "[赤]0",
    ],
)  # fmt: skip
@pytest.mark.parametrize("value", [1234.5, 1])
def test_a_number_that_one_sees_is_taken(number_format, value):
    assert is_shown_as_it_is(value, number_format)


@pytest.mark.parametrize(
    ("value", "number_format"),
    [
        (1234, "#,##0,"),  # seen as 1
        (1234567, '#,##0.0,,"百万"'),
        (5, '0"万"'),
        (12, '0"00"'),  # 1200
        (12, '"1"0'),  # 112
        (1234, '0"."00'),  # 12.34
        (5, '"▲"0'),  # ▲5
        (5, "-0"),
        (-5, "0;0"),  # 5
        (5, ";;;"),  # nothing
        (0, "0;-0;;@"),  # nothing
        (5, '"○";"×"'),
        (0.5, "[<1]0%;0"),  # 50% here, and 2 where it is 2
        (-5, "[<1]0;0"),
    ],
)
def test_a_number_shown_differently_is_refused(value, number_format):
    assert not is_shown_as_it_is(value, number_format)


@pytest.mark.parametrize(
    ("value", "number_format"),
    [
        (-5, "0"),
        (-5, "#,##0;▲#,##0"),
        (-5, "0_);(0)"),
        (-5, "0;[Red]0"),  # red numbers are below zero
        (0, '0;-0;"-"'),
        (0, "#,##0"),
    ],
)
def test_numbers_below_zero_and_nothing_are_taken_as_offices_write_them(value, number_format):
    assert is_shown_as_it_is(value, number_format)


@pytest.mark.parametrize(
    ("number_format", "text"),
    [("0.0%", "12.3%"), ("0.0_%", "0.123"), ('0.0"%"', "0.123"), ("0.0\\%", "0.123")],
)
def test_only_a_sign_that_one_sees_makes_a_percentage(number_format, text):
    assert shown_number(0.123, number_format).text == text
