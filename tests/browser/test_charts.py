"""Charts on telephones and screens: large enough to read, and figures that look as they do."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from playwright.sync_api import Page

from accounts.models import User
from accounts.roles import Role
from tests.factories import load_city, make_user, make_values

pytestmark = [pytest.mark.one_database, pytest.mark.slow]

PLAN = "/strategies/nemuro-2015/"
LEAST = 13.9
"""The size of a text in pixels: 14 but for rounding."""

TEXTS = """() => [...document.querySelectorAll(".drawings svg")]
  .filter(svg => svg.checkVisibility())
  .map(svg => {
    const whole = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll("text")].map(text => {
      const scale = text.getScreenCTM().a;
      const size = parseFloat(getComputedStyle(text).fontSize) * scale;
      const box = text.getBoundingClientRect();
      // The box of a line is higher than its signs.
      const upright = text.classList.contains("upright");
      const extra = upright ? 0 : Math.max(0, box.height - size) / 2;
      const aside = upright ? Math.max(0, box.width - size) / 2 : 0;
      return {text: text.textContent, size, left: box.left + aside, right: box.right - aside,
              top: box.top + extra, bottom: box.bottom - extra};
    });
    const faults = [];
    texts.forEach((a, i) => {
      if (a.left < whole.left - 1 || a.right > whole.right + 1) faults.push(`cut: ${a.text}`);
      texts.slice(i + 1).forEach(b => {
        if (a.left < b.right - 1 && b.left < a.right - 1
            && a.top < b.bottom - 1 && b.top < a.bottom - 1) faults.push(`${a.text} on ${b.text}`);
      });
    });
    return {sizes: texts.map(t => t.size), faults};
  })"""

LOOKS = """svg => [...svg.querySelectorAll("line, rect, path, polyline, circle, text")]
  .filter(e => !e.hasAttribute("aria-hidden"))
  .map(e => {
    const look = getComputedStyle(e);
    const text = e.tagName === "text";
    const stroke = text ? "none" : look.stroke;
    return [e.tagName, look.fill, stroke, stroke === "none" ? "" : look.strokeWidth,
            stroke === "none" ? "" : look.strokeDasharray, look.strokeLinecap,
            text ? look.fontWeight : ""].join(" ");
  })"""


@pytest.fixture(scope="module")
def reader(django_db_setup, django_db_blocker) -> Iterator[User]:
    """A reader of the real plan with values; shared by this module's tests and no others."""
    with django_db_blocker.unblock(), transaction.atomic():
        make_values(load_city())
        yield make_user(Role.READER)
        transaction.set_rollback(True)


@pytest.fixture
def page(reader, reading_as) -> Page:
    return reading_as(reader)


def test_texts_of_all_charts_are_large_enough_and_none_covers_another(page):
    page.goto(f"{PLAN}charts/?year=2017")
    for width in (320, 390, 768):
        page.set_viewport_size({"width": width, "height": 800})
        drawings = page.evaluate(TEXTS)
        assert len(drawings) == 49
        assert min(size for drawn in drawings for size in drawn["sizes"]) >= LEAST, width
        assert [fault for drawn in drawings for fault in drawn["faults"]] == [], width
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("path", ["kpis/1-ア-1-1/", "targets/1-1/"])
def test_the_chart_of_a_listing_is_readable_at_every_width(page, path):
    page.goto(f"{PLAN}{path}?year=2017")
    for width in (320, 390, 601, 700, 701, 768, 1366):
        page.set_viewport_size({"width": width, "height": 800})
        [drawn] = page.evaluate(TEXTS)
        assert min(drawn["sizes"]) >= LEAST, width
        assert drawn["faults"] == [], width


def test_panels_are_readable_on_a_telephone_and_fit_on_it(page):
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{PLAN}goals/1/?year=2017")
    sizes = page.locator(".panels :is(a, p, small, li span, b):visible").evaluate_all(
        "all => all.map(e => parseFloat(getComputedStyle(e).fontSize))"
    )
    assert len(sizes) > 100
    assert min(sizes) >= 14
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("document.documentElement.scrollHeight") <= 6_000
    tables = page.locator("table.told")
    assert not tables.is_visible()
    page.get_by_role("link", name="目標の文言、目安値、見込みの表を表示する").click()
    tables.wait_for(state="visible")


def test_the_table_behind_the_panels_is_printed(page):
    page.goto(f"{PLAN}goals/1/?year=2017")
    page.emulate_media(media="print")
    assert page.locator("table.told").is_visible()
    assert not page.get_by_text("目標の文言、目安値、見込みの表を表示する").is_visible()


@pytest.mark.parametrize("path", ["targets/1-1/", "targets/1-2/", "targets/1-4/", "kpis/1-ア-1-1/"])
def test_a_figure_looks_as_the_chart_of_its_page(page, path):
    page.goto(f"{PLAN}{path}?year=2017")
    shown = page.locator(".drawings svg.wide").evaluate(LOOKS)
    page.goto(f"{PLAN}{path}chart/?year=2017")
    taken = page.locator(".figure svg > g").first.evaluate(LOOKS)
    assert len(shown) > 10
    assert taken == shown


def test_no_figure_of_the_collection_is_cut_by_the_end_of_a_page(page):
    page.set_viewport_size({"width": round((210 - 24) / 25.4 * 96), "height": 900})
    page.emulate_media(media="print")
    page.goto(f"{PLAN}charts/?year=2017")
    figures = page.locator(".collection > section").evaluate_all(
        """all => all.map(e => [getComputedStyle(e).breakInside,
                                 e.getBoundingClientRect().height / 96 * 25.4])"""
    )
    assert len(figures) == 49
    assert {rule for rule, _ in figures} == {"avoid"}
    heights = sorted(height for _, height in figures)
    # Three rows with their gaps fit on most pages (273 mm), two on any.
    assert heights[len(heights) // 2] < 88
    assert heights[-1] < 120


def test_a_figure_prints_alone(page):
    page.goto(f"{PLAN}kpis/1-ア-1-1/chart/?year=2017")
    page.emulate_media(media="print")
    seen = page.evaluate("document.body.innerText")
    assert page.locator("h1").is_hidden()
    assert page.locator(".site-head").is_hidden()
    assert "印刷日" not in seen


def test_a_picture_of_a_figure_is_made_at_the_size_of_print(page):
    page.goto(f"{PLAN}kpis/1-ア-1-1/chart/?year=2017")
    with page.expect_download() as given:
        page.get_by_role("button", name="PNG（画像）で受け取る").click()
    assert given.value.suggested_filename.endswith("の推移.png")
    content = given.value.path().read_bytes()
    assert content.startswith(b"\x89PNG")
    assert int.from_bytes(content[16:20], "big") == 1772
