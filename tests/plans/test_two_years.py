"""年度の比較: any two years of a plan, each as its own pages show it."""

import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.roles import Role
from accounts.sections import rename
from plans.tree import read_tree
from plans.two_years import Turn, compare_years
from tests.factories import (
    load_city,
    make_actual,
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_numeric_target,
    make_revision,
    make_section,
    make_strategy,
    make_user,
    make_values,
)
from tests.pages import read_page, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.stories]

OVERVIEW = "/strategies/plan/"
URL = f"{OVERVIEW}compare/"


@pytest.fixture
def strategy():
    return make_strategy(code="plan", title="見本市総合戦略")


@pytest.fixture
def measure(strategy):
    return make_measure(make_goal(strategy))


@pytest.fixture
def reader(client):
    client.force_login(make_user(Role.READER))
    return client


def yearly(measure, name, *values, **fields):
    """Make a KPI that is to keep 100 each year, with its values from 2015 on; None is no value."""
    usual = {"kind": "every_year", "sentence": "年間１００件", "target": Decimal(100)}
    kpi = make_kpi(measure, name=name, **usual | fields)
    for year, value in enumerate(values, 2015):
        if value is not None:
            make_actual(kpi.indicator, year, value)
    return kpi


def compared(first, last):
    return compare_years(read_tree("plan", first), read_tree("plan", last))


def names_by_change(found):
    return {
        group.change: [pair.listing.name for passage in group.passages for pair in passage.listings]
        for group in found.groups
        if group.passages
    }


def test_a_listing_is_better_or_worse_by_its_band_and_new_or_gone_without_a_judgement(measure):
    yearly(measure, "上がった", 10, 10, 100)
    yearly(measure, "少し下がった", 100, 10, 85)
    yearly(measure, "下がった", 100, 10, 10)
    yearly(measure, "同じ", 60, 10, 70)
    yearly(measure, "始まった", None, 10, 60)
    yearly(measure, "止まった", 100, 10, None)
    yearly(measure, "ない", None, 10, None)
    assert names_by_change(compared(2015, 2017)) == {
        Turn.WORSE: ["下がった", "少し下がった"],
        Turn.BETTER: ["上がった"],
        Turn.NEW: ["始まった"],
        Turn.GONE: ["止まった"],
        Turn.SAME: ["同じ"],
        Turn.UNJUDGED: ["ない"],
    }


def test_the_matrix_counts_from_which_band_to_which_and_its_edges_are_the_counts_of_both_years(
    measure,
):
    for number, values in enumerate([(100, 10), (100, 10), (100, 85), (10, 100), (None, 60)]):
        yearly(measure, f"指標{number}", *values)
    matrix = compared(2015, 2016).matrix
    counts = {
        (row.head.state, column.state): (cell.count, cell.arrow)
        for row in matrix.rows
        for column, cell in zip(matrix.columns, row.cells, strict=True)
        if cell.count
    }
    assert counts == {
        ("good", "bad"): (2, "↓"),
        ("good", "fair"): (1, "↓"),
        ("bad", "good"): (1, "↑"),
        ("open", "caution"): (1, ""),
    }
    assert [row.total for row in matrix.rows] == [3, 0, 0, 1, 1]
    assert matrix.totals == (1, 1, 1, 2, 0)
    assert matrix.total == 5


def test_what_was_not_realised_and_is_has_become_better_not_newly_judged(measure):
    kpi = make_kpi(measure, kind="milestone", sentence="５年で１", target=Decimal(1))
    make_actual(kpi.indicator, 2015, 0)
    make_actual(kpi.indicator, 2016, 1)
    found = compared(2015, 2016)
    assert names_by_change(found) == {Turn.BETTER: [kpi.name]}
    assert "not-realised" in [row.head.state for row in found.matrix.rows]


def test_what_one_of_the_years_does_not_have_is_named_and_never_better_or_worse(reader, measure):
    yearly(measure, "終わった", 100, 10, last_fiscal_year=2015)
    yearly(measure, "加わった", 100, 10, first_fiscal_year=2016)
    yearly(measure, "続く", 100, 100)
    found = compared(2015, 2016)
    assert names_by_change(found) == {
        Turn.JOINED: ["加わった"],
        Turn.LEFT: ["終わった"],
        Turn.SAME: ["続く"],
    }
    assert found.matrix.has_outside
    page = read_page(reader.get(f"{URL}?from=2015&to=2016"))
    assert "平成28年度だけのものが1件、平成27年度だけのものが1件です。" in page.main
    assert "対象外は、その年度の計画にない指標と、判定しない参考指標です。" in page.main
    ended = [link for link in page.links if link.endswith("?year=2015") and "/kpis/" in link]
    assert f"{OVERVIEW}kpis/1-ア-1-1/?year=2015" in ended
    assert f"{OVERVIEW}kpis/1-ア-1-1/?year=2016" not in page.links


