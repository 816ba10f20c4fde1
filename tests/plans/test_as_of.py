"""The plan as it was at the end of a day: the tree, its pages and its file."""

import json
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.encoding import escape_uri_path
from openpyxl import load_workbook

from accounts.models import Section
from accounts.roles import Role
from accounts.sections import rename
from indicators.entries import Entry
from indicators.models import Actual
from indicators.recording import move, record
from kpis.models import KPI
from measures.models import Measure
from plans.tree import StrategyNotFound, StrategyNotYetThere, read_plain_tree, read_tree
from tests.factories import (
    load_city,
    make_actual,
    make_fiscal_year,
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
from trail.history import Change, Door, changing

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases, pytest.mark.stories]

THEN = date(2018, 6, 30)
TOKYO = ZoneInfo("Asia/Tokyo")
URL = "/strategies/plan/"


def at(day, hour=12, minute=0):
    """Set the time of changes made inside to this hour of a day in June 2018."""
    return changing(at=datetime(2018, 6, day, hour, minute, tzinfo=TOKYO))


def now():
    return changing(at=datetime(2019, 1, 15, 9, tzinfo=TOKYO))


@pytest.fixture
def kpi():
    """A total of 200 people with 30 in 2016, all of it from 10 June 2018."""
    with at(10):
        strategy = make_strategy(code="plan", title="見本市総合戦略")
        section = make_section("水産課")
        indicator = make_indicator(section, name="相談件数")
        kpi = make_kpi(make_measure(make_goal(strategy)), indicator)
        kpi.yearly_targets.create(fiscal_year=2016, value=40)
    value(indicator, 30, datetime(2018, 6, 10, 12, tzinfo=TOKYO))
    return kpi


def value(indicator, number, moment, year=2016, **entry):
    make_fiscal_year(year)
    stored = Actual.objects.filter(indicator=indicator, fiscal_year_id=year).first()
    entry |= {"value": Decimal(number), "version": stored.version if stored else None}
    wanted = Entry(indicator_id=indicator.pk, fiscal_year=year, **entry)
    planning = make_user(Role.PLANNING)
    return record([wanted], Change(by=planning, door=Door.COMMAND, at=moment))[0]


def change_everything(kpi):
    """Change everything that can change in the plan, in January 2019."""
    goal, measure, indicator = kpi.measure.group.goal, kpi.measure, kpi.indicator
    strategy, section = goal.strategy, indicator.section
    value(indicator, 99, datetime(2019, 1, 15, 9, tzinfo=TOKYO), remarks="訂正")
    value(indicator, 50, datetime(2019, 1, 15, 9, tzinfo=TOKYO), year=2017)
    with now():
        strategy.title = "別の名称"
        strategy.save()
        goal.title = "別の目標"
        goal.save()
        measure.title = "別の施策"
        measure.save()
        kpi.target, kpi.name, kpi.confirmed_at = Decimal(500), "別の記載名", None
        kpi.save()
        kpi.yearly_targets.all().delete()
        indicator.name, indicator.entered_by = "別の指標", make_section("農林課")
        indicator.save()
        rename(section, "水産振興課", 2015)
        make_project(measure)
        make_numeric_target(goal)
        make_measure(goal)


def test_everything_appears_as_it_was(kpi):
    before = read_tree("plan", 2016)
    change_everything(kpi)
    changed = read_tree("plan", 2016)
    assert changed.title == "別の名称"
    assert changed.listings[-1].target == 500
    assert changed.listings[-1].indicator.section == "水産振興課"
    assert changed.listings[-1].indicator.entered_by == "農林課"

    then = read_tree("plan", 2016, as_of=THEN)
    assert then == replace(before, as_of=THEN)
    [listing] = then.listings
    assert (listing.target, listing.indicator.section) == (200, "水産課")
    assert (listing.assessment.value, listing.assessment.expected) == (30, 40)
    assert listing.is_confirmed
    assert then.projects == ()


