"""What every page costs before its own work begins: middleware, session, person."""

from functools import partial

from accounts.roles import Role
from bench.overview import overview_of
from bench.plan import plan_with_values
from bench.registry import benchmark
from bench.served import Browser, asking, site
from bench.timing import time_ratio
from bench.yardsticks import BARE, CONSTANT, DJANGOS_BACKEND
from tests.factories import make_user

ROUNDS = 300
"""Many, because each takes about a millisecond."""


@benchmark("概要の画面（データに変更なし）：同じミドルウェアの固定の応答に対して", limit=1.5)
def unchanged_overview_and_constant(rounds: int = ROUNDS) -> float:
    """The kept page in full, compared with a constant page for the same person.

    Pages behind the log-in are never answered by a 304: no browser may keep them (decision 28).
    """
    path, user = overview_of(plan_with_values()), make_user(Role.READER)
    page, constant = asking(path, user), asking(CONSTANT, user)
    return time_ratio(page, constant, rounds=rounds, clock=site().clock)


@benchmark("画面の固定費：Djangoのセッションと利用者を読むだけの時間に対して", limit=1.3)
def fixed_cost(rounds: int = ROUNDS) -> float:
    """A constant page behind all our middleware, compared with Django's two for a session."""
    user = make_user(Role.READER)
    bare = partial(Browser(site().address, user, DJANGOS_BACKEND).get, BARE)
    return time_ratio(asking(CONSTANT, user), bare, rounds=rounds, clock=site().clock)
