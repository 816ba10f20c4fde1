"""The overview in a database that has been used for twenty years by a city with thirty plans."""

import json
from copy import deepcopy
from itertools import cycle, islice
from typing import Any

from accounts.roles import Role
from bench.overview import ratio_after_a_write
from bench.plan import plan_with_values
from bench.registry import benchmark
from bench.timing import ROUNDS
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
    """The whole request after a save, with and without what others have stored.

    Both are measured against rendering the page from memory, in turn. What is added stays.
    """
    strategy = plan_with_values()
    alone = ratio_after_a_write(strategy, make_user(Role.READER), rounds)
    _fill(plans, versions)
    among_many = ratio_after_a_write(strategy, make_user(Role.READER), rounds)
    return among_many / alone


def _fill(plans: int, versions: int) -> None:
    """Add plans, years and history up to the wanted numbers."""
    for year in YEARS:
        make_fiscal_year(year)
    make_values(load_large_plan())
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
