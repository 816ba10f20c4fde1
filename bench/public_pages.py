"""The public pages: what it costs to answer that a page has not changed."""

from datetime import date
from typing import Any

from accounts.roles import Role
from bench.plan import plan_with_values
from bench.registry import benchmark
from bench.served import Browser, asking, site
from bench.timing import time_ratio
from bench.yardsticks import PUBLIC_CONSTANT
from indicators.models import Actual
from plans.tree import read_tree
from reviews.editions.freezing import Decision, fix
from reviews.models import Publication
from tests.factories import make_fiscal_year, make_user

ROUNDS = 300
"""Many, because each takes about a millisecond."""


@benchmark("公開ページの概要（304）：同じミドルウェアの後ろの固定の応答に対して", limit=1.5)
def not_modified(rounds: int = ROUNDS) -> float:
    """The page of a published edition for a browser that has it, compared with a constant page.

    Pages behind the log-in are never answered so: no browser may store them.
    """
    path = published_page()
    first = Browser(site().address)
    first.get(path)
    known: dict[str, Any] = {"If-None-Match": first.headers["ETag"]}
    page = asking(path, status=304, **known)
    return time_ratio(page, asking(PUBLIC_CONSTANT), rounds=rounds, clock=site().clock)


def published_page() -> str:
    """Publish an edition of the plan; return the address of its first page."""
    strategy, planning = plan_with_values(), make_user(Role.PLANNING)
    year = strategy.first_fiscal_year
    Actual.objects.update(state=Actual.State.CONFIRMED)
    decision = Decision(date(year + 2, 1, 10), "根総政第1号", planning)
    edition = fix(read_tree(strategy.code, year), make_fiscal_year(year), decision)
    Publication.objects.create(edition=edition, published_on=date(year + 2, 2, 1))
    return f"/public/{strategy.code}/{edition.number}/"
