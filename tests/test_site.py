"""Rules for all pages: access, structure and error handling."""

import re
from pathlib import Path
from urllib.parse import urljoin

import pytest
from django.contrib.staticfiles import finders
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from goals.models import Strategy
from indicators.models import FiscalYear
from plans.tree import read_tree
from tests.factories import (
    load_city,
    make_fiscal_year,
    make_goal,
    make_kpi,
    make_measure,
    make_numeric_target,
    make_project,
    make_section,
    make_strategy,
    make_user,
    make_values,
)
from tests.html import form_data
from tests.pages import read_page, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

PATHS = [
    "",
    "?year=2015",
    "listings/",
    "list/",
    "goals/1/",
    "measures/1-ア-1/",
    "targets/1-1/",
    "kpis/1-ア-1-1/",
    "projects/",
]


@pytest.fixture
def plan():
    """A small plan with one of everything, at /strategies/plan/."""
    strategy = make_strategy(code="plan", title="見本市総合戦略", invented=True)
    goal = make_goal(strategy)
    make_numeric_target(goal, name="人口")
    make_kpi(make_project(make_measure(goal)).measure, name="相談件数")
    return strategy


def pages(*paths):
    return [f"/strategies/plan/{path}" for path in paths or PATHS]


@pytest.mark.parametrize("url", pages())
def test_an_anonymous_visitor_logs_in_and_is_then_redirected(client, plan, url):
    response = client.get(url)
    assert response.status_code == 302
    assert response.url.startswith("/login/?next=/strategies/plan/")


@pytest.mark.parametrize("url", pages())
def test_a_user_without_a_role_is_refused_and_told_whom_to_ask(client, plan, url):
    client.force_login(make_user(None))
    response = client.get(url)
    assert response.status_code == 403
    assert "必要な場合は、企画担当に連絡してください" in text_of(response)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("url", pages())
def test_everybody_with_a_role_reads_every_page(client, plan, url, role):
    client.force_login(make_user(role, make_section("別の課")))
    response = client.get(url)
    assert response.status_code == 200
    page = read_page(response)
    assert "見本市総合戦略" in page.html
    assert "試用環境です。実績値は架空のものです。" in page.html
    assert ('href="/admin/"' in page.html) == (role != Role.READER)
    assert "Content-Security-Policy" in response.headers


@pytest.mark.parametrize("url", pages())
def test_pages_only_read(client, plan, url):
    client.force_login(make_user(Role.PLANNING))
    assert client.post(url).status_code == 405


def test_a_deactivated_user_is_logged_out(client, plan):
    user = make_user(Role.READER)
    client.force_login(user)
    user.is_active = False
    user.save()
    assert client.get("/strategies/plan/").status_code == 302


def test_the_banner_is_gone_where_values_are_real(client, plan):
    Strategy.objects.update(invented=False)
    client.force_login(make_user())
    for url in pages():
        assert "試用環境" not in client.get(url).content.decode()


@pytest.mark.slow
@pytest.mark.parametrize("city", ["nemuro_2015", "shiraho_2020"])
def test_every_page_of_a_real_plan_is_sound_and_every_link_leads_somewhere(client, city):
    strategy = load_city(city)
    make_values(strategy)
    year = strategy.first_fiscal_year + 2
    client.force_login(make_user(Role.READER))
    seen, waiting = set(), [f"{reverse('overview', args=[strategy.code])}?year={year}"]
    while waiting:
        url = waiting.pop()
        response = client.get(url)
        assert response.status_code == 200, url
        page = read_page(response)
        for link in page.links:
            path, _, anchor = link.partition("#")
            if not path:
                assert anchor in page.ids, (url, link)
                continue
            path = urljoin(url, path)
            # The other years are the same pages once more; files are tested elsewhere.
            is_file = "workbook" in path or ".svg" in path
            if path not in seen and path.endswith(f"?year={year}") and not is_file:
                seen.add(path)
                if "/values/" not in path or f"/values/{year}/" in path:
                    waiting.append(path)
    tree = read_tree(strategy.code, year)
    nodes = (*tree.goals, *tree.measures, *tree.listings)
    assert {f"{node.url}?year={year}" for node in nodes} <= seen


