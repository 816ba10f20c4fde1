"""axe-core finds no barrier on any page, as anybody, on an office screen and on a telephone.

Pages that look the same to several people are looked at once (tests/every_page.py).
"""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import groupby

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route

from tests.access_table import Person
from tests.accounts.test_access_table import Site
from tests.every_page import Visit, full_site, visits

pytestmark = pytest.mark.one_database

SIZES = [(1366, 768), (390, 844)]
ZOOMED = (320, 256)
"""What is left of 1280 × 1024 pixels at 400 %."""

OPTIONS = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}

WIDER = """() => {
  const root = document.documentElement;
  return root.scrollWidth > root.clientWidth ? root.scrollWidth : 0;
}"""


@pytest.fixture
def site(transactional_db) -> Site:
    from accounts.roles import sync_groups

    sync_groups()
    return full_site()


def opened(all_visits: Iterator[Visit], page_as: Callable[..., Page]) -> Iterator[tuple]:
    """Yield each visit with its page, opened."""
    for _, group in groupby(all_visits, lambda visit: visit.person):
        page = None
        for visit in group:
            page = page or page_as(visit.user)
            if visit.sent:
                page.route(f"**{visit.path}", partial(answer_with, visit.html), times=1)
            page.goto(visit.path)
            yield visit, page


def answer_with(html: str, route: Route) -> None:
    """Show what came of a form without sending it again."""
    route.fulfill(body=html, content_type="text/html; charset=utf-8")


def barriers(page: Page) -> list[str]:
    """Return what axe objects to: rule, place and reason."""
    found = Axe().run(page, options=OPTIONS).response["violations"]
    return [
        f"{rule['id']}: {node['target']}: {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"][:3]
    ]


def barriers_at_all_sizes(page: Page) -> list[str]:
    """Return what axe objects to at each width.

    The window is as high as the page: a bar that stays at its edge covers what can be scrolled
    away from it. That it never covers the focus is held in test_ways_of_three_people.py.
    """
    found = []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        height = max(height, page.evaluate("document.documentElement.scrollHeight"))
        page.set_viewport_size({"width": width, "height": height})
        found += [f"{width} px: {barrier}" for barrier in barriers(page)]
    return found


def test_barriers_are_found(new_page, transactional_db):
    page = new_page(bypass_csp=True)
    page.goto("/login/")
    page.evaluate("document.querySelector('label').remove()")
    page.evaluate("document.querySelector('h1').style.color = '#ccc'")
    found = " ".join(barriers(page))
    assert "label: ['#id_username']" in found
    assert "color-contrast: ['h1']" in found
    page.set_viewport_size({"width": ZOOMED[0], "height": ZOOMED[1]})
    assert page.evaluate(WIDER) == 0
    page.evaluate("document.querySelector('h1').style.width = '400px'")
    assert page.evaluate(WIDER) > 400


def test_no_page_of_ours_has_a_barrier_or_needs_scrolling_sideways(site, page_as):
    found = []
    for visit, page in opened(visits(site, admin=False, parts_once=True), page_as):
        found += [f"{visit}: {barrier}" for barrier in barriers_at_all_sizes(page)]
        page.set_viewport_size({"width": ZOOMED[0], "height": ZOOMED[1]})
        if width := page.evaluate(WIDER):
            found.append(f"{visit}: {width} px wide where 320 px are there")
    assert found == [], "\n".join(found)


def test_no_page_of_the_admin_has_a_barrier(site, page_as):
    staff = (Person.PLANNING, Person.CLERK, Person.AUDITOR)
    found = []
    for visit, page in opened(visits(site, staff, admin=True, parts_once=True), page_as):
        found += [f"{visit}: {barrier}" for barrier in barriers_at_all_sizes(page)]
    assert found == [], "\n".join(found)
