"""The page to choose a report: its options, links and error messages."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from indicators.plan_words import STANDARD_WORDS
from reports.report_choice import FIXED, OFFERED, offers_in
from tests.factories import (
    make_actual,
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_section,
    make_strategy,
    make_user,
)
from tests.pages import read_page, text_of
from trail.events import Event

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.files]

URL = "/strategies/plan/reports/"
LISTINGS = "/strategies/plan/listings/?year=2016"


@pytest.fixture
def plan(client):
    """Two goals: 水産課 has a KPI of the first, スポーツ課 one of the second."""
    client.force_login(make_user(Role.READER))
    strategy = make_strategy(code="plan", title="見本市総合戦略", invented=True)
    for name in ("水産課", "スポーツ課"):
        kpi = make_kpi(make_measure(make_goal(strategy)), make_indicator(make_section(name)))
    make_actual(kpi.indicator, 2016)
    return strategy


def test_the_short_address_leads_to_the_newest_plan(client, plan):
    make_strategy(code="old", first_fiscal_year=2010, last_fiscal_year=2014)
    assert client.get("/reports/").url == URL


def test_without_a_plan_it_leads_to_the_first_page(client):
    client.force_login(make_user())
    assert client.get("/reports/").url == "/"


def test_an_unknown_plan_is_not_found(client, plan):
    response = client.get("/strategies/nowhere/reports/")
    assert response.status_code == 404
    assert "「nowhere」という総合戦略は登録されていません。" in text_of(response)


def test_it_begins_with_everything_of_the_newest_year_with_values(client, plan):
    response = client.get(URL)
    assert "平成29年度 効果検証（平成28年度実績） すべて：2指標、延べ0事業" in text_of(response)
    assert '<option value="2016" selected>' in response.content.decode()


def test_every_offer_has_a_button_and_says_what_it_is_for(client, plan):
    client.force_login(make_user(Role.PLANNING))
    response = client.get(URL)
    html, text = " ".join(response.content.decode().split()), text_of(response)
    for offer in offers_in(STANDARD_WORDS):
        assert offer.purpose in text
    for name in OFFERED:
        assert f'name="file" value="{name}"' in html


@pytest.mark.parametrize("name", sorted(OFFERED))
def test_every_button_leads_to_what_was_chosen(client, plan, name):
    client.force_login(make_user(Role.PLANNING))
    asked = {"year": "2017", "goal": "1", "section": "水産課", "file": name}
    response = client.get(URL, asked)
    assert response.status_code == 302
    assert "goal=1&section=%E6%B0%B4" in response.url
    assert "2017" in response.url
    assert client.get(response.url).status_code == 200


def test_the_fixed_addresses_are_links(client, plan):
    links = read_page(client.get(f"{URL}?year=2017")).links
    assert "/strategies/plan/data/2017.csv" in links
    assert "/strategies/plan/data/metadata.csv" in links
    found = [link for link in links if "/data/" in link]
    assert len(found) == len(FIXED)
    for link in found:
        assert client.get(link).status_code == 200


def test_it_counts_what_is_chosen(client, plan):
    text = text_of(client.get(URL, {"year": "2016", "section": "水産課"}))
    assert "担当課：水産課：1指標" in text


@pytest.mark.parametrize(
    ("asked", "message", "field"),
    [
        ({"year": "2031"}, "対象年度「2031」は一覧にありません", "id_year"),
        ({"year": "いつか"}, "対象年度「いつか」は一覧にありません", "id_year"),
        (
            {"as_of": "2018-13-40"},
            "いつの時点のデータか「2018-13-40」という日はありません",
            "id_as_of",
        ),
        ({"as_of": "2199-01-01"}, "は、まだ来ていません", "id_as_of"),
        ({"as_of": "1999-01-01"}, "まだ登録されていませんでした", "id_as_of"),
        ({"goal": "9"}, "見本市総合戦略に、基本目標9はありません。選び直してください。", "id_goal"),
        ({"goal": "ア"}, "基本目標を一覧から選び直してください。", "id_goal"),
        ({"section": "夢想課"}, "「夢想課」が担当する指標はありません", "id_section"),
        ({"goal": "1", "section": "スポーツ課"}, "の基本目標1に、「スポーツ課」が", "id_section"),
    ],
)
def test_a_mistake_is_named_and_what_was_typed_stays(client, plan, asked, message, field):
    response = client.get(URL, {**asked, "file": "data_csv"})
    assert response.status_code == 200
    page = read_page(response)
    assert page.title.startswith("エラー：")
    assert message in " ".join(page.main.split())
    assert f"#{field}" in page.links
    for value in asked.values():
        assert f'value="{value}"' in page.html
    assert not Event.objects.filter(kind=Event.Kind.EXPORT).exists()


def test_what_is_not_offered_is_not_given(client, plan):
    assert client.get(URL, {"file": "login"}).status_code == 200


def test_another_plan_is_a_link(client, plan):
    make_strategy(code="old", first_fiscal_year=2010, last_fiscal_year=2014)
    assert "/strategies/old/reports/" in read_page(client.get(URL)).links


def test_the_number_of_queries_does_not_grow_with_the_plan(client, plan):
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.get(URL, {"year": "2017"})
        counts.append(len(queries))
        for _ in range(3):
            make_actual(make_kpi(make_measure(make_goal(plan))).indicator, 2016)
    assert counts[0] == counts[1]


# The links of progress pages


@pytest.mark.parametrize(
    ("path", "goal", "text"),
    [
        ("", "", "検証報告書をExcelで受け取る"),
        ("list/", "", "検証報告書をExcelで受け取る"),
        ("projects/", "", "検証報告書をExcelで受け取る"),
        ("goals/2/", "&goal=2", "基本目標2の検証報告書をExcelで受け取る"),
        ("measures/2-ア-1/", "&goal=2", "基本目標2の検証報告書をExcelで受け取る"),
        ("kpis/2-ア-1-1/", "&goal=2", "基本目標2の検証報告書をExcelで受け取る"),
        ("kpis/2-ア-1-1/values/2016/", "&goal=2", "基本目標2の検証報告書をExcelで受け取る"),
    ],
)
def test_every_progress_page_leads_to_its_report(client, plan, path, goal, text):
    page = read_page(client.get(f"/strategies/plan/{path}?year=2016"))
    workbook = reverse("year_workbook", args=["plan"])
    assert f"{workbook}?year=2016{goal}" in page.links
    assert f"{URL}?year=2016{goal}" in page.links
    assert text in page.main
    assert client.get(f"{workbook}?year=2016{goal}").status_code == 200


def test_the_listings_of_a_section_lead_to_its_report(client, plan):
    section = make_section("水産課")
    for condition in ("section", "entering"):
        page = read_page(client.get(f"{LISTINGS}&{condition}={section.pk}"))
        workbook = f"/strategies/plan/workbook/?year=2016&section={section.pk}"
        assert "水産課の検証報告書をExcelで受け取る" in page.main
        assert workbook in page.links
        assert client.get(workbook).status_code == 200
        choice = text_of(client.get(f"{URL}?year=2016&section={section.pk}"))
        assert "担当課：水産課：1指標" in choice


def test_the_listings_of_a_section_and_a_goal_lead_to_the_report_on_both(client, plan):
    section = make_section("水産課")
    page = read_page(client.get(f"{LISTINGS}&goal=1&section={section.pk}"))
    assert f"/strategies/plan/workbook/?year=2016&goal=1&section={section.pk}" in page.links
    assert "基本目標1の水産課の検証報告書をExcelで受け取る" in page.main
