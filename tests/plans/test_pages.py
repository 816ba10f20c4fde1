"""The page of one 数値目標 or KPI."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from tests.factories import (
    make_actual,
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_numeric_target,
    make_project,
    make_section,
    make_strategy,
    make_user,
)
from tests.pages import read_page, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

KPI = "/strategies/plan/kpis/1-ア-1-1/"
TARGET = "/strategies/plan/targets/1-1/"
ENTER = "実績値を入力・修正する"


@pytest.fixture
def measure(client):
    client.force_login(make_user(Role.READER))
    return make_measure(make_goal(make_strategy(code="plan")))


@pytest.fixture
def fertility(measure):
    indicator = make_indicator(unit="", decimals=2, source="人口動態統計", contact="保健所")
    make_numeric_target(
        measure.group.goal,
        indicator,
        name="合計特殊出生率",
        sentence="５年で１．４９とし０．１２ポイント向上",
        kind="level",
        target=Decimal("1.49"),
        baseline=Decimal("1.37"),
        baseline_kind="measured",
        tolerance=Decimal("0.01"),
    )
    make_actual(indicator, 2016, None, availability="unpublished", expected_month="2018-09")
    make_actual(indicator, 2017, "1.43", remarks="確報による。")
    return indicator


def test_it_shows_sentence_judgement_and_explanation(client, fertility):
    page = read_page(client.get(f"{TARGET}?year=2017"))
    text = " ".join(page.main.split())
    assert page.h1 == ["合計特殊出生率"]
    assert "５年で１．４９とし０．１２ポイント向上" in text
    assert "平成29年度（2017）の判定" in text
    assert "○ おおむね順調" in text
    assert (
        "基準値1.37から目標値1.49に向け、令和元年度までの3年目の目安値1.442に対し"
        "実績は1.43、計画比83.3％で、おおむね順調です。"
    ) in text


def test_it_shows_how_the_sentence_is_read(client, fertility):
    text = text_of(client.get(TARGET))
    for part in (
        "期末水準",
        "多い（高い）ほどよい",
        "1.37（現状値）",
        "許容幅0.01",
        "確認済み（",
        "人口動態統計",
        "保健所",
        fertility.section.name,
    ):
        assert part in text.replace("許容幅 ", "許容幅")


def test_the_table_has_every_year_with_all_figures(client, fertility):
    text = text_of(client.get(f"{TARGET}?year=2017"))
    assert (
        "平成29年度（2017） 1.442 1.43 96.0％ 50.0％ 83.3％ ○ おおむね順調 回答済み 確報による。"
    ) in text
    assert "平成28年度（2016） 1.418 未公表（平成30年9月に公表予定） － － － － 判定なし" in text
    assert "令和元年度（2019） 1.49 －" in text


def test_the_figure_that_decided_comes_first_with_its_formula(client, fertility):
    response = client.get(f"{TARGET}?year=2017")
    text = text_of(response)
    assert text.index("○ おおむね順調 計画比 83.3％") < text.index("基準値1.37から目標値1.49に向け")
    assert (
        "計画比 判定に使用 （実績値−基準値）÷（目安値−基準値） （1.43−1.37）÷（1.442−1.37） 83.3％"
    ) in text
    assert "計画比が80％以上 該当 ○ おおむね順調" in text
    assert "計算に用いた実績値：平成29年度 1.43" in text
    assert f"{TARGET}values/2017/?year=2017" in read_page(response).links


def test_the_remark_on_the_value_is_shown_with_the_judgement(client, fertility):
    text = text_of(client.get(f"{TARGET}?year=2017"))
    assert text.index("備考 確報による。") < text.index("判定のしかた")


def test_a_kpi_shows_the_projects_of_its_measure(client, measure):
    make_kpi(measure)
    home = make_project(measure, name="窓口事業")
    make_project(measure, name="窓口事業", relisted_from=home)
    text = text_of(client.get(KPI))
    assert "この指標の施策と具体的事業" in text
    assert "延べ2事業（実1、再掲1）" in text


def test_a_numeric_target_leads_to_the_measures_of_its_goal(client, measure):
    make_numeric_target(measure.group.goal)
    page = read_page(client.get(TARGET))
    assert "基本目標1の具体的施策" in page.main
    assert "/strategies/plan/measures/1-ア-1/?year=2015" in page.links


def test_the_number_of_queries_does_not_grow_with_the_plan(
    client, measure, django_assert_num_queries
):
    kpi = make_kpi(measure)
    make_actual(kpi.indicator, 2015, 30)
    client.get(KPI)
    with CaptureQueriesContext(connection) as few:
        client.get(KPI)
    for year in (2016, 2017, 2018):
        make_actual(kpi.indicator, year, 30)
    for _ in range(3):
        make_kpi(measure, kpi.indicator)
        make_project(measure)
        make_kpi(make_measure(measure.group.goal))
    with django_assert_num_queries(len(few)):
        client.get(KPI)


def test_the_chart_is_named_and_described(client, fertility):
    html = " ".join(client.get(TARGET).content.decode().split())
    assert 'role="img" aria-labelledby="chart-title-wide chart-desc-wide"' in html
    assert "平成29年度は1.43（目安値1.442）" in html


def test_an_unconfirmed_reading_shows_its_doubts(client, measure):
    make_kpi(measure, confirmed_at=None, doubts="累計か。\n年間か。")
    text = text_of(client.get(KPI))
    assert "読み方未確認" in text
    assert "累計か。 年間か。" in text.replace("。年", "。 年")
    assert "実績値はまだありません。" in text


def test_where_no_value_is_there_yet_the_page_says_when_one_comes(client, measure):
    kpi = make_kpi(measure)
    value = {"availability": "unpublished", "expected_month": "2026-09"}
    make_actual(kpi.indicator, 2017, None, **value)
    text = text_of(client.get(KPI))
    assert "実績値はまだありません。令和8年9月に公表される予定です。" in text
    make_actual(kpi.indicator, 2016, 3)
    assert "実績値はまだありません。" not in text_of(client.get(KPI))


def test_a_yearly_total_shows_sums_beside_yearly_values(client, measure):
    kpi = make_kpi(measure)
    for year in (2015, 2016):
        make_actual(kpi.indicator, year, 30)
    text = text_of(client.get(KPI))
    assert "平成28年度（2016） 80人 30人 60人 30.0％ 30.0％ 75.0％" in text


def test_other_places_that_list_the_indicator_are_named(client, measure):
    kpi = make_kpi(measure, name="人口")
    make_kpi(measure, kpi.indicator, name="人口（再び）")
    page = read_page(client.get(KPI))
    assert "同じ指標を、次の箇所にも掲げています。" in page.main
    assert "/strategies/plan/kpis/1-ア-1-2/?year=2015" in page.links


def test_values_from_before_the_plan_are_shown(client, measure):
    kpi = make_kpi(measure)
    make_actual(kpi.indicator, 2014, 7)
    assert "計画期間の外の値：平成26年度（2014） 7人" in text_of(client.get(KPI))


@pytest.mark.parametrize(
    ("role", "own", "may"),
    [
        (Role.CLERK, True, True),
        (Role.HEAD, True, True),
        (Role.PLANNING, False, True),
        (Role.CLERK, False, False),
        (Role.READER, True, False),
        (Role.AUDITOR, True, False),
    ],
)
def test_the_link_to_entry_is_shown_to_those_who_may_enter(client, measure, role, own, may):
    kpi = make_kpi(measure)
    section = kpi.indicator.entered_by if own else make_section("別の課")
    client.force_login(make_user(role, section))
    response = client.get(KPI)
    assert (ENTER in text_of(response)) == may
    entry = f"/entry/2015/#row-{kpi.indicator.pk}"
    assert (entry in read_page(response).links) == may
    if may:
        assert client.get(entry).status_code == 200


def test_listings_follow_one_another_in_the_order_of_the_plan(client, measure):
    make_numeric_target(measure.group.goal)
    make_kpi(measure)
    assert f"{KPI}?year=2015" in read_page(client.get(TARGET)).links
    links = read_page(client.get(KPI)).links
    assert f"{TARGET}?year=2015" in links
    assert "/strategies/plan/measures/1-ア-1/?year=2015" in links
    assert "/strategies/plan/goals/1/?year=2015" in links


@pytest.mark.parametrize("kind", ["level", "total", "every_year", "milestone", "restraint"])
def test_every_kind_has_a_page_in_every_year(client, measure, kind):
    kpi = make_kpi(measure, kind=kind)
    for year in (2015, 2017, 2019):
        make_actual(kpi.indicator, year, 190)
    for year in range(2015, 2020):
        response = client.get(f"{KPI}?year={year}")
        assert response.status_code == 200
        read_page(response)
