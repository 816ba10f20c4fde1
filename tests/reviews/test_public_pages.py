"""The public pages: published editions for everybody, from frozen data, and nothing else."""

from datetime import date

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from goals.models import Strategy
from indicators.models import Actual
from indicators.plan_states import PlanState
from kpis.models import KPI
from measures.models import Measure
from plans.tree import read_tree
from reviews.editions.confirmed import confirmed_only
from reviews.editions.differences import proposed_differences
from reviews.editions.freezing import Decision, contents, fix
from reviews.models import Edition, Opinion, Publication, Withdrawal
from reviews.public_site.pages import all_pages
from reviews.public_site.published import read_shelf
from tests.factories import load_city, make_fiscal_year, make_user, make_values
from tests.reviews.published_city import PublishedCity, crawled, forget_what_is_kept
from tests.reviews.test_public_files import SECRETS, YEAR, files_of, texts_of
from trail.data_version import DataChange

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.stories]


@pytest.fixture
def city(settings) -> PublishedCity:
    settings.PUBLIC_PAGES = True
    return PublishedCity()


@pytest.fixture
def visitor() -> Client:
    return Client(enforce_csrf_checks=True)


def text(response) -> str:
    return response.content.decode()


def test_every_page_and_file_shows_only_what_is_published(city, visitor):
    found = crawled(visitor)
    below = {path.removeprefix(city.first) for path in found if path.startswith(city.first)}
    assert below >= {
        "", "goals/1/", "measures/1-1-1/", "kpis/1-1-1-1/", "kpis/1-1-1-2/", "projects/",
        "opinions/", "evaluations/", "differences/", "errata/", "data/", "edition.xlsx",
        "edition.json", "data.csv", "metadata.csv", "datapackage.json", "licence.txt",
    }  # fmt: skip
    for path, content in found.items():
        said = texts_of(content)
        assert [secret for secret in SECRETS if secret in said] == [], path
        assert city.edition.sha256 not in said, path
    public = files_of(city.edition)
    assert found[f"{city.first}edition.xlsx"] == public["pubxlsx"]
    assert found[f"{city.first}edition.json"] == public["public"]


def test_the_pages_say_what_the_edition_says(city, visitor):
    overview = text(visitor.get(city.first))
    assert "平成29年度実績の検証（第1号）" in overview
    assert "このうち1件は、人数が少ないため公表しません。" in overview
    measure = text(visitor.get(f"{city.first}measures/1-1-1/"))
    assert "港の成果。" in measure
    assert "確かな事業の実施内容" in measure
    assert "決算額 1,234千円" in measure
    opinions = text(visitor.get(f"{city.first}opinions/"))
    assert "もっと知らせて。" in opinions
    assert "広報します。" in opinions
    assert "次年度に反映" in opinions
    assert "産（産業界） 1人（出席1人）" in opinions
    withheld = text(visitor.get(f"{city.first}kpis/1-1-1-1/"))
    assert withheld.count("秘匿（人数が少ないため公表しません）") >= 2
    told = text(visitor.get(f"{city.first}kpis/1-1-1-2/"))
    assert "800,111人" in told
    assert "相談の所見" in told
    assert "見込み：達成見込み" in told
    workbook = texts_of(visitor.get(f"{city.first}edition.xlsx").content)
    assert "相談の所見（見込み：達成見込み）" in workbook
    assert '<svg class="wide"' in told


def test_whatever_changes_later_the_pages_stay(city, visitor):
    before = crawled(visitor)
    city.total.name = city.level.name = "別の名称"
    city.total.save()
    city.level.save()
    Actual.objects.update(value=99, withheld=False, remarks="後の備考")
    Measure.objects.update(title="別の施策")
    KPI.objects.update(sentence="別の目標", name="別の指標")
    Opinion.objects.update(answer="別の答え")
    city.measure.strategy.state = "ended"
    city.measure.strategy.title = "別の計画"
    city.measure.strategy.save()
    forget_what_is_kept()
    assert crawled(visitor) == before


