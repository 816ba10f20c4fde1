"""次期計画を作る by keyboard alone, on a narrow screen and without scripts."""

import pytest
from playwright.sync_api import expect

from accounts.roles import Role, sync_groups
from goals.models import Strategy
from tests.browser.conftest import PASSWORD
from tests.factories import make_goal, make_kpi, make_measure, make_strategy, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database, pytest.mark.slow]


def test_a_plan_is_made_by_keyboard_on_a_narrow_screen_without_scripts(new_page):
    sync_groups()
    plan = make_strategy(code="mihon-2015", title="見本市総合戦略")
    make_kpi(make_measure(make_goal(plan, title="残す目標")), name="残す指標")
    make_kpi(make_measure(make_goal(plan, title="外す目標")), name="外す指標")
    user = make_user(Role.PLANNING, username="K-1")
    user.set_password(PASSWORD)
    user.save()
    page = new_page(390, 800, java_script_enabled=False)
    page.goto("/strategies/mihon-2015/")
    page.get_by_label("職員番号").fill("K-1")
    page.get_by_label("パスワード").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="次期計画を作る").press("Enter")

    warning = page.get_by_text("印が残っていても引き継ぎません")
    expect(warning).to_be_visible()
    box = page.get_by_label("基本目標2 外す目標")
    page.get_by_label("最後の年度").focus()
    for _ in range(5):  # goal, group, measure and KPI of the first goal, then the second goal
        page.keyboard.press("Tab")
    expect(box).to_be_focused()
    page.keyboard.press("Space")
    expect(box).not_to_be_checked()
    page.get_by_role("button", name="作る前に内容を確かめる").press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("次期計画を作る：内容の確認")
    expect(page.get_by_text("基本目標2 外す目標")).to_be_visible()
    expect(page.get_by_text("外す指標")).to_have_count(0)
    whole = page.locator("html")
    assert whole.evaluate("page => page.scrollWidth") <= 390
    page.get_by_role("button", name="次期計画を作る").press("Enter")

    expect(page.get_by_text("作成中の計画として作りました")).to_be_visible()
    page.get_by_role("link", name="残す指標").first.press("Enter")
    expect(page.get_by_role("heading", name="目標値未入力")).to_be_visible()
    page.get_by_role("link", name="目標の文言と目標値を入力する").press("Enter")
    expect(page.get_by_label("目標の文言：")).to_have_value("")
    assert Strategy.objects.get(code="mihon-2020").goals.count() == 1
