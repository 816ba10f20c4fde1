"""The overview page, served by gunicorn, compared with rendering the page from data in memory."""

from collections.abc import Callable
from functools import partial
from itertools import count

from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from bench.plan import plan_with_values
from bench.registry import benchmark
from bench.served import asking, site
from bench.timing import ROUNDS, time_ratio
from bench.yardsticks import MEMORY
from goals.models import Strategy
from indicators.models import Actual
from tests.factories import make_user, make_values
from tests.large_plan import load_large_plan

YEAR = 2018
"""A year of both plans with values."""


@benchmark("概要の画面（データに変更なし）：同じHTMLをメモリから描く時間に対して", limit=0.7)
def unchanged_overview(rounds: int = ROUNDS) -> float:
    """The whole request while nothing is written, compared with rendering the page."""
    user, path = make_user(Role.READER), overview_of(plan_with_values())
    page, in_memory = asking(path, user), from_memory(path, user)
    return time_ratio(page, in_memory, rounds=rounds, clock=site().clock)


@benchmark("概要の画面（書込みの直後）：同じHTMLをメモリから描く時間に対して", limit=2.5)
def overview_after_a_write(rounds: int = ROUNDS) -> float:
    """The whole request after somebody has saved a value of the plan."""
    return ratio_after_a_write(plan_with_values(), make_user(Role.READER), rounds)


@benchmark("概要の画面（過去の日の時点）：値が保存された直後の、今日の概要に対して", limit=2)
def overview_as_of(rounds: int = ROUNDS) -> float:
    """The overview as of today (from history), relative to the current one, both after a save."""
    strategy, user = plan_with_values(), make_user(Role.READER)
    path, day = overview_of(strategy), timezone.localdate()
    past, now = asking(f"{path}?as_of={day}", user), asking(path, user)
    return time_ratio(past, now, rounds=rounds, clock=site().clock, before=saver(strategy))


def ratio_after_a_write(strategy: Strategy, user: User, rounds: int) -> float:
    """Return the cost of the overview after a save, relative to rendering it from memory."""
    path = overview_of(strategy)
    page, in_memory, save = asking(path, user), from_memory(path, user), saver(strategy)
    return time_ratio(page, in_memory, rounds=rounds, clock=site().clock, before=save)


def overview_of(strategy: Strategy) -> str:
    """Return the address of a plan's overview."""
    return reverse("overview", args=[strategy.code])


def from_memory(path: str, user: User) -> Callable[[], bytes]:
    """Return a function that asks the server for the same page of a person, from memory."""
    return asking(f"{MEMORY}{user.username}{path}")


def saver(strategy: Strategy) -> Callable[[], None]:
    """Return a function that saves a value of the plan with its history; no page shows it."""
    actual = Actual.objects.filter(indicator__kpis__measure__group__goal__strategy=strategy)[0]
    numbers = count(1)

    def save() -> None:
        actual.remarks = f"{next(numbers)}回目の保存"
        actual.save()

    return save


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
