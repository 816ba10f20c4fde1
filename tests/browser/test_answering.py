"""Answering a year in a browser: hand back and answer again, decide on paper, 根拠資料."""

import hashlib
import re
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.roles import Role
from indicators.entries import Entry
from indicators.models import Actual, Evidence, Indicator
from indicators.recording import move, record
from japanese.calendar_days import era_day
from tests.factories import PDF, make_actual, make_fiscal_year, make_user
from trail.history import Change

pytestmark = [pytest.mark.one_database, pytest.mark.slow]

CODE = "seasonal-workers"


@pytest.fixture
def indicator(nemuro) -> Indicator:
    make_fiscal_year(2017)
    return Indicator.objects.get(code=CODE)


@pytest.fixture
def clerk(indicator):
    return make_user(Role.CLERK, indicator.entered_by, full_name="見本 渚")


@pytest.fixture
def head(indicator):
    return make_user(Role.HEAD, indicator.entered_by, full_name="見本 良子")


def press(page: Page, name: str) -> None:
    """Press a button. What the page then says is to be expected before anything else is done."""
    page.get_by_role("button", name=name, exact=True).click()


def tick(page: Page, name: str) -> None:
    page.get_by_label(f"{name}を選ぶ").check()


def test_handed_back_with_a_reason_and_answered_again(indicator, clerk, head, open_page):
    actual = make_actual(indicator, value=5000, by=clerk)
    name = indicator.name

    of_clerk = open_page(clerk)
    of_clerk.get_by_role("link", name="課長に確認を依頼する（1件）").click()
    press(of_clerk, "課長に確認を依頼する")
    expect(of_clerk.get_by_role("status")).to_contain_text("1件を「課長確認待ち」にしました。")

    of_head = open_page(head)
    expect(of_head.get_by_role("heading", level=1)).to_contain_text("平成29年度実績の確認と回答")
    tick(of_head, name)
    press(of_head, "担当者に差し戻す")
    expect(of_head.get_by_role("alert")).to_contain_text("差し戻す理由を入力してください。")
    expect(of_head.get_by_label(f"{name}を選ぶ")).to_be_checked()
    of_head.get_by_label("差し戻す理由").fill("けたを確かめてください。")
    asked = []
    of_head.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    of_head.get_by_role("link", name="すべて").first.click()
    assert asked == ["beforeunload"]
    expect(of_head.get_by_label("差し戻す理由")).to_have_value("けたを確かめてください。")
    press(of_head, "担当者に差し戻す")
    expect(of_head.get_by_role("status")).to_contain_text("1件を「差戻し」にしました。")

    of_clerk.goto("/")
    expect(of_clerk.get_by_role("main")).to_contain_text("差戻しの理由 けたを確かめてください。")
    actual.refresh_from_db()
    corrected = Entry(
        indicator_id=indicator.pk, fiscal_year=2017, value=Decimal(500), version=actual.version
    )
    record([corrected], Change(by=clerk, door="grid"))
    of_clerk.reload()
    of_clerk.get_by_role("link", name="課長に確認を依頼する（1件）").click()
    press(of_clerk, "課長に確認を依頼する")
    expect(of_clerk.get_by_role("status")).to_contain_text("1件を「課長確認待ち」にしました。")

    of_head.goto("/")
    tick(of_head, name)
    press(of_head, "回答する")
    expect(of_head.get_by_role("status")).to_contain_text("1件を「回答済み」にしました。")
    actual.refresh_from_db()
    assert (actual.state, actual.value) == (Actual.State.ANSWERED, 500)


def test_a_clerk_prints_and_records_a_decision_on_paper(indicator, clerk, open_page):
    actual = make_actual(indicator, value=500, by=clerk)
    page = open_page(clerk)
    page.get_by_role("link", name="決裁用に印刷する").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("実績報告書（決裁用）")
    expect(page.get_by_role("button", name="決裁用に印刷する")).to_be_visible()
    expect(page.get_by_role("columnheader", name="課長補佐")).to_be_visible()

    page.get_by_role("link", name="回答と確認").first.click()
    tick(page, indicator.name)
    page.get_by_text("紙で決裁したとき").click()
    page.get_by_label("決裁日").fill(era_day(timezone.localdate()))
    document = page.get_by_label("文書番号")
    document.fill("商労観第12号")
    document.press("Enter")  # which of the buttons is meant, is not to be guessed
    expect(page).to_have_url(re.compile("/answer/$"))
    press(page, "決裁済みとして記録する")
    expect(page.get_by_role("status")).to_contain_text("1件を「回答済み」にしました。")
    actual.refresh_from_db()
    assert actual.state == Actual.State.ANSWERED
    assert "文書番号：商労観第12号" in actual.history.first().history_change_reason


def test_planning_confirms_all_of_a_section(indicator, clerk, head, open_page):
    actual = make_actual(indicator, value=500, by=clerk)
    [actual] = move({actual.pk: 1}, "answered", Change(by=head, door="grid"))
    page = open_page(make_user(Role.PLANNING))
    page.get_by_role("link", name="回答済みの値を確かめる").click()
    page.get_by_role("button", name="下の値をすべて選ぶ").click()
    expect(page.get_by_label(f"{indicator.name}を選ぶ")).to_be_checked()
    press(page, "内容を確認した")
    expect(page.get_by_role("status")).to_contain_text("1件を「確認済み」にしました。")
    actual.refresh_from_db()
    assert actual.state == Actual.State.CONFIRMED


def test_evidence_goes_up_and_comes_down_as_it_was(indicator, clerk, open_page, tmp_path):
    file = tmp_path / "季節労働者の調査票.pdf"
    file.write_bytes(PDF)
    page = open_page(clerk, f"/entry/2017/{CODE}/evidence/")
    page.get_by_label("ファイル（まとめて選べます）").set_input_files(file)
    press(page, "添付する")
    expect(page.get_by_role("status")).to_contain_text("根拠資料を1件添付しました。")
    with page.expect_download() as download:
        page.get_by_role("link", name=file.name, exact=True).click()
    assert download.value.suggested_filename == file.name
    content = download.value.path().read_bytes()
    assert hashlib.sha256(content).hexdigest() == Evidence.objects.get().sha256


def test_a_file_that_is_not_what_it_says_is_named_and_not_kept(indicator, clerk, open_page):
    page = open_page(clerk, f"/entry/2017/{CODE}/evidence/")
    page.get_by_label("ファイル（まとめて選べます）").set_input_files(
        {"name": "偽物.pdf", "mimeType": "application/pdf", "buffer": b"MZ\x90\x00"}
    )
    press(page, "添付する")
    expect(page.get_by_role("alert")).to_contain_text("拡張子と中身が違います。")
    assert not Evidence.objects.exists()
