"""The whole list is the source document, word for word and in its order."""

import re
from pathlib import Path

import pytest

from accounts.roles import Role
from plans.tree import read_tree
from tests.factories import load_city, make_actual, make_kpi, make_user
from tests.pages import read_page

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

SOURCE = Path(__file__).resolve().parents[2] / "fixtures" / "nemuro_2015_list.txt"


def without_blanks(text):
    return re.sub(r"\s+", "", text)


@pytest.fixture
def page(client):
    strategy = load_city()
    client.force_login(make_user(Role.READER))
    return read_page(client.get(f"/strategies/{strategy.code}/list/"))


def test_the_text_of_the_list_is_that_of_the_source(page):
    source = SOURCE.read_text(encoding="utf-8")
    # A page break of the source repeats the heading in the middle of a measure: it is the one
    # 具体的事業 that no header row follows.
    source, repeated = re.subn(r"具体的事業(?!\s*区分)(?=\s*拡充)", "", source)
    assert repeated == 1
    assert without_blanks(page.article) == without_blanks(source)


def test_every_target_and_kpi_leads_to_its_page(page):
    assert sum("/targets/" in link for link in page.links) == 10
    assert sum("/kpis/" in link for link in page.links) == 39
    assert sum("/measures/" in link for link in page.links) == 16


def test_a_target_year_other_than_the_plans_last_is_shown_wherever_the_target_is(client):
    kpi = make_kpi(target_year=2022)
    make_actual(kpi.indicator, 2017, 75)
    client.force_login(make_user(Role.PLANNING))
    listing = read_tree(kpi.strategy.code, 2017).listings[0]
    home = f"/strategies/{kpi.strategy.code}/"
    for path in ("list/", "listings/?year=2017", "measures/1-ア-1/?year=2017"):
        address = home + path
        assert "令和4年度まで" in client.get(address).content.decode(), address
    html = client.get(f"{listing.url}?year=2017").content.decode()
    assert "目標値（令和4年度まで）" in html
    assert "<dt>目標年度</dt><dd>令和4年度（2022）。計画の最後の年度（令和元年度）より後" in html
    for paper in ("papers/assembly/", "papers/council/", "print/"):
        html = client.get(f"{home}{paper}?year=2017").content.decode()
        assert "令和4年度まで" in html, paper
