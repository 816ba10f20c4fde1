"""The rules of progress, row by row, and the worked examples."""

from dataclasses import replace
from decimal import Decimal

import pytest

from indicators.rules.judgement import assess, expected_values, not_judged
from indicators.rules.targets import Period, Plan, TargetSpec, check_target
from indicators.rules.terms import (
    BANDS,
    STANDARD_SCALE,
    STATUSES,
    Scale,
    band_of,
    mark_of,
    status_label,
)

PERIOD = Period(2015, 2019)


def make_target(kind, target, *, direction="up", baseline=None, **fields):
    return TargetSpec(
        kind=kind,
        direction=direction,
        target=Decimal(target),
        baseline=None if baseline is None else Decimal(baseline),
        **fields,
    )


def by_year(values):
    return {year: Decimal(value) for year, value in values.items()}


def with_path(target, yearly):
    return replace(target, yearly_targets=by_year(yearly))


def assess_values(target, actuals, fiscal_year, *, yearly=None, scale=STANDARD_SCALE, missing=None):
    target = with_path(target, yearly or {})
    return assess(target, by_year(actuals), Plan(PERIOD, scale), fiscal_year, missing)


FERTILITY = make_target("level", "1.49", baseline="1.37", decimals=2)
POPULATION_LOSS = make_target("level", "0.81", baseline="1.78", direction="down", decimals=2)
SEASONAL_WORKERS = make_target("level", "473", baseline="580", direction="down", unit="人")
WILLING_CITIZENS = make_target("level", "85.0", baseline="79.4", decimals=1, unit="％")
WILLING_WITHIN_TOLERANCE = make_target(
    "level", "85.0", baseline="79.4", decimals=1, unit="％", tolerance=Decimal("2.0")
)
COMPANIES = make_target("level", "28", baseline="26", decimals=1, unit="件")
MATERNITY_LEAVE = make_target("level", "100", decimals=1, unit="％")
WAITING_CHILDREN = make_target("level", "0", direction="down", unit="人")
PARTICIPANTS = make_target("total", "200", unit="人")
DONATIONS = make_target("total", "1000000000", unit="円")
NO_WAITING = make_target("every_year", "0", direction="down", unit="名")
VISITORS = make_target("every_year", "46000", unit="人")
YOUNG_WOMEN = make_target("restraint", "2357", baseline="2389", unit="人")
CHILDREN_SHARE = make_target("restraint", "10.3", decimals=1, unit="％")
CLINIC = make_target("milestone", "1", unit="カ所")
KEPT_SHARE = make_target("level", "30.0", baseline="30.0", decimals=1, unit="％")


# Worked examples

EXAMPLES = [
    (FERTILITY, {2017: "1.43"}, 2017, "1.43 1.442 96.0 50.0 83.3 mostly_on_track pace"),
    (POPULATION_LOSS, {2016: "1.50"}, 2016, "1.50 1.392 54.0 28.9 72.2 slightly_behind pace"),
    (SEASONAL_WORKERS, {2018: "500"}, 2018, "500 494.4 94.6 74.8 93.5 mostly_on_track pace"),
    (WILLING_CITIZENS, {2015: "79.0"}, 2015, "79.0 80.52 92.9 -7.1 -35.7 worsened comparison"),
    (WILLING_WITHIN_TOLERANCE, {2015: "79.0"}, 2015, "79.0 80.52 92.9 -7.1 -35.7 behind pace"),
    (COMPANIES, {2019: "27.9"}, 2019, "27.9 28.00 99.6 95.0 95.0 mostly_achieved completion"),
    (MATERNITY_LEAVE, {2015: "62"}, 2015, "62.0 - 62.0 - - slightly_behind attainment"),
    (WAITING_CHILDREN, {2016: "3"}, 2016, "3 - - - - no_judgement -"),
    (
        PARTICIPANTS,
        {2015: "30", 2016: "45", 2017: "50"},
        2017,
        "125 120.0 62.5 62.5 104.2 on_track pace",
    ),
    (
        DONATIONS,
        {2015: "1290000000"},
        2015,
        "1290000000 200000000.0 129.0 129.0 645.0 achieved completion",
    ),
    (NO_WAITING, {2015: "0", 2016: "0", 2017: "2"}, 2017, "2 0.0 - - - behind comparison"),
    (
        VISITORS,
        {2015: "46000", 2016: "46000", 2017: "46000", 2018: "46000", 2019: "45900"},
        2019,
        "45900 46000.0 99.8 - 99.8 mostly_achieved attainment",
    ),
    (YOUNG_WOMEN, {2016: "2370"}, 2016, "2370 2376.2 100.6 - - slightly_behind comparison"),
    (CHILDREN_SHARE, {2015: "11.3"}, 2015, "11.3 - 109.7 - - at_target comparison"),
    (CHILDREN_SHARE, {2019: "10.2"}, 2019, "10.2 10.30 99.0 - - not_achieved comparison"),
    (CLINIC, {2016: "0"}, 2016, "0 - 0.0 - - not_realised comparison"),
]


