"""担当課のページ and the index of the sections of a plan."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Section
from accounts.roles import Role
from accounts.sections import read_names, rename
from indicators.models import PastDuty
from plans.sections import part_of_section, sections_of_plan
from plans.tree import read_tree
from tests.factories import (
    load_city,
    make_actual,
    make_evidence,
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_numeric_target,
    make_project,
    make_section,
    make_strategy,
    make_user,
    make_values,
)
from tests.pages import read_page, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

OVERVIEW = "/strategies/plan/"
INDEX = f"{OVERVIEW}sections/"


@pytest.fixture
def strategy():
    return make_strategy(code="plan", title="見本市総合戦略")


@pytest.fixture
def fishery():
    return make_section("水産課")


@pytest.fixture
def own(strategy, fishery):
    """A measure with a KPI that lags, a good one and one that the section only enters."""
    measure = make_measure(make_goal(strategy), title="漁業を支える")
    late = make_kpi(measure, make_indicator(fishery), name="体験者数")
    make_actual(late.indicator, 2015, 40)
    make_actual(late.indicator, 2016, 1, remarks="しけが続いた。")
    good = make_kpi(measure, make_indicator(fishery), name="就業者数")
    make_actual(good.indicator, 2016, 100)
    office = make_section("企画課")
    make_kpi(measure, make_indicator(office, entered_by=fishery), name="転入者数")
    make_kpi(measure, make_indicator(office), name="他課の指標")
    make_project(measure, name="漁業体験事業")
    return measure


@pytest.fixture
def reader(client):
    client.force_login(make_user(Role.READER))
    return client


def url_of(section: Section, query: str = "") -> str:
    return f"{INDEX}{section.pk}/{query}"


def test_a_head_sees_how_many_are_good_what_lags_and_why(reader, own, fishery):
    page = read_page(reader.get(url_of(fishery, "?year=2016")))
    assert page.h1 == ["水産課"]
    assert "3指標のうち、達成・順調は1件" in page.main
    assert "遅れている指標（1件）" in page.main
    lagging = page.main[page.main.index("遅れている指標") : page.main.index("入力や確認")]
    assert "体験者数" in lagging
    assert "備考 しけが続いた。" in lagging
    assert "計画比 51.3％" in lagging
    assert "他課の指標" not in page.main


def test_each_listing_has_its_marks_over_the_years_and_its_newest_figures(reader, own, fishery):
    page = read_page(reader.get(url_of(fishery, "?year=2016")))
    row = page.main[page.main.index("指標と、年度ごとの判定") :]
    row = " ".join(row[row.index("体験者数") :].split())
    assert re.match(r"体験者数.*◎累計40人 順調.*△累計41人 やや遅れ.*累計41人.*200人", row)
    assert "入力のみ（担当は企画課）" in row
    links = [link for link in page.links if "/kpis/1-ア-1-1/" in link]
    assert f"{OVERVIEW}kpis/1-ア-1-1/?year=2015" in links
    assert "平成28年度より後の年度は、表示していません。" in page.main


def test_measures_and_projects_of_the_section_are_listed(reader, strategy, own, fishery):
    elsewhere = make_measure(own.group.goal, title="港を直す")
    make_project(elsewhere, name="岸壁改修", section=fishery)
    make_project(elsewhere, name="ほかの事業")
    text = text_of(reader.get(url_of(fishery, "?year=2016")))
    assert "延べ1事業：漁業体験事業" in text
    assert "延べ1事業：岸壁改修" in text
    assert "ほかの事業" not in text


def test_what_is_open_is_named_and_entry_states_only_to_those_who_may_know(client, own, fishery):
    waiting = own.kpis.get(name="就業者数").indicator
    waiting.actuals.update(state="submitted")
    own.kpis.filter(name="体験者数").update(confirmed_at=None)
    seen = {}
    for name, user in {
        "reader": make_user(Role.READER, fishery),
        "head": make_user(Role.HEAD, fishery),
        "other head": make_user(Role.HEAD, make_section("農林課")),
        "planning": make_user(Role.PLANNING),
    }.items():
        client.force_login(user)
        text = text_of(client.get(url_of(fishery, "?year=2016")))
        seen[name] = text[text.index("入力や確認を待つもの") : text.index("指標と、年度ごとの")]
    for text in seen.values():
        assert "読み方未確認 1件" in text
    for name in ("head", "planning"):
        assert "未入力 1件" in seen[name]
        assert "課長確認待ち 1件" in seen[name]
    assert "実績未把握 1件" in seen["reader"]
    for name in ("reader", "other head"):
        assert "課長確認待ち" not in seen[name]


def test_values_without_files_are_named_to_those_who_may_see_the_files(client, own, fishery):
    make_evidence(own.kpis.get(name="体験者数").indicator, 2016)
    query = "?year=2016"
    for role, sections, is_told in (
        (Role.HEAD, [fishery], True),
        (Role.AUDITOR, [], True),
        (Role.READER, [fishery], False),
        (Role.HEAD, [make_section("農林課")], False),
    ):
        client.force_login(make_user(role, *sections))
        text = text_of(client.get(url_of(fishery, query)))
        # 転入者数 has no value, and 体験者数 a file.
        assert ("根拠資料なし 1件 就業者数" in text) == is_told, role
    client.force_login(make_user(Role.AUDITOR))
    past = text_of(client.get(url_of(fishery, f"{query}&as_of={timezone.localdate()}")))
    assert "根拠資料なし" not in past


def test_at_most_five_listings_are_named_for_what_is_open(client, strategy, fishery):
    measure = make_measure(make_goal(strategy))
    for number in range(7):
        make_kpi(measure, make_indicator(fishery), name=f"指標{number}番")
    client.force_login(make_user(Role.HEAD, fishery))
    text = text_of(client.get(url_of(fishery)))
    item = text[text.index("未入力 7件") : text.index("指標と、年度ごとの")]
    assert "指標4番 ほか2件" in item
    assert "指標5番" not in item


def test_nothing_open_is_said(reader, strategy, fishery):
    kpi = make_kpi(make_measure(make_goal(strategy)), make_indicator(fishery))
    make_actual(kpi.indicator, 2015, 40)
    text = text_of(reader.get(url_of(fishery)))
    assert "入力や確認を待つ指標はありません。" in text
    assert "遅れている指標はありません。" in text


def test_a_section_has_the_name_and_the_listings_of_the_year(reader, own, fishery):
    rename(fishery, "水産振興課", 2016)
    moved = own.kpis.get(name="就業者数").indicator
    office = moved.section
    PastDuty.objects.create(
        indicator=moved, last_fiscal_year=2015, section=office, entered_by=office
    )
    moved.section = moved.entered_by = Section.objects.get(name="企画課")
    moved.save()
    before = read_page(reader.get(url_of(fishery, "?year=2015"))).main
    assert "水産課" in before
    assert "水産振興課" not in before
    assert "就業者数" in before
    after = read_page(reader.get(url_of(fishery, "?year=2016")))
    assert "水産振興課" in after.main
    table = after.main[after.main.index("指標と、年度ごとの判定") :]
    assert "就業者数" not in table[: table.index("前の年度まで担当した指標")]
    assert "就業者数（平成27年度まで。いまの担当は企画課）" in table
    assert f"{OVERVIEW}kpis/1-ア-1-2/?year=2015" in after.links
    other = text_of(reader.get(url_of(Section.objects.get(name="企画課"), "?year=2016")))
    assert "平成27年度までの担当は水産課" in other


@pytest.fixture
def ended(strategy):
    """水産課 had a listing that ended, and one that 企画課 has since 2016."""
    old, new = make_section("水産課"), make_section("企画課")
    measure = make_measure(make_goal(strategy))
    make_kpi(measure, make_indicator(old), name="終わった指標", last_fiscal_year=2016)
    passed = make_indicator(new)
    make_kpi(measure, passed, name="渡した指標")
    PastDuty.objects.create(indicator=passed, last_fiscal_year=2015, section=old, entered_by=old)
    for year in (2015, 2018):
        make_actual(passed, year, 10)
    return old, new


def test_a_section_that_has_nothing_left_opens_in_its_last_year(reader, ended):
    old, _ = ended
    text = text_of(reader.get(url_of(old)))
    assert "平成28年度実績" in text
    assert "終わった指標" in text


def test_its_later_years_name_all_its_years_and_who_came_after(reader, ended):
    old, new = ended
    response = reader.get(url_of(old, "?year=2018"))
    assert response.status_code == 404
    assert "受け持つものがあるのは、平成27年度、平成28年度です。" in text_of(response)
    links = read_page(response).links
    assert {url_of(old, "?year=2015"), url_of(old, "?year=2016")} <= set(links)
    assert url_of(new, "?year=2018") in links


def test_years_of_projects_count(reader, strategy, ended):
    measure = make_measure(make_goal(strategy))
    office = make_section("土木課")
    make_project(measure, section=office, last_fiscal_year=2017)
    text = text_of(reader.get(url_of(office, "?year=2018")))
    assert "平成27年度、平成28年度、平成29年度です。" in text


def test_a_section_without_anything_leads_on(reader, own, fishery):
    missing = reader.get(f"{INDEX}999999/?year=2016")
    assert missing.status_code == 404
    assert "番号999999の担当課は登録されていません。一覧から選び直してください。" in text_of(
        missing
    )
    assert f"{INDEX}?year=2016" in read_page(missing).links
    idle = reader.get(url_of(make_section("税務課"), "?year=2016"))
    assert idle.status_code == 404
    assert (
        "見本市総合戦略に、税務課が平成28年度（2016）に担当する指標と事業はありません。"
        in text_of(idle)
    )
    # One that has ended, with what it had before.
    for kpi in own.kpis.all():
        indicator = kpi.indicator
        PastDuty.objects.create(
            indicator=indicator, last_fiscal_year=2015,
            section=indicator.section, entered_by=indicator.entered_by,
        )  # fmt: skip
        indicator.section = indicator.entered_by = Section.objects.get(name="企画課")
        indicator.save()
    ended = reader.get(url_of(fishery, "?year=2016"))
    assert ended.status_code == 404
    assert "受け持つものがあるのは、平成27年度です。" in text_of(ended)
    assert url_of(fishery, "?year=2015") in read_page(ended).links


def test_a_section_with_projects_only_has_a_page(reader, own):
    office = make_section("財政課")
    make_project(own, name="基金事業", section=office)
    text = text_of(reader.get(url_of(office, "?year=2016")))
    assert "この年度に担当する指標はありません。" in text
    assert "基金事業" in text
    assert "漁業体験事業" not in text


def test_the_index_names_the_sections_with_their_counts_and_ones_own(client, own, fishery):
    make_section("税務課")
    client.force_login(make_user(Role.HEAD, fishery))
    page = read_page(client.get(f"{INDEX}?year=2016"))
    assert "税務課" not in page.main
    row = " ".join(page.main[page.main.index("水産課") :].split())
    assert row.startswith("水産課 所属 3 1 0 1 0 1 1 ")
    assert f"{fishery.pk}/?year=2016" in page.links
    assert "指標と事業を担当する課は、まだ登録されていません。" in text_of(
        client.get(f"/strategies/{make_strategy(code='empty').code}/sections/")
    )


def test_the_counts_of_the_index_are_those_of_the_pages(reader):
    make_values(load_city())
    tree, names = read_tree("nemuro-2015", 2018), read_names()
    found = sections_of_plan(tree, names)
    assert len(found) >= 10
    for one in found:
        part = part_of_section(tree, names, one.pk, with_states=False)
        assert (part.count, part.bands) == (one.count, one.bands)
        assert len(part.rows) == one.count.total
        assert part.lagging_count.total == one.lagging
        assert len(part.measures) == one.measures


def test_those_who_enter_find_their_own_section_from_the_overview(client, own, fishery):
    for user, finds in (
        (make_user(Role.HEAD, fishery), True),
        (make_user(Role.CLERK, fishery), True),
        (make_user(Role.HEAD, make_section("農林課")), False),
        (make_user(Role.READER, fishery), False),
    ):
        client.force_login(user)
        links = read_page(client.get(f"{OVERVIEW}?year=2016")).links
        assert "sections/?year=2016" in links
        assert (f"sections/{fishery.pk}/?year=2016" in links) == finds


def test_a_past_day_stays_on_every_link(reader, own, fishery):
    today = timezone.localdate()
    page = read_page(reader.get(url_of(fishery, f"?year=2016&as_of={today}")))
    own_links = [link for link in page.links if "/kpis/" in link or "/measures/" in link]
    assert len(own_links) >= 6
    assert all(link.endswith(f"&as_of={today}") for link in own_links)


def test_the_report_is_that_of_the_section(reader, own, fishery):
    page = read_page(reader.get(url_of(fishery, "?year=2016")))
    assert "水産課の検証報告書をExcelで受け取る" in page.main
    assert any(f"section={fishery.pk}" in link for link in page.links)


@pytest.mark.parametrize("path", ["", "page"])
def test_the_number_of_queries_does_not_depend_on_the_size_of_the_plan(
    client, strategy, own, fishery, path
):
    client.force_login(make_user(Role.HEAD, fishery))
    url = url_of(fishery) if path else INDEX

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        return len(captured)

    client.get(url)
    first = queries()
    for number in range(6):
        goal = make_goal(strategy)
        make_numeric_target(goal, make_indicator(fishery))
        measure = make_measure(goal)
        make_kpi(measure, make_indicator(make_section(), entered_by=fishery), name=f"指標{number}")
        make_project(measure, section=fishery)
    assert queries() == first
    assert first <= 18


def test_names_are_never_markup(reader, strategy):
    section = make_section("<b>課</b>")
    kpi = make_kpi(make_measure(make_goal(strategy)), make_indicator(section), name="<i>斜</i>")
    make_project(kpi.measure, name="<u>事業</u>")
    for url in (url_of(section), INDEX):
        html = reader.get(url).content.decode()
        assert [tag for tag in ("<b>課", "<i>斜", "<u>事業") if tag in html] == []
