"""The page of one value: as it is stored, and everything that happened to it."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from indicators.entries import WITHDRAWN, Entry
from indicators.recording import move, record
from tests.factories import (
    make_actual,
    make_fiscal_year,
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_numeric_target,
    make_section,
    make_strategy,
    make_user,
)
from tests.html import form_data
from tests.pages import read_page, text_of
from trail.history import Change, Door

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

WRITING = ("INSERT", "UPDATE", "DELETE")

KPI = "/strategies/plan/kpis/1-ア-1-1/"
VALUE = f"{KPI}values/2017/"


@pytest.fixture
def section():
    return make_section("水産課")


@pytest.fixture
def clerk(section):
    return make_user(Role.CLERK, section, full_name="見本 花子")


@pytest.fixture
def kpi(client, section):
    client.force_login(make_user(Role.READER))
    make_fiscal_year(2017)
    measure = make_measure(make_goal(make_strategy(code="plan")))
    indicator = make_indicator(section, unit="％", decimals=1, ratio=True)
    return make_kpi(measure, indicator, name="参加率", target=30)


def enter(kpi, *, by, **fields):
    entry = Entry(indicator_id=kpi.indicator.pk, fiscal_year=2017, **fields)
    return record([entry], Change(by=by, door=Door.GRID, reason="照会への回答", at=AT))[0]


AT = datetime(2018, 6, 18, 5, 5, tzinfo=UTC)


def test_it_shows_the_value_as_stored(client, kpi, clerk):
    actual = enter(
        kpi,
        by=clerk,
        numerator=Decimal(31),
        denominator=Decimal(1120),
        provisional=True,
        remarks="1社を除く。",
    )
    head = make_user(Role.HEAD, kpi.indicator.section)
    planning = make_user(Role.PLANNING, full_name="企画 次郎")
    [actual] = move({actual.pk: 1}, "answered", Change(by=head, door=Door.GRID, at=AT))
    move({actual.pk: 2}, "confirmed", Change(by=planning, door=Door.GRID, at=AT))
    page = read_page(client.get(VALUE))
    text = " ".join(page.main.split())
    assert page.h1 == ["参加率　平成29年度（2017）の値"]
    for part in (
        "実績値（年度計）2.8％ 分子31 分母1,120 状態確認済み 速報値",
        "備考1社を除く。",
        "入力した人見本 花子、2018年6月18日14時05分",
        "確認した人企画 次郎、2018年6月18日14時05分",
        "担当課水産課",
    ):
        assert part in text


def test_its_history_says_who_what_when_how_and_why(client, kpi, clerk):
    enter(kpi, by=clerk, value=Decimal("2.8"))
    text = text_of(client.get(VALUE))
    assert "2018年6月18日14時05分入力画面 見本 花子 実績値の登録" in text
    assert "実績値実績未把握 →から 2.8％" in text
    assert "照会への回答" in text


@pytest.mark.parametrize("role", list(Role))
def test_every_role_sees_it_with_names(client, kpi, clerk, role):
    enter(kpi, by=clerk, value=Decimal("2.8"))
    clerk.is_active = False
    clerk.save()
    client.force_login(make_user(role, make_section("別の課")))
    response = client.get(VALUE)
    assert response.status_code == 200
    assert text_of(response).count("見本 花子") == 2


def test_others_do_not(client, kpi):
    client.force_login(make_user(None))
    assert client.get(VALUE).status_code == 403
    client.logout()
    assert (
        client.get(VALUE).url
        == f"/login/?next=/strategies/plan/kpis/1-%25E3%2582%25A2-1-1/{VALUE[len(KPI) :]}"
    )


def test_it_only_reads(client, kpi, clerk):
    enter(kpi, by=clerk, value=Decimal("2.8"))
    assert client.post(VALUE).status_code == 405
    with CaptureQueriesContext(connection) as captured:
        client.get(VALUE)
    assert not [q for q in captured if q["sql"].startswith(WRITING)]


def test_a_withdrawal_and_what_followed_are_shown(client, kpi, clerk):
    enter(kpi, by=clerk, value=Decimal("2.8"))
    enter(kpi, by=clerk, version=1, availability=WITHDRAWN)
    text = text_of(client.get(VALUE))
    assert "入力された値が取り消され、現在は値がありません。" in text
    assert "実績値の取消し" in text
    enter(kpi, by=clerk, value=Decimal("3.1"))
    text = text_of(client.get(VALUE))
    assert text.count("実績値の登録") == 2
    assert "実績値（年度計）3.1％" in text


def test_a_year_without_a_value_has_a_page_with_the_right_word(client, kpi):
    text = text_of(client.get(VALUE))
    assert "実績値（年度計）実績未把握" in text
    assert "この年度の値は、まだ入力されていません。" in text
    assert "変更の記録は、まだありません。" in text
    client.force_login(make_user(Role.AUDITOR))
    assert "実績値（年度計）未入力" in text_of(client.get(VALUE))


def test_a_year_before_the_plan_has_a_page_where_a_value_was_entered(client, kpi):
    make_actual(kpi.indicator, 2013, 20)
    assert "20.0％" in text_of(client.get(f"{KPI}values/2013/"))
    assert f"{KPI}values/2013/?year=2015" in read_page(client.get(VALUE)).links
    for year in (2012, 2020, 99999999999999999999):
        response = client.get(f"{KPI}values/{year}/")
        assert response.status_code == 404
        assert f"の{year}年度の値は、入力されたことがありません。" in text_of(response)


def test_a_numeric_target_has_the_same(client, kpi):
    make_numeric_target(kpi.measure.group.goal, kpi.indicator, name="全体の参加率")
    url = "/strategies/plan/targets/1-1/values/2017/"
    page = read_page(client.get(url))
    assert page.h1 == ["全体の参加率　平成29年度（2017）の値"]
    assert "/strategies/plan/targets/1-1/?year=2015" in page.links


def test_the_listing_leads_to_the_values_and_they_lead_back(client, kpi):
    for year in range(2015, 2020):
        assert f"{KPI}values/{year}/?year=2016" in read_page(client.get(f"{KPI}?year=2016")).links
    links = read_page(client.get(f"{VALUE}?year=2016")).links
    assert f"{KPI}?year=2016" in links
    assert f"{KPI}values/2018/?year=2016" in links


def test_unknown_places_are_not_found(client, kpi):
    assert client.get("/strategies/plan/kpis/9-ア-1-1/values/2017/").status_code == 404
    assert client.get("/strategies/none/kpis/1-ア-1-1/values/2017/").status_code == 404
    assert client.get(f"{KPI}values/abc/").status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_history(client, kpi, clerk):
    counts = []
    for version in (None, 1, 2, 3, 4, 5):
        enter(kpi, by=clerk, value=Decimal(version or 10), version=version)
        with CaptureQueriesContext(connection) as captured:
            client.get(VALUE)
        counts.append(len(captured))
    # The first value has no row before it: one query less.
    assert len(set(counts[1:])) == 1
    assert counts[0] <= counts[1]


def test_entering_a_value_in_the_admin_leaves_the_history_of_the_indicator_alone(client, kpi):
    client.force_login(make_user(Role.PLANNING))
    before = kpi.indicator.history.count()
    url = f"/admin/indicators/indicator/{kpi.indicator.pk}/change/"
    data = form_data(client.get(url).content.decode())
    value = "actuals-0-value"
    response = client.post(url, data | {value: "12.5", "change_reason": "照会への回答"})
    assert response.status_code == 302
    assert kpi.indicator.actuals.get().value == Decimal("12.5")
    assert kpi.indicator.history.count() == before