@pytest.mark.parametrize(("target", "actuals", "fiscal_year", "columns"), EXAMPLES)
def test_worked_example(target, actuals, fiscal_year, columns):
    found = assess_values(target, actuals, fiscal_year)

    numbers = (found.value, found.expected, found.attainment, found.completion, found.pace)
    words = (found.status, found.judged_by)
    assert " ".join("-" if item is None else str(item) for item in numbers + words) == columns
    assert (found.fiscal_year, found.basis_year) == (fiscal_year, fiscal_year)


# The rows of the tables: target, this year's value, yearly target, status, judged by

BEFORE_THE_LAST_YEAR = [
    (PARTICIPANTS, "200", None, "achieved", "completion"),
    (PARTICIPANTS, "120", None, "on_track", "pace"),
    (PARTICIPANTS, "119", None, "mostly_on_track", "pace"),
    (PARTICIPANTS, "96", None, "mostly_on_track", "pace"),
    (PARTICIPANTS, "95", None, "slightly_behind", "pace"),
    (PARTICIPANTS, "60", None, "slightly_behind", "pace"),
    (PARTICIPANTS, "59", None, "behind", "pace"),
    (PARTICIPANTS, "100", "100", "on_track", "pace"),
    (PARTICIPANTS, "0", "0", "on_track", "comparison"),
    (PARTICIPANTS, "-1", "0", "behind", "comparison"),
    (FERTILITY, "1.49", None, "at_target", "comparison"),
    (FERTILITY, "1.49", "1.60", "at_target", "comparison"),
    (FERTILITY, "1.36", None, "worsened", "comparison"),
    (FERTILITY, "1.36", "1.36", "on_track", "comparison"),
    (FERTILITY, "1.35", "1.36", "worsened", "comparison"),
    (FERTILITY, "1.37", None, "behind", "pace"),
    (FERTILITY, "1.37", "1.37", "on_track", "comparison"),
    (FERTILITY, "1.45", None, "on_track", "pace"),
    (FERTILITY, "1.41", None, "slightly_behind", "pace"),
    (SEASONAL_WORKERS, "473", None, "at_target", "comparison"),
    (SEASONAL_WORKERS, "581", None, "worsened", "comparison"),
    (SEASONAL_WORKERS, "515", None, "on_track", "pace"),
    (WILLING_WITHIN_TOLERANCE, "77.4", None, "behind", "pace"),
    (WILLING_WITHIN_TOLERANCE, "77.3", None, "worsened", "comparison"),
    (WILLING_WITHIN_TOLERANCE, "78.0", "78.5", "behind", "comparison"),
    (MATERNITY_LEAVE, "100", None, "at_target", "comparison"),
    (MATERNITY_LEAVE, "60", "60", "on_track", "comparison"),
    (MATERNITY_LEAVE, "80", None, "mostly_on_track", "attainment"),
    (MATERNITY_LEAVE, "80", "90", "mostly_on_track", "attainment"),
    (MATERNITY_LEAVE, "50", None, "slightly_behind", "attainment"),
    (MATERNITY_LEAVE, "49.9", None, "behind", "attainment"),
    (WAITING_CHILDREN, "0", None, "at_target", "comparison"),
    (WAITING_CHILDREN, "3", "3", "on_track", "comparison"),
    (WAITING_CHILDREN, "4", "3", "no_judgement", None),
    (VISITORS, "46000", None, "on_track", "comparison"),
    (VISITORS, "45999", None, "mostly_on_track", "attainment"),
    (VISITORS, "23000", None, "slightly_behind", "attainment"),
    (VISITORS, "0", None, "behind", "attainment"),
    (NO_WAITING, "0", None, "on_track", "comparison"),
    (NO_WAITING, "1", None, "behind", "comparison"),
    (CLINIC, "1", None, "at_target", "comparison"),
    (CLINIC, "0", None, "not_realised", "comparison"),
    (YOUNG_WOMEN, "2356", None, "behind", "comparison"),
    (YOUNG_WOMEN, "2357", None, "slightly_behind", "comparison"),
    (YOUNG_WOMEN, "2370", None, "on_track", "comparison"),
    (YOUNG_WOMEN, "2360", "2360", "on_track", "comparison"),
    (CHILDREN_SHARE, "10.3", None, "at_target", "comparison"),
    (CHILDREN_SHARE, "10.2", None, "behind", "comparison"),
    (CHILDREN_SHARE, "10.9", "11.0", "slightly_behind", "comparison"),
    (KEPT_SHARE, "30.0", None, "on_track", "comparison"),
    (KEPT_SHARE, "29.9", None, "mostly_on_track", "attainment"),
]


