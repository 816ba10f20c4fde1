"""導入のはじめに: what is done, what comes next, and when it is no longer needed."""

import re

import pytest
from django.test import Client

from accounts.first_passwords import give, state_of
from accounts.models import Section
from accounts.roles import Role
from goals.models import Strategy
from indicators.models import FiscalYear, Indicator
from start.example import EXAMPLE_CODE, EXAMPLE_SECTION, load_example
from start.steps import STEPS, SetupStep, first_year, is_set_up, plan_links, register
from tests.factories import (
    load_city,
    make_actual,
    make_fiscal_year,
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_section,
    make_strategy,
    make_user,
)
from tests.html import form_data
from tests.pages import text_of
from tests.quick_city import write_quickly
from trail.events import Event
from trail.installation import Installation

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.stories]

PASSWORD = "kani-to-sanma-2015"
CITY = {"city": "○○市", "city_code": "012238", "planning_office": "企画課"}


@pytest.fixture
def planning():
    return make_user(Role.PLANNING, full_name="企画 一郎", password=PASSWORD)


@pytest.fixture(autouse=True)
def logged_in(client, planning):
    client.force_login(planning)


@pytest.fixture
def example(planning) -> None:
    """The example of a plan, loaded as its button does."""
    write_quickly(load_example, users=[planning])


def titles(client) -> list[tuple[str, bool]]:
    return [(step.title, step.is_done) for step in client.get("/start/").context["steps"]]


def following(client) -> str | None:
    step = client.get("/start/").context["following"]
    return step and step.title


def test_the_steps_follow_each_other_to_the_end(client):
    """Take each step by storing what its pages would store."""
    assert client.get("/").url == "/start/"
    assert following(client) == "市町村と企画担当"
    client.post("/start/city/", CITY)
    assert following(client) == "担当課と利用者"
    clerk = make_user(Role.CLERK, make_section("水産課"))
    assert following(client) == "初回のパスワード"
    give({clerk.pk: state_of(clerk)})
    assert following(client) == "計画"
    strategy = make_strategy(title="○○市総合戦略", state="draft")
    text = text_of(client.get("/start/"))
    assert "「○○市総合戦略」は作成中です" in text
    assert following(client) == "計画"
    Strategy.objects.filter(pk=strategy.pk).update(state="running")
    assert following(client) == "最初の年度"
    assert "導入のはじめに（済んでいないこと）" in text_of(client.get("/"))
    year = make_fiscal_year(2017, is_open=False)
    assert "受付は、まだ開始していません" in text_of(client.get("/start/"))
    assert not is_set_up()
    year.entry_is_open = True
    year.save()
    assert following(client) is None
    assert "すべて済みました" in text_of(client.get("/start/"))
    assert "導入のはじめに" not in text_of(client.get("/"))


def test_a_year_outside_of_the_plan_is_not_the_first_year(client):
    """Nobody can enter anything in a year that no plan covers, opened or not."""
    make_strategy(title="○○市総合戦略")
    make_user(Role.CLERK, make_section("水産課"))
    make_fiscal_year(2030)
    assert dict(titles(client))["最初の年度"] is False
    assert "令和12年度（2030）は、実施中の計画の期間に入っていません" in text_of(
        client.get("/start/")
    )
    assert "導入のはじめに（済んでいないこと）" in text_of(client.get("/"))
    year = make_fiscal_year(2016, is_open=False)
    assert "平成28年度（2016）を作りました" in text_of(client.get("/start/"))
    year.entry_is_open = True
    year.save()
    assert dict(titles(client))["最初の年度"] is True


def test_a_year_of_the_example_is_not_the_first_year(client, example):
    Strategy.objects.update(state="running")
    make_fiscal_year(2016)
    assert dict(titles(client))["最初の年度"] is False


def test_an_installation_from_before_the_list_is_set_up(client):
    make_strategy()
    make_user(Role.CLERK)
    make_fiscal_year(2017)
    assert is_set_up()
    assert "導入のはじめに" not in text_of(client.get("/"))


