"""Which chart a listing gets, with legend and words."""

from decimal import Decimal

import pytest

from plans.charting import chart_of, small_chart_of
from plans.tree import read_tree
from tests.factories import load_city, make_actual, make_indicator, make_kpi, make_values
from tests.plans.charts.test_drawing import check_labels, check_places

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def listing_of(kpi, year=2017):
    return read_tree(kpi.strategy.code, year).listings[0]


def make_level(**fields):
    measured = {"baseline": Decimal(50), "baseline_kind": "measured"}
    return make_kpi(**{"kind": "level", "target": Decimal(100)} | measured | fields)


def wide(kpi, year=2017):
    return chart_of(listing_of(kpi, year)).charts[0]


def texts(drawn, kind):
    return [label.text for label in drawn.labels if label.kind == kind]


def legend(kpi, year=2017):
    return [item.text for item in chart_of(listing_of(kpi, year)).legend]


@pytest.mark.parametrize("city", ["nemuro_2015", "shiraho_2020"])
def test_every_listing_of_a_real_plan_has_a_readable_chart_in_both_sizes(city):
    strategy = load_city(city)
    make_values(strategy)
    for listing in read_tree(strategy.code).listings:
        found = chart_of(listing)
        drawings = (*found.charts, *found.steps)
        assert [drawn.size.name for drawn in drawings] == ["wide", "narrow"]
        for drawn in found.charts:
            check_labels(drawn)
            check_places(drawn)
            numbers = texts(drawn, "value")
            assert len(numbers) >= len(drawn.points) - 1, (listing.name, drawn.size.name)
        assert small_chart_of(listing)


def test_a_level_has_a_path_from_its_baseline():
    kpi = make_level()
    make_actual(kpi.indicator, 2017, 75, provisional=True)
    drawn = wide(kpi)
    assert drawn.path.count(",") == 6
    assert drawn.points[0].hollow
    assert texts(drawn, "year")[0] == "現状値"
    assert legend(kpi) == [
        "実績値（白抜きは速報値）", "目安値", "目標値 100人", "基準値 50人（現状値）", "単位：人",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "word", "name"),
    [
        ("projection", "推計値", "推計値（対策を講じない場合）"),
        ("previous_period", "前期実績", "前期間の実績"),
    ],
)
def test_only_a_measured_baseline_starts_a_path(kind, word, name):
    kpi = make_level(baseline_kind=kind)
    drawn = wide(kpi)
    assert drawn.start
    assert drawn.path == ""
    assert texts(drawn, "year")[0] == word
    assert f"基準値 50人（{name}）" in legend(kpi)


def test_a_total_is_a_running_line_over_the_yearly_values():
    kpi = make_kpi()
    for year in (2015, 2016):
        make_actual(kpi.indicator, year, 30)
    drawn = wide(kpi)
    assert texts(drawn, "value") == ["60", "30"]
    assert texts(drawn, "yearly") == ["30"]
    assert len(drawn.bars) == 2
    assert legend(kpi)[:3] == ["各年度の値", "累計", "目安値"]


def test_a_running_total_has_no_yearly_values_to_show():
    kpi = make_kpi(indicator=make_indicator(running_total=True))
    make_actual(kpi.indicator, 2015, 30)
    drawn = wide(kpi)
    assert drawn.bars == ()
    assert texts(drawn, "value") == ["30"]
    assert legend(kpi)[0] == "累計"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": "every_year"}, "下回ってはならない線（目標値 200人）"),
        ({"kind": "every_year", "direction": "down"}, "上回ってはならない線（目標値 200人）"),
        ({"kind": "restraint"}, "下回ってはならない線（目標値 200人）"),
        ({"kind": "level", "baseline": Decimal(200), "baseline_kind": "measured"},
         "下回ってはならない線（目標値 200人）"),
    ],
)  # fmt: skip
def test_what_each_year_has_to_keep_is_a_line_not_to_be_crossed(fields, words):
    kpi = make_kpi(**fields)
    make_actual(kpi.indicator, 2015, 210)
    assert wide(kpi).hatch_d
    assert words in legend(kpi)


def test_a_milestone_says_only_whether_it_was_reached():
    kpi = make_kpi(kind="milestone", target=Decimal(2))
    make_actual(kpi.indicator, 2015, 1)
    make_actual(kpi.indicator, 2016, 2)
    found = chart_of(listing_of(kpi))
    assert found.charts == ()
    assert [step.state for step in found.steps[0].steps] == [
        "open", "done", "none", "ahead", "ahead",
    ]  # fmt: skip
    assert texts(found.steps[0], "absence") == ["未実現", "実現", "未入力"]
    assert [done for _, done in small_chart_of(listing_of(kpi)).steps] == [False, True]


def test_years_without_a_value_say_why_until_the_year_that_is_asked_for():
    kpi = make_level()
    make_actual(kpi.indicator, 2015, 55)
    make_actual(kpi.indicator, 2016, None, availability="unpublished", expected_month="2018-09")
    assert texts(wide(kpi, 2017), "absence") == ["未公表", "未入力"]
    assert texts(wide(kpi, 2016), "absence") == ["未公表"]


