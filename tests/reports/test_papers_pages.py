"""The papers as pages: their content, the part of the plan, and who gets them."""

import io
import re

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.roles import Role
from plans.tree import read_tree
from reports.assembly_paper import assembly_pages
from tests.factories import (
    load_city,
    make_actual,
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_numeric_target,
    make_section,
    make_strategy,
    make_user,
    make_values,
)
from tests.pages import read_page, text_of
from tests.reports.year_end import DRAFT, written_year

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.slow]

TODAY = timezone.localdate().isoformat()
COUNCIL = "/strategies/plan/papers/council/"
ASSEMBLY = "/strategies/plan/papers/assembly/"


@pytest.fixture
def goal(client):
    """A goal with a target that is well ahead and a KPI that lags with a remark."""
    client.force_login(make_user(Role.READER))
    strategy = make_strategy(code="plan", title="見本市総合戦略", invented=True)
    goal = make_goal(strategy, title="豊かな海をつくる")
    target = make_numeric_target(goal, make_indicator(make_section("水産課")), name="漁業者数")
    make_actual(target.indicator, 2016, 190)
    kpi = make_kpi(make_measure(goal), name="体験の参加者数")
    make_actual(kpi.indicator, 2016, 1, remarks="台風のため中止。")
    return goal


@pytest.mark.parametrize("url", [COUNCIL, ASSEMBLY])
def test_a_paper_says_what_it_is_when_it_was_printed_and_that_values_are_invented(
    client, goal, url
):
    page = read_page(client.get(url))
    paper = "有識者会議資料" if url == COUNCIL else "議会資料"
    assert page.h1 == [f"{paper}　平成29年度 効果検証（平成28年度実績）"]
    assert "印刷日 令和" in page.main or "印刷日 平成" in page.main
    assert "【試用環境です。実績値は架空のものです。】" in page.main
    assert "基本目標1　豊かな海をつくる" in page.main


def test_the_council_sees_every_listing_with_its_sentence_and_explanation(client, goal):
    text = "".join(text_of(client.get(COUNCIL)).split())
    assert "①漁業者数" in text
    assert "（ア）①相談できる場をふやす①体験の参加者数５年で２００人期間累計人" in text
    assert "台風のため中止。" in text
    assert "目標値200人に向け、" in text


def test_the_assembly_sees_what_lags_and_why_and_what_goes_well(client, goal):
    text = text_of(client.get(ASSEMBLY))
    lagging, good = text.split("遅れている指標とその理由（1件）")[1].split(
        "達成した指標、順調な指標"
    )
    assert "体験の参加者数" in lagging
    assert "備考：台風のため中止。" in lagging
    assert "漁業者数" in good
    assert "体験の参加者数" not in good


def test_the_assembly_sees_the_worst_first(client, goal):
    kpi = make_kpi(make_measure(goal), name="巡回の回数")
    make_actual(kpi.indicator, 2016, 0)
    lagging = text_of(client.get(ASSEMBLY)).split("遅れている指標とその理由（2件）")[1]
    assert lagging.index("巡回の回数") < lagging.index("体験の参加者数")


def test_the_assembly_is_told_that_nothing_could_be_judged(client, goal):
    make_goal(goal.strategy)
    text = text_of(client.get(f"{ASSEMBLY}?goal=2"))
    assert "判定できる指標は、まだありません。" in text
    assert "達成した指標、順調な指標はまだありません。" in text
    assert "数値目標は登録されていません。" in text


def test_many_lagging_listings_are_named_after_the_first(client, goal):
    measure = make_measure(goal)
    for number in range(9):
        make_actual(make_kpi(measure, name=f"遅れ{number}").indicator, 2016, 1)
    text = text_of(client.get(ASSEMBLY))
    assert "遅れている指標とその理由（10件）" in text
    assert "ほかに2件：遅れ7、遅れ8" in text


def test_an_indicator_listed_twice_lags_once(client, goal):
    kpi = make_kpi(make_measure(goal), name="参加者")
    make_kpi(make_measure(goal), kpi.indicator, name="参加者（再び）")
    make_actual(kpi.indicator, 2016, 1)
    text = text_of(client.get(ASSEMBLY))
    assert "遅れている指標とその理由（2件）" in text
    assert "参加者（再び）" not in text


@pytest.mark.parametrize("url", [COUNCIL, ASSEMBLY])
def test_a_part_of_the_plan_is_named(client, goal, url):
    response = client.get(url, {"section": "水産課"})
    text = text_of(response)
    assert "見本市総合戦略（担当課：水産課）" in text
    assert "体験の参加者数" not in text
    workbook = url.rstrip("/") + ".xlsx?year=2016&section=%E6%B0%B4%E7%94%A3%E8%AA%B2"
    assert workbook in read_page(response).links
    assert client.get(workbook).status_code == 200


