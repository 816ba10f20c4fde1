"""make bench: what is measured through a server, and that the yardsticks of it are honest."""

from collections.abc import Callable
from functools import partial
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpResponse
from django.template import loader
from pytest_django.live_server_helper import LiveServer

from bench import (
    crowd,
    fixed_cost,
    many_plans,
    memory,
    overview,
    public_pages,
    served,
    server_settings,
    yardsticks,
)
from bench.registry import DATABASES, benchmarks_for
from goals.models import Strategy
from indicators.models import Actual
from plans import pages
from tests.factories import make_strategy

pytestmark = [pytest.mark.one_database, pytest.mark.slow]

IN_MEMORY = "同じHTMLをメモリから描く時間に対して"
LIMITS = {
    f"概要の画面（データに変更なし）：{IN_MEMORY}": 0.7,
    f"概要の画面（書込みの直後）：{IN_MEMORY}": 2.5,
    "概要の画面（過去の日の時点）：値が保存された直後の、今日の概要に対して": 2,
    "概要の画面（データに変更なし）：同じミドルウェアの固定の応答に対して": 1.5,
    "画面の固定費：Djangoのセッションと利用者を読むだけの時間に対して": 1.3,
    "100人が同時に（30人が入力し、ほかは読む）：同じ画面をメモリから返す時間に対して": 3,
    "100人が同時に（30人が入力し、ほかは読む）：同じ画面をメモリから返すまでの経過時間に対して": 3,
    "概要の画面：30計画、20年度、履歴20万行のデータベースの、1計画のときに対する時間": 1.2,
    "公開ページの概要（304）：同じミドルウェアの後ろの固定の応答に対して": 1.5,
}


def called_once(
    measured: Callable[[], object], yardstick: Callable[[], object], **options: Any
) -> float:
    """Call both once, as `time_ratio` does many times, and measure nothing."""
    for call in (measured, yardstick):
        options.get("before", int)()
        call()
    return 1.0


@pytest.fixture
def installed(monkeypatch):
    """What renders from memory, until the end of the test."""
    monkeypatch.setattr(pages, "read_tree", pages.read_tree)
    monkeypatch.setattr(loader, "render_to_string", loader.render_to_string)
    memory.install()


@pytest.fixture
def site(installed, transactional_db, settings, monkeypatch):
    """The server of the tests in place of gunicorn, with the same settings."""
    yardsticks._prepared.cache_clear()
    crowd.costs.cache_clear()
    for name in ("MIDDLEWARE", "AUTHENTICATION_BACKENDS", "ROOT_URLCONF", "PUBLIC_PAGES"):
        setattr(settings, name, getattr(server_settings, name))
    server = LiveServer("localhost:0")  # has loaded no middleware before
    here = served.Site(server.url, partial(next, count()))
    for module in (crowd, fixed_cost, overview, public_pages, served):
        monkeypatch.setattr(module, "site", lambda: here)
    for module in (fixed_cost, overview, public_pages):
        monkeypatch.setattr(module, "time_ratio", called_once)
    yield here
    server.stop()


@pytest.mark.parametrize("database", DATABASES)
def test_each_figure_through_the_server_is_measured_on_each_database_with_its_limit(database):
    limits = {one.name: one.limit for one in benchmarks_for(database)}
    assert LIMITS.items() <= limits.items()


def test_all_figures_through_a_server_can_be_measured(site, monkeypatch):
    monkeypatch.setattr(many_plans, "load_large_plan", make_strategy)
    assert crowd.at_once(people=2, clerks=1, rounds=1) == 1.0
    assert crowd.throughput(people=2, clerks=1, rounds=1) > 0
    for measured in (
        overview.unchanged_overview,
        overview.overview_after_a_write,
        overview.overview_as_of,
        fixed_cost.unchanged_overview_and_constant,
        fixed_cost.fixed_cost,
    ):
        assert measured(rounds=1) == 1.0
    assert many_plans.many_plans(plans=3, versions=3_000, rounds=1) == 1.0
    assert Strategy.objects.count() == 3
    assert Actual.history.count() >= 3_000
    assert public_pages.not_modified(rounds=1) == 1.0


def asked_of(view: Callable[..., HttpResponse]) -> Callable[[], HttpResponse]:
    """A request to a view, answered as Django's test client answers it."""

    def request() -> HttpResponse:
        match = SimpleNamespace(func=view, args=(), kwargs={})
        asked = SimpleNamespace(resolver_match=match)
        response = view(asked)
        response.wsgi_request = asked
        return response

    return request


@pytest.mark.django_db
def test_the_yardstick_makes_the_same_page_again_without_a_query(
    installed, django_assert_num_queries
):
    strategy = make_strategy(title="根室市創生総合戦略")

    def view(request: Any) -> HttpResponse:
        return HttpResponse(pages.read_tree(strategy.code).title)

    again = memory.view_from_memory(asked_of(view))
    with django_assert_num_queries(0):
        assert again().content.decode() == "根室市創生総合戦略"


@pytest.mark.django_db
def test_a_yardstick_that_asks_the_database_is_refused(installed, django_user_model):
    strategy = make_strategy()

    def view(request: Any) -> HttpResponse:
        pages.read_tree(strategy.code)
        return HttpResponse(str(django_user_model.objects.count()))

    with pytest.raises(RuntimeError, match="asks the database"):
        memory.view_from_memory(asked_of(view))


@pytest.mark.django_db
def test_a_yardstick_that_makes_another_page_is_refused(installed):
    strategy, number = make_strategy(), count()

    def view(request: Any) -> HttpResponse:
        pages.read_tree(strategy.code)
        return HttpResponse(str(next(number)))

    with pytest.raises(RuntimeError, match="not the page"):
        memory.view_from_memory(asked_of(view))


def test_a_page_that_fails_is_not_a_yardstick():
    with pytest.raises(RuntimeError, match="500"):
        memory.view_from_memory(lambda: HttpResponse(status=500))
