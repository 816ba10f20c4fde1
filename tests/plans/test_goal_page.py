"""The page of one 基本目標."""

import pytest

from accounts.roles import Role
from tests.factories import (
    make_actual,
    make_goal,
    make_kpi,
    make_measure,
    make_numeric_target,
    make_project,
    make_strategy,
    make_user,
)
from tests.pages import read_page, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def strategy(client):
    client.force_login(make_user(Role.READER))
    strategy = make_strategy(code="plan")
    for number in (1, 2, 3):
        make_goal(strategy, title=f"目標の名{number}")
    return strategy


def test_it_shows_targets_and_measures_with_their_counts(client, strategy):
    goal = strategy.goals.get(position=1)
    make_numeric_target(goal, name="人口")
    measure = make_measure(goal, title="相談の場")
    kpi = make_kpi(measure)
    home = make_project(measure)
    make_project(measure, relisted_from=home)
    make_actual(kpi.indicator, 2015, 40)
    page = read_page(client.get("/strategies/plan/goals/1/"))
    text = " ".join(page.main.split())
    assert page.h1 == ["基本目標1 目標の名1"]
    assert "2指標のうち、達成・順調は1件です。判定していないものが1件あります。" in text
    assert "①人口" in text
    assert "（ア）暮らしを支える" in text
    assert "①相談の場" in text
    assert "延べ2事業（実1、再掲1）" in text
    assert "/strategies/plan/measures/1-ア-1/?year=2015" in page.links


def test_it_leads_up_and_to_its_neighbours(client, strategy):
    def links(position):
        page = read_page(client.get(f"/strategies/plan/goals/{position}/?year=2016"))
        return [link for link in page.links if "/goals/" in link and f"/{position}/" not in link]

    assert links(1) == ["/strategies/plan/goals/2/?year=2016"]
    assert links(2) == [
        "/strategies/plan/goals/1/?year=2016",
        "/strategies/plan/goals/3/?year=2016",
    ]
    assert links(3) == ["/strategies/plan/goals/2/?year=2016"]


def test_an_empty_goal_says_that_it_is_empty(client, strategy):
    page = read_page(client.get("/strategies/plan/goals/1/"))
    assert "数値目標は登録されていません。" in page.main
    assert "具体的施策は登録されていません。" in page.main


def test_the_panels_come_first_then_what_lags_and_why(client, strategy):
    goal = strategy.goals.get(position=1)
    late = make_numeric_target(goal, name="移住者数")
    make_actual(late.indicator, 2015, 10, remarks="台風のため。")
    good = make_kpi(make_measure(goal), name="相談件数")
    make_actual(good.indicator, 2015, 60)
    response = client.get("/strategies/plan/goals/1/?year=2015")
    text = text_of(response)
    panels, trouble = text.index("年度ごとの進み方"), text.index("遅れている指標（1件）")
    assert panels < text.index("①移住者数") < text.index("相談件数") < trouble
    assert trouble < text.index("備考 台風のため。")
    assert response.content.decode().count('class="plot degrees"') == 2
    assert "/strategies/plan/kpis/1-ア-1-1/?year=2015" in read_page(response).links


def test_where_nothing_lags_it_says_so(client, strategy):
    target = make_numeric_target(strategy.goals.get(position=1))
    assert "判定できる指標は、まだありません。" in text_of(client.get("/strategies/plan/goals/1/"))
    make_actual(target.indicator, 2015, 100)
    assert "遅れている指標はありません。" in text_of(client.get("/strategies/plan/goals/1/"))
