"""計画の地図 on the overview: every listing, its counts, its size, and the map over the years."""

import re
from collections import Counter
from collections.abc import Iterator
from html import unescape

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.roles import Role
from goals.models import Strategy
from indicators.models import Actual
from plans.tree import read_tree
from tests.factories import (
    load_city,
    make_actual,
    make_goal,
    make_kpi,
    make_measure,
    make_strategy,
    make_user,
    make_values,
)
from tests.pages import read_page, text_of
from tests.plan_of_other_levels import STANDARD, load_other_levels

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

URL = "/strategies/nemuro-2015/"
MOST_BYTES = 45_000

CELL = re.compile(
    r'<li><a class="(\w+)(?: \w+)?"\s+href="([^"?]*)\?[^"]*"><b aria-hidden="true">.*?</b>'
    r'<span\s+class="tip"><b>(.*?)</b>'
)


@pytest.fixture(scope="module")
def reader(django_db_setup, django_db_blocker) -> Iterator[Client]:
    """A reader of the real plan with values; shared by this module's tests and no others."""
    with django_db_blocker.unblock(), transaction.atomic():
        make_values(load_city())
        client = Client()
        client.force_login(make_user(Role.READER))
        yield client
        transaction.set_rollback(True)


def cells_in(html: str) -> list[tuple[str, str, str]]:
    """Return band, address and name of each cell of the map of a year."""
    return [(band, unescape(url), unescape(name)) for band, url, name in CELL.findall(html)]


def test_every_listing_has_one_cell_in_the_plans_order_that_leads_to_it(reader):
    cells = cells_in(reader.get(f"{URL}?year=2017").content.decode())
    listings = read_tree("nemuro-2015", 2017).listings
    assert [(url, name) for _, url, name in cells] == [
        (listing.url_from_overview, listing.name_alone) for listing in listings
    ]
    assert len(cells) == 49


@pytest.mark.parametrize("year", [2015, 2017, 2018, 2019])
def test_the_five_counts_are_those_of_the_cells(reader, year):
    html = reader.get(f"{URL}?year={year}").content.decode()
    counted = re.findall(r'<li class="(\w+)"><a href="[^"]*"><span>.*?<b>(\d+)</b>件', html, re.S)
    bands = Counter(band for band, *_ in cells_in(html))
    assert [band for band, _ in counted] == ["good", "fair", "caution", "bad", "open"]
    assert {band: int(number) for band, number in counted if int(number)} == bands


def test_a_screen_reader_hears_name_value_target_judgement_and_change(reader):
    html = reader.get(f"{URL}?year=2017").content.decode()
    said = re.findall(r'class="tip"><b>.*?</b><br>(.*?)</span></a>', html)
    assert len(said) == 49
    whole = r"\S+（目標 \S+）<br>\S \S+<br>(改善|悪化)（前年度は\S \S+）"
    assert any(re.fullmatch(whole, one) for one in said)
    assert "目標 1.49<br>－ 判定なし（調査未実施）" in said


def test_each_goal_counts_its_good_ones_and_each_measure_has_a_link_and_a_title(reader):
    page = read_page(reader.get(f"{URL}?year=2017"))
    assert re.search(
        r"基本目標1 住み続けられる.*?\s◎ \d+／15件（(\d+件[増減]|増減なし)、判定なし\d+件）",
        page.main,
    )
    assert "measures/1-ア-1/?year=2017" in page.links
    assert "goals/3/?year=2017" in page.links
    measure = read_tree("nemuro-2015", 2017).measures[0]
    assert f'>ア①<span\nclass="tip">{measure.title}</span>' in page.html


def test_over_the_years_every_listing_has_a_row_and_every_year_a_column(reader):
    page = read_page(reader.get(f"{URL}?year=2018&map=years"))
    listings = read_tree("nemuro-2015", 2018).listings
    for listing in listings:
        linked = [link for link in page.links if link.startswith(listing.url_from_overview)]
        own = f"{listing.url_from_overview}?year="
        # The name, then the years up to the one that is shown.
        assert linked == [f"{own}2018", *(f"{own}{year}" for year in range(2015, 2019))]
    assert page.html.count('<th scope="row">') == 49
    assert page.html.count('<abbr title="令和元年度（2019）">R1</abbr>') == 3
    assert "平成30年度より後の年度は、表示していません。" in page.main


