"""指標の一覧: all listings of a year, and those that meet conditions."""

import re
from decimal import Decimal
from urllib.parse import urljoin

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.roles import Role
from indicators.entries import Entry
from indicators.recording import record
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
from trail.history import Change

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

OVERVIEW = "/strategies/plan/"
URL = f"{OVERVIEW}listings/"


@pytest.fixture
def measure():
    return make_measure(make_goal(make_strategy(code="plan", title="見本市総合戦略")))


@pytest.fixture
def reader(client):
    client.force_login(make_user(Role.READER))
    return client


def test_a_row_shows_value_path_target_the_deciding_figure_and_the_status(reader, measure):
    fertility = make_indicator(unit="", decimals=2)
    make_kpi(
        measure,
        fertility,
        name="合計特殊出生率",
        sentence="５年で１．４９とし０．１２ポイント向上",
        kind="level",
        target=Decimal("1.49"),
        baseline=Decimal("1.37"),
        baseline_kind="measured",
    )
    make_actual(fertility, 2017, "1.43", provisional=True)
    text = text_of(reader.get(URL))
    row = text[text.index("合計特殊出生率") :]
    assert row.startswith(
        "合計特殊出生率５年で１．４９とし０．１２ポイント向上 1.43速報値未確認 1.442 1.49 "
        "計画比 83.3％ － ○ おおむね順調"
    )


def test_an_indicator_listed_again_is_marked(reader, measure):
    kpi = make_kpi(measure)
    make_kpi(measure, kpi.indicator)
    page = read_page(reader.get(URL))
    assert page.html.count('<span class="tag">再掲</span>') == 1


def test_an_unconfirmed_reading_shows_its_value_unjudged(reader, measure):
    kpi = make_kpi(measure, confirmed_at=None)
    make_actual(kpi.indicator, 2015, 123)
    text = text_of(reader.get(URL))
    assert "123人" in text
    assert "判定なし（読み方未確認）" in text


def test_words_and_marks_are_those_of_the_plan(reader, measure):
    strategy = measure.strategy
    strategy.labels, strategy.marks = {"on_track": "計画どおり"}, {"good": "☆"}
    strategy.save()
    make_actual(make_kpi(measure).indicator, 2015, 40)
    assert "☆ 計画どおり" in text_of(reader.get(URL))


def test_what_people_typed_is_never_markup(reader, measure):
    make_kpi(measure, name="<b>太字</b>", sentence="５年で<i>１件</i>")
    html = reader.get(URL).content.decode()
    assert "<b>太字" not in html
    assert "<i>１件" not in html


def test_the_real_plan_has_all_its_listings_in_at_most_sixty_kilobytes(reader):
    strategy = load_city()
    make_values(strategy)
    response = reader.get(f"/strategies/{strategy.code}/listings/")
    past = f"?as_of={timezone.localdate()}"
    sizes = {
        query: len(reader.get(f"/strategies/{strategy.code}/listings/{query}").content)
        for query in ("", *(f"?year={year}" for year in strategy.period), past)
    }
    assert max(sizes.values()) <= 60_000, sizes
    page = read_page(response)
    links = {urljoin(f"/strategies/{strategy.code}/listings/", link) for link in page.links}
    assert sum("/kpis/" in link for link in links) == 39
    assert sum("/targets/" in link for link in links) == 10
    assert "49指標（実48、再掲1）のうち" in page.main


