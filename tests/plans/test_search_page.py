"""The page that searches a plan, and the field in the head of every page."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from tests.factories import load_city, make_goal, make_kpi, make_measure, make_strategy, make_user
from tests.pages import read_page, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

URL = "/strategies/plan/search/"


@pytest.fixture(autouse=True)
def plan():
    strategy = make_strategy(code="plan", title="見本市総合戦略")
    make_kpi(make_measure(make_goal(strategy)), name="<b>ＵＩターン</b>の人数")
    return strategy


@pytest.fixture
def reader(client):
    client.force_login(make_user(Role.READER))
    return client


def test_what_is_found_is_marked_and_keeps_year_and_day(reader):
    response = reader.get(URL, {"q": "uiたーん", "year": "2016"})
    page = read_page(response)
    assert page.title.startswith("検索「uiたーん」")
    assert "&lt;b&gt;<mark>ＵＩターン</mark>&lt;/b&gt;" in page.html
    assert "「uiたーん」は、1件見つかりました。" in page.main
    assert "/strategies/plan/kpis/1-ア-1-1/?year=2016" in page.links
    assert 'value="uiたーん"' in page.html


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "探すことばを入力してください。"),
        ("漁獲", "「漁獲」は見つかりませんでした。 ことばを短くするか、"),
        ("ー", "「ー」では探せません。文字か数字を含むことばを入力してください。"),
        ("<i>", "「<i>」は見つかりませんでした。"),
    ],
)
def test_nothing_found_says_what_to_do(reader, query, message):
    response = reader.get(URL, {"q": query})
    assert message in text_of(response)
    assert "<i>" not in response.content.decode()


def test_a_whole_text_that_was_pasted_is_cut(reader):
    response = reader.get(URL, {"q": "長い" * 5000})
    assert response.status_code == 200
    assert len(response.content) < 20_000


def test_every_page_of_a_plan_has_the_field_and_hands_on_year_and_day(reader):
    html = " ".join(reader.get("/strategies/plan/list/?year=2016").content.decode().split())
    assert f'action="{URL}" method="get" role="search"' in html
    assert '<label class="visually-hidden" for="search-head">この計画を検索する</label>' in html
    assert '<input type="hidden" name="year" value="2016">' in html


def test_both_plans_are_searched_in_the_queries_of_their_trees(reader):
    city = load_city()
    address = f"/strategies/{city.code}/search/"
    counts = []
    for url in (URL, address):
        with CaptureQueriesContext(connection) as queries:
            response = reader.get(url, {"q": "漁業"})
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 24
    text = text_of(response)
    assert "具体的事業" in text
    for link in read_page(response).links:
        path, _, anchor = link.partition("#")
        if anchor and path:
            assert anchor in read_page(reader.get(path)).ids
