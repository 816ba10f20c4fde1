"""The first page of each role."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from accounts.history import Door
from accounts.roles import Role
from indicators.models import FiscalYear
from indicators.recording import Entry, move, record
from kpis.entry_years import EntryYear, entry_year
from nemuro_strategy.first_pages import FIRST_PAGES, first_page_for, reader
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
    make_values,
)
from tests.pages import read_page, text_of

pytestmark = pytest.mark.django_db


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


def page_of(client, role, *sections, path="/"):
    client.force_login(make_user(role, *sections))
    return client.get(path)


# Whose page is which


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
def test_who_has_several_roles_gets_the_page_with_most_to_do(roles, expected):
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


# 担当者, 課長


def test_clerks_see_what_to_enter_last_years_value_and_where(client, kpi, section):
    kpi.indicator.handover_memo = "漁協に照会する。"
    kpi.indicator.save()
    make_kpi(kpi.measure, kpi.indicator)
    other = make_kpi(kpi.measure, name="よその指標")
    response = page_of(client, Role.CLERK, section)
    text, page = text_of(response), read_page(response)
    assert page.h1 == ["平成29年度実績の入力"]
    assert "平成29年度実績の入力を受け付けています（回答期限は平成30年6月30日" in text
    assert "未入力 1件" in text
    assert "水産課が入力する指標" in text
    assert "相談件数引継ぎメモ：漁協に照会する。 30人 － 未入力 入力する" in text
    assert f"/admin/indicators/indicator/{kpi.indicator.pk}/change/" in page.links
    assert other.name not in text


def test_what_was_handed_back_comes_first_and_before_the_head_what_waits(client, measure, section):
    names = {"差戻し": "returned", "確認待ち": "submitted", "確認済み": "confirmed", "未入力": ""}
    make_fiscal_year(2017)
    clerk, planning = make_user(Role.CLERK, section), make_user(Role.PLANNING)
    for name, state in reversed(names.items()):
        kpi = make_kpi(measure, make_indicator(section), name=f"{name}の指標")
        if state:
            entry = Entry(indicator_id=kpi.indicator.pk, fiscal_year=2017, value=Decimal(1))
            [actual] = record([entry], by=clerk, door=Door.COMMAND)
            ways = {"returned": ("submitted", "returned"), "confirmed": ("answered", "confirmed")}
            for to in ways.get(state, (state,)):
                by = make_user(Role.HEAD, section) if to == "returned" else planning
                by = clerk if to == "submitted" else by
                [actual] = move(
                    {actual.pk: actual.version}, to, by=by, door=Door.COMMAND, reason="確認"
                )
    order = {
        Role.CLERK: ["差戻し", "未入力", "確認待ち", "確認済み"],
        Role.HEAD: ["確認待ち", "差戻し", "未入力", "確認済み"],
    }
    for role, expected in order.items():
        text = text_of(page_of(client, role, section))
        places = [text.index(f"{name}の指標") for name in expected]
        assert places == sorted(places), role


def test_without_an_open_year_nothing_leads_to_entering(client, kpi, section):
    FiscalYear.objects.update(entry_is_open=False)
    response = page_of(client, Role.CLERK, section)
    assert "受付の開始は総合政策室がお知らせします。" in text_of(response)
    assert "受付していません" in text_of(response)
    assert not any("/admin/indicators" in link for link in read_page(response).links)


def test_another_year_shows_its_values_and_leads_nowhere(client, kpi, section):
    response = page_of(client, Role.CLERK, section, path="/?year=2016")
    assert "相談件数 － 30人 回答済み 受付していません" in text_of(response)


def test_who_has_no_section_is_told_whom_to_ask(client, kpi):
    text = text_of(page_of(client, Role.CLERK))
    assert "担当課が登録されていないため、" in text
    assert "企画担当に連絡してください" in text


def test_a_section_without_indicators_has_nothing_to_enter(client, kpi):
    text = text_of(page_of(client, Role.HEAD, make_section("農林課")))
    assert "入力が必要な指標はありません。" in text


def test_the_plan_that_covers_the_open_year_is_shown_though_a_newer_one_is_there(
    client, kpi, section
):
    make_strategy(code="next", first_fiscal_year=2020, last_fiscal_year=2024)
    assert "相談件数" in text_of(page_of(client, Role.CLERK, section))
    FiscalYear.objects.update(entry_is_open=False)
    assert page_of(client, Role.CLERK, section).context["tree"].code == "next"


# 企画担当


def test_planning_sees_what_needs_a_decision_and_who_has_answered(client, kpi, section):
    make_kpi(kpi.measure, make_indicator(section), kind="level", confirmed_at=None)
    response = page_of(client, Role.PLANNING)
    text, page = text_of(response), read_page(response)
    assert "読み方未確認 1件" in text
    assert "基準値未登録 1件" in text
    assert "確定値待ち（速報値） 0件" in text
    assert "水産課2件 2件 0件 0件 0件 0件 0件" in text
    assert "/strategies/plan/?year=2017&open=reading" in page.links
    address = f"/strategies/plan/?year=2017&entering={section.pk}&state=missing"
    assert address in page.links
    assert "条件に合う指標は2件です。" in text_of(client.get(address))


# 監査担当


def test_auditors_see_changes_after_confirmation_and_large_moves(client, kpi):
    make_fiscal_year(2016)
    actual = kpi.indicator.actuals.get()
    checking = make_user(Role.PLANNING, full_name="見本 花子")
    [actual] = move({actual.pk: actual.version}, "confirmed", by=checking, door=Door.COMMAND)
    wanted = Entry(
        indicator_id=kpi.indicator.pk, fiscal_year=2016, value=Decimal(33), version=actual.version
    )
    record([wanted], by=checking, door=Door.COMMAND, reason="数え漏れ")
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


def test_auditors_read_that_there_is_nothing_to_watch(client, measure):
    text = text_of(page_of(client, Role.AUDITOR))
    assert "確認後に変更された値はありません。" in text
    assert "備考がなく大きく動いた値は、ありません。" in text


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
    assert count() == small <= 24


@pytest.mark.parametrize("role", [role for role in Role if role != Role.READER])
def test_each_stands_for_any_plan_full_or_empty(client, role):
    strategy = load_city()
    section = make_section("水産課")
    assert page_of(client, role, section).status_code == 200
    make_values(strategy)
    read_page(page_of(client, role, section))


# The year that is entered


def test_the_newest_open_year_is_entered():
    for year in (2015, 2016, 2017):
        make_fiscal_year(year, is_open=year < 2017, due_date=date(year + 1, 6, 30))
    found = entry_year(date(2017, 6, 18))
    assert (found.year, found.is_open) == (2016, True)
    assert found.sentence(date(2017, 6, 18)) == (
        "平成28年度実績の入力を受け付けています（回答期限6月30日、あと12日）。"
    )


@pytest.mark.parametrize(
    ("left", "words"),
    [(12, "（回答期限6月30日、あと12日）"), (0, "（回答期限6月30日、今日まで）"), (-1, "でした）")],
)
def test_the_days_left_are_counted(left, words):
    due = date(2026, 6, 30)
    year = EntryYear(2025, True, due, True)
    assert words in year.sentence(due - timedelta(left))


def test_without_a_due_date_none_is_named():
    year = EntryYear(2025, True, None, True)
    assert year.sentence(date(2026, 6, 1)) == "令和7年度実績の入力を受け付けています。"


@pytest.mark.parametrize(("today", "year"), [(date(2026, 3, 31), 2024), (date(2026, 4, 1), 2025)])
def test_without_an_open_year_it_is_the_one_that_ended_last(today, year):
    found = entry_year(today)
    assert (found.year, found.is_open, found.was_opened) == (year, False, False)


def test_a_year_not_yet_opened_and_one_already_closed_are_told_apart():
    before = entry_year(date(2026, 6, 1))
    assert before.sentence(date(2026, 6, 1)) == (
        "令和7年度の入力は、まだ始まっていません。受付の開始は総合政策室がお知らせします。"
    )
    make_fiscal_year(2025, is_open=False)
    after = entry_year(date(2026, 6, 1))
    assert after.sentence(date(2026, 6, 1)) == "令和7年度の入力の受付は、終了しています。"
