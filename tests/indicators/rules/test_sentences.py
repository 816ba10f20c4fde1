"""Reading target sentences: the city's own list, and what other cities write."""

import csv
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command, execute_from_command_line
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.rules.sentence_forms import SentenceForm, SpecialTarget
from indicators.rules.sentences import read_sentence
from indicators.rules.terms import JUDGED_KINDS, BaselineKind, Direction

LEVEL, TOTAL, EVERY_YEAR, MILESTONE, RESTRAINT = JUDGED_KINDS
UP, DOWN = Direction.UP, Direction.DOWN
MEASURED, PROJECTION, PREVIOUS_PERIOD = BaselineKind

READINGS_FILE = Path(__file__).parents[2] / "data" / "readings.csv"
with READINGS_FILE.open(encoding="utf-8", newline="") as readings:
    ROWS = list(csv.DictReader(readings))
CONFIRMED = [row for row in ROWS if row["confirmed"] == "yes"]
UNCONFIRMED = [row for row in ROWS if row["confirmed"] == "no"]

FULL_WIDTH = str.maketrans("0123456789,.", "０１２３４５６７８９，．")
KANJI = str.maketrans("0123456789", "〇一二三四五六七八九")
WIDTHS = {
    "half width": lambda number: f"{number:f}",
    "half width with commas": lambda number: f"{number:,f}",
    "full width with commas": lambda number: f"{number:,f}".translate(FULL_WIDTH),
    "kanji": lambda number: f"{number:f}".translate(KANJI),
}
widths = st.sampled_from(list(WIDTHS.values()))


def place(row: dict[str, str]) -> str:
    return row["place"]