class TestConditions:
    def test_only_what_meets_the_conditions_is_listed(self, reader, measure):
        make_actual(make_kpi(measure, name="遅いもの").indicator, 2015, 1)
        make_actual(make_kpi(measure, name="早いもの").indicator, 2015, 100)
        response = reader.get(f"{URL}?year=2015&judgement=bad")
        text = text_of(response)
        assert "判定：× 遅れ・未達成 2指標のうち、条件に合う指標は1件です。" in text
        assert "遅いもの" in text
        assert "早いもの" not in text
        assert '<option value="bad" selected>' in response.content.decode()
        assert f"{URL}?year=2015" in read_page(response).links

    def test_the_other_years_are_asked_for_under_the_same_conditions(self, reader, measure):
        make_kpi(measure)
        links = read_page(reader.get(f"{URL}?year=2015&judgement=bad")).links
        assert f"{URL}?year=2016&judgement=bad" in links

    def test_nothing_found_says_what_to_do(self, reader, measure):
        make_kpi(measure)
        text = text_of(reader.get(f"{URL}?judgement=bad"))
        assert "条件に合う指標はありません。条件を変えるか、解除してください。" in text

    def test_an_unknown_condition_is_refused_with_links(self, reader, measure):
        make_kpi(measure)
        response = reader.get(f"{URL}?judgement=<b>best</b>")
        assert response.status_code == 404
        assert "判定の条件「<b>best</b>」は、この計画にありません。" in text_of(response)
        assert f"{URL}?year=2015" in read_page(response).links

    def test_the_form_keeps_year_and_day(self, reader, measure):
        make_kpi(measure)
        today = timezone.localdate()
        html = reader.get(f"{URL}?year=2016&as_of={today}").content.decode()
        assert '<input type="hidden" name="year" value="2016">' in html
        assert f'<input type="hidden" name="as_of" value="{today:%Y-%m-%d}">' in html


def test_a_plan_without_goals_opens(reader):
    make_strategy(code="plan")
    text = text_of(reader.get(URL))
    assert "指標はまだ登録されていません。" in text
    assert "条件を選ぶ" not in text


def test_overview_and_list_lead_to_each_other_in_the_same_year(reader, measure):
    make_kpi(measure)
    assert f"{URL}?year=2017" in read_page(reader.get(f"{OVERVIEW}?year=2017")).links
    assert f"{OVERVIEW}?year=2017" in read_page(reader.get(f"{URL}?year=2017")).links


class TestAddressesOfTheOverview:
    """The listings used to be on the overview: addresses that people kept lead here."""

    def test_conditions_come_along_with_year_and_day(self, reader, measure):
        make_kpi(measure)
        query = f"year=2018&as_of={timezone.localdate()}&judgement=bad&kind=total"
        response = reader.get(f"{OVERVIEW}?{query}")
        assert (response.status_code, response.url) == (302, f"{URL}?{query}")
        assert "条件に合う指標はありません。" in text_of(reader.get(response.url))

    @pytest.mark.parametrize("name", ["goal", "section", "open", "sdg", "general_plan"])
    def test_any_condition_does(self, reader, measure, name):
        assert reader.get(f"{OVERVIEW}?{name}=1").url == f"{URL}?{name}=1"

    @pytest.mark.parametrize("query", ["", "?year=2018", "?judgement=&goal=+", "?q=1"])
    def test_without_a_condition_it_is_the_overview(self, reader, measure, query):
        assert reader.get(f"{OVERVIEW}{query}").status_code == 200

    def test_a_stranger_has_to_log_in_first(self, client, measure):
        assert client.get(f"{OVERVIEW}?judgement=bad").url.startswith("/login/")


