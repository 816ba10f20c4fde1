"""The chart of a listing for use elsewhere: the page, and the SVG file."""

from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from accounts.roles import Role
from tests.factories import make_actual, make_goal, make_kpi, make_measure, make_strategy, make_user
from tests.pages import read_page, text_of
from trail.events import Event

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

PAGE = "/strategies/plan/kpis/1-ア-1-1/"
FILE = f"{PAGE}chart.svg?year=2017"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def kpi(client):
    client.force_login(make_user(Role.READER))
    strategy = make_strategy(code="plan", title="見本市総合戦略", invented=True)
    kpi = make_kpi(make_measure(make_goal(strategy)), name="相談<件>数", sentence="年間１００人")
    make_actual(kpi.indicator, 2017, 80)
    return kpi


def texts_of(content: bytes) -> str:
    return " ".join(
        "".join(element.itertext())
        for element in ElementTree.fromstring(content).iter(f"{SVG}text")
        if "aria-hidden" not in element.attrib
    )


def test_the_file_says_what_it_shows_whose_it_is_and_that_values_are_invented(client, kpi):
    response = client.get(FILE)
    assert response["Content-Type"] == "image/svg+xml"
    assert "見本市総合戦略_平成29年度実績_相談＜件＞数の推移.svg" in unquote(
        response["Content-Disposition"]
    )
    text = texts_of(response.content)
    assert text.startswith("相談<件>数の推移 目標：年間１００人")
    for told in (
        kpi.strategy.city,
        "見本市総合戦略",
        "平成30年度 効果検証（平成29年度実績）",
        "80",
    ):
        assert told in text
    assert text.endswith("試用環境です。実績値は架空のものです。")
    root = ElementTree.fromstring(response.content)
    assert root.find(f"{SVG}title").text == "相談<件>数の推移"
    assert "平成29年度は累計80人" in root.find(f"{SVG}desc").text


def test_real_values_are_not_called_invented(client, kpi):
    kpi.strategy.invented = False
    kpi.strategy.save()
    assert "架空" not in client.get(FILE).content.decode()


def test_the_file_needs_nothing_from_outside(client, kpi):
    content = client.get(FILE).content.decode()
    root = ElementTree.fromstring(content)
    for element in root.iter():
        assert element.tag.removeprefix(SVG) in {
            "svg", "title", "desc", "g", "rect", "line", "path", "polyline", "circle", "text",
            "tspan",
        }  # fmt: skip
        assert not {"class", "style", "href", "onload"} & set(element.attrib)
    for foreign in ("url(", "var(", "http"):
        assert foreign not in content.replace('xmlns="http://www.w3.org/2000/svg"', "")
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))


def test_an_upright_word_is_written_sign_by_sign(client, kpi):
    for year in range(2015, 2020):
        if year != 2017:
            make_actual(kpi.indicator, year, None, availability="not_surveyed", remarks="来年度")
    strategy = kpi.strategy
    strategy.last_fiscal_year = 2027
    strategy.save()
    root = ElementTree.fromstring(client.get(FILE).content)
    upright = [text for text in root.iter(f"{SVG}text") if text.find(f"{SVG}tspan") is not None]
    assert {"".join(text.itertext()) for text in upright} == {"調査未実施"}
    ys = [float(span.get("y")) for span in upright[0]]
    assert ys == sorted(ys)
    assert len(set(ys)) == 5


def test_handing_it_out_is_logged(client, kpi):
    client.get(FILE)
    [event] = Event.objects.filter(kind=Event.Kind.EXPORT)
    assert event.subject == "見本市総合戦略_平成29年度実績_相談＜件＞数の推移.svg"
    assert "平成29年度（2017）、「相談<件>数」の図" in event.detail


def test_looking_at_the_page_is_not(client, kpi):
    response = client.get(f"{PAGE}chart/?year=2017")
    assert not Event.objects.filter(kind=Event.Kind.EXPORT).exists()
    page = read_page(response)
    assert page.h1 == ["相談<件>数の図"]
    assert FILE in [unquote(link) for link in page.links]
    assert "試用環境です。実績値は架空のものです。" in page.main
    assert "相談&lt;件&gt;数の推移</title>" in response.content.decode()


def test_the_page_of_the_listing_leads_there(client, kpi):
    page = read_page(client.get(f"{PAGE}?year=2017"))
    assert f"{PAGE}chart/?year=2017" in [unquote(link) for link in page.links]


def test_a_milestone_has_its_own_figure(client, kpi):
    kpi.kind, kpi.target = "milestone", 1
    kpi.save()
    assert "実現" in texts_of(client.get(FILE).content)


@pytest.mark.parametrize("path", ["chart/", "chart.svg"])
def test_without_a_number_there_is_no_figure_and_no_link_to_one(client, kpi, path):
    kpi.confirmed_at = kpi.confirmed_by = None
    kpi.save()
    kpi.indicator.actuals.all().delete()
    response = client.get(f"{PAGE}{path}?year=2017")
    assert response.status_code == 404
    assert "図にする値がまだありません。" in text_of(response)
    assert "図を受け取る" not in text_of(client.get(f"{PAGE}?year=2017"))
