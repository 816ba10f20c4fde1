"""The pages of one 具体的施策 and of all 具体的事業."""

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
    make_project,
    make_strategy,
    make_user,
)
from tests.pages import read_page, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

CITY = "nemuro-2015"
FIRST = "/strategies/plan/measures/1-ア-1/"


@pytest.fixture
def goal(client):
    client.force_login(make_user(Role.READER))
    return make_goal(make_strategy(code="plan"))


def test_a_measure_shows_its_kpis_and_projects(client, goal):
    measure = make_measure(goal, title="相談の場")
    make_actual(make_kpi(measure, name="相談件数").indicator, 2015, 40)
    make_project(measure, category="新規", name="窓口事業", implementer="商工会")
    page = read_page(client.get(FIRST))
    text = " ".join(page.main.split())
    assert page.h1 == ["①相談の場"]
    assert "（ア）暮らしを支える" in text
    assert "相談件数" in text
    assert "◎ 順調" in text
    assert "新規 窓口事業 相談窓口の設置 商工会" in text
    assert "延べ1事業" in text


def test_a_relisted_project_leads_to_its_home(client, goal):
    home = make_project(make_measure(goal), name="窓口事業")
    make_project(make_measure(goal), name="窓口事業", relisted_from=home)
    page = read_page(client.get("/strategies/plan/measures/1-ア-2/?year=2016"))
    assert f"{FIRST}?year=2016#project-1-ア-1-1" in page.links
    assert "project-1-ア-1-1" in read_page(client.get(FIRST)).ids


def test_an_empty_measure_says_that_it_is_empty(client, goal):
    make_measure(goal)
    text = text_of(client.get(FIRST))
    assert "重要業績評価指標（KPI）は登録されていません。" in text
    assert "具体的事業は登録されていません。" in text


def test_measures_follow_one_another_across_goals(client, goal):
    make_measure(goal)
    make_measure(make_goal(goal.strategy))
    assert "/strategies/plan/measures/2-ア-1/?year=2015" in read_page(client.get(FIRST)).links


def test_a_measure_of_a_symbol_in_the_address_is_found_however_it_is_written(client, goal):
    make_measure(goal)
    assert client.get("/strategies/plan/measures/1-%E3%82%A2-1/").status_code == 200


def test_all_projects_are_counted_with_what_is_listed_again(client):
    client.force_login(make_user(Role.READER))
    page = read_page(client.get(f"/strategies/{load_city().code}/projects/"))
    text = " ".join(page.main.split())
    assert "延べ96事業（実88、再掲8）" in text
    assert sum("#project-" in link for link in page.links) == 16  # there and back again
    assert sum(anchor.startswith("project-") for anchor in page.ids) == 96
    text = text_of(client.get(f"/strategies/{CITY}/projects/?by=category"))
    for counted in (
        "継続（空欄）29事業（実26、再掲3）",
        "新規33事業",
        "拡充17事業",
        "民間等17事業",
    ):
        assert counted in text


def projects_page(client, query=""):
    return read_page(client.get(f"/strategies/plan/projects/?year=2016{query}"))


def test_a_home_and_its_relisting_lead_to_one_another(client, goal):
    home = make_project(make_measure(goal), name="窓口事業")
    make_project(make_measure(goal), name="窓口事業", relisted_from=home)
    for page in (
        projects_page(client),
        read_page(client.get(f"{FIRST}?year=2016")),
    ):
        assert "/strategies/plan/measures/1-ア-2/?year=2016#project-1-ア-2-1" in page.links
        assert "再掲：基本目標1（ア）②" in page.main
    page = read_page(client.get("/strategies/plan/measures/1-ア-2/?year=2016"))
    assert "最初に掲げた施策：基本目標1（ア）①" in page.main