def notes_of(found, name):
    """Return the notes on the listing that has this name, in the later year if it is there."""
    [notes] = [
        row.notes
        for group in found.groups
        for passage in group.passages
        for row in passage.rows
        if row.listing.name == name
    ]
    return notes


def test_what_ended_says_when_why_and_what_took_its_place(reader, measure):
    new = yearly(measure, "新しい指標", None, 10, first_fiscal_year=2016)
    old = yearly(measure, "古い指標", 100, last_fiscal_year=2015, ending_reason="調査の廃止")
    old.replaced_by = new
    old.save()
    found = compared(2015, 2016)
    assert notes_of(found, "古い指標") == (
        "計画にあるのは平成27年度まで。理由：調査の廃止",
        "後継の指標：新しい指標",
    )
    assert notes_of(found, "新しい指標") == ("計画にあるのは平成28年度から",)
    assert "理由：調査の廃止" in text_of(reader.get(f"{URL}?from=2015&to=2016"))


def test_a_different_name_or_kind_in_the_earlier_year_is_reported(measure):
    kpi = yearly(measure, "相談件数", 100, 100, kind="monitor", sentence="参考", target=None)
    make_revision(2016, kpi)
    kpi.refresh_from_db()
    kpi.name, kpi.kind, kpi.target = "相談者数", "every_year", Decimal(100)
    kpi.save()
    assert notes_of(compared(2015, 2016), "相談者数")[:2] == (
        "平成27年度の名称：相談件数",
        "平成27年度は参考指標",
    )
    same = yearly(measure, "同じ", 100, 100)
    assert notes_of(compared(2015, 2016), same.name) == ()


def test_monitors_are_counted_apart_and_unread_targets_are_unjudged_in_both_years(reader, measure):
    make_kpi(measure, name="参考", kind="monitor", sentence="参考", target=None)
    yearly(measure, "未確認", 100, 10, confirmed_at=None)
    found = compared(2015, 2016)
    assert found.monitors == 1
    assert names_by_change(found) == {Turn.UNJUDGED: ["未確認"]}
    text = text_of(reader.get(f"{URL}?from=2015&to=2016"))
    assert "両方の年度で判定した指標はありません。" in text
    assert "ほかに、判定しない参考指標が1件あります。" in text
    assert text.count("判定なし（読み方未確認）") == 2


def test_each_year_has_its_own_target_section_and_rules_and_the_page_names_the_revision(
    reader, strategy, measure
):
    section = make_section("水産課")
    kpi = yearly(measure, "改めた", 100, 100, 100, indicator=make_indicator(section))
    make_revision(2016, kpi, decided_on="2016-03-01")
    kpi.refresh_from_db()
    kpi.target = Decimal(200)
    kpi.save()
    rename(section, "水産振興課", 2016)
    page = read_page(reader.get(f"{URL}?from=2015&to=2017"))
    assert "この間に計画の改訂がありました：第1回改訂（平成28年度から）" in page.main
    assert "目標値を100" in page.main
    assert "水産課 → 水産振興課" in page.main
    row = page.main[page.main.rindex("改めた") :]
    assert re.search(r"目標 100\S* ◎ 順調.*目標 200\S* △ やや遅れ", " ".join(row.split()))
    # Between two later years nothing was revised.
    assert "計画の改訂がありました" not in text_of(reader.get(f"{URL}?from=2016&to=2017"))


def test_a_change_of_the_rules_between_the_years_is_said(reader, strategy, measure):
    yearly(measure, "指標", 100, 85)
    make_revision(2016, strategy=strategy, previous_rules={"mostly_on_track": "90"})
    text = text_of(reader.get(f"{URL}?from=2015&to=2016"))
    assert "平成28年度から、判定のルールが変わっています。" in text


def test_without_years_the_shown_year_is_compared_with_the_one_before(reader, measure):
    yearly(measure, "下がった", 100, 85, 10)
    assert "平成28年度から平成29年度までに、悪化は1件" in text_of(reader.get(URL))
    assert "平成27年度から平成28年度までに、悪化は1件" in text_of(reader.get(f"{URL}?year=2016"))
    page = read_page(reader.get(f"{URL}?from=2015"))
    assert "平成27年度から平成29年度までに、悪化は1件" in page.main
    assert page.html.count(" selected>") == 2