@pytest.mark.parametrize(("target", "value", "x", "status", "judged_by"), BEFORE_THE_LAST_YEAR)
def test_row_before_the_last_year(target, value, x, status, judged_by):
    found = assess_values(target, {2017: value}, 2017, yearly=x and {2017: x})
    assert (found.status, found.judged_by) == (status, judged_by)


IN_THE_LAST_YEAR = [
    (PARTICIPANTS, "200", "achieved", "completion"),
    (PARTICIPANTS, "160", "mostly_achieved", "completion"),
    (PARTICIPANTS, "159", "not_achieved", "completion"),
    (FERTILITY, "1.49", "achieved", "comparison"),
    (FERTILITY, "1.47", "mostly_achieved", "completion"),
    (FERTILITY, "1.46", "not_achieved", "completion"),
    (FERTILITY, "1.36", "worsened", "comparison"),
    (WILLING_WITHIN_TOLERANCE, "77.4", "not_achieved", "completion"),
    (SEASONAL_WORKERS, "470", "achieved", "comparison"),
    (MATERNITY_LEAVE, "100", "achieved", "comparison"),
    (MATERNITY_LEAVE, "80", "mostly_achieved", "attainment"),
    (MATERNITY_LEAVE, "79.9", "not_achieved", "attainment"),
    (WAITING_CHILDREN, "0", "achieved", "comparison"),
    (WAITING_CHILDREN, "1", "not_achieved", "comparison"),
    (VISITORS, "46000", "achieved", "comparison"),
    (VISITORS, "36800", "mostly_achieved", "attainment"),
    (VISITORS, "36000", "not_achieved", "attainment"),
    (NO_WAITING, "1", "not_achieved", "comparison"),
    (CLINIC, "1", "achieved", "comparison"),
    (CLINIC, "0", "not_achieved", "comparison"),
    (YOUNG_WOMEN, "2357", "achieved", "comparison"),
    (YOUNG_WOMEN, "2356", "not_achieved", "comparison"),
    (KEPT_SHARE, "29.9", "mostly_achieved", "attainment"),
]


@pytest.mark.parametrize(("target", "value", "status", "judged_by"), IN_THE_LAST_YEAR)
def test_row_in_the_last_year(target, value, status, judged_by):
    found = assess_values(target, {2019: value}, 2019)
    assert (found.status, found.judged_by) == (status, judged_by)


def test_a_plan_of_one_year_is_judged_as_the_last_year():
    found = assess(FERTILITY, by_year({2015: "1.47"}), Plan(Period(2015, 2015)), 2015)
    assert found.status == "mostly_achieved"


# No value


def test_a_year_without_row_is_not_reported():
    found = assess_values(FERTILITY, {2016: "1.43"}, 2017)
    assert (found.status, found.label) == ("not_reported", "未入力")
    assert (found.value, found.basis_year, found.judged_by) == (None, None, None)
    assert (found.attainment, found.completion, found.pace) == (None, None, None)
    assert found.expected == Decimal("1.442")


@pytest.mark.parametrize(
    ("reason", "label"),
    [
        ("unpublished", "判定なし（未公表）"),
        ("not_surveyed", "判定なし（調査未実施）"),
        ("not_computable", "判定なし（把握できない）"),
    ],
)
def test_a_missing_value_gives_its_reason(reason, label):
    found = assess_values(FERTILITY, {}, 2017, missing={2017: reason})
    assert (found.status, found.label) == ("no_judgement", label)
    assert found.value is None


def test_zero_is_a_value():
    found = assess_values(PARTICIPANTS, {2015: "0"}, 2015)
    assert (found.value, found.status) == (0, "behind")


def test_an_unknown_reason_is_refused():
    with pytest.raises(ValueError):
        assess_values(FERTILITY, {}, 2017, missing={2017: "lost"})


# Totals


def test_a_total_names_the_years_it_lacks_and_does_not_count_them_as_zero():
    found = assess_values(PARTICIPANTS, {2015: "30", 2017: "50"}, 2017)
    assert found.value == 80
    assert "累計（平成28年度を除く）は80人" in found.explanation
    assert found.explanation.endswith("未入力の年度があるため参考値です。")


def test_a_total_is_not_judged_in_a_year_without_a_value():
    found = assess_values(PARTICIPANTS, {2015: "30", 2016: "250"}, 2017)
    assert (found.status, found.value) == ("not_reported", None)


def test_a_total_leaves_out_later_years_and_years_outside_the_plan():
    actuals = {2014: "100", 2015: "30", 2016: "45", 2018: "7", 2020: "100"}
    assert assess_values(PARTICIPANTS, actuals, 2016).value == 75


