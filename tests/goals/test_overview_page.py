"""The overview of a year."""

from decimal import Decimal

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
    make_strategy,
    make_user,
    make_values,
)
from tests.pages import read_page, text_of

pytestmark = pytest.mark.django_db

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


def test_a_row_shows_value_path_target_the_deciding_figure_and_the_status(reader, measure):
    fertility = make_indicator(unit="", decimals=2)
    make_kpi(
        measure,
        fertility,
        name="合計特殊出生率",
        sentence="５年で１．４９とし０．１２ポイント向上",
        kind="level",
        target=Decimal("1.49"),
        baseline=Decimal("1.37"),
        baseline_kind="measured",
    )
    make_actual(fertility, 2017, "1.43", provisional=True)
    text = text_of(reader.get(URL))
    row = text[text.index("合計特殊出生率") :]
    assert row.startswith(
        "合計特殊出生率５年で１．４９とし０．１２ポイント向上 1.43速報値未確認 1.442 1.49 "
        "計画比 83.3％ ○ おおむね順調"
    )


def test_it_begins_with_one_sentence_of_counts(reader, measure):
    first, second = make_kpi(measure), make_kpi(measure)
    make_numeric_target(measure.group.goal, first.indicator)
    make_actual(first.indicator, 2015, 40)
    make_actual(second.indicator, 2015, 10)
    assert "3指標（実2、再掲1）のうち、達成・順調は2件、遅れ・未達成は1件です。" in text_of(
        reader.get(URL)
    )


def test_an_indicator_listed_again_is_marked(reader, measure):
    kpi = make_kpi(measure)
    make_kpi(measure, kpi.indicator)
    page = read_page(reader.get(URL))
    assert page.html.count('<span class="tag">再掲</span>') == 1


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


def test_an_unconfirmed_reading_shows_its_value_unjudged(reader, measure):
    kpi = make_kpi(measure, confirmed_at=None)
    make_actual(kpi.indicator, 2015, 123)
    text = text_of(reader.get(URL))
    assert "123人" in text
    assert "判定なし（読み方未確認）" in text


def test_words_and_marks_are_those_of_the_plan(reader, measure):
    strategy = measure.strategy
    strategy.labels, strategy.marks = {"on_track": "計画どおり"}, {"good": "☆"}
    strategy.save()
    make_actual(make_kpi(measure).indicator, 2015, 40)
    assert "☆ 計画どおり" in text_of(reader.get(URL))


def test_what_people_typed_is_never_markup(reader, measure):
    make_kpi(measure, name="<b>太字</b>", sentence="５年で<i>１件</i>")
    strategy = measure.strategy
    strategy.note = "<script>alert(1)</script>"
    strategy.save()
    html = reader.get(URL).content.decode()
    assert "<b>太字" not in html
    assert "<i>１件" not in html
    assert "<script" not in html


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


def test_the_real_plan_has_all_its_listings_in_at_most_sixty_kilobytes(reader):
    strategy = load_city()
    make_values(strategy)
    response = reader.get(f"/strategies/{strategy.code}/")
    assert len(response.content) <= 60_000
    page = read_page(response)
    assert sum("/kpis/" in link for link in page.links) == 39
    assert sum("/targets/" in link for link in page.links) == 10
    assert "49指標（実48、再掲1）のうち" in page.main


class TestQueries:
    """The number of queries does not depend on how much there is."""

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

    @pytest.mark.parametrize(
        "path",
        [
            "",
            "list/",
            "goals/1/",
            "measures/1-ア-1/",
            "kpis/1-ア-1-1/",
            "targets/1-1/",
            "projects/",
        ],
    )
    def test_three_times_as_much_needs_no_query_more(self, client, path):
        self.planning = make_user(Role.PLANNING)
        self.make_plan("small", 1, 2)
        self.make_plan("large", 3, 6)
        client.force_login(make_user(Role.CLERK))
        small = self.count(client, f"/strategies/small/{path}")
        large = self.count(client, f"/strategies/large/{path}")
        assert small == large <= 15
