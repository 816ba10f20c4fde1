"""The years: planning makes one, sets number and dates, prints the 照会, begins and ends entry."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.roles import Role
from entry.year_form import NewYearForm
from indicators.models import FiscalYear
from indicators.recording import move
from tests.factories import (
    make_actual,
    make_evidence,
    make_fiscal_year,
    make_indicator,
    make_kpi,
    make_section,
    make_user,
)
from tests.html import form_data
from tests.pages import read_page, text_of
from trail.history import Change

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.stories]


@pytest.fixture
def planning(client, settings):
    settings.PLANNING_OFFICE = "総合政策室"
    user = make_user(Role.PLANNING)
    client.force_login(user)
    return user


@pytest.fixture
def kpi():
    return make_kpi(indicator=make_indicator(make_section("水産課"), name="漁獲量"))


def dates(**other):
    return {
        "inquiry_number": "根総政第45号",
        "inquiry_date": "2018-05-11",
        "due_date": "平成30年6月29日",
        "check_due_date": "2018/7/13",
        "internal_review_date": "",
        "council_date": "２０１８年１０月１５日",
        "publication_date": "",
    } | other


@pytest.mark.both_databases
def test_planning_makes_a_year_with_its_dates(client, planning):
    response = client.post("/entry/new/", {"year": "平成29"} | dates())
    assert response.url == "/entry/2017/year/"
    year = FiscalYear.objects.get()
    assert (year.pk, year.inquiry_number, year.entry_is_open) == (2017, "根総政第45号", False)
    assert (year.due_date, year.council_date) == (date(2018, 6, 29), date(2018, 10, 15))
    assert year.history.get().history_user == planning
    assert "平成29年度（2017）を作りました。" in text_of(client.get(response.url))


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"year": "いつか"}, "年度「いつか」は年度として読めません。"),
        ({"year": "2016"}, "平成28年度（2016）は、すでに作られています。"),
        ({"due_date": "6月の末"}, "回答期限「6月の末」は日付として読めません。"),
        (
            {"due_date": "2018-05-01"},
            "回答期限「平成30年5月1日」が、照会日「平成30年5月11日」より前",
        ),
        ({"due_date": "2081-06-29"}, "の外です。年を確かめて直してください。"),
    ],
)
def test_what_is_wrong_is_named_at_its_field_and_what_was_typed_stays(
    client, planning, typed, message
):
    make_fiscal_year(2016)
    response = client.post("/entry/new/", {"year": "2017"} | dates(**typed))
    page = read_page(response)
    assert message in page.main
    assert page.title.startswith("エラー：年度を作る")
    field = next(iter(typed))
    assert f'href="#id_{field}"' in page.html
    assert f'value="{typed[field]}"' in page.html
    assert not FiscalYear.objects.filter(pk=2017).exists()


def test_a_step_is_done_once_its_day_is_recorded(client, planning):
    make_fiscal_year(2017, is_open=False, publication_date=date(2019, 1, 15))
    assert "公表平成31年1月15日予定日を過ぎています" in text_of(client.get("/entry/2017/year/"))
    sent = dates(publication_date="2019-01-15", published_on="平成31年1月21日")
    assert client.post("/entry/2017/year/", sent).status_code == 302
    assert "公表平成31年1月21日済み" in text_of(client.get("/entry/2017/year/"))
    page = read_page(client.post("/entry/2017/year/", sent | {"published_on": "2199-01-21"}))
    assert "公表した日「" in page.main
    assert "は、まだ来ていない日です。" in page.main
    assert 'value="2199-01-21"' in page.html


def test_changing_the_dates_does_not_open_or_close_entry(client, planning):
    make_fiscal_year(2017, is_open=False)
    page = client.get("/entry/2017/year/")
    assert "受付なし（過年度）" in text_of(page)
    FiscalYear.objects.filter(pk=2017).update(entry_is_open=True)
    assert client.post("/entry/2017/year/", dates()).url == "/entry/2017/year/"
    year = FiscalYear.objects.get()
    assert (year.entry_is_open, year.due_date) == (True, date(2018, 6, 29))


@pytest.mark.both_databases
def test_a_year_that_a_colleague_makes_at_the_same_moment_is_not_overwritten(
    client, planning, monkeypatch
):
    make_fiscal_year(2017, due_date=date(2018, 7, 6))
    monkeypatch.setattr(NewYearForm, "clean_year", lambda form: 2017)  # the other was not there yet
    page = read_page(client.post("/entry/new/", {"year": "2017"} | dates()))
    assert "平成29年度（2017）は、すでに作られています。" in page.main
    assert FiscalYear.objects.get().due_date == date(2018, 7, 6)


class TestTwoPlanners:
    """Both have the settings of one year open; the second to save overwrites nothing unseen."""

    @pytest.fixture
    def opened(self, client, planning):
        """The fields of the page as it came, hidden ones included."""
        make_fiscal_year(2017, due_date=date(2018, 6, 29), inquiry_number="根総政第45号")
        return form_data(client.get("/entry/2017/year/").content.decode())

    @pytest.fixture
    def faster(self, client, opened):
        """Let a colleague store what is given, by the same page."""

        def store(**typed):
            client.force_login(make_user(Role.PLANNING, full_name="見本 太郎"))
            assert client.post("/entry/2017/year/", opened | typed).status_code == 302
            client.force_login(make_user(Role.PLANNING, full_name="見本 花子"))

        return store

    def test_what_only_one_of_them_changed_stays(self, client, opened, faster):
        faster(due_date="2018-07-06")
        response = client.post("/entry/2017/year/", opened | {"council_date": "2018-10-15"})
        assert re.search(
            r"画面を開いた後に変更された回答期限「平成30年7月6日」"
            r"（\d+月\d+日\d+時\d\d分に見本 太郎）は、そのまま残しました。",
            text_of(client.get(response.url)),
        )
        year = FiscalYear.objects.get()
        assert (year.due_date, year.council_date) == (date(2018, 7, 6), date(2018, 10, 15))

    @pytest.mark.both_databases
    def test_conflicting_changes_are_shown_and_saving_again_decides(self, client, opened, faster):
        faster(due_date="2018-07-06", inquiry_number="根総政第46号")
        response = client.post("/entry/2017/year/", opened | {"due_date": "平成30年7月13日"})
        page = read_page(response)
        assert re.search(
            r"回答期限は、この画面を開いた後に、\d+月\d+日\d+時\d\d分に見本 太郎が"
            "「平成30年7月6日」に変更しました。残す方を入力して、もう一度保存してください。",
            page.main,
        )
        assert 'href="#id_due_date"' in page.html
        assert 'value="平成30年7月13日"' in page.html
        assert 'value="根総政第46号"' in page.html
        assert FiscalYear.objects.get().due_date == date(2018, 7, 6)
        assert client.post("/entry/2017/year/", form_data(page.html)).status_code == 302
        year = FiscalYear.objects.get()
        assert (year.due_date, year.inquiry_number) == (date(2018, 7, 13), "根総政第46号")

    def test_the_same_day_typed_by_both_is_not_a_conflict(self, client, opened, faster):
        faster(due_date="2018-07-06")
        response = client.post("/entry/2017/year/", opened | {"due_date": "平成30年7月6日"})
        assert response.status_code == 302
        assert FiscalYear.objects.get().due_date == date(2018, 7, 6)

    def test_days_that_are_no_longer_in_order_are_reported(self, client, opened, faster):
        faster(due_date="2018-07-20")
        text = text_of(client.post("/entry/2017/year/", opened | {"check_due_date": "2018-07-13"}))
        assert "確認期限「平成30年7月13日」が、回答期限「平成30年7月20日」より前です。" in text

    def test_a_day_that_a_colleague_took_away_is_called_empty(self, client, opened, faster):
        faster(due_date="")
        text = text_of(client.post("/entry/2017/year/", opened | {"due_date": "2018-07-13"}))
        assert "見本 太郎が「空欄」に変更しました。" in text


def test_before_entry_begins_the_page_says_what_is_still_missing(client, planning, kpi):
    make_fiscal_year(2017, is_open=False, due_date=date(2018, 6, 29))
    text = text_of(client.get("/entry/2017/open/"))
    assert "1課が、1件の指標の実績値を入力できるようになります。" in text
    assert "照会の文書番号が、入力されていません。" in text
    assert "回答期限が、" not in text
    assert not FiscalYear.objects.get().entry_is_open
    assert client.post("/entry/2017/open/").url == "/entry/2017/year/"
    year = FiscalYear.objects.get()
    assert year.entry_is_open
    assert year.history.first().history_change_reason == "入力の受付を開始"


def test_a_year_of_no_plan_is_pointed_out(client, planning):
    make_fiscal_year(2017, is_open=False)
    text = text_of(client.get("/entry/2017/open/"))
    assert "この年度を計画期間に含む総合戦略が、登録されていません。" in text


def test_before_entry_ends_the_page_names_the_sections_that_are_not_ready(client, planning, kpi):
    section = kpi.indicator.entered_by
    make_actual(kpi.indicator, by=make_user(Role.CLERK, section))
    make_kpi(kpi.measure, make_indicator(section))
    done = make_kpi(kpi.measure, make_indicator(make_section("農林課")))
    actual = make_actual(done.indicator, by=make_user(Role.PLANNING))
    move({actual.pk: 1}, "confirmed", Change(by=planning, door="grid"))
    text = text_of(client.get("/entry/2017/end/"))
    assert "水産課：未回答1件、入力中1件" in text
    assert "農林課" not in text
    assert "変更の種類（確定値への更新、遡及改定、訂正）も選びます。" in text
    client.post("/entry/2017/end/")
    year = FiscalYear.objects.get()
    assert (year.entry_is_open, year.entry_ended_on) == (False, timezone.localdate())


def test_opening_or_closing_entry_twice_changes_nothing(client, planning, kpi):
    make_fiscal_year(2017)
    assert "すでに受付中です" in text_of(client.get("/entry/2017/open/"))
    count = FiscalYear.history.count()
    client.post("/entry/2017/open/")
    assert FiscalYear.history.count() == count


def test_everybody_who_follows_entry_sees_the_years_and_planning_their_settings(client, kpi):
    make_fiscal_year(2017, due_date=date(2018, 6, 29))
    for role in (Role.CLERK, Role.HEAD, Role.AUDITOR):
        client.force_login(make_user(role, kpi.indicator.entered_by))
        page = read_page(client.get("/entry/"))
        assert "受付中" in page.main
        assert "平成30年6月29日" in page.main
        assert "/entry/2017/year/" not in page.links
        assert client.get("/entry/2017/year/").status_code == 403
        assert client.post("/entry/2017/open/").status_code == 403
    client.force_login(make_user(Role.READER))
    assert client.get("/entry/").status_code == 403


def test_a_year_that_nobody_made_is_not_found(client, planning):
    for page in ("year", "open", "status", "answer", "inquiry", "report"):
        response = client.get(f"/entry/2017/{page}/")
        assert response.status_code == 404
        assert "2017年度は、まだ作られていません。" in text_of(response)


class TestInquiry:
    def test_each_section_gets_its_own_letter(self, client, planning, kpi):
        make_actual(kpi.indicator, 2016, 45)
        other = make_kpi(kpi.measure, make_indicator(make_section("農林課"), name="収穫量"))
        make_fiscal_year(
            2017,
            inquiry_number="根総政第45号",
            inquiry_date=date(2018, 5, 11),
            due_date=date(2018, 6, 29),
        )
        page = read_page(client.get("/entry/2017/inquiry/"))
        first, second = page.article.split("農林課長　様")
        assert "水産課長　様" in first
        for words in ("根総政第45号", "平成30年5月11日", "平成30年6月29日", "総合政策室長"):
            assert words in first
            assert words in second or words in first
        assert "漁獲量（人）" in first
        assert "45" in first
        assert "収穫量" not in first
        assert "収穫量" in second
        section = other.indicator.entered_by_id
        only = read_page(client.get(f"/entry/2017/inquiry/?section={section}"))
        assert "水産課長" not in only.article
        assert "農林課長" in only.article

    def test_a_section_reads_its_own_letter_only(self, client, kpi):
        make_kpi(kpi.measure, make_indicator(make_section("農林課")))
        make_fiscal_year(2017)
        client.force_login(make_user(Role.CLERK, kpi.indicator.entered_by))
        for address in ("inquiry", "report"):
            text = text_of(client.get(f"/entry/2017/{address}/?section="))
            assert "水産課" in text
            assert "農林課" not in text


def test_the_report_has_boxes_for_the_seals_and_all_that_decides(client, planning, kpi):
    clerk = make_user(Role.CLERK, kpi.indicator.entered_by)
    make_actual(kpi.indicator, 2016, 45)
    make_actual(kpi.indicator, 2017, 4500, by=clerk, remarks="大漁でした。")
    make_evidence(kpi.indicator, name="漁獲高.pdf")
    text = text_of(client.get("/entry/2017/report/"))
    for words in (
        "部長", "課長", "課長補佐", "係長", "担当", "起案日", "決裁日", "文書番号", "45人",
        "4,500人", "200人", "大漁でした。", "漁獲高.pdf", "前年度（45人）の約100倍です。",
    ):  # fmt: skip
        assert words in text


def test_papers_say_that_values_are_invented(client, planning, kpi):
    strategy = kpi.measure.group.goal.strategy
    strategy.invented = True
    strategy.save()
    make_fiscal_year(2017)
    for address in ("inquiry", "report"):
        page = read_page(client.get(f"/entry/2017/{address}/"))
        assert "試用環境です。実績値は架空のものです。" in page.article


@pytest.mark.parametrize("address", ["inquiry", "report", "status", "answer"])
def test_the_number_of_queries_does_not_grow_with_the_indicators(
    client, planning, kpi, address, django_assert_max_num_queries
):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/entry/2017/{address}/").status_code == 200
        return len(captured)

    make_actual(kpi.indicator, 2017)
    few = queries()
    for number in range(8):
        section = make_section(f"第{number}課", department=f"第{number % 3}部")
        indicator = make_kpi(kpi.measure, make_indicator(section)).indicator
        make_actual(indicator, 2016)
        make_actual(indicator, 2017)
    assert queries() == few <= 24
