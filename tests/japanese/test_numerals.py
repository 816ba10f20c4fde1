"""Numbers as people write them."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from japanese.numerals import (
    MAX_DIGITS,
    find_numbers,
    find_ratios,
    format_exact,
    format_number,
    half_width,
    plain,
    read_number,
)

FULL_WIDTH = str.maketrans("0123456789,.-+%", "０１２３４５６７８９，．－＋％")
KANJI = str.maketrans("0123456789", "〇一二三四五六七八九")

DECIMALS = st.decimals(
    min_value=0, max_value=10**11, places=4, allow_nan=False, allow_infinity=False
) | st.integers(min_value=0, max_value=10**15).map(Decimal)


def in_kanji(number: int) -> str:
    """123456 as 十二万三千四百五十六."""
    if number == 0:
        return "零"
    written = ""
    for unit in ("", "万", "億", "兆"):
        number, part = divmod(number, 10_000)
        if part:
            written = below_ten_thousand_in_kanji(part) + unit + written
    return written


def below_ten_thousand_in_kanji(number: int) -> str:
    written = ""
    for power, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, power)
        if digit:
            written += ("" if digit == 1 and unit else str(digit).translate(KANJI)) + unit
    return written


# --- Reading ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", "0"),
        ("12", "12"),
        ("１２", "12"),
        ("1,234", "1234"),
        ("１，２３４", "1234"),
        ("１2，３4５.６", "12345.6"),
        ("12.3", "12.3"),
        ("30.0", "30.0"),
        ("１２．３", "12.3"),
        ("007", "7"),
        ("+5", "5"),
        ("-5", "-5"),
        ("－５", "-5"),
        ("−5", "-5"),
        ("▲5", "-5"),
        ("△１，２３４．５", "-1234.5"),
        (" 12　", "12"),
        ("12\t", "12"),
        ("30%", "30"),
        ("３０．５％", "30.5"),
        ("1.5万", "15000"),
        ("1,234千", "1234000"),
        ("25百万", "25000000"),
        ("2億4千万", "240000000"),
        ("２億４，０００万", "240000000"),
        ("2万5000", "25000"),
        ("4千500", "4500"),
        ("3兆", "3000000000000"),
        ("二三", "23"),
        ("二〇二三", "2023"),
        ("一．四九", "1.49"),
        ("十", "10"),
        ("二十三", "23"),
        ("百五", "105"),
        ("二万五", "20005"),
        ("二億四千万", "240000000"),
        ("二五万", "250000"),
    ],
)
def test_a_number_is_read_in_every_accepted_way(text, value):
    assert read_number(text) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "written"), [("30.0", "30.0"), ("1.50万", "15000"), ("-0.0", "0.0")]
)
def test_decimals_stay_as_written_and_there_is_no_exponent_or_negative_zero(text, written):
    assert str(read_number(text)) == written


@given(DECIMALS, st.sampled_from(["", "+", "-", "−", "▲", "△"]), st.sampled_from(["", "%"]))
def test_any_number_is_read_as_itself_in_both_widths_with_and_without_commas(value, sign, percent):
    expected = -value if sign in ("-", "−", "▲", "△") and value else value
    for written in (f"{value:f}", f"{value:,f}"):
        for text in (sign + written + percent, f" {sign}{written}{percent}".translate(FULL_WIDTH)):
            assert read_number(text) == expected


@given(DECIMALS)
def test_any_number_is_read_as_itself_digit_by_digit_in_kanji(value):
    assert read_number(f"{value:f}".translate(KANJI)) == value


@given(st.integers(min_value=0, max_value=10**16 - 1))
def test_any_whole_number_is_read_as_itself_with_kanji_units(number):
    assert read_number(in_kanji(number)) == number


@given(
    st.integers(1, 9999),
    st.integers(1, 9999),
    st.sampled_from([("億", "万"), ("兆", "億"), ("兆", "万")]),
)
def test_parts_with_large_units_add_up(first, second, units):
    powers = {"万": 10**4, "億": 10**8, "兆": 10**12}
    large, small = units
    expected = first * powers[large] + second * powers[small]
    assert read_number(f"{first}{large}{second}{small}") == expected
    assert read_number(f"{first:,}{large}{second:,}{small}".translate(FULL_WIDTH)) == expected


@pytest.mark.parametrize(
    "text",
    [
        *(
            "12..3",
            "1.2.3",
            ".5",
            "5.",
            "1,23",
            "1,2345",
            "12,34,567",
            "0,123",
            "1234,567",
            "1,234,",
        ),
        *("--5", "+-5", "- 5", "5-", "▲▲5", "(5)", "△", "%", "5%%", "5‰", "1 234", "1\n234", "1/2"),
        *(
            "1e5",
            "1E5",
            "0x10",
            "1_000",
            "NaN",
            "Infinity",
            "5²",
            "①",
            "½",
            "Ⅷ",
            "٣",
            "１２人",
            "¥100",
        ),
        *("10~20", "10-20", "10～20", "2・5", "二・五", "1、234", "1'234", "12:30", "2019/4/1"),
        *("ゼロ", "約50", "50以上", "万", "億", "千千", "2三", "二3", "万二", "一万一億", "1万2億"),
        *(
            "2万5",
            "4千5",
            "1億12000万",
            "1.5億2万",
            "12千5百",
            "二三十",
            "二三万",
            "二千三四",
            "二五百万",
        ),
        "9" * (MAX_DIGITS + 1),
    ],
)
def test_what_is_not_surely_one_number_is_refused(text):
    with pytest.raises(ValueError, match="数として読めません") as refusal:
        read_number(text)
    assert str(refusal.value).startswith(f"「{text[:30]}")
    assert str(refusal.value).endswith("ください。")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("12..3", "「12..3」は数として読めません。「12.3」のように入力してください。"),
        (".5", "「.5」は数として読めません。「0.5」のように入力してください。"),
        (
            "約50",
            "「約50」は数として読めません。「50」と入力し、「約」は備考に書いてください。",
        ),
        (
            "５０人程度",
            "「５０人程度」は数として読めません。「50」と入力し、「程度」は備考に書いてください。",
        ),
        ("50人", "「50人」は数として読めません。「50」とだけ入力してください。"),
        ("▲ 5", "「▲ 5」は数として読めません。「-5」とだけ入力してください。"),
        ("ゼロ", "「ゼロ」は数として読めません。「0」と入力してください。"),
        (
            "1,23",
            "「1,23」は数として読めません。"
            "カンマは「1,234」のように3桁ごとに入れるか、付けずに入力してください。",
        ),
        (
            "2万5",
            "「2万5」は数として読めません。「12000」のように、算用数字だけで入力してください。",
        ),
        ("abc", "「abc」は数として読めません。「12.3」のように入力してください。"),
        ("　", "数が入力されていません。「12.3」のように入力してください。"),
    ],
)
def test_the_refusal_names_the_text_and_the_remedy(text, message):
    with pytest.raises(ValueError) as refusal:
        read_number(text)
    assert str(refusal.value) == message


def test_a_pasted_page_does_not_fill_the_message():
    with pytest.raises(ValueError) as refusal:
        read_number("あいう" * 1000)
    assert len(str(refusal.value)) < 100


@given(st.text(alphabet="0123,.-+% ", min_size=1, max_size=9))
def test_half_width_text_is_read_by_the_one_rule_or_refused(text):
    plain = re.fullmatch(
        r"\s*([-+]?)([0-9]+(?:\.[0-9]+)?|[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?)%?\s*", text
    )
    if plain:
        assert read_number(text) == Decimal(plain[1] + plain[2].replace(",", ""))
    else:
        with pytest.raises(ValueError):
            read_number(text)


@given(st.text(alphabet="0012二三九〇十百千万億,.", min_size=1, max_size=8))
def test_no_mixture_of_numerals_is_read_in_two_ways(text):
    """A value comes back only where writing it out again in kanji or digits gives the same."""
    try:
        value = read_number(text)
    except ValueError:
        return
    assert value >= 0
    assert read_number(f"{value:f}") == value
    assert not re.search(r"[0-9][〇二三九]|[〇二三九][0-9]", text)


@given(st.text())
def test_any_text_is_a_number_or_a_value_error(text):
    try:
        read_number(text)
    except ValueError:
        return
    assert re.fullmatch(
        r"\s*[-+−▲△]?[0-9,.〇零一二三四五六七八九十百千万億兆]+%?\s*", half_width(text)
    )


# --- Finding ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("５年で１．４９とし０．１２ポイント向上", ["5", "1.49", "0.12"]),
        ("年間延べ４６，０００人", ["46000"]),
        ("年間５０億円とし２億４千万円増加", ["5000000000", "240000000"]),
        ("五年で二十三人とし三人増加", ["5", "23", "3"]),
        ("△０．８％", ["-0.8"]),
        ("10-20人", ["10", "20"]),
        ("一カ所増加", ["1"]),
        ("３百貨店", ["3"]),
        ("12..3％", [None]),
        ("１，２３人", [None]),
        ("二三万人", [None]),
        ("２・５倍", [None]),
        ("一部改善、統一、第二期、一人ひとり、日本一、一本化、四万十川、千島", []),
        ("", []),
    ],
)
def test_the_numbers_of_a_text_are_found(text, values):
    found = [number.value for number in find_numbers(text)]
    assert found == [None if value is None else Decimal(value) for value in values]


def test_a_found_number_has_its_position():
    text = "平均１，２３４．５人"
    (number,) = find_numbers(text)
    assert text[number.start : number.end] == "１，２３４．５"


@given(st.text())
def test_what_is_found_in_any_text_is_read_the_same_alone(text):
    for number in find_numbers(text):
        written = text[number.start : number.end]
        if number.value is None:
            with pytest.raises(ValueError):
                read_number(written)
        else:
            assert read_number(written) == number.value


# --- Writing ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        ("1234.5", 1, "1,234.5"),
        ("1234.45", 1, "1,234.5"),
        ("-1234.45", 1, "▲1,234.5"),
        ("2.5", 0, "3"),
        ("-2.5", 0, "▲3"),
        ("9.99", 1, "10.0"),
        ("7", 2, "7.00"),
        ("-0.04", 1, "0.0"),
        ("-0", 0, "0"),
        ("1E+5", 1, "100,000.0"),
        ("0E-10", 0, "0"),
        ("99999999999999999999999999999.5", 0, "100,000,000,000,000,000,000,000,000,000"),
    ],
)
def test_a_number_is_written_with_commas_rounded_half_away_from_zero(value, decimals, text):
    assert format_number(Decimal(value), decimals) == text


def test_the_minus_sign_can_be_chosen():
    assert format_number(Decimal("-5"), 0, minus="-") == "-5"


@pytest.mark.parametrize(
    ("value", "least", "shown", "for_machines"),
    [
        ("1234.500", 0, "1,234.5", "1234.5"),
        ("1234.5", 2, "1,234.50", "1234.50"),
        ("-0.12345", 1, "▲0.12345", "-0.12345"),
        ("1E+3", 0, "1,000", "1000"),
    ],
)
def test_all_decimals_are_kept_where_a_number_is_not_to_be_rounded(
    value, least, shown, for_machines
):
    assert format_exact(Decimal(value), least) == shown
    assert plain(Decimal(value), least) == for_machines


@given(DECIMALS, st.booleans())
def test_what_is_written_is_read_back(value, is_negative):
    value = -value if is_negative and value else value
    assert read_number(format_number(value, 4)) == value


@pytest.mark.parametrize(
    ("text", "percent"),
    [
        ("三割八分五厘", "38.5"),
        ("約３割８分である", "38"),
        ("3.85割", "38.5"),
        ("十割", "100"),
        ("役割を分割し、割合を示す", None),
        ("二十三割", None),
    ],
)
def test_ratios_in_words_are_percentages(text, percent):
    expected = [] if percent is None else [Decimal(percent)]
    assert [one.value for one in find_ratios(text)] == expected