def test_a_running_total_is_the_sum_already():
    target = make_target("total", "200", running_total=True)
    found = assess_values(target, {2015: "30", 2017: "125"}, 2017)
    assert (found.value, found.pace) == (125, Decimal("104.2"))
    assert "参考値" not in found.explanation


def test_a_total_never_carries_a_value():
    target = make_target("total", "200", carry_years=3)
    found = assess_values(target, {2016: "45"}, 2017, missing={2017: "not_surveyed"})
    assert found.status == "no_judgement"


# Carried values

SURVEY = make_target("level", "85.0", baseline="79.4", decimals=1, unit="％", carry_years=2)


def test_a_surveyless_year_is_judged_by_the_newest_value_and_the_rules_of_its_year():
    found = assess_values(
        SURVEY, {2015: "79.8", 2016: "82.0"}, 2018, missing={2018: "not_surveyed"}
    )
    own = assess_values(SURVEY, {2015: "79.8", 2016: "82.0"}, 2016)

    assert (found.fiscal_year, found.basis_year) == (2018, 2016)
    for name in ("value", "expected", "attainment", "completion", "pace", "judged_by", "status"):
        assert getattr(found, name) == getattr(own, name)
    assert found.explanation == (
        own.explanation + "平成30年度の実績値は調査未実施のため、平成28年度の値で判定しています。"
    )


def test_a_carried_value_in_the_last_year_is_not_judged_as_the_last_year():
    found = assess_values(SURVEY, {2018: "85.0"}, 2019, missing={2019: "unpublished"})
    assert (found.basis_year, found.status) == (2018, "at_target")


def test_a_value_is_not_carried_further_than_allowed():
    found = assess_values(SURVEY, {2015: "82.0"}, 2018, missing={2018: "not_surveyed"})
    assert (found.basis_year, found.status) == (None, "no_judgement")


def test_a_value_from_before_the_plan_is_not_carried():
    found = assess_values(SURVEY, {2014: "82.0"}, 2015, missing={2015: "not_surveyed"})
    assert found.status == "no_judgement"


def test_a_year_that_nobody_reported_is_not_filled_in():
    assert assess_values(SURVEY, {2016: "82.0"}, 2017).status == "not_reported"


# Every year


@pytest.mark.parametrize("target", [VISITORS, make_target("level", "46000", baseline="46000")])
def test_an_earlier_miss_is_named_in_the_last_year(target):
    found = assess_values(target, {2014: "1", 2016: "45999", 2019: "46000"}, 2019)
    assert (found.status, found.label) == ("achieved", "達成（途中年度に未達成あり）")
    assert found.explanation.endswith("ただし、平成28年度は目標値を満たしていません。")


def test_a_miss_outside_the_plan_or_an_empty_year_is_not_an_earlier_miss():
    found = assess_values(VISITORS, {2014: "1", 2019: "46000"}, 2019)
    assert found.label == "達成"


def test_an_earlier_miss_of_another_kind_is_not_named():
    found = assess_values(FERTILITY, {2016: "1.30", 2019: "1.49"}, 2019)
    assert found.label == "達成"


def test_a_level_that_stays_at_its_baseline_has_the_figures_of_every_year():
    found = assess_values(KEPT_SHARE, {2017: "24.0"}, 2017)
    assert (found.attainment, found.completion, found.pace) == (
        Decimal("80.0"),
        None,
        Decimal("80.0"),
    )
    assert (found.expected, found.status) == (Decimal("30.00"), "mostly_on_track")


# Figures and rounding


def test_rounding_never_lifts_a_figure_to_100():
    found = assess_values(make_target("every_year", "46000"), {2017: "45999"}, 2017)
    assert found.attainment == Decimal("99.9")
    assert found.status == "mostly_on_track"


def test_thresholds_compare_the_figure_that_is_shown():
    found = assess_values(make_target("every_year", "10000"), {2017: "7995"}, 2017)
    assert (found.attainment, found.status) == (Decimal("80.0"), "mostly_on_track")


def test_half_a_tenth_is_rounded_away_from_zero():
    up = make_target("level", "2000", baseline="0")
    assert str(assess_values(up, {2017: "1"}, 2017).completion) == "0.1"
    assert str(assess_values(up, {2017: "-1"}, 2017).completion) == "-0.1"


def test_there_is_no_negative_zero():
    up = make_target("level", "10000", baseline="0")
    found = assess_values(up, {2017: "-1"}, 2017)
    assert (str(found.completion), str(found.pace)) == ("0.0", "0.0")
    assert str(assess_values(up, {2017: "-0"}, 2017).value) == "0"


def test_the_expected_value_is_rounded_before_anything_is_compared_with_it():
    thirds = make_target("level", "1", baseline="0")
    found = assess(thirds, {2015: Decimal("0.3")}, Plan(Period(2015, 2017)), 2015)
    assert (found.expected, found.pace, found.status) == (
        Decimal("0.3"),
        Decimal("100.0"),
        "on_track",
    )