def test_what_was_deleted_since_is_there(kpi):
    with at(10):
        make_project(kpi.measure, name="相談会")
    before = read_tree("plan", 2016)
    with now():
        kpi.measure.group.goal.strategy.delete()
        kpi.indicator.actuals.all().delete()
        kpi.indicator.delete()
        Section.objects.all().delete()
    with pytest.raises(StrategyNotFound):
        read_tree("plan", 2016)
    then = read_tree("plan", 2016, as_of=THEN)
    assert then == replace(before, as_of=THEN)
    assert [project.name for project in then.projects] == ["相談会"]


def test_what_was_deleted_until_then_is_gone_and_what_came_back_is_there(kpi):
    with at(20):
        kpi.yearly_targets.all().delete()
        kpi.yearly_targets.create(fiscal_year=2016, value=45)
    with at(25):
        kpi.yearly_targets.create(fiscal_year=2017, value=70)
    expected = {
        date(2018, 6, 19): {2016: 40},
        date(2018, 6, 20): {2016: 45},
        date(2018, 6, 25): {2016: 45, 2017: 70},
    }
    for day, targets in expected.items():
        [listing] = read_tree("plan", 2016, as_of=day).listings
        assert listing.yearly_targets == targets


def test_a_kpi_that_moved_to_another_measure_is_in_one_place_only(kpi):
    with at(10):
        other = make_measure(kpi.measure.group.goal)
    with at(20):
        kpi.measure = other
        kpi.save()
    for day, place in ((19, "1-ア-1-1"), (20, "1-ア-2-1")):
        listings = read_tree("plan", as_of=date(2018, 6, day)).listings
        assert [listing.place for listing in listings] == [place]


def test_of_two_changes_of_one_moment_the_later_one_counts(kpi):
    for number in (41, 42):
        value(kpi.indicator, number, datetime(2018, 6, 20, 15, tzinfo=TOKYO))
    [listing] = read_tree("plan", as_of=THEN).listings
    assert listing.indicator.values == {2016: 42}


def test_a_day_is_over_at_midnight_of_the_office(kpi):
    value(kpi.indicator, 41, datetime(2018, 6, 30, 23, 59, 59, tzinfo=TOKYO))
    value(kpi.indicator, 42, datetime(2018, 7, 1, 0, 0, tzinfo=TOKYO))
    for day, number in ((date(2018, 6, 29), 30), (THEN, 41), (date(2018, 7, 1), 42)):
        [listing] = read_tree("plan", as_of=day).listings
        assert listing.indicator.values == {2016: number}


def test_names_of_sections_are_those_known_on_the_day(kpi):
    with at(20):
        rename(kpi.indicator.section, "水産振興課", 2017)
    names = {}
    for day in (19, 20):
        as_of = date(2018, 6, day)
        trees = {year: read_tree("plan", year, as_of=as_of) for year in (2016, 2017)}
        trees[None] = read_plain_tree("plan", as_of=as_of)
        for year, tree in trees.items():
            names[day, year] = tree.listings[0].indicator.section
    assert names == {
        (19, 2016): "水産課", (19, 2017): "水産課", (19, None): "水産課",
        (20, 2016): "水産課", (20, 2017): "水産振興課", (20, None): "水産振興課",
    }  # fmt: skip


def test_the_year_shown_first_is_the_newest_with_a_value_on_that_day(kpi):
    value(kpi.indicator, 50, datetime(2018, 7, 2, tzinfo=TOKYO), year=2017)
    assert read_tree("plan").fiscal_year == 2017
    assert read_tree("plan", as_of=THEN).fiscal_year == 2016


def test_a_value_shows_the_state_it_was_in(kpi):
    actual = kpi.indicator.actuals.get()
    moment = datetime(2018, 7, 12, tzinfo=TOKYO)
    confirming = make_user(Role.PLANNING)
    move(
        {actual.pk: actual.version},
        "confirmed",
        Change(by=confirming, door=Door.COMMAND, at=moment),
    )
    states = [
        read_tree("plan", as_of=day).listings[0].actual.state_label
        for day in (THEN, date(2018, 7, 12))
    ]
    assert states == ["回答済み", "確認済み"]