def test_the_year_stays_while_one_walks_through_the_plan(client, plan):
    client.force_login(make_user(Role.READER))
    for url in pages(
        "", "listings/", "list/", "goals/1/", "measures/1-ア-1/", "kpis/1-ア-1-1/", "projects/"
    ):
        for link in read_page(client.get(f"{url}?year=H28")).links:
            if link.startswith("/strategies/"):
                assert "?year=" in link
    links = read_page(client.get("/strategies/plan/goals/1/?year=2016")).links
    assert "/strategies/plan/measures/1-ア-1/?year=2016" in links
    assert "/strategies/plan/?year=2016" in links


class TestNotFound:
    @pytest.fixture(autouse=True)
    def reader(self, client, plan):
        client.force_login(make_user(Role.READER))

    @pytest.mark.parametrize(
        ("path", "message"),
        [
            ("goals/9/", "基本目標9はありません"),
            ("measures/9-ア-1/", "具体的施策「9-ア-1」はありません"),
            ("targets/1-9/", "数値目標「1-9」はありません"),
            ("kpis/1-ア-1-9/", "重要業績評価指標（KPI）「1-ア-1-9」はありません"),
        ],
    )
    def test_an_unknown_place_says_where_to_look(self, client, path, message):
        response = client.get(f"/strategies/plan/{path}?year=2016")
        assert response.status_code == 404
        assert message in text_of(response)
        links = read_page(response).links
        assert "/strategies/plan/?year=2016" in links
        assert "/strategies/plan/list/?year=2016" in links

    def test_an_unknown_strategy_leads_to_the_first_page(self, client):
        response = client.get("/strategies/nowhere/")
        assert response.status_code == 404
        assert "「nowhere」という総合戦略は登録されていません。" in text_of(response)
        assert "/" in read_page(response).links

    @pytest.mark.parametrize("url", pages())
    def test_a_year_outside_the_plan_offers_its_years(self, client, url):
        path = url.partition("?")[0]
        response = client.get(f"{path}?year=平成32")
        assert response.status_code == 404
        text = text_of(response)
        assert "令和2年度（2020）は、この計画の期間（平成27年度から令和元年度まで）" in text
        years = [link for link in read_page(response).links if "?year=" in link]
        assert len(years) == 5
        assert client.get(years[0]).status_code == 200

    def test_a_year_that_cannot_be_read_says_how_to_write_it(self, client):
        response = client.get("/strategies/plan/?year=<b>いつか</b>")
        assert response.status_code == 404
        assert "は年度として読めません。「令和元年度」" in text_of(response)
        # The page is there; it cannot be shown so.
        assert read_page(response).h1 == ["この指定では、表示できません"]
        assert "<b>いつか" not in response.content.decode()
        assert "/strategies/plan/" in read_page(response).links

    @pytest.mark.parametrize("year", ["2016", "H28", "平成28年度", "２０１６"])
    def test_a_year_is_read_however_it_is_written(self, client, year):
        response = client.get("/strategies/plan/", {"year": year})
        assert "平成29年度 効果検証（平成28年度実績）" in text_of(response)

    def test_an_empty_year_is_none(self, client):
        assert client.get("/strategies/plan/?year=").status_code == 200

    def test_an_unknown_address_says_what_to_do(self, client):
        response = client.get("/nowhere/")
        assert response.status_code == 404
        assert "アドレスを確かめるか、最初の画面から探してください" in text_of(response)