def test_an_expected_value_that_rounds_to_the_baseline_is_compared_directly():
    slow = make_target("level", "1", baseline="0")
    found = assess(slow, {2015: Decimal(0)}, Plan(Period(2015, 2044)), 2015)
    assert (found.expected, found.pace) == (Decimal("0.0"), None)
    assert (found.status, found.judged_by) == ("on_track", "comparison")


ATTAINMENTS = [
    ("up", "0", "5", None),
    ("up", "0", "0", None),
    ("up", "5", "0", "0.0"),
    ("up", "5", "-1", None),
    ("up", "-5", "5", None),
    ("down", "0", "0", "100.0"),
    ("down", "0", "5", None),
    ("down", "5", "0", None),
    ("down", "5", "10", "50.0"),
    ("down", "5", "-1", None),
    ("down", "-5", "-10", None),
]


@pytest.mark.parametrize(("direction", "target", "value", "attainment"), ATTAINMENTS)
def test_attainment_is_none_where_it_is_meaningless(direction, target, value, attainment):
    listing = make_target("every_year", target, direction=direction)
    found = assess_values(listing, {2017: value}, 2017)
    assert found.attainment == (attainment and Decimal(attainment))
    assert found.pace == found.attainment


def test_values_from_the_database_are_shown_with_the_places_of_the_indicator():
    target = TargetSpec("level", "up", Decimal("1.4900"), Decimal("1.3700"), decimals=2)
    found = assess_values(target, {2017: "1.4300"}, 2017)
    assert (str(found.value), str(found.expected)) == ("1.43", "1.442")
    assert str(assess_values(target, {2017: "1.4350"}, 2017).value) == "1.435"


def test_large_numbers_stay_exact():
    target = make_target("total", "99999999999.9999", decimals=4)
    values = dict.fromkeys(range(2015, 2019), "19999999999.9999")
    found = assess_values(target, values, 2018)
    assert str(found.value) == "79999999999.9996"


def test_expected_values_of_every_year():
    assert expected_values(with_path(FERTILITY, {2016: "1.38"}), PERIOD) == by_year(
        {2015: "1.394", 2016: "1.38", 2017: "1.442", 2018: "1.466", 2019: "1.49"}
    )
    assert [str(x) for x in expected_values(PARTICIPANTS, PERIOD).values()] == [
        "40.0",
        "80.0",
        "120.0",
        "160.0",
        "200.0",
    ]
    assert list(expected_values(CLINIC, PERIOD).values()) == [None] * 4 + [Decimal(1)]
    assert set(expected_values(VISITORS, PERIOD).values()) == {Decimal(46000)}


# Scale, labels, marks


def test_the_thresholds_are_those_of_the_strategy():
    scale = Scale(on_track=Decimal("90.0"), mostly_on_track=70, slightly_behind=40)
    statuses = [
        assess_values(PARTICIPANTS, {2017: value}, 2017, scale=scale).status
        for value in ("108", "107", "84", "83", "48", "47")
    ]
    assert statuses == [
        "on_track",
        "mostly_on_track",
        "mostly_on_track",
        "slightly_behind",
        "slightly_behind",
        "behind",
    ]


def test_every_status_has_a_band_and_a_mark():
    marks = {status: mark_of(band_of(status)) for status in STATUSES}
    assert marks == {
        "far_above": "◎",
        "achieved": "◎",
        "at_target": "◎",
        "on_track": "◎",
        "mostly_on_track": "○",
        "mostly_achieved": "○",
        "slightly_behind": "△",
        "partly_achieved": "△",
        "behind": "×",
        "worsened": "×",
        "not_achieved": "×",
        "not_realised": "－",
        "not_reported": "－",
        "no_judgement": "－",
    }
    assert BANDS == ("good", "fair", "caution", "bad", "open")


def test_labels_of_a_listing_at_its_target():
    assert status_label("at_target", direction="up") == "目標値以上"
    assert status_label("at_target", direction="down") == "目標値以下"
    assert status_label("at_target", kind="milestone") == "実現"
    assert assess_values(SEASONAL_WORKERS, {2017: "470"}, 2017).label == "目標値以下"
    assert assess_values(CLINIC, {2017: "1"}, 2017).label == "実現"


def test_a_level_without_figures_says_that_the_baseline_is_missing():
    assert assess_values(WAITING_CHILDREN, {2016: "3"}, 2016).label == "判定なし（基準値未登録）"


