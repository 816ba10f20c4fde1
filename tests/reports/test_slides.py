"""説明用の画面: what the slides say, how they are cut, and their addresses."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.roles import Role
from goals.models import Strategy
from plans.tree import read_tree
from reports.slides import HEIGHT, REASONS, TARGETS, WORST, Slide, slides_of
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

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

URL = "/strategies/plan/slides/"
INVENTED = "実績値は架空のものです。"


@pytest.fixture
def goal(client):
    """A goal with a target that is well ahead and a KPI that lags with a remark."""
    client.force_login(make_user(Role.READER))
    strategy = make_strategy(code="plan", title="見本市総合戦略", city="見本市", invented=True)
    goal = make_goal(strategy, title="豊かな海をつくる")
    target = make_numeric_target(goal, make_indicator(make_section("水産課")), name="漁業者数")
    make_actual(target.indicator, 2016, 190)
    kpi = make_kpi(make_measure(goal), name="体験の参加者数")
    make_actual(kpi.indicator, 2016, 1, remarks="台風のため\n中止。次の年は\n開く。")
    return goal


def slides_in(strategy: Strategy, year: int | None = None) -> list[Slide]:
    return slides_of(read_tree(strategy.code, *([year] if year else [])))


def test_the_first_slide_says_plan_year_and_counts(client, goal):
    page = read_page(client.get(URL))
    assert page.h1 == ["見本市総合戦略"]
    text = " ".join(page.main.split())
    assert text.startswith(
        f"見本市 {INVENTED} 見本市総合戦略 平成29年度 効果検証（平成28年度実績）"
    )
    assert "2指標のうち、達成・順調は1件、遅れ・未達成は1件です。" in text
    assert "前年度（平成27年度）と比べて、改善は0件、悪化は0件です。" in text
    assert "× 遅れ・未達成1件" in text


def test_a_goal_shows_its_targets_what_lags_and_why(client, goal):
    text = text_of(client.get(f"{URL}?page=2"))
    assert "基本目標1 豊かな海をつくる" in text
    assert "2指標 前年度と比べて、改善0件、悪化0件" in text
    assert "①漁業者数未確認 累計190人 200人 ◎ 順調" in text
    lagging = text[text.index("遅れている指標（1件）") :]
    assert "× 遅れ 体験の参加者数 計画比 1.3％ 目標値200人に向け、" in lagging
    assert "備考：台風のため 中止。" in lagging
    assert "次の年は" not in lagging
    assert "改善した指標" not in lagging


def test_what_got_better_is_shown_with_both_judgements(client, goal):
    kpi = make_kpi(make_measure(goal), name="相談", kind="every_year", target=100)
    for year, value in ((2015, 1), (2016, 200)):
        make_actual(kpi.indicator, year, value)
    text = " ".join(text_of(client.get(f"{URL}?page={page}")) for page in (2, 3))
    assert "改善した指標（1件） 相談 × 遅れ → ◎ 順調" in text


def test_the_last_slides_have_all_that_lags_the_worst_first(client, goal):
    worse = make_kpi(make_measure(goal), name="巡回の回数")
    make_actual(worse.indicator, 2016, 0)
    last = slides_in(goal.strategy)[-1]
    assert last.heading == "遅れている指標（2件）"
    [block] = last.blocks
    assert [item.row.listing.name for item in block.items] == ["巡回の回数", "体験の参加者数"]
    page = read_page(client.get(f"{URL}?page={len(slides_in(goal.strategy))}"))
    assert page.h1 == [last.heading]
    assert "順に並べています。" in page.main


def test_a_plan_in_which_nothing_lags_has_no_slide_for_it(goal):
    goal.measure_groups.all().delete()
    assert [slide.heading for slide in slides_in(goal.strategy)] == [
        "見本市総合戦略",
        "基本目標1　豊かな海をつくる",
    ]


def test_links_lead_from_slide_to_slide_with_year_and_part(client, goal):
    kept = "year=2016&goal=1"
    links = read_page(client.get(f"{URL}?{kept}&page=2")).links
    for page in (1, 3, "all"):
        assert f"{URL}?{kept}&page={page}" in links
    assert "/strategies/plan/?year=2016" in links
    assert f"{URL}?{kept}&page=0" not in read_page(client.get(f"{URL}?{kept}")).links
    assert f"{URL}?{kept}&page=4" not in read_page(client.get(f"{URL}?{kept}&page=3")).links


def test_the_slides_can_be_those_of_a_section(client, goal):
    text = text_of(client.get(f"{URL}?section=水産課"))
    assert "担当課：水産課" in text
    assert "1指標のうち、" in text


def test_all_slides_are_one_page_to_print_and_each_says_that_values_are_invented(client, goal):
    day = timezone.localdate()
    page = read_page(client.get(f"{URL}?page=all&as_of={day}"))
    count = page.html.count('<section class="slide')
    assert count >= 3
    assert page.html.count(INVENTED) == page.html.count("終了時点のデータです。") == count
    assert "<nav" not in page.html
    assert f"{URL}?year=2016&as_of={day}" in page.links


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("4", "説明用の画面は3ページまでです。4ページはありません。"),
        ("0", "説明用の画面は3ページまでです。0ページはありません。"),
        ("two", "ページ「two」は番号として読めません。「2」のように指定してください。"),
    ],
)
def test_a_missing_page_says_so_with_links(client, goal, asked, message):
    response = client.get(f"{URL}?page={asked}")
    assert response.status_code == 404
    assert message in text_of(response)
    assert f"{URL}?year=2016" in read_page(response).links


def test_wide_digits_are_read(client, goal):
    assert client.get(f"{URL}?page=２").status_code == 200


def test_a_plan_without_goals_is_one_slide(client):
    strategy = make_strategy(code="plan")
    client.force_login(make_user(Role.READER))
    assert len(slides_in(strategy)) == 1
    text = text_of(client.get(URL))
    assert "指標はまだ登録されていません。" in text
    assert "前年度" not in text


def test_a_goal_without_listings_and_a_plan_without_values_say_so(client):
    goal = make_goal(make_strategy(code="plan"))
    client.force_login(make_user(Role.READER))
    assert "指標は登録されていません。" in text_of(client.get(f"{URL}?page=2"))
    make_kpi(make_measure(goal))
    text = text_of(client.get(f"{URL}?page=2"))
    assert "数値目標は登録されていません。" in text
    assert "判定できる指標は、まだありません。" in text
    assert "改善した指標" not in text


def test_planning_too_reads_the_words_of_readers(client, goal):
    make_kpi(make_measure(goal))
    client.force_login(make_user(Role.PLANNING))
    text = text_of(client.get(URL))
    assert "実績未把握" in text
    assert "未入力" not in text


def test_a_remark_without_an_end_is_cut(goal):
    make_actual(
        make_kpi(make_measure(goal), name="長い理由").indicator, 2016, 0, remarks="風が強く、" * 100
    )
    [block] = [b for slide in slides_in(goal.strategy) for b in slide.blocks if b.kind == REASONS]
    remark = next(i.reasons[1] for i in block.items if i.row.listing.name == "長い理由")
    assert remark.endswith("…")
    assert len(remark) < 120


@pytest.mark.parametrize("length", [1, 200])
def test_what_does_not_fit_continues_on_further_slides(length):
    goal = make_goal(make_strategy(), title="海" * length)
    for number in range(12):
        target = make_numeric_target(goal, name=f"{number}" + "港" * length)
        make_actual(target.indicator, 2016, 1 if number % 2 else 0)
    slides = slides_in(goal.strategy)
    for kind, count in ((TARGETS, 12), (REASONS, 12), (WORST, 12)):
        blocks = [block for slide in slides for block in slide.blocks if block.kind == kind]
        assert sum(len(block.items) for block in blocks) == count
        assert [block.continues for block in blocks] == [False] + [True] * (len(blocks) - 1)
        assert all(block.items for block in blocks)
    for slide in slides:
        assert slide.head + sum(block.height for block in slide.blocks) <= HEIGHT


def test_a_block_that_fits_on_one_slide_is_not_divided(goal):
    for number in range(2):
        make_actual(make_kpi(make_measure(goal), name=f"遅れ{number}").indicator, 2016, 0)
    slides = slides_in(goal.strategy)
    kinds = [[(block.kind, len(block.items)) for block in slide.blocks] for slide in slides]
    assert kinds == [[], [(TARGETS, 1)], [(REASONS, 3)], [(WORST, 3)]]


def test_three_times_as_much_needs_no_query_more(client, goal):
    counts = []
    for _ in range(2):
        client.get(f"{URL}?year=2016")
        with CaptureQueriesContext(connection) as queries:
            client.get(f"{URL}?year=2016&page=all")
        counts.append(len(queries))
        for _ in range(3):
            more = make_goal(goal.strategy)
            make_actual(make_kpi(make_measure(more)).indicator, 2016)
            make_numeric_target(more, target=Decimal(3))
    assert counts[0] == counts[1] <= 15


@pytest.mark.slow
@pytest.mark.parametrize("city", ["nemuro_2015", "shiraho_2020"])
def test_slides_of_real_plans_are_sound_in_every_year(client, city):
    strategy = load_city(city)
    make_values(strategy)
    client.force_login(make_user(Role.READER))
    for year in strategy.period:
        address = f"/strategies/{strategy.code}/slides/?year={year}&page="
        read_page(client.get(f"{address}2"))
        read_page(client.get(f"{address}all"))


def test_the_overview_and_the_reports_lead_to_the_slides(client, goal):
    assert f"{URL}?year=2016" in read_page(client.get("/strategies/plan/")).links
    response = client.get("/strategies/plan/reports/?year=2016&goal=1&file=slides")
    assert response.url == f"{URL}?year=2016&goal=1"
    html = client.get("/strategies/plan/reports/").content.decode()
    assert 'value="slides" data-file' not in html.replace("\n", " ")
    assert 'value="slides"' in html
