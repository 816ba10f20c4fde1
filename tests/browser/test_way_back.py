"""The browser's way back after a refused form shows what was typed, and asks nothing."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.roles import Role
from tests.factories import make_user

pytestmark = [pytest.mark.one_database, pytest.mark.slow]


@pytest.fixture
def page(transactional_db, open_page) -> Page:
    from accounts.roles import sync_groups

    sync_groups()
    return open_page(make_user(Role.PLANNING))


@pytest.mark.parametrize(
    ("path", "field_id", "button"),
    [
        ("/entry/new/", "#id_year", "年度を作る"),
        ("/admin/accounts/section/add/", "#id_department", "保存"),
    ],
)
def test_the_way_back_and_forward_shows_what_was_refused(page, path, field_id, button):
    field = page.locator(field_id)
    page.goto(path)
    field.fill("大昔")
    page.get_by_role("button", name=button, exact=True).click()
    answered = re.compile("answer=")
    expect(page).to_have_url(answered)
    expect(field).to_have_value("大昔")
    page.goto("/entry/")
    page.go_back()
    expect(field).to_have_value("大昔")
    page.go_back()
    expect(page).not_to_have_url(answered)
    page.go_forward()
    page.reload()
    expect(page).to_have_url(answered)
    expect(field).to_have_value("大昔")