def test_a_strategy_may_have_its_own_words_and_marks():
    scale = Scale(labels={"behind": "要改善", "not_reported": "実績未把握"}, marks={"good": "☆"})
    found = assess_values(PARTICIPANTS, {2017: "1"}, 2017, scale=scale)
    assert found.label == "要改善"
    assert found.explanation.startswith(
        "目標値200人に向け、令和元年度までの3年目の目安値120人に対し"
        "累計（平成27年度、平成28年度を除く）は1人、計画比0.8％で、判定は「要改善」です。"
    )
    assert assess_values(PARTICIPANTS, {}, 2017, scale=scale).label == "実績未把握"
    assert (mark_of("good", scale), mark_of("bad", scale)) == ("☆", "×")


@pytest.mark.parametrize("function", [band_of, mark_of, status_label])
def test_an_unknown_word_is_refused(function):
    with pytest.raises(ValueError):
        function("splendid")


# Not judged


def test_an_unconfirmed_reading_shows_its_value_and_is_not_judged():
    found = not_judged(YOUNG_WOMEN, by_year({2016: "2370"}), Plan(PERIOD), 2016)
    assert (found.value, found.basis_year) == (2370, 2016)
    assert (found.status, found.label) == ("no_judgement", "判定なし（読み方未確認）")
    assert (found.expected, found.judged_by) == (None, None)
    assert found.explanation == (
        "平成28年度の実績は2,370人ですが、読み方未確認のため、判定なしとしています。"
    )


def test_an_unconfirmed_total_shows_the_sum():
    found = not_judged(PARTICIPANTS, by_year({2015: "30", 2017: "4"}), Plan(PERIOD), 2017)
    assert found.value == 34
    assert found.explanation == (
        "平成29年度までの累計（平成28年度を除く）は34人ですが、読み方未確認のため、"
        "判定なしとしています。未入力の年度があるため参考値です。"
    )


def test_an_unconfirmed_reading_without_a_value():
    found = not_judged(YOUNG_WOMEN, {}, Plan(PERIOD), 2016, missing={2016: "unpublished"})
    assert (found.value, found.basis_year, found.status) == (None, None, "no_judgement")
    assert found.explanation == (
        "平成28年度の実績値はなく（未公表）、読み方未確認のため、判定なしとしています。"
    )


def test_an_impossible_reading_can_be_shown_as_long_as_it_is_not_judged():
    worse = make_target("level", "10.3", baseline="11.3", decimals=1)
    assert not_judged(worse, by_year({2016: "11.0"}), Plan(PERIOD), 2016).value == 11
    with pytest.raises(ValueError):
        not_judged(worse, {}, Plan(PERIOD), 2020)


# Faults

FAULTS = [
    (make_target("total", "5", direction="down"), {}, "direction", "「期末水準」"),
    (make_target("total", "0", unit="人"), {}, "target", "（入力値：0人）"),
    (make_target("total", "-5"), {}, "target", "0より大きい値"),
    (make_target("level", "2", baseline="3"), {}, "kind", "「抑制」を選んでください"),
    (make_target("level", "3", baseline="2", direction="down"), {}, "kind", "「抑制」"),
    (make_target("restraint", "3", baseline="2"), {}, "kind", "「期末水準」を選んでください"),
    (make_target("restraint", "2", baseline="3", direction="down"), {}, "kind", "「期末水準」"),
    (make_target("goal", "2"), {}, "kind", "種類「goal」はありません"),
    (make_target("level", "2", direction=""), {}, "direction", "改善の方向「」はありません"),
    (VISITORS, {2016: "45000"}, "yearly_targets", "「毎年度」の目標では使いません"),
    (CLINIC, {2016: "0"}, "yearly_targets", "「実現」の目標では使いません"),
    (KEPT_SHARE, {2016: "30"}, "yearly_targets", "目標値が基準値と同じ"),
    (PARTICIPANTS, {2016: "-1"}, "yearly_targets", "平成28年度の年度別目標値は、"),
    (PARTICIPANTS, {2015: "50", 2017: "40"}, "yearly_targets", "前の年度（50人）以上の値"),
    (PARTICIPANTS, {2016: "300", 2019: "200"}, "yearly_targets", "目標値200人以下の値"),
    (PARTICIPANTS, {2019: "199"}, "yearly_targets", "目標値と同じ200人にするか"),
    (FERTILITY, {2019: "1.50"}, "yearly_targets", "（入力値：1.50）"),
    (YOUNG_WOMEN, {2016: "2356"}, "yearly_targets", "目標値2,357人以上の値"),
    (
        make_target("restraint", "9", direction="down"),
        {2016: "10"},
        "yearly_targets",
        "目標値9以下の値",
    ),
]


@pytest.mark.parametrize(("target", "yearly", "field", "part"), FAULTS)
def test_a_fault_names_field_and_remedy_and_cannot_be_assessed(target, yearly, field, part):
    [(found, message)] = check_target(with_path(target, yearly), PERIOD)
    assert found == field
    assert part in message
    assert message.endswith(("ください。", "）。"))
    with pytest.raises(ValueError, match=r"。$"):
        assess_values(target, {2017: "1"}, 2017, yearly=yearly)
    with pytest.raises(ValueError):
        expected_values(with_path(target, yearly), PERIOD)