@pytest.mark.both_databases
def test_a_page_costs_one_query_after_the_first_time(city, visitor, django_assert_num_queries):
    paths = [path for path in crawled(visitor) if path.endswith("/")]
    assert len(paths) > 12
    for path in paths:
        with django_assert_num_queries(1):
            visitor.get(path)
    city.correct("相談した人")
    with django_assert_num_queries(1):
        assert "正誤" in text(visitor.get(f"{city.first}kpis/1-1-1-2/"))


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_an_unchanged_page_asks_for_the_data_version_alone_and_shows_each_change(settings):
    settings.PUBLIC_PAGES = True
    city, visitor = PublishedCity(), Client()
    etag = visitor.get(city.first)["ETag"]
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            again = visitor.get(city.first, headers={"if-none-match": etag})
        assert again.status_code == 304
        assert [DataChange._meta.db_table in one["sql"] for one in asked] == [True]
    city.correct("相談した人")
    assert "正誤1" in text(visitor.get(city.first, headers={"if-none-match": etag}))
    Strategy.objects.update(state=PlanState.DRAFT)
    assert visitor.get(city.first).status_code == 404


def test_pages_and_files_are_for_every_cache_and_not_sent_again_unchanged(city, visitor):
    visitor.cookies.load({"csrftoken": "broken", "sessionid": "unknown", "messages": "old"})
    for path in (city.first, f"{city.first}edition.xlsx", f"{city.first}?answer={'0' * 32}"):
        response = visitor.get(path)
        assert response.status_code == 200
        assert response["Cache-Control"] == "public, max-age=60"
        assert not response.cookies
        assert not response.has_header("Vary")
        assert response["Content-Security-Policy"]
        again = visitor.get(path, headers={"if-none-match": response["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert (again["ETag"], again["Cache-Control"]) == (response["ETag"], "public, max-age=60")
        head = visitor.head(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head["Content-Length"] == str(len(response.content))
    assert visitor.get(city.first.rstrip("/")).headers["Location"] == city.first


def test_an_erratum_is_shown_at_what_it_corrects(city, visitor):
    etag = visitor.get(city.first)["ETag"]
    city.correct("3ページ 相談した人の実績値")
    response = visitor.get(city.first, headers={"if-none-match": etag})
    assert response.status_code == 200
    assert f'href="{city.first}errata/#erratum-1">正誤1</a>' in text(response)
    named = text(visitor.get(f"{city.first}kpis/1-1-1-2/"))
    assert "二十一人" in named
    other = text(visitor.get(f"{city.first}kpis/1-1-1-1/"))
    assert "二十一人" not in other
    assert "この号には、正誤が1件あります。" in other
    assert "数え直したため。" in text(visitor.get(f"{city.first}errata/"))
    assert "正：二十一人" in text(visitor.get(city.plan))
    assert "二十一人" in texts_of(visitor.get(f"{city.first}errata.xlsx").content)


def test_the_newest_edition_has_an_address_of_its_own_and_says_what_differs(city, visitor):
    Actual.objects.filter(indicator=city.level, fiscal_year=YEAR).update(value=800_112)
    make_fiscal_year(2018)
    Actual.objects.filter(fiscal_year=2018).update(state="confirmed", value=1)
    tree = read_tree(city.code, 2018)
    said = contents(confirmed_only(tree), {})
    differences = tuple(proposed_differences(tree, said))
    decision = Decision(date(2020, 1, 10), "根総政第2号", city.planning, differences=differences)
    second = fix(tree, make_fiscal_year(2018), decision)
    newest = f"{city.plan}newest/"
    assert "平成29年度実績の検証（第1号）" in text(visitor.get(newest))
    assert visitor.get(f"{city.plan}2/").status_code == 404
    city.publish(second)
    assert "平成30年度実績の検証（第2号）" in text(visitor.get(newest))
    assert "新しい号があります。" in text(visitor.get(city.first))
    shown = text(visitor.get(f"{city.plan}2/differences/"))
    assert "800,111人" in shown
    assert "800,112人" in shown
    # A year before, fixed later: its number is the highest, but it is not the newest.
    decision = Decision(date(2020, 2, 10), "根総政第3号", city.planning)
    city.publish(fix(read_tree(city.code, 2016), make_fiscal_year(2016), decision))
    assert "平成28年度実績の検証（第3号）" in text(visitor.get(f"{city.plan}3/"))
    assert "平成30年度実績の検証（第2号）" in text(visitor.get(newest))
    assert "新しい号があります。" not in text(visitor.get(f"{city.plan}2/"))
    for older in ("1/", "3/"):
        assert "平成30年度実績の検証（第2号）" in text(visitor.get(f"{city.plan}{older}"))
    listed = text(visitor.get(city.plan))
    places = [listed.index(f"実績の検証（第{number}号）") for number in (2, 1, 3)]
    assert places == sorted(places)
    assert "令和2年1月10日（2020年1月10日）" in listed


def hide(city: PublishedCity, why: str) -> None:
    """Let the fixed edition of the city be one that the public may not see."""
    if why == "withdrawn":
        Withdrawal.objects.create(
            edition=city.edition, reason="誤り", asked_by=city.planning, agreed_by=city.clerk
        )
    elif why == "without public files":
        bare = Edition.objects.create(
            strategy=city.measure.strategy, fiscal_year_id=YEAR, number=2, data="{}",
            decided_on=date(2019, 1, 10), document_number="1", sha256="0" * 64,
        )  # fmt: skip
        city.publish(bare)
    elif why != "not published":
        city.publish(city.edition, days_ahead=int(why == "tomorrow"))
    if why == "draft":
        Strategy.objects.update(state="draft")


@pytest.mark.parametrize("logged_in", [False, True])
def test_nobody_learns_that_there_is_something_that_is_not_published(client, settings, logged_in):
    city = PublishedCity(is_published=False)
    settings.PUBLIC_PAGES = True
    if logged_in:
        client.force_login(city.planning)
    nowhere = client.get("/public/nowhere/")
    reasons = (
        "not published", "tomorrow", "withdrawn", "draft", "without public files", "switched off",
    )  # fmt: skip
    for why in reasons:
        settings.PUBLIC_PAGES = why != "switched off"
        with transaction.atomic():
            hide(city, why)
            for path in ("", "1/", "newest/", "1", "1/kpis/1-1-1-2/", "1/edition.xlsx", "2/"):
                response = client.get(city.plan + path)
                assert response.status_code == 404, (why, path)
                assert response.content == nowhere.content, (why, path)
                assert response["Cache-Control"] == "private, no-store"
            first = client.get("/public/")
            if why == "switched off":
                assert (first.status_code, first.content) == (404, nowhere.content)
            else:
                assert "公表しているものは、まだありません。" in text(first), why
            transaction.set_rollback(True)


def test_planning_finds_the_public_page_from_the_page_of_the_edition(city, client, settings):
    client.force_login(city.planning)
    page = f"/strategies/{city.code}/reviews/editions/1/"
    assert f'href="{city.first}"' in text(client.get(page))
    settings.PUBLIC_PAGES = False
    assert city.first not in text(client.get(page))


def test_a_whole_city_has_a_page_for_each_of_its_indicators(settings, visitor):
    settings.PUBLIC_PAGES = True
    plan = load_city()
    make_values(plan)
    planning = make_user(Role.PLANNING, full_name="企画 花子")
    decision = Decision(date(2019, 1, 10), "根総政第1号", planning)
    edition = fix(read_tree(plan.code, YEAR), make_fiscal_year(YEAR), decision)
    Publication.objects.create(edition=edition, published_on=date(2019, 2, 1))
    pages = [page.address for page in all_pages(read_shelf())]
    assert len(pages) == len(set(pages))
    assert sum("/kpis/" in one or "/targets/" in one for one in pages) == 49
    overview = text(visitor.get("/public/nemuro-2015/newest/"))
    assert overview.count('<td class="judgement"') == 49
    for model, place in (("targets", "1-1"), ("kpis", "1-1-1-1")):
        page = text(visitor.get(f"/public/nemuro-2015/1/{model}/{place}/"))
        assert '<svg class="narrow"' in page
        assert page.count("年度（20") > 3
