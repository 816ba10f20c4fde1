"""The first page of each role."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from indicators.entries import Entry
from indicators.models import Actual, FiscalYear, Indicator
from indicators.recording import move, record
from nemuro_strategy.first_pages import FIRST_PAGES, first_page_for, reader
from reviews.models import MeasureReview, ProjectYear
from tests.factories import (
    load_city,
    make_actual,
    make_evidence,
    make_fiscal_year,
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_project,
    make_section,
    make_strategy,
    make_user,
    make_values,
)
from tests.html import form_data
from tests.pages import read_page, text_of
from trail.history import Change, Door

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.stories]


@pytest.fixture
def section():
    return make_section("水産課")


@pytest.fixture
def measure():
    return make_measure(make_goal(make_strategy(code="plan", title="見本市総合戦略")))


@pytest.fixture
def kpi(measure, section):
    """相談件数, entered by 水産課, with 30 in 2016; 2017 is open."""
    kpi = make_kpi(measure, make_indicator(section, name="相談件数"), name="相談件数")
    make_actual(kpi.indicator, 2016, 30)
    FiscalYear.objects.update(entry_is_open=False)
    make_fiscal_year(2017, due_date=date(2018, 6, 30))
    return kpi


@pytest.fixture
def at(monkeypatch):
    """Return a function that sets the current day of the pages."""

    def set_day(day: date) -> None:
        monkeypatch.setattr("entry.views.first_pages.timezone.localdate", lambda *at: day)

    return set_day


def page_of(client, role, *sections, path="/"):
    client.force_login(make_user(role, *sections))
    return client.get(path)


# Which role gets which page


def asked_by(user, **parameters):
    request = RequestFactory().get("/", parameters)
    request.user = user
    return request


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        ([Role.READER], Role.READER),
        ([Role.READER, Role.CLERK], Role.CLERK),
        ([Role.CLERK, Role.HEAD], Role.HEAD),
        ([Role.AUDITOR, Role.READER], Role.AUDITOR),
        ([Role.CLERK, Role.PLANNING], Role.PLANNING),
    ],
)
def test_a_user_with_several_roles_gets_the_page_with_most_to_do(roles, expected):
    user = make_user(None)
    for role in roles:
        user.groups.add(*make_user(role).groups.all())
    assert first_page_for(asked_by(user)) is FIRST_PAGES[expected]


def test_every_role_has_a_page():
    assert set(FIRST_PAGES) == set(Role)
    superuser = make_user(None, is_superuser=True)
    assert first_page_for(asked_by(superuser)) is FIRST_PAGES[Role.PLANNING]
    assert first_page_for(asked_by(superuser, as_of="2018-06-30")) is reader


def test_a_day_of_the_past_leads_to_the_overview_of_that_day(client, kpi):
    response = page_of(client, Role.PLANNING, path="/?year=2016&as_of=2018-06-30")
    assert response.url == "/strategies/plan/?year=2016&as_of=2018-06-30"


# 担当者


def test_clerks_see_what_to_enter_last_years_value_and_where(client, kpi, section):
    kpi.indicator.handover_memo = "漁協に照会する。"
    kpi.indicator.save()
    make_kpi(kpi.measure, kpi.indicator)
    other = make_kpi(kpi.measure, name="よその指標")
    response = page_of(client, Role.CLERK, section)
    text, page = text_of(response), read_page(response)
    assert page.h1[0].startswith("平成29年度実績の入力（回答期限平成30年6月30日、")
    assert "未入力1件 差戻し0件 入力済み0件" in text
    assert "30人 未入力 漁協に照会する。" in text
    assert "一覧で入力する" in text
    assert "入力する指標（1件、" in text
    assert other.name not in text
    assert "試用環境" not in page.html


def test_what_was_handed_back_comes_first_with_its_reason(client, measure, section):
    make_fiscal_year(2017)
    clerk, head = make_user(Role.CLERK, section), make_user(Role.HEAD, section)
    for name in ("空欄の指標", "戻った指標"):
        make_kpi(measure, make_indicator(section, name=name))
    indicator = Indicator.objects.get(name="戻った指標")
    actual = make_actual(indicator, by=clerk)
    [actual] = move({actual.pk: 1}, "submitted", Change(by=clerk, door=Door.GRID))
    move({actual.pk: 2}, "returned", Change(by=head, door=Door.GRID, reason="分母を確かめて"))
    text = text_of(page_of(client, Role.CLERK, section))
    assert text.index("戻った指標") < text.index("空欄の指標")
    assert "差戻しの理由 分母を確かめて" in text


def test_without_an_open_year_nothing_leads_to_entering(client, kpi, section, at):
    make_fiscal_year(2017, is_open=False)
    at(date(2018, 6, 18))
    response = page_of(client, Role.CLERK, section)
    text = text_of(response)
    assert read_page(response).h1 == ["平成29年度実績の入力"]
    assert "平成29年度の入力の受付は終わりました。" in text
    assert "企画担当に連絡してください。" in text
    assert "一覧で入力する" not in text
    told = text_of(page_of(client, Role.PLANNING))  # who is not told to ask itself
    assert "値の入力や変更は、入力の画面で、理由を付けて行えます。" in told


def test_a_year_that_has_not_begun_says_who_will_tell(client, kpi, section, at, settings):
    settings.PLANNING_OFFICE = "総合政策室"
    FiscalYear.objects.update(entry_is_open=False)
    at(date(2019, 6, 18))
    text = text_of(page_of(client, Role.CLERK, section))
    assert (
        "平成30年度の入力は、まだ始まっていません。受付の開始は総合政策室がお知らせします。" in text
    )


@pytest.mark.parametrize("role", [Role.CLERK, Role.HEAD])
def test_a_user_without_a_section_is_told_whom_to_ask(client, kpi, role):
    text = text_of(page_of(client, role))
    assert "担当課が登録されていないため、" in text
    assert "企画担当に連絡してください" in text


@pytest.mark.parametrize("role", [Role.CLERK, Role.HEAD])
def test_a_section_without_indicators_has_nothing_to_enter(client, kpi, role):
    text = text_of(page_of(client, role, make_section("農林課")))
    assert "入力が必要な指標はありません。" in text


@pytest.mark.parametrize("role", [Role.CLERK, Role.HEAD])
def test_a_section_finds_its_own_page_in_the_year_of_entry(client, kpi, section, role):
    farming = make_section("農林課")
    make_kpi(kpi.measure, make_indicator(farming, entered_by=section))
    page = read_page(page_of(client, role, section, make_section("何もない課")))
    address = f"/strategies/plan/sections/{section.pk}/?year=2017"
    assert [link for link in page.links if "/sections/" in link] == [address]
    assert "担当課のページ（判定、推移、残っていること）：水産課" in " ".join(page.main.split())
    assert read_page(client.get(address)).h1 == ["水産課"]


# 課長


def test_heads_see_what_waits_unusual_values_first_and_answer_on_the_spot(client, kpi, section):
    clerk = make_user(Role.CLERK, section)
    usual = make_kpi(kpi.measure, make_indicator(section, name="いつもの指標")).indicator
    make_actual(usual, 2016, 30)
    FiscalYear.objects.filter(pk=2016).update(entry_is_open=False)
    values = [make_actual(usual, 2017, 31, by=clerk), make_actual(kpi.indicator, 2017, 300, clerk)]
    move({actual.pk: 1 for actual in values}, "submitted", Change(by=clerk, door=Door.GRID))
    make_evidence(usual)
    response = page_of(client, Role.HEAD, section)
    text = text_of(response)
    assert read_page(response).h1[0].startswith("平成29年度実績の確認と回答（回答期限")
    assert text.index("前年度（30人）の約10倍です。") < text.index("いつもの指標")
    assert "先に確かめるもの（1件）" in text
    assert "いつもと変わらないもの（1件）" in text
    sent = {"step": "answer", "value": [f"{actual.pk}:2" for actual in values]}
    assert client.post("/entry/2017/answer/?state=submitted", sent).status_code == 302
    assert set(Actual.objects.filter(fiscal_year=2017).values_list("state", flat=True)) == {
        "answered"
    }
    assert "確認を待っている値はありません。" in text_of(client.get("/"))


# 企画担当


def test_planning_sees_where_the_year_stands_what_waits_and_who_has_answered(client, kpi, section):
    make_kpi(kpi.measure, make_indicator(section), kind="level", confirmed_at=None)
    make_actual(kpi.indicator, 2017, 31)
    response = page_of(client, Role.PLANNING)
    text, page = text_of(response), read_page(response)
    assert page.h1[0].startswith("平成29年度実績の取りまとめ（回答期限平成30年6月30日、")
    for stage in ("照会", "回答", "確認", "内部評価", "有識者会議", "公表"):
        assert stage in text
    assert "企画担当の確認を待っている値が1件あります。" in text
    assert "読み方未確認 1件" in text
    assert "基準値未登録 1件" in text
    assert "確定値待ち（速報値） 0件" in text
    assert "/strategies/plan/listings/?year=2017&open=reading" in page.links
    address = f"/entry/2017/answer/?state=answered&section={section.pk}"
    assert address in page.links
    assert "回答済み（" in text_of(client.get(address)) or "先に確かめるもの（1件）" in text_of(
        client.get(address)
    )


def test_planning_is_led_to_make_the_year(client, measure, at):
    at(date(2018, 6, 18))
    page = read_page(page_of(client, Role.PLANNING))
    assert "/entry/new/" in page.links
    make_fiscal_year(2017, is_open=False)
    assert "/entry/2017/open/" in read_page(page_of(client, Role.PLANNING)).links


def test_planning_is_led_to_the_first_year_of_a_plan_that_begins_later(client, at):
    """The year before the plan has nothing to enter; creating it would be useless."""
    at(date(2026, 11, 28))
    make_strategy(first_fiscal_year=2026, last_fiscal_year=2030)
    page = read_page(page_of(client, Role.PLANNING))
    assert page.h1 == ["令和8年度実績の取りまとめ"]
    form = form_data(client.get("/entry/new/").content.decode())
    assert form["year"] == "令和8年度"
    assert client.post("/entry/new/", form).url == "/entry/2026/year/"
    assert read_page(client.get("/")).h1 == ["令和8年度実績の取りまとめ"]
    assert form_data(client.get("/entry/new/").content.decode())["year"] == "令和9年度"


@pytest.mark.parametrize(
    ("period", "made", "proposed"),
    [
        ((2023, 2027), [], "令和7年度"),
        ((2020, 2024), [], "令和6年度"),
        ((2023, 2027), [2025], "令和8年度"),
        ((2027, 2031), [2024, 2025], "令和9年度"),
        (None, [], ""),
    ],
)
def test_a_new_year_begins_with_the_one_that_is_wanted(client, at, period, made, proposed):
    at(date(2026, 11, 28))
    if period:
        make_strategy(first_fiscal_year=period[0], last_fiscal_year=period[1])
    for year in made:
        make_fiscal_year(year, is_open=False)
    client.force_login(make_user(Role.PLANNING))
    assert form_data(client.get("/entry/new/").content.decode())["year"] == proposed


def test_an_open_year_of_no_plan_is_offered_to_planning_only(client, kpi, section):
    make_fiscal_year(2025)
    for role in (Role.CLERK, Role.HEAD, Role.PLANNING):
        text = text_of(page_of(client, role, section))
        assert "平成29年度実績の" in text
        assert ("ほかに受付中の年度：令和7年度" in text) is (role == Role.PLANNING)
    make_fiscal_year(2016)
    for role in (Role.CLERK, Role.HEAD):
        assert "ほかに受付中の年度：平成28年度" in text_of(page_of(client, role, section))
        assert "ほかに受付中" not in text_of(page_of(client, role, make_section(f"{role}の課")))


# 監査担当


def test_auditors_see_changes_after_confirmation_and_large_moves(client, kpi):
    make_fiscal_year(2016)
    actual = kpi.indicator.actuals.get()
    checking = make_user(Role.PLANNING, full_name="見本 花子")
    [actual] = move(
        {actual.pk: actual.version}, "confirmed", Change(by=checking, door=Door.COMMAND)
    )
    wanted = Entry(
        indicator_id=kpi.indicator.pk, fiscal_year=2016, value=Decimal(33), version=actual.version
    )
    record([wanted], Change(by=checking, door=Door.COMMAND, reason="数え漏れ"))
    make_actual(kpi.indicator, 2017, 300)
    response = page_of(client, Role.AUDITOR)
    text, page = text_of(response), read_page(response)
    assert "30人 →から 33人" in text
    assert "数え漏れ" in text
    assert "確認後に変更された値をすべて表示する（1件）" in text
    assert "備考がなく大きく動いた値をすべて表示する（1件）" in text
    assert "/strategies/plan/kpis/1-%E3%82%A2-1-1/values/2016/" in page.links
    assert "/strategies/plan/workbook/?year=2017" in page.links
    assert "/changes/" in page.links


def test_auditors_see_which_values_of_the_year_have_no_evidence(client, kpi):
    response = page_of(client, Role.AUDITOR)
    assert "平成28年度（2016）の値のうち1件に、根拠資料がありません。" in text_of(response)
    listed = "/strategies/plan/kpis/1-ア-1-1/values/2016/?year=2016"
    assert listed in read_page(response).links
    make_evidence(kpi.indicator, 2016)
    assert "根拠資料のないものはありません" in text_of(page_of(client, Role.AUDITOR))


def test_auditors_read_that_there_is_nothing_to_watch(client, measure):
    text = text_of(page_of(client, Role.AUDITOR))
    assert "確認後に変更された値はありません。" in text
    assert "備考がなく大きく動いた値は、ありません。" in text


@pytest.fixture
def texts(kpi, section):
    """内部評価 and 事業の実績 of 2017, two returned and one that waits for the head; other's."""
    foreign = make_measure(kpi.measure.group.goal, title="税の収納")
    make_kpi(foreign, make_indicator(make_section("税務課"), name="収納率"))
    about = {"fiscal_year_id": 2017}
    for number, state in enumerate(("returned", "returned", "submitted", "draft")):
        project = make_project(kpi.measure, name=f"事業{number}", section=section)
        ProjectYear.objects.create(project=project, state=state, **about)
    MeasureReview.objects.create(measure=kpi.measure, state="submitted", **about)
    MeasureReview.objects.create(measure=foreign, state="returned", **about)
    return kpi.measure.strategy


