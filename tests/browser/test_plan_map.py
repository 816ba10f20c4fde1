"""計画の地図: what the first screen holds, what a cell says, and how long the overview is."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from django.conf import settings
from django.db import transaction
from playwright.sync_api import Locator, Page, Route, expect

from accounts.models import User
from accounts.roles import Role
from tests.factories import load_city, make_user, make_values
from tests.large_plan import CODE, LISTINGS, load_large_plan

pytestmark = [pytest.mark.one_database, pytest.mark.slow]

OVERVIEW = "/strategies/nemuro-2015/?year=2018"
OFFICE, TELEPHONE = (1366, 768), (390, 844)
LONGEST = {OFFICE: 2_600, TELEPHONE: 4_500}
"""How long the overview may be, in pixels."""


@pytest.fixture(scope="module")
def reader(django_db_setup, django_db_blocker) -> Iterator[User]:
    """A reader of two plans with values; shared by this module's tests and no others."""
    with django_db_blocker.unblock(), transaction.atomic():
        strategy = load_city()
        strategy.invented = True
        strategy.save()
        make_values(strategy)
        load_city("shiraho_2020")
        load_large_plan()
        yield make_user(Role.READER)
        transaction.set_rollback(True)


@pytest.fixture
def page(reader, reading_as) -> Page:
    return reading_as(reader)


def show(page: Page, path: str) -> None:
    resize(page, OFFICE)
    page.goto(path)


def resize(page: Page, size: tuple[int, int]) -> None:
    """Make the window as large as a screen: no script asks how wide it was when it opened."""
    page.set_viewport_size({"width": size[0], "height": size[1]})


def cells(page: Page) -> Locator:
    return page.locator(".map-parts ul a")


def boxes(found: Locator) -> list[dict[str, float]]:
    return found.evaluate_all("found => found.map(e => e.getBoundingClientRect().toJSON())")


@pytest.mark.parametrize("year", [2015, 2018, 2019])
def test_the_first_screen_holds_sentence_counts_and_every_cell(page, year):
    show(page, f"/strategies/nemuro-2015/?year={year}")
    assert cells(page).count() == 49
    assert page.locator(".band-counts li").count() == 5
    seen = page.locator("main h1, main .years, main .lead, .band-counts li, .map-goal")
    for box in boxes(seen) + boxes(cells(page)):
        assert 0 < box["top"] < box["bottom"] <= OFFICE[1]
        assert 0 <= box["left"] < box["right"] <= OFFICE[0]
    counts = boxes(page.locator(".band-counts li"))
    assert len({box["top"] for box in counts}) == 1


def test_cells_are_large_enough_and_apart(page):
    show(page, OVERVIEW)
    for size, least in ((OFFICE, 32), (TELEPHONE, 40)):
        resize(page, size)
        found = boxes(cells(page))
        for box in found:
            assert min(box["width"], box["height"]) >= least, size
        for first, second in pairwise(found):
            apart = second["left"] >= first["right"] or second["top"] >= first["bottom"]
            assert apart, size


def test_a_cell_explains_itself_on_hover_and_on_focus(page):
    show(page, OVERVIEW)
    for number in (0, 23, 38, 48):
        cell = cells(page).nth(number)
        tip = cell.locator(".tip")
        name = tip.locator("b").inner_text()
        assert boxes(tip)[0]["width"] <= 1
        cell.hover()
        is_whole(page, tip)
        expect(tip).to_contain_text(name)
        page.mouse.move(2, 2)
        assert boxes(tip)[0]["width"] <= 1
        cell.focus()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Tab")
        expect(cell).to_be_focused()
        is_whole(page, tip)
        expect(page.get_by_role("link", name=name).first).to_be_visible()
        page.keyboard.press("Tab")
        assert boxes(tip)[0]["width"] <= 1


