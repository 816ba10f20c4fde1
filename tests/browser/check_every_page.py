"""No page has an error of HTML or a barrier, for any user: `make check-pages`.

The Nu Html Checker and axe-core look at the same pages, which are written once for both. The two
classes take about as long, and each runs in a process of its own.
"""

from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page

from tests.access_table import Person
from tests.browser.barriers import (
    SCREEN,
    TELEPHONE,
    WIDER,
    ZOOMED,
    WrittenPage,
    barriers,
    barriers_at_both_sizes,
    bring_axe,
    obstacles,
)
from tests.browser.conftest import watched_pages
from tests.every_page import Visit, full_site, of_every_shape, pages_of_the_full_site, visits
from tests.factories import make_user
from tests.html_checker.faults import (
    Files,
    add_pages_of_a_plan_without_values,
    add_pages_of_a_plan_workbook,
    add_pages_of_failures,
    add_pages_of_the_full_site,
    add_pages_that_links_lead_to,
    add_pages_without_a_plan,
    add_public_pages,
    faults_of,
)
from tests.public_city import pages_in_a_folder, public_visits, publish_city

pytestmark = [pytest.mark.one_database, pytest.mark.slow]

STAFF = (Person.PLANNING, Person.CLERK, Person.AUDITOR)
"""The users who see different pages of the admin."""


@pytest.fixture
def files(tmp_path: Path) -> Files:
    folder = tmp_path / "pages"
    folder.mkdir()
    return Files(folder)


@pytest.fixture(scope="module")
def written_pages() -> Iterator[str]:
    """Serve what is in WrittenPage; return the address."""
    with ThreadingHTTPServer(("localhost", 0), WrittenPage) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def show(browser: Browser, written_pages: str) -> Iterator[Callable[[Visit], Page]]:
    """Return a function that shows a page that was written.

    axe puts a style of its own into a page, which our content security policy forbids. That our
    pages keep to it is watched on those of `open_page`.
    """
    with watched_pages(browser, written_pages) as new:
        page = new(bypass_csp=True)
        bring_axe(page)

        def show_(visit: Visit) -> Page:
            page.set_viewport_size({"width": SCREEN[0], "height": SCREEN[1]})
            WrittenPage.html = visit.html
            page.goto(visit.path)
            return page

        yield show_


class TestFullSite:
    def test_no_page_has_a_barrier_or_needs_scrolling_sideways(self, db, show):
        found = []
        for visit in of_every_shape(pages_of_the_full_site()):
            found += obstacles(visit, show(visit))
        assert found == [], "\n".join(found)

    def test_no_page_has_a_fault(self, files, db):
        found = faults_of(files, add_pages_of_the_full_site)
        assert found == [], "\n".join(found)


class TestOtherPages:
    def test_barriers_are_found(self, new_page, transactional_db):
        make_user(None)
        page = new_page(bypass_csp=True)
        bring_axe(page)
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

    def test_faults_are_found(self, files):
        files.add("fine", "<!DOCTYPE html><html lang='ja'><title>概要</title><p>よい</p></html>")
        files.add(
            "wrong", "<!DOCTYPE html><html lang='ja'><title>概要</title><p id=></span></html>"
        )
        found = files.faults()
        assert {fault.partition(",")[0] for fault in found} == {"wrong"}

    def test_no_public_page_on_the_server_or_in_a_folder_has_a_barrier(
        self, db, show, browser, tmp_path
    ):
        publish_city()
        found = []
        for visit in of_every_shape(public_visits()):
            found += obstacles(visit, show(visit))
        with watched_pages(browser, tmp_path.as_uri()) as new:
            page = new()
            bring_axe(page)
            for visit in of_every_shape(pages_in_a_folder(tmp_path)):
                page.goto(visit.path)
                found += obstacles(visit, page)
        assert found == [], "\n".join(found)

    def test_no_page_of_the_admin_has_a_barrier_or_is_wider_than_a_telephone(self, db, show):
        found = []
        for visit in of_every_shape(visits(full_site(), STAFF, admin=True)):
            page = show(visit)
            page.set_viewport_size({"width": TELEPHONE[0], "height": TELEPHONE[1]})
            if width := page.evaluate(WIDER):
                found.append(f"{visit}: {width} px wide where {TELEPHONE[0]} px are there")
            found += [f"{visit}: {barrier}" for barrier in barriers_at_both_sizes(page)]
        assert found == [], "\n".join(found)

    def test_no_page_has_a_fault(self, files, db):
        found = faults_of(
            files,
            add_pages_without_a_plan,
            add_pages_of_a_plan_workbook,
            add_pages_of_a_plan_without_values,
            add_pages_that_links_lead_to,
            add_public_pages,
            add_pages_of_failures,
        )
        assert found == [], "\n".join(found)
