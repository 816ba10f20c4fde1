"""100 people at once: some enter values, the others read; how many requests are answered a second.

Compared with the same pages from memory, without a query, and with saves that save nothing.
"""

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import count
from operator import methodcaller
from statistics import median
from typing import Any, NamedTuple

from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from bench.overview import overview_of
from bench.plan import plan_with_values
from bench.registry import benchmark
from bench.served import Browser, site
from bench.yardsticks import MEMORY
from goals.models import Strategy
from indicators.models import Actual, Indicator
from tests.factories import make_fiscal_year, make_user
from tests.html import form_data
from trail.history import Door

PEOPLE = 100
CLERKS = 30
"""How many of them enter values, each another indicator's; the others read."""

ROUNDS = 3
WHY = "台風のため、一部を中止した。"


_AT_ONCE = f"{PEOPLE}人が同時に（{CLERKS}人が入力し、ほかは読む）：同じ画面をメモリから返す"


class Cost(NamedTuple):
    """What all visits together took: seconds of processor, and seconds until all had ended."""

    processor: float
    elapsed: float


@benchmark(f"{_AT_ONCE}時間に対して", limit=3)
def at_once(people: int = PEOPLE, clerks: int = CLERKS, rounds: int = ROUNDS) -> float:
    """What so many requests cost in processor time, over those from memory."""
    measured, from_memory = costs(people, clerks, rounds)
    return measured.processor / from_memory.processor


@benchmark(f"{_AT_ONCE}までの経過時間に対して", limit=3)
def throughput(people: int = PEOPLE, clerks: int = CLERKS, rounds: int = ROUNDS) -> float:
    """How long they take, waiting for locks and disks included: the inverse of the throughput.

    The browsers run on the same machine; what they take is on both sides.
    """
    measured, from_memory = costs(people, clerks, rounds)
    return measured.elapsed / from_memory.elapsed


@cache
def costs(people: int, clerks: int, rounds: int) -> tuple[Cost, Cost]:
    """Return the median cost of a visit of all, and that of the same pages from memory.

    Both take turns. Raises RuntimeError if a save has left no history.
    """
    strategy = plan_with_values()
    crowd = [*clerks_of(strategy, clerks), *readers_of(strategy, people - clerks)]
    visits = (methodcaller("visit"), methodcaller("visit_in_memory"))
    taken: tuple[list[Cost], list[Cost]] = ([], [])
    with ThreadPoolExecutor(len(crowd)) as threads, closing_all(crowd):
        for _ in range(1 + rounds):
            for visit, of_visit in zip(visits, taken, strict=True):
                of_visit.append(cost_of(threads, visit, crowd))
    if saves_of(strategy) != clerks * (1 + rounds):
        raise RuntimeError(f"{saves_of(strategy)} of {clerks * (1 + rounds)} saves were recorded.")
    # the first round warms up
    first, second = (Cost(*map(median, zip(*one[1:], strict=True))) for one in taken)
    return first, second


def cost_of(
    threads: ThreadPoolExecutor, visit: Callable[["Person"], None], crowd: list["Person"]
) -> Cost:
    """Let all visit at once; return what it cost to answer them."""
    clock = site().clock
    began, processor = time.monotonic(), clock()
    for _ in threads.map(visit, crowd):
        pass  # raises what a thread has raised
    elapsed = time.monotonic() - began
    return Cost(clock() - processor, elapsed)


def saves_of(strategy: Strategy) -> int:
    """Return how often a value of the year that is entered has been saved."""
    history: Any = Actual.history
    return history.filter(fiscal_year=strategy.last_fiscal_year, door=Door.GRID).count()


@contextmanager
def closing_all(crowd: list["Person"]) -> Iterator[None]:
    """Close all connections at the end."""
    try:
        yield
    finally:
        for person in crowd:
            person.browser.close()


@dataclass
class Person:
    """Somebody with a browser: the pages of a visit, and their addresses in memory."""

    browser: Browser
    pages: list[str]
    in_memory: list[str]

    def visit(self) -> None:
        """Ask for each page."""
        for path in self.pages:
            self.browser.get(path)

    def visit_in_memory(self) -> None:
        """Ask for each page in memory."""
        for path in self.in_memory:
            self.browser.get(path)


@dataclass
class Clerk(Person):
    """Somebody who opens the grid, saves a value, sees the grid again and then the pages."""

    grid: str
    grid_in_memory: str
    row: str
    """What the names of the indicator's fields begin with."""

    fields: dict[str, str] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=partial(count, 1))

    def visit(self) -> None:
        """Save another value, with another reason if it is doubted, and ask for each page."""
        self.open_grid()
        number = next(self.numbers)
        typed = {"value": str(number), "remarks": f"{WHY}{number}件。"}
        self.fields |= {f"{self.row}{name}": text for name, text in typed.items()}
        self.browser.post(self.grid, self.fields | {"save": "1"})
        self.open_grid()
        super().visit()

    def visit_in_memory(self) -> None:
        """Ask for the same from memory, where nothing is saved."""
        self.browser.get(self.grid_in_memory)
        self.browser.post(self.grid_in_memory, self.fields)
        self.browser.get(self.grid_in_memory)
        super().visit_in_memory()

    def open_grid(self) -> None:
        """Read the grid as a browser does; only what differs each time is looked for again."""
        page = self.browser.get(self.grid).decode()
        if self.fields:
            self.fields |= re.findall(rf'name="({self.row}(?:seen|page))" value="([^"]*)"', page)
        else:
            found = form_data(page).items()
            own = re.compile(rf"(?!r\d+-)|{self.row}")
            self.fields = {name: text for name, text in found if own.match(name)}


def readers_of(strategy: Strategy, number: int) -> Iterator[Person]:
    """Yield people who read the overview, the list of indicators and the page of a goal."""
    overview = overview_of(strategy)
    pages = [overview, f"{overview}listings/", f"{overview}goals/1/"]
    users = [make_user(Role.READER) for _ in range(number)]
    for user in users:
        yield Person(Browser(site().address, user), pages, addresses_in_memory(users[0], pages))


def clerks_of(strategy: Strategy, number: int) -> Iterator[Clerk]:
    """Yield people who enter a year, each another indicator of the plan."""
    year = make_fiscal_year(strategy.last_fiscal_year)
    grid, pages = reverse("entry_grid", args=[year.pk]), [overview_of(strategy)]
    first_of: dict[int, User] = {}
    own = Indicator.objects.filter(kpis__measure__group__goal__strategy=strategy, ratio=False)
    for indicator in own.distinct().order_by("pk").select_related("entered_by")[:number]:
        user = make_user(Role.CLERK, indicator.entered_by)
        # People of a section see the same grid.
        like = first_of.setdefault(indicator.entered_by_id, user)
        [grid_in_memory, *others] = addresses_in_memory(like, [grid, *pages])
        browser = Browser(site().address, user)
        yield Clerk(browser, pages, others, grid, grid_in_memory, f"r{indicator.pk}-")


def addresses_in_memory(user: User, pages: list[str]) -> list[str]:
    """Return where pages of a person are in memory."""
    return [f"{MEMORY}{user.username}{path}" for path in pages]