class TestFirstPage:
    def test_it_leads_to_the_newest_plan(self, client, plan):
        make_strategy(code="old", first_fiscal_year=2010, last_fiscal_year=2014)
        client.force_login(make_user(Role.READER))
        assert client.get("/").url == "/strategies/plan/"

    @pytest.mark.parametrize("role", [role for role in Role if role != Role.READER])
    def test_all_others_have_one_of_their_own_and_a_link_back_to_it(self, client, plan, role):
        client.force_login(make_user(role, make_section("水産課")))
        response = client.get("/")
        assert response.status_code == 200
        page = read_page(response)
        assert "/strategies/plan/" in {link.partition("?")[0] for link in page.links}
        assert "/" in read_page(client.get("/strategies/plan/")).links

    @pytest.mark.parametrize("role", [role for role in Role if role != Role.PLANNING])
    def test_without_a_plan_it_says_whom_to_ask(self, client, role):
        client.force_login(make_user(role, make_section("水産課")))
        response = client.get("/")
        assert response.status_code == 200
        assert "お問い合わせください" in text_of(response)

    def test_without_a_plan_planning_sets_the_installation_up(self, client):
        client.force_login(make_user(Role.PLANNING))
        assert read_page(client.get("/", follow=True)).h1 == ["導入のはじめに"]

    def test_a_user_without_a_role_is_refused(self, client):
        client.force_login(make_user(None))
        assert client.get("/").status_code == 403


class TestLogIn:
    def test_it_redirects_to_the_page_that_was_asked_for(self, client, plan):
        make_user(Role.READER, username="12345", password="kani-to-sanma")
        url = "/login/?next=/strategies/plan/list/"
        assert read_page(client.get(url)).h1 == ["ログイン"]
        data = {"username": "12345", "password": "kani-to-sanma"}
        data["next"] = "/strategies/plan/list/"
        assert client.post(url, data).url == "/strategies/plan/list/"

    def test_it_does_not_lead_to_another_host(self, client):
        make_user(Role.READER, username="12345", password="kani-to-sanma")
        data = {"username": "12345", "password": "kani-to-sanma", "next": "https://example.com/"}
        assert client.post("/login/", data).url == "/"

    def test_a_wrong_password_is_said_and_the_number_stays(self, client):
        response = client.post("/login/", {"username": "12345", "password": "wrong"})
        html = response.content.decode()
        assert response.status_code == 200
        assert "<title>エラー：ログイン" in html
        assert 'value="12345"' in html
        assert "wrong" not in html

    def test_an_empty_form_names_the_fields(self, client):
        html = client.post("/login/", {}).content.decode()
        assert 'href="#id_username"' in html
        assert 'href="#id_password"' in html

    def test_logging_out_ends_the_session_and_needs_a_button(self, client, plan):
        client.force_login(make_user(Role.READER))
        assert client.get("/logout/").status_code == 405
        assert client.post("/logout/").url == "/login/"
        assert client.get("/strategies/plan/").status_code == 302

    def test_a_reader_is_told_that_the_admin_is_closed(self, client, plan):
        client.force_login(make_user(Role.READER))
        response = client.get("/admin/", follow=True)
        assert response.status_code == 403
        assert "この画面を見る権限がありません" in text_of(response)

    def test_pages_name_the_office_to_ask(self, client, plan, settings):
        settings.PLANNING_OFFICE = "総合政策室"
        reader = make_user(Role.READER)
        assert "分からない場合は、総合政策室に連絡してください。" in text_of(client.get("/login/"))
        client.force_login(reader)
        refused = text_of(client.get("/admin/", follow=True))
        assert "必要な場合は、総合政策室に連絡してください。" in refused