@pytest.mark.parametrize(
    ("query", "messages"),
    [
        ("from=2016&to=2016", ["前の年度と後の年度が、どちらも平成28年度（2016）です。"
                               "別の2つの年度を選んでください。"]),
        ("from=2018&to=2016", ["前の年度の平成30年度（2018）が、後の年度の平成28年度（2016）より"
                               "後です。前後を入れ替えて選んでください。"]),
        ("from=someday&to=2017", ["前の年度：「someday」は年度として読めません。"
                                  "「令和元年度」「R1」「2019」のように入力してください。"]),
        ("from=2016&to=2030", ["後の年度の令和12年度（2030）は、この計画の期間（平成27年度から"
                               "令和元年度まで）に含まれません。期間の中の年度を選んでください。"]),
        ("from=x&to=y", ["前の年度：「x」は", "後の年度：「y」は"]),
    ],
)  # fmt: skip
def test_years_that_cannot_be_compared_are_named_with_the_remedy(reader, measure, query, messages):
    yearly(measure, "指標", 100, 100, 100)
    page = read_page(reader.get(f"{URL}?{query}"))
    for message in messages:
        assert message in page.main
    assert "エラー：年度の比較" in page.html
    assert 'id="by-from"' in page.html
    assert "までに、悪化は" not in page.main


def test_reversed_years_can_be_swapped_with_one_press(reader, measure):
    yearly(measure, "下がった", 100, 100, 10)
    page = read_page(reader.get(f"{URL}?from=2017&to=2015"))
    assert f"{URL}?from=2015&to=2017" in page.links
    assert "悪化は1件" in text_of(reader.get(f"{URL}?from=2015&to=2017"))


def test_the_first_year_and_a_plan_of_one_year_have_nothing_before_them(reader, measure):
    yearly(measure, "指標", 100)
    text = text_of(reader.get(URL))
    assert "平成27年度（2015）は計画の最初の年度のため、その前の年度とは比べられません。" in text
    make_strategy(code="short", first_fiscal_year=2015, last_fiscal_year=2015)
    page = read_page(reader.get("/strategies/short/compare/"))
    assert "この計画の期間は1年度だけのため、比べる年度がありません。" in page.main
    assert "<select" not in page.html


def test_a_past_day_stays_in_the_form_and_on_all_links(reader, measure):
    yearly(measure, "下がった", 100, 10)
    today = timezone.localdate()
    page = read_page(reader.get(f"{URL}?from=2015&to=2016&as_of={today}"))
    assert f'<input type="hidden" name="as_of" value="{today}">' in page.html
    own = [link for link in page.links if "/kpis/" in link]
    assert own
    assert all(link.endswith(f"&as_of={today}") for link in own)


def test_every_count_leads_to_its_listings(reader, measure):
    for number, values in enumerate([(100, 10), (10, 100), (100, 100), (None, 60), (100, None)]):
        yearly(measure, f"指標{number}", *values)
    html = reader.get(f"{URL}?from=2015&to=2016").content.decode()
    anchors = set(re.findall(r'href="#([\w-]+)"', html)) - {"main"}
    assert {"good-bad", "bad-good", "good-good", "worse", "better", "same"} <= anchors
    ids = re.findall(r'\bid="([\w-]+)"', html)
    assert anchors <= set(ids)
    assert len(ids) == len(set(ids))


def test_the_counts_are_those_of_the_pages_of_both_years(reader):
    make_values(load_city())
    before, now = read_tree("nemuro-2015", 2016), read_tree("nemuro-2015", 2018)
    matrix = compare_years(before, now).matrix
    assert matrix.total == len(before.listings) == len(now.listings) == 49
    for tree, totals in ((before, [row.total for row in matrix.rows]), (now, matrix.totals)):
        bands = [listing.assessment.status.band.value for listing in tree.listings]
        by_state = dict(zip([row.head.state for row in matrix.rows], totals, strict=True))
        by_state["open"] += by_state.pop("not-realised", 0)
        assert by_state == {band: bands.count(band) for band in by_state}


def test_overview_and_listings_lead_here(reader, measure):
    yearly(measure, "指標", 100, 10)
    assert "compare/?year=2016" in read_page(reader.get(f"{OVERVIEW}?year=2016")).links
    page = read_page(reader.get(f"{OVERVIEW}listings/?year=2016"))
    assert "../compare/?year=2016" in page.links


def test_the_number_of_queries_does_not_depend_on_the_size_of_the_plan(reader, strategy, measure):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            reader.get(f"{URL}?from=2015&to=2016")
        return len(captured)

    yearly(measure, "指標", 100, 10)
    reader.get(URL)
    first = queries()
    for number in range(6):
        goal = make_goal(strategy)
        make_numeric_target(goal, make_indicator(make_section()))
        yearly(
            make_measure(goal), f"指標{number}", 100, 10, indicator=make_indicator(make_section())
        )
    assert queries() == first
    assert first <= 26


def test_names_are_never_markup(reader, measure):
    yearly(measure, "<b>太字</b>", 100, 10)
    html = reader.get(f"{URL}?from=2015&to=2016").content.decode()
    assert "<b>太字" not in html