@pytest.mark.parametrize("role", [Role.CLERK, Role.HEAD, Role.READER, Role.AUDITOR])
def test_others_are_told_to_wait(client, role):
    client.force_login(make_user(role, make_section()))
    assert "表示できる総合戦略がまだありません" in text_of(client.get("/"))
    assert client.get("/start/").status_code == 403


def test_the_city_is_checked_logged_and_seen_where_there_is_no_plan(client, planning):
    text = text_of(client.post("/start/city/", CITY | {"city_code": "012237"}))
    assert "検査数字" in text
    assert "012237" in text
    text = text_of(client.post("/start/city/", {}))
    for label in ("市町村名", "団体コード", "企画担当の名称"):
        assert f"{label}を入力してください。" in text
    text = text_of(client.post("/start/city/", CITY | {"city": "市" * 41}))
    assert "41文字あります。40文字以内にしてください。" in text
    assert not Installation.objects.exists()

    client.post("/start/city/", CITY | {"city_code": "０１２２３－８ "})
    known = Installation.objects.get()
    assert (known.city, known.city_code, known.planning_office) == tuple(CITY.values())
    event = Event.objects.get(kind="setting")
    assert event.by == planning
    assert "団体コード：012238" in event.detail
    assert "<span>○○市</span>総合戦略の進捗管理" in client.get("/start/").content.decode()
    client.post("/start/city/", CITY)
    assert Event.objects.filter(kind="setting").count() == 1


def test_a_concurrent_registration_is_not_overwritten(client, planning):
    Installation.objects.create(**CITY)
    form = form_data(client.get("/start/city/").content.decode())
    other = Client()
    other.force_login(make_user(Role.PLANNING, full_name="企画 二郎"))
    other.post("/start/city/", form | {"planning_office": "総合政策室"})
    response = client.post("/start/city/", form | {"city": "△△市"}, follow=True)
    assert re.search("企画担当の名称「総合政策室」（[^（）]*に企画 二郎）", text_of(response))
    known = Installation.objects.get()
    assert (known.city, known.planning_office) == ("△△市", "総合政策室")
    response = client.post("/start/city/", form | {"planning_office": "財政課"})
    assert "に企画 二郎が「総合政策室」に変更しました。" in text_of(response)
    assert Installation.objects.get().planning_office == "総合政策室"


def test_a_new_plan_begins_with_the_city(client):
    Installation.objects.create(**CITY)
    page = client.get("/admin/goals/strategy/add/").content.decode()
    assert 'value="○○市"' in page
    assert 'value="012238"' in page


def test_the_workbook_of_a_plan_is_offered_first(client, planning):
    address = plan_links()[0].address
    assert address == "/plan-workbook/"
    assert "計画様式で登録する" in client.get("/start/").text
    assert client.get(address).status_code == 200


# The example


def test_the_example_is_a_draft_and_clearly_one(client, planning):
    make_section("水産課")
    client.post("/start/example/")
    plan = Strategy.objects.get()
    assert (plan.code, plan.title) == (EXAMPLE_CODE, "（例）根室市創生総合戦略")
    assert plan.is_draft
    assert plan.history.filter(history_user=planning).exists()
    assert set(Section.objects.values_list("name", flat=True)) == {"水産課", EXAMPLE_SECTION}
    assert not Indicator.objects.exclude(code__startswith="example-").exists()
    assert not Indicator.objects.exclude(section__name=EXAMPLE_SECTION).exists()
    assert "（例）根室市創生総合戦略" in text_of(client.get(f"/strategies/{EXAMPLE_CODE}/"))
    assert dict(titles(client))["計画"] is False
    assert "例の計画を削除する" in text_of(client.get("/start/"))


