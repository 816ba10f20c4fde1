"""Pages on a telephone: a short overview, and charts large enough to read."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from playwright.sync_api import Page, expect

from accounts.models import User
from accounts.roles import Role
from tests.factories import load_city, make_user, make_values

pytestmark = [pytest.mark.one_database, pytest.mark.slow]

OVERVIEW = "/strategies/nemuro-2015/?year=2017"
LONGEST = 4_500
"""How long the overview of the real plan may be, in pixels of a telephone 390 wide."""


@pytest.fixture(scope="module")
def reader(django_db_setup, django_db_blocker) -> Iterator[User]:
    """A reader of the real plan with values; shared by this module's tests and no others."""
    with django_db_blocker.unblock(), transaction.atomic():
        make_values(load_city())
        yield make_user(Role.READER)
        transaction.set_rollback(True)


@pytest.fixture
def page(reader, reading_as) -> Page:
    page = reading_as(reader)
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(OVERVIEW)
    return page


def test_the_overview_is_short(page):
    assert page.locator("table.listings").count() == 0
    assert page.evaluate("document.documentElement.scrollHeight") <= LONGEST


@pytest.mark.parametrize(("kind", "width"), [("screen", 390), ("screen", 1366), ("print", 700)])
def test_the_document_of_the_year_has_its_charts_large_enough_to_read(page, kind, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(media=kind)
    page.goto("/strategies/nemuro-2015/print/?year=2017")
    figures = page.locator(".printed-listing figure.chart")
    assert figures.count() > 40
    text = figures.first.locator("svg text").first
    expect(text).to_be_visible()
    # 7 points on paper, 12 pixels on a screen: a text's box is a little higher than its signs.
    least = 7 / 72 * 96 if kind == "print" else 12
    drawn = figures.first.locator("svg[role=img]").evaluate(
        "svg => 14 * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width"
    )
    assert drawn >= least
