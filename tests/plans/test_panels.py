"""The panels of a goal or a measure: one for each listing, on one scale."""

from decimal import Decimal

import pytest

from plans.charts.multiples import y_of
from plans.panels import PANELS_RULE, panels_of, rule_of
from tests.nodes import actual_node, listing_node


def panel_of(values=None, **fields):
    [panel] = panels_of([listing_node(values, **fields)])
    return panel


def level(values, **fields):
    measured = {"baseline": Decimal(50), "baseline_kind": "measured"}
    return panel_of(values, **({"kind": "level"} | measured | fields))


def test_a_level_is_drawn_by_its_completion_and_its_path():
    panel = level({2015: 55, 2016: 65, 2017: 75})
    assert panel.figure == "進捗率 50.0％"
    assert [point.y for point in panel.drawn.points] == [
        y_of(Decimal(number)) for number in ("10", "30", "50")
    ]
    assert panel.drawn.path.split()[-1].endswith(f",{y_of(Decimal(100))}")
    assert (panel.note, panel.values) == ("", None)


def test_an_every_year_target_is_drawn_by_its_attainment_without_a_path():
    panel = panel_of({2016: 80, 2017: 100})
    assert panel.figure == "達成率 100.0％"
    assert panel.drawn.path == ""
    assert panel.drawn.start_y is None


def test_each_year_up_to_the_one_shown_has_a_mark():
    panel = level({2015: 55, 2016: 70, 2017: 51, 2018: 90}, year=2017)
    marks = [(year.short, year.mark, year.band) for year in panel.marks]
    assert marks == [
        ("H27", "△", "caution"), ("H28", "◎", "good"), ("H29", "×", "bad"),
        ("H30", "", ""), ("R1", "", ""),
    ]  # fmt: skip
    assert panel.marks[0].word == "やや遅れ"
    assert len(panel.drawn.points) == 3, "the value of 2018 is not that of this page"


def test_a_value_that_may_change_or_is_carried_is_hollow():
    provisional = actual_node(2016, 60, provisional=True)
    panel = level({2015: 55, 2016: provisional})
    assert [point.hollow for point in panel.drawn.points] == [False, True]


@pytest.mark.parametrize(
    ("fields", "note"),
    [
        (
            {"kind": "milestone", "target": Decimal(1)},
            "実現の有無（割合のない目標。白抜きは未実現）",
        ),
        (
            {"kind": "restraint", "baseline": Decimal(120), "baseline_kind": "measured"},
            "値の推移（割合のない抑制の目標）",
        ),
        ({"kind": "monitor"}, "値の推移（目標値のない指標）"),
        ({"confirmed_at": None}, "値の推移（判定していません）"),
        (
            {"kind": "level", "direction": "down", "target": Decimal(0)},
            "値の推移（達成率を計算できない年度があります）",
        ),
    ],
)
def test_without_a_degree_the_values_are_drawn(fields, note):
    panel = panel_of({2016: 3, 2017: 2}, **fields)
    assert panel.drawn is None
    assert panel.values is not None
    assert panel.figure == ""
    assert panel.note == note
    assert [bool(year.mark) for year in panel.marks] == [True, True, True, False, False]


def test_a_year_that_was_judged_without_a_degree_is_not_left_out_of_a_curve():
    """0, 2, 0 of a target of none: a line at 100 % would hide the one year that was missed."""
    fields = {"kind": "every_year", "direction": "down", "target": Decimal(0)}
    panel = panel_of({2015: 0, 2016: 2, 2017: 0}, **fields)
    assert panel.drawn is None
    assert panel.values is not None
    assert [year.mark for year in panel.marks[:3]] == ["◎", "×", "◎"]


def test_without_values_a_panel_says_so_and_draws_nothing():
    panel = level({})
    assert (panel.drawn, panel.values, panel.note) == (None, None, "実績値はまだありません。")


def test_a_degree_that_a_year_lacks_is_left_out_and_not_drawn_as_zero():
    panel = level({2015: 55, 2017: 75})
    assert len(panel.drawn.points) == 2
    assert panel.drawn.lines == ()


def test_a_part_that_came_later_has_no_mark_before():
    panel = level({2017: 75}, first_year=2016)
    assert [year.mark for year in panel.marks[:2]] == ["", "－"]


def test_the_rule_tells_of_signs_only_where_they_are():
    assert rule_of([level({2015: 55}), panel_of({2017: 3}, kind="milestone")]) == PANELS_RULE
    hollow = level({2015: 55, 2016: actual_node(2016, 60, provisional=True)})
    assert "白抜きは" in rule_of([hollow])
    assert "端の三角は" in rule_of([level({2015: 55, 2016: 500})])