def is_whole(page: Page, tip: Locator) -> None:
    """Assert that a tip is within the window and that nothing cuts it."""
    [box] = boxes(tip)
    width, height = OFFICE
    assert box["width"] > 100
    assert box["height"] > 40
    assert 0 <= box["left"] < box["right"] <= width
    assert 0 <= box["top"] < box["bottom"] <= height
    corners = [(box["left"] + 6, box["top"] + 6), (box["right"] - 6, box["bottom"] - 6)]
    for x, y in corners:
        assert tip.evaluate(
            "(tip, [x, y]) => tip.contains(document.elementFromPoint(x, y))", [x, y]
        )
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_a_cell_says_is_whole_wherever_the_map_is_scrolled_to(page):
    show(page, OVERVIEW)
    cell = cells(page).nth(23)
    for edge in ("start", "end"):
        cell.evaluate("(cell, block) => cell.scrollIntoView({block})", edge)
        [own] = boxes(cell)
        page.mouse.move((own["left"] + own["right"]) / 2, (own["top"] + own["bottom"]) / 2)
        is_whole(page, cell.locator(".tip"))


def test_without_anchors_the_tip_is_below_its_cell(page):
    page.route("**/plan_map*.css", without_anchors)
    show(page, OVERVIEW)
    cell = cells(page).nth(29)
    cell.hover()
    [own], [tip] = boxes(cell), boxes(cell.locator(".tip"))
    assert own["bottom"] <= tip["top"] <= own["bottom"] + 8
    is_whole(page, cell.locator(".tip"))


def without_anchors(route: Route) -> None:
    """Answer with the style sheet as a browser reads it that has no anchors."""
    css = (settings.BASE_DIR / "static" / "plan_map.css").read_text()
    assert "@supports (position-area: block-end)" in css
    route.fulfill(
        content_type="text/css", body=css.replace("(position-area: block-end)", "(no-such: word)")
    )


def test_the_pointer_may_move_onto_the_tip_of_a_cell(page):
    show(page, OVERVIEW)
    cell = cells(page).nth(6)
    cell.hover()
    [own], [box] = boxes(cell), boxes(cell.locator(".tip"))
    middle = (own["left"] + own["right"]) / 2
    page.mouse.move(middle, (box["top"] + box["bottom"]) / 2, steps=12)
    is_whole(page, cell.locator(".tip"))


@pytest.mark.parametrize("more", ["", "&map=years"])
@pytest.mark.parametrize("year", [2015, 2018, 2019])
def test_the_overview_is_short_and_no_wider_than_the_window(page, year, more):
    show(page, f"/strategies/nemuro-2015/?year={year}{more}")
    for size, longest in LONGEST.items():
        resize(page, size)
        root = page.evaluate(
            "[document.documentElement.scrollHeight, document.documentElement.scrollWidth]"
        )
        assert root[0] <= longest
        assert root[1] <= size[0]


def test_a_prefecture_fits_across_and_its_cells_are_aligned(page):
    show(page, f"/strategies/{CODE}/?year=2018")
    assert cells(page).count() == LISTINGS
    for size in (OFFICE, TELEPHONE):
        resize(page, size)
        found = boxes(cells(page))
        assert max(box["right"] for box in found) <= size[0]
        assert len({round(box["height"]) for box in found}) == 1
        # All cells of a line are at the same height.
        lines = sorted({round(box["top"]) for box in found})
        assert all(lower - upper >= 36 for upper, lower in pairwise(lines))


def test_the_switch_shows_the_years_and_a_press_leads_to_the_year_of_the_cell(page):
    show(page, OVERVIEW)
    page.get_by_role("link", name="年度ごとの推移").click()
    table = page.get_by_role("table").first
    row = table.get_by_role("row").filter(has_text="合計特殊出生率")
    expect(row.get_by_role("cell")).to_have_count(5)
    row.get_by_role("cell").nth(1).get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("合計特殊出生率")
    assert "year=2016" in page.url
