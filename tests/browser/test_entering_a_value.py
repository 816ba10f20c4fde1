"""A clerk enters a value in the grid and sees the judgement change; two clerks in the admin."""

import re

import pytest
from playwright.sync_api import expect

from accounts.models import Section
from accounts.roles import Role
from indicators.models import Actual, Indicator
from tests.factories import make_fiscal_year, make_user

pytestmark = [pytest.mark.one_database, pytest.mark.slow]

FERTILITY = "/strategies/nemuro-2015/targets/1-1/?year=2017"


@pytest.fixture
def section(nemuro) -> Section:
    make_fiscal_year(2017)
    return Indicator.objects.get(code="total-fertility-rate").entered_by


def row_of_2017(page):
    return page.get_by_role("row", name=re.compile("平成29年度（2017）"))


def open_values(page):
    """Go through the admin to all years of the indicator."""
    page.get_by_role("link", name="管理", exact=True).click()
    page.get_by_role("link", name="指標", exact=True).click()
    page.get_by_role("link", name="合計特殊出生率", exact=True).click()
    expect(page.get_by_role("heading", name="実績値")).to_be_visible()


def test_a_clerk_enters_a_value_and_the_judgement_changes(section, open_page):
    page = open_page(make_user(Role.CLERK, section), FERTILITY)
    expect(page.get_by_role("main")).to_contain_text("未入力")

    page.get_by_role("link", name="実績値を入力・修正する").click()
    page.get_by_label("実績値：合計特殊出生率").fill("１．４３")
    page.get_by_role("button", name="一時保存する").click()
    expect(page.get_by_role("main")).to_contain_text("保存しました")
    assert str(Actual.objects.get().value) == "1.4300"

    page.goto(FERTILITY)
    expect(page.get_by_role("main")).to_contain_text(
        "基準値1.37から目標値1.49に向け、令和元年度までの3年目の目安値1.442に対し"
        "実績は1.43、計画比83.3％で、おおむね順調です。"
    )
    page.goto("/strategies/nemuro-2015/listings/?year=2017")
    row = page.get_by_role("row", name=re.compile("合計特殊出生率"))
    expect(row).to_contain_text("おおむね順調")
    expect(row).to_contain_text("83.3")


def test_a_second_clerk_with_a_stale_page_sees_who_saved_first(section, open_page):
    first = open_page(make_user(Role.CLERK, section, full_name="見本 花子"), FERTILITY)
    second = open_page(make_user(Role.CLERK, section, full_name="試用 太郎"), FERTILITY)
    for page in (first, second):
        open_values(page)

    row_of_2017(first).get_by_role("textbox").first.fill("1.43")
    first.get_by_role("button", name="保存", exact=True).click()
    expect(first.locator("body")).to_contain_text("を変更しました。")

    cell = row_of_2017(second).get_by_role("textbox").first
    cell.fill("1.5")
    second.get_by_role("button", name="保存", exact=True).click()
    expect(second.locator("body")).to_contain_text("見本 花子が「1.43」に変更しました。")
    expect(row_of_2017(second).get_by_role("textbox").first).to_have_value("1.5")
    assert str(Actual.objects.get().value) == "1.4300"
    assert Actual.history.count() == 1


def test_an_invalid_number_is_named_and_what_was_typed_stays(section, open_page):
    page = open_page(make_user(Role.CLERK, section), FERTILITY)
    open_values(page)
    row_of_2017(page).get_by_role("textbox").first.fill("12..3")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator("body")).to_contain_text(
        "実績値「12..3」は数として読めません。「12.3」のように入力してください。"
    )
    expect(row_of_2017(page).get_by_role("textbox").first).to_have_value("12..3")
    assert not Actual.objects.exists()