@pytest.mark.parametrize("city", ["nemuro_2015", "shiraho_2020"])
def test_as_of_today_the_tree_is_the_current_one(city):
    strategy = load_city(city)
    make_values(strategy)
    today = timezone.localdate()
    live = read_plain_tree(strategy.code)
    assert read_plain_tree(strategy.code, as_of=today) == replace(live, as_of=today)
    for year in strategy.period:
        live = read_tree(strategy.code, year)
        assert read_tree(strategy.code, year, as_of=today) == replace(live, as_of=today)


def test_before_the_plan_was_there_its_first_day_is_named(kpi):
    with pytest.raises(StrategyNotYetThere) as error:
        read_tree("plan", as_of=date(2018, 6, 9))
    assert error.value.since == date(2018, 6, 10)
    with pytest.raises(StrategyNotFound) as error:
        read_tree("nowhere", as_of=THEN)
    assert not isinstance(error.value, StrategyNotYetThere)


def count_queries(code, day):
    with CaptureQueriesContext(connection) as queries:
        tree = read_tree(code, 2016, as_of=day)
        assert all(listing.assessment for listing in tree.listings)
    return len(queries)


def test_the_past_takes_the_same_number_of_queries_for_any_plan_and_history(kpi):
    count = count_queries("plan", THEN)
    assert count <= 14
    strategy = load_city()
    make_values(strategy)
    for listing in KPI.objects.all():
        listing.target += 1
        listing.save()
    for measure in Measure.objects.all():
        make_kpi(measure)
    assert count_queries(strategy.code, timezone.localdate()) == count


@pytest.mark.parametrize("year", [[], ["--fiscal-year", "2016"]])
def test_the_json_is_the_one_that_was_exported_on_the_day(kpi, year):
    def exported(*arguments):
        printed = StringIO()
        call_command("export_strategy", "plan", *arguments, *year, stdout=printed)
        found = json.loads(printed.getvalue())
        return found.pop("as_of", None), found

    _, on_the_day = exported()
    change_everything(kpi)
    assert exported()[1] != on_the_day
    for written in ("2018-06-30", "平成30年6月30日"):
        assert exported("--as-of", written) == ("2018-06-30", on_the_day)


# Pages


@pytest.fixture
def auditor(client):
    client.force_login(make_user(Role.AUDITOR))
    return client


def test_the_overview_shows_it_says_so_and_keeps_the_day_on_every_link(auditor, kpi):
    change_everything(kpi)
    response = auditor.get(f"{URL}?as_of=2018-06-30")
    text = text_of(response)
    page = read_page(response)
    assert (
        "平成30年6月30日（2018年6月30日）終了時点のデータで表示しています。"
        '<a href="/strategies/plan/">現在のデータを表示する</a>'
    ) in page.html
    assert "見本市総合戦略" in page.html
    assert "別の" not in page.html
    assert "相談件数" in text
    assert "30人" in text
    inside = [link for link in page.links if link.startswith(URL) and link != URL]
    assert inside
    assert [link for link in inside if "as_of=2018-06-30" not in link] == []


@pytest.mark.parametrize(
    "path",
    [
        "", "list/", "goals/1/", "measures/1-ア-1/", "kpis/1-ア-1-1/", "projects/",
        "kpis/1-ア-1-1/values/2016/",
    ],
)  # fmt: skip
def test_every_page_takes_the_day_and_says_so(auditor, kpi, path):
    change_everything(kpi)
    response = auditor.get(f"{URL}{path}?year=2016&as_of=2018-06-30")
    html = response.content.decode()
    assert "終了時点のデータで表示しています。" in html
    assert f'href="{escape_uri_path(URL + path)}?year=2016">現在のデータを表示する' in html
    assert "別の" not in html
    assert response.context["tree"].as_of == THEN