@pytest.mark.parametrize("url", [COUNCIL, ASSEMBLY])
@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"goal": "9"}, "見本市総合戦略に、基本目標9はありません。"),
        ({"goal": "海"}, "基本目標「海」は番号として読めません。"),
        ({"section": "夢想課"}, "「夢想課」が担当する指標はありません。"),
    ],
)
def test_what_the_plan_does_not_have_is_not_found(client, goal, url, asked, message):
    response = client.get(url, asked)
    assert response.status_code == 404
    assert message in text_of(response)
    assert "/strategies/plan/reports/?year=2016" in read_page(response).links


@pytest.mark.parametrize("url", [COUNCIL, ASSEMBLY])
def test_the_number_of_queries_does_not_grow_with_the_plan(client, goal, url):
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.get(f"{url}?year=2016")
        counts.append(len(queries))
        for _ in range(3):
            make_actual(make_kpi(make_measure(make_goal(goal.strategy))).indicator, 2016)
    assert counts[0] == counts[1] <= 27


@pytest.mark.parametrize("paper", ["council", "assembly"])
@pytest.mark.parametrize("city", ["nemuro_2015", "shiraho_2020"])
def test_papers_of_real_plans_are_sound_in_every_year(client, paper, city):
    strategy = load_city(city)
    make_values(strategy)
    client.force_login(make_user(Role.READER))
    for year in strategy.period:
        response = client.get(f"/strategies/{strategy.code}/papers/{paper}/?year={year}")
        assert response.status_code == 200
        read_page(response)


def test_the_assembly_finds_every_indicator_somewhere(client):
    strategy = load_city("nemuro_2015")
    make_values(strategy)
    client.force_login(make_user(Role.READER))
    pages = assembly_pages(read_tree(strategy.code, 2017))
    book = openpyxl.load_workbook(
        io.BytesIO(
            client.get(f"/strategies/{strategy.code}/papers/assembly.xlsx?year=2017").content
        )
    )
    text = text_of(client.get(f"/strategies/{strategy.code}/papers/assembly/?year=2017"))
    for page, sheet in zip(pages, book.worksheets[2:], strict=True):
        whole = " ".join(str(cell) for row in sheet.values for cell in row if cell)
        sections = whole.partition("遅れている指標とその理由")[2]
        for listing in page.goal.listings:
            name = listing.name
            assert name in sections
            assert name in text
    assert any(page.fair for page in pages)
    assert "おおむね順調・達成の指標（" in text


@pytest.mark.parametrize("paper", ["measures", "council", "assembly"])
def test_papers_for_others_say_that_a_value_is_not_known_whoever_prints_them(client, goal, paper):
    kpi = make_kpi(make_measure(goal), name="巡回の回数")
    make_actual(kpi.indicator, 2015, 5)
    make_actual(make_kpi(make_measure(goal), kind="total").indicator, 2016, 5)
    client.force_login(make_user(Role.PLANNING))
    content = client.get(f"/strategies/plan/papers/{paper}.xlsx").getvalue()
    book = openpyxl.load_workbook(io.BytesIO(content))
    texts = [" ".join(str(cell) for sheet in book for row in sheet.values for cell in row if cell)]
    if paper != "measures":
        texts.append(text_of(client.get(f"/strategies/plan/papers/{paper}/")))
        assert "実績未把握の年度があるため参考値です" in texts[-1]
    for text in texts:
        assert "実績未把握" in text
        assert "未入力" not in text


def test_last_years_opinions_come_first_and_then_what_the_sections_judged(client):
    plan = load_city("nemuro_2015")
    written_year(plan, 2017, every=2)
    client.force_login(make_user(Role.READER))
    for paper in ("council", "assembly"):
        path = f"/strategies/{plan.code}/papers/{paper}"
        content = client.get(f"{path}.xlsx?year=2017").getvalue()
        book = openpyxl.load_workbook(io.BytesIO(content))
        sheets = [
            " ".join(str(cell) for row in sheet.values for cell in row if cell) for sheet in book
        ]
        page = text_of(client.get(f"{path}/?year=2017"))
        order = [
            page.index(one) for one in ("前年度（平成28年度実績）", "内部評価（平成29年度", "①")
        ]
        assert order == sorted(order)
        for opinions, evaluations in (sheets[:2], [page, page]):
            for said in ("の意見1：", "の回答1：", "のその後1：", "次年度に反映"):
                assert said in opinions
            assert "平成29年度（2017）の意見" not in opinions
            assert "Ｂ おおむね順調" in evaluations
            assert re.search("（未確認）|確認していないもの（", evaluations)
            assert DRAFT not in evaluations


def test_evaluations_are_not_shown_as_of_an_earlier_day(client, goal):
    for url in (COUNCIL, ASSEMBLY):
        text = text_of(client.get(url, {"year": 2016, "as_of": TODAY}))
        assert "内部評価" not in text
