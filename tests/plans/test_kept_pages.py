"""Finished pages are kept for their reader, and trees for all, until anything is written."""

import re
from decimal import Decimal

import pytest
from django.contrib import messages
from django.db import connection, transaction
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.roles import Role
from goals.models import Strategy
from indicators.models import Indicator
from plans import kept_pages
from plans.rows import TABLES_OF_PLANS
from plans.tree import read_tree
from tests.factories import load_city, make_actual, make_fiscal_year, make_kpi, make_user

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(transaction=True)]

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
TABLE = re.compile(r'(?:FROM|JOIN) "(\w+)"')
PAGES = ("", "listings/", "list/", "goals/1/", "compare/", "sections/", "projects/", "revisions/")


@pytest.fixture
def base() -> str:
    return f"/strategies/{make_kpi().measure.group.goal.strategy.code}/"


def text_of(client, address: str) -> str:
    return TOKEN.sub("", client.get(address).content.decode())


def test_a_kept_page_says_the_same_with_a_new_token(client, base, django_assert_num_queries):
    client.force_login(make_user(Role.PLANNING))
    first = [text_of(client, base + page) for page in PAGES]
    client.get(base)
    with django_assert_num_queries(3):  # session, user, data version
        page = client.get(base).content.decode()
    assert [text_of(client, base + page) for page in PAGES] == first
    token = TOKEN.findall(page)[0]
    assert token not in client.get(base).content.decode()
    assert client.post("/logout/", {"csrfmiddlewaretoken": token}).status_code == 302


def test_everybody_gets_their_own_page(client, base):
    seen = {}
    for role, name in ((Role.PLANNING, "企画太郎"), (Role.READER, "閲覧花子")):
        client.force_login(make_user(role, full_name=name))
        for _ in range(2):
            seen[name] = text_of(client, base)
    assert "企画太郎" in seen["企画太郎"]
    assert "閲覧花子" not in seen["企画太郎"]
    assert "閲覧花子" in seen["閲覧花子"]
    assert "/admin/" not in seen["閲覧花子"]


def test_a_person_who_lost_the_right_gets_no_kept_page(client, base):
    user = make_user(Role.READER)
    client.force_login(user)
    assert client.get(base).status_code == 200
    user.groups.clear()
    assert client.get(base).status_code == 403


def test_the_page_after_a_write_shows_it(client, base):
    client.force_login(make_user(Role.READER))
    assert "改めた総合戦略" not in text_of(client, base)
    Strategy.objects.update(title="改めた総合戦略")
    assert "改めた総合戦略" in text_of(client, base)


def test_a_message_is_shown_once(client, base):
    client.force_login(make_user(Role.READER))
    text_of(client, base)

    @kept_pages.kept_page
    def view(request):
        shown = "、".join(str(one) for one in messages.get_messages(request))
        return HttpResponse(f"伝言：{shown}")

    def request():
        asked = client.get(base).wsgi_request
        asked.path = "/of-this-test/"
        return asked

    assert view(request()).content.decode() == "伝言："
    with_message = request()
    messages.info(with_message, "保存しました。")
    assert view(with_message).content.decode() == "伝言：保存しました。"
    assert view(request()).content.decode() == "伝言："


def test_an_unfinished_page_is_not_kept(client, base):
    client.force_login(make_user(Role.READER))
    answers = iter(
        [
            HttpResponse("誤り", status=400),
            HttpResponse("一度だけ", headers={"X-Once": "1"}),
            HttpResponse("普通"),
            HttpResponse("二度目"),
        ]
    )
    view = kept_pages.kept_page(lambda request: next(answers))
    request = client.get(base).wsgi_request
    request.path = "/of-this-test/"
    seen = [view(request).content.decode() for _ in range(4)]
    assert seen == ["誤り", "一度だけ", "普通", "普通"]


def test_after_a_value_was_written_the_plan_is_not_read_again(django_assert_num_queries):
    kpi = make_kpi()
    code = kpi.measure.group.goal.strategy.code
    tree = read_tree(code)
    with django_assert_num_queries(1):
        assert read_tree(code) is tree
    make_fiscal_year(tree.fiscal_year)
    make_actual(kpi.indicator, tree.fiscal_year, value=Decimal(45))
    with django_assert_num_queries(4):  # versions, values, sections
        tree = read_tree(code, tree.fiscal_year)
    (listing,) = tree.listings
    assert listing.indicator.values == {tree.fiscal_year: Decimal(45)}
    Indicator.objects.update(source="別の出典")
    (listing,) = read_tree(code, tree.fiscal_year).listings
    assert listing.indicator.source == "別の出典"


def test_after_a_value_was_written_a_past_day_is_not_read_again(django_assert_num_queries):
    kpi = make_kpi()
    code, today = kpi.measure.group.goal.strategy.code, timezone.localdate()
    year = read_tree(code, as_of=today).fiscal_year
    make_fiscal_year(year)
    make_actual(kpi.indicator, year, value=Decimal(45))
    with django_assert_num_queries(5):  # versions, values, sections and their former names
        tree = read_tree(code, year, as_of=today)
    (listing,) = tree.listings
    assert listing.indicator.values == {year: Decimal(45)}
    kpi.indicator.source = "別の出典"
    kpi.indicator.save()
    (listing,) = read_tree(code, year, as_of=today).listings
    assert listing.indicator.source == "別の出典"


@pytest.mark.parametrize("is_past", [False, True])
def test_a_tree_is_kept_until_a_table_is_written_from_which_it_was_read(is_past):
    strategy = load_city()
    as_of = timezone.localdate() if is_past else None
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        read_tree(strategy.code, as_of=as_of)  # in a transaction all is read
    read = {table for query in queries for table in TABLE.findall(query["sql"])}
    assert len(read) > 12
    assert read <= set(TABLES_OF_PLANS)
    tree = read_tree(strategy.code, as_of=as_of)
    make_user(Role.READER)
    with CaptureQueriesContext(connection) as queries:
        assert read_tree(strategy.code, as_of=as_of) is tree
    assert len(queries) == 1
    strategy.title = "別の名称"
    strategy.save()
    assert read_tree(strategy.code, as_of=as_of).title == "別の名称"
