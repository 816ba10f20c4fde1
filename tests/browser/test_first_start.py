"""From an empty database to a clerk who is asked to change the first password, click by click."""

import re

import openpyxl
import pytest
from playwright.sync_api import expect

from accounts.first_administrator import load_or_make_key
from accounts.models import User
from accounts.roles import sync_groups

pytestmark = [pytest.mark.one_database, pytest.mark.slow]

PASSWORD, OWN = "kani-to-sanma-2015", "uni-to-hanasaki-gani"


@pytest.fixture
def empty(transactional_db, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    sync_groups()
    return tmp_path


def test_from_the_first_page_to_a_clerk_with_an_own_password(empty, new_page):
    page = new_page()
    heading = page.get_by_role("heading", level=1)
    page.goto("/")
    expect(heading).to_have_text("最初の管理者の登録")
    page.get_by_label("鍵").fill(load_or_make_key())
    page.get_by_label("職員番号").fill("00001")
    page.get_by_label("氏名").fill("企画 一郎")
    page.get_by_label("パスワード（必須）", exact=True).fill(PASSWORD)
    page.get_by_label("パスワード（確認のため").fill(PASSWORD)
    page.get_by_role("button", name="管理者を登録する").click()

    expect(heading).to_have_text("導入のはじめに")
    page.get_by_role("link", name="市町村と企画担当を登録する").click()
    page.get_by_label("市町村名").fill("○○市")
    page.get_by_label("団体コード").fill("011002")
    page.get_by_label("企画担当の名称").fill("企画課")
    page.get_by_role("button", name="登録する").click()

    page.get_by_role("link", name="担当課と利用者を登録する").click()
    with page.expect_download() as downloaded:
        page.get_by_role("link", name="様式を受け取る").click()
    form = empty / "担当課と利用者.xlsx"
    downloaded.value.save_as(form)
    book = openpyxl.load_workbook(form)
    book["担当課"].append(["水産課", "経済部"])
    book["利用者"].append(["00123", "見本 花子", "", "担当者", "水産課"])
    book["利用者"].append(["00124", "見本 太郎", "", "課長", "水産課"])
    book.save(form)
    page.get_by_label("取り込むファイル").set_input_files(form)
    page.get_by_role("button", name="取り込む前に内容を確かめる").click()
    page.get_by_role("button", name="この内容で取り込む").click()

    expect(heading).to_have_text("初回のパスワード")
    page.get_by_label("見本 太郎").uncheck()
    page.get_by_role("button", name="初回のパスワードを付けて、紙を示す").click()
    slip = page.get_by_role("article", name="見本 花子 様")
    expect(page.get_by_role("article")).to_have_count(1)
    first = re.search(r"[b-z2-9]{4}(-[b-z2-9]{4}){2}", slip.inner_text())[0]
    assert page.evaluate("window.performance.getEntriesByType('navigation')[0].type") == "navigate"
    printed = page.pdf(prefer_css_page_size=True)
    sizes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert [(round(float(w)), round(float(h))) for w, h in sizes] == [(595, 842)], "One page of A4."
    page.get_by_role("link", name="印刷したので、終わる").click()
    expect(page.get_by_text("パスワードのない人は1人")).to_be_visible()

    clerk = new_page(390)
    clerk.goto("/")
    clerk.get_by_label("職員番号").fill("00123")
    clerk.get_by_label("パスワード").fill(first)
    clerk.get_by_role("button", name="ログイン").click()
    expect(clerk.get_by_role("status")).to_contain_text("初回のパスワードを変更してください")
    clerk.get_by_label("今のパスワード").fill(first)
    clerk.get_by_label("新しいパスワード", exact=True).fill(OWN)
    clerk.get_by_label("新しいパスワード（確認").fill(OWN)
    clerk.get_by_role("button", name="パスワードを変更する").click()
    clerk.get_by_role("link", name="最初の画面へ").click()
    expect(clerk.get_by_role("heading", level=1)).to_have_text("表示できる総合戦略がまだありません")
    assert User.objects.get(username="00123").check_password(OWN)