class TestFailures:
    def test_a_server_error_is_explained_without_the_database(
        self, client, plan, monkeypatch, django_assert_num_queries
    ):
        def fail(*args, **kwargs):
            raise RuntimeError("secret")

        monkeypatch.setattr("plans.views.goals.tree_for", fail)
        client.raise_request_exception = False
        client.force_login(make_user(Role.READER))
        response = client.get("/strategies/plan/")
        assert response.status_code == 500
        assert "数分後に、もう一度お試しください" in text_of(response)
        assert "secret" not in response.content.decode()
        with django_assert_num_queries(0):
            render_to_string("500.html")
            render_to_string("400.html")
            render_to_string("503.html")

    def test_what_a_form_sent_is_on_the_error_page_and_is_sent_again_from_there(
        self, client, plan, monkeypatch
    ):
        def fail(*args, **kwargs):
            raise DatabaseError("secret")

        make_fiscal_year(2017, is_open=False)
        client.force_login(make_user(Role.PLANNING))
        client.raise_request_exception = False
        monkeypatch.setattr("entry.views.years.year_or_not_found", fail)
        sent = {"inquiry_number": "<総政第12号>\n", "due_date": "2018-06-30", "save": "1"}
        response = client.post("/entry/2017/year/?from=list", sent)
        assert response.status_code == 500
        assert response["Cache-Control"] == "private, no-store"
        assert "「もう一度送信する」を押してください" in text_of(response)
        assert 'action="/entry/2017/year/?from=list"' in response.content.decode()
        assert form_data(response.content.decode()) == sent
        monkeypatch.undo()
        client.post("/entry/2017/year/", form_data(response.content.decode()))
        assert FiscalYear.objects.get(pk=2017).inquiry_number == "<総政第12号>"

    @pytest.mark.parametrize(
        "sent",
        [
            {"old_password": "secret"},
            {"password1": "secret", "file": SimpleUploadedFile("表.csv", b"secret")},
            {"file": SimpleUploadedFile("表.csv", b"secret")},
        ],
        ids=["password", "both", "file"],
    )
    def test_passwords_and_files_are_not_on_the_error_page_which_says_so(
        self, client, plan, monkeypatch, sent
    ):
        def fail(*args, **kwargs):
            raise DatabaseError

        client.force_login(make_user(Role.PLANNING))
        client.raise_request_exception = False
        monkeypatch.setattr("entry.views.years.year_or_not_found", fail)
        response = client.post("/entry/2017/year/", sent | {"due_date": "2018-06-30"})
        said = "パスワードや認証コードを入力する画面の内容は、この画面に残していません。"
        assert (said in text_of(response)) == (list(sent) != ["file"])
        assert "数分後に、もう一度お試しください" in text_of(response)
        assert form_data(response.content.decode()) == {}

    def test_a_bad_request_is_explained(self, client):
        response = client.get("/login/", headers={"host": "unknown.example"})
        assert response.status_code == 400
        assert "最初の画面" in text_of(response)

    def test_a_form_from_elsewhere_is_refused_with_a_remedy(self):
        client = Client(enforce_csrf_checks=True)
        response = client.post("/login/", {"username": "12345", "password": "x"})
        assert response.status_code == 403
        assert "もう一度送信してください" in text_of(response)


def test_the_static_files_that_pages_name_are_there(client, plan):
    client.force_login(make_user(Role.READER))
    html = client.get("/strategies/plan/").content.decode()
    for name in ("base.css", "favicon.svg"):
        assert f"/static/{name}" in html
        assert finders.find(name)


def test_the_stylesheets_fetch_nothing(settings):
    for path in (settings.BASE_DIR / "static").glob("*.css"):
        css = path.read_text()
        assert "url(" not in css, path.name
        assert "@import" not in css, path.name


def test_the_overview_needs_at_most_40_kilobytes_of_css_and_no_script(client, plan):
    client.force_login(make_user(Role.READER))
    html = client.get("/strategies/plan/").content.decode()
    names = re.findall(r'<link rel="stylesheet" href="/static/([^"]+)"', html)
    assert names
    assert sum(Path(finders.find(name)).stat().st_size for name in names) <= 40_000
    assert "<script" not in html
