"""The pages of one 具体的施策 and of all 具体的事業."""

import pytest

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

pytestmark = pytest.mark.django_db

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
    assert "重要業績評価指標は登録されていません。" in text
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
    assert sum("#project-" in link for link in page.links) == 8
    assert sum(anchor.startswith("project-") for anchor in page.ids) == 96
    for category in ("新規", "拡充", "民間等", "継続（空欄）"):
        assert category in text


def test_a_plan_without_projects_says_so(client, goal):
    assert "具体的事業は登録されていません。" in text_of(client.get("/strategies/plan/projects/"))