RETURNED, SUBMITTED = "差戻し", "課長確認待ち"


@pytest.mark.parametrize(
    ("role", "said"),
    [
        (Role.CLERK, [("projects", "returned", f"事業の実績（{RETURNED}） 2件")]),
        (
            Role.HEAD,
            [
                ("projects", "submitted", f"事業の実績（{SUBMITTED}） 1件"),
                ("projects", "returned", f"事業の実績（{RETURNED}） 2件"),
                ("measures", "submitted", f"内部評価（{SUBMITTED}） 1件"),
            ],
        ),
    ],
)
def test_sections_see_which_texts_wait_for_them(client, texts, section, role, said):
    response = page_of(client, role, section)
    page, links = text_of(response), read_page(response).links
    assert page.count("事業の実績（") + page.count("内部評価（") == len(said)
    for place, state, line in said:
        assert line in page
        address = f"/strategies/plan/reviews/{place}/?year=2017&state={state}"
        assert address in links
        assert client.get(address).context["state"] == state, "the list shows these rows"


@pytest.mark.parametrize("role", [Role.CLERK, Role.HEAD])
def test_more_texts_that_wait_cost_no_more_queries(client, texts, section, kpi, role):
    client.force_login(make_user(role, section))

    def count():
        client.get("/")
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/").status_code == 200
        return len(queries)

    few = count()
    for number in range(5):
        project = make_project(kpi.measure, name=f"別の事業{number}", section=section)
        ProjectYear.objects.create(project=project, state="returned", fiscal_year_id=2017)
    assert count() == few <= 31


@pytest.mark.parametrize("role", [role for role in Role if role != Role.READER])
def test_the_number_of_queries_does_not_grow_with_the_plan(client, role, kpi, section):
    client.force_login(make_user(role, section))

    def count():
        client.get("/")
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/").status_code == 200
        return len(queries)

    small = count()
    load_city()
    for listing in range(5):
        make_kpi(kpi.measure, make_indicator(section), name=f"件数{listing}")
    assert count() == small <= 25


@pytest.mark.parametrize("role", [role for role in Role if role != Role.READER])
def test_each_covers_any_plan_full_or_empty(client, role):
    strategy = load_city()
    section = make_section("水産課")
    assert page_of(client, role, section).status_code == 200
    make_values(strategy)
    read_page(page_of(client, role, section))