def test_over_the_years_a_cell_has_the_look_of_its_own_year(reader):
    html = reader.get(f"{URL}?year=2018&map=years").content.decode()
    for year in (2015, 2017):
        own = {
            url: band
            for band, url, _ in cells_in(reader.get(f"{URL}?year={year}").content.decode())
        }
        found = re.findall(rf'<a class="(\w+)"\nhref="([^"?]*)\?year={year}"', html)
        assert {unescape(url): band for band, url in found} == own


def test_the_switch_keeps_the_year_and_the_years_keep_the_switch(reader):
    page = read_page(reader.get(f"{URL}?year=2018"))
    assert f"{URL}?year=2018&map=years" in page.links
    page = read_page(reader.get(f"{URL}?year=2018&map=years"))
    assert f"{URL}?year=2018" in page.links
    assert f"{URL}?year=2016&map=years" in page.links


def test_a_past_day_stays_on_every_cell(reader):
    today = timezone.localdate()
    for more in ("", "&map=years"):
        links = read_page(reader.get(f"{URL}?year=2018&as_of={today}{more}")).links
        cells = [link for link in links if link.startswith(("kpis/", "targets/"))]
        assert len(cells) >= 49
        assert all(link.endswith(f"&as_of={today}") for link in cells)


@pytest.fixture
def plan_client(client):
    client.force_login(make_user(Role.READER))
    return client


def states_of_what_is_entered() -> Iterator[str]:
    """Yield the states: values are deleted until nothing is left."""
    yield "all"
    actuals = Actual.objects.all()
    Actual.objects.filter(pk__in=[actual.pk for actual in actuals[::2]]).delete()
    yield "half"
    actuals.delete()
    yield "nothing"


@pytest.mark.parametrize("name", ["nemuro_2015", "shiraho_2020"])
def test_the_overview_is_light_with_nothing_half_and_all_entered(reader, name):
    if name == "nemuro_2015":
        strategy = Strategy.objects.get(code="nemuro-2015")
    else:
        strategy = load_city(name)
        make_values(strategy)
    own = f"/strategies/{strategy.code}/"
    last = strategy.last_fiscal_year
    asked = [f"?year={year}{more}" for year in (last - 1, last) for more in ("", "&map=years")]
    asked.append(f"?year={last - 1}&as_of={timezone.localdate()}")
    found = {
        f"{state} {one}": len(reader.get(own + one).content)
        for state in states_of_what_is_entered()
        for one in asked
    }
    assert max(found.values()) <= MOST_BYTES, found


def test_a_plan_of_other_levels_has_its_own_words_and_marks_of_its_own(plan_client):
    strategy = load_other_levels()
    strategy.marks = {"good": "☆"}
    strategy.save()
    make_values(strategy)
    for more in ("", "&map=years"):
        text = text_of(plan_client.get(f"/strategies/{strategy.code}/?year=2023{more}"))
        text, _, _ = text.partition("判定の内訳と、比べ方")
        assert "☆" in text
        assert "◎" not in text
        assert "柱のめやす" in text
        assert " ＭＳ " in text
        assert [word for word in STANDARD if word in text] == []


def test_what_has_ended_is_on_the_maps_of_its_own_years_only(plan_client):
    measure = make_measure(make_goal(make_strategy(code="plan")))
    make_actual(make_kpi(measure, name="続く").indicator, 2016, 1)
    make_kpi(measure, name="終わった", last_fiscal_year=2015)
    make_kpi(measure, name="加わった", first_fiscal_year=2016)
    named = {
        year: [name for *_, name in cells_in(
            plan_client.get(f"/strategies/plan/?year={year}").content.decode()
        )]
        for year in (2015, 2016)
    }  # fmt: skip
    assert named == {2015: ["続く", "終わった"], 2016: ["続く", "加わった"]}
    html = plan_client.get("/strategies/plan/?year=2016&map=years").content.decode()
    added = html[html.index("加わった") :]
    assert re.match(r"加わった</a></th>\n<td></td><td><a ", added)


def test_names_are_never_markup(plan_client):
    measure = make_measure(make_goal(make_strategy(code="plan")), title="<i>施策</i>")
    make_kpi(measure, name="<b>太字</b>")
    for more in ("", "?map=years"):
        html = plan_client.get(f"/strategies/plan/{more}").content.decode()
        assert "<b>太字" not in html
        assert "<i>施策" not in html
        assert "&lt;b&gt;太字&lt;/b&gt;" in html
