"""計画の地図: what each cell shows, from the nodes of a tree."""

from dataclasses import replace

import pytest

from indicators.plan_words import Words
from indicators.rules.targets import Period
from indicators.rules.terms import Scale
from plans import plan_map as plan_maps
from plans.comparison import compare
from plans.nodes import GroupNode, MeasureNode
from plans.plan_map import map_over_years, parts_of, plan_map
from tests.nodes import BASE_URL, indicator_node, listing_node, tree_of


def only_cell(listing, **fields):
    [cell] = plan_map(tree_of(listing, **fields)).cells
    return cell


def only_years(listing, **fields):
    over_years = map_over_years(tree_of(listing, **fields))
    [(_, [part])] = over_years.goals
    [row] = part.rows
    return row.years


def with_parts(tree, *groups):
    [goal] = tree.goals
    return replace(tree, goals=(replace(goal, groups=groups),))


def measure_of(*kpis, position=1, symbol="", title="取り組む"):
    return MeasureNode(
        place=f"1-{position}",
        position=position,
        title=title,
        group_symbol=symbol,
        group_title="",
        goal_position=1,
        goal_label="基本目標1",
        kpis=kpis,
        projects=(),
        base_url=BASE_URL,
    )


@pytest.mark.parametrize(
    ("values", "band", "mark", "arrow", "change"),
    [
        ({2016: 100, 2017: 100}, "good", "◎", "→", "前年度から変化なし"),
        ({2016: 10, 2017: 100}, "good", "◎", "↑", "改善（前年度は× 遅れ）"),
        ({2016: 100, 2017: 85}, "fair", "○", "↓", "悪化（前年度は◎ 順調）"),
        ({2016: 60, 2017: 60}, "caution", "△", "→", "前年度から変化なし"),
        ({2017: 10}, "bad", "×", "", ""),
        ({2016: 100}, "open", "－", "", ""),
    ],
)
def test_a_cell_has_the_mark_of_its_band_and_an_arrow_from_last_year(
    values, band, mark, arrow, change
):
    cell = only_cell(listing_node(values))
    assert (cell.judged.band, cell.judged.mark) == (band, mark)
    assert (cell.arrow, cell.change) == (arrow, change)


def test_only_what_changed_asks_for_attention():
    looks = [
        only_cell(listing_node(values)).look
        for values in ({2016: 10, 2017: 100}, {2016: 100, 2017: 10}, {2016: 9, 2017: 9}, {})
    ]
    assert looks == ["good better", "bad worse", "bad", "open"]


def test_a_cell_says_value_target_judgement_and_change():
    cell = only_cell(listing_node({2016: 85, 2017: 120}))
    assert cell.lines == ("120人（目標 100人）", "◎ 順調", "改善（前年度は○ おおむね順調）")


def test_a_sum_is_called_so_and_a_missing_value_leaves_the_target():
    total = only_cell(listing_node({2016: 30, 2017: 30}, kind="total"))
    assert total.figure == "累計60人（目標 100人）"
    assert only_cell(listing_node({})).lines == ("目標 100人", "－ 未入力")


def test_a_value_of_an_earlier_year_is_not_shown_as_one_of_this_year():
    carried = indicator_node({2016: 120, 2017: "not_surveyed"}, carry_years=1)
    cell = only_cell(listing_node(indicator=carried))
    assert cell.figure == "120人、平成28年度の値（目標 100人）"


def test_marks_and_words_are_those_of_the_plan():
    scale = Scale(labels={"on_track": "計画どおり"}, marks={"good": "☆"})
    cell = only_cell(listing_node({2017: 100}, scale=scale), scale=scale)
    assert (cell.judged.mark, cell.judged.label) == ("☆", "計画どおり")


def test_a_monitor_looks_different_from_what_waits_and_counts_nowhere():
    monitor = listing_node({2016: 3, 2017: 4}, kind="monitor", target=None)
    found = plan_map(tree_of(monitor, listing_node({2017: 100})))
    [row] = found.rows
    cell, _ = found.cells
    assert (cell.judged.band, cell.judged.mark, cell.arrow) == ("monitor", "参", "")
    assert cell.lines == ("4人", "参 参考指標")
    assert (row.good, row.total) == (1, 1)
    assert found.has_monitors
    assert not plan_map(tree_of(listing_node({}))).has_monitors