class TestOrder:
    """The listings in the order that the address asks for."""

    @pytest.fixture
    def plan(self, measure):
        """Two goals: 下がる fell from 2015 to 2016, 上がる rose, 低い stayed low."""
        other = make_measure(make_goal(measure.strategy))
        offices = [make_section(name, position=n) for name, n in (("農林課", 2), ("総務課", 1))]
        for name, under, office, values in (
            ("上がる", measure, 0, (10, 100)),
            ("低い", measure, 1, (20, 20)),
            ("下がる", other, 0, (100, 60)),
        ):
            indicator = make_indicator(offices[office])
            make_kpi(under, indicator, name=name, kind="every_year", target=100)
            for year, value in zip((2015, 2016), values, strict=True):
                make_actual(indicator, year, value)
        return measure.strategy

    def names(self, client, query):
        """Return the names in the rows of the page, from top to bottom."""
        text = text_of(client.get(f"{URL}?year=2016{query}"))
        places = {name: text.rfind(f"{name}５年") for name in ("上がる", "低い", "下がる")}
        return sorted((name for name in places if places[name] >= 0), key=places.get)

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("", ["上がる", "低い", "下がる"]),
            ("&sort=plan", ["上がる", "低い", "下がる"]),
            ("&sort=judgement", ["低い", "下がる", "上がる"]),
            ("&sort=change", ["下がる", "低い", "上がる"]),
            ("&sort=section", ["低い", "上がる", "下がる"]),
            ("&sort=judgement&judgement=lagging", ["低い", "下がる"]),
            ("&sort=change&judgement=lagging&goal=1", ["低い"]),
        ],
    )
    def test_rows_are_in_the_requested_order(self, reader, plan, query, names):
        assert self.names(reader, query) == names

    def test_the_order_of_sections_is_that_of_the_requested_day(self, reader, plan):
        assert self.names(reader, f"&as_of={timezone.localdate()}&sort=section") == [
            "低い", "上がる", "下がる",
        ]  # fmt: skip

    def test_one_table_names_goal_measure_section_and_the_change(self, reader, plan):
        html = reader.get(f"{URL}?year=2016&sort=change").content.decode()
        text = text_of(reader.get(f"{URL}?year=2016&sort=change"))
        assert html.count("<table") == 1
        assert re.findall(r'<th scope="col" aria-sort="ascending">(.*?)</th>', html) == [
            "前年度から"
        ]
        row = text[text.index("下がる５年") :]
        assert "基本目標2（ア）①" in row[: row.index("農林課")]
        assert "↓ 悪化◎から△" in row[: row.index("低い")]
        assert "→ 変化なし" in row[row.index("低い") : row.index("上がる")]
        assert "↑ 改善×から◎" in row[row.index("上がる") :]

    def test_the_order_of_the_plan_has_its_headings_and_sorts_no_column(self, reader, plan):
        html = reader.get(f"{URL}?year=2016").content.decode()
        assert html.count("<table") == 2
        assert "aria-sort" not in html
        assert "↓ 悪化" in html

    def test_the_first_year_has_no_column_for_the_change(self, reader, plan):
        text = text_of(reader.get(f"{URL}?year=2015&sort=change"))
        assert "計画の最初の年度のため、前年度との比較はありません。" in text
        assert "前年度から 判定" not in text

    def test_years_orders_and_conditions_keep_each_other(self, reader, plan):
        page = read_page(reader.get(f"{URL}?year=2016&judgement=lagging&sort=change"))
        assert f"{URL}?year=2017&judgement=lagging&sort=change" in page.links
        assert f"{URL}?year=2016&sort=section&judgement=lagging" in page.links
        assert f"{URL}?year=2016&judgement=lagging" in page.links
        assert f"{URL}?year=2016&sort=change" in page.links
        assert '<input type="hidden" name="sort" value="change">' in page.html
        assert "並べ方の選択" in page.html
        current = re.findall(r'aria-current="true">([^<]*)', page.html)
        assert current == ["平成28年度（2016）", "前年度から悪化した順"]

    def test_an_unknown_order_is_refused_with_links(self, reader, plan):
        response = reader.get(f"{URL}?year=2016&goal=1&sort=<b>best</b>")
        assert response.status_code == 404
        assert "並べ方「<b>best</b>」はありません。" in text_of(response)
        assert f"{URL}?year=2016&goal=1" in read_page(response).links

    def test_an_old_address_of_the_overview_with_an_order_alone_is_the_overview(self, reader, plan):
        assert reader.get(f"{OVERVIEW}?sort=change").status_code == 200


@pytest.mark.slow
def test_three_hundred_listings_need_no_query_more(reader):
    def queries(code, query):
        reader.get(f"/strategies/{code}/listings/?year=2016{query}")
        with CaptureQueriesContext(connection) as captured:
            response = reader.get(f"/strategies/{code}/listings/?year=2016{query}")
        assert response.status_code == 200
        return len(captured), response.content.decode().count("<tr>")

    few, many = (make_measure(make_goal(make_strategy(code=code))) for code in ("few", "many"))
    listed = [make_kpi(under) for under, number in ((few, 3), (many, 300)) for _ in range(number)]
    make_fiscal_year(2016)
    record(
        [
            Entry(indicator_id=kpi.indicator_id, fiscal_year=2016, value=Decimal(1))
            for kpi in listed
        ],
        Change(by=make_user(Role.PLANNING)),
    )
    for query in ("", "&sort=judgement", "&sort=change&judgement=bad"):
        (small, rows), (large, more_rows) = queries("few", query), queries("many", query)
        assert more_rows - rows == 297, query
        assert small == large <= 15, query
