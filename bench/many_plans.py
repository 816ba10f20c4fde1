"""The overview in a database that has been used for twenty years by a city with thirty plans."""

import json
from collections.abc import Callable
from copy import deepcopy
from functools import partial
from itertools import cycle, islice
from typing import Any

from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from bench.overview import renderer
from bench.plan import plan_with_values
from bench.registry import benchmark
from bench.timing import ROUNDS, time_ratio
from indicators.models import Actual
from plans.loading import load_strategy
from tests.factories import FIXTURES, make_fiscal_year, make_user, make_values
from tests.large_plan import load_large_plan

PLANS, YEARS, VERSIONS = 30, range(2010, 2030), 200_000
"""The plans, the fiscal years and the rows of history of values; 343 indicators come with them."""

BATCH = 5_000


@benchmark(
    "概要の画面：30計画、20年度、履歴20万行のデータベースの、1計画のときに対する時間", limit=1.2
)
def many_plans(plans: int = PLANS, versions: int = VERSIONS, rounds: int = ROUNDS) -> float:
    """The whole request without anything kept, with and without what others have stored.

    Both are measured against rendering the page from memory, in turn; what was added is taken back.
    """
    strategy = plan_with_values()
    client = Client(headers={"host": "localhost"})
    client.force_login(make_user(Role.READER))
    request = partial(client.get, reverse("overview", args=[strategy.code]))
    with transaction.atomic():  # in a transaction no page is kept
        alone = _against_memory(request, rounds)
        _fill(plans, versions)
        among_many = _against_memory(request, rounds)
        transaction.set_rollback(True)
    return among_many / alone


def _against_memory(request: Callable[[], Any], rounds: int) -> float:
    return time_ratio(request, renderer(request), rounds=rounds)


def _fill(plans: int, versions: int) -> None:
    """Add plans, years and history until there are so many."""
    make_values(load_large_plan())
    for year in YEARS:
        make_fiscal_year(year)
    city = json.loads((FIXTURES / "nemuro_2015.json").read_text(encoding="utf-8"))
    for number in range(plans - 2):
        copy = deepcopy(city)
        copy["strategy"] |= {"code": f"plan-{number}", "title": f"第{number}期計画"}
        load_strategy(copy)
    history: Any = Actual.history
    rows = list(history.order_by("pk"))
    again = islice(cycle(rows), max(0, versions - len(rows)))
    while batch := list(islice(again, min(BATCH, len(rows)))):
        for row in batch:
            row.pk = None  # a new one
        history.bulk_create(batch)
