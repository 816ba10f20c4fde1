"""The overview of a year."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from tests.factories import (
    load_city,
    make_actual,
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_numeric_target,
    make_project,
    make_section,
    make_strategy,
    make_user,
    make_values,
)
from tests.pages import read_page, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

URL = "/strategies/plan/"


@pytest.fixture
def measure():
    return make_measure(make_goal(make_strategy(code="plan", title="見本市総合戦略")))


@pytest.fixture
def reader(client):
    client.force_login(make_user(Role.READER))
    return client


@pytest.fixture
def clerk(client):
    client.force_login(make_user(Role.CLERK))
    return client


def test_it_opens_at_the_newest_year_with_values_and_names_both_years(reader, measure):
    kpi = make_kpi(measure)
    make_actual(kpi.indicator, 2016, 30)
    page = read_page(reader.get(URL))
    assert page.h1 == ["平成29年度 効果検証（平成28年度実績）"]
    assert "平成28年度はその2年目です。" in page.main


def test_every_year_of_the_plan_can_be_chosen(reader, measure):
    make_kpi(measure)
    links = read_page(reader.get(URL)).links
    assert [f"{URL}?year={year}" in links for year in range(2014, 2021)] == [
        False,
        True,
        True,
        True,
        True,
        True,
        False,
    ]


def test_it_begins_with_one_sentence_of_counts(reader, measure):
    first, second = make_kpi(measure), make_kpi(measure)
    make_numeric_target(measure.group.goal, first.indicator)
    make_actual(first.indicator, 2015, 40)
    make_actual(second.indicator, 2015, 10)
    assert "3指標（実2、再掲1）のうち、達成・順調は2件、遅れ・未達成は1件です。" in text_of(
        reader.get(URL)
    )


def test_readers_read_of_values_that_are_not_known_yet_clerks_of_what_to_enter(client, measure):
    make_kpi(measure)
    client.force_login(make_user(Role.READER))
    text = text_of(client.get(URL))
    assert "実績未把握" in text
    assert "未入力" not in text
    client.force_login(make_user(Role.CLERK))
    text = text_of(client.get(URL))
    assert "未入力" in text
    assert "実績未把握" not in text


def test_a_plan_without_goals_opens(reader):
    make_strategy(code="plan")
    assert "指標はまだ登録されていません。" in text_of(reader.get(URL))


def test_assumptions_and_other_plans_can_be_found(reader, measure):
    strategy = measure.strategy
    strategy.note = "期間は仮のものです。"
    strategy.save()
    make_strategy(code="next", title="第2期")
    page = read_page(reader.get(URL))
    assert "期間は仮のものです。" in page.main
    assert "/strategies/next/" in page.links


class TestSummary:
    """The summary above the table of the overview."""

    def test_every_count_leads_to_a_list_of_just_as_many(self, reader):
        strategy = load_city()
        make_values(strategy)
        html = reader.get(f"/strategies/{strategy.code}/?year=2017").content.decode()
        links = re.findall(
            r'<a\s[^>]*href="([^"]*listings/\?year=2017&amp;[^"]*)"[^>]*>(.*?)</a>', html, re.S
        )
        assert len(links) > 25
        for address, text in links:
            [number] = re.findall(r"(\d+)(?:件|$)", re.sub("<[^>]*>", "", text))[:1]
            listed = text_of(reader.get(unescape(address)))
            expected = (
                f"条件に合う指標は{number}件" if number != "0" else "条件に合う指標はありません"
            )
            assert expected in listed, (address, text)

    def test_what_lags_says_why(self, reader, measure):
        kpi = make_kpi(measure, name="相談件数")
        make_actual(kpi.indicator, 2015, 10, remarks="台風のため、一部を中止。")
        text = text_of(reader.get(URL))
        lagging = text[text.index("遅れている指標（1件） ") : text.index("すべての指標の一覧")]
        assert "× 遅れ 相談件数" in lagging
        assert "計画比25.0％で、遅れています。" in lagging
        assert "備考：台風のため、一部を中止。" in lagging
        assert kpi.indicator.section.name in lagging

    def test_at_most_five_are_named_and_the_rest_is_behind_a_link(self, reader, measure):
        for number in range(7):
            make_actual(make_kpi(measure, name=f"件数{number}").indicator, 2015, 1)
        page = read_page(reader.get(URL))
        assert page.html.count("<summary>理由</summary>") == 5
        assert "遅れている指標をすべて表示する（7件）" in page.main

    def test_what_nobody_gave_a_reason_for_is_said(self, reader, measure):
        make_actual(make_kpi(measure, name="相談件数").indicator, 2015, 10)
        text = text_of(reader.get(URL))
        assert "備考（遅れの理由など）は入力されていません。" in text

    def test_what_is_better_and_worse_than_last_year_is_named_from_and_to(self, reader, measure):
        better, worse = make_kpi(measure, name="上がる"), make_kpi(measure, name="下がる")
        for kpi, values in ((better, (1, 200)), (worse, (200, 0))):
            kpi.kind, kpi.target = "every_year", 100
            kpi.save()
            for year, value in zip((2015, 2016), values, strict=True):
                make_actual(kpi.indicator, year, value)
        text = text_of(reader.get(URL))
        assert "前年度（平成27年度）と比べて、改善は1件、悪化は1件です。" in text
        assert "良くなった指標（1件） ×→◎ 上がる" in text
        assert "悪くなった指標（1件） ◎→× 下がる" in text

    def test_what_the_last_year_will_bring_is_one_sentence(self, reader, measure):
        kpi = make_kpi(measure, target=200)
        for year in (2015, 2016):
            make_actual(kpi.indicator, year, 60)
        text = text_of(reader.get(URL))
        assert (
            "この調子が続くと、目標年度に達成する見込みは1件、届かない見込みは0件です。"
            "見込みを出せないものは0件です。"
        ) in text

    def test_the_first_year_says_that_there_is_nothing_to_compare_with(self, reader, measure):
        make_actual(make_kpi(measure).indicator, 2015, 10)
        text = text_of(reader.get(URL))
        assert "計画の最初の年度のため、前年度との比較はありません。" in text
        assert "悪化は" not in text

    def test_sections_that_have_not_answered_are_counted_by_who_enters(self, client, measure):
        section, entering = make_section("総合政策室"), make_section("農林課")
        indicator = make_indicator(section, entered_by=entering)
        make_kpi(measure, indicator)
        make_kpi(measure, indicator)
        client.force_login(make_user(Role.READER))
        response = client.get(URL)
        assert "実績未把握は2件（実1、再掲1）です。" in text_of(response)
        assert "農林課 2件（実1、再掲1）" in text_of(response)
        address = f"{URL}listings/?year=2015&entering={entering.pk}&state=missing"
        assert address in read_page(response).links
        client.force_login(make_user(Role.PLANNING))
        assert "未入力は2件（実1、再掲1）です。" in text_of(client.get(URL))

    def test_what_waits_for_planning_is_counted_zero_included(self, reader, measure):
        kpi = make_kpi(measure, confirmed_at=None, kind="level")
        make_actual(kpi.indicator, 2015, 10)
        text = text_of(reader.get(URL))
        assert "読み方未確認 1件" in text
        assert "基準値未登録 1件" in text
        assert "確定値待ち（速報値） 0件" in text

    def test_a_plan_without_values_opens_with_everything_missing(self, reader):
        strategy = load_city()
        text = text_of(reader.get(f"/strategies/{strategy.code}/"))
        assert "のうち、判定できるものはまだありません。" in text
        assert "改善は0件" not in text
        assert "遅れている指標 判定できる指標は、まだありません。" in text
        assert (
            "実績未把握は49件（実48、再掲1）です。このうち10件（実9、再掲1）は、"
            "上の判定の件数では「判定なし」に含めています。"
        ) in text
        assert "実績未把握 39件" in text


@pytest.mark.slow
class TestQueries:
    """The number of queries does not depend on the amount of data."""

    def make_plan(self, code, size, years):
        strategy = make_strategy(code=code, last_fiscal_year=2014 + years)
        for _ in range(size):
            goal = make_goal(strategy)
            for _ in range(size):
                make_numeric_target(goal)
                measure = make_project(make_measure(goal)).measure
                for _ in range(size):
                    kpi = make_kpi(measure)
                    kpi.yearly_targets.create(fiscal_year=2015, value=1)
                    for year in range(2015, 2015 + years):
                        make_actual(kpi.indicator, year, 10, by=self.planning)

    def count(self, client, path):
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    PATHS = (
        "",
        "?map=years",
        "listings/",
        "listings/?judgement=open",
        "list/",
        "goals/1/",
        "measures/1-ア-1/",
        "kpis/1-ア-1-1/",
        "targets/1-1/",
        "projects/",
    )

    def test_three_times_as_much_needs_no_query_more(self, client):
        self.planning = make_user(Role.PLANNING)
        self.make_plan("small", 1, 2)
        self.make_plan("large", 3, 6)
        client.force_login(make_user(Role.CLERK))
        small, large = (
            {path: self.count(client, f"/strategies/{code}/{path}") for path in self.PATHS}
            for code in ("small", "large")
        )
        assert small == large
        assert max(large.values()) <= 15
