"""The pages on which planning and auditors search all changes."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from indicators.entries import Entry
from indicators.models import Actual
from indicators.recording import move, record
from tests.factories import (
    make_actual,
    make_fiscal_year,
    make_indicator,
    make_kpi,
    make_section,
    make_strategy,
    make_user,
)
from tests.pages import read_page, text_of
from trail.history import Change, Door

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.stories]

WRITING = ("INSERT", "UPDATE", "DELETE")

CHANGES, MOVES = "/changes/", "/changes/moves/"
PATHS = [
    CHANGES, "/changes/xlsx", "/changes/csv", MOVES, "/changes/moves/xlsx", "/changes/moves/csv",
]  # fmt: skip


@pytest.fixture
def auditor(client):
    user = make_user(Role.AUDITOR)
    client.force_login(user)
    return user


@pytest.fixture
def section():
    return make_section("水産課")


@pytest.fixture
def clerk(section):
    return make_user(Role.CLERK, section, full_name="見本 花子")


@pytest.fixture
def kpi(section):
    make_fiscal_year(2017)
    return make_kpi(indicator=make_indicator(section, name="漁業就業者数"))


def enter(indicator, value, *, by, year=2017, reason="", at=None, door=Door.GRID):
    stored = Actual.objects.filter(indicator=indicator, fiscal_year=year).first()
    entry = Entry(
        indicator_id=indicator.pk,
        fiscal_year=year,
        value=Decimal(value),
        version=stored and stored.version,
    )
    return record([entry], Change(by=by, door=door, reason=reason, at=at))[0]


class TestWhoMay:
    @pytest.mark.parametrize("path", PATHS)
    def test_strangers_are_asked_to_log_in(self, client, path):
        response = client.get(path)
        assert response.status_code == 302
        assert response.url == f"/login/?next={path}"

    @pytest.mark.parametrize("role", [None, Role.READER, Role.CLERK, Role.HEAD])
    @pytest.mark.parametrize("path", PATHS)
    def test_others_are_refused(self, client, path, role, section):
        client.force_login(make_user(role, section))
        response = client.get(path)
        assert response.status_code == 403
        assert "必要な場合は、企画担当に連絡してください" in text_of(response)

    @pytest.mark.parametrize("role", [Role.PLANNING, Role.AUDITOR])
    @pytest.mark.parametrize("path", PATHS)
    def test_planning_and_auditors_may(self, client, path, role):
        client.force_login(make_user(role))
        assert client.get(path).status_code == 200
        assert client.post(path).status_code == 405

    @pytest.mark.parametrize("role", list(Role))
    def test_the_head_links_it_for_users_who_may(self, client, kpi, role, section):
        client.force_login(make_user(role, section))
        page = read_page(client.get("/", follow=True))
        assert (CHANGES in page.links) == (role in (Role.PLANNING, Role.AUDITOR))


@pytest.mark.both_databases
def test_a_row_says_who_what_when_how_and_why(client, auditor, kpi, clerk):
    at = datetime(2018, 6, 18, 5, 5, tzinfo=UTC)
    enter(kpi.indicator, 45, by=clerk, at=at)
    enter(kpi.indicator, 46, by=clerk, at=at, door=Door.FORM, reason="数え直したため。")
    response = client.get(f"{CHANGES}?kind=corrected")
    assert (
        f"2018年6月18日14時05分Excel様式 見本 花子{clerk.username} 漁業就業者数"
        "平成29年度（2017）水産課 実績値の変更 実績値45人 →から 46人 数え直したため。"
    ) in text_of(response)


def test_links_point_to_the_value(client, auditor, kpi, clerk):
    enter(kpi.indicator, 45, by=clerk)
    [link] = [x for x in read_page(client.get(CHANGES)).links if "/values/2017/" in x]
    assert "漁業就業者数" in text_of(client.get(link))


@pytest.mark.both_databases
def test_the_two_lists_to_watch_come_first_with_their_counts(client, auditor, kpi, clerk):
    planning = make_user(Role.PLANNING)
    actual = enter(kpi.indicator, 45, by=planning)
    move({actual.pk: 1}, "confirmed", Change(by=make_user(Role.PLANNING), door=Door.GRID))
    enter(kpi.indicator, 46, by=planning, reason="訂正")
    make_actual(kpi.indicator, 2018, 100)
    text = text_of(client.get(CHANGES))
    assert "確認後に変更された値 1件 備考がなく大きく動いた値 1件" in text
    confirmed = text_of(client.get(f"{CHANGES}?after_confirmation=on"))
    assert "「45人」を確認" in confirmed
    assert "見つかった変更 1件" in confirmed
    moved = text_of(client.get(MOVES))
    assert "漁業就業者数水産課 平成30年度（2018）" in moved
    assert "46人平成29年度（2017） 100人 +54人+117.4％" in moved


class TestSearch:
    @pytest.fixture
    def changes(self, kpi, clerk):
        other = make_kpi(
            kpi.measure, make_indicator(make_section("農林課"), name="２０～３９歳の就農者数")
        )
        enter(kpi.indicator, 45, by=clerk, at=datetime(2018, 6, 1, tzinfo=UTC))
        enter(
            other.indicator,
            5,
            by=make_user(Role.PLANNING, full_name="企画 次郎"),
            at=datetime(2018, 7, 1, tzinfo=UTC),
            door=Door.IMPORT,
        )
        return kpi, other

    def found(self, client, query):
        """Return which of the two values are among the rows."""
        page = text_of(client.get(f"{CHANGES}?kind=entered&{query}")).partition("見つかった変更")
        return [n for n in ("漁業就業者数", "２０～３９歳の就農者数") if n in page[2]]

    @pytest.mark.both_databases
    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("", ["漁業就業者数", "２０～３９歳の就農者数"]),
            ("door=import", ["２０～３９歳の就農者数"]),
            ("indicator=漁業", ["漁業就業者数"]),
            ("indicator=20～39歳", ["２０～３９歳の就農者数"]),
            ("indicator=就業　漁業", ["漁業就業者数"]),
            ("indicator=林業", []),
            ("since=2018-06-02", ["２０～３９歳の就農者数"]),
            ("until=平成30年6月1日", ["漁業就業者数"]),
            ("since=2018-06-01&until=2018-06-01", ["漁業就業者数"]),
            ("fiscal_year=2017", ["漁業就業者数", "２０～３９歳の就農者数"]),
            ("person=0", []),
            ("after_confirmation=on", []),
        ],
    )
    def test_each_condition(self, client, auditor, changes, query, names):
        assert self.found(client, query) == names

    @pytest.mark.both_databases
    def test_a_person_and_a_section(self, client, auditor, changes, clerk, section):
        assert self.found(client, f"person={clerk.pk}") == ["漁業就業者数"]
        assert self.found(client, f"section={section.pk}") == ["漁業就業者数"]

    @pytest.mark.both_databases
    def test_a_name_in_a_plan_finds_the_indicator_too(self, client, auditor, changes):
        kpi, _ = changes
        kpi.name = "漁師の数"
        kpi.save()
        assert self.found(client, "indicator=漁師") == ["漁業就業者数"]

    def test_people_who_left_can_be_chosen(self, client, auditor, changes, clerk):
        clerk.is_active = False
        clerk.save()
        html = client.get(f"{CHANGES}?person={clerk.pk}").content.decode()
        assert f"selected>見本 花子（{clerk.username}）　無効</option>" in html
        assert self.found(client, f"person={clerk.pk}") == ["漁業就業者数"]

    def test_what_was_asked_stays_in_the_form_and_goes_with_the_files(
        self, client, auditor, changes
    ):
        page = read_page(client.get(f"{CHANGES}?indicator=漁業&kind=entered&page=1"))
        query = "indicator=%E6%BC%81%E6%A5%AD&kind=entered"
        assert {f"/changes/xlsx?{query}", f"/changes/csv?{query}", "?"} <= set(page.links)
        assert 'value="漁業"' in page.html
        assert '<option value="entered" selected>' in page.html

    def test_nothing_for_these_conditions(self, client, auditor, changes):
        page = read_page(client.get(f"{CHANGES}?indicator=林業"))
        assert "条件に合う変更はありません。条件を変えるか、解除してください。" in page.main
        assert "条件を解除する" in page.main


def test_nothing_yet(client, auditor):
    text = text_of(client.get(CHANGES))
    assert "変更の記録は、まだありません。" in text
    assert "条件を解除する" not in text
    assert "備考がなく大きく動いた値は、ありません。" in text_of(client.get(MOVES))
    text = text_of(client.get(f"{MOVES}?section={make_section('水産課').pk}"))
    assert "条件に合う値はありません。" in text


class TestMistakes:
    @pytest.mark.parametrize(
        ("query", "message"),
        [
            ("since=きのう", "変更日（から）「きのう」は日付として読めません。「2026-04-01」か"),
            ("until=2026-02-30", "変更日（まで）「2026-02-30」という日はありません。"),
            (
                "since=2026-05-01&until=2026-04-01",
                "変更日（から）「2026-05-01」が、変更日（まで）「2026-04-01」より後です。",
            ),
            ("section=99", "担当課「99」は一覧にありません。一覧から選び直してください。"),
            ("person=abc", "変更した人「abc」は一覧にありません。"),
            ("fiscal_year=1e3", "対象年度「1e3」は一覧にありません。"),
            ("kind=none", "履歴の種類「none」は一覧にありません。"),
            ("door=window", "入力経路「window」は一覧にありません。"),
        ],
    )
    def test_an_impossible_condition_is_named_and_kept(self, client, auditor, kpi, query, message):
        response = client.get(f"{CHANGES}?{query}")
        assert response.status_code == 200
        page_html = response.content.decode()
        assert message in page_html
        assert "<title>エラー：変更履歴" in page_html
        assert "見つかった変更" not in page_html

    def test_what_was_typed_stays(self, client, auditor):
        html = client.get(f"{CHANGES}?since=きのう&indicator=漁業").content.decode()
        assert 'value="きのう"' in html
        assert 'value="漁業"' in html
        assert 'aria-invalid="true"' in html

    @pytest.mark.parametrize("path", [CHANGES, MOVES])
    def test_a_file_with_mistaken_conditions_leads_to_the_message(self, client, auditor, path):
        for ending in ("xlsx", "csv"):
            response = client.get(f"{path}{ending}?section=99")
            assert response.url == f"{path}?section=99"

    @pytest.mark.parametrize("page", ["abc", "0", "-1", "999", "1" * 50])
    def test_a_missing_page_number_shows_the_nearest_page(self, client, auditor, kpi, page):
        assert client.get(f"{CHANGES}?page={page}").status_code == 200


def test_a_hundred_on_a_page(client, auditor, section, clerk):
    make_fiscal_year(2017)
    entries = [
        Entry(indicator_id=make_indicator(section).pk, fiscal_year=2017, value=Decimal(1))
        for _ in range(101)
    ]
    record(entries, Change(by=clerk, door=Door.IMPORT))
    first = read_page(client.get(f"{CHANGES}?kind=entered"))
    assert "101件（新しい順）のうち、1件目から100件目までを表示" in " ".join(first.main.split())
    assert "?kind=entered&page=2" in first.links
    second = text_of(client.get(f"{CHANGES}?kind=entered&page=2"))
    assert "101件目から101件目まで" in second


def test_invented_values_are_called_so(client, auditor):
    make_strategy(invented=True)
    for path in (CHANGES, MOVES):
        assert "試用環境です。実績値は架空のものです。" in read_page(client.get(path)).html


def test_what_people_typed_is_never_markup(client, auditor, kpi, clerk):
    enter(kpi.indicator, 45, by=clerk, reason="<script>alert(1)</script>")
    read_page(client.get(CHANGES))
    read_page(client.get(f"{CHANGES}?indicator=<b>"))


@pytest.mark.both_databases
@pytest.mark.parametrize("path", [CHANGES, MOVES])
def test_the_pages_only_read_in_a_constant_number_of_queries(client, auditor, kpi, clerk, path):
    make_fiscal_year(2016)
    counts = []
    for rows in (1, 3):
        for _ in range(rows):
            more = make_kpi(kpi.measure, make_indicator(kpi.indicator.section))
            enter(more.indicator, 45, by=clerk, year=2016)
            enter(more.indicator, 95, by=clerk, door=Door.IMPORT)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        assert not [q for q in captured if q["sql"].startswith(WRITING)]
        counts.append(len(captured))
    assert counts[0] == counts[1]
