"""Log-in in a browser: lock-out and its end, a new password, an expired session."""

import pytest
from playwright.sync_api import Page, expect

from accounts import idle
from accounts.roles import Role
from tests.browser.conftest import PASSWORD
from tests.factories import make_user
from trail.events import Event

pytestmark = [pytest.mark.one_database, pytest.mark.slow]

NEW_PASSWORD = "uni-to-hanasaki-gani"


@pytest.fixture
def clerk(nemuro):
    return make_user(Role.CLERK, username="00123", full_name="見本 花子", password=PASSWORD)


def log_in(page: Page, password: str = PASSWORD, username: str = "00123") -> None:
    page.get_by_label("職員番号").fill(username)
    page.get_by_label("パスワード", exact=True).fill(password)
    page.get_by_role("button", name="ログイン").click()


def test_planning_lifts_the_lock_out_of_a_user(clerk, new_page, open_page):
    page = new_page()
    page.goto("/login/")
    for _ in range(4):
        log_in(page, "machigai")
        expect(page.get_by_role("alert")).to_contain_text("職員番号かパスワードが違います")
        expect(page.get_by_label("職員番号")).to_have_value("00123")
    log_in(page, "machigai")
    expect(page.get_by_role("heading", level=1)).to_have_text("一時的にログインできません")
    page.get_by_role("link", name="ログインの画面へ").click()
    log_in(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("一時的にログインできません")

    planning = make_user(Role.PLANNING, full_name="企画 一郎")
    admin = open_page(planning, "/admin/accounts/user/?locked=yes")
    row = admin.get_by_role("row", name="見本 花子")
    expect(row).to_contain_text("ロック中（")
    row.get_by_role("checkbox").check()
    admin.get_by_label("操作").select_option("ロックを解除する")
    admin.get_by_role("button", name="実行").click()
    expect(admin.get_by_text("見本 花子さんのロックを解除しました。")).to_be_visible()

    page.goto("/login/")
    log_in(page)
    expect(page.get_by_text("見本 花子")).to_be_visible()
    admin.goto("/admin/accounts/event/")
    for kind in ("ログインの失敗", "ログインのロック", "ロックの解除"):
        expect(admin.get_by_role("table").get_by_text(kind, exact=True).first).to_be_visible()


def test_a_user_changes_their_password(clerk, open_page, new_page):
    elsewhere = open_page(clerk)
    page = open_page(clerk)
    page.get_by_role("link", name="パスワードの変更").click()
    page.get_by_label("今のパスワード").fill(PASSWORD)
    page.get_by_label("新しいパスワード", exact=True).fill("kani")
    page.get_by_label("新しいパスワード（確認").fill("kani")
    page.get_by_role("button", name="パスワードを変更する").click()
    expect(page.get_by_role("alert")).to_contain_text("パスワードが短すぎます。")
    page.get_by_role("alert").get_by_role("link").click()
    expect(page.get_by_label("新しいパスワード", exact=True)).to_be_focused()

    page.get_by_label("今のパスワード").fill(PASSWORD)
    page.get_by_label("新しいパスワード", exact=True).fill(NEW_PASSWORD)
    page.get_by_label("新しいパスワード（確認").fill(NEW_PASSWORD)
    page.get_by_role("button", name="パスワードを変更する").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("パスワードを変更しました")

    page.goto("/")
    expect(page.get_by_text("見本 花子")).to_be_visible()
    elsewhere.goto("/")
    expect(elsewhere.get_by_role("heading", level=1)).to_have_text("ログイン")
    log_in(elsewhere, NEW_PASSWORD)
    expect(elsewhere.get_by_text("見本 花子")).to_be_visible()


def test_after_a_break_the_user_logs_in_and_continues_on_the_same_page(
    clerk, open_page, settings, monkeypatch
):
    settings.SESSION_IDLE_MINUTES = 5
    page = open_page(clerk, "/strategies/nemuro-2015/projects/?year=2017")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("具体的事業")
    begun = idle.now()
    monkeypatch.setattr(idle, "now", lambda: begun + 4 * 60)
    page.reload()
    expect(heading).to_have_text("具体的事業")

    monkeypatch.setattr(idle, "now", lambda: begun + 9 * 60 + 1)
    page.reload()
    expect(heading).to_have_text("ログイン")
    expect(page.get_by_role("status")).to_contain_text("自動的にログアウトしました")
    log_in(page)
    expect(heading).to_have_text("具体的事業")
    assert "year=2017" in page.url
    assert Event.objects.filter(kind="logout").count() == 1


def test_after_the_log_out_the_way_back_shows_nothing_of_the_person(clerk, open_page):
    page = open_page(clerk, "/strategies/nemuro-2015/projects/?year=2017")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("具体的事業")
    page.get_by_role("button", name="ログアウト").click()
    expect(heading).to_have_text("ログイン")
    page.go_back()
    expect(heading).to_have_text("ログイン")
    expect(page.get_by_text("見本 花子")).to_have_count(0)
