"""How many keys and clicks twenty values take, from the log-in to the answer of the head.

Two of the values look doubtful and are explained as in the year before. Counted is every key that
is pressed and every click, from the click on ログイン on: number and password are the same whatever
one does. A combination of keys counts once for each of its keys. The column in Excel has been
copied before; what is typed in Excel is not counted. docs/entering.md shows what is counted here.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from accounts.models import Section, User
from accounts.roles import Role, sync_groups
from indicators.models import Actual, Indicator
from tests.browser.conftest import PASSWORD
from tests.entry.excel_forms import Paper
from tests.factories import (
    make_actual,
    make_fiscal_year,
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_section,
    make_strategy,
    make_user,
)
from trail.downloads import XLSX

pytestmark = [pytest.mark.one_database, pytest.mark.slow]

VALUES = [str(100 + 7 * number) for number in range(20)]
DOUBTFUL = (4, 11)
"""Which of the values are ten times those of the year before."""
EXPLANATION = "隔年の大会の参加者を含む。"


class Hands:
    """Types and clicks in a page and counts what they do."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0

    def type(self, text: str) -> None:
        for sign in text:
            self.press(sign)

    def press(self, keys: str) -> None:
        self.page.keyboard.press(keys)
        self.count += len(keys.split("+"))

    def click(self, role: str, name: str) -> None:
        self.page.get_by_role(role, name=name, exact=True).click()
        self.count += 1

    def choose(self, label: str, content: bytes) -> None:
        """Choose a workbook: a click on the field and one in the window that it opens."""
        file = {"name": "様式.xlsx", "mimeType": XLSX, "buffer": content}
        self.page.get_by_label(label).set_input_files(file)
        self.count += 2


@pytest.fixture
def section(transactional_db) -> Section:
    sync_groups()
    section = make_section("水産課")
    measure = make_measure(make_goal(make_strategy()))
    for number, value in enumerate(VALUES):
        indicator = make_indicator(section)
        make_kpi(measure, indicator, kind="level")
        if number in DOUBTFUL:
            make_actual(indicator, 2016, int(value) // 10, remarks=EXPLANATION)
        else:
            make_actual(indicator, 2016, int(value) - 1)
    make_fiscal_year(2017)
    return section


@pytest.fixture
def log_in(browser, live_server) -> Iterator:
    """Return a function that fills in the log-in and returns the hands of the person."""
    contexts = []

    def log_in(user: User) -> Hands:
        user.set_password(PASSWORD)
        user.save()
        context = browser.new_context(
            base_url=live_server.url, viewport={"width": 1366, "height": 768}
        )
        contexts.append(context)
        page = context.new_page()
        page.goto("/")
        page.get_by_label("職員番号").fill(user.username)
        page.get_by_label("パスワード").fill(PASSWORD)
        hands = Hands(page)
        hands.click("button", "ログイン")
        page.wait_for_url(lambda url: urlsplit(url).path == "/")
        return hands

    yield log_in
    for context in contexts:
        context.close()


def begin(hands: Hands) -> None:
    """Open the grid and wait, as a person does, until the first field is ready to be typed into."""
    hands.click("link", "一覧で入力する")
    expect(hands.page.locator("[autofocus]")).to_be_focused()
    hands.page.wait_for_load_state()  # keys and pasting are the scripts'


def explain(hands: Hands) -> None:
    """Explain the doubtful values as in the year before and ask the head again."""
    expect(hands.page.get_by_role("alert")).to_contain_text("（2か所）")
    hands.page.wait_for_load_state()
    for _ in DOUBTFUL:
        hands.press("F4")
    expect(hands.page.get_by_role("button", name="課長に確認を依頼する")).to_be_focused()
    hands.press("Enter")
    expect(hands.page.get_by_role("status")).to_contain_text("20件の確認を課長に依頼しました。")


def answer_by(hands: Hands) -> None:
    """Let the head of the section answer for everything that waits."""
    hands.click("button", "下の値をすべて選ぶ")
    hands.click("button", "回答する")
    expect(hands.page.get_by_role("status")).to_contain_text("20件を「回答済み」にしました。")
    states = set(Actual.objects.filter(fiscal_year=2017).values_list("state", "value"))
    assert states == {("answered", int(value)) for value in VALUES}


def documented(name: str) -> int:
    """Return the count in the documentation for a way of entering."""
    text = (settings.BASE_DIR / "docs" / "entering.md").read_text(encoding="utf-8")
    return int(re.search(rf"^\| {name} \|.*\| (\d+) \|$", text, re.M)[1])


def test_twenty_values_from_paper(section, log_in):
    clerk = log_in(make_user(Role.CLERK, section))
    begin(clerk)
    for value in VALUES:
        clerk.type(value)
        clerk.press("Enter")
    clerk.press("Tab")
    clerk.press("Enter")
    explain(clerk)
    head = log_in(make_user(Role.HEAD, section))
    answer_by(head)
    assert clerk.count + head.count <= 90
    assert clerk.count + head.count == documented("From paper")


def test_twenty_values_from_a_column_in_excel(section, log_in):
    clerk = log_in(make_user(Role.CLERK, section))
    begin(clerk)
    clerk.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    clerk.page.evaluate("text => navigator.clipboard.writeText(text)", "\r\n".join(VALUES) + "\r\n")
    clerk.press("Control+v")
    expect(clerk.page.locator("#grid-state")).to_contain_text("20個のセルに貼り付けました。")
    clerk.click("button", "課長に確認を依頼する")
    explain(clerk)
    head = log_in(make_user(Role.HEAD, section))
    answer_by(head)
    assert clerk.count + head.count <= 12
    assert clerk.count + head.count == documented("From a column in Excel")


def test_twenty_values_by_the_excel_form(section, log_in):
    clerk = log_in(make_user(Role.CLERK, section))
    with clerk.page.expect_download() as download:
        clerk.click("link", "Excel様式を受け取る")
    paper = Paper(download.value.path().read_bytes())
    for number, (indicator, value) in enumerate(zip(Indicator.objects.all(), VALUES, strict=True)):
        paper.fill(indicator.name, VALUE=int(value))
        if number in DOUBTFUL:
            paper.fill(indicator.name, REMARKS=EXPLANATION)
    clerk.choose("入力したExcel様式", paper.saved())
    clerk.click("button", "取り込む")
    clerk.click("button", "この内容で取り込む")
    clerk.click("button", "課長に確認を依頼する")
    expect(clerk.page.get_by_role("status")).to_contain_text("20件を「課長確認待ち」にしました。")
    head = log_in(make_user(Role.HEAD, section))
    answer_by(head)
    assert clerk.count + head.count <= 10
    assert clerk.count + head.count == documented("By the Excel form")
