"""The overview page: the whole request, compared with rendering the page from data in memory."""

import re
from collections.abc import Callable
from functools import partial
from inspect import unwrap
from typing import Any
from unittest.mock import patch

from django.db import connection, transaction
from django.db.models import F
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Section
from accounts.roles import Role
from bench.plan import plan_with_values
from bench.registry import benchmark
from bench.timing import ROUNDS, time_ratio
from plans import pages
from plans.tree import read_tree
from tests.factories import make_section, make_user, make_values
from tests.large_plan import load_large_plan

YEAR = 2018
"""A year of both plans with values."""

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"')


@benchmark("概要の画面（データに変更なし）：同じHTMLをメモリから描く時間に対して", limit=0.7)
def unchanged_overview(rounds: int = ROUNDS) -> float:
    """The whole request while nothing is written, compared with rendering the page."""
    request = _overview()
    return time_ratio(request, renderer(request), rounds=rounds)


@benchmark("概要の画面（書込みの直後）：同じHTMLをメモリから描く時間に対して", limit=2.5)
def overview_after_a_write(rounds: int = ROUNDS) -> float:
    """A write of one row, then the whole request: nothing that was kept can be used."""
    request = _overview()
    section = make_section()

    def write_and_request() -> None:
        Section.objects.filter(pk=section.pk).update(position=F("position") + 1)
        request()

    return time_ratio(write_and_request, renderer(request), rounds=rounds)


@benchmark("概要の画面（過去の日の時点）：何も残していない今日の概要に対して", limit=2)
def overview_as_of(rounds: int = ROUNDS) -> float:
    """The overview as of today, read from history, over that of now right after a write."""
    request, section = _overview(), make_section()
    day = timezone.localdate().isoformat()

    def after_a_write(*args: Any) -> None:
        Section.objects.filter(pk=section.pk).update(position=F("position") + 1)
        request(*args)

    return time_ratio(partial(after_a_write, {"as_of": day}), after_a_write, rounds=rounds)


def _overview() -> Callable[[], Any]:
    """Return the request of a reader for the overview of the city's plan."""
    strategy = plan_with_values()
    client = Client(headers={"host": "localhost"})
    client.force_login(make_user(Role.READER))
    return partial(client.get, reverse("overview", args=[strategy.code]))


@benchmark("概要の画面：指標294件の計画の、49件の計画に対する時間", limit=3)
def large_map(rounds: int = ROUNDS) -> float:
    """The overview with its map for a plan as large as a prefecture's, over that for a city's.

    The large plan is taken back: other benchmarks measure what a city has.
    """
    strategy = plan_with_values()
    client = Client(headers={"host": "localhost"})
    with transaction.atomic():
        large = load_large_plan()
        make_values(large)
        client.force_login(make_user(Role.READER))
        many, few = (
            partial(client.get, reverse("overview", args=[plan.code]), {"year": YEAR})
            for plan in (large, strategy)
        )
        ratio = time_ratio(many, few, rounds=rounds)
        transaction.set_rollback(True)
    return ratio


def renderer(request: Callable[[], Any]) -> Callable[[], HttpResponse]:
    """Return a function that renders the page of a request again from data in memory.

    It does everything the view does without a query: the judged tree and the user are loaded
    beforehand. Raises RuntimeError if the page differs or if there is a query.
    """
    response = request()
    if response.status_code != 200:
        raise RuntimeError(f"The page answers {response.status_code}.")
    asked = response.wsgi_request
    match = asked.resolver_match
    with patch.object(pages, "read_tree", wraps=read_tree) as reading, transaction.atomic():
        request()  # in a transaction no page is kept
    arguments = reading.call_args
    tree = read_tree(*arguments.args, **arguments.kwargs)

    view = unwrap(match.func)

    def render() -> HttpResponse:
        with patch.object(pages, "read_tree", return_value=tree):
            return view(asked, *match.args, **match.kwargs)

    with CaptureQueriesContext(connection) as queries:
        page = render().content.decode()
    if queries.captured_queries:
        raise RuntimeError(f"Rendering from memory asks the database: {queries[0]['sql']}")
    if _TOKEN.sub("", page) != _TOKEN.sub("", response.content.decode()):
        raise RuntimeError("What is rendered from memory is not the page.")
    return render
