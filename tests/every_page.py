"""Every page of the site as every kind of user sees it, for the checkers of pages.

The addresses are those of the site itself, and who sees them is in tests/access_table.py: a
page that is new is checked without being named here. What else an address shows depends on its
query and on the plan; that is named here.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise
from unittest.mock import patch

from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.models import User
from goals.models import Strategy
from kpis.models import KPI
from tables import file_making
from tests.access_table import Answer, Person, rules_for
from tests.accounts.test_access_table import ADDRESSES, Site, made_empty
from tests.factories import load_city, make_strategy, make_values
from tests.quick_trees import Trees, plans_read_once

TODAY = timezone.localdate().isoformat()

MORE: dict[str, tuple[str, ...]] = {
    "overview": (
        "?year=2015",
        "?year=2019",
        "?year=2030",
        "?map=years",
        f"?as_of={TODAY}",
        "?as_of=someday",
    ),
    "listings": (
        "?judgement=bad",
        "?judgement=bad&goal=1&kind=every_year",
        "?judgement=nowhere",
        "?sort=judgement",
        "?year=2015&sort=change",
        "?judgement=lagging&sort=section",
        "?sort=nowhere",
    ),
    "two_years": (
        "?from=2016&to=2018",
        "?from=2018&to=2016",
        "?from=someday&to=2030",
        "?year=2015",
        f"?from=2015&to=2019&as_of={TODAY}",
    ),
    "review_edition": ("?with=2",),
    "sections": ("?year=2015",),
    "section": ("?year=2015", "?year=2019", f"?as_of={TODAY}"),
    "goal": ("?year=2019",),
    "target": ("?year=2015", "?year=2019"),
    "kpi": ("?year=2019", f"?as_of={TODAY}"),
    "projects": ("?by=implementer", "?by=category&relisted=once"),
    "search": ("?q=保育", "?q=nowhere"),
    "report_choice": ("?year=someday",),
    "slides": ("?page=2", "?page=3", "?page=all", "?page=nowhere", f"?as_of={TODAY}"),
    "entry_grid": ("?only=missing", "?section=0"),
    "login": ("?ended=idle", "?ended=idle&form=unsaved", "?ended=out&form=kept"),
    "changes": ("?since=2020-01-01", "?since=soon", "?word=nowhere"),
}
"""Further query strings to request, by name of the address."""

POSTS: dict[str, tuple[dict[str, str], ...]] = {
    "next_plan": ({},),
    "login": ({}, {"username": "00000", "password": "wrong"}),
    "start_city": ({}, {"city": "○○市", "city_code": "123456"}),
    "start_staff": ({},),
    "start_passwords": ({},),
    "second_factor_set_up": ({}, {"one_time_password": "000000"}),
    "password_change": (
        {},
        {"old_password": "wrong", "new_password1": "kani", "new_password2": "uni"},
    ),
}
"""Invalid POST data that make an address show its form again, by name of the address."""

OTHER_PATHS = ("/nowhere/", "/strategies/nowhere/", "/strategies/nemuro-2015/", "/changes/")
"""Pages that do not exist or need a right."""

OTHER_PLAN_PATHS = (
    "", "listings/", "list/", "projects/", "goals/1/", "measures/1-ア-1/", "targets/1-1/",
    "kpis/1-ア-1-1/", "slides/?page=all", "compare/", "sections/", "sections/999999/",
)  # fmt: skip
"""Pages of the other city, whose plan has no values yet."""

EMPTY_PLAN_PATHS = (
    "", "listings/", "list/", "projects/", "slides/", "compare/?year=2012", "sections/",
)  # fmt: skip
"""Pages of a plan without goals."""

ONE_FOR_EACH_LOOK = (Person.READER, Person.CLERK, Person.PLANNING, Person.AUDITOR)


@dataclass(frozen=True)
class Visit:
    """A page that somebody looks at; `user` is None for a stranger. `sent`: after a POST."""

    person: Person
    user: User | None
    path: str
    html: str
    sent: bool = False

    def __str__(self) -> str:
        return f"{self.path} ({self.person.name})"


def full_site() -> Site:
    """Return the site with 根室市's plan and its values, another city's and one without goals."""
    plan = load_city()
    make_values(plan)
    load_city("shiraho_2020")
    make_strategy(code="empty", title="まだ何もない総合戦略", first_fiscal_year=2010)
    return Site(kpi_of(plan))


def kpi_of(plan: Strategy) -> KPI:
    """Return the first KPI of a plan."""
    return KPI.objects.filter(measure__group__goal__strategy=plan).first()


def paths_for(site: Site, person: Person, *, admin: bool) -> Iterator[tuple[str, dict | None]]:
    """Yield what answers to a person, of the admin or of all the rest: a path and what is sent."""
    for address, pattern in ADDRESSES.items():
        [rule] = rules_for(address)
        if address.startswith("admin:") != admin or rule.get.to(person) != Answer.OPEN:
            continue
        path = site.path_to(address, pattern)
        yield path, None
        yield from ((path + more, None) for more in MORE.get(address, ()))
        yield from ((path, data) for data in POSTS.get(address, ()))
    if not admin:
        yield from ((path, None) for path in OTHER_PATHS)
        if person in ONE_FOR_EACH_LOOK:
            yield from ((f"/strategies/shiraho-2020/{path}", None) for path in OTHER_PLAN_PATHS)
            yield from ((f"/strategies/empty/{path}", None) for path in EMPTY_PLAN_PATHS)


def visits(site: Site, people: Iterable[Person] = Person, *, admin: bool) -> Iterator[Visit]:
    """Yield what everybody sees, each page once: people of one role often see the same.

    Files are not pages: they are made empty. No request changes a plan.
    """
    seen: set[str] = set()
    trees: Trees = {}
    for person in people:
        user, client = site.user_of(person), Client()
        if user:
            client.force_login(user)
        for path, data in paths_for(site, person, admin=admin):
            with patch.object(file_making, "make", made_empty), plans_read_once(trees):
                response = client.get(path) if data is None else client.post(path, data)
            if not is_page(response):
                continue
            html = response.content.decode()
            sight = _without_the_person(html, user)
            if sight not in seen:
                seen.add(sight)
                yield Visit(person, user, path, html, data is not None)


@cache
def pages_of_the_full_site() -> tuple[Visit, ...]:
    """Return what everybody sees of the full site but its admin; written once in a process."""
    with transaction.atomic():
        written = tuple(visits(full_site(), admin=False))
        transaction.set_rollback(True)
    return written


def of_every_shape(all_visits: Iterable[Visit]) -> list[Visit]:
    """Return few visits that have between them all that any has, shaped as there.

    The page with the most that is new comes first, and so on; then those go whose all is on others.
    """
    shaped = [(visit, shapes(visit.html)) for visit in all_visits]
    chosen: list[tuple[Visit, set[str]]] = []
    missing = set().union(*[found for _, found in shaped])
    while missing:
        chosen.append(max(shaped, key=lambda one: len(one[1] & missing)))
        missing -= chosen[-1][1]
    times = Counter(shape for _, found in chosen for shape in found)
    for visit, found in [*chosen]:
        if all(times[shape] > 1 for shape in found):
            times.subtract(found)
            chosen.remove((visit, found))
    needed = [visit for visit, _ in chosen]
    return [visit for visit, _ in shaped if visit in needed]


def is_page(response: HttpResponse) -> bool:
    """Whether an answer is HTML to look at: no file, no redirection, no part of a page."""
    redirects = 300 <= response.status_code < 400
    return not redirects and response.headers.get("Content-Type", "").startswith("text/html")


def is_file(response: HttpResponse) -> bool:
    """Whether an answer is a file to download."""
    return response.headers.get("Content-Disposition", "").startswith("attachment")


def _without_the_person(html: str, user: User | None) -> str:
    html = re.sub(r'name="(?:csrfmiddlewaretoken|r\d+-page)" value="[\w.]+"', "", html)
    if user:
        html = html.replace(user.full_name, "").replace(user.username, "")
    return sha256(html.encode()).hexdigest()


class _Shapes(HTMLParser):
    """Collects elements with their surroundings, each as the path of tags down to it."""

    def __init__(self) -> None:
        super().__init__()
        self.path: list[str] = []
        self.headings: list[str] = []
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        shape = tag + "".join(sorted(f" {_shape(*attribute)}" for attribute in attributes))
        self.found.add(">".join([*self.path, shape]))
        if tag not in VOID_ELEMENTS:
            self.path.append(shape)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.path and self.path.pop().split(" ")[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.found.add(">".join([*self.path, "text"]))


VOID_ELEMENTS = frozenset({"br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})

TELLING = frozenset({"aria-current", "class", "lang", "role", "scope", "tabindex", "type"})
"""Attributes whose values belong to the shape; of the others, that they are there and not empty."""

NAME_OF_A_FIELD = r"\b(app|change|column|dynamic|field|model|section)-\S+"
"""Classes by which Django's admin says what a thing is of; the style sheets do not know them."""


def _shape(name: str, value: str | None) -> str:
    if name in TELLING:
        return f"{name}={re.sub(NAME_OF_A_FIELD, '', value or '')}"
    return name if value else f"{name}="


def shapes(html: str) -> set[str]:
    """Return what a page is made of: elements in their places, and which heading follows which.

    Two pages with the same have the same elements with the same classes, roles and attributes in
    the same surroundings, and differ in texts, numbers and addresses.
    """
    parser = _Shapes()
    parser.feed(html)
    return parser.found | {" ".join(pair) for pair in pairwise(["", *parser.headings])}