def test_an_unread_target_and_one_that_a_draft_awaits_say_why_nothing_is_judged():
    unread = only_cell(listing_node({2017: 100}, confirmed_at=None))
    assert unread.judged.band == "open"
    assert unread.lines == ("100人（目標 100人）", "－ 判定なし（読み方未確認）")
    awaited = only_cell(listing_node({}, awaits_target=True, target=None))
    assert awaited.lines == ("－ 判定なし（目標値未入力）",)


def test_in_the_plans_first_year_nothing_is_compared():
    found = plan_map(tree_of(listing_node({2015: 100}, year=2015)))
    assert [cell.arrow for cell in found.cells] == [""]
    assert found.rows[0].difference == ""
    assert not found.has_arrows


@pytest.mark.parametrize(
    ("before", "difference"), [(100, "増減なし"), (10, "1件増"), (None, "1件増")]
)
def test_a_goal_says_how_many_are_good_and_how_many_were(before, difference):
    values = {2017: 100} if before is None else {2016: before, 2017: 100}
    [row] = plan_map(tree_of(listing_node(values), listing_node({2017: 3}))).rows
    assert (row.good, row.total, row.difference) == (1, 2, difference)


def test_each_listing_is_compared_once(monkeypatch):
    compared = []

    def counting(listing):
        compared.append(listing)
        return compare(listing)

    monkeypatch.setattr(plan_maps, "compare", counting)
    tree = tree_of(*(listing_node({2016: 10, 2017: 100}) for _ in range(3)))
    found = plan_map(tree)
    assert tuple(one.listing for one in found.compared) == tree.listings
    assert compared == list(tree.listings)


class TestParts:
    """What stands side by side in a goal."""

    def test_numeric_targets_come_first_then_the_measures_by_their_symbols(self):
        tree = tree_of(listing_node({}))
        [goal] = tree.goals
        target = listing_node({}, model="numerictarget", place="1-1")
        parts = list(parts_of(tree, replace(goal, numeric_targets=(target,))))
        assert [(part.label, part.title, part.url) for part in parts] == [
            ("数値目標", "", ""),
            ("ア①", "相談できる場をふやす", "measures/1-ア-1/"),
        ]

    def test_a_plan_without_groups_has_its_own_words_and_listings_directly_under_a_goal(self):
        words = Words(numeric_target="めやす", kpi="ものさし（ＭＳ）", kpi_short="ＭＳ")
        tree = with_parts(
            tree_of(words=words),
            GroupNode(
                "", "", (measure_of(listing_node({}), position=0, title=""),
                         measure_of(listing_node({}), position=2)),
            ),
        )  # fmt: skip
        assert [part.label for part in parts_of(tree, tree.goals[0])] == ["ＭＳ", "②"]

    def test_a_measure_without_a_listing_takes_no_room(self):
        tree = with_parts(tree_of(), GroupNode("ア", "支える", (measure_of(symbol="ア"),)))
        assert list(parts_of(tree, tree.goals[0])) == []
        assert plan_map(tree).cells == ()
        assert map_over_years(tree).goals == ()


class TestOverTheYears:
    """A row for each listing, a column for each year."""

    def test_each_year_has_the_judgement_of_its_own_value(self):
        years = only_years(listing_node({2015: 10, 2016: 60, 2017: 120}))
        assert [year and (year.band, year.text) for year in years] == [
            ("bad", "10人 遅れ"),
            ("caution", "60人 やや遅れ"),
            ("good", "120人 順調"),
            None,
            None,
        ]

    def test_years_before_a_listing_was_added_are_blank(self):
        added = listing_node({2016: 100, 2017: 100}, period=Period(2017, 2019), first_year=2017)
        years = only_years(added)
        assert [year is None for year in years] == [True, True, False, True, True]
        assert only_cell(added).arrow == ""

    def test_a_year_has_the_rules_and_the_mark_of_the_tree(self):
        scale = Scale(marks={"bad": "▲"})
        years = only_years(listing_node({2015: 10}, year=2015, scale=scale), scale=scale)
        assert years[0].mark == "▲"

    def test_columns_are_the_years_of_the_plan_and_what_comes_later_is_said(self):
        over_years = map_over_years(tree_of(listing_node({})))
        assert [column.short for column in over_years.columns] == ["H27", "H28", "H29", "H30", "R1"]
        assert over_years.columns[-1].full == "令和元年度（2019）"
        assert over_years.later == "平成29年度より後の年度は、表示していません。"
        last = tree_of(listing_node({}, year=2019))
        assert map_over_years(last).later == ""

    def test_a_monitor_has_its_values(self):
        years = only_years(listing_node({2017: 4}, kind="monitor", target=None))
        assert (years[2].band, years[2].text) == ("monitor", "4人 参考指標")
