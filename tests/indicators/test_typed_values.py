"""Typed texts are parsed correctly or refused, never misread."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.entries import WITHDRAWN
from indicators.typed_values import Typed, TypedReading, read_typed, typed_of
from japanese.numerals import half_width, read_number
from tests.entry.rows import make_row, make_stored

PEOPLE = make_row()
BALANCE = make_row(minimum=None, decimals=4)
YEN = make_row(unit="円", display_unit="千円")
SHARE = make_row(unit="％", decimals=1, ratio=True, maximum=Decimal(100))

FULL_WIDTH = str.maketrans("0123456789,.-+%", "０１２３４５６７８９，．－＋％")


def read(row=PEOPLE, **typed) -> TypedReading:
    return read_typed(Typed(**typed), row)


def value_in(reading: TypedReading) -> Decimal:
    assert reading.faults == {}
    return reading.entry.value


def fault_in(reading: TypedReading, field: str = "value") -> str:
    assert reading.entry is None
    assert list(reading.faults) == [field]
    return " ".join(reading.faults[field])


@pytest.mark.parametrize(
    "text", ["1234", "1,234", "１２３４", "１，２３４", " 1,234 ", "+1234", "千二百三十四"]
)
def test_one_number_in_many_ways(text):
    reading = read(value=text)
    assert value_in(reading) == 1234
    assert reading.text == "1,234人"


@pytest.mark.parametrize("text", ["▲5", "△5", "-5", "－５", "−5", "▲５"])
def test_minus_in_the_ways_of_an_office(text):
    reading = read(BALANCE, value=text)
    assert value_in(reading) == -5
    assert reading.text == "▲5.0000人"


@pytest.mark.parametrize("text", ["12.3", "12.3%", "１２．３％"])
def test_percent_may_be_written_behind_a_share(text):
    assert value_in(read(SHARE, value=text)) == Decimal("12.3")


def test_the_unit_is_the_one_shown():
    reading = read(YEN, value="1,234.5")
    assert value_in(reading) == 1_234_500
    assert reading.text == "1,234.5千円"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("百万円", "6,100百万円"),
        ("百万円", "６１００ 百万円"),
        ("千円", "6,100,000千円"),
        ("億円", "61億円"),
    ],
)
def test_the_unit_shown_may_follow_the_number(name, text):
    assert value_in(read(make_row(unit="円", display_unit=name), value=text)) == 6_100_000_000


@pytest.mark.parametrize("text", ["2億", "３千", "1.5万"])
def test_a_word_for_a_power_of_ten_with_a_display_unit_is_not_guessed(text):
    assert "円の数か千円の数か区別できません。" in fault_in(read(YEN, value=text))
    assert value_in(read(value="２万")) == 20_000


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("5,000円", "実績値「5,000円」は、円の数です。千円の数で「5」と入力してください。"),
        ("￥5,000", "実績値「￥5,000」は、円の数です。千円の数で「5」と入力してください。"),
        ("2億円", "円の数です。千円の数で「200000」と入力してください。"),
        ("1円", "円の数です。千円の数で「0.001」と入力してください。"),
        ("2万千円", "円の数か千円の数か区別できません。"),
        ("123456789", "実績値「123456789」は桁数が多すぎます。整数8桁までで入力してください。"),
        ("1.2345", "実績値「1.2345」の小数点以下の桁数が多すぎます。この指標は小数点以下3桁まで"),
    ],
)
def test_the_remedy_for_money_is_in_the_unit_shown(text, message):
    assert message in fault_in(read(YEN, value=text))


@pytest.mark.parametrize("text", ["〇", "〇〇"])
def test_a_circle_that_may_be_zero_or_yes_is_asked_about(text):
    assert "零のときは「0」と入力してください。" in fault_in(read(value=text))
    assert value_in(read(value="二〇")) == 20


@pytest.mark.parametrize("text", ["\ufeff5", "5\u200b", "\u200e5\u200f", "\xa05"])
def test_invisible_characters_beside_a_number_do_not_matter(text):
    assert value_in(read(value=text)) == 5


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("ー5", "「-5」と入力してください。"),
        ("—5", "「-5」と入力してください。"),
        ("(5)", "負の数なら「-5」、そうでなければ「5」と入力してください。"),
        ("45。6", "「45.6」のように入力してください。"),
        ("1'234", "カンマは「1,234」のように3桁ごとに入れるか、付けずに入力してください。"),
        ("1、234", "カンマは「1,234」のように3桁ごとに入れるか、付けずに入力してください。"),
        ("①", "算用数字だけで入力してください。"),
        ("½", "算用数字だけで入力してください。"),
        ("1.2e3", "「12.3」のように入力してください。"),
        ("900（見込）", "「900」と入力し、確定した値でなければ「速報値」を選んでください。"),
        ("900 見込み", "「900」と入力し、確定した値でなければ「速報値」を選んでください。"),
        ("1,900人（速報値）", "「1,900人」と入力し、確定した値でなければ「速報値」を選んで"),
        ("٣", "算用数字だけで入力してください。"),
    ],
)
def test_unusual_notations_are_refused_with_a_remedy(text, remedy):
    assert remedy in fault_in(read(BALANCE, value=text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("12..3", "実績値「12..3」は数として読めません。「12.3」のように入力してください。"),
        ("約50", "「50」と入力し、「約」は備考に書いてください。"),
        ("1,23", "カンマは「1,234」のように3桁ごとに入れるか、付けずに入力してください。"),
        (
            "12.5",
            "実績値「12.5」の小数点以下の桁数が多すぎます。この指標は整数で入力してください。",
        ),
        ("▲5", "実績値は0以上の値を入力してください（入力値：-5）。"),
        ("50%", "％が付いていますが、この指標の単位は「人」です。"),
        ("999999999999", "桁数が多すぎます。"),
    ],
)
def test_impossible_values_are_refused_in_these_words(text, message):
    assert message in fault_in(read(value=text))


def test_shares_stay_within_their_limits():
    assert fault_in(read(make_row(unit="％", maximum=Decimal(100)), value="286")) == (
        "割合は0から100までの値を入力してください（入力値：286）。"
    )


def test_a_share_is_computed_and_shown_with_its_parts():
    reading = read(SHARE, numerator="３１", denominator="1,112")
    assert (reading.entry.numerator, reading.entry.denominator) == (31, 1112)
    assert reading.text == "2.8％（31÷1,112）"


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"numerator": "31"}, "denominator", "分子と分母は、両方入力してください。"),
        ({"numerator": "31", "denominator": "0"}, "denominator", "分母は0より大きい数"),
        ({"numerator": "31%", "denominator": "9"}, "numerator", "分子「31%」に％が付いています。"),
        ({"numerator": "120", "denominator": "100"}, "value", "割合は0から100までの値"),
    ],
)
def test_faults_are_shown_at_their_field(typed, field, message):
    assert message in fault_in(read(SHARE, **typed), field)


def test_all_errors_are_reported_at_once():
    reading = read(value="x", expected_month="秋", provisional="たぶん", availability="不明")
    assert set(reading.faults) == {"value", "expected_month", "provisional", "availability"}


def test_nothing_typed_is_nothing_to_record():
    assert read() == TypedReading(None, {})
    assert read(availability="reported") == TypedReading(None, {})


def test_remarks_without_a_value_are_a_separate_entry():
    reading = read(remarks="集計中")
    assert (reading.entry.availability, reading.entry.remarks) == ("remarks_only", "集計中")
    assert reading.text == "未入力（備考だけ）"
    message = "実績値を入力するか、未公表・調査未実施・把握できないのどれかを選んでください。"
    assert fault_in(read(provisional="on")) == message


@pytest.mark.parametrize("word", ["unpublished", "未公表", "未　公表"])
def test_absence_is_read_by_code_and_by_name(word):
    reading = read(availability=word, expected_month="令和8年9月")
    assert (reading.entry.availability, reading.entry.expected_month) == ("unpublished", "2026-09")
    assert reading.text == "未公表（令和8年9月に公表予定）"


def test_absence_may_be_typed_in_place_of_the_value():
    assert read(value="調査未実施").entry.availability == "not_surveyed"
    assert read(value="調査 未　実施").entry.availability == "not_surveyed"
    assert read(value="未公表", expected_month="R8.9").entry.expected_month == "2026-09"
    assert "どちらかに直してください" in fault_in(read(value="未公表", availability="調査未実施"))


@pytest.mark.parametrize("field", ["value", "availability"])
def test_absence_is_read_as_pages_show_it(field):
    entry = read(**{field: "未公表（令和2年12月に公表予定）"}).entry
    assert (entry.availability, entry.expected_month) == ("unpublished", "2020-12")


@pytest.mark.parametrize("text", ["－", "-", "…", "N/A", "集計中", "なし", "x"])
def test_a_word_in_place_of_the_value_is_answered_with_the_names_of_absence(text):
    told = fault_in(read(value=text))
    assert "零のときは「0」" in told
    assert "「未公表」、「調査未実施」、「把握できない」のどれか" in told


def test_the_example_has_decimals_where_the_indicator_has():
    for text in ("1.2e3", "9x（見込）"):
        assert "「12」のように" in fault_in(read(value=text))
    assert "「12.3」のように" in fault_in(read(value="12..3"))
    assert "「12.3」のように" in fault_in(read(SHARE, value="1.2e3"))
    assert "「12.3」のように" in fault_in(read(YEN, value="1.2e3"))


@pytest.mark.parametrize("text", ["1,234人", "１，２３４人", "1234 人"])
def test_a_number_may_be_written_with_the_unit_of_its_indicator(text):
    assert value_in(read(value=text)) == 1234


@pytest.mark.parametrize("text", ["1234千円", "5件", "¥1,234"])
def test_a_number_in_another_unit_is_refused(text):
    assert "の単位が、この指標の「人」と違います。" in fault_in(read(value=text))


def test_remarks_that_are_too_long_are_refused_and_not_cut():
    assert value_in(read(value="5", remarks="あ" * 5000)) == 5
    told = fault_in(read(value="5", remarks="あ" * 5012), "remarks")
    assert told == "備考は5,000字までです（入力した備考は5,012字）。短くしてください。"


def test_a_value_beside_a_reason_for_none_is_refused():
    assert "値を消すか" in fault_in(read(value="5", availability="未公表"))
    assert "空欄にしてください" in fault_in(
        read(value="5", expected_month="R8.9"), "expected_month"
    )


def test_an_invalid_month_is_refused_at_its_field():
    message = fault_in(read(availability="未公表", expected_month="秋"), "expected_month")
    assert message.startswith("公表予定月「秋」は年月として読めません。")


@pytest.mark.parametrize(
    ("text", "said"),
    [("○", True), ("速報値", True), ("on", True), ("", False), ("確定値", False), ("×", False)],
)
def test_a_mark_is_read_in_the_common_ways(text, said):
    assert read(value="5", provisional=text).entry.provisional is said


class TestStoredValues:
    @pytest.mark.parametrize(
        ("row", "stored"),
        [
            (YEN, make_stored(1_234_500, remarks="備考", provisional=True)),
            (SHARE, make_stored("2.8", numerator=Decimal(31), denominator=Decimal(1112))),
            (SHARE, make_stored("17.0")),
            (PEOPLE, make_stored(expected_month="2026-09")),
        ],
    )
    def test_what_is_stored_reads_as_what_is_stored(self, row, stored):
        row = make_row(stored, **{name: getattr(row.indicator, name) for name in
                                  ("unit", "display_unit", "decimals", "ratio")})  # fmt: skip
        entry = read_typed(typed_of(row), row).entry
        assert entry.version == stored.version
        for field in ("availability", "expected_month", "provisional", "remarks", "numerator"):
            assert getattr(entry, field) == getattr(stored, field)
        assert entry.value == stored.value

    def test_an_emptied_value_is_not_taken_back_by_accident(self):
        row = make_row(make_stored(5))
        assert "「未入力に戻す」を選んでください" in fault_in(read(row, version="3"))

    def test_a_value_is_taken_back_when_that_is_said(self):
        row = make_row(make_stored(5))
        for value in ("", "5", "５"):
            reading = read(row, value=value, availability="withdraw", version="3")
            assert (reading.entry.availability, reading.entry.version) == (WITHDRAWN, 3)
        assert "未入力に戻す" in fault_in(read(row, value="6", availability="withdraw"))
        assert read(availability="withdraw") == TypedReading(None, {})

    def test_new_parts_replace_the_old_share_beside_them(self):
        row = make_row(
            make_stored("25.0", numerator=Decimal(1), denominator=Decimal(4)), unit="％", decimals=1
        )
        entry = read(row, value="25.0", numerator="2", denominator="4", version="3").entry
        assert (entry.value, entry.numerator) == (None, 2)
        assert "違います" in fault_in(read(row, value="30", numerator="2", denominator="4"))

    @pytest.mark.parametrize("value", ["30", "30%"])
    def test_a_share_alone_never_drops_the_parts_that_are_stored(self, value):
        row = make_row(
            make_stored("25.0", numerator=Decimal(1), denominator=Decimal(4)), unit="％", decimals=1
        )
        told = fault_in(read(row, value=value, numerator="1", denominator="4", version="3"))
        assert "分子÷分母から求めた「25」と違います" in told
        assert "割合だけにするときは、分子と分母を空欄にしてください。" in told
        entry = read(row, value=value, version="3").entry
        assert (entry.value, entry.numerator, entry.denominator) == (30, None, None)

    @pytest.mark.parametrize("version", ["x", "-1", "٣", "9" * 5000])
    def test_an_impossible_version_is_refused(self, version):
        assert "開き直してください" in fault_in(read(value="5", version=version))


# --- Never misread ----------------------------------------------------------------------------

NUMBERS = st.decimals(
    min_value=0, max_value=10**10, places=4, allow_nan=False, allow_infinity=False
).map(lambda number: number.normalize() + 0)


def ways(number: Decimal) -> list[str]:
    """Return the ways in which this project says that numbers of 0 or more may be typed."""
    places = max(0, -number.as_tuple().exponent)
    plain, grouped = f"{number:.{places}f}", f"{number:,.{places}f}"
    written = [plain, grouped, f"+{plain}", f" {grouped}　", f"0{plain}"]
    return written + [way.translate(FULL_WIDTH) for way in written]


@given(NUMBERS, st.sampled_from(range(10)), st.sampled_from(["", "-", "▲", "△", "－", "−"]))
def test_any_number_in_any_accepted_way_is_read_as_itself(number, way, minus):
    text = ways(number)[way]
    if minus:
        text = minus + text.strip().lstrip("+＋")
    assert value_in(read(BALANCE, value=text)) == (-number if minus else number)


@given(NUMBERS.filter(lambda number: number <= 100), st.sampled_from("%％"))
def test_percent_changes_nothing(number, percent):
    row = make_row(unit="％", decimals=4)
    places = max(0, -number.as_tuple().exponent)
    assert value_in(read(row, value=f"{number:.{places}f}{percent}")) == number


@given(NUMBERS, st.sampled_from([("千円", 1_000), ("百万円", 1_000_000), ("億円", 10**8)]))
def test_a_number_in_a_display_unit_is_that_many(number, unit):
    name, factor = unit
    row = make_row(unit="円", display_unit=name, decimals=4)
    for behind in ("", name):
        reading = read(row, value=ways(number)[1] + behind)
        if number * factor < 10**11:
            assert value_in(reading) == number * factor
        else:
            assert "桁数が多すぎます" in fault_in(reading)


PLAIN_NUMBER = re.compile(r"[+-]?(?:[0-9]+|[1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:\.[0-9]+)?")


@given(st.text(alphabet="0123456789０１，．.,,.-▲△+% 　億万千人約", max_size=12))
def test_anything_else_is_refused_and_nothing_is_misread(text):
    reading = read(make_row(minimum=None, decimals=4), value=text)
    if reading.entry is None:
        assert reading.faults or not text.strip()
        return
    plain = re.sub("[▲△]", "-", half_width(text).strip()).removesuffix("人").strip()
    if PLAIN_NUMBER.fullmatch(plain):
        assert reading.entry.value == Decimal(plain.replace(",", ""))
    else:  # only numbers in words are left, and their reader has its own tests
        assert set(plain) & set("億万千")
        assert reading.entry.value == read_number(plain)


UNPUBLISHED = make_row(
    stored=make_stored(value=None, availability="unpublished", expected_month="2020-12")
)
NOT_KNOWN = make_row(stored=make_stored(value=None, availability="not_computable"))


@pytest.mark.parametrize("chosen", ["unpublished", "未公表"])
@pytest.mark.parametrize("month", ["2020-12", "令和2年12月"])
def test_a_value_takes_the_place_of_the_stored_reason_for_none(chosen, month):
    reading = read(UNPUBLISHED, value="5", availability=chosen, expected_month=month)
    assert value_in(reading) == 5
    assert (reading.entry.availability, reading.entry.expected_month) == ("reported", "")


def test_parts_of_a_share_take_its_place_as_well():
    row = make_row(stored=NOT_KNOWN.stored, unit="％", decimals=1, ratio=True, maximum=Decimal(100))
    reading = read(row, numerator="1", denominator="4", availability="not_computable")
    assert reading.faults == {}
    assert reading.entry.availability == "reported"


def test_another_reason_in_the_field_of_the_value_takes_its_place():
    reading = read(NOT_KNOWN, value="未公表（令和3年2月に公表予定）", availability="not_computable")
    assert reading.faults == {}
    assert reading.entry.availability == "unpublished"
    assert reading.entry.expected_month == "2021-02"
    reading = read(
        UNPUBLISHED, value="把握できない", availability="未公表", expected_month="2020-12"
    )
    assert (reading.entry.availability, reading.entry.expected_month) == ("not_computable", "")


def test_a_newly_chosen_reason_together_with_a_value_is_still_refused():
    assert "値も入力されています" in fault_in(read(NOT_KNOWN, value="5", availability="未公表"))
    assert "未公表" in fault_in(read(value="5", availability="未公表"))


def test_a_reason_typed_over_a_stored_value_takes_the_place_of_what_the_form_prints():
    row = make_row(stored=make_stored(45))
    reading = read(row, value="未公表（令和3年2月に公表予定）", availability="実績値あり")
    assert reading.faults == {}
    assert reading.entry.availability == "unpublished"