def test_relisted_projects_are_shown_everywhere_or_once(client, goal):
    home = make_project(make_measure(goal), name="窓口事業")
    make_project(make_measure(goal), name="窓口事業", relisted_from=home)
    everywhere, once = projects_page(client), projects_page(client, "&relisted=once")
    assert {"project-1-ア-1-1", "project-1-ア-2-1"} <= set(everywhere.ids)
    assert "project-1-ア-2-1" not in once.ids
    assert "再掲の1事業は、最初に掲げた施策だけに表示しています。" in once.main
    assert "この施策の具体的事業は、すべて再掲です。" in once.main
    assert "延べ2事業（実1、再掲1）" in once.main


@pytest.mark.parametrize("by", ["measure", "category", "implementer"])
def test_the_grouping_is_in_the_address_and_keeps_year_and_relistings(client, goal, by):
    make_project(make_measure(goal), implementer="商工会、漁協")
    page = projects_page(client, f"&by={by}&relisted=once")
    path = "/strategies/plan/projects/?year=2016"
    for other in ("measure", "category", "implementer"):
        assert f"{path}&by={other}&relisted=once" in page.links
    assert f"{path}&by={by}&relisted=everywhere" in page.links
    anchors = [link[1:] for link in page.links if link.startswith("#") and link != "#main"]
    assert anchors
    assert set(anchors) <= set(page.ids)


def test_a_project_of_several_implementers_is_listed_under_each(client, goal):
    make_project(make_measure(goal), name="窓口事業", implementer="商工会、漁協")
    page = projects_page(client, "&by=implementer")
    text = " ".join(page.main.split())
    assert "商工会（1事業）" in text
    assert "漁協（1事業）" in text
    assert "複数の主体による事業は、それぞれの主体に掲げています。" in text


def test_a_category_without_projects_says_so(client, goal):
    make_project(make_measure(goal))
    text = projects_page(client, "&by=category").main
    assert "拡充（0事業）" in text
    assert "この区分の具体的事業はありません。" in text


@pytest.mark.parametrize("query", ["&by=colour", "&relisted=<b>twice</b>"])
def test_an_unknown_grouping_offers_the_known_ones(client, goal, query):
    response = client.get(f"/strategies/plan/projects/?year=2016{query}")
    assert response.status_code == 404
    page = read_page(response)
    assert "次のリンクから選び直してください。" in page.main
    assert "/strategies/plan/projects/?year=2016" in page.links
    assert "<b>twice" not in page.html


@pytest.mark.parametrize(
    "path", ["measures/1-ア-1/", "projects/", "projects/?by=implementer", "goals/1/"]
)
def test_the_number_of_queries_does_not_grow_with_the_plan(
    client, goal, path, django_assert_num_queries
):
    url = f"/strategies/plan/{path}"
    home = make_project(make_kpi(make_measure(goal)).measure)
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for _ in range(3):
        measure = make_kpi(make_measure(goal)).measure
        make_actual(make_kpi(home.measure).indicator, 2015, 40)
        make_project(measure, relisted_from=home, implementer="商工会")
    with django_assert_num_queries(len(few)):
        client.get(url)


def test_a_measure_says_first_what_lags_and_why(client, goal):
    kpi = make_kpi(make_measure(goal), name="相談件数")
    make_actual(kpi.indicator, 2015, 10, remarks="台風のため。")
    make_actual(make_kpi(kpi.measure, name="講座数").indicator, 2015, 60)
    text = text_of(client.get(f"{FIRST}?year=2015"))
    assert "遅れている指標（1件） 相談件数 △ やや遅れ" in text.replace("× 遅れ", "△ やや遅れ")
    assert (
        text.index("年度ごとの進み方")
        < text.index("講座数 ◎ 順調")
        < text.index("備考 台風のため。")
    )
    assert client.get(FIRST).content.decode().count('class="plot degrees"') == 2


def test_a_plan_without_projects_says_so(client, goal):
    assert "具体的事業は登録されていません。" in text_of(client.get("/strategies/plan/projects/"))
