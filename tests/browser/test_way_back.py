"""The back button shows what was typed, asks nothing, and hides nothing that others saved."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Section
from accounts.roles import Role
from indicators.models import Actual
from tests.factories import (
    make_actual,
    make_fiscal_year,
    make_indicator,
    make_kpi,
    make_section,
    make_user,
)

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


def test_going_back_does_not_overwrite_what_another_person_saved(page):
    section = make_section("水産課")
    address = f"/admin/accounts/section/{section.pk}/change/"
    page.goto(address)
    page.locator("#id_department").fill("太郎の部")
    page.goto("/entry/")
    Section.objects.filter(pk=section.pk).update(department="花子の部", name="花子課")
    page.go_back()
    expect(page.locator("#id_department")).to_have_value("太郎の部")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator("body")).to_contain_text("「花子の部」に変更しました")
    expect(page.locator("#id_department")).to_have_value("太郎の部")
    expect(page.locator("#id_name")).to_have_value("花子課")
    section.refresh_from_db()
    assert section.department == "花子の部"

    # What this person has saved is not a change by somebody else.
    page.get_by_role("button", name="保存して編集を続ける", exact=True).click()
    section.refresh_from_db()
    assert section.department == "太郎の部"
    page.goto("/entry/")
    page.go_back()
    page.locator("#id_department").fill("太郎の新しい部")
    page.get_by_role("button", name="保存", exact=True).click()
    page.wait_for_url("**/section/")
    section.refresh_from_db()
    assert (section.department, section.name) == ("太郎の新しい部", "花子課")


class TestWithoutScripts:
    """The browser types old texts into the new page: only where it shows what it showed."""

    @pytest.fixture
    def plain(self, page, new_page) -> Page:
        plain = new_page(java_script_enabled=False)
        plain.context.add_cookies(page.context.cookies())
        return plain

    def typed(self, plain, address, field, text):
        plain.goto(address)
        plain.locator(field).fill(text)
        plain.goto("/entry/")

    def test_what_another_person_saved_is_shown_and_not_overwritten(self, plain):
        section = make_section("水産課")
        address = f"/admin/accounts/section/{section.pk}/change/"
        self.typed(plain, address, "#id_department", "太郎の部")
        Section.objects.filter(pk=section.pk).update(department="花子の部")
        plain.go_back()
        expect(plain.locator("#id_department")).to_have_value("花子の部")
        plain.get_by_role("button", name="保存", exact=True).click()
        section.refresh_from_db()
        assert section.department == "花子の部"

    def test_what_was_typed_is_there_where_nobody_saved_anything(self, plain):
        section = make_section("水産課")
        address = f"/admin/accounts/section/{section.pk}/change/"
        self.typed(plain, address, "#id_department", "太郎の部")
        plain.go_back()
        expect(plain.locator("#id_department")).to_have_value("太郎の部")

    def test_the_rows_of_a_year_show_the_value_of_another_person(self, plain):
        indicator = make_indicator(make_section("水産課"), name="漁獲量")
        make_actual(indicator, 2017, 5)
        address = "/admin/indicators/fiscalyear/2017/change/"
        self.typed(plain, address, "#id_actuals-0-value", "44")
        make_actual(indicator, 2017, 13, version=1)
        plain.go_back()
        expect(plain.locator("#id_actuals-0-value")).to_have_value("13")

    def test_the_dates_of_a_year_show_those_of_another_person(self, plain):
        year = make_fiscal_year(2017)
        self.typed(plain, "/entry/2017/year/", "#id_inquiry_number", "太郎第1号")
        type(year).objects.filter(pk=2017).update(inquiry_number="花子第2号")
        plain.go_back()
        expect(plain.locator("#id_inquiry_number")).to_have_value("花子第2号")

    def test_the_grid_shows_the_value_of_another_person(self, plain):
        indicator = make_kpi(indicator=make_indicator(make_section("水産課"))).indicator
        make_actual(indicator, 2017, 5)
        self.typed(plain, "/entry/2017/", f"#r{indicator.pk}-value", "44")
        make_actual(indicator, 2017, 13, version=1)
        plain.go_back()
        expect(plain.locator(f"#r{indicator.pk}-value")).to_have_value("13")


def test_rows_of_values_keep_their_places_on_the_way_back(page):
    """A value that somebody enters moves the rows of a year."""
    section = make_section("水産課")
    first, second = (make_indicator(section, name=name) for name in ("漁獲量", "水揚げ量"))
    make_actual(first, 2017, 5)
    page.goto("/admin/indicators/fiscalyear/2017/change/")
    row = page.locator(".values tr").filter(has_text="水揚げ量")
    row.locator("input.number[name$=-value]").fill("44")
    page.goto("/entry/")
    make_actual(second, 2017, 13)
    page.go_back()
    expect(row.locator("input.number[name$=-value]")).to_have_value("44")
    page.locator("[name=change_reason]").fill("確認のため")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator("body")).to_contain_text("13")
    stored = dict(Actual.objects.values_list("indicator__name", "value"))
    assert stored == {"漁獲量": 5, "水揚げ量": 13}