def test_all_faults_are_found_at_once():
    target = make_target("total", "0", direction="down")
    faults = check_target(with_path(target, {2016: "-1", 2017: "-2"}), PERIOD)
    assert [field for field, _ in faults] == [
        "direction",
        "target",
        "yearly_targets",
        "yearly_targets",
    ]


@pytest.mark.parametrize(
    ("target", "yearly"),
    [
        (FERTILITY, {2015: "1.30", 2016: "1.60", 2019: "1.49"}),
        (PARTICIPANTS, {2015: "0", 2016: "150", 2017: "150", 2019: "200.0"}),
        (YOUNG_WOMEN, {2016: "2357", 2017: "2400"}),
        (VISITORS, {2014: "1", 2020: "1"}),
        (KEPT_SHARE, {}),
        (make_target("restraint", "3", baseline="3"), {}),
    ],
)
def test_what_is_allowed_has_no_fault(target, yearly):
    assert check_target(with_path(target, yearly), PERIOD) == []


@pytest.mark.parametrize("fiscal_year", [2014, 2020])
def test_a_year_outside_the_plan_is_refused(fiscal_year):
    with pytest.raises(ValueError, match="計画期間の外です"):
        assess_values(FERTILITY, {fiscal_year: "1.43"}, fiscal_year)


def test_a_period_that_ends_before_it_begins_is_refused():
    with pytest.raises(ValueError):
        Period(2019, 2015)


# Explanations

EXPLANATIONS = [
    (
        FERTILITY,
        {2018: "1.50"},
        2018,
        "基準値1.37から目標値1.49に向け、平成30年度の実績は1.50で、目標値以上です。",
    ),
    (
        SEASONAL_WORKERS,
        {2018: "500"},
        2018,
        "基準値580人から目標値473人に向け、令和元年度までの4年目の目安値494.4人に対し"
        "実績は500人、計画比93.5％で、おおむね順調です。",
    ),
    (
        WILLING_CITIZENS,
        {2015: "79.0"},
        2015,
        "基準値79.4％から目標値85.0％に向け、令和元年度までの1年目の目安値80.52％に対し"
        "実績は79.0％で、基準値より後退しています。",
    ),
    (
        WILLING_WITHIN_TOLERANCE,
        {2015: "79.0"},
        2015,
        "基準値79.4％から目標値85.0％に向け、令和元年度までの1年目の目安値80.52％に対し"
        "実績は79.0％、計画比マイナス35.7％で、遅れています。",
    ),
    (
        COMPANIES,
        {2019: "27.9"},
        2019,
        "基準値26.0件から目標値28.0件に向け、最終年度の令和元年度の実績は27.9件、"
        "進捗率95.0％で、おおむね達成しました。",
    ),
    (
        MATERNITY_LEAVE,
        {2015: "62"},
        2015,
        "目標値100.0％に対し、平成27年度の実績は62.0％、達成率62.0％で、やや遅れています。",
    ),
    (
        WAITING_CHILDREN,
        {2016: "3"},
        2016,
        "目標値0人に対し、平成28年度の実績は3人ですが、基準値未登録のため、判定なしとしています。",
    ),
    (
        PARTICIPANTS,
        {2015: "30", 2016: "45", 2017: "50"},
        2017,
        "目標値200人に向け、令和元年度までの3年目の目安値120人に対し累計は125人、"
        "計画比104.2％で、順調です。",
    ),
    (
        DONATIONS,
        {2015: "1290000000"},
        2015,
        "目標値10億円に対し、平成27年度までの累計は12億9,000万円、"
        "進捗率129.0％で、達成しました。目標値の見直しを検討してください。",
    ),
    (
        NO_WAITING,
        {2017: "2"},
        2017,
        "毎年度の目標値0名に対し、平成29年度の実績は2名で、遅れています。",
    ),
    (
        VISITORS,
        {2019: "45900"},
        2019,
        "毎年度の目標値46,000人に対し、最終年度の令和元年度の実績は45,900人、"
        "達成率99.8％で、おおむね達成しました。",
    ),
    (
        KEPT_SHARE,
        {2017: "31.0"},
        2017,
        "基準値と同じ目標値30.0％に対し、平成29年度の実績は31.0％で、順調です。",
    ),
    (
        YOUNG_WOMEN,
        {2016: "2370"},
        2016,
        "基準値2,389人からの減少を抑えて目標値2,357人以上を保つ目標に向け、"
        "令和元年度までの2年目の目安値2,376.2人に対し実績は2,370人で、やや遅れています。",
    ),
    (
        CHILDREN_SHARE,
        {2019: "10.2"},
        2019,
        "減少を抑えて目標値10.3％以上を保つ目標に対し、最終年度の令和元年度の実績は10.2％で、"
        "未達成です。",
    ),
    (
        make_target("restraint", "20", baseline="15", direction="down", unit="件"),
        {2016: "16"},
        2016,
        "基準値15件からの増加を抑えて目標値20件以下を保つ目標に向け、"
        "令和元年度までの2年目の目安値17件に対し実績は16件で、順調です。",
    ),
    (CLINIC, {2016: "0"}, 2016, "目標値1カ所の実現に向け、平成28年度の実績は0カ所で、未実現です。"),
    (
        CLINIC,
        {2016: "2"},
        2016,
        "目標値1カ所の実現に向け、平成28年度の実績は2カ所で、実現しています。",
    ),
    (FERTILITY, {}, 2017, "目標値1.49に対し、平成29年度は未入力です。"),
]


