"""The year as one document: all that the plan has, in a number of queries that does not grow."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from goals.models import Strategy
from plans.pages import READERS_WORDS
from plans.tree import read_tree
from reports.year_document import year_document
from tests.factories import (
    load_city,
    make_actual,
    make_goal,
    make_kpi,
    make_measure,
    make_numeric_target,
    make_project,
    make_strategy,
    make_user,
    make_values,
)
from tests.pages import read_page, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.files]

URL = "/strategies/nemuro-2015/print/"


@pytest.fixture
def nemuro() -> Strategy:
    strategy = load_city()
    make_values(strategy)
    return strategy


def queries(client, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(url).status_code == 200
    return len(asked)


def test_the_document_has_every_listing_project_and_definition(client, nemuro):
    client.force_login(make_user(Role.READER))
    response = client.get(f"{URL}?year=2017")
    text = text_of(response)
    tree = read_tree(nemuro.code, 2017, words=READERS_WORDS)
    assert read_page(response).h1 == ["平成30年度 効果検証（平成29年度実績）"]
    for listing in tree.listings:
        assert listing.name in text
        assert listing.sentence in text
        assert listing.assessment.explanation in text
    for project in tree.projects:
        assert project.name in text
    assert "49件（実48、再掲1）" in text
    assert "付録2 指標の定義" in text
    assert text.count("読み方を確認していないため、判定していません") >= 1


def test_each_part_is_counted_and_the_counts_add_up(nemuro):
    document = year_document(read_tree(nemuro.code, 2017))
    assert [goal.count.total for goal in document.goals] == [15, 24, 10]
    count = document.summary.whole.count
    assert sum(goal.count.total for goal in document.goals) == count.total == 49
    assert len(document.indicators) == count.distinct == 48
    for goal in document.goals:
        parts = len(goal.targets) + sum(len(measure.kpis) for measure in goal.measures)
        assert parts == goal.count.total == sum(len(rows) for _, rows in goal.table)
        assert sum(band.count.total for band in goal.bands) == goal.count.total
    assert dict(document.numbers)["具体的事業"] == "延べ96事業（実88、再掲8）"


def test_the_thresholds_are_those_of_the_plan(nemuro):
    Strategy.objects.update(on_track=95, mostly_on_track="72.5")
    document = year_document(read_tree(nemuro.code, 2017))
    assert "95％以上、72.5％以上、50％以上、それ未満の4段階です" in document.thresholds


def test_the_number_of_queries_does_not_grow_with_the_plan(client):
    strategy = make_strategy(code="plan")
    client.force_login(make_user(Role.READER))

    def add() -> None:
        goal = make_goal(strategy)
        make_numeric_target(goal)
        make_actual(make_kpi(make_project(make_measure(goal)).measure).indicator)

    add()
    client.get("/strategies/plan/print/")
    first = queries(client, "/strategies/plan/print/")
    for _ in range(4):
        add()
    assert queries(client, "/strategies/plan/print/") == first


@pytest.mark.parametrize("year", [2015, 2017, 2019])
def test_every_year_and_a_plan_without_values_can_be_printed(client, year):
    load_city()
    client.force_login(make_user(Role.READER))
    page = read_page(client.get(f"{URL}?year={year}"))
    assert "49指標（実48、再掲1）" in page.main


def test_a_plan_without_goals_says_so(client):
    make_strategy(code="plan")
    client.force_login(make_user(Role.READER))
    text = text_of(client.get("/strategies/plan/print/"))
    assert "指標はまだ登録されていません。" in text
    assert "指標は登録されていません。" in text


def test_strangers_log_in_and_users_without_a_role_are_refused(client, nemuro):
    assert client.get(URL).status_code == 302
    client.force_login(make_user(None))
    assert client.get(URL).status_code == 403


@pytest.mark.parametrize("goal", [1, 2, 3])
def test_a_goal_is_printed_alone(client, nemuro, goal):
    client.force_login(make_user(Role.READER))
    text = text_of(client.get(f"{URL}?year=2017&goal={goal}"))
    tree = read_tree(nemuro.code, 2017)
    for node in tree.goals:
        assert (f"{node.position} {node.title}" in text) == (node.position == goal)


def test_the_overview_leads_to_the_document_of_its_year(client, nemuro):
    client.force_login(make_user(Role.READER))
    links = read_page(client.get("/strategies/nemuro-2015/?year=2016")).links
    assert f"{URL}?year=2016" in links


def test_the_years_around_the_plan_are_printed_but_no_draft_and_with_one_query_more(client):
    strategy = make_strategy(code="plan")
    measured = {"kind": "level", "baseline": Decimal(150), "baseline_kind": "measured"}
    kpi = make_kpi(make_measure(make_goal(strategy)), **measured)
    for year in (2013, 2014, 2015):
        make_actual(kpi.indicator, year, 140)
    client.force_login(make_user(Role.PLANNING))
    alone = queries(client, "/strategies/plan/print/")
    years = {"first_fiscal_year": 2020, "last_fiscal_year": 2024}
    plan = make_strategy(title="次の総合戦略", state="draft", **years)
    make_numeric_target(make_goal(plan), kpi.indicator, **measured)
    text = text_of(client.get("/strategies/plan/print/"))
    assert "計画期間の外の値：平成25年度（2013） 140人、平成26年度（2014） 140人" in text
    assert "次の総合戦略の目標値" not in text
    plan.state = "running"
    plan.save()
    assert "次の総合戦略の目標値 200人（令和6年度）" in text_of(
        client.get("/strategies/plan/print/")
    )
    assert queries(client, "/strategies/plan/print/") == alone + 1