@pytest.mark.both_databases
def test_the_example_goes_with_all_that_came_with_it(client):
    section = make_section("水産課")
    client.post("/start/example/")
    response = client.post("/start/example/remove/", follow=True)
    assert "例の計画と、例の指標、担当課を削除しました" in text_of(response)
    assert not Strategy.objects.exists()
    assert not Indicator.objects.exists()
    assert Section.objects.get() == section


@pytest.mark.both_databases
def test_an_example_with_values_is_not_deleted(client, example):
    Strategy.objects.update(state="running")
    make_actual(Indicator.objects.first(), 2017)
    count = Indicator.objects.count()
    response = client.post("/start/example/remove/", follow=True)
    assert "例を削除できません" in response.content.decode()
    assert Strategy.objects.exists()
    assert Indicator.objects.count() == count


@pytest.mark.parametrize("state", ["draft", "running"])
def test_the_example_can_be_deleted_when_there_is_another_plan(client, example, state):
    plan = make_strategy(state=state)
    text = text_of(client.get("/start/"))
    assert "例の計画を見る" in text
    assert "例の計画を削除する" in text
    client.post("/start/example/remove/")
    assert Strategy.objects.get() == plan
    client.get("/start/")  # says that it is deleted
    assert "例の計画" not in text_of(client.get("/start/"))


def test_what_is_left_of_an_example_can_be_deleted(client, example):
    Strategy.objects.get().delete()
    assert "例の計画を見る" not in text_of(client.get("/start/"))
    assert "例の計画を削除する" in text_of(client.get("/start/"))
    client.post("/start/example/remove/")
    assert not Indicator.objects.exists()
    assert not Section.objects.filter(name=EXAMPLE_SECTION).exists()


@pytest.mark.parametrize(
    ("use", "said"),
    [
        ("user", "利用者「見本 花子」の担当課が「（例）担当課」です。担当課を直してください。"),
        ("indicator", "指標「待機児童数」の担当課が「（例）担当課」です。"),
        ("value", "に、実績値があります。"),
        ("listing", "が、「○○市総合戦略」に載っています。"),
    ],
)
def test_what_depends_on_the_example_is_named(client, example, use, said):
    section = Section.objects.get(name=EXAMPLE_SECTION)
    plan = make_strategy(title="○○市総合戦略", state="draft")
    if use == "user":
        make_user(Role.CLERK, section, full_name="見本 花子")
    elif use == "indicator":
        make_indicator(section, name="待機児童数")
    elif use == "value":
        make_actual(Indicator.objects.first(), 2017)
    else:
        make_kpi(make_measure(make_goal(plan)), Indicator.objects.first())
    count = Indicator.objects.count()
    response = client.post("/start/example/remove/", follow=True)
    assert "例を削除できません。何も変えていません。" in text_of(response)
    assert said in text_of(response)
    assert Indicator.objects.count() == count
    assert Strategy.objects.count() == 2


def test_the_example_is_not_added_to_an_existing_plan(client):
    plan = make_strategy(state="draft")
    response = client.post("/start/example/", follow=True)
    assert "例は読み込みません" in text_of(response)
    assert Strategy.objects.get() == plan


def test_the_plan_of_the_city_can_be_added_to_the_example(client, example):
    load_city("nemuro_2015")
    assert Strategy.objects.count() == 2
    assert dict(titles(client))["計画"] is True
    assert not FiscalYear.objects.exists()


def test_an_example_that_cannot_be_loaded_changes_nothing(client):
    make_section("(例)担当課")
    response = client.post("/start/example/", follow=True)
    assert "例を読み込めません。何も変えていません。" in response.content.decode()
    assert not Strategy.objects.exists()
    assert not Indicator.objects.exists()


def test_another_app_can_add_a_step(client, monkeypatch):
    monkeypatch.setattr("start.steps.STEPS", [*STEPS])
    register(
        lambda request: SetupStep("計画様式", False, "様式を読み込みます。"), before=first_year
    )
    assert [title for title, _ in titles(client)][-2:] == ["計画様式", "最初の年度"]