def test_a_carried_value_is_shown_in_the_year_that_uses_it():
    kpi = make_level(indicator=make_indicator(carry_years=1))
    make_actual(kpi.indicator, 2016, 75)
    make_actual(kpi.indicator, 2017, None, availability="not_surveyed")
    assert len(wide(kpi).links) == 1
    assert "前の年度の値で判定した年度" in legend(kpi)


def test_a_value_twenty_times_the_target_is_cut():
    kpi = make_kpi(kind="every_year")
    make_actual(kpi.indicator, 2016, 210)
    make_actual(kpi.indicator, 2017, 4000, remarks="桁の誤りを確認中")
    drawn = wide(kpi)
    assert drawn.breaks_d
    assert "4,000" in texts(drawn, "value")
    assert "図に収まらない値（端を切り、数を記しています）" in legend(kpi)


def test_the_chart_of_an_unconfirmed_reading_has_its_values_only():
    kpi = make_level(confirmed_at=None)
    assert chart_of(listing_of(kpi)) is None
    make_actual(kpi.indicator, 2017, 75)
    drawn = wide(kpi)
    assert len(drawn.points) == 1
    assert (drawn.start, drawn.path, drawn.target_y) == (None, "", None)
    assert legend(kpi) == ["実績値", "単位：人"]


def test_a_chart_is_drawn_for_a_target_that_breaks_a_rule():
    kpi = make_kpi()
    make_actual(kpi.indicator, 2017, 50)
    kpi.yearly_targets.create(fiscal_year=2019, value=150)  # T is 200
    assert wide(kpi).target_y is None


def test_amounts_are_written_in_the_display_unit_to_a_tenth():
    yen = make_indicator(unit="円", display_unit="百万円")
    kpi = make_kpi(indicator=yen, target=10_000_000_000)
    make_actual(yen, 2017, 2_164_285_714)
    drawn = wide(kpi)
    assert texts(drawn, "value") == ["2,164.3"]
    assert texts(drawn, "tick")[-1] == "10,000"


def test_the_chart_has_a_description_in_words():
    kpi = make_level()
    make_actual(kpi.indicator, 2015, 55)
    assert chart_of(listing_of(kpi, 2016)).description == (
        "目標値は100人、基準値（現状値）は50人。"
        "平成27年度は55人（目安値60人）、平成28年度は未入力（目安値70人）。"
    )


def test_a_small_chart_ends_with_the_year_of_the_list():
    kpi = make_level()
    for year, value in ((2015, 55), (2016, 60), (2017, 90)):
        make_actual(kpi.indicator, year, value, provisional=year == 2017)
    early, late = (small_chart_of(listing_of(kpi, year)) for year in (2016, 2017))
    assert (len(early.dots), len(late.dots)) == (1, 2)
    assert early.last[0] < late.last[0]
    assert (early.last_is_hollow, late.last_is_hollow) == (False, True)


# 目標年度


def test_the_path_ends_in_an_earlier_target_year_which_is_marked_on_the_line():
    kpi = make_level(target_year=2017)
    make_values_of(kpi, {2016: 75, 2018: 90})
    drawn = wide(kpi, 2018)
    assert drawn.path.count(",") == 4
    assert drawn.due == (drawn.points[0].x + (drawn.points[1].x - drawn.points[0].x) / 2,
                         drawn.target_y)  # fmt: skip
    assert "目標値 100人、平成29年度まで" in legend(kpi)
    assert "目標値（平成29年度まで）は100人" in chart_of(listing_of(kpi)).description


def test_the_path_continues_to_a_later_target_year():
    kpi = make_level(target_year=2022)
    make_values_of(kpi, {2017: 75})
    drawn = wide(kpi)
    assert texts(drawn, "year")[-1] == "R4"
    assert drawn.path.count(",") == 9
    assert drawn.due[0] == float(drawn.path.split()[-1].split(",")[0])
    assert small_chart_of(listing_of(kpi)).last[0] == 60, "the small chart keeps the plan's years"


def test_a_target_year_far_ahead_does_not_press_the_columns_together():
    kpi = make_level(target_year=2050)
    make_values_of(kpi, {2016: 60, 2017: 75})
    assert texts(wide(kpi), "year")[-1] == "R1"


def test_a_total_adds_up_to_its_target_year():
    kpi = make_kpi(target_year=2017)
    make_values_of(kpi, {2016: 20, 2017: 30, 2018: 40})
    drawn = wide(kpi, 2018)
    assert (len(drawn.points), len(drawn.bars)) == (2, 3)
    assert "平成30年度は40人（目標年度の後）" in chart_of(listing_of(kpi, 2018)).description


def test_a_plan_that_names_its_last_year_has_no_mark():
    kpi = make_level(target_year=2019)
    make_values_of(kpi, {2017: 75})
    assert wide(kpi).due is None


def make_values_of(kpi, values):
    for year, value in values.items():
        make_actual(kpi.indicator, year, value)
