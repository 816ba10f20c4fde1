"""図表集: every chart of a plan on one page."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from tests.factories import (
    load_city,
    make_actual,
    make_goal,
    make_kpi,
    make_measure,
    make_numeric_target,
    make_strategy,
    make_user,
    make_values,
)
from tests.pages import read_page, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

PAPER = "/strategies/plan/charts/"


@pytest.fixture
def goal(client):
    client.force_login(make_user(Role.READER))
    strategy = make_strategy(code="plan", title="見本市総合戦略", invented=True)
    return make_goal(strategy, title="豊かな海をつくる")


def test_each_listing_has_its_chart_with_name_sentence_and_judgement(client, goal):
    make_actual(
        make_numeric_target(goal, name="漁業者数", sentence="２００人").indicator, 2016, 190
    )
    make_kpi(make_measure(goal), name="体験の参加者数")
    make_goal(goal.strategy, title="何もない目標")
    page = read_page(client.get(f"{PAPER}?year=2016"))
    text = " ".join(page.main.split())
    assert page.h1 == ["図表集　平成29年度 効果検証（平成28年度実績）"]
    assert "①漁業者数 ２００人 ◎" in text
    assert "体験の参加者数" in text
    assert "何もない目標" not in text
    assert "【試用環境です。実績値は架空のものです。】" in text
    assert page.html.count('<figure class="chart">') == 2
    assert len(page.ids) == len(set(page.ids))
    assert "/strategies/plan/targets/1-1/?year=2016" in page.links


@pytest.mark.slow
def test_a_real_plan_has_all_its_charts_once_each(client):
    client.force_login(make_user(Role.READER))
    make_values(load_city())
    html = client.get("/strategies/nemuro-2015/charts/?year=2017").content.decode()
    assert html.count('<figure class="chart">') == 49
    assert html.count('class="wide"') == 0
    assert len(html.encode()) < 260_000


def test_a_goal_can_be_taken_alone(client, goal):
    make_numeric_target(goal, name="漁業者数")
    make_numeric_target(make_goal(goal.strategy), name="移住者数")
    text = text_of(client.get(f"{PAPER}?year=2016&goal=2"))
    assert "移住者数" in text
    assert "漁業者数" not in text


def test_an_empty_plan_says_that_it_is_empty(client, goal):
    assert "指標は登録されていません。" in text_of(client.get(PAPER))


def test_the_number_of_queries_does_not_grow_with_the_plan(client, goal, django_assert_num_queries):
    make_strategy(code="other", first_fiscal_year=2020, last_fiscal_year=2024)
    make_actual(make_numeric_target(goal).indicator, 2016, 190)
    make_kpi(make_measure(goal))
    client.get(PAPER)
    with CaptureQueriesContext(connection) as few:
        client.get(PAPER)
    for _ in range(4):
        make_actual(make_numeric_target(goal).indicator, 2016, 190)
        make_kpi(make_measure(make_goal(goal.strategy)))
    with django_assert_num_queries(len(few)):
        client.get(PAPER)


@pytest.mark.parametrize("path", ["", "goals/1/"])
def test_pages_link_to_it(client, goal, path):
    make_numeric_target(goal)
    [link] = [
        link
        for link in read_page(client.get(f"/strategies/plan/{path}?year=2016")).links
        if "/charts/" in link
    ]
    assert link == f"{PAPER}?year=2016" + ("&goal=1" if path else "")
    response = client.get("/strategies/plan/reports/?year=2016&goal=1&file=chart_collection")
    assert response.url == f"{PAPER}?year=2016&goal=1"