@pytest.mark.parametrize(("target", "actuals", "fiscal_year", "explanation"), EXPLANATIONS)
def test_explanation(target, actuals, fiscal_year, explanation):
    assert assess_values(target, actuals, fiscal_year).explanation == explanation


@pytest.mark.parametrize(
    ("yen", "words"),
    [
        ("0", "0円"),
        ("9999", "9,999円"),
        ("10000", "1万円"),
        ("1234567", "123万4,567円"),
        ("1000000000", "10億円"),
        ("100000005", "1億5円"),
        ("-20000", "マイナス2万円"),
    ],
)
def test_yen_are_written_as_they_are_read_out(yen, words):
    target = make_target("level", "5000000000", unit="円")
    assert f"実績は{words}" in assess_values(target, {2016: yen}, 2016).explanation


def test_the_explanation_of_the_design():
    found = assess(FERTILITY, by_year({2017: "1.43"}), Plan(Period(2015, 2019)), 2017)
    assert found.explanation == (
        "基準値1.37から目標値1.49に向け、令和元年度までの3年目の目安値1.442に対し"
        "実績は1.43、計画比83.3％で、おおむね順調です。"
    )


def test_the_explanation_calls_a_typed_path_by_its_name():
    found = assess_values(FERTILITY, {2016: "1.36"}, 2016, yearly={2016: "1.35"})
    assert found.explanation == (
        "基準値1.37から目標値1.49に向け、令和元年度までの2年目の年度別目標値1.35に対し"
        "実績は1.36で、順調です。"
    )


def test_the_explanation_of_a_value_that_nobody_can_know():
    found = assess_values(FERTILITY, {}, 2017, missing={2017: "not_computable"})
    assert found.explanation == (
        "目標値1.49に対し、平成29年度の実績値は把握できないため、判定なしとしています。"
    )


@pytest.mark.parametrize(
    ("missing", "remark"),
    [
        ({}, "未入力の年度があるため参考値です。"),
        ({2015: "unpublished"}, "未公表の年度や未入力の年度があるため参考値です。"),
        (
            {2015: "not_surveyed", 2016: "not_computable"},
            "調査未実施の年度や把握できない年度があるため参考値です。",
        ),
    ],
)
def test_the_remark_on_a_total_with_gaps(missing, remark):
    found = assess_values(PARTICIPANTS, {2017: "50"}, 2017, missing=missing)
    assert found.explanation.endswith(f"。{remark}")


def test_a_total_far_above_its_target_with_gaps_says_both_in_one_sentence():
    found = assess_values(PARTICIPANTS, {2015: "30", 2017: "250"}, 2017)
    assert found.explanation.endswith(
        "達成しました。未入力の年度があるため参考値ですが、目標値の見直しを検討してください。"
    )


REVIEWS = [
    (VISITORS, {2017: "55200"}, 2017, True),
    (VISITORS, {2017: "55100"}, 2017, False),
    (FERTILITY, {2017: "1.61"}, 2017, True),
    (FERTILITY, {2017: "1.60"}, 2017, False),
    (CLINIC, {2017: "3"}, 2017, False),
    (make_target("restraint", "60", baseline="100"), {2017: "95"}, 2017, False),
    (make_target("restraint", "60", baseline="100"), {2019: "95"}, 2019, True),
]


@pytest.mark.parametrize(("target", "actuals", "fiscal_year", "suggested"), REVIEWS)
def test_another_target_is_suggested_only_far_above_this_one(
    target, actuals, fiscal_year, suggested
):
    found = assess_values(target, actuals, fiscal_year)
    assert ("目標値の見直しを検討してください。" in found.explanation) == suggested


def test_in_the_last_year_it_is_the_next_plan_that_needs_another_target():
    found = assess_values(FERTILITY, {2019: "1.99"}, 2019)
    assert found.explanation.endswith(
        "達成しました。次の計画に向け、目標値の見直しを検討してください。"
    )