def test_the_page_of_a_value_shows_value_and_changes_up_to_the_day(auditor, kpi):
    change_everything(kpi)
    address = f"{URL}kpis/1-ア-1-1/values/2016/"
    then = text_of(auditor.get(f"{address}?as_of=2018-06-30"))
    assert "実績値（年度計）30人" in then
    assert "99人" not in then
    assert "訂正" not in then
    today = text_of(auditor.get(f"{URL}kpis/1-ア-1-1/values/2016/"))
    assert "実績値（年度計）99人" in today
    assert "訂正" in today


def test_a_page_of_the_past_has_no_link_to_entry(client, kpi):
    client.force_login(make_user(Role.PLANNING))
    address = f"{URL}kpis/1-ア-1-1/?year=2016"
    assert "実績値を入力・修正する" in text_of(client.get(address))
    assert "実績値を入力・修正する" not in text_of(client.get(f"{address}&as_of=2018-06-30"))


@pytest.mark.parametrize(
    "text", ["2018-06-30", "２０１８－０６－３０", "2018/6/30", "平成30年6月30日", "H30.6.30"]
)
def test_the_day_is_read_however_it_is_written(auditor, kpi, text):
    response = auditor.get(URL, {"as_of": text})
    assert response.context["tree"].as_of == THEN


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("きのう", "「きのう」は日付として読めません。"),
        ("2018-02-30", "「2018-02-30」という日はありません。"),
        ("2199-01-01", "（2199年1月1日）は、まだ来ていません。今日（"),
    ],
)
def test_an_invalid_past_day_is_refused_with_links(auditor, kpi, text, message):
    response = auditor.get(f"{URL}list/", {"year": "2016", "as_of": text})
    assert response.status_code == 404
    assert message in text_of(response)
    assert f"{URL}list/?year=2016" in read_page(response).links


def test_a_day_before_the_plan_leads_to_its_first_day(auditor, kpi):
    response = auditor.get(f"{URL}?year=2016&as_of=2018-06-09")
    assert response.status_code == 404
    assert "登録された平成30年6月10日（2018年6月10日）以後の日を" in text_of(response)
    links = read_page(response).links
    assert f"{URL}?as_of=2018-06-10&year=2016" in links
    assert auditor.get(f"{URL}?as_of=2018-06-10&year=2016").status_code == 200


def test_a_year_outside_the_plan_of_that_day_offers_the_years_of_that_day(auditor, kpi):
    with now():
        strategy = kpi.strategy
        strategy.last_fiscal_year = 2021
        strategy.save()
    response = auditor.get(f"{URL}?year=2020&as_of=2018-06-30")
    assert response.status_code == 404
    assert f"{URL}?year=2019&as_of=2018-06-30" in read_page(response).links
    assert auditor.get(f"{URL}?year=2020").status_code == 200


def test_the_workbook_is_that_of_the_day_and_names_it(auditor, kpi):
    change_everything(kpi)
    response = auditor.get(f"{URL}workbook/?year=2016&as_of=2018-06-30")
    assert "2018-06-30" in response.headers["Content-Disposition"]
    workbook = load_workbook(BytesIO(response.getvalue()))
    # 変更履歴 has the changes up to the day, with current names of what they refer to, as the
    # page of changes does.
    sheets = [sheet for sheet in workbook if sheet.title != "変更履歴"]
    texts = [str(cell.value) for sheet in sheets for row in sheet.iter_rows() for cell in row]
    assert any("平成30年6月30日（2018年6月30日）終了時点のデータ" in text for text in texts)
    assert not any("別の" in text for text in texts)


def test_the_number_of_queries_of_a_page_of_the_past_does_not_grow(auditor, kpi):
    strategy = load_city()
    make_values(strategy)
    counts = []
    for address in (URL, f"/strategies/{strategy.code}/"):
        day = timezone.localdate()
        with CaptureQueriesContext(connection) as queries:
            assert auditor.get(f"{address}?as_of={day}").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 16


def test_a_day_that_has_only_values_of_one_indicator_needs_no_other(kpi):
    make_actual(make_kpi().indicator, 2018)
    assert read_tree("plan", as_of=THEN).fiscal_year == 2016
