"""How a plan may judge otherwise than by the standard rules."""

from decimal import Decimal

import pytest

from indicators.rules.judgement import assess
from indicators.rules.scales import check_scale, read_scale
from indicators.rules.targets import Period, Plan, TargetSpec
from indicators.rules.terms import Scale, Status, mark_of_status

PERIOD = Period(2015, 2019)


def judged(actuals, year, scale, missing=None, **spec):
    numbers = ("target", "baseline", "tolerance")
    spec = {
        name: Decimal(value) if name in numbers else value
        for name, value in ({"kind": "level", "direction": "up", "decimals": 1} | spec).items()
    }
    yearly = {y: Decimal(v) for y, v in spec.pop("yearly_targets", {}).items()}
    target = TargetSpec(**spec, yearly_targets=yearly)
    actuals = {y: Decimal(v) for y, v in actuals.items()}
    return assess(target, actuals, Plan(PERIOD, read_scale(scale)), year, missing)


PATH = {"target": "93.0", "baseline": "92.0", "yearly_targets": {2018: "92.8"}}
DROP = {"kind": "restraint", "target": "106", "baseline": "121"}


@pytest.mark.parametrize(
    ("scale", "actuals", "year", "spec", "status", "judged_by"),
    [
        # The figure of a level with a baseline.
        ({}, {2018: "91.3"}, 2018, PATH, "worsened", "comparison"),
        ({"level_figure": "share", "worsened_first": False}, {2018: "91.3"}, 2018, PATH,
         "mostly_on_track", "pace"),
        ({"level_figure": "share", "worsened_first": False}, {2019: "91.3"}, 2019, PATH,
         "mostly_achieved", "attainment"),
        ({"level_figure": "completion"}, {2018: "92.5"}, 2018, PATH,
         "slightly_behind", "completion"),
        ({"level_figure": "share"}, {2018: "-1"}, 2018, {"target": "0", "baseline": "-9"},
         "on_track", "comparison"),
        # 基準値より後退.
        ({"worsened_first": False}, {2018: "91.3"}, 2018, PATH, "behind", "pace"),
        ({"worsened_first": False}, {2019: "91.3"}, 2019, PATH, "not_achieved", "completion"),
        # 達成率 and 順調.
        ({"on_track": 90}, {2018: "95"}, 2018, {"target": "100"}, "mostly_on_track", "attainment"),
        ({"on_track": 90, "attainment_on_track": True}, {2018: "95"}, 2018, {"target": "100"},
         "on_track", "attainment"),
        # Far above.
        ({"far_above": 120}, {2018: "121"}, 2018, {"kind": "every_year", "target": "100"},
         "far_above", "attainment"),
        ({"far_above": 120}, {2018: "119"}, 2018, {"kind": "every_year", "target": "100"},
         "on_track", "comparison"),
        ({"far_above": 110}, {2019: "111"}, 2019, {"kind": "total", "target": "100"},
         "far_above", "completion"),
        ({"far_above": 110}, {2018: "120"}, 2018, DROP, "on_track", "comparison"),
        # The last year.
        ({"partly_achieved": 60}, {2019: "92.7"}, 2019, PATH, "partly_achieved", "completion"),
        ({"mostly_achieved": 70}, {2019: "92.7"}, 2019, PATH, "mostly_achieved", "completion"),
        ({"achieved": 85}, {2019: "92.9"}, 2019, PATH, "achieved", "completion"),
        ({"partly_achieved": 60}, {2019: "92.5"}, 2019, PATH, "not_achieved", "completion"),
        # Restraints.
        ({}, {2019: "105"}, 2019, DROP, "not_achieved", "comparison"),
        ({"restraint": "attainment"}, {2018: "105"}, 2018, DROP, "mostly_on_track", "attainment"),
        ({"restraint": "attainment"}, {2019: "105"}, 2019, DROP, "mostly_achieved", "attainment"),
        ({"restraint": "attainment"}, {2018: "107"}, 2018, DROP, "at_target", "comparison"),
        ({"restraint": "every_year"}, {2018: "107"}, 2018, DROP, "on_track", "comparison"),
        ({"restraint": "every_year"}, {2018: "105"}, 2018, DROP, "mostly_on_track", "attainment"),
    ],
)  # fmt: skip
def test_a_choice_of_the_plan_decides(scale, actuals, year, spec, status, judged_by):
    found = judged(actuals, year, scale, **spec)
    assert (found.status, found.judged_by) == (status, judged_by)