def decimal_or_none(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def read(row: dict[str, str]):
    return read_sentence(row["sentence"], row["name"])


# --- The city's list --------------------------------------------------------------------------


def test_the_list_has_49_rows_of_which_ten_are_not_confirmed():
    assert (len(ROWS), len(UNCONFIRMED)) == (49, 10)


@pytest.mark.parametrize("row", CONFIRMED, ids=place)
def test_a_confirmed_row_is_read_exactly_and_without_doubt(row):
    reading = read(row)
    assert reading.kind == row["kind"]
    assert reading.direction == row["direction"]
    assert reading.target == Decimal(row["target"])
    assert reading.baseline == decimal_or_none(row["baseline"])
    assert reading.baseline_kind == (row["baseline_kind"] or None)
    assert reading.unit == row["unit"]
    assert reading.decimals == int(row["decimals"])
    assert reading.years == (5 if "５年で" in row["sentence"] else None)
    assert reading.doubts == ()


@pytest.mark.parametrize("row", UNCONFIRMED, ids=place)
def test_an_unconfirmed_row_is_read_with_a_doubt(row):
    reading = read(row)
    assert reading.doubts
    assert reading.target == Decimal(row["target"])
    assert reading.direction == row["direction"]
    assert (reading.unit, reading.decimals) == (row["unit"], int(row["decimals"]))


@pytest.mark.parametrize("row", ROWS, ids=place)
def test_a_baseline_is_target_minus_change(row):
    reading = read(row)
    if reading.baseline is not None:
        assert reading.baseline == reading.target - reading.change


def test_better_means_falling_for_an_adverse_indicator():
    reading = read_sentence("５年で０．８１％とし０．９７ポイント向上", "人口減少率")
    assert (reading.direction, reading.change) == (DOWN, Decimal("-0.97"))
    reading = read_sentence("５年で０．８１％とし０．９７ポイント向上", "就業率")
    assert (reading.direction, reading.change) == (UP, Decimal("0.97"))


# --- Numbers exchanged ------------------------------------------------------------------------

# The 5 of ５年で stays, and a lone 1, which makes a milestone.
EXCHANGED = re.compile(r"(?<![０-９，．])(?!５年で|１(?![０-９，．]))[０-９，．]+")


# For each of the rows: together they draw some thousand numbers.
@settings(max_examples=settings.default.max_examples // 4)
@given(st.data())
@pytest.mark.parametrize("row", CONFIRMED, ids=place)
def test_other_numbers_keep_kind_direction_and_unit(row, data):
    form = data.draw(widths)

    def other(found: re.Match[str]) -> str:
        if row["sentence"][found.end() : found.end() + 1] in ("億", "千"):
            return form(Decimal(data.draw(st.integers(2, 9))))
        places = len(found[0].partition("．")[2])
        return form(data.draw(st.integers(2 * 10**places, 10**6)) / Decimal(10**places))

    reading = read_sentence(EXCHANGED.sub(other, row["sentence"]), row["name"])
    assert (reading.kind, reading.direction, reading.unit) == (
        row["kind"],
        row["direction"],
        row["unit"],
    )
    assert reading.target is not None


whole = st.integers(2, 10**6).map(Decimal)
tenths = st.integers(11, 9999).map(lambda number: Decimal(number) / 10)
periods = st.integers(2, 10)


@given(widths, periods, tenths, tenths)
def test_a_composed_level_gives_its_numbers_back(form, years, target, change):
    sentence = f"{form(Decimal(years))}年で{form(target)}％とし{form(change)}ポイント向上"
    reading = read_sentence(sentence, "参加率")
    assert (reading.kind, reading.direction, reading.unit) == (LEVEL, UP, "％")
    assert (reading.target, reading.change) == (target, change)
    assert (reading.baseline, reading.baseline_kind) == (target - change, MEASURED)
    assert (reading.years, reading.decimals) == (years, 1)


@given(widths, periods, whole, whole)
def test_a_composed_fall_has_a_negative_change(form, years, target, change):
    sentence = f"{form(Decimal(years))}年で{form(target)}人とし{form(change)}人減少"
    reading = read_sentence(sentence, "季節労働者数")
    assert (reading.kind, reading.direction, reading.unit) == (LEVEL, DOWN, "人")
    assert (reading.target, reading.change) == (target, -change)
    assert (reading.baseline, reading.years) == (target + change, years)


@given(widths, periods, whole)
def test_a_composed_total_gives_its_numbers_back(form, years, target):
    for said in ("{}人増加", "延べ{}人", "{}件", "総額{}円", "累計{}回"):
        reading = read_sentence(f"{form(Decimal(years))}年で{said.format(form(target))}")
        assert (reading.kind, reading.direction) == (TOTAL, UP)
        assert (reading.target, reading.change, reading.baseline) == (target, None, None)
        assert (reading.years, reading.decimals) == (years, 0)


@given(widths, tenths, tenths)
def test_a_composed_way_from_a_value_to_a_value_gives_both_back(form, baseline, target):
    for sentence in (
        f"{form(baseline)}％→{form(target)}％",
        f"{form(baseline)}％から{form(target)}％へ",
    ):
        reading = read_sentence(sentence)
        assert (reading.kind, reading.unit) == (LEVEL, "％")
        assert (reading.baseline, reading.target) == (baseline, target)
        assert reading.change == target - baseline
        assert reading.direction == (DOWN if target < baseline else UP)


@given(st.text(), st.text())
def test_any_text_is_read_without_an_error(sentence, name):
    read_sentence(sentence, name)


WORDS = st.sampled_from(
    [
        *(
            "５年で",
            "年間",
            "毎年",
            "延べ",
            "総額",
            "とし",
            "から",
            "へ",
            "に",
            "→",
            "～",
            "（",
            "）",
            "、",
        ),
        *(
            "増加",
            "減少",
            "向上",
            "を抑制し",
            "維持",
            "確保",
            "以上",
            "未満",
            "程度",
            "約",
            "比",
            "後に",
        ),
        *(
            "人",
            "％",
            "ポイント",
            "円",
            "施設",
            "カ所",
            "歳",
            "倍",
            "割",
            "/年",
            "千",
            "万",
            "億",
            "当たり",
        ),
        *(
            "１",
            "２３",
            "４，５６７",
            "８．９",
            "１，２３",
            "１．．２",
            "一",
            "二",
            "十",
            "ゼロ",
            "△",
            "－",
        ),
        *("令和元年度", "平成２７", "～３１年度", "までに", "人口", "空き家"),
    ]
)


@given(st.lists(WORDS, max_size=12).map("".join), st.sampled_from(["", "人口減少率", "待機児童数"]))
def test_what_is_not_read_is_none_with_a_doubt_and_the_arithmetic_holds(sentence, name):
    reading = read_sentence(sentence, name)
    if None in (reading.kind, reading.direction, reading.target, reading.unit, reading.decimals):
        assert reading.doubts
    if None not in (reading.baseline, reading.target, reading.change):
        assert reading.baseline == reading.target - reading.change
    if reading.change:
        assert (reading.change > 0) == (reading.direction == UP) or reading.doubts
    if reading.kind == TOTAL:
        assert reading.direction == UP
        assert reading.target is None or reading.target > 0
    if reading.baseline is not None and reading.baseline_kind != MEASURED:
        assert reading.doubts


# --- Every construct --------------------------------------------------------------------------


def reading_of(
    sentence: str, name: str = ""
) -> tuple[str | None, str | None, str | None, str | None]:
    """Kind, direction, target and unit, the target as text."""
    reading = read_sentence(sentence, name)
    target = None if reading.target is None else f"{reading.target:f}"
    return reading.kind, reading.direction, target, reading.unit


@pytest.mark.parametrize(
    ("sentence", "name", "expected"),
    [
        # 期末水準
        ("１．３７→１．４９", "合計特殊出生率", (LEVEL, UP, "1.49", "")),
        ("７．５％⇒５．０％", "失業率", (LEVEL, DOWN, "5.0", "％")),
        ("80％から85％に向上", "満足度", (LEVEL, UP, "85.0", "％")),
        ("300人（H26）→350人（R1）", "移住者数", (LEVEL, UP, "350", "人")),
        ("基準値８０％、目標値８５％", "満足度", (LEVEL, UP, "85.0", "％")),
        ("現状の８０％から５ポイント向上", "満足度", (LEVEL, UP, "85.0", "％")),
        ("３ポイント向上させ２５％とする", "参加率", (LEVEL, UP, "25.0", "％")),
        ("５年で１２．５‰とし１．２ポイント向上", "出生率", (LEVEL, UP, "12.5", "‰")),
        ("５年で１２千人とし２千人増加", "観光客入込数", (LEVEL, UP, "12000", "人")),
        ("５年で２５百万円とし５百万円増加", "販売額", (LEVEL, UP, "25000000", "円")),
        ("５年で２．５万人とし０．５万人増加", "観光客入込数", (LEVEL, UP, "25000", "人")),
        ("５年で８０％以上", "加入率", (LEVEL, UP, "80.0", "％")),
        ("５年で１億円以下", "滞納額", (LEVEL, DOWN, "100000000", "円")),
        ("５年で９０件以内", "苦情件数", (LEVEL, DOWN, "90", "件")),
        ("５年で△０．８％とし０．２ポイント向上", "人口増減率", (LEVEL, UP, "-0.8", "％")),
        ("４７３人とし△１０７人", "季節労働者数", (LEVEL, DOWN, "473", "人")),
        ("５年で年間５０件", "相談件数", (LEVEL, UP, "50", "件")),
        ("５年で延べ５０件／年", "相談件数", (LEVEL, UP, "50", "件")),
        ("令和元年度までに１００人", "就業者数", (LEVEL, UP, "100", "人")),
        ("平成31年度末までに100人", "就業者数", (LEVEL, UP, "100", "人")),
        ("2019年度に100人", "就業者数", (LEVEL, UP, "100", "人")),
        ("５年後に１００人", "就業者数", (LEVEL, UP, "100", "人")),
        ("ゼロ達成", "待機児童数", (LEVEL, DOWN, "0", "人")),
        ("５年でゼロ件", "死亡事故件数", (LEVEL, DOWN, "0", "件")),
        ("５年で２５，０００人", "人口", (LEVEL, UP, "25000", "人")),
        ("５年で２８件", "人口千人当たりの法人数", (LEVEL, UP, "28.0", "件")),
        # 期間累計
        ("５年で延べ３００人", "利用者数", (TOTAL, UP, "300", "人")),
        ("総額１，５００万円", "寄附額", (TOTAL, UP, "15000000", "円")),
        ("５年間６０件", "相談件数", (TOTAL, UP, "60", "件")),
        ("５年間の累計で５０人", "移住者数", (TOTAL, UP, "50", "人")),
        ("平成27～31年度で５０人", "移住者数", (TOTAL, UP, "50", "人")),
        ("計画期間中に５０件", "創業件数", (TOTAL, UP, "50", "件")),
        ("五年で二十三件", "相談件数", (TOTAL, UP, "23", "件")),
        ("５年で２２人受入", "研修生数", (TOTAL, UP, "22", "人")),
        # 毎年度
        ("年間延べ３００人", "利用者数", (EVERY_YEAR, UP, "300", "人")),
        ("延べ５０件／年", "相談件数", (EVERY_YEAR, UP, "50", "件")),
        ("毎年１０件以上", "創業件数", (EVERY_YEAR, UP, "10", "件")),
        ("年１０件", "創業件数", (EVERY_YEAR, UP, "10", "件")),
        ("８０％以上を維持", "満足度", (EVERY_YEAR, UP, "80.0", "％")),
        ("ゼロ維持", "待機児童数", (EVERY_YEAR, DOWN, "0", "人")),
        # 実現
        ("５年で１施設", "分娩施設", (MILESTONE, UP, "1", "施設")),
        ("五年で一カ所", "分娩施設", (MILESTONE, UP, "1", "カ所")),
        ("５年で３団体とし１団体増加", "団体数", (MILESTONE, UP, "3", "団体")),
        # 抑制
        ("人口減少を抑制し２５，０００人を確保", "総人口", (RESTRAINT, UP, "25000", "人")),
    ],
)
def test_a_clear_sentence_is_read_without_doubt(sentence, name, expected):
    assert reading_of(sentence, name) == expected
    assert read_sentence(sentence, name).doubts == ()


def test_an_increase_by_one_with_decimals_or_of_a_continuous_amount_is_not_a_milestone():
    assert read_sentence("５年で２５人とし１人増加", "千人当たりの就職者数").kind == LEVEL
    assert read_sentence("５年で２５．０％とし１．０％向上").kind == LEVEL
    assert read_sentence("５年で１００％").kind == LEVEL
    assert read_sentence("５年で１％").kind == LEVEL
    assert read_sentence("５年で１人増加").kind == TOTAL


def test_numbers_that_belong_to_a_name_are_not_the_target():
    assert reading_of("２０～３９歳の女性を５年で５０人増加")[2] == "50"
    assert reading_of("人口１，０００人当たり２５人とし３人増加")[2] == "25.0"
    assert reading_of("６次産業化の認定を５年で１５件")[2] == "15"
    assert reading_of("合計特殊出生率を５年で１．４９")[:3] == (LEVEL, UP, "1.49")
    assert reading_of("令和元年度（2019）までに３０％")[2] == "30.0"


def test_a_sum_that_beats_an_earlier_sum_has_the_earlier_period_as_baseline():
    reading = read_sentence("５年で延べ２０件とし５件増加", "成果の件数")
    assert (reading.kind, reading.target, reading.baseline) == (TOTAL, 20, 15)
    assert reading.baseline_kind == PREVIOUS_PERIOD
    assert reading.doubts


def test_a_share_that_falls_everywhere_is_taken_to_be_set_against_the_projection():
    reading = read_sentence("５年で１０．３％とし０．３ポイント向上", "年少人口割合")
    assert (reading.kind, reading.baseline_kind) == (RESTRAINT, PROJECTION)
    assert "推計値" in reading.doubts[0]


def test_a_change_without_a_level_leaves_the_target_open():
    for sentence, name, change in [
        ("５年で３ポイント向上", "満足度", 3),
        ("５年で３０人減少", "季節労働者数", -30),
        ("平成26年度から１０人増加", "就業者数", 10),
        ("５年で３００人増加", "人口", 300),
    ]:
        reading = read_sentence(sentence, name)
        assert (reading.kind, reading.target, reading.change) == (LEVEL, None, change)
        assert reading.doubts == ("増減の幅だけで、目標値も現状値も書かれていない。",)


@pytest.mark.parametrize(
    ("sentence", "name", "doubt"),
    [
        ("５年で約１００人", "参加者数", "「約」がどこまでを含むか"),
        ("５年で１００人程度", "参加者数", "「程度」がどこまでを含むか"),
        ("５年で５％未満", "失業率", "ちょうどを含まない"),
        ("５年で３００人を超える", "参加者数", "ちょうどを含まない"),
        ("５年で３２人減少を抑制し２，３５７人確保", "人口", "何に対する32人の減少か"),
        ("令和６年度に５００トン以下に抑制", "ごみ排出量", "悪くなってもよいのか"),
        ("人口減少を１００人に抑制", "人口", "抑制した後の値が書かれていない"),
        ("５年で１０件とし５件増加", "相談件数", "年間10件か、期間の合計10件か"),
        ("５年で１０人とし７人増加", "移住した隊員の人数", "累計の人数か"),
        ("５年で３施設", "利活用された旧校舎", "新たな数の合計か、年度末の数か"),
        ("５年で２名", "職員受入人数", "期間中の合計か、年度末の数か"),
        ("５年で１０億円", "寄附額", "期間の合計か、期末の値か"),
        ("延べ３００人", "利用者数", "期間の延べ数か、年間の延べ数か"),
        ("毎年１０人増加", "移住者数", "毎年その数だけ増やすのか"),
        ("１００人", "移住者数", "各年度の値か、期間の合計か、期末の値か"),
        ("８０％", "満足度", "いつまでに"),
        ("５年で１５", "指標", "単位が書かれておらず"),
        ("ゼロ達成", "", "ゼロの単位"),
        ("５年で１０％増加", "販売額", "もとの値に対する割合か、ポイントの差か"),
        ("５年で２倍に増加", "販売額", "何の2倍か"),
        ("５年で２５％とし３人増加", "参加率", "差し引きできない"),
        ("５年で５人とし１０人増加", "参加者数", "負の数になる"),
        ("８０％→８５％（３ポイント増）", "参加率", "基準値と増減を合わせても、目標値にならない"),
        ("△５００人", "", "大きいほど良いのか"),
        ("５年で１０件", "空き家の活用件数", "小さいほど良い指標ではないか"),
        ("５年で１０人とし２人増加", "待機児童数", "増やす目標になっている"),
        ("１０％→８％に向上", "参加率", "値が下がるのに「向上」とある"),
        ("１０％→８％に増加", "参加率", "差が、目指す向きと合わない"),
        ("８人→１０人", "待機児童数", "増やす目標になっている"),
        ("１０人→１０人", "参加者数", "同じである"),
        ("５年で１，２３人", "参加者数", "「1,23」を一つの数として読めない"),
        ("５年で１２．．３％", "参加率", "「12..3」を一つの数として読めない"),
        ("５年で１０～２０人", "参加者数", "「10」を一つの数として読めない"),
        ("男性１００人、女性２００人", "参加者数", "「100人」「200人」が何を表す数か"),
        ("５年で１００人（うち女性５０人）", "参加者数", "「50人」が何を表す数か"),
        ("現状維持", "人口", "目標値となる数を文言から読み取れない"),
    ],
)
def test_what_a_sentence_leaves_open_is_said(sentence, name, doubt):
    assert any(doubt in said for said in read_sentence(sentence, name).doubts)


@pytest.mark.parametrize(
    "sentence",
    [
        "",
        "　",
        "がんばる",
        "市民が主役のまちづくりを推進する",
        "一層の充実",
        "ゼロカーボン達成",
        "倍増",
    ],
)
def test_a_sentence_in_no_known_form_is_not_read_and_says_so(sentence):
    reading = read_sentence(sentence)
    assert (reading.kind, reading.direction, reading.target, reading.unit) == (None,) * 4
    assert (reading.change, reading.baseline, reading.decimals, reading.years) == (None,) * 4
    assert reading.doubts == ("目標値となる数を文言から読み取れない。",)


# --- What cities write ------------------------------------------------------------------------

SENTENCES_FILE = READINGS_FILE.with_name("target_sentences.csv")
with SENTENCES_FILE.open(encoding="utf-8", newline="") as sentences:
    SENTENCES = list(csv.DictReader(sentences))


def as_in_the_table(reading: Any) -> dict[str, Any]:
    """Return what was read as the table has it: every field, "" for what is not said."""
    years = (reading.baseline_year, reading.target_year)
    return {
        "kind": reading.kind or "",
        "direction": reading.direction or "",
        "target": reading.target,
        "baseline": reading.baseline,
        "unit": reading.unit or "",
        "decimals": "" if reading.decimals is None else str(reading.decimals),
        "baseline_year": str(years[0] or ""),
        "target_year": str(years[1] or ""),
        "form": reading.special.form if reading.special else "",
    }


def test_the_sentences_of_other_cities_are_read_as_they_say():
    wrong = []
    for row in SENTENCES:
        found = as_in_the_table(read(row))
        numbers = {name: decimal_or_none(row[name]) for name in ("target", "baseline")}
        if found != {name: row[name] for name in found} | numbers:
            wrong.append((row, found))
    assert len(SENTENCES) > 300
    assert wrong == []


def test_the_sentences_of_other_cities_have_the_doubts_of_the_table_and_no_other():
    wrong = []
    for row in SENTENCES:
        expected = row["doubts"].split("／") if row["doubts"] else []
        doubts = read(row).doubts
        if len(doubts) != len(expected) or not all(map(str.__contains__, doubts, expected)):
            wrong.append((row["name"], row["sentence"], doubts, expected))
    assert wrong == []


def test_a_special_form_is_never_without_doubt():
    assert [row["sentence"] for row in SENTENCES if row["form"] and not row["doubts"]] == []


@pytest.mark.parametrize(
    ("sentence", "name", "special"),
    [
        (
            "毎年10戸ずつ減らす",
            "空き家数",
            SpecialTarget(SentenceForm.YEARLY_STEP, amount=Decimal(-10), unit="戸"),
        ),
        (
            "現状値の1.5倍",
            "産出額",
            SpecialTarget(SentenceForm.MULTIPLE, amount=Decimal("1.5"), reference="現状値"),
        ),
        (
            "180人の半数",
            "登録者数",
            SpecialTarget(SentenceForm.MULTIPLE, amount=Decimal("0.5"), reference="180人"),
        ),
        (
            "４分の１に削減",
            "排出量",
            SpecialTarget(SentenceForm.MULTIPLE, amount=Decimal("0.25")),
        ),
        ("55億円（R8-R12平均）", "生産額", SpecialTarget(SentenceForm.MEAN, years=(2026, 2030))),
        ("世界１位を維持", "都市ランキング", SpecialTarget(SentenceForm.RANK, unit="位")),
        ("前年度を上回る", "相談件数", SpecialTarget(SentenceForm.RELATIVE, reference="前年度")),
        (
            "毎年、直近５年の平均値を下回る",
            "ごみ排出量",
            SpecialTarget(SentenceForm.RELATIVE, reference="直近5年の平均値"),
        ),
        (
            "前年度比105％以上",
            "売上",
            SpecialTarget(
                SentenceForm.RELATIVE, amount=Decimal(105), unit="％", reference="前年度"
            ),
        ),
        (
            "20～30回",
            "開催回数",
            SpecialTarget(SentenceForm.RANGE, unit="回", lower=Decimal(20), upper=Decimal(30)),
        ),
        (
            "-3.2ポイント",
            "水揚高の割合",
            SpecialTarget(SentenceForm.CHANGE, amount=Decimal("-3.2"), unit="ポイント"),
        ),
        (
            "2029年 現状値より増加",
            "割合",
            SpecialTarget(SentenceForm.NO_NUMBER, reference="現状値"),
        ),
        ("いずれの地区も40％以上", "参加率", SpecialTarget(SentenceForm.SEVERAL)),
    ],
)
def test_a_special_form_passes_its_numbers_on(sentence, name, special):
    assert read_sentence(sentence, name).special == special


@pytest.mark.parametrize("row", ROWS, ids=place)
def test_no_sentence_of_the_city_has_a_special_form(row):
    reading = read(row)
    assert (reading.special, reading.baseline_year, reading.target_year) == (None, None, None)


FALLING = [
    *(
        "結核罹患率",
        "後継者不在率",
        "離職率",
        "死亡数",
        "年齢調整死亡率（人口10万対）",
        "市税の滞納額",
    ),
    *("空き店舗数", "空き家数", "所定外労働時間", "待機児童数", "刑法犯認知件数", "将来負担比率"),
    *("メタボリックシンドローム該当者及び予備群の割合", "CO2排出量", "要介護認定者の割合"),
]
RISING = [
    *("解消した待機児童数", "除却した空き家数", "利活用された空き家数", "いじめが解消した件数"),
    *("不登校から復帰した児童生徒数", "除却等がなされた管理不全空き家数", "空き家バンク成約件数"),
    *("支援した被害者数", "再生利用された荒廃農地面積"),
]


@pytest.mark.parametrize(
    ("name", "direction"),
    [*((name, DOWN) for name in FALLING), *((name, UP) for name in RISING)],
)
def test_the_noun_that_is_counted_decides_the_direction(name, direction):
    reading = read_sentence("５年で２０", name)
    assert reading.direction == direction
    assert not any("指標ではないか" in doubt for doubt in reading.doubts)


@pytest.mark.parametrize(
    "name",
    [
        "対応した苦情件数",
        "空き家の活用件数",
        "特定保健指導対象者の割合の減少率",
        "全国平均とのかい離",
    ],
)
def test_a_name_that_shows_no_direction_raises_a_doubt(name):
    doubts = read_sentence("５年で２０％", name).doubts
    assert any("指標ではないか" in doubt or "広げる目標か" in doubt for doubt in doubts)


# --- The command ------------------------------------------------------------------------------


def test_the_command_prints_the_reading_as_json(capsys):
    call_command(
        "read_sentence", "５年で０．８１％とし０．９７ポイント向上", "--name", "人口減少率"
    )
    assert json.loads(capsys.readouterr().out) == {
        "kind": "level",
        "direction": "down",
        "target": "0.81",
        "change": "-0.97",
        "baseline": "1.78",
        "unit": "％",
        "decimals": 2,
        "years": 5,
        "doubts": [],
        "baseline_kind": "measured",
    }


def test_the_command_prints_japanese_as_it_is_and_absence_as_null(capsys):
    call_command("read_sentence", "がんばる")
    printed = capsys.readouterr().out
    assert "目標値となる数を文言から読み取れない。" in printed
    assert json.loads(printed)["target"] is None


@pytest.mark.parametrize(
    "arguments", [["-3.2ポイント"], ["-3.2ポイント", "--name", "水揚高の割合"]]
)
def test_the_command_takes_a_negative_number_for_a_sentence(capsys, arguments):
    execute_from_command_line(["manage.py", "read_sentence", *arguments])
    printed = json.loads(capsys.readouterr().out)
    assert (printed["target"], printed["change"]) == (None, None)
    assert printed["special"] == {"form": "change", "amount": "-3.2", "unit": "ポイント"}
    assert "増減の幅だけで、目標値も現状値も書かれていない。" in printed["doubts"]


def test_the_command_prints_the_reading_in_japanese_alongside_the_json(capsys):
    call_command("read_sentence", "15万人以上（2022～2026年度平均）", "--name", "延べ宿泊者数")
    said = capsys.readouterr()
    assert said.err.splitlines() == [
        "種類は読み取れません、文言の形は「複数年度の平均」、多い（高い）ほどよい、目標値150000人",
        "※2022～2026年度の平均で見る目標である。各年度の値でも、合計でもない。",
    ]
    assert json.loads(said.out)["special"]["years"] == [2022, 2026]
