"""A public page that has not changed: 304, compared with a constant response."""

import sys
from datetime import date
from functools import partial
from types import ModuleType

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from accounts.roles import Role
from bench.plan import plan_with_values
from bench.registry import benchmark
from bench.timing import time_ratio
from indicators.models import Actual
from nemuro_strategy import urls
from plans.tree import read_tree
from reviews.editions.freezing import Decision, fix
from reviews.models import Publication
from tests.factories import make_fiscal_year, make_user

ROUNDS = 300
"""Many, because each takes less than a millisecond."""

YEAR = 2016
CONSTANT = "/bench/"


@login_not_required
def _constant(request: HttpRequest) -> HttpResponse:
    return HttpResponse("固定")


@benchmark("公開の画面（変更なし、304）：同じミドルウェアの固定の応答に対して", limit=1.5)
def unchanged_public_page(rounds: int = ROUNDS) -> float:
    """The page of an edition, asked for with its ETag; pages behind the log-in are never kept."""
    addresses = ModuleType("bench_public_addresses")
    addresses.__dict__["urlpatterns"] = [path(CONSTANT[1:], _constant), *urls.urlpatterns]
    sys.modules[addresses.__name__] = addresses
    with (
        override_settings(ROOT_URLCONF=addresses.__name__, PUBLIC_PAGES=True),
        transaction.atomic(),
    ):
        page = publish_an_edition()
        client = Client(headers={"host": "localhost"})
        known = {"if-none-match": client.get(page)["ETag"]}
        if (status := client.get(page, headers=known).status_code) != 304:
            raise RuntimeError(f"The page answers {status}.")
        ratio = time_ratio(
            partial(client.get, page, headers=known), partial(client.get, CONSTANT), rounds=rounds
        )
        transaction.set_rollback(True)
    return ratio


def publish_an_edition() -> str:
    """Fix and publish a year of the city's plan; return the address of its page."""
    plan = plan_with_values()
    Actual.objects.update(state=Actual.State.CONFIRMED)
    decision = Decision(date(2018, 1, 10), "1", make_user(Role.PLANNING))
    edition = fix(read_tree(plan.code, YEAR), make_fiscal_year(YEAR), decision)
    Publication.objects.create(edition=edition, published_on=date(2018, 2, 1))
    return f"/public/{plan.code}/{edition.number}/"