def test_a_late_value_is_judged_as_of_its_own_year_or_of_the_year_asked():
    late = {"missing": {2019: "unpublished"}, "carry_years": 2, "target": "20", "baseline": "10"}
    own = judged({2017: "17"}, 2019, {}, **late)
    assert (own.status, own.basis_year, own.as_of) == ("on_track", 2017, 2017)
    asked = judged({2017: "17"}, 2019, {"late_values": "asked_year"}, **late)
    assert (asked.status, asked.basis_year, asked.as_of) == ("not_achieved", 2017, 2019)
    assert asked.completion == Decimal("70.0")
    assert asked.explanation == (
        "基準値10.0から目標値20.0に向け、平成29年度の実績は17.0、進捗率70.0％で、未達成です。"
        "令和元年度の実績値は未公表のため、平成29年度の値で判定しています。"
    )


def test_a_restraint_as_every_year_says_so_and_counts_earlier_misses():
    found = judged({2017: "105", 2019: "107"}, 2019, {"restraint": "every_year"}, **DROP)
    assert found.label == "達成（途中年度に未達成あり）"
    assert found.explanation.startswith("毎年度の目標値106.0に対し")


def test_a_mark_may_belong_to_one_status():
    scale = Scale(marks={"good": "☆", "at_target": "◎"})
    assert mark_of_status("at_target", scale) == "◎"
    assert mark_of_status("on_track", scale) == "☆"
    assert mark_of_status("behind", scale) == "×"
    assert mark_of_status("behind") == "×"


def test_statuses_that_nobody_asked_for_are_not_there():
    added = {Status.FAR_ABOVE, Status.PARTLY_ACHIEVED}
    assert set(Status) - set(Scale().statuses) == added
    scale = Scale(far_above=Decimal(110), partly_achieved=Decimal(60), worsened_first=False)
    assert set(Status) - set(scale.statuses) == {Status.WORSENED}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"far_above": 100}, "大きく上回るとする割合は、100％より大きく999.9％以下の数"),
        ({"on_track": 110}, "目標を大きく超えた値を分けるときは、大きく上回るとする割合に入力"),
        ({"slightly_behind": -1}, "やや遅れとする割合は、0％から100％までの数を入力して"),
        ({"slightly_behind": 90}, r"やや遅れとする割合（入力値：90％）は、おおむね順調とする割合"),
        ({"partly_achieved": 90}, r"最終年度に一部達成とする割合（入力値：90％）は"),
        ({"achieved": 70}, r"おおむね達成とする割合（空欄のためおおむね順調とする割合と同じ80％）"),
        ({"level_figure": "speed"}, "基準値のある期末水準の率「speed」はありません。"),
        ({"labels": {"good": "A"}}, "判定の呼び方の「good」という判定はありません。"),
        ({"marks": {"best": "A"}}, "判定の印の「best」という判定はありません。"),
        ({"labels": {"behind": 1}}, "判定の呼び方は、"),
        ({"on_track": "九割"}, "順調とする割合「九割」は数として読めません。"),
        ({"on_track": None}, "順調とする割合「None」は数として読めません。"),
        ({"worsened_first": "no"}, "基準値より後退を先に判定するは、true か false"),
        ({"speed": 1}, "判定の決め方に「speed」という項目はありません。"),
    ],
)
def test_a_choice_that_cannot_judge_is_refused_with_field_value_and_remedy(data, message):
    with pytest.raises(ValueError, match=message):
        read_scale(data)


def test_the_standard_has_no_faults():
    assert read_scale({}) == Scale()
    assert check_scale(Scale()) == []
    assert read_scale({"far_above": None, "partly_achieved": None}) == Scale()
